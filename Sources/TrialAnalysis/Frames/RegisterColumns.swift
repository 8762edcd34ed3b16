import ModelFormula
import TrialData

/// Typed access to the columns of a register's file among a trial's frames, with places for what is wrong.
struct RegisterColumns {
  private let frames: TrialFrames
  private let name: Placed<String>
  private let long: TrialFrames.LongFile

  /// - Throws: `DataError` where there is no such file besides the participants'.
  init(_ frames: TrialFrames, _ name: Placed<String>) throws(DataError) {
    self.frames = frames
    self.name = name
    long = try frames.longFile(name)
  }

  /// For each row the row of its participant.
  var participant: [Int32] { long.participant.map { Int32($0) } }

  func hasColumn(_ column: String) -> Bool { long.frame[column] != nil }

  func column(_ column: String) throws(DataError) -> Column {
    try frames.column(Placed(value: column, place: name.place), file: name.value)
  }

  func days(_ column: String) throws(DataError) -> [Int32] {
    guard case .date(let days) = try self.column(column) else {
      throw frames.fault(
        "'\(column)' of \(name.value) does not hold dates", expected: "dates expected", at: name.place)
    }
    return days
  }

  func numbers(_ column: String) throws(DataError) -> [Double] {
    try frames.numbers(Placed(value: column, place: name.place), file: name.value)
  }

  /// A problem of a row.
  func problem(_ row: Int, _ column: String, _ found: String, _ expected: String) -> DataProblem {
    let file = frames.plan.files.first { $0.name == name.value }?.file.value ?? name.value
    return DataProblem(
      file: file, line: long.frame.lines?[row], column: column, found: found, expected: expected,
      rule: "spell")
  }
}
