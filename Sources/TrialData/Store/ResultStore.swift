import GRDB
import Glibc
import Serialisation

/// Writes result records into an SQLite database, for those who would rather query than parse.
///
/// The database mirrors `results.json`: a table `run` of its scalar members, a table `input` of the files, a table `result` with
/// one row a record in their order, the columns named as there with `_` for `.`. Lists and objects within a record are JSON
/// text. The same records give the same bytes: fixed page size, one transaction, no times, and a last copy without gaps.
public enum ResultStore {
  /// Writes a database.
  ///
  /// - Parameters:
  ///   - document: the contents of `results.json`.
  ///   - path: a file that does not exist yet.
  /// - Throws: `OutputError`.
  public static func write(_ document: JSONValue, to path: String) throws(OutputError) {
    guard access(path, F_OK) != 0 else {
      throw OutputError(path: path, reason: "a file of that name exists", exitCode: 73)
    }
    try write(to: path) { database in try fill(database, with: document) }
  }

  /// Writes tables, one row an object, as a database that replaces an earlier one whole.
  ///
  /// - Throws: `OutputError`.
  public static func replace(tables: [(name: String, rows: [JSONValue])], at path: String) throws(OutputError)
  {
    let (directory, name) = AtomicOutput.split(path)
    let aside = "\(directory)/.\(name).partial-\(getpid())"
    unlink(aside)
    try write(to: aside) { database in
      for table in tables { try makeTable(table.name, table.rows, database) }
    }
    guard rename(aside, path) == 0 else {
      let error = OutputError.last(path, creating: true)
      unlink(aside)
      throw error
    }
  }

  private static func write(
    to path: String, _ fill: (Database) throws -> Void
  ) throws(OutputError) {
    do {
      // In memory first: what reaches the disk is the compacted copy alone.
      let queue = try DatabaseQueue()
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA page_size = 4096")
        try database.inTransaction {
          try fill(database)
          return .commit
        }
        try database.execute(sql: "VACUUM INTO ?", arguments: [path])
      }
      try queue.close()
      guard chmod(path, AtomicOutput.fileMode) == 0 else { throw OutputError.last(path, creating: false) }
    } catch let error as OutputError {
      throw error
    } catch {
      throw OutputError(path: path, reason: "\(error)", exitCode: 74)
    }
  }

  private static func fill(_ database: Database, with document: JSONValue) throws {
    try database.execute(sql: "CREATE TABLE run (name TEXT PRIMARY KEY NOT NULL, value) WITHOUT ROWID")
    for member in scalars(document, prefix: "") {
      try database.execute(
        sql: "INSERT INTO run VALUES (?, ?)", arguments: [member.name, value(member.value)])
    }
    try makeTable("input", document["inputs"]?.elements ?? [], database)
    try makeTable("result", document["results"]?.elements ?? [], database)
    if document["results"]?.elements.first?["analysis"] != nil {
      try database.execute(sql: "CREATE INDEX result_by_analysis ON result (analysis)")
    }
  }

  /// The scalar members of an object and of the objects within it, by their path.
  private static func scalars(_ object: JSONValue, prefix: String) -> [JSONValue.Member] {
    object.members.flatMap { member -> [JSONValue.Member] in
      switch member.value {
      case .object: scalars(member.value, prefix: prefix + member.name + ".")
      case .array, .records: []
      default: [JSONValue.Member(prefix + member.name, member.value)]
      }
    }
  }

  private static func makeTable(_ name: String, _ rows: [JSONValue], _ database: Database) throws {
    var names: [String] = []
    var seen: Set<String> = []
    for row in rows {
      for member in row.members where seen.insert(member.name).inserted { names.append(member.name) }
    }
    let columns = names.map { quoted(String($0.map { $0 == "." ? "_" : $0 })) }
    try database.execute(
      sql: "CREATE TABLE \(name) (\((["row INTEGER PRIMARY KEY"] + columns).joined(separator: ", ")))")
    guard !names.isEmpty else { return }
    let places = Array(repeating: "?", count: names.count + 1).joined(separator: ", ")
    let statement = try database.makeStatement(sql: "INSERT INTO \(name) VALUES (\(places))")
    for (i, row) in rows.enumerated() {
      var byName: [String: JSONValue] = [:]
      for member in row.members { byName[member.name] = member.value }
      let values = [(i + 1).databaseValue] + names.map { value(byName[$0] ?? .null) }
      try statement.execute(arguments: StatementArguments(values))
    }
  }

  private static func value(_ json: JSONValue) -> DatabaseValue {
    switch json {
    case .null: .null
    case .bool(let value): value.databaseValue
    case .integer(let value): value.databaseValue
    case .number(let value): value.databaseValue
    case .string(let value): value.databaseValue
    case .array, .object, .records: json.text(indented: false).databaseValue
    }
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
