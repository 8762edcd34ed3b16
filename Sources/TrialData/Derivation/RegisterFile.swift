import ModelFormula

/// A file of a register as it comes in: rows that name participants, with days, numbers and texts, each checked with its line.
struct RegisterFile {
  /// A column that is asked for.
  enum Kind {
    /// The participant's id.
    case participant
    case text
    /// An identifier that is only compared.
    case key
    case number
    case day
  }

  let file: DelimitedFile
  let lines: [Int]
  private let names: [String]
  private let columns: [ScannedColumn]
  private let roster: ParticipantRoster

  /// Reads the named columns.
  ///
  /// - Throws: `DataError` for columns that are missing and for breaches of the grammar.
  init(
    _ file: DelimitedFile, roster: ParticipantRoster, columns wanted: [(name: String, kind: Kind)]
  ) throws(DataError) {
    self.file = file
    names = wanted.map(\.name)
    self.roster = roster
    let positions = try file.positions(of: names)
    let requests = zip(positions, wanted).map { position, column in
      let kind: FieldKind =
        switch column.kind {
        case .participant, .key: .key
        case .text: .text
        case .number: .number
        case .day: .day
        }
      return ColumnRequest(position: position, kind: kind)
    }
    let scan = try TableScan.run(file, requests)
    columns = scan.columns
    lines = scan.lines
  }

  var rowCount: Int { lines.count }

  /// The codes and texts of a column.
  func texts(_ name: String) -> (codes: [Int32], dictionary: ByteDictionary) {
    columns[names.firstIndex(of: name)!].texts
  }

  /// A column of identifiers.
  func keys(_ name: String) -> KeyedTexts { columns[names.firstIndex(of: name)!].keys }

  /// A problem of a row.
  func problem(_ row: Int, _ column: String, _ found: String, _ expected: String) -> DataProblem {
    DataProblem(file: file.path, line: lines[row], column: column, found: found, expected: expected)
  }

  /// The participant's row of each row; −1 with a problem noted for one who is not in the list.
  func participants(_ problems: inout ProblemList) -> [Int32] {
    let participants = roster.rows(of: keys("id"))
    if participants.contains(-1) {
      for (row, participant) in participants.enumerated() where participant < 0 {
        problems.append(
          problem(
            row, "id", "a participant who is not in the list", "an id of the participants' file expected"))
      }
    }
    return participants
  }

  /// Notes the rows in which an identifier is missing.
  func checkPresent(_ name: String, found: String, expected: String, _ problems: inout ProblemList) {
    for row in keys(name).missingRows() { problems.append(problem(row, name, found, expected)) }
  }

  /// ISO dates.
  func days(_ name: String, mayBeMissing: Bool, _ problems: inout ProblemList) -> [Int32] {
    guard case .days(let days, let traits) = columns[names.firstIndex(of: name)!] else {
      preconditionFailure("no column of days")
    }
    if !traits.contains(.failed), mayBeMissing || !days.contains(Column.missingDay) { return days }
    // Some row is wrong: the column is read again as texts, so that each is named.
    let (codes, dictionary) = file.texts(ofColumn: name)
    return DayColumn(codes, dictionary, mayBeMissing: mayBeMissing).days(
      file: file.path, column: name, lines: lines, &problems)
  }

  /// Numbers, from 0 unless they are amounts, which may be negative (a correction of pay takes back what was paid).
  func numbers(_ name: String, _ problems: inout ProblemList, areAmounts: Bool = false) -> [Double] {
    guard case .numbers(let values, let traits) = columns[names.firstIndex(of: name)!] else {
      preconditionFailure("a column of texts")
    }
    if traits.contains(.failed) { noteTexts(in: name, &problems) }
    if areAmounts {
      if traits.contains(.hasMark) { noteThousands(in: name, values, &problems) }
      return values
    }
    for (row, value) in values.enumerated() where value < 0 {
      problems.append(problem(row, name, "a negative number", "a number from 0 expected"))
    }
    return values
  }

  /// Refuses amounts that all have three digits behind their point: 12.345 is as well twelve thousand kroner. Hours and percentages
  /// of thousands are out of any range.
  private func noteThousands(in name: String, _ values: [Double], _ problems: inout ProblemList) {
    guard file.pointsAreInDoubt, DelimitedFile.mayBeThousands(values) else { return }
    let (codes, dictionary) = file.texts(ofColumn: name)
    let texts = dictionary.texts
    let marked = Set(texts.indices.filter { texts[$0].utf8.contains(DecimalMark.point.rawValue) })
    guard marked.allSatisfy({ GroupedNumber.couldBeThousands(texts[$0], mark: .point) }),
      let first = codes.firstIndex(where: { marked.contains(Int($0)) })
    else { return }
    problems.append(
      problem(
        first, name,
        "a point before three digits in every amount that has one, which may be a decimal point or a thousands mark",
        "amounts without thousands marks expected"))
  }

  /// Names the rows of a column that are no numbers; reads it again, which happens only on the way to an error.
  private func noteTexts(in name: String, _ problems: inout ProblemList) {
    let (codes, dictionary) = file.texts(ofColumn: name)
    let missing = MissingTexts([])
    let texts = dictionary.texts
    for (row, code) in codes.enumerated()
    where !missing.contains(texts[Int(code)]) && DecimalNumber.parse(texts[Int(code)], mark: .point) == nil {
      problems.append(
        problem(
          row, name, ColumnReader.kind(of: texts[Int(code)]), "a number with a decimal point expected"))
    }
  }

  /// Notes the rows whose end is before their start, or which have none and start after the register's last day.
  func checkOrder(
    _ start: [Int32], _ end: [Int32], extractDay: Int32?, what: String, _ problems: inout ProblemList
  ) {
    for row in start.indices where start[row] != Column.missingDay {
      if end[row] == Column.missingDay {
        guard let extractDay, start[row] > extractDay else { continue }
        problems.append(
          problem(
            row, "start", "\(what) without an end that starts after the extract date",
            "a start up to \(CalendarDay(number: extractDay).iso) expected"))
      } else if end[row] < start[row] {
        problems.append(
          problem(row, "end", "an end before the start", "an end on or after the start expected"))
      }
    }
  }
}

extension DelimitedFile {
  /// A column as texts, read by itself: only on the way to an error.
  ///
  /// - Precondition: the file has the column, and was read without a breach of the grammar.
  func texts(ofColumn name: String) -> (codes: [Int32], dictionary: ByteDictionary) {
    guard let position = names.firstIndex(of: name),
      let scan = try? TableScan.run(self, [ColumnRequest(position: position, kind: .text)])
    else { preconditionFailure("a column that was read before") }
    return scan.columns[0].texts
  }
}
