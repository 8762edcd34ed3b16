import GRDB
import Glibc
import Testing

@testable import TrialData

@Suite("The store of extracts")
struct TrialStoreTests {
  let directory = TemporaryDirectory()
  var path: String { directory.path + "/trial.sqlite" }

  /// Names that differ in capitals alone, every type, missing codes of two kinds, a warning, a link, Latin-1.
  static let codebook = """
    files:
      - file: people.csv
        delimiter: ";"
        key: [id]
        missing: {not-asked: "-8", refused: "-9"}
        columns:
          - {name: id, type: id}
          - {name: Arm, type: categorical, levels: [control, "blå"]}
          - {name: arm, type: text}
          - {name: age, type: integer, range: [18, 65], severity: warn}
          - {name: weight, type: numeric, decimal: ","}
          - {name: line, type: date}
      - file: visits.csv
        links: [{columns: [id], to: people, severity: warn}]
        columns:
          - {name: id, type: id}
          - {name: month, type: integer}
    """
  static let people = [
    "id;Arm;arm;age;weight;line;extra",
    "P1;control;Bergen;70;-0;01.03.2020;x",
    "P2;bl\u{e5};;-8;1,5;-9;y",
    "P3;-9;L\u{e6}rdal;33;0,1;;z",
  ]
  static let visits = "id;month\nP1;0\nP9;6\n"

  func write(people: [String] = Self.people, visits: String = Self.visits) throws {
    // Latin-1 has the letters beyond ASCII of these lines in one byte each.
    let bytes = people.map { $0 + "\r\n" }.joined().unicodeScalars.map { UInt8($0.value) }
    try AtomicOutput.write(bytes, to: directory.path + "/people.csv")
    try directory.write(visits, "visits.csv")
  }

  func extract(plan: String? = nil) throws -> TrialExtract {
    let dataset = try TrialDataset.load(
      directory: directory.path, codebook: Codebook(yaml: Self.codebook, file: "codebook.yml"),
      keepingRaw: true)
    return TrialExtract(
      dataset: dataset, codebook: .init(name: "codebook.yml", text: Self.codebook),
      plan: plan.map { .init(name: "plan.yml", text: $0) })
  }

  func add(_ extract: TrialExtract, named name: String? = nil, wait: Double = 5) throws
    -> TrialStore.ImportOutcome
  {
    try TrialStore(forImport: path, wait: wait).add(
      extract, named: name, at: "2026-01-02T03:04:05Z", software: "test")
  }

