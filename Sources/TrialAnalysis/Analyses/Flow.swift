import ModelFormula
import TrialData

/// The flow of participants: assessed, randomised, allocated, received, followed, lost, without outcome data, analysed, with
/// reasons by arm and zeros kept (CONSORT 2025, items 22a and 22b).
struct Flow: AnalysisMethod {
  private struct Reason: Sendable {
    let id: String
    let label: Label
    let count: Int
  }

  private let assessed: Int?
  private let notRandomised: [Reason]
  private let visits: Placed<String>?
  /// The log of those assessed: a data file that is not linked to participants.
  private let screening: (file: Placed<String>, reason: Placed<String>)?
  private let received: FlowBranch?
  private let lost: FlowBranch?
  private let discontinued: FlowBranch?
  /// Numbers stated elsewhere, such as by the randomisation service, that the data must agree with.
  private let stated: [(name: Placed<String>, count: Int)]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    assessed = mapping.integer("assessed", atLeast: 0)
    notRandomised = mapping.mappings("not-randomised").map { reason in
      defer { reason.finish() }
      return Reason(
        id: reason.required("id").value, label: reason.requiredLabel("reason"),
        count: reason.integer("count", atLeast: 0) ?? 0)
    }
    visits = mapping.text("visits")
    screening = mapping.mapping("screening").map { log in
      defer { log.finish() }
      return (log.required("data"), log.required("reason"))
    }
    if screening != nil, assessed != nil || !notRandomised.isEmpty {
      mapping.faults.note(
        "numbers beside a screening log", expected: "either of them expected",
        at: mapping.place(of: "screening"))
    }
    received = FlowBranch(mapping, "received")
    lost = FlowBranch(mapping, "lost")
    discontinued = FlowBranch(mapping, "discontinued")
    stated =
      mapping.mapping("stated").map { numbers in
        defer { numbers.finish() }
        return numbers.keys.compactMap { key in numbers.integer(key.value, atLeast: 0).map { (key, $0) } }
      } ?? []
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
    if let screening { try diagram.screen(screening.file, reason: screening.reason) }
    if let assessed { diagram.note("assessed", assessed) }
    if !notRandomised.isEmpty { diagram.note("not-randomised", notRandomised.reduce(0) { $0 + $1.count }) }
    for reason in notRandomised {
      diagram.note("not-randomised=\(reason.id)", reason.count)
      diagram.findings.words.append(.init(reason.id, reason.label))
    }
    diagram.note("randomised", data.armCodes.count)
    diagram.noteByArm("allocated") { _ in true }
    if let received { try diagram.branch(received, kept: "received", others: "not-received") }
    if let lost { try diagram.branch(lost, kept: nil, others: "lost") }
    if let discontinued { try diagram.branch(discontinued, kept: nil, others: "discontinued") }
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
    for (name, count) in stated { try diagram.state(name, count) }
    return diagram
  }
}

/// A condition that parts the participants of each arm, with the column that tells why.
struct FlowBranch: Sendable {
  let condition: Placed<String>
  let reason: Placed<String>?

  init?(_ mapping: YAMLMapping, _ key: String) {
    guard let branch = mapping.mapping(key) else { return nil }
    condition = branch.required("where")
    reason = branch.text("reason")
    branch.finish()
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

  /// Counts a log of those assessed: its rows, and those with a reason for not being randomised, by reason.
  mutating func screen(_ file: Placed<String>, reason: Placed<String>) throws {
    guard let frame = data.unlinked[file.value] else {
      throw data.fault(
        "'\(file.value)' is no data file with linked: false", expected: "a screening log expected",
        at: file.place)
    }
    guard let column = frame[reason.value] else {
      throw data.fault(
        "no column '\(reason.value)' in \(file.value)",
        expected: DataProblem.expectation(insteadOf: reason.value, among: frame.names), at: reason.place)
    }
    note("assessed", frame.rowCount)
    note("not-randomised", (0..<frame.rowCount).count { !column.isMissing(at: $0) })
    guard case .categorical(let codes, let levels) = column.asCategorical else { return }
    for (code, level) in levels.enumerated() {
      note("not-randomised=\(level)", codes.count { Int($0) == code })
      word("not-randomised=\(level)", level, of: reason.value)
    }
  }

  /// Counts in each arm those for whom a branch's condition holds, and by reason those it tells of.
  ///
  /// - Parameters:
  ///   - kept: the term of those for whom the condition holds; where nil, `others` are they.
  ///   - others: the term of those with reasons.
  mutating func branch(_ branch: FlowBranch, kept: String?, others: String) throws {
    let truth = try data.truth(of: branch.condition, in: data.participants)
    if let kept { noteByArm(kept) { truth[$0] == 1 } }
    let isOther = truth.map { ($0 == 1) == (kept == nil) }
    noteByArm(others) { isOther[$0] }
    guard let reason = branch.reason else { return }
    guard case .categorical(let codes, let levels) = try data.column(reason, file: nil).asCategorical else {
      throw data.fault("'\(reason.value)' has no levels", expected: "reasons expected", at: reason.place)
    }
    for (code, level) in levels.enumerated() {
      noteByArm("\(others)=\(level)") { isOther[$0] && Int(codes[$0]) == code }
      word("\(others)=\(level)", level, of: reason.value)
    }
    if isOther.indices.contains(where: { isOther[$0] && codes[$0] < 0 }) {
      noteByArm("\(others)=") { isOther[$0] && codes[$0] < 0 }
      findings.words.append(.init("\(others)=", Label("Reason not given", nb: "Årsak ikke oppgitt")))
    }
  }

  /// A level's own words for a term.
  private mutating func word(_ term: String, _ level: String, of variable: String) {
    let label = data.label(variable).levels.first { $0.code == level }?.label ?? Label(level)
    findings.words.append(.init(term, label))
  }

  /// A number stated elsewhere: of all randomised, or of an arm.
  mutating func state(_ name: Placed<String>, _ count: Int) throws {
    if name.value == "randomised" {
      note("stated", count)
    } else if data.arms.contains(name.value) {
      note("stated", group: name.value, count)
    } else {
      throw data.fault(
        "'\(name.value)' is no arm",
        expected: "randomised or one of \(data.arms.joined(separator: ", ")) expected", at: name.place)
    }
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
