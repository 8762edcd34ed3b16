import GRDB
import ModelFormula

/// Writes one file into a store: its texts as `raw_N`, its values as `typed_N`, and where they came from.
struct StoredFileWriter {
  let database: Database
  let file: TrialDataset.File
  let codebookSHA256: String
  let warnings: [DataProblem]

  /// SQLite's limit for the columns of a table, less the two that every table has.
  private static let mostColumns = 1998

  /// Writes the file, unless the same bytes were read by the same codebook before.
  ///
  /// - Returns: the number of its content.
  func write() throws -> Int64 {
    let provenance = file.provenance
    let there = try Int64.fetchOne(
      database, sql: "SELECT id FROM content WHERE file = ? AND sha256 = ? AND codebook_sha256 = ?",
      arguments: [provenance.file, provenance.sha256, codebookSHA256])
    if let there { return there }
    guard file.frame.names.count <= Self.mostColumns else {
      throw DataError([
        DataProblem(
          file: provenance.file, found: "\(file.frame.names.count) columns",
          expected: "at most \(Self.mostColumns) in a store expected")
      ])
    }
    try database.execute(
      sql: """
        INSERT INTO content (file, sha256, codebook_sha256, row_count, encoding, byte_order_mark, encoding_reason,
          encoding_lines, delimiter) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        provenance.file, provenance.sha256, codebookSHA256, provenance.rows,
        provenance.encoding.encoding.rawValue,
        provenance.encoding.hasByteOrderMark, provenance.encoding.reason,
        provenance.encoding.lines.map(String.init).joined(separator: " "), provenance.delimiter.name,
      ])
    let content = database.lastInsertedRowID
    let names = StoredNames.distinct(file.frame.names, taken: ["row", "line", "rowid", "oid", "_rowid_"])
    for (position, (name, sqlName)) in zip(file.frame.names, names).enumerated() {
      try database.execute(
        sql: "INSERT INTO field VALUES (?, ?, ?, ?, ?)",
        arguments: [content, position, name, file.codebook[name]!.type.rawValue, sqlName])
    }
    try writeRaw(content, names)
    try writeTyped(content, names)
    try writeMissing(content)
    try writeWarnings(content)
    return content
  }

  /// A view of a content's values under a name that people know.
  func makeView(_ name: String, of content: Int64) throws {
    let taken = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master")
    let free = StoredNames.distinct([name], taken: taken)[0]
    try database.execute(
      sql: "CREATE VIEW \(free.quotedDatabaseIdentifier) AS SELECT * FROM typed_\(content)")
  }

  // MARK: Values

  private func writeRaw(_ content: Int64, _ names: [String]) throws {
    let columns = file.raw ?? []
    precondition(columns.map(\.name) == file.frame.names, "an extract without its raw texts")
    let texts = columns.map { $0.texts.map(\.databaseValue) }
    try writeTable("raw_\(content)", names, type: " TEXT") { row, column in
      texts[column][Int(columns[column].codes[row])]
    }
  }

  private func writeTyped(_ content: Int64, _ names: [String]) throws {
    let values = file.frame.names.map { name in
      StoredColumn(file.frame[name]!, isWhole: file.codebook[name]!.type == .integer)
    }
    // No type is declared: one would turn whole numbers, and the sign of −0, into others.
    try writeTable("typed_\(content)", names, type: "") { row, column in values[column].value(at: row) }
  }

  private func writeTable(
    _ table: String, _ names: [String], type: String, value: (_ row: Int, _ column: Int) -> DatabaseValue
  ) throws {
    let columns = names.map { ", \($0.quotedDatabaseIdentifier)\(type)" }.joined()
    try database.execute(
      sql: "CREATE TABLE \(table) (row INTEGER PRIMARY KEY, line INTEGER NOT NULL\(columns))")
    let places = Array(repeating: "?", count: names.count + 2).joined(separator: ", ")
    let insertion = try database.makeStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
    let lines = file.frame.lines ?? []
    var values = [DatabaseValue](repeating: .null, count: names.count + 2)
    for row in 0..<file.frame.rowCount {
      values[0] = row.databaseValue
      values[1] = lines[row].databaseValue
      for column in names.indices { values[column + 2] = value(row, column) }
      insertion.setUncheckedArguments(StatementArguments(values))
      try insertion.execute()
    }
  }

  /// Why values are missing, where that is known; NULL alone says nothing is known.
  private func writeMissing(_ content: Int64) throws {
    for (position, name) in file.frame.names.enumerated() {
      for (row, kind) in (file.missing[name] ?? [:]).sorted(by: { $0.key < $1.key }) where kind != .unknown {
        try database.execute(
          sql: "INSERT INTO missing_value VALUES (?, ?, ?, ?)",
          arguments: [content, position, row, kind.rawValue])
      }
    }
  }

  private func writeWarnings(_ content: Int64) throws {
    for (position, warning) in warnings.enumerated() {
      try database.execute(
        sql: "INSERT INTO warning VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          content, position, warning.line, warning.column, warning.found, warning.expected, warning.rule,
        ])
    }
  }
}

/// Names that SQLite can tell apart: it does not tell capitals from small letters.
enum StoredNames {
  /// The names as they are, or with a number behind where one is taken.
  static func distinct(_ names: [String], taken: [String]) -> [String] {
    var used = Set(taken.map { $0.lowercased() })
    return names.map { name in
      var candidate = name
      var number = 2
      while !used.insert(candidate.lowercased()).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      return candidate
    }
  }
}
