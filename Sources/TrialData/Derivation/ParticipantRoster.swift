import ModelFormula

/// The participants' file.
struct ParticipantRoster {
  let lines: [Int]
  let ids: KeyedTexts
  private let index: KeyIndex
  let inclusion: [Int32]
  let further: [(name: String, texts: CodedTexts)]

  init(
    _ file: DelimitedFile, outputNames: [String], _ problems: inout ProblemList
  ) throws(DataError) {
    let others = file.names.filter { $0 != "id" && $0 != "inclusion_date" }
    for name in others where outputNames.contains(name) {
      problems.append(
        DataProblem(
          file: file.path, line: 1, column: name, found: "a column that the derivation makes",
          expected: "another name expected"))
    }
    let positions = try file.positions(of: ["id", "inclusion_date"] + others)
    let scan = try TableScan.run(
      file,
      positions.enumerated().map {
        ColumnRequest(position: $1, kind: $0 == 0 ? .key : $0 == 1 ? .day : .text)
      })
    let lines = scan.lines
    let ids = scan.columns[0].keys
    let blank = Set(ids.missingRows())
    var faults: [(row: Int, found: String, expected: String)] = blank.map {
      ($0, "an empty identifier", "a participant in every row expected")
    }
    index = KeyIndex(ids.keys) { row, earlier in
      if blank.contains(row) { return }
      faults.append(
        (row, "the participant of line \(lines[earlier]) again", "one row a participant expected"))
    }
    for fault in faults.sorted(by: { $0.row < $1.row }) {
      problems.append(
        DataProblem(
          file: file.path, line: lines[fault.row], column: "id", found: fault.found, expected: fault.expected)
      )
    }
    self.lines = lines
    self.ids = ids
    inclusion = Self.inclusion(file, scan.columns[1], lines, &problems)
    further = zip(others, scan.columns.dropFirst(2)).map { name, column in
      (name, CodedTexts(codes: column.texts.codes, dictionary: column.texts.dictionary))
    }
  }

  /// The row of each participant; −1 for one who is not in the list.
  func rows(of others: KeyedTexts) -> [Int32] { index.rows(of: others.keys(in: ids, absent: .max)) }

  private static func inclusion(
    _ file: DelimitedFile, _ column: ScannedColumn, _ lines: [Int], _ problems: inout ProblemList
  ) -> [Int32] {
    if case .days(let days, let traits) = column, !traits.contains(.failed),
      !days.contains(Column.missingDay)
    {
      return days
    }
    let (codes, dictionary) = file.texts(ofColumn: "inclusion_date")
    return DayColumn(codes, dictionary, mayBeMissing: false).days(
      file: file.path, column: "inclusion_date", lines: lines, &problems)
  }
}

/// A column of ISO dates, read once a distinct text.
struct DayColumn {
  private let codes: [Int32]
  private let dictionary: ByteDictionary
  private let mayBeMissing: Bool

  init(_ codes: [Int32], _ dictionary: ByteDictionary, mayBeMissing: Bool) {
    self.codes = codes
    self.dictionary = dictionary
    self.mayBeMissing = mayBeMissing
  }

  /// The days; a text that is no date becomes a problem and a missing day.
  func days(file: String, column: String, lines: [Int], _ problems: inout ProblemList) -> [Int32] {
    let missing = MissingTexts([])
    var isMissing: [Bool] = []
    let values = (0..<dictionary.count).map { code -> Int32 in
      let text = dictionary.text(of: code)
      isMissing.append(missing.contains(text))
      return DateText.day(text, order: nil) ?? Column.missingDay
    }
    let days = codes.map { values[Int($0)] }
    if mayBeMissing, !values.indices.contains(where: { values[$0] == Column.missingDay && !isMissing[$0] }) {
      return days
    }
    for (row, code) in codes.enumerated() where values[Int(code)] == Column.missingDay {
      if isMissing[Int(code)], mayBeMissing { continue }
      problems.append(
        DataProblem(
          file: file, line: lines[row], column: column,
          found: isMissing[Int(code)] ? "no date" : ColumnReader.kind(ofDate: dictionary.text(of: Int(code))),
          expected: "a date YYYY-MM-DD expected"))
    }
    return days
  }
}
