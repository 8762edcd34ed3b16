import LinearAlgebra
import ModelFormula

/// Turns scanned columns into typed ones and gathers what is doubtful.
struct ColumnTyping {
  let file: DelimitedFile
  let lines: [Int]
  private(set) var warnings: [DataProblem] = []
  private var problems: [DataProblem] = []
  /// The first column in which points are decimal marks or commas are not, and the reverse, with what shows it.
  private var withPoint: (name: String, sign: String)?
  private var withComma: (name: String, sign: String)?

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
      if traits.contains(.hasMark), file.options.decimalMark == nil { note(.point, name) }
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
    if problems.isEmpty, file.options.decimalMark == nil, let comma = withComma, let point = withPoint {
      problems.append(
        DataProblem(
          file: file.path, column: comma.name,
          found: "\(comma.sign) here and \(point.sign) in '\(point.name)'",
          expected: "one decimal mark, or a declared one, expected (--decimal)"))
    }
    if !problems.isEmpty { throw DataError(problems) }
  }

  /// Takes note of what the decimal mark is in a column: by that mark, or by the other one between thousands.
  private mutating func note(_ mark: DecimalMark, _ name: String, byThousands: Bool = false) {
    switch mark {
    case .comma: withComma = withComma ?? (name, byThousands ? "points between thousands" : "decimal commas")
    case .point: withPoint = withPoint ?? (name, byThousands ? "commas between thousands" : "decimal points")
    }
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
      // Only missing texts beside numbers, or points that may separate thousands.
      noteMark(mark, codes, texts, present, name: name)
      return numeric(codes, texts.count, present, numbers.map { $0! })
    }
    if file.options.decimalMark == nil, let column = decimalCommas(codes, texts, present, name: name) {
      return column
    }
    if let column = groupedNumbers(codes, texts, present, name: name) { return column }
    if !present.contains(where: { DecimalNumber.parseEither(texts[$0]) == nil }) {
      if file.options.decimalMark == nil {
        refuseTwoMarks(codes, texts, present, name: name)
      } else {
        warnOfOtherMark(codes, texts, present, numbers, name: name)
      }
      return categorical(&codes, texts, present, name: name)
    }
    warnIfMostlyNumeric(codes, texts, present, numbers, name: name)
    return categorical(&codes, texts, present, name: name)
  }

  private func numeric(_ codes: [Int32], _ textCount: Int, _ present: [Int], _ numbers: [Double]) -> Column {
    var value = [Double](repeating: .nan, count: textCount)
    for (text, number) in zip(present, numbers) { value[text] = number }
    return .numeric(codes.map { value[Int($0)] })
  }

  /// A column all of whose values are numbers with a decimal comma.
  private mutating func decimalCommas(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) -> Column? {
    let numbers = present.compactMap { DecimalNumber.parse(texts[$0], mark: .comma) }
    guard numbers.count == present.count else { return nil }
    noteMark(.comma, codes, texts, present, name: name)
    return numeric(codes, texts.count, present, numbers)
  }

  /// Takes note of the mark that the numbers of a column have, and stops the run where nobody has declared it and it may as well
  /// separate thousands.
  private mutating func noteMark(
    _ mark: DecimalMark, _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) {
    let marked = present.filter { texts[$0].utf8.contains(mark.rawValue) }
    guard !marked.isEmpty, file.options.decimalMark == nil else { return }
    note(mark, name)
    guard mark == .comma || file.pointsAreInDoubt,
      marked.allSatisfy({ GroupedNumber.couldBeThousands(texts[$0], mark: mark) })
    else { return }
    let readings =
      mark == .comma
      ? "a comma before three digits in every number that has one: a decimal comma (1,234 = 1.234) or a "
        + "thousands mark (1,234 = 1234)"
      : "a point before three digits in every number that has one: a decimal point (1.234 = 1.234) or a "
        + "thousands mark (1.234 = 1234)"
    problems.append(
      DataProblem(
        file: file.path, line: line(of: marked, codes), column: name, found: readings,
        expected: "a declared decimal mark expected (--decimal)"))
  }

  /// A column whose numbers are not written plainly, which is told: `1 234,50`, or with points as thousands marks where commas are
  /// decimal ones.
  private mutating func groupedNumbers(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) -> Column? {
    guard
      let (form, numbers) = GroupedNumber.form(
        of: present.lazy.map { texts[$0] }, declared: file.options.decimalMark)
    else { return nil }
    if form.thousands == nil {
      noteMark(form.decimal, codes, texts, present, name: name)
    } else if form.thousands == .point || form.thousands == .comma {
      note(form.decimal, name, byThousands: true)
    } else if present.contains(where: { texts[$0].utf8.contains(form.decimal.rawValue) }) {
      note(form.decimal, name)
    }
    let written = present.filter { DecimalNumber.parse(texts[$0], mark: form.decimal) == nil }
    warnings.append(
      DataProblem(
        file: file.path, line: line(of: written, codes), column: name,
        found: "the first of the numbers with \(form.evidence)", expected: "taken as numbers"))
    return numeric(codes, texts.count, present, numbers)
  }

  /// The line of the first row that has one of some texts.
  private func line(of wanted: [Int], _ codes: [Int32]) -> Int? {
    let wanted = Set(wanted)
    return codes.firstIndex { wanted.contains(Int($0)) }.map { lines[$0] }
  }

  /// Numbers with another decimal mark than the declared one.
  private mutating func warnOfOtherMark(
    _ codes: [Int32], _ texts: [String], _ present: [Int], _ numbers: [Double?], name: String
  ) {
    let other = zip(present, numbers).filter { $0.1 == nil }.map(\.0)
    warnings.append(
      DataProblem(
        file: file.path, line: line(of: other, codes), column: name,
        found: "the first of the numbers whose decimal mark is not the declared one",
        expected: "taken as categorical (--decimal auto decides each column by its numbers)"))
  }

  /// Numbers some of which have a decimal comma and others a decimal point: nobody can tell which mark means what.
  private mutating func refuseTwoMarks(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) {
    func first(_ mark: DecimalMark) -> Int? {
      line(of: present.filter { texts[$0].utf8.contains(mark.rawValue) }, codes)
    }
    let point = first(.point).map { " (line \($0))" } ?? ""
    problems.append(
      DataProblem(
        file: file.path, line: first(.comma), column: name,
        found: "numbers with a decimal comma beside numbers with a decimal point\(point)",
        expected: "one decimal mark, or a declared one, expected (--decimal)"))
  }

  private mutating func warnOfIdentifiers(
    _ codes: [Int32], _ texts: [String], _ present: [Int], name: String
  ) {
    let zeros = present.filter { DecimalNumber.isIdentifier(texts[$0]) }
    warnings.append(
      DataProblem(
        file: file.path, line: line(of: zeros, codes), column: name,
        found:
          "the first of the numbers with a leading zero, or more digits than a number holds, as identifiers have",
        expected: "taken as categorical"))
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
