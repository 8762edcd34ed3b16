import ModelFormula
import TrialData

/// The flow of participants: randomised, left out with reasons, followed, without outcome data, analysed (CONSORT 2025,
/// items 22a and 22b).
struct Flow: AnalysisMethod {
  private struct Reason: Sendable {
    let id: String
    let label: Label
    let count: Int
  }

  private let assessed: Int?
  private let notRandomised: [Reason]
  private let visits: Placed<String>?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    assessed = mapping.integer("assessed", atLeast: 0)
    notRandomised = mapping.mappings("not-randomised").map { reason in
      defer { reason.finish() }
      return Reason(
        id: reason.required("id").value, label: reason.requiredLabel("reason"),
        count: reason.integer("count", atLeast: 0) ?? 0)
    }
    visits = mapping.text("visits")
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    try diagram(analysis, data).findings
  }

  func describedFrame(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> DataFrame? {
    try diagram(analysis, data).flags
  }

  private func diagram(_ analysis: AnalysisPlan, _ data: TrialFrames) throws -> FlowDiagram {
    var diagram = FlowDiagram(analysis: analysis, data: data)
    let set = data.sets[analysis.set.value]!
    if let assessed { diagram.note("assessed", assessed) }
    if !notRandomised.isEmpty { diagram.note("not-randomised", notRandomised.reduce(0) { $0 + $1.count }) }
    for reason in notRandomised {
      diagram.note("not-randomised=\(reason.id)", reason.count)
      diagram.findings.words.append(.init(reason.id, reason.label))
    }
    diagram.note("randomised", data.armCodes.count)
    diagram.noteByArm("allocated") { _ in true }
    for departure in set.departures {
      diagram.noteByArm("left=\(departure.id)") { departure.members[$0] }
      diagram.findings.words.append(.init(departure.id, departure.reason))
    }
    if let visits { try diagram.follow(visits, in: set) }
    if let outcome = analysis.outcome {
      let column = try data.column(outcome, file: nil)
      diagram.noteByArm("no-outcome") { set.members[$0] && column.isMissing(at: $0) }
      diagram.noteByArm("analysed") { set.members[$0] && !column.isMissing(at: $0) }
      diagram.findings.variables = [outcome.value]
    } else {
      diagram.noteByArm("analysed") { set.members[$0] }
    }
    return diagram
  }
}

/// Gathers the counts of a flow diagram, from top to bottom.
private struct FlowDiagram {
  let analysis: AnalysisPlan
  let data: TrialFrames
  var findings = AnalysisFindings()
  /// The arm, and for every count by arm whether it counts a participant.
  var flags: DataFrame

  init(analysis: AnalysisPlan, data: TrialFrames) {
    self.analysis = analysis
    self.data = data
    flags = DataFrame(
      [TrialFrames.armColumn].compactMap { name in data.participants[name].map { (name, $0) } })
  }

  mutating func note(_ term: String, group: String? = nil, _ count: Int) {
    var record = analysis.record(.count, variant: analysis.only, of: data, group: group, term: term)
    record.estimate = Double(count)
    record.n = count
    findings.results.append(record)
  }

  /// Counts the participants for whom a condition holds, arm by arm.
  mutating func noteByArm(_ term: String, _ holds: (Int) -> Bool) {
    var counts = [Int](repeating: 0, count: data.arms.count)
    for (row, code) in data.armCodes.enumerated() where holds(row) { counts[Int(code)] += 1 }
    flags[term] = .numeric(data.armCodes.indices.map { holds($0) ? 1 : 0 })
    for (arm, count) in zip(data.arms, counts) { note(term, group: arm, count) }
  }

  /// Counts, visit by visit, the members of the set who have a row of that visit.
  mutating func follow(_ visits: Placed<String>, in set: AnalysisSet) throws {
    guard let long = data.files[visits.value],
      case .categorical(let codes, let levels)? = long.frame[TrialFrames.visitColumn]
    else {
      throw data.fault(
        "found '\(visits.value)'", expected: "a data file with visits expected", at: visits.place)
    }
    var seen = [[Bool]](
      repeating: [Bool](repeating: false, count: data.participants.rowCount), count: levels.count)
    for (row, code) in codes.enumerated() where code >= 0 { seen[Int(code)][long.participant[row]] = true }
    let words = data.label(TrialFrames.visitColumn).levels
    for (visit, level) in levels.enumerated() {
      noteByArm("followed=\(level)") { set.members[$0] && seen[visit][$0] }
      findings.words.append(words.first { $0.code == level } ?? .init(level, Label(level)))
    }
  }
}
