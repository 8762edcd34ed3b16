import ModelFormula
import TrialData

/// One state of a trial's files as a comparison reads it: by participant, with source and derived columns told apart.
struct VintageState {
  /// One row of a file.
  struct Row {
    /// What names the row among its participant's; empty where nothing does.
    var key: [String?]
    /// The file's own columns, then the derived ones.
    var source: [(name: String, value: String?)]
    var derived: [(name: String, value: String?)]
  }

  /// A file's columns as texts.
  private struct File {
    var provenance: TrialDataset.Provenance
    var key: [String]
    var source: [(name: String, texts: [String?])]
    var derived: [(name: String, texts: [String?])]
    /// For each participant the rows.
    var rows: [[Int]]
  }

  /// The participants' keys in the file's order.
  let ids: [String]
  /// The plan's names of the files, in its order.
  let files: [String]
  let sets: [String]
  private let rowOfID: [String: Int]
  private let byName: [String: File]
  private let members: [String: [Bool]]

  init(_ data: PlanRunner.PreparedData) {
    let frames = data.frames
    let plan = data.plan
    let texts = Self.texts(frames.participants[plan.participants.key.value])
    ids = texts.map { $0 ?? "" }
    rowOfID = Dictionary(ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    sets = plan.sets.map(\.id.value)
    members = frames.sets.mapValues(\.members)
    var byName: [String: File] = [:]
    for planned in plan.files {
      guard let source = data.dataset[planned.file.value] else { continue }
      let long = frames.files[planned.name]
      let frame = long?.frame ?? frames.participants
      let made = [TrialFrames.armColumn, TrialFrames.visitColumn]
      let derived = frame.names.filter { source.frame[$0] == nil && !made.contains($0) }
      var rows = [[Int]](repeating: [], count: frames.participants.rowCount)
      if let long {
        for (row, participant) in long.participant.enumerated() { rows[participant].append(row) }
      } else {
        for row in rows.indices { rows[row] = [row] }
      }
      byName[planned.name] = File(
        provenance: source.provenance, key: Self.rowKey(planned, plan, source),
        source: source.frame.names.map { ($0, Self.texts(source.frame[$0])) },
        derived: derived.map { ($0, Self.texts(frame[$0])) }, rows: rows)
    }
    self.byName = byName
    files = plan.files.map(\.name).filter { byName[$0] != nil }
  }

  /// What names a row among its participant's: the file's key without the participant's, a visit, a spell's establishment
  /// and start, a month.
  private static func rowKey(_ planned: DataFilePlan, _ plan: Plan, _ source: TrialDataset.File) -> [String] {
    let declared = source.codebook.key.filter { $0 != planned.key.value }
    if !declared.isEmpty { return declared }
    if let visits = planned.visits { return [visits.column.value] }
    for step in plan.derivations {
      switch step {
      case .employment(let employment) where employment.spells.value == planned.name:
        return ["establishment", "start"]
      case .employment(let employment) where employment.absences?.file.value == planned.name:
        return ["establishment", "start"]
      case .employment(let employment) where employment.pay?.file.value == planned.name:
        return ["establishment", employment.pay?.month.value ?? ""].filter { source.frame[$0] != nil }
      case .total(let total) where total.file.value == planned.name:
        return ["establishment", total.month.value].filter { source.frame[$0] != nil }
      default: continue
      }
    }
    return []
  }

  func provenance(_ file: String) -> TrialDataset.Provenance? { byName[file]?.provenance }

  func row(of id: String) -> Int? { rowOfID[id] }

  /// The names of the derived columns of all files.
  var derivedNames: [String] { files.flatMap { byName[$0]!.derived.map(\.name) } }

  func isMember(_ participant: Int, of set: String) -> Bool { members[set]?[participant] ?? false }

  /// A participant's rows of a file, in the file's order.
  func rows(of participant: Int, in name: String) -> [Row] {
    guard let file = byName[name] else { return [] }
    return file.rows[participant].map { row in
      let source = file.source.map { (name: $0.name, value: $0.texts[row]) }
      let key = file.key.map { part in source.first { $0.name == part }?.value }
      return Row(key: key, source: source, derived: file.derived.map { ($0.name, $0.texts[row]) })
    }
  }

  /// Values as texts that differ where the values do; nil for a missing one.
  private static func texts(_ column: Column?) -> [String?] {
    switch column {
    case .numeric(let values)?:
      values.map { value in
        value.isNaN ? nil : value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
      }
    case .categorical(let codes, let levels)?: codes.map { $0 < 0 ? nil : levels[Int($0)] }
    case .date(let days)?: days.map { $0 == Column.missingDay ? nil : CalendarDay(number: $0).iso }
    case .text(let texts)?: texts
    case nil: []
    }
  }
}

/// Finds, among a participant's rows of one file in two states, those that are the same, changed, removed and added.
struct RowMatching {
  private(set) var changes: VintageComparison.RowChanges
  /// The derived values that differ in rows that are in both states.
  private(set) var derived: [VintageComparison.ValueChange] = []

  init(old: [VintageState.Row], new: [VintageState.Row], file: String) {
    changes = VintageComparison.RowChanges(file: file)
    var open = Array(new.indices)
    var rest: [Int] = []
    for (i, row) in old.enumerated() {
      if let place = open.firstIndex(where: { Self.values(new[$0]) == Self.values(row) }) {
        compareDerived(row, new[open.remove(at: place)])
      } else {
        rest.append(i)
      }
    }
    // A single row of a participant is that participant's, whatever differs in it.
    let isAlone = old.count == 1 && new.count == 1
    for i in rest {
      let row = old[i]
      let match = open.firstIndex { isAlone && row.key.isEmpty || !row.key.isEmpty && new[$0].key == row.key }
      guard let match else {
        changes.removed += 1
        continue
      }
      let other = new[open.remove(at: match)]
      changes.changed += 1
      compareSource(row, other)
      compareDerived(row, other)
    }
    changes.added = open.count
  }

  private static func values(_ row: VintageState.Row) -> [String: String] {
    var values: [String: String] = [:]
    for (name, value) in row.source { values[name] = value }
    return values
  }

  private mutating func compareSource(_ old: VintageState.Row, _ new: VintageState.Row) {
    changes.values += Self.differences(old.source, new.source, row: Self.name(old))
  }

  private mutating func compareDerived(_ old: VintageState.Row, _ new: VintageState.Row) {
    derived += Self.differences(old.derived, new.derived, row: Self.name(old))
  }

  private static func name(_ row: VintageState.Row) -> String? {
    row.key.isEmpty ? nil : row.key.map { $0 ?? "NA" }.joined(separator: " ")
  }

  private static func differences(
    _ old: [(name: String, value: String?)], _ new: [(name: String, value: String?)], row: String?
  ) -> [VintageComparison.ValueChange] {
    (old.map(\.name) + new.map(\.name)).distinct.compactMap { name in
      let before = old.first { $0.name == name }?.value
      let after = new.first { $0.name == name }?.value
      if before == after { return nil }
      return VintageComparison.ValueChange(name: name, row: row, old: before, new: after)
    }
  }
}
