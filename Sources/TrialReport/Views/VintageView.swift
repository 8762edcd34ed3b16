import Serialisation
import TrialAnalysis
import TrialData

/// What changed between two states of a trial's files, for people and for programs. Values are persons' data and stand there only
/// where they are asked for.
public struct VintageView: Sendable {
  private let comparison: VintageComparison
  private let old: String
  private let new: String
  private let showsValues: Bool

  /// - Parameters:
  ///   - old: what the old state is called.
  ///   - new: what the new state is called.
  ///   - showsValues: true to name values.
  public init(_ comparison: VintageComparison, old: String, new: String, showsValues: Bool) {
    self.comparison = comparison
    self.old = old
    self.new = new
    self.showsValues = showsValues
  }

  // MARK: Text

  /// The comparison for people.
  public var text: String {
    var lines = ["\(old) → \(new)", ""]
    lines += comparison.files.map(line)
    if comparison.planChanged { lines.append("the plan differs; each state is derived by its own") }
    if comparison.codebookChanged { lines.append("the codebook differs") }
    lines.append("")
    guard comparison.differs else {
      lines.append("No difference in \(comparison.participantCount) participants.")
      return lines.joined(separator: "\n") + "\n"
    }
    lines.append("\(comparison.participants.count) of \(comparison.participantCount) participants differ")
    lines += summary
    lines.append("")
    lines += comparison.participants.flatMap(self.lines)
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ file: VintageComparison.FileState) -> String {
    switch (file.old, file.new) {
    case (let old?, let new?) where old.sha256 == new.sha256: "\(new.file): the same \(new.rows) rows"
    case (let old?, let new?): "\(new.file): \(old.rows) → \(new.rows) rows"
    case (let old?, nil): "\(old.file): \(old.rows) rows in the old state alone"
    case (nil, let new?): "\(new.file): \(new.rows) rows in the new state alone"
    case (nil, nil): file.name
    }
  }

  /// How many participants differ, by what.
  private var summary: [String] {
    var lines: [String] = []
    for presence in [VintageComparison.Participant.Presence.added, .removed] {
      let count = comparison.participants.count { $0.presence == presence }
      if count > 0 { lines.append("  \(presence.rawValue): \(count)") }
    }
    for file in comparison.files {
      let count = comparison.participants.count { $0.rows.contains { $0.file == file.name } }
      if count > 0 { lines.append("  \(file.name): \(count)") }
    }
    for outcome in comparison.outcomes where outcome.participants > 0 {
      lines.append("  outcome \(outcome.name): \(outcome.participants)")
    }
    let moved = comparison.participants.count { !$0.joined.isEmpty || !$0.left.isEmpty }
    if moved > 0 { lines.append("  analysis sets: \(moved)") }
    return lines
  }

  private func lines(_ participant: VintageComparison.Participant) -> [String] {
    if participant.presence != .changed { return ["\(participant.id): \(participant.presence.rawValue)"] }
    var parts = participant.rows.map(phrase)
    if !participant.outcomes.isEmpty {
      // Without the rows' keys, which are dates and establishments.
      let names = participant.outcomes.map(\.name)
      let distinct = names.indices.filter { names.firstIndex(of: names[$0]) == $0 }.map { names[$0] }
      parts.append("outcomes " + distinct.joined(separator: ", "))
    }
    if !participant.joined.isEmpty { parts.append("joins " + participant.joined.joined(separator: ", ")) }
    if !participant.left.isEmpty { parts.append("leaves " + participant.left.joined(separator: ", ")) }
    var lines = ["\(participant.id): " + parts.joined(separator: "; ")]
    if showsValues {
      for change in participant.rows.flatMap(\.values) + participant.outcomes {
        lines.append("    \(change.place): \(change.old ?? "NA") → \(change.new ?? "NA")")
      }
    }
    return lines
  }

  private func phrase(_ rows: VintageComparison.RowChanges) -> String {
    var parts: [String] = []
    if rows.added > 0 { parts.append("\(rows.added) added") }
    if rows.removed > 0 { parts.append("\(rows.removed) removed") }
    if rows.changed > 0 { parts.append("\(rows.changed) changed (\(rows.columns.joined(separator: ", ")))") }
    return "\(rows.file) " + parts.joined(separator: ", ")
  }

  // MARK: JSON

  /// The comparison for programs.
  public var json: JSONValue {
    [
      "old": .string(old), "new": .string(new), "differs": .bool(comparison.differs),
      "planChanged": .bool(comparison.planChanged), "codebookChanged": .bool(comparison.codebookChanged),
      "files": .array(comparison.files.map(json)),
      "participantCount": .integer(comparison.participantCount),
      "outcomes": .array(
        comparison.outcomes.map { ["name": .string($0.name), "participants": .integer($0.participants)] }),
      "participants": .array(comparison.participants.map(json)),
    ]
  }

  private func json(_ file: VintageComparison.FileState) -> JSONValue {
    func state(_ provenance: TrialDataset.Provenance?) -> JSONValue {
      guard let provenance else { return .null }
      return [
        "file": .string(provenance.file), "sha256": .string(provenance.sha256),
        "rows": .integer(provenance.rows),
      ]
    }
    return ["name": .string(file.name), "old": state(file.old), "new": state(file.new)]
  }

  private func json(_ participant: VintageComparison.Participant) -> JSONValue {
    [
      "id": .string(participant.id), "status": .string(participant.presence.rawValue),
      "files": .array(
        participant.rows.map { rows in
          [
            "name": .string(rows.file), "added": .integer(rows.added), "removed": .integer(rows.removed),
            "changed": .integer(rows.changed), "columns": .strings(rows.columns),
            "values": showsValues ? .array(rows.values.map(json)) : .null,
          ]
        }),
      "outcomes": .array(participant.outcomes.map(json)), "joins": .strings(participant.joined),
      "leaves": .strings(participant.left),
    ]
  }

  private func json(_ change: VintageComparison.ValueChange) -> JSONValue {
    var members: [JSONValue.Member] = [.init("name", .string(change.name))]
    // A row's key is a date or an establishment: a value as any other.
    if showsValues {
      members += [
        .init("row", .string(change.row)), .init("old", .string(change.old)),
        .init("new", .string(change.new)),
      ]
    }
    return .object(members)
  }
}

extension VintageComparison.ValueChange {
  /// The variable, with its row where a participant has several.
  fileprivate var place: String { row.map { "\(name) (\($0))" } ?? name }
}
