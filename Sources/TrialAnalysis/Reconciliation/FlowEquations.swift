import ModelFormula
import TrialData

/// The graph of equations between the numbers of participants that a report prints.
///
/// Each analysis counts its participants on its own way through the data. The graph ties these counts: the flow diagram's to
/// one another, to the participants' file and to numbers stated elsewhere; those of Table 1, of each outcome, of curves at
/// time 0 and of the mixed models' participants to the analysis sets; and outcomes that several analyses share to each other.
/// A run in which an equation does not hold would print numbers that contradict each other, and ends instead.
struct FlowEquations {
  private let analyses: [CompletedAnalysis]
  /// For each set the participants by arm.
  private let sets: [String: [Int]]
  private let arms: [String]
  private let participantsFile: FlowEquation.Side
  /// The analyses of rows that are not participants, by id.
  private let isLong: Set<String>

  init(_ analyses: [CompletedAnalysis], _ frames: TrialFrames) {
    self.analyses = analyses.filter { $0.failure == nil }.map { analysis in
      var analysis = analysis
      // From a landmark on only those still followed count, which no set is.
      analysis.results.removeAll { $0.conventions.contains { $0.name == "landmark" } }
      return analysis
    }
    arms = frames.arms
    let codes = frames.armCodes
    sets = frames.sets.mapValues { set in
      var counts = [Int](repeating: 0, count: frames.arms.count)
      for (row, code) in codes.enumerated() where set.members[row] { counts[Int(code)] += 1 }
      return counts
    }
    let file = frames.plan.participants.file.value
    participantsFile = FlowEquation.Side("\(file): rows", frames.participants.rowCount)
    isLong = Set(frames.plan.analyses.filter { $0.file != nil }.map(\.id.value))
  }

  /// Every equation, in the order of the analyses.
  var all: [FlowEquation] {
    analyses.flatMap { analysis -> [FlowEquation] in
      switch analysis.kind {
      case .flow: flow(analysis)
      case .baseline: baseline(analysis)
      case .risk: byArm(analysis, .risk) { $0.term == nil }
      case .means:
        byArm(analysis, .count) { $0.term == nil }
          + whole(analysis) { $0.measure == .meanDifference && Self.isModel($0) }
      case .kaplanMeier: curves(analysis)
      case .logRank: logRank(analysis)
      case .mixedModel, .repeatedMeasures, .generalisedMixedModel:
        byArm(analysis, .count) { $0.term == "participants" }
      case .logistic, .linear, .counts, .cox:
        isLong.contains(analysis.id)
          ? [] : whole(analysis) { $0.contrast != nil && $0.term?.hasPrefix(TrialFrames.armColumn) == true }
      default: []
      }
    } + shared()
  }

  // MARK: The flow

