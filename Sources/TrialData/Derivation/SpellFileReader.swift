import ModelFormula

/// The spells' file of `hekta derive employment`.
struct SpellFileReader {
  private let file: DelimitedFile
  private let roster: ParticipantRoster
  private let definition: EmploymentDefinition
  private let columns: [ScannedColumn]
  private let lines: [Int]
  private var unknownTypes: [String] = []

  private static let texts = ["id", "establishment", "start", "end"]
  private static let numbers = ["position_pct", "full_time_hours"]

  init(_ file: DelimitedFile, roster: ParticipantRoster, definition: EmploymentDefinition) throws(DataError) {
    self.file = file
    self.roster = roster
    self.definition = definition
    let types = definition.types == nil ? [] : ["type"]
    let positions = try file.positions(of: Self.texts + Self.numbers + types)
    let requests = positions.enumerated().map { i, position in
      ColumnRequest(
        position: position, kind: i == 0 ? .known(roster.dictionary) : (4...5).contains(i) ? .number : .text)
    }
    let scan = try TableScan.run(file, requests)
    columns = scan.columns
    lines = scan.lines
  }

  /// The spells that count, checked.
  mutating func spells(_ problems: inout ProblemList) -> EmploymentSpells {
    let participant = participants(&problems)
    let establishment = establishments(&problems)
    let start = days(2, "start", mayBeMissing: false, &problems)
    let end = days(3, "end", mayBeMissing: true, &problems)
    let position = numbers(4, "position_pct", &problems)
    let week = numbers(5, "full_time_hours", &problems)
    checkOrder(start, end, &problems)
    let spells = EmploymentSpells(
      participant: participant, establishment: establishment, start: start, end: end,
      positionPercent: position,
      fullTimeHours: week)
    guard problems.isEmpty, let types = definition.types else { return spells }
    return spells.selecting(ofTypes(types))
  }

  /// Notes on what the definition leaves open in these data.
  func warnings(inclusion: [Int32]) -> [DataProblem] {
    var warnings = unknownTypes.map {
      DataProblem(
        file: file.path, column: "type", found: "no spell of type '\($0)'", expected: "as --types names it")
    }
    if let extract = definition.extractDay {
      let later = inclusion.count { $0 != Column.missingDay && definition.window.end(from: $0) - 1 > extract }
      if later > 0 {
        warnings.append(
          DataProblem(
            file: file.path, found: "\(later) participants whose window ends after the extract date",
            expected: "their outcomes stop there"))
      }
    }
    return warnings
  }

  private func codes(_ slot: Int) -> ([Int32], ByteDictionary) { columns[slot].texts }

  private func participants(_ problems: inout ProblemList) -> [Int32] {
    let rowOfCode = roster.rowOfCode
    let participants = codes(0).0.map { $0 < 0 ? -1 : rowOfCode[Int($0)] }
    if participants.contains(-1) {
      for (row, participant) in participants.enumerated() where participant < 0 {
        problems.append(
          DataProblem(
            file: file.path, line: lines[row], column: "id", found: "a participant who is not in the list",
            expected: "an id of the participants' file expected"))
      }
    }
    return participants
  }

  private func establishments(_ problems: inout ProblemList) -> [Int32] {
    let (codes, dictionary) = codes(1)
    let missing = MissingTexts([])
    let blank = (0..<dictionary.count).map { dictionary.withBytes(of: $0, missing.contains) }
    if blank.contains(true) {
      for (row, code) in codes.enumerated() where blank[Int(code)] {
        problems.append(
          DataProblem(
            file: file.path, line: lines[row], column: "establishment", found: "no establishment",
            expected: "one in every row expected, since jobs are merged by it"))
      }
    }
    return codes
  }

  private func days(
    _ slot: Int, _ name: String, mayBeMissing: Bool, _ problems: inout ProblemList
  ) -> [Int32] {
    let (codes, dictionary) = codes(slot)
    return DayColumn(codes, dictionary, mayBeMissing: mayBeMissing).days(
      file: file.path, column: name, lines: lines, &problems)
  }

  private func numbers(_ slot: Int, _ name: String, _ problems: inout ProblemList) -> [Double] {
    guard case .numbers(let values, let failed, _) = columns[slot] else {
      preconditionFailure("a column of texts")
    }
    if failed { noteTexts(in: name, &problems) }
    for (row, value) in values.enumerated() where value < 0 {
      problems.append(
        DataProblem(
          file: file.path, line: lines[row], column: name, found: "a negative number",
          expected: "a number from 0 expected"))
    }
    return values
  }

  /// Names the rows of a column that are no numbers; reads it again, which happens only on the way to an error.
  private func noteTexts(in name: String, _ problems: inout ProblemList) {
    guard let position = file.names.firstIndex(of: name),
      let scan = try? TableScan.run(file, [ColumnRequest(position: position, kind: .text)]),
      case .codes(let codes, let dictionary) = scan.columns[0]
    else { return }
    let missing = MissingTexts([])
    let texts = dictionary.texts
    for (row, code) in codes.enumerated()
    where !missing.contains(texts[Int(code)]) && DecimalNumber.parse(texts[Int(code)], mark: .point) == nil {
      problems.append(
        DataProblem(
          file: file.path, line: lines[row], column: name, found: ColumnReader.kind(of: texts[Int(code)]),
          expected: "a number with a decimal point expected"))
    }
  }

  private func checkOrder(_ start: [Int32], _ end: [Int32], _ problems: inout ProblemList) {
    for row in start.indices where start[row] != Column.missingDay {
      if end[row] == Column.missingDay {
        guard let extract = definition.extractDay, start[row] > extract else { continue }
        problems.append(
          DataProblem(
            file: file.path, line: lines[row], column: "start",
            found: "a spell without an end that starts after the extract date",
            expected: "a start up to \(CalendarDay(number: extract).iso) expected"))
      } else if end[row] < start[row] {
        problems.append(
          DataProblem(
            file: file.path, line: lines[row], column: "end", found: "an end before the start",
            expected: "an end on or after the start expected"))
      }
    }
  }

  /// Which spells are of the types that count.
  private mutating func ofTypes(_ types: [String]) -> [Int] {
    let (codes, dictionary) = codes(6)
    let texts = dictionary.texts.map(ColumnReader.trimmed)
    unknownTypes = types.filter { !texts.contains($0) }
    let counts = texts.map(types.contains)
    return codes.indices.filter { counts[Int(codes[$0])] }
  }
}

extension EmploymentSpells {
  /// The chosen spells, in the order given.
  public func selecting(_ rows: [Int]) -> EmploymentSpells {
    EmploymentSpells(
      participant: rows.map { participant[$0] }, establishment: rows.map { establishment[$0] },
      start: rows.map { start[$0] }, end: rows.map { end[$0] },
      positionPercent: rows.map { positionPercent[$0] }, fullTimeHours: rows.map { fullTimeHours[$0] })
  }
}
