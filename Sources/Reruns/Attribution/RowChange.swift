import ModelFormula
import TrialAnalysis
import TrialData

/// A participant's rows of a data file that two runs read differently: which, by key and column, never what they hold.
public struct RowChange: Sendable, Equatable {
  public enum Kind: String, Sendable { case changed, added, removed }

  public var kind: Kind
  /// The participant's key.
  public var key: String
  /// The visit, in a file that has them.
  public var visit: String?
  /// The line in the file that has the row; in the first file where both have it.
  public var line: Int?
  /// The columns that differ in a changed row.
  public var columns: [String]

  /// `17, visit 6 (line 18): age, i1`.
  public var text: String {
    let what = kind == .changed ? ": " + columns.joined(separator: ", ") : " \(kind.rawValue)"
    return key + (visit.map { ", visit \($0)" } ?? "") + (line.map { " (line \($0))" } ?? "") + what
  }
}

/// How a data file differs between two runs.
public struct FileChange: Sendable, Equatable {
  public var file: String
  public var rows: [RowChange]
  /// Declared columns that only one of the files has.
  public var columns: [String]
  /// What is to be said beside the rows: another order, another form, no file at hand.
  public var note: String?

  /// Compares the two forms of a file as their codebooks describe them.
  ///
  /// Rows are matched by the participant's key and the visit; where a participant has several rows without visits, equal
  /// ones are matched first and the others in their order.
  /// - Parameters:
  ///   - file: the name of the file in the plan.
  ///   - plan: what names its key.
  static func between(
    _ file: String, _ old: RunIngredients, _ new: RunIngredients, plan: Plan
  ) throws -> FileChange {
    var change = FileChange(file: file, rows: [], columns: [])
    guard let planned = plan.files.first(where: { $0.file.value == file }),
      let a = try KeyedRows(file, old, planned), let b = try KeyedRows(file, new, planned)
    else {
      change.note = "the rows cannot be matched"
      return change
    }
    change.columns = a.names.filter { !b.names.contains($0) } + b.names.filter { !a.names.contains($0) }
    let shared = a.names.filter(b.names.contains)
    for key in a.order + b.order.filter({ a.rows[$0] == nil }) {
      change.rows += Self.rows(key, a, b, shared)
    }
    if change.rows.isEmpty, change.columns.isEmpty {
      change.note =
        a.order == b.order && a.flat == b.flat
        ? "the same values in another form, or columns that the codebook does not declare"
        : "the same rows in another order"
    }
    return change
  }

  private static func rows(
    _ key: KeyedRows.Key, _ a: KeyedRows, _ b: KeyedRows, _ shared: [String]
  ) -> [RowChange] {
    func row(_ kind: RowChange.Kind, _ line: Int?, _ columns: [String] = []) -> RowChange {
      RowChange(kind: kind, key: key.participant, visit: key.visit, line: line, columns: columns)
    }
    func differing(_ i: Int, _ j: Int) -> [String] {
      shared.filter { a.columns[$0]![i] != b.columns[$0]![j] }
    }
    var first = a.rows[key] ?? []
    var second = b.rows[key] ?? []
    // Equal rows stand for each other wherever they stand.
    for i in first {
      guard let j = second.first(where: { differing(i, $0).isEmpty }) else { continue }
      first.removeAll { $0 == i }
      second.removeAll { $0 == j }
    }
    let pairs = zip(first, second).map { row(.changed, a.lines?[$0], differing($0, $1)) }
    return pairs + first.dropFirst(second.count).map { row(.removed, a.lines?[$0]) }
      + second.dropFirst(first.count).map { row(.added, b.lines?[$0]) }
  }
}

/// The rows of a checked file by participant and visit.
private struct KeyedRows {
  struct Key: Hashable {
    var participant: String
    var visit: String?
  }

  let names: [String]
  /// Every value as a text.
  let columns: [String: [String?]]
  let lines: [Int]?
  /// The keys in the order of their first rows.
  private(set) var order: [Key] = []
  private(set) var rows: [Key: [Int]] = [:]

  /// - Returns: nil where the codebook or the file does not have what the plan names.
  init?(_ file: String, _ ingredients: RunIngredients, _ planned: DataFilePlan) throws {
    guard let frame = try Self.frame(file, ingredients) else { return nil }
    names = frame.names
    var columns: [String: [String?]] = [:]
    for name in frame.names { columns[name] = frame[name].map(Self.texts) }
    self.columns = columns
    lines = frame.lines
    guard let keys = columns[planned.key.value] else { return nil }
    let visits = planned.visits.flatMap { columns[$0.column.value] }
    for row in 0..<frame.rowCount {
      let key = Key(participant: keys[row] ?? "(no key)", visit: visits?[row])
      if rows[key] == nil { order.append(key) }
      rows[key, default: []].append(row)
    }
  }

  /// The checked file, from its folder or from its vintage.
  private static func frame(_ file: String, _ ingredients: RunIngredients) throws -> DataFrame? {
    if let vintage = ingredients.vintage { return try vintage.extract().dataset()[file]?.frame }
    let codebook = try Codebook(yaml: ingredients.codebook.text, file: ingredients.codebook.path)
    guard let description = codebook[file] else { return nil }
    return try TrialDataset.load(
      path: ingredients.dataDirectory.appending(path: description.file), description: description
    ).file.frame
  }

  /// The rows as a sequence, for a look at their order.
  var flat: [Int] { order.flatMap { rows[$0]! } }

  private static func texts(_ column: Column) -> [String?] {
    switch column {
    case .text(let texts): texts
    case .categorical(let codes, let levels): codes.map { $0 < 0 ? nil : levels[Int($0)] }
    case .numeric(let values): values.map { $0.isNaN ? nil : $0.description }
    case .date(let days): days.map { $0 == Column.missingDay ? nil : String($0) }
    }
  }
}
