import ModelFormula
import TrialData

/// The trial's data, checked and derived: what every analysis of a plan reads.
///
/// The participants' table has one row a participant; other files may have several, joined by the participant's key. The
/// arm is a categorical variable `arm` in every file, its levels the plan's arms with the control first; a file's visits
/// are a categorical variable `visit`, its levels in numeric order.
struct TrialFrames: Sendable {
  /// The name under which every file has the arm.
  static let armColumn = "arm"
  /// The name under which a file with visits has them.
  static let visitColumn = "visit"

  /// A file with several rows a participant.
  struct LongFile: Sendable {
    var frame: DataFrame
    /// For each row the row of its participant.
    var participant: [Int]
    /// The visits' codes in numeric order; empty for a file without visits.
    var visits: [String]
  }

  var plan: Plan
  var participants: DataFrame
  var files: [String: LongFile]
  /// Files whose rows are not participants.
  var unlinked: [String: DataFrame] = [:]
  /// By the set's id.
  var sets: [String: AnalysisSet] = [:]
  /// By the variable's name.
  var labels: [String: VariableLabel]
  /// What the codebook says of each file, by the plan's name for it.
  var codebook: [String: CodebookFile]
  var warnings: [String] = []
  /// Leave out what describes the data and the fits beside the comparisons of the arms: for a plan that is carried out on
  /// thousands of data sets.
  var isRepeated = false
  /// Where an analysis notes the models it fits, where somebody asked.
  var log: FitLog?

  /// The codes of the arms, control first.
  var arms: [String] { plan.arms.arms.map(\.code.value) }

  /// Each participant's arm as an index into `arms`.
  var armCodes: [Int32] {
    guard case .categorical(let codes, _)? = participants[Self.armColumn] else { return [] }
    return codes
  }

  /// The rows of a file (nil: the participants) whose participants are in a set.
  func rows(in set: String, file: String?) -> [Int] {
    guard let members = sets[set]?.members else { return [] }
    guard let file, let long = files[file] else { return members.indices.filter { members[$0] } }
    return long.participant.indices.filter { members[long.participant[$0]] }
  }

  /// For each row of a file whose participant is in a set, the participant's number.
  func persons(in set: String, file: String?) -> [Int] {
    let rows = rows(in: set, file: file)
    guard let file, let long = files[file] else { return rows }
    return rows.map { long.participant[$0] }
  }

  /// The participants in a set.
  func count(in set: String) -> Int { sets[set]?.members.count { $0 } ?? 0 }

  /// A column of a file, or of the participants where the file has none of that name, with the file's rows.
  ///
  /// - Throws: `DataError` that points at the name, with the nearest names there are.
  func column(_ name: Placed<String>, file: String?) throws(DataError) -> Column {
    guard let file, let long = files[file] else {
      if let column = participants[name.value] { return column }
      throw unknownColumn(name, among: participants.names, of: plan.participants)
    }
    if let column = long.frame[name.value] { return column }
    if let column = participants[name.value] { return column.selecting(rows: long.participant) }
    let planned = plan.files.first { $0.name == file } ?? plan.participants
    throw unknownColumn(name, among: long.frame.names + participants.names, of: planned)
  }

  private func unknownColumn(
    _ name: Placed<String>, among names: [String], of file: DataFilePlan
  ) -> DataError {
    fault(
      "no column '\(name.value)' in \(file.file.value)",
      expected: DataProblem.expectation(insteadOf: name.value, among: names), at: name.place)
  }

  /// A table of columns for the rows of a set.
  ///
  /// - Throws: `DataError` for a name that is no column.
  func frame(_ names: [Placed<String>], set: String, file: String?) throws(DataError) -> DataFrame {
    let rows = rows(in: set, file: file)
    var frame = DataFrame([], rowCount: rows.count)
    for name in names where frame[name.value] == nil {
      frame[name.value] = try column(name, file: file).selecting(rows: rows)
    }
    return frame
  }

  /// The arm's name as a place for `frame`.
  var armName: Placed<String> { Placed(value: Self.armColumn, place: plan.arms.column.place) }

  /// What a variable is called, or its name.
  func label(_ name: String) -> VariableLabel { labels[name] ?? VariableLabel(name, Label(name)) }
}

/// An analysis set's members and who left it, why.
struct AnalysisSet: Sendable {
  /// Participants who left for one reason.
  struct Departure: Sendable {
    let id: String
    let reason: Label
    /// By participant.
    let members: [Bool]
  }

  let plan: AnalysisSetPlan
  /// By participant.
  let members: [Bool]
  /// From all randomised on, those of the sets it starts from included.
  let departures: [Departure]
}
