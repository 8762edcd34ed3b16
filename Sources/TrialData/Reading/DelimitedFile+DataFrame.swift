import LinearAlgebra
import ModelFormula

extension DelimitedFile {
  /// A data frame and what in the file deserves a second look.
  public struct Reading: Sendable {
    public let frame: DataFrame
    /// One warning a column that is categorical although most of its values are numbers, and the like.
    public let warnings: [DataProblem]
  }

  /// The columns as a data frame; see `read(columns:)`.
  public func dataFrame(columns: [String]? = nil) throws(DataError) -> DataFrame {
    try read(columns: columns).frame
  }

  /// Converts columns: numeric where every value that is not missing is a number, else categorical with its levels in the
  /// order of their Unicode scalars. Each row keeps its line of the file.
  ///
  /// - Parameter columns: the columns to convert, in this order; all of them where nil. Others are only scanned.
  /// - Throws: `DataError` with every problem of the file; for an unknown column name, one naming the nearest.
  public func read(columns: [String]? = nil) throws(DataError) -> Reading {
    let positions = try positions(of: columns ?? names)
    let kinds = sniff(positions)
    var scan = try TableScan.run(self, zip(positions, kinds).map { ColumnRequest(position: $0, kind: $1) })
    // A column that looked numeric at the top of the file and is not further down is read again as text.
    let late = scan.columns.indices.filter {
      if case .numbers(_, let traits) = scan.columns[$0] {
        !traits.isDisjoint(with: [.failed, .isIdentifier])
      } else {
        false
      }
    }
    if !late.isEmpty {
      let again = try TableScan.run(self, late.map { ColumnRequest(position: positions[$0], kind: .text) })
      for (slot, column) in zip(late, again.columns) { scan.columns[slot] = column }
    }
    var typing = ColumnTyping(file: self, lines: scan.lines)
    var typed: [(name: String, column: Column)] = []
    for (slot, position) in positions.enumerated() {
      typed.append((names[position], typing.column(&scan.columns[slot], name: names[position])))
    }
    try typing.finish()
    return Reading(
      frame: DataFrame(typed, rowCount: scan.lines.count, lines: scan.lines), warnings: typing.warnings)
  }

  /// The places of columns in the file.
  func positions(of wanted: [String]) throws(DataError) -> [Int] {
    var index: [String: Int] = [:]
    for (i, name) in names.enumerated() { index[name] = i }
    var problems: [DataProblem] = []
    var positions: [Int] = []
    for name in wanted {
      if let position = index[name] {
        if !positions.contains(position) { positions.append(position) }
      } else {
        let near = nearest(to: name, among: names).map { "'\($0)'" }.joined(separator: " or ")
        problems.append(
          DataProblem(
            file: path, column: name, found: "no such column",
            expected: near.isEmpty ? "a column of the file expected" : "\(near) expected"))
      }
    }
    if !problems.isEmpty { throw DataError(problems) }
    return positions
  }

  /// How each column looks in the first records, so that one pass usually suffices.
  private func sniff(_ positions: [Int]) -> [FieldKind] {
    var isText = [Bool](repeating: false, count: names.count)
    let missing = MissingTexts(options.missing)
    var scanner = RecordScanner(
      bytes: content.bytes, from: bodyStart, to: content.count, line: bodyLine, delimiter: delimiter.rawValue,
      terminator: terminator)
    for _ in 0..<50 where !scanner.atEnd {
      var column = 0
      repeat {
        let text = scanner.text(of: scanner.nextField())
        if column < names.count, !missing.contains(text),
          DecimalNumber.parse(text, mark: options.decimalMark ?? .point) == nil
            || DecimalNumber.isIdentifier(text)
        {
          isText[column] = true
        }
        column += 1
      } while scanner.atDelimiter()
      if !scanner.endRecord() { break }
    }
    return positions.map { isText[$0] ? .text : .number }
  }
}

/// Turns scanned columns into typed ones and gathers what is doubtful.
struct ColumnTyping {
  let file: DelimitedFile
  let lines: [Int]
  private(set) var warnings: [DataProblem] = []
  private var problems: [DataProblem] = []
  private var withPoint: [String] = []
  private var withComma: [String] = []

