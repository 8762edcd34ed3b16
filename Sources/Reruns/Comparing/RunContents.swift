import Serialisation
import TrialData

/// What a run says, in parts that can be set beside those of another run: records, cells of tables, figures.
public struct RunContents: Sendable {
  /// A cell of a table, or words of one (its title, its notes).
  public struct Cell: Sendable, Equatable {
    public var table: String
    /// The row's label; empty for words.
    public var row: String
    /// The column's label, or the kind of words.
    public var column: String
    /// As a reader sees it.
    public var text: String
    /// The records its values come from.
    public var records: [String]

    /// `table:row:column`.
    public var name: String { row.isEmpty ? "\(table): \(column)" : "\(table):\(row):\(column)" }
  }

  /// The ids of the records in their order.
  public let ids: [String]
  public let records: [String: JSONValue]
  /// The cells in the order of the tables, by a key that is unique.
  public let cells: [(key: String, cell: Cell)]
  /// The text of each figure, by its path.
  public let figures: [String: String]

  /// - Parameters:
  ///   - files: texts by their path below the folder of a run.
  ///   - directory: the folder, for messages.
  /// - Throws: `DataError` where one of them is no JSON.
  public init(files: [String: String], in directory: String = "") throws(DataError) {
    let records = try Self.json(files, "results.json", directory)?["results"]?.elements ?? []
    ids = records.compactMap { $0["id"]?.text }
    var byID: [String: JSONValue] = [:]
    for record in records { if let id = record["id"]?.text { byID[id] = record } }
    self.records = byID
    var cells: [(String, Cell)] = []
    for path in files.keys.sorted() where path.hasPrefix("tables/") && path.hasSuffix(".json") {
      if let table = try Self.json(files, path, directory) { cells += Self.cells(of: table) }
    }
    self.cells = cells
    figures = files.filter { $0.key.hasPrefix("figures/") }
  }

  /// The contents of a run that was just carried out.
  public init(_ run: TrialRun) throws(DataError) {
    var files: [String: String] = [:]
    for file in run.files(.compact) { files[file.path] = file.text }
    try self.init(files: files)
  }

  private static func json(
    _ files: [String: String], _ path: String, _ directory: String
  ) throws(DataError) -> JSONValue? {
    guard let text = files[path] else { return nil }
    do {
      return try JSONValue(parsing: text)
    } catch {
      let file = directory.isEmpty ? path : directory.appending(path: path)
      throw DataError([DataProblem(file: file, found: "\(error)", expected: "JSON expected")])
    }
  }

  private static func cells(of table: JSONValue) -> [(String, Cell)] {
    let id = table["id"]?.text ?? ""
    var seen: [String: Int] = [:]
    var result: [(String, Cell)] = []
    func add(_ key: String, _ cell: Cell) {
      // Names of rows may repeat under different headings; the count of earlier ones tells them apart.
      let count = seen[key, default: 0]
      seen[key] = count + 1
      result.append((count == 0 ? key : "\(key)#\(count)", cell))
    }
    func words(_ kind: String, _ text: String) {
      add("\(id):\(kind)", Cell(table: id, row: "", column: kind, text: text, records: []))
    }
    words("title", table["title"]?.text ?? "")
    let columns = table["columns"]?.elements ?? []
    for column in columns { words("heading \(column["name"]?.text ?? "")", heading(column)) }
    for row in table["rows"]?.elements ?? [] {
      let name = row["name"]?.text ?? ""
      let label = row["label"]?.text ?? ""
      words("row \(name)", label)
      for (column, cell) in zip(columns, row["cells"]?.elements ?? []) {
        let marks = (cell["notes"]?.elements ?? []).compactMap(\.text)
        let text = (cell["text"]?.text ?? "") + (marks.isEmpty ? "" : " [\(marks.joined(separator: ","))]")
        add(
          "\(id):\(name):\(column["name"]?.text ?? "")",
          Cell(
            table: id, row: label, column: heading(column), text: text,
            records: (cell["records"]?.elements ?? []).compactMap(\.text)))
      }
    }
    for note in table["notes"]?.elements ?? [] { words("note", note["text"]?.text ?? "") }
    return result
  }

  private static func heading(_ column: JSONValue) -> String {
    [column["spanner"]?.text, column["label"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: ": ")
  }
}
