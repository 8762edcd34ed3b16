import GRDB
import Glibc

/// The states of a trial's files side by side, in one SQLite database that its owner alone may read.
///
/// Each import adds a vintage: the plan, the codebook, and every file as read (`raw_N`) and as values (`typed_N`), with the
/// SHA-256 of the bytes they came from. A vintage is never changed. An import is one transaction, so that a process killed at
/// any moment leaves the vintages that were there or one more; a second writer waits for the first. The time of an import is
/// in the table `import_run` alone, which no analysis reads.
public final class TrialStore {
  /// One state of the trial's files.
  public struct Vintage: Sendable, Equatable {
    let id: Int64
    public let name: String
    /// When it was imported, in UTC as ISO 8601.
    public let imported: String
    /// The files' names and hashes, in the codebook's order.
    public let files: [(file: String, sha256: String, rows: Int)]

    public static func == (a: Vintage, b: Vintage) -> Bool { a.id == b.id && a.name == b.name }
  }

  /// `Hekt`, by which the file tells what it is.
  static let applicationID: Int32 = 0x4865_6b74
  static let schemaVersion: Int32 = 1

  public let path: String
  let queue: DatabaseQueue

  /// Opens a store that exists.
  ///
  /// - Parameter wait: seconds to wait for a process that is writing to it.
  /// - Throws: `DataError` of kind `noSuchInput` where it is not there, `badData` where it is no store; `OutputError` where
  ///   another process writes to it for longer.
  public init(existing path: String, wait: Double = 60) throws {
    try Self.requireFile(path)
    self.path = path
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration(wait: wait, path: path))
      try queue.read { try Self.requireStore($0, path: path) }
    } catch {
      throw Self.problem(error, path: path)
    }
  }

  /// Opens a store for an import, making it where it is not there.
  ///
  /// - Throws: as `init(existing:wait:)`; `OutputError` where it cannot be made.
  public init(forImport path: String, wait: Double = 60) throws {
    self.path = path
    try Self.makePrivate(path)
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration(wait: wait, path: path))
      try queue.read { try Self.requireStoreOrEmpty($0, path: path) }
    } catch {
      throw Self.problem(error, path: path)
    }
  }

  /// The vintages in the order of their import.
  public func vintages() throws -> [Vintage] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: "SELECT id, name, imported_at FROM vintage LEFT JOIN import_run ON vintage = id ORDER BY id"
        ).map { row in
          let files = try Row.fetchAll(
            database,
            sql: """
              SELECT file.file, sha256, row_count FROM file JOIN content ON content.id = content
              WHERE vintage = ? ORDER BY position
              """, arguments: [row["id"] as Int64]
          ).map { (file: $0["file"] as String, sha256: $0["sha256"] as String, rows: $0["row_count"] as Int) }
          return Vintage(id: row["id"], name: row["name"], imported: row["imported_at"] ?? "", files: files)
        }
      }
    } catch {
      throw Self.problem(error, path: path)
    }
  }

  // MARK: Opening

  private static func configuration(wait: Double, path: String) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(wait)
    configuration.foreignKeysEnabled = true
    // A store on a read-only medium can be read; elsewhere reading may have to roll a killed import back first.
    configuration.readonly = access(path, W_OK) != 0
    let isReadOnly = configuration.readonly
    configuration.prepareDatabase { database in
      if !isReadOnly { try database.execute(sql: "PRAGMA synchronous = FULL") }
    }
    return configuration
  }

  private static func requireFile(_ path: String) throws(DataError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, R_OK) == 0 else {
      throw DataError(
        [DataProblem(file: path, found: "no such store", expected: "a store made by hekta import expected")],
        kind: .noSuchInput)
    }
  }

  /// Makes an empty file of mode 0600 before SQLite would make one by the umask; journals take the mode from it.
  private static func makePrivate(_ path: String) throws(OutputError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, AtomicOutput.fileMode)
    guard descriptor >= 0 else { throw OutputError.last(path, creating: true) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw OutputError(path: path, reason: "not a regular file", exitCode: 73)
    }
    if status.st_mode & 0o077 != 0, status.st_uid == geteuid() { fchmod(descriptor, AtomicOutput.fileMode) }
  }

  /// True for a database without a table: a new file, or one whose first import was killed.
  static func isEmpty(_ database: Database) throws -> Bool {
    try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") == 0
  }

  private static func requireStore(_ database: Database, path: String) throws {
    if try isEmpty(database) {
      throw DataError([
        DataProblem(file: path, found: "a store without a vintage", expected: "an import first expected")
      ])
    }
    try requireStoreOrEmpty(database, path: path)
  }

  private static func requireStoreOrEmpty(_ database: Database, path: String) throws {
    if try isEmpty(database) { return }
    let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    let version = try Int32.fetchOne(database, sql: "PRAGMA user_version")
    guard id == applicationID else {
      throw DataError([
        DataProblem(
          file: path, found: "another program's database", expected: "a store made by hekta import expected")
      ])
    }
    guard version == schemaVersion else {
      throw DataError([
        DataProblem(
          file: path, found: "a store of form \(version ?? 0)",
          expected: "form \(schemaVersion), which this version of hekta writes, expected")
      ])
    }
  }

  // MARK: Errors

  /// An error of the database in hekta's terms: what SQLite says, never what a statement held.
  static func problem(_ error: any Error, path: String) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return OutputError(
        path: path, reason: "another process is writing to the store; try again when it is done", exitCode: 73
      )
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return DataError([
        DataProblem(
          file: path, found: "no SQLite database, or a damaged one",
          expected: "a store made by hekta import expected")
      ])
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      return OutputError(path: path, reason: "the store cannot be written to", exitCode: 73)
    default:
      return OutputError(
        path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)", exitCode: 74)
    }
  }
}