  func stored(_ name: String) throws -> StoredExtract {
    let store = try TrialStore(existing: path)
    return try store.extract(try #require(store.vintages().first { $0.name == name }))
  }

  @Test("what comes out is what went in: values, lines, kinds of missing, provenance and warnings")
  func roundTrip() throws {
    try write()
    let extract = try extract(plan: "a plan")
    #expect(try add(extract) == .added("1"))
    let back = try stored("1")
    let dataset = try back.dataset()
    #expect(back.plan == .init(name: "plan.yml", text: "a plan") && back.codebookText == Self.codebook)
    for (old, new) in zip(extract.dataset.files, dataset.files) {
      #expect(new.frame.names == old.frame.names && new.frame.lines == old.frame.lines)
      // Column by column: a NaN is missing in both, and a minus zero stays one.
      for name in old.frame.names where name != "weight" && name != "age" {
        #expect(new.frame[name] == old.frame[name], "\(name)")
      }
      #expect(new.provenance == old.provenance)
      #expect(new.missing == old.missing)
    }
    #expect(dataset.files[0].provenance.encoding.encoding == .latin1)
    guard case .numeric(let weights)? = dataset["people"]?.frame["weight"] else { return }
    #expect(weights.map(\.bitPattern) == [-0.0, 1.5, 0.1].map(\.bitPattern))
    guard case .numeric(let ages)? = dataset["people"]?.frame["age"] else { return }
    #expect(ages[0] == 70 && ages[1].isNaN && ages[2] == 33, "a value out of a range that only warns is kept")
    let warnings = extract.dataset.warnings.map { $0.description.replacing(directory.path + "/", with: "") }
    #expect(dataset.warnings.map(\.description) == warnings && warnings.count == 3)
    #expect(try back.dataset(files: ["people"]).files.map(\.name) == ["people"])
  }

  @Test("raw texts and values can be asked for in SQL; a column that nobody declared is not there")
  func queries() throws {
    try write()
    _ = try add(extract(), named: "2020")
    let queue = try DatabaseQueue(path: path)
    try queue.read { database in
      let values = try Row.fetchAll(database, sql: #"SELECT * FROM "people@2020" ORDER BY row"#)
      #expect(
        Array(values[0].columnNames) == ["row", "line", "id", "Arm", "arm_2", "age", "weight", "line_2"])
      #expect(values.map { $0["id"] as String } == ["P1", "P2", "P3"])
      #expect(values.map { $0["line_2"] as String? } == ["2020-03-01", nil, nil])
      #expect(
        values.map { $0["age"] as Int? } == [70, nil, 33] && values.map { $0["line"] as Int } == [2, 3, 4])
      let raw = try Row.fetchAll(database, sql: "SELECT * FROM raw_1 ORDER BY row")
      #expect(raw.map { $0["weight"] as String } == ["-0", "1,5", "0,1"])
      #expect(raw.map { $0["age"] as String } == ["70", "-8", "33"])
      let kinds = try String.fetchAll(database, sql: "SELECT kind FROM missing_value ORDER BY field, row")
      #expect(kinds == ["refused", "not-asked", "refused"])
      #expect(
        try String.fetchOne(database, sql: "SELECT imported_at FROM import_run") == "2026-01-02T03:04:05Z")
    }
  }

  @Test("the same extract again adds nothing, byte for byte; a newer one stands beside it")
  func vintages() throws {
    try write()
    #expect(try add(extract()) == .added("1"))
    let before = try FileDigest.sha256(path: path)
    #expect(try add(extract(), named: "again") == .alreadyThere("1"))
    #expect(try FileDigest.sha256(path: path) == before)
    try write(visits: "id;month\nP1;0\nP1;6\nP2;0\n")
    #expect(try add(extract(), named: "1") == .nameTaken("1"))
    #expect(try FileDigest.sha256(path: path) == before)
    #expect(try add(extract(), named: "new") == .added("new"))
    #expect(try TrialStore(existing: path).vintages().map(\.name) == ["1", "new"])
    #expect(try stored("1").dataset()["visits"]?.frame.rowCount == 2)
    #expect(try stored("new").dataset()["visits"]?.frame.rowCount == 3)
    let contents = try DatabaseQueue(path: path).read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM content")
    }
    #expect(contents == 3, "people.csv is kept once")
    #expect(try add(extract(plan: "another plan")) == .added("3"), "another plan on the same files")
  }

  @Test("the store is its owner's alone, whatever the umask and whoever made the file before")
  func access() throws {
    try write()
    let mask = umask(0)
    defer { umask(mask) }
    _ = try add(extract())
    #expect(directory.mode("trial.sqlite") == 0o600)
    chmod(path, 0o644)
    _ = try add(extract(plan: "p"))
    #expect(directory.mode("trial.sqlite") == 0o600)
    #expect(directory.names() == ["people.csv", "trial.sqlite", "visits.csv"])
  }

  @Test("a second writer waits, and is told where waiting does not help")
  func secondWriter() throws {
    try write()
    _ = try add(extract())
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN EXCLUSIVE")
      do {
        _ = try add(extract(plan: "p"), wait: 0.2)
        Issue.record("wrote beside another writer")
      } catch let error as OutputError {
        #expect(error.exitCode == 73)
        #expect(
          error.description == path + ": another process is writing to the store; try again when it is done")
      }
      try database.execute(sql: "ROLLBACK")
    }
    #expect(try add(extract(plan: "p"), wait: 0.2) == .added("2"))
  }

  @Test("what is no store is refused, and is not there is exit code 66")
  func refused() throws {
    try write()
    func failure(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "none"
      } catch { return "\(error)".replacing(directory.path + "/", with: "") }
    }
    #expect(failure { _ = try TrialStore(existing: path) }.contains("no such store"))
    try directory.write(
      "not a database, but long enough to be taken for one by its length alone", "trial.sqlite")
    #expect(failure { _ = try TrialStore(existing: path) }.contains("no SQLite database"))
    #expect(failure { _ = try add(extract()) }.contains("no SQLite database"))
    unlinkFile(path)
    try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    #expect(failure { _ = try add(extract()) }.contains("another program's database"))
    unlinkFile(path)
    try directory.write("", "trial.sqlite")
    #expect(failure { _ = try TrialStore(existing: path) }.contains("without a vintage"))
    #expect(try add(extract()) == .added("1"), "an empty file is a store to be")
    #expect(failure { _ = try TrialStore(forImport: directory.path) }.contains("directory"))
  }
}
