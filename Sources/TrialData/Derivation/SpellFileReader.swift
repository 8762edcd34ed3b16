import ModelFormula

/// The spells' file of `hekta derive employment`.
struct SpellFileReader {
  private let register: RegisterFile
  private let definition: EmploymentDefinition
  private var unknownTypes: [String] = []

  init(_ file: DelimitedFile, roster: ParticipantRoster, definition: EmploymentDefinition) throws(DataError) {
    self.definition = definition
    var columns: [(name: String, kind: RegisterFile.Kind)] = [
      ("id", .participant), ("establishment", .key), ("start", .day), ("end", .day),
      ("position_pct", .number), ("full_time_hours", .number),
    ]
    if definition.types != nil { columns.append(("type", .text)) }
    register = try RegisterFile(file, roster: roster, columns: columns)
  }

  /// The establishments of the spells, for the other files that name them.
  var establishments: KeyedTexts { register.keys("establishment") }

  /// The spells that count, checked.
  mutating func spells(_ problems: inout ProblemList) -> EmploymentSpells {
    let participant = register.participants(&problems)
    register.checkPresent(
      "establishment", found: "no establishment",
      expected: "one in every row expected, since jobs are merged by it", &problems)
    let start = register.days("start", mayBeMissing: false, &problems)
    let end = register.days("end", mayBeMissing: true, &problems)
    let position = register.numbers("position_pct", &problems)
    let week = register.numbers("full_time_hours", &problems)
    register.checkOrder(start, end, extractDay: definition.extractDay, what: "a spell", &problems)
    let spells = EmploymentSpells(
      participant: participant, establishment: establishments.keys, start: start, end: end,
      positionPercent: position, fullTimeHours: week)
    guard problems.isEmpty, let types = definition.types else { return spells }
    return spells.selecting(ofTypes(types))
  }

  /// Notes on what the definition leaves open in these data.
  func warnings(inclusion: [Int32]) -> [DataProblem] {
    let path = register.file.path
    var warnings = unknownTypes.map {
      DataProblem(
        file: path, column: "type", found: "no spell of type '\($0)'", expected: "as --types names it")
    }
    if let extract = definition.extractDay {
      let later = inclusion.count { $0 != Column.missingDay && definition.window.end(from: $0) - 1 > extract }
      if later > 0 {
        warnings.append(
          DataProblem(
            file: path, found: "\(later) participants whose window ends after the extract date",
            expected: "their outcomes stop there"))
      }
    }
    return warnings
  }

  /// Which spells are of the types that count.
  private mutating func ofTypes(_ types: [String]) -> [Int] {
    let (codes, dictionary) = register.texts("type")
    let texts = dictionary.texts.map(ColumnReader.trimmed)
    unknownTypes = types.filter { !texts.contains($0) }
    let counts = texts.map(types.contains)
    return codes.indices.filter { counts[Int(codes[$0])] }
  }
}