  private func flow(_ analysis: CompletedAnalysis) -> [FlowEquation] {
    let id = analysis.id
    func count(_ term: String, _ arm: String?) -> Int? {
      analysis.results.first { $0.measure == .count && $0.term == term && $0.group == arm }?.estimate.map {
        Int($0)
      }
    }
    func sum(_ prefix: String, _ arm: String?) -> Int? {
      let found = analysis.results.filter {
        $0.measure == .count && $0.group == arm && $0.term?.hasPrefix(prefix + "=") == true
      }
      return found.isEmpty ? nil : found.reduce(0) { $0 + Int($1.estimate ?? 0) }
    }
    func side(_ what: String, _ arm: String?, _ count: Int) -> FlowEquation.Side {
      FlowEquation.Side(id + ": " + what + (arm.map { " (\($0))" } ?? ""), count)
    }
    var equations: [FlowEquation] = []
    func tie(_ left: FlowEquation.Side, _ right: FlowEquation.Side) {
      equations.append(FlowEquation(left, right))
    }
    guard let randomised = count("randomised", nil) else { return [] }
    tie(participantsFile, side("randomised", nil, randomised))
    if let assessed = count("assessed", nil), let left = count("not-randomised", nil) {
      tie(side("assessed", nil, assessed), side("randomised + not randomised", nil, randomised + left))
    }
    if let left = count("not-randomised", nil), let reasons = sum("not-randomised", nil) {
      tie(side("not randomised", nil, left), side("its reasons", nil, reasons))
    }
    tie(
      side("randomised", nil, randomised),
      side("allocated, all arms", nil, arms.reduce(0) { $0 + (count("allocated", $1) ?? 0) }))
    if let stated = count("stated", nil) {
      tie(side("randomised", nil, randomised), side("stated as randomised", nil, stated))
    }
    let set = analysis.results.compactMap(\.population).first ?? ""
    for (index, arm) in arms.enumerated() {
      guard let allocated = count("allocated", arm) else { continue }
      if let stated = count("stated", arm) {
        tie(side("allocated", arm, allocated), side("stated as allocated", arm, stated))
      }
      if let received = count("received", arm), let not = count("not-received", arm) {
        tie(side("allocated", arm, allocated), side("received + not received", arm, received + not))
      }
      for branch in ["not-received", "lost", "discontinued"] {
        if let whole = count(branch, arm), let reasons = sum(branch, arm) {
          tie(side(branch, arm, whole), side("its reasons", arm, reasons))
        }
      }
      let (left, without) = (sum("left", arm) ?? 0, count("no-outcome", arm) ?? 0)
      let analysed = count("analysed", arm) ?? 0
      tie(
        side("allocated", arm, allocated),
        side("left the set + without outcome + analysed", arm, left + without + analysed))
      if let members = sets[set] {
        tie(
          side("without outcome + analysed", arm, without + analysed),
          FlowEquation.Side("set \(set) (\(arm))", members[index]))
      }
    }
    return equations
  }

  // MARK: Analyses against their sets

  private func setSide(_ set: String, _ arm: Int?) -> FlowEquation.Side? {
    guard let members = sets[set] else { return nil }
    guard let arm else { return FlowEquation.Side("set \(set)", members.reduce(0, +)) }
    return FlowEquation.Side("set \(set) (\(arms[arm]))", members[arm])
  }

  private func name(_ record: Result) -> String {
    record.analysis + (record.variant.map { "." + $0 } ?? "")
  }

  private func baseline(_ analysis: CompletedAnalysis) -> [FlowEquation] {
    let counts = analysis.results.filter { $0.measure == .count }
    return (arms.indices.map { Optional($0) } + [nil]).flatMap { arm -> [FlowEquation] in
      let group = arm.map { arms[$0] }
      let own = counts.filter { $0.group == group }
      guard let all = own.first(where: { $0.term == "participants" }),
        let set = setSide(all.population ?? "", arm)
      else { return [] }
      let whose = group.map { " (\($0))" } ?? ""
      let size = FlowEquation.Side("\(analysis.id): participants\(whose)", Int(all.estimate ?? 0))
      return [FlowEquation(size, set)]
        + analysis.variables.compactMap { variable -> FlowEquation? in
          let parts = own.filter {
            $0.term == variable.name || $0.term?.hasPrefix(variable.name + "=") == true
          }
          guard !parts.isEmpty else { return nil }
          let sum = parts.reduce(0) { $0 + Int($1.estimate ?? 0) }
          return FlowEquation(
            FlowEquation.Side("\(analysis.id): \(variable.name), known + missing\(whose)", sum), size)
        }
    }
  }

  /// The records of arms: those used and those left out are the arm's part of the set.
  private func byArm(
    _ analysis: CompletedAnalysis, _ measure: Result.Measure, where chosen: (Result) -> Bool
  ) -> [FlowEquation] {
    analysis.results.filter { $0.measure == measure && $0.n != nil && chosen($0) }.compactMap { record in
      guard let group = record.group, let arm = arms.firstIndex(of: group),
        let set = setSide(record.population ?? "", arm)
      else { return nil }
      return FlowEquation(
        FlowEquation.Side("\(name(record)): used + left out (\(group))", record.n! + (record.dropped ?? 0)),
        set)
    }
  }

  private static func isModel(_ record: Result) -> Bool {
    record.method != "bootstrap" && record.method != RandomisationInference.name
  }

