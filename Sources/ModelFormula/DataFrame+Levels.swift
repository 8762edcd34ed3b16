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
      return .categorical(codes: codes, levels: values.map { CalendarDay(number: Int32($0)).iso })
    case .numeric(let numbers):
      let (codes, values) = distinct(numbers)
      return .categorical(codes: codes, levels: values.map(numberText))
    }
  }
}

/// The code of each number among its distinct values in ascending order; a missing number has −1.
func distinct(_ numbers: [Double]) -> (codes: [Int32], values: [Double]) {
  var values = numbers.filter { !$0.isNaN }
  let isAscending = zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
  if !isAscending { values.sort() }
  var count = 0
  for value in values where count == 0 || values[count - 1] != value {
    values[count] = value
    count += 1
  }
  values.removeSubrange(count...)
  var codes = [Int32](repeating: Column.missingCode, count: numbers.count)
  numbers.withUnsafeBufferPointer { numbers in
    values.withUnsafeBufferPointer { values in
      var last = 0
      for row in 0..<numbers.count where !numbers[row].isNaN {
        let number = numbers[row]
        // Successive rows often repeat a value; else search for it.
        if values[last] != number {
          var low = 0
          var high = values.count
          while high - low > 1 {
            let middle = (low + high) / 2
            if number < values[middle] { high = middle } else { low = middle }
          }
          last = low
        }
        codes[row] = Int32(last)
      }
    }
  }
  return (codes, values)
}
