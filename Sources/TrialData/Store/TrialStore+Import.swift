import GRDB
import ModelFormula

/// What an import takes: the files of a trial as its codebook describes them, and its written documents.
public struct TrialExtract: Sendable {
  /// A written document: its name beside the data and its text.
  public struct Document: Sendable, Equatable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }

    var sha256: String { FileDigest.sha256(text: text) }
  }

  /// Loaded with the raw texts.
  public var dataset: TrialDataset
  public var codebook: Document
  public var plan: Document?

  public init(dataset: TrialDataset, codebook: Document, plan: Document?) {
    self.dataset = dataset
    self.codebook = codebook
    self.plan = plan
  }

  /// One hash of all that makes a vintage; the same extract again has the same.
  var digest: String {
    let parts =
      [codebook.name, codebook.sha256, plan?.name ?? "", plan?.sha256 ?? ""]
      + dataset.files.flatMap { [$0.provenance.file, $0.provenance.sha256] }
    return FileDigest.sha256(text: parts.joined(separator: "\n"))
  }
}

extension TrialStore {
  /// What an import did.
  public enum ImportOutcome: Sendable, Equatable {
    /// A vintage was added.
    case added(String)
    /// The extract is there already, as the vintage of this name; nothing was written.
    case alreadyThere(String)
    /// A vintage of the name asked for holds another extract; nothing was written.
    case nameTaken(String)
  }

  /// Adds an extract as a vintage, in one transaction.
  ///
  /// - Parameters:
  ///   - extract: what was read and checked.
  ///   - name: the vintage's name; its number where nil.
  ///   - time: when, for the table `import_run`.
  ///   - software: the version of the program, for the same table.
  /// - Throws: `OutputError` where the store cannot be written to, and is then as it was.
  public func add(_ extract: TrialExtract, named name: String?, at time: String, software: String) throws
    -> ImportOutcome
  {
    do {
      return try queue.writeWithoutTransaction { database in
        var outcome: ImportOutcome?
        // The lock comes before the first look, so that of two imports of one extract the second finds the first's.
        try database.inTransaction(.immediate) {
          if try Self.isEmpty(database) { try Self.makeSchema(database) }
          if let there = try String.fetchOne(
            database, sql: "SELECT name FROM vintage WHERE digest = ?", arguments: [extract.digest])
          {
            outcome = .alreadyThere(there)
            return .rollback
          }
          let taken = try String.fetchAll(database, sql: "SELECT name FROM vintage")
          if let name, taken.contains(where: { $0.lowercased() == name.lowercased() }) {
            outcome = .nameTaken(name)
            return .rollback
          }
          let chosen = name ?? Self.nextName(taken)
          try Self.insert(extract, named: chosen, into: database, at: time, software: software)
          outcome = .added(chosen)
          return .commit
        }
        return outcome!
      }
    } catch {
      throw Self.problem(error, path: path)
    }
  }

  /// The next number that is no vintage's name.
  private static func nextName(_ taken: [String]) -> String {
    var number = taken.count + 1
    while taken.contains(String(number)) { number += 1 }
    return String(number)
  }

  private static func makeSchema(_ database: Database) throws {
    try database.execute(
      sql: """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(schemaVersion);
        CREATE TABLE vintage (id INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE);
        CREATE TABLE import_run (
          vintage INTEGER PRIMARY KEY REFERENCES vintage, imported_at TEXT NOT NULL, software TEXT NOT NULL);
        CREATE TABLE document (
          vintage INTEGER NOT NULL REFERENCES vintage, role TEXT NOT NULL, name TEXT NOT NULL,
          sha256 TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (vintage, role));
        CREATE TABLE content (
          id INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, codebook_sha256 TEXT NOT NULL,
          row_count INTEGER NOT NULL, encoding TEXT NOT NULL, byte_order_mark INTEGER NOT NULL,
          encoding_reason TEXT NOT NULL, encoding_lines TEXT NOT NULL, delimiter TEXT NOT NULL,
          UNIQUE (file, sha256, codebook_sha256));
        CREATE TABLE file (
          vintage INTEGER NOT NULL REFERENCES vintage, position INTEGER NOT NULL, name TEXT NOT NULL,
          file TEXT NOT NULL, content INTEGER NOT NULL REFERENCES content, PRIMARY KEY (vintage, position));
        CREATE TABLE field (
          content INTEGER NOT NULL REFERENCES content, position INTEGER NOT NULL, name TEXT NOT NULL,
          type TEXT NOT NULL, sql_name TEXT NOT NULL, PRIMARY KEY (content, position));
        CREATE TABLE missing_value (
          content INTEGER NOT NULL REFERENCES content, field INTEGER NOT NULL, row INTEGER NOT NULL,
          kind TEXT NOT NULL, PRIMARY KEY (content, field, row)) WITHOUT ROWID;
        CREATE TABLE warning (
          content INTEGER NOT NULL REFERENCES content, position INTEGER NOT NULL, line INTEGER, field TEXT,
          found TEXT NOT NULL, expected TEXT NOT NULL, rule TEXT, PRIMARY KEY (content, position));
        """)
  }

  private static func insert(
    _ extract: TrialExtract, named name: String, into database: Database, at time: String, software: String
  ) throws {
    try database.execute(
      sql: "INSERT INTO vintage (name, digest) VALUES (?, ?)", arguments: [name, extract.digest])
    let vintage = database.lastInsertedRowID
    try database.execute(
      sql: "INSERT INTO import_run VALUES (?, ?, ?)", arguments: [vintage, time, software])
    for (role, document) in [("codebook", extract.codebook), ("plan", extract.plan)] {
      guard let document else { continue }
      try database.execute(
        sql: "INSERT INTO document VALUES (?, ?, ?, ?, ?)",
        arguments: [vintage, role, document.name, document.sha256, document.text])
    }
    for (position, file) in extract.dataset.files.enumerated() {
      let writer = StoredFileWriter(
        database: database, file: file, codebookSHA256: extract.dataset.codebook.sha256,
        warnings: extract.warnings(of: file))
      let content = try writer.write()
      try database.execute(
        sql: "INSERT INTO file VALUES (?, ?, ?, ?, ?)",
        arguments: [vintage, position, file.name, file.provenance.file, content])
      try writer.makeView("\(file.name)@\(name)", of: content)
    }
  }
}

extension TrialExtract {
  /// The warnings of one file that its rows give by themselves; those about links are found again when the links are followed.
  fileprivate func warnings(of file: TrialDataset.File) -> [DataProblem] {
    dataset.warnings.filter { warning in
      warning.rule != LinkCheck.rule
        && (warning.file == file.provenance.file || warning.file.hasSuffix("/" + file.provenance.file))
    }
  }
}
