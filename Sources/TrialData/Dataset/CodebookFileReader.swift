import ModelFormula

/// Reads one file as its codebook describes it and checks every value.
struct CodebookFileReader {
  /// A checked file with what is wrong in it.
  struct Result {
    var file: TrialDataset.File
    var problems: ProblemList
    var warnings: ProblemList
  }

  let path: String
  let description: CodebookFile
  let showValues: Bool
  private let source: DelimitedFile
  private let sha256: String

  init(path: String, description: CodebookFile, showValues: Bool) throws(DataError) {
    self.path = path
    self.description = description
    self.showValues = showValues
    let bytes = try FileBytes(path: path)
    sha256 = bytes.sha256
    source = try DelimitedFile(bytes, path: path, options: description.reading)
  }

  /// - Throws: `DataError` where the file cannot be read as a table or lacks declared columns; violations of single values
  ///   are in the result.
  func read() throws(DataError) -> Result {
    let present = try presentColumns()
    // Every column, declared or not, is screened for what identifies a person.
    let scanned = try TableScan.run(
      source, source.names.indices.map { ColumnRequest(position: $0, kind: .text) })
    var problems = screen(scanned.columns, scanned.lines)
    var warnings = undeclaredColumns()
    for problem in source.damagedLetters() { warnings.append(problem) }
    for footer in source.footers(scanned.lines) { warnings.append(footer) }
    for line in source.emptyRows(scanned.columns, scanned.lines) {
      warnings.append(
        DataProblem(
          file: path, line: line, found: "a row without a value in any column",
          expected: "taken as a row of data",
          rule: "empty-row"))
    }
    var frame = DataFrame([], rowCount: scanned.lines.count, lines: scanned.lines)
    var missing: [String: [Int: MissingKind]] = [:]
    var raw: [TrialDataset.RawColumn] = []
    for column in present {
      guard let position = source.names.firstIndex(of: column.name) else { continue }
      let (codes, distinct) = scanned.columns[position].texts
      let texts = distinct.texts
      raw.append(TrialDataset.RawColumn(name: column.name, codes: codes, texts: texts))
      var typing = DeclaredColumn(
        column: column, codes: codes, texts: texts, lines: scanned.lines, path: path,
        delimiter: source.delimiter, showValues: showValues)
      frame[column.name] = typing.values()
      problems.append(contentsOf: typing.problems)
      warnings.append(contentsOf: typing.warnings)
      if !typing.missing.isEmpty { missing[column.name] = typing.missing }
    }
    checkKey(frame, &problems)
    for rule in description.rules where rule.check.names.allSatisfy({ frame[$0] != nil }) {
      for problem in RuleCheck(frame: frame, path: path).violations(of: rule) {
        if rule.severity == .error { problems.append(problem) } else { warnings.append(problem) }
      }
    }
    checkAnswers(frame, &problems)
    problems.sortByLine()
    warnings.sortByLine()
    let provenance = TrialDataset.Provenance(
      file: description.file, sha256: sha256, rows: scanned.lines.count, encoding: source.encoding,
      delimiter: source.delimiter)
    return Result(
      file: TrialDataset.File(
        codebook: description, frame: frame, provenance: provenance, missing: missing, raw: raw),
      problems: problems, warnings: warnings)
  }

  /// Every answer must be one that the scales' items allow. A cell that broke another rule is named once, and a scale of optional
  /// columns that the file lacks waits until somebody asks for its score.
  private func checkAnswers(_ frame: DataFrame, _ problems: inout ProblemList) {
    func place(_ problem: DataProblem) -> String { "\(problem.line ?? 0):\(problem.column ?? "")" }
    var named = Set(problems.problems.map(place))
    for scale in description.scales where scale.columns.allSatisfy({ frame[$0] != nil }) {
      do {
        _ = try scale.scored(frame, file: path, showValues: showValues)
      } catch {
        let others = error.problems.filter { named.insert(place($0)).inserted }
        problems.append(contentsOf: others, omitted: error.omitted)
      }
    }
  }

  /// The declared columns that the file has.
  private func presentColumns() throws(DataError) -> [CodebookColumn] {
    let absent = description.columns.filter { !source.names.contains($0.name) && !$0.isOptional }
    if !absent.isEmpty {
      throw DataError(
        absent.map { column in
          let near = nearest(to: column.name, among: source.names).filter { description[$0] == nil }
          let hint = near.first.map { " (the file has '\($0)')" } ?? ""
          return DataProblem(
            file: path, line: 1, column: column.name, found: "no such column",
            expected: "a column that the codebook declares expected\(hint)", rule: "columns")
        })
    }
    return description.columns.filter { source.names.contains($0.name) }
  }