  /// The records of whole models: those used and those left out are the set.
  private func whole(_ analysis: CompletedAnalysis, where chosen: (Result) -> Bool) -> [FlowEquation] {
    var seen: Set<String> = []
    return analysis.results.filter { chosen($0) && $0.n != nil && $0.status.isUsable }.compactMap { record in
      guard seen.insert(record.variant ?? "").inserted, let set = setSide(record.population ?? "", nil) else {
        return nil
      }
      return FlowEquation(
        FlowEquation.Side("\(name(record)): used + left out", record.n! + (record.dropped ?? 0)), set)
    }
  }

  private func curves(_ analysis: CompletedAnalysis) -> [FlowEquation] {
    byArm(analysis, .events) { $0.term == nil }
      + analysis.results.filter { $0.measure == .survival && $0.term == "curve" && $0.time == 0 }.compactMap {
        start -> FlowEquation? in
        guard let group = start.group, let atRisk = start.n,
          let events = analysis.results.first(where: {
            $0.measure == .events && $0.term == nil && $0.group == group && $0.variant == start.variant
          }), let n = events.n
        else { return nil }
        return FlowEquation(
          FlowEquation.Side("\(name(start)): at risk at time 0 (\(group))", atRisk),
          FlowEquation.Side("\(name(start)): participants with a time (\(group))", n))
      }
  }

  private func logRank(_ analysis: CompletedAnalysis) -> [FlowEquation] {
    let observed = analysis.results.filter { $0.measure == .events && $0.term == "observed" }
    return observed.map(\.variant).distinct.compactMap { variant in
      let own = observed.filter { $0.variant == variant }
      guard let first = own.first, let set = setSide(first.population ?? "", nil) else { return nil }
      // Each arm's record has its own used and its own left out.
      let counted = own.reduce(0) { $0 + ($1.n ?? 0) + ($1.dropped ?? 0) }
      return FlowEquation(FlowEquation.Side("\(name(first)): used + left out, all arms", counted), set)
    }
  }

  // MARK: Analyses against one another

  /// Outcomes and times that several analyses share in one set: the flow's analysed with the risks', the curves' with the
  /// log-rank test's.
  private func shared() -> [FlowEquation] {
    func excludes(_ record: Result) -> Bool {
      record.conventions.contains { $0.name == "missing outcome" && $0.choice == "excluded" }
    }
    var equations: [FlowEquation] = []
    for flow in analyses where flow.kind == .flow {
      for analysed in flow.results where analysed.term == "analysed" && analysed.outcome != nil {
        for risk in analyses.filter({ $0.kind == .risk }).flatMap(\.results)
        where risk.measure == .risk && risk.outcome == analysed.outcome && risk.group == analysed.group
          && risk.population == analysed.population && excludes(risk)
        {
          equations.append(
            FlowEquation(
              FlowEquation.Side(
                "\(flow.id): analysed (\(analysed.group ?? ""))", Int(analysed.estimate ?? 0)),
              FlowEquation.Side("\(name(risk)): n (\(risk.group ?? ""))", risk.n ?? 0)))
        }
      }
    }
    for curve in analyses where curve.kind == .kaplanMeier {
      for events in curve.results where events.measure == .events && events.term == nil {
        for test in analyses.filter({ $0.kind == .logRank }).flatMap(\.results)
        where test.term == "observed" && test.outcome == events.outcome && test.group == events.group
          && test.population == events.population && isSameTime(curve, test.analysis)
        {
          equations.append(
            FlowEquation(
              FlowEquation.Side(
                "\(name(events)): participants with a time (\(events.group ?? ""))", events.n ?? 0),
              FlowEquation.Side("\(name(test)): n (\(test.group ?? ""))", test.n ?? 0)))
        }
      }
    }
    return equations
  }

  /// True where two time-to-event analyses have one response: the left side of their formulas.
  private func isSameTime(_ curve: CompletedAnalysis, _ other: String) -> Bool {
    func response(_ analysis: CompletedAnalysis?) -> Substring? {
      analysis?.results.compactMap(\.formula).first?.split(separator: "~").first
    }
    return response(curve) == response(analyses.first { $0.id == other })
  }
}
