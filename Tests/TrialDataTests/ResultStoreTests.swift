import GRDB
import Serialisation
import Testing

@testable import TrialData

@Suite("The database of results")
struct ResultStoreTests {
  let directory = TemporaryDirectory()

  let document: JSONValue = [
    "trial": "t", "plan": ["sha256": "ab"], "inputs": [["file": "a.csv", "rows": 3]],
    "results": [
      ["id": "a/1", "analysis": "a", "estimate": 1.5, "p.value": nil, "warnings": ["w"]],
      ["id": "a/2", "analysis": "a", "estimate": 2, "n": 7],
    ],
  ]

  @Test("records are rows under the names of results.json")
  func rows() throws {
    try ResultStore.write(document, to: directory.path + "/r.sqlite")
    let queue = try DatabaseQueue(path: directory.path + "/r.sqlite")
    try queue.read { database in
      let rows = try Row.fetchAll(database, sql: "SELECT * FROM result ORDER BY row")
      #expect(rows.map { $0["id"] as String } == ["a/1", "a/2"])
      #expect(rows[0]["estimate"] == 1.5 && rows[0]["p_value"] == nil && rows[0]["warnings"] == "[\"w\"]")
      #expect(rows[1]["n"] == 7)
      #expect(try String.fetchOne(database, sql: "SELECT value FROM run WHERE name = 'plan.sha256'") == "ab")
      #expect(try Int.fetchOne(database, sql: "SELECT rows FROM input") == 3)
    }
  }

  @Test("the same records give the same bytes, and nothing else is left in the folder")
  func sameBytes() throws {
    try ResultStore.write(document, to: directory.path + "/a.sqlite")
    try ResultStore.write(document, to: directory.path + "/b.sqlite")
    #expect(
      try FileDigest.sha256(path: directory.path + "/a.sqlite")
        == FileDigest.sha256(path: directory.path + "/b.sqlite"))
    #expect(directory.names() == ["a.sqlite", "b.sqlite"])
  }

  @Test("a place that is taken or absent is an output error")
  func refused() throws {
    try directory.write("x", "a.sqlite")
    #expect(throws: OutputError.self) { try ResultStore.write(document, to: directory.path + "/a.sqlite") }
    #expect(throws: OutputError.self) { try ResultStore.write(document, to: directory.path + "/no/a.sqlite") }
  }
}