  private func screen(_ columns: [ScannedColumn], _ lines: [Int]) -> ProblemList {
    let screen = PrivacyScreen(lines: lines)
    var problems = ProblemList()
    for (name, column) in zip(source.names, columns) {
      let subject = PrivacyScreen.Subject(
        name: name, codes: column.texts.codes, texts: column.texts.dictionary.texts,
        type: description[name]?.type,
        allowed: description[name]?.allowed ?? [])
      for finding in screen.findings(in: subject) { problems.append(finding.problem(in: path)) }
    }
    return problems
  }

  private func undeclaredColumns() -> ProblemList {
    var warnings = ProblemList()
    for name in source.names where description[name] == nil {
      warnings.append(
        DataProblem(
          file: path, line: 1, column: name, found: "a column that the codebook does not declare",
          expected: "not read", rule: "columns"))
    }
    return warnings
  }

  /// No two rows may have the same key, and no key may be missing.
  private func checkKey(_ frame: DataFrame, _ problems: inout ProblemList) {
    guard !description.key.isEmpty else { return }
    let columns = description.key.compactMap { frame[$0] }
    guard columns.count == description.key.count else { return }
    let name = description.key.joined(separator: "+")
    var first: [RowKey: Int] = [:]
    for row in 0..<frame.rowCount {
      guard let key = RowKey(columns, row: row) else {
        problems.append(
          DataProblem(
            file: path, line: frame.lines?[row], column: name, found: "a row whose key is missing",
            expected: "a key in every row expected", rule: "key"))
        continue
      }
      if let earlier = first[key] {
        problems.append(
          DataProblem(
            file: path, line: frame.lines?[row], column: name,
            found: "the key of line \(frame.lines?[earlier] ?? 0) again" + (showValues ? " (\(key))" : ""),
            expected: "distinct keys expected", rule: "key"))
      } else {
        first[key] = row
      }
    }
  }
}

/// The values of a row's key columns, comparable between files.
struct RowKey: Hashable, CustomStringConvertible {
  private let parts: [String]

  /// Nil where a part is missing.
  init?(_ columns: [Column], row: Int) {
    var parts: [String] = []
    for column in columns {
      guard !column.isMissing(at: row) else { return nil }
      switch column {
      case .numeric(let values): parts.append(NumberWriter.text(values[row]))
      case .categorical(let codes, let levels): parts.append(levels[Int(codes[row])])
      case .date(let days): parts.append(CalendarDay(number: days[row]).iso)
      case .text(let texts): parts.append(texts[row]!)
      }
    }
    self.parts = parts
  }

  var description: String { parts.joined(separator: ", ") }
}

/// One declared column of a file: its texts become values, its rows are checked.
struct DeclaredColumn {
  let column: CodebookColumn
  let codes: [Int32]
  let texts: [String]
  let lines: [Int]
  let path: String
  let delimiter: Delimiter
  let showValues: Bool
  private(set) var problems = ProblemList()
  private(set) var warnings = ProblemList()
  private(set) var missing: [Int: MissingKind] = [:]

  init(
    column: CodebookColumn, codes: [Int32], texts: [String], lines: [Int], path: String, delimiter: Delimiter,
    showValues: Bool
  ) {
    self.column = column
    self.codes = codes
    self.texts = texts
    self.lines = lines
    self.path = path
    self.delimiter = delimiter
    self.showValues = showValues
  }

  /// The typed column; a value out of range stands in it as it is, any other that breaks a rule is missing.
  mutating func values() -> Column {
    let reader = ColumnReader(
      column: column, decimalMark: decideDecimalMark(), dateOrder: decideDateOrder(), showValues: showValues)
    let values = texts.map(reader.value)
    for (row, code) in codes.enumerated() {
      switch values[Int(code)] {
      case .missing(let kind):
        missing[row] = kind
        if column.isRequired {
          note(
            row, "required", found: "a missing value", expected: "a value in every row expected",
            always: false)
        }
      case .violation(let violation):
        note(
          row, violation.rule, found: violation.found, expected: violation.expected,
          always: violation.isAlwaysError)
      default: break
      }
    }
    if column.isUnique { checkUnique(values) }
    return typed(values)
  }

