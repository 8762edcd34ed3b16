import GRDB
import ModelFormula

/// One vintage of a store, whose files are read when they are asked for.
public struct StoredExtract {
  let store: TrialStore
  public let vintage: TrialStore.Vintage
  public let codebook: Codebook
  /// The codebook as it was imported.
  public let codebookText: String
  /// The plan that was imported with the files, where there was one.
  public let plan: TrialExtract.Document?

  /// The files as they were checked when they were imported.
  ///
  /// - Parameter files: the short names of the files to read; all where nil.
  /// - Throws: `DataError` where the store is damaged.
  public func dataset(files: [String]? = nil) throws -> TrialDataset {
    do {
      return try store.queue.read { database in
        var loaded: [TrialDataset.File] = []
        var warnings: [DataProblem] = []
        for description in codebook.files where files?.contains(description.name) ?? true {
          let reader = StoredFileReader(
            database: database, vintage: vintage.id, description: description, path: store.path)
          let (file, own) = try reader.read()
          loaded.append(file)
          warnings += own
        }
        let links = LinkCheck(files: loaded, directory: "", showValues: false).violations()
        return TrialDataset(
          codebook: codebook, files: loaded, warnings: warnings + links.map(\.problem))
      }
    } catch {
      throw TrialStore.problem(error, path: store.path)
    }
  }
}

extension TrialStore {
  /// A vintage for analysis.
  ///
  /// - Parameter vintage: one of `vintages()`.
  /// - Throws: `DataError` where the store is damaged.
  public func extract(_ vintage: Vintage) throws -> StoredExtract {
    do {
      let documents = try queue.read { database in
        try Row.fetchAll(
          database, sql: "SELECT role, name, text FROM document WHERE vintage = ?", arguments: [vintage.id])
      }
      func document(_ role: String) -> TrialExtract.Document? {
        documents.first { $0["role"] == role }.map {
          TrialExtract.Document(name: $0["name"], text: $0["text"])
        }
      }
      guard let codebook = document("codebook") else {
        throw DataError([
          DataProblem(file: path, found: "a vintage without a codebook", expected: "a whole store expected")
        ])
      }
      return StoredExtract(
        store: self, vintage: vintage, codebook: try Codebook(yaml: codebook.text, file: codebook.name),
        codebookText: codebook.text, plan: document("plan"))
    } catch {
      throw Self.problem(error, path: path)
    }
  }
}

/// Reads one file of a vintage back into the very frame that was imported.
private struct StoredFileReader {
  let database: Database
  let vintage: Int64
  let description: CodebookFile
  let path: String

  private var damaged: DataError {
    DataError([
      DataProblem(
        file: path, found: "no whole contents of \(description.file)", expected: "a whole store expected")
    ])
  }

  func read() throws -> (TrialDataset.File, [DataProblem]) {
    guard
      let content = try Row.fetchOne(
        database,
        sql: "SELECT content.* FROM file JOIN content ON content.id = content WHERE vintage = ? AND name = ?",
        arguments: [vintage, description.name])
    else { throw damaged }
    let id: Int64 = content["id"]
    let fields = try Row.fetchAll(
      database, sql: "SELECT name, sql_name FROM field WHERE content = ? ORDER BY position", arguments: [id])
    let columns = fields.compactMap { description[$0["name"]] }
    guard columns.count == fields.count else { throw damaged }
    let frame = try frame(id, columns, sqlNames: fields.map { $0["sql_name"] }, rows: content["row_count"])
    let file = TrialDataset.File(
      codebook: description, frame: frame, provenance: try provenance(content),
      missing: try missing(id, columns, frame))
    return (file, try warnings(id))
  }

  private func provenance(_ content: Row) throws -> TrialDataset.Provenance {
    guard let encoding = TextEncoding(rawValue: content["encoding"]),
      let delimiter = Delimiter.allCases.first(where: { $0.name == content["delimiter"] })
    else { throw damaged }
    return TrialDataset.Provenance(
      file: content["file"], sha256: content["sha256"], rows: content["row_count"],
      encoding: EncodingEvidence(
        encoding: encoding, hasByteOrderMark: content["byte_order_mark"], reason: content["encoding_reason"],
        lines: (content["encoding_lines"] as String).split(separator: " ").compactMap { Int($0) }),
      delimiter: delimiter)
  }

  // MARK: Values

  private func frame(_ id: Int64, _ columns: [CodebookColumn], sqlNames: [String], rows: Int) throws
    -> DataFrame
  {
    let selected = (["line"] + sqlNames).map(\.quotedDatabaseIdentifier).joined(separator: ", ")
    var builders = columns.map { StoredColumnBuilder($0, rows: rows) }
    var lines: [Int] = []
    lines.reserveCapacity(rows)
    let cursor = try Row.fetchCursor(database, sql: "SELECT \(selected) FROM typed_\(id) ORDER BY row")
    while let row = try cursor.next() {
      lines.append(row[0])
      for column in builders.indices {
        guard builders[column].append(row[column + 1] as DatabaseValue) else { throw damaged }
      }
    }
    guard lines.count == rows else { throw damaged }
    return DataFrame(
      zip(columns, builders).map { ($0.name, $1.column) }, rowCount: rows, lines: lines)
  }

  private func missing(_ id: Int64, _ columns: [CodebookColumn], _ frame: DataFrame) throws
    -> [String: [Int: MissingKind]]
  {
    var missing: [String: [Int: MissingKind]] = [:]
    for column in columns {
      guard let values = frame[column.name] else { continue }
      let rows = (0..<frame.rowCount).filter(values.isMissing)
      if !rows.isEmpty {
        missing[column.name] = Dictionary(uniqueKeysWithValues: rows.map { ($0, .unknown) })
      }
    }
    let cursor = try Row.fetchCursor(
      database, sql: "SELECT field, row, kind FROM missing_value WHERE content = ?", arguments: [id])
    while let row = try cursor.next() {
      let position: Int = row[0]
      guard columns.indices.contains(position), let kind = MissingKind(rawValue: row[2]) else {
        throw damaged
      }
      missing[columns[position].name, default: [:]][row[1]] = kind
    }
    return missing
  }

  private func warnings(_ id: Int64) throws -> [DataProblem] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM warning WHERE content = ? ORDER BY position", arguments: [id]
    ).map { row in
      DataProblem(
        file: description.file, line: row["line"], column: row["field"], found: row["found"],
        expected: row["expected"], rule: row["rule"])
    }
  }
}
