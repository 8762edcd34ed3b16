extension DataFrame {
  /// Makes a numeric column categorical, its levels the distinct values in numeric order (R `factor(x)`).
  ///
  /// A categorical column stays as it is; dates and texts become categorical with sorted levels.
  /// - Throws: `FormulaError` of kind `unknownColumn`.
  public mutating func makeCategorical(_ name: String) throws(FormulaError) {
    self[name] = try existingColumn(name).asCategorical
  }

  /// Orders the levels of a column, the first of which is the reference; a numeric column becomes categorical.
  ///
  /// - Throws: `FormulaError` of kind `unknownColumn`; of kind `unknownLevel` where a level given is not in the data, or
  ///   one in the data is not given.
  public mutating func setLevels(of name: String, to order: [String]) throws(FormulaError) {
    guard case .categorical(let codes, let levels) = try existingColumn(name).asCategorical else {
      return
    }
    var place: [String: Int32] = [:]
    for (i, level) in order.enumerated() {
      guard place.updateValue(Int32(i), forKey: level) == nil else {
        throw FormulaError(.unsuitable, "the level `\(level)` of `\(name)` is given twice")
      }
      guard levels.contains(level) else {
        throw FormulaError(
          .unknownLevel, "`\(name)` has no level `\(level)`",
          suggestions: nearest(to: level, among: levels))
      }
    }
    var recoding = [Int32](repeating: 0, count: levels.count)
    for (i, level) in levels.enumerated() {
      guard let code = place[level] else {
        throw FormulaError(
          .unknownLevel, "the level `\(level)` of `\(name)` is missing from the levels given",
          suggestions: nearest(to: level, among: order))
      }
      recoding[i] = code
    }
    self[name] = .categorical(codes: codes.map { $0 < 0 ? $0 : recoding[Int($0)] }, levels: order)
  }

  /// The column with a name.
  ///
  /// - Throws: `FormulaError` of kind `unknownColumn` with the nearest names.
  public func existingColumn(_ name: String) throws(FormulaError) -> Column {
    guard let column = self[name] else {
      throw FormulaError(
        .unknownColumn, "there is no column `\(name)`", suggestions: nearestNames(to: name))
    }
    return column
  }
}

extension Column {
  /// The column as categories: numbers and dates in numeric order, texts by Unicode scalar.
  public var asCategorical: Column {
    switch self {
    case .categorical: return self
    case .text(let texts): return .categorical(texts)
    case .date(let days):
      let (codes, values) = distinct(days.map { $0 == Self.missingDay ? .nan : Double($0) })
      return .categorical(codes: codes, levels: values.map { dateText(Int32($0)) })
    case .numeric(let numbers):
      let (codes, values) = distinct(numbers)
      return .categorical(codes: codes, levels: values.map(numberText))
    }
  }
}

/// The code of each number among its distinct values in ascending order; a missing number has −1.
func distinct(_ numbers: [Double]) -> (codes: [Int32], values: [Double]) {
  var seen: [Double: Int32] = [:]
  var values: [Double] = []
  var codes = [Int32](repeating: Column.missingCode, count: numbers.count)
  for (row, number) in numbers.enumerated() where !number.isNaN {
    // Successive rows often repeat a value, and −0 equals 0.
    if let code = seen[number] {
      codes[row] = code
    } else {
      codes[row] = Int32(values.count)
      seen[number] = Int32(values.count)
      values.append(number)
    }
  }
  let order = values.indices.sorted { values[$0] < values[$1] }
  var place = [Int32](repeating: 0, count: values.count)
  for (new, old) in order.enumerated() { place[old] = Int32(new) }
  for row in codes.indices where codes[row] >= 0 { codes[row] = place[Int(codes[row])] }
  return (codes, order.map { values[$0] })
}

/// A day number since 1 January 1970 as `YYYY-MM-DD`.
///
/// Civil date from a day count: Fliegel & Van Flandern, Communications of the ACM 11 (1968), doi:10.1145/364096.364097.
func dateText(_ day: Int32) -> String {
  // 2440588 is the Julian day of 1 January 1970.
  var l = Int(day) + 2_440_588 + 68569
  let n = 4 * l / 146_097
  l -= (146_097 * n + 3) / 4
  let i = 4000 * (l + 1) / 1_461_001
  l -= 1461 * i / 4 - 31
  let j = 80 * l / 2447
  let dayOfMonth = l - 2447 * j / 80
  let k = j / 11
  let month = j + 2 - 12 * k
  let year = 100 * (n - 49) + i + k
  func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2)
}

/// The day number since 1 January 1970 of a date written `YYYY-MM-DD`; nil where it is no date.
func dayNumber(_ text: String) -> Int32? {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count == 3, parts[0].utf8.count == 4, let year = Int(parts[0]),
    let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month), day >= 1
  else { return nil }
  // Julian day number of a civil date, from the same source as `dateText`.
  let shift = (month - 14) / 12
  let julian =
    day - 32075 + 1461 * (year + 4800 + shift) / 4 + 367 * (month - 2 - shift * 12) / 12
    - 3 * ((year + 4900 + shift) / 100) / 4
  let result = Int32(julian - 2_440_588)
  // A day beyond the end of its month comes back as another date.
  return dateText(result) == text ? result : nil
}