  init(file: DelimitedFile, lines: [Int]) {
    self.file = file
    self.lines = lines
  }

  /// The typed column.
  ///
  /// - Parameter scanned: given up where it is a column of texts, whose codes are changed in place.
  mutating func column(_ scanned: inout ScannedColumn, name: String) -> Column {
    if var texts = scanned.takeTexts() {
      return textColumn(&texts.codes, texts.dictionary.texts, name: name)
    }
    switch scanned {
    case .numbers(let values, let traits):
      if traits.contains(.hasMark), file.options.decimalMark != .comma { withPoint.append(name) }
      return .numeric(values)
    case .days(let days, _): return .date(days)
    case .codes: preconditionFailure("a column of texts that was not taken")
    case .keys(let texts):
      let coded = texts.coded
      var codes = coded.codes
      return textColumn(&codes, coded.dictionary.texts, name: name)
    }
  }

  /// Refuses a file in which some columns hold decimal points and others decimal commas.
  func finish() throws(DataError) {
    var problems = problems
    if problems.isEmpty, let comma = withComma.first, let point = withPoint.first {
      problems.append(
        DataProblem(
          file: file.path, column: comma, found: "decimal commas here and decimal points in '\(point)'",
          expected: "one decimal mark, or a declared one, expected (--decimal)"))
    }
    if !problems.isEmpty { throw DataError(problems) }
  }

  private mutating func textColumn(_ codes: inout [Int32], _ texts: [String], name: String) -> Column {
    let missing = MissingTexts(file.options.missing)
    let present = texts.indices.filter { !missing.contains(texts[$0]) }
    let mark = file.options.decimalMark ?? .point
    let numbers = present.map { DecimalNumber.parse(texts[$0], mark: mark) }
    if present.contains(where: { DecimalNumber.isIdentifier(texts[$0]) }),
      !present.contains(where: { DecimalNumber.parseEither(texts[$0]) == nil })
    {
      warnOfIdentifiers(codes, texts, present, name: name)
      return categorical(&codes, texts, present, name: name)
    }
    if !numbers.contains(where: { $0 == nil }) {
      // Only missing texts beside numbers: the doubt of the first records was unfounded.
      return numeric(codes, texts.count, present, numbers.map { $0! })
    }
    if file.options.decimalMark == nil, let column = decimalCommas(codes, texts, present, name: name) {
      return column
    }
    if file.options.decimalMark == nil,
      !present.contains(where: { DecimalNumber.parseEither(texts[$0]) == nil })
    {
      refuseTwoMarks(codes, texts, present, name: name)
    }
    warnIfMostlyNumeric(codes, texts, present, numbers, name: name)
    return categorical(&codes, texts, present, name: name)
  }

  private func numeric(_ codes: [Int32], _ textCount: Int, _ present: [Int], _ numbers: [Double]) -> Column {
    var value = [Double](repeating: .nan, count: textCount)
    for (text, number) in zip(present, numbers) { value[text] = number }
    return .numeric(codes.map { value[Int($0)] })
  }

  /// A column all of whose values are numbers with a decimal comma. Where every comma has just three digits behind it and at
  /// most three before, it may as well separate thousands, and the run stops.
  private mutating func decimalCommas(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) -> Column? {
    let numbers = present.compactMap { DecimalNumber.parse(texts[$0], mark: .comma) }
    guard numbers.count == present.count else { return nil }
    let marked = present.filter { texts[$0].utf8.contains(DecimalMark.comma.rawValue) }
    if marked.allSatisfy({ Self.couldBeThousands(texts[$0]) }) {
      let first = codes.firstIndex { marked.contains(Int($0)) }
      problems.append(
        DataProblem(
          file: file.path, line: first.map { lines[$0] }, column: name,
          found:
            "a comma before three digits in every number that has one: a decimal comma (1,234 = 1.234) or a "
            + "thousands mark (1,234 = 1234)",
          expected: "a declared decimal mark expected (--decimal)"))
    }
    withComma.append(name)
    return numeric(codes, texts.count, present, numbers)
  }

