import ModelFormula

import struct GRDB.DatabaseValue
// GRDB has a `Column` and an `Expression` of its own; here only its values are needed.
import protocol GRDB.DatabaseValueConvertible

/// A column as SQLite values: numbers as they are, dates as `YYYY-MM-DD`, categories and texts as texts, missing as NULL.
struct StoredColumn {
  private let column: Column
  private let levels: [DatabaseValue]
  private let isWhole: Bool

  init(_ column: Column, isWhole: Bool) {
    self.column = column
    self.isWhole = isWhole
    if case .categorical(_, let levels) = column {
      self.levels = levels.map(\.databaseValue)
    } else {
      levels = []
    }
  }

  func value(at row: Int) -> DatabaseValue {
    switch column {
    case .numeric(let values):
      let value = values[row]
      if value.isNaN { return .null }
      // A minus zero has no integer.
      if isWhole, abs(value) < 0x1p53, value != 0 || value.sign == .plus { return Int64(value).databaseValue }
      return value.databaseValue
    case .categorical(let codes, _): return codes[row] < 0 ? .null : levels[Int(codes[row])]
    case .date(let days):
      return days[row] == Column.missingDay ? .null : CalendarDay(number: days[row]).iso.databaseValue
    case .text(let texts): return texts[row]?.databaseValue ?? .null
    }
  }
}

/// Gathers the values of one column as they come from the store.
struct StoredColumnBuilder {
  private let levels: [String: Int32]
  private(set) var column: Column

  init(_ description: CodebookColumn, rows: Int) {
    var levels: [String: Int32] = [:]
    for (code, level) in description.levels.enumerated() { levels[level.value] = Int32(code) }
    self.levels = levels
    func empty<T>() -> [T] {
      var values: [T] = []
      values.reserveCapacity(rows)
      return values
    }
    column =
      switch description.type {
      case .numeric, .integer: .numeric(empty())
      case .categorical: .categorical(codes: empty(), levels: description.levels.map(\.value))
      case .date: .date(empty())
      case .text, .id: .text(empty())
      }
  }

  /// Adds a value; false where it is of another kind than the column.
  mutating func append(_ value: DatabaseValue) -> Bool {
    // The array is taken out of the column while it grows, so that it is not copied.
    switch column {
    case .numeric(var values):
      column = .numeric([])
      guard let number = value.isNull ? .nan : Double.fromDatabaseValue(value) else { return false }
      values.append(number)
      column = .numeric(values)
    case .categorical(var codes, let names):
      column = .categorical(codes: [], levels: [])
      guard
        let code = value.isNull ? Column.missingCode : String.fromDatabaseValue(value).flatMap({ levels[$0] })
      else { return false }
      codes.append(code)
      column = .categorical(codes: codes, levels: names)
    case .date(var days):
      column = .date([])
      guard
        let day = value.isNull
          ? Column.missingDay
          : String.fromDatabaseValue(value).flatMap({ CalendarDay(iso: $0)?.number })
      else { return false }
      days.append(day)
      column = .date(days)
    case .text(var texts):
      column = .text([])
      guard value.isNull || String.fromDatabaseValue(value) != nil else { return false }
      texts.append(String.fromDatabaseValue(value))
      column = .text(texts)
    }
    return true
  }
}
