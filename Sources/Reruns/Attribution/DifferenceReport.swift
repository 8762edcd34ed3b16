import Serialisation

/// The difference of two runs as text and as JSON.
extension RunDifference {
  /// The changed records whose conclusion crossed over, with what it was.
  public var crossings: [(change: Change, record: RecordChange)] {
    changes.compactMap { change in
      guard case .record(let record) = change.subject, record.crossing != nil else { return nil }
      return (change, record)
    }
  }

  /// The report: conclusions that crossed first, then every change under its cause. Empty where nothing changed.
  public var text: String {
    guard !changes.isEmpty else { return "" }
    var lines: [String] = []
    for (change, record) in crossings {
      lines.append("conclusion: \(record.id): \(record.crossing!) (\(causeText(change)))")
    }
    if !lines.isEmpty { lines.append("") }
    for (causes, isAmbiguous, group) in groups {
      lines.append(heading(causes, isAmbiguous: isAmbiguous))
      for place in causes {
        guard case .data(let file) = ingredients[place] else { continue }
        for change in files where change.file == file { lines += Self.lines(change).map { "  | " + $0 } }
      }
      lines += group.map { "  " + Self.line($0) }
      lines.append("")
    }
    let idle = idleIngredients
    if !idle.isEmpty {
      lines.append("differs without changing anything:")
      lines += idle.map { "  \(ingredients[$0].text)" } + [""]
    }
    lines.removeLast()
    return lines.map { $0 + "\n" }.joined()
  }

  /// One line: how much changed and how the causes were found.
  public var verdict: String {
    func count(_ isOne: (Change.Subject) -> Bool) -> Int { changes.count { isOne($0.subject) } }
    let records = count { if case .record = $0 { true } else { false } }
    let cells = count { if case .cell = $0 { true } else { false } }
    let figures = changes.count - records - cells
    let how = basis == .reruns ? "one ingredient replaced at a time" : "hashes alone"
    return
      "\(records) records, \(cells) cells and \(figures) figures changed, \(crossings.count) conclusions crossed; causes by \(how)"
  }

  // MARK: Groups

  /// The changes by their causes, in the order in which those first appear.
  private var groups: [(causes: [Int], isAmbiguous: Bool, changes: [Change])] {
    var order: [[Int]] = []
    var byCause: [[Int]: [Change]] = [:]
    for change in changes {
      // Candidates and causes of the same places are told apart by their sign.
      let key = [change.isAmbiguous ? 1 : 0] + change.causes
      if byCause[key] == nil { order.append(key) }
      byCause[key, default: []].append(change)
    }
    return order.map { (Array($0.dropFirst()), $0[0] == 1, byCause[$0]!) }
  }

  /// Ingredients that differ and to which no change goes back.
  private var idleIngredients: [Int] {
    let active = Set(changes.flatMap(\.causes))
    return ingredients.indices.filter { !active.contains($0) }
  }

  private func heading(_ causes: [Int], isAmbiguous: Bool) -> String {
    switch causes.count {
    case 0:
      return "unexplained: the ingredients are the same, or a rerun does not give these results again"
    case 1: return ingredients[causes[0]].text
    default:
      let texts = causes.map { ingredients[$0].text }
      return (isAmbiguous ? "one of: " : "together: ") + texts.joined(separator: " · ")
    }
  }

  private func causeText(_ change: Change) -> String {
    heading(change.causes, isAmbiguous: change.isAmbiguous)
  }

  private static func lines(_ change: FileChange) -> [String] {
    let most = 50
    var lines = change.rows.prefix(most).map(\.text)
    if change.rows.count > most { lines.append("and \(change.rows.count - most) more rows") }
    if !change.columns.isEmpty {
      lines.append("columns in one file only: \(change.columns.joined(separator: ", "))")
    }
    return lines + [change.note].compactMap { $0 }
  }

  private static func line(_ change: Change) -> String {
    switch change.subject {
    case .record(let record):
      switch record.kind {
      case .changed: "\(record.id): " + record.fields.map(\.text).joined(separator: "; ")
      default: "\(record.id): \(record.kind.rawValue)"
      }
    case .cell(let name, let old, let new): "\(name) \(old ?? "nothing") → \(new ?? "nothing")"
    case .figure(let path): "\(path): changed"
    }
  }

  // MARK: JSON

  /// The report for scripts.
  public var json: JSONValue {
    [
      "runs": [.string(old.path), .string(new.path)], "basis": .string(basis.rawValue),
      "ingredients": .array(
        ingredients.enumerated().map { index, ingredient in
          [
            "index": .integer(index), "kind": .string(ingredient.kind.rawValue),
            "text": .string(ingredient.text),
          ]
        }),
      "files": .array(files.map(Self.json)), "changes": .array(changes.map(json)),
    ]
  }

  private static func json(_ change: FileChange) -> JSONValue {
    [
      "file": .string(change.file),
      "rows": .array(
        change.rows.map {
          [
            "kind": .string($0.kind.rawValue), "key": .string($0.key), "visit": .string($0.visit),
            "line": $0.line.map { .integer($0) } ?? .null, "columns": .strings($0.columns),
          ]
        }), "columns": .strings(change.columns), "note": .string(change.note),
    ]
  }

  private func json(_ change: Change) -> JSONValue {
    var members: [JSONValue.Member]
    switch change.subject {
    case .record(let record):
      members = [
        .init("record", .string(record.id)), .init("kind", .string(record.kind.rawValue)),
        .init(
          "fields", .array(record.fields.map { ["name": .string($0.name), "old": $0.old, "new": $0.new] })),
        .init("crossing", .string(record.crossing)),
      ]
    case .cell(let name, let old, let new):
      members = [
        .init("cell", .string(name)), .init("old", .string(old)), .init("new", .string(new)),
      ]
    case .figure(let path): members = [.init("figure", .string(path))]
    }
    members += [
      .init("causes", .array(change.causes.map { .integer($0) })),
      .init("cause", .string(causeText(change))), .init("ambiguous", .bool(change.isAmbiguous)),
    ]
    return .object(members)
  }
}
