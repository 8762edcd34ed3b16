import ArgumentParser
import ModelFormula
import Randomisation
import TrialData

/// Columns of a table as an audit needs them.
struct AllocationTable {
  let table: DataFrame
  let file: String

  /// The line of each row.
  var lines: [Int] { table.lines ?? (0..<table.rowCount).map { $0 + 2 } }

  private func column(_ name: String, _ option: String) throws -> Column {
    if let column = table[name] { return column }
    let near = table.nearestNames(to: name)
    throw CommandFailure(
      .usage,
      "\(option): there is no column \"\(name)\""
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
  }

  func texts(_ name: String, option: String) throws -> [String?] {
    let column = try column(name, option)
    return (0..<column.count).map { AllocationRecords.text(column, $0) }
  }

  func variables(_ names: String?, option: String) throws -> [AllocationRecords.Variable] {
    try (names ?? "").split(separator: ",").map { String($0).trimmingBlanks }.map {
      AllocationRecords.Variable($0, try column($0, option))
    }
  }

  /// Outcomes as numbers: of two levels the second counts as the event.
  func numbers(_ names: String?, option: String) throws -> [AllocationRecords.Variable] {
    try variables(names, option: option).map { variable in
      switch variable.column {
      case .numeric: return variable
      case .categorical(let codes, let levels) where levels.count == 2:
        return .init(
          variable.name, .numeric(codes.map { $0 == Column.missingCode ? .nan : Double($0) }))
      default:
        throw CommandFailure(
          .usage, "\(option): the column \"\(variable.name)\" holds neither numbers nor two levels")
      }
    }
  }

  /// Dates as day numbers. A text that is no date is bad data: all of them are named together.
  func days(_ name: String, option: String) throws -> [Int32] {
    let column = try column(name, option)
    if case .date(let days) = column { return days }
    let texts = try texts(name, option: option)
    var problems: [DataProblem] = []
    let days = texts.enumerated().map { row, text -> Int32 in
      guard let text else { return Column.missingDay }
      if let day = AllocationTable.day(text) { return day }
      problems.append(
        DataProblem(
          file: file, line: lines[row], column: name, found: "a text that is no date",
          expected: "a date such as 2020-03-01 expected", rule: "date"))
      return Column.missingDay
    }
    if !problems.isEmpty { throw DataError(problems) }
    return days
  }

  /// A date, with or without a time of day after it.
  private static func day(_ text: String) -> Int32? {
    if let day = CalendarDay(iso: text) { return day.number }
    let bytes = Array(text.utf8)
    guard bytes.count > 11, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") else {
      return nil
    }
    return CalendarDay(iso: String(text.prefix(10)))?.number
  }

  /// What orders the list, as numbers that sort as the values do.
  func order(_ name: String, option: String) throws -> [Double] {
    switch try column(name, option) {
    case .numeric(let values): return values
    case .date(let days): return days.map { $0 == Column.missingDay ? .nan : Double($0) }
    case .categorical, .text:
      let texts = try texts(name, option: option)
      let sorted = Set(texts.compactMap { $0 }).sorted {
        $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
      }
      var place: [String: Double] = [:]
      for (i, text) in sorted.enumerated() { place[text] = Double(i) }
      return texts.map { $0.flatMap { place[$0] } ?? .nan }
    }
  }
}