  private func typed(_ values: [ColumnReader.Value]) -> Column {
    switch column.type {
    case .numeric, .integer:
      let numbers = values.map { $0.number ?? .nan }
      return .numeric(codes.map { numbers[Int($0)] })
    case .categorical:
      let levels = values.map { if case .level(let level) = $0 { level } else { Column.missingCode } }
      return .categorical(codes: codes.map { levels[Int($0)] }, levels: column.levels.map(\.value))
    case .date:
      let days = values.map { $0.number.map { Int32($0) } ?? Column.missingDay }
      return .date(codes.map { days[Int($0)] })
    case .text, .id:
      let strings = values.map { value -> String? in if case .text(let text) = value { text } else { nil } }
      return .text(codes.map { strings[Int($0)] })
    }
  }

  private mutating func note(_ row: Int, _ rule: String, found: String, expected: String, always: Bool) {
    let problem = DataProblem(
      file: path, line: lines[row], column: column.name, found: found, expected: expected, rule: rule)
    if always || column.severity == .error { problems.append(problem) } else { warnings.append(problem) }
  }

  private mutating func checkUnique(_ values: [ColumnReader.Value]) {
    var first: [String: Int] = [:]
    for (row, code) in codes.enumerated() {
      let text: String
      switch values[Int(code)] {
      case .missing: continue
      case .level, .text: text = ColumnReader.trimmed(texts[Int(code)])
      case let value:
        guard let number = value.number else { continue }
        text = column.type == .date ? CalendarDay(number: Int32(number)).iso : NumberWriter.text(number)
      }
      if let earlier = first[text] {
        note(
          row, "unique",
          found: "the value of line \(lines[earlier]) again" + (showValues ? " ('\(text)')" : ""),
          expected: "distinct values expected", always: false)
      } else {
        first[text] = row
      }
    }
  }

  // MARK: What the column itself decides

  /// The declared decimal mark, or the one that the numbers use; a column whose numbers can be read with either stops the
  /// run.
  private mutating func decideDecimalMark() -> DecimalMark {
    guard column.type == .numeric || column.type == .integer else { return .point }
    if let declared = column.decimalMark { return declared }
    if column.thousandsMark == .point { return .comma }
    if column.thousandsMark == .comma { return .point }
    let present = texts.filter { !$0.isEmpty && column.missing[ColumnReader.trimmed($0)] == nil }
    let commas = present.filter { $0.utf8.contains(DecimalMark.comma.rawValue) }
    let points = present.filter { $0.utf8.contains(DecimalMark.point.rawValue) }
    // In a comma-delimited file nobody writes a decimal comma, so that points are decimal points.
    let onlyGroups = points.allSatisfy { GroupedNumber.couldBeThousands($0, mark: .point) }
    if commas.isEmpty, points.isEmpty || !onlyGroups || delimiter == .comma { return .point }
    if points.isEmpty, !commas.allSatisfy({ GroupedNumber.couldBeThousands($0, mark: .comma) }) {
      return .comma
    }
    let marked = commas.isEmpty ? points : commas
    let first = codes.firstIndex { marked.contains(texts[Int($0)]) } ?? 0
    let found =
      if commas.isEmpty {
        "a point before three digits in every number that has one, which may be a decimal point or a thousands mark"
      } else if points.isEmpty {
        "a comma before three digits in every number that has one, which may be a decimal comma or a thousands mark"
      } else {
        "decimal commas and decimal points in one column"
      }
    problems.append(
      DataProblem(
        file: path, line: lines[first], column: column.name, found: found,
        expected: "a declared mark expected (decimal, thousands)", rule: "decimal"))
    return .point
  }

  /// The declared order of dates, or the one that the dates show.
  private mutating func decideDateOrder() -> DateOrder? {
    guard column.type == .date else { return nil }
    if let declared = column.dateOrder { return declared }
    switch DateText.order(of: texts) {
    case .yearFirst: return nil
    case .decided(let order, _): return order
    case .ambiguous:
      let first = codes.firstIndex { DateText.parts(texts[Int($0)]).map { !$0.yearFirst } ?? false } ?? 0
      problems.append(
        DataProblem(
          file: path, line: lines[first], column: column.name,
          found: "dates that can be read day first and month first, in every row",
          expected: "a declared order expected (date-order: dmy or mdy)", rule: "date-order"))
      return .dmy
    case .contradictory(let dmy, let mdy):
      func line(_ text: Int) -> Int { codes.firstIndex { Int($0) == text }.map { lines[$0] } ?? 0 }
      problems.append(
        DataProblem(
          file: path, line: line(mdy), column: column.name,
          found: "a date that is month first beside one on line \(line(dmy)) that is day first",
          expected: "one order in a column expected", rule: "date-order"))
      return .dmy
    }
  }
}