  /// Numbers some of which have a decimal comma and others a decimal point: nobody can tell which mark means what.
  private mutating func refuseTwoMarks(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) {
    func line(_ mark: DecimalMark) -> Int? {
      let marked = Set(present.filter { texts[$0].utf8.contains(mark.rawValue) })
      return codes.firstIndex { marked.contains(Int($0)) }.map { lines[$0] }
    }
    let point = line(.point).map { " (line \($0))" } ?? ""
    problems.append(
      DataProblem(
        file: file.path, line: line(.comma), column: name,
        found: "numbers with a decimal comma beside numbers with a decimal point\(point)",
        expected: "one decimal mark, or a declared one, expected (--decimal)"))
  }

  private mutating func warnOfIdentifiers(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) {
    let zeros = Set(present.filter { DecimalNumber.isIdentifier(texts[$0]) })
    warnings.append(
      DataProblem(
        file: file.path, line: codes.firstIndex { zeros.contains(Int($0)) }.map { lines[$0] }, column: name,
        found:
          "the first of the numbers with a leading zero, or more digits than a number holds, as identifiers have",
        expected: "taken as categorical"))
  }

  /// True for one to three digits (no leading zero), a comma and three digits.
  static func couldBeThousands(_ text: String) -> Bool {
    let trimmed = text.utf8.filter { !DecimalNumber.isBlank($0) && $0 != 0x2d && $0 != 0x2b }
    let parts = trimmed.split(separator: DecimalMark.comma.rawValue, omittingEmptySubsequences: false)
    return parts.count == 2 && (1...3).contains(parts[0].count) && parts[1].count == 3
      && parts[0].first != 0x30
  }

  private mutating func warnIfMostlyNumeric(
    _ codes: [Int32], _ texts: [String], _ present: [Int], _ numbers: [Double?], name: String
  ) {
    guard numbers.contains(where: { $0 != nil }) else { return }
    var isNumber = [Bool](repeating: false, count: texts.count)
    var isPresent = [Bool](repeating: false, count: texts.count)
    for (text, number) in zip(present, numbers) {
      isPresent[text] = true
      isNumber[text] = number != nil
    }
    let numeric = codes.count { isNumber[Int($0)] }
    let other = codes.count { isPresent[Int($0)] && !isNumber[Int($0)] }
    guard numeric > other, let first = codes.firstIndex(where: { isPresent[Int($0)] && !isNumber[Int($0)] })
    else {
      return
    }
    warnings.append(
      DataProblem(
        file: file.path, line: lines[first], column: name,
        found: "the first of \(other) values that are no numbers beside \(numeric) that are",
        expected: "taken as categorical (--na names texts that stand for missing)"))
  }

  /// Levels in the order of their Unicode scalars. Texts that Unicode holds to be the same (å as one scalar or as a with a
  /// ring) are one level.
  private mutating func categorical(
    _ codes: inout [Int32], _ texts: [String], _ present: [Int], name: String
  ) -> Column {
    // Bytes of UTF-8 stand in the order of the scalars they encode.
    let order = present.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
    var levels: [String] = []
    var code = [Int32](repeating: Column.missingCode, count: texts.count)
    var index: [String: Int32] = [:]
    for text in order {
      if let same = index[texts[text]] {
        code[text] = same
        warnings.append(
          DataProblem(
            file: file.path, column: name, found: "a level in two Unicode spellings",
            expected: "taken as one level"))
      } else {
        code[text] = Int32(levels.count)
        index[texts[text]] = Int32(levels.count)
        levels.append(texts[text])
      }
    }
    // Texts that came in order, none of them missing, have their codes already.
    if !code.indices.allSatisfy({ code[$0] == Int32($0) }) { Self.recode(&codes, by: code) }
    return .categorical(codes: codes, levels: levels)
  }

  private static func recode(_ codes: inout [Int32], by table: [Int32]) {
    let count = codes.count
    codes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let places = SharedPlaces(base: base)
      forEachBlock(rows: count) { rows in
        let codes = places.base
        table.withUnsafeBufferPointer { table in
          for row in rows { codes[row] = table[Int(codes[row])] }
        }
      }
    }
  }
}
