import ModelFormula

extension TrialDataset {
  /// Takes tables in memory as the codebook describes their files; for data that a program made and no person is behind,
  /// so that keys, links and the rules between columns are not checked and nothing is screened.
  ///
  /// The values are those that the tables' texts would be read as: where the codebook sees more in a column than its type
  /// (codes of missing values, say), the column is written as text and read again.
  ///
  /// - Parameter tables: the name of each file, as the codebook has it, and its columns.
  /// - Throws: `DataError` for a table that the codebook does not have, a declared column that a table lacks, and values of
  ///   another type or out of their range.
  public init(codebook: Codebook, tables: [(file: String, frame: DataFrame)]) throws(DataError) {
    self.codebook = codebook
    files = []
    warnings = []
    for table in tables {
      guard let description = codebook[table.file] else {
        throw DataError([
          DataProblem(
            file: codebook.file, found: "no file '\(table.file)'",
            expected: DataProblem.expectation(
              insteadOf: table.file, among: codebook.files.map(\.file)))
        ])
      }
      files.append(try File(description, table.file, table.frame))
    }
  }
}

extension TrialDataset.File {
  fileprivate init(_ description: CodebookFile, _ name: String, _ made: DataFrame) throws(DataError) {
    let lines = Array(2..<(made.rowCount + 2))
    var frame = DataFrame([], rowCount: made.rowCount, lines: lines)
    for column in description.columns {
      guard let values = made[column.name] else {
        if column.isOptional { continue }
        throw DataError([
          DataProblem(
            file: name, line: 1, column: column.name, found: "no such column",
            expected: "a column that the codebook declares expected")
        ])
      }
      if column.takes(values) {
        frame[column.name] = values
        continue
      }
      if let recoded = column.recoded(values) {
        frame[column.name] = recoded
        continue
      }
      let (codes, texts) = values.distinctTexts
      var typing = DeclaredColumn(
        column: column, codes: codes, texts: texts, lines: lines, path: name, delimiter: .comma,
        showValues: false)
      frame[column.name] = typing.values()
      try typing.problems.throwIfAny()
    }
    self.init(
      codebook: description, frame: frame,
      provenance: TrialDataset.Provenance(
        file: description.file, sha256: "", rows: made.rowCount,
        encoding: EncodingEvidence(
          encoding: .utf8, hasByteOrderMark: false, reason: "made in memory", lines: []),
        delimiter: .comma),
      missing: [:])
  }
}

extension [Double] {
  /// True where every number is in a range, and whole where that is asked for; missing ones pass or not.
  ///
  /// The least and the greatest number tell, so that the loop has neither a branch nor a call of the C library in it.
  fileprivate func lie(in range: ClosedRange<Double>, missing: Bool, isWhole: Bool) -> Bool {
    withUnsafeBufferPointer { numbers in
      var least = Double.infinity
      var greatest = -Double.infinity
      var missingCount = 0
      var decimalCount = 0
      for number in numbers {
        // A comparison with a missing number is false.
        least = number < least ? number : least
        greatest = number > greatest ? number : greatest
        missingCount += number == number ? 0 : 1
        // What is added leaves no room for decimals.
        let size = abs(number)
        let rest = (size + 0x1p52) - 0x1p52 - size
        decimalCount += rest < 0 || rest > 0 ? 1 : 0
      }
      let isInside =
        missingCount == numbers.count || least >= range.lowerBound && greatest <= range.upperBound
      return isInside && (missing || missingCount == 0) && !(isWhole && decimalCount > 0)
    }
  }
}

extension CodebookColumn {
  /// True for values that reading their texts could not change nor refuse.
  fileprivate func takes(_ column: Column) -> Bool {
    let (low, high) = (minimum ?? -.infinity, maximum ?? .infinity)
    guard missing.isEmpty, low <= high else { return false }
    switch (type, column) {
    case (.numeric, .numeric(let values)):
      return values.lie(in: low...high, missing: !isRequired, isWhole: false)
    case (.integer, .numeric(let values)):
      return values.lie(in: low...high, missing: !isRequired, isWhole: true)
    case (.date, .date(let days)):
      return days.allSatisfy {
        $0 == Column.missingDay ? !isRequired : Double($0) >= low && Double($0) <= high
      }
    case (.id, .text(let texts)):
      return texts.allSatisfy { $0.map { !$0.isEmpty } ?? !isRequired }
    default: return false
    }
  }

  /// Categories that the codebook has too, under its levels; nil where reading the texts might give anything else.
  fileprivate func recoded(_ column: Column) -> Column? {
    guard type == .categorical, missing.isEmpty, !isUnique, case .categorical(let codes, let found) = column
    else { return nil }
    let texts = levels.map(\.value)
    let places = found.map { text in
      text.isEmpty || text == "NA" ? nil : texts.firstIndex(of: text).map { Int32($0) }
    }
    guard codes.allSatisfy({ $0 < 0 ? !isRequired : places[Int($0)] != nil }) else { return nil }
    return .categorical(codes: codes.map { $0 < 0 ? $0 : places[Int($0)]! }, levels: texts)
  }
}

extension Column {
  /// The values as texts, an empty one for a missing value: a code for each row into the distinct ones.
  fileprivate var distinctTexts: (codes: [Int32], texts: [String]) {
    if case .categorical(let codes, let levels) = self {
      return (codes.map { $0 < 0 ? Int32(levels.count) : $0 }, levels + [""])
    }
    let all: [String] =
      switch self {
      case .numeric(let values): values.map { $0.isNaN ? "" : NumberWriter.text($0) }
      case .date(let days): days.map { $0 == Self.missingDay ? "" : CalendarDay(number: $0).iso }
      case .text(let texts): texts.map { $0 ?? "" }
      case .categorical: []
      }
    var codeOf: [String: Int32] = [:]
    var texts: [String] = []
    let codes = all.map { text -> Int32 in
      if let code = codeOf[text] { return code }
      codeOf[text] = Int32(texts.count)
      texts.append(text)
      return Int32(texts.count - 1)
    }
    return (codes, texts)
  }
}
