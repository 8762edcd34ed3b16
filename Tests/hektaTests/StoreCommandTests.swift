import Foundation
import Glibc
import Serialisation
import Testing

/// Imports, analyses from a store and comparisons of extracts, as a user runs them.
@Suite("hekta import, analyze --store and vintages")
struct StoreCommandTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var store: String { scratch.path("trial.sqlite") }

  /// A copy of a fixture's folder.
  private func folder(_ name: String, _ trial: String = "hekta") throws -> String {
    let path = scratch.path(name)
    try FileManager.default.copyItem(atPath: Fixture.path(trial), toPath: path)
    return path
  }

  /// A copy in which a spell of P001 ends later and P004 has lost one.
  private func newerExtract() throws -> String {
    let path = try folder("newer")
    let file = path + "/spells.csv"
    let old = try String(contentsOfFile: file, encoding: .utf8)
    let kept = old.split(separator: "\n").filter { !$0.hasPrefix("P004,E87484,2020-04-23,") }
    let new = kept.joined(separator: "\n").replacing(
      "P001,E67242,2020-06-19,2020-07-11", with: "P001,E67242,2020-06-19,2020-07-12")
    try #require(new + "\n" != old)
    try (new + "\n").write(toFile: file, atomically: true, encoding: .utf8)
    return path
  }

  private func run(_ arguments: String...) throws -> HektaProcess.Outcome { try HektaProcess.run(arguments) }

  /// The rights of every file below a folder that are not its owner's.
  private func openFiles(below path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
      return (attributes[.posixPermissions] as? Int ?? 0o777) & 0o077 != 0
    }
  }

  @Test(
    "check and import hold the plan against the files: spells that end before they start, names that are not there"
  )
  func checkedByPlan() throws {
    let path = try folder("reversed")
    let file = path + "/spells.csv"
    let spells = try String(contentsOfFile: file, encoding: .utf8).replacing(
      "2020-06-19,2020-07-11", with: "2020-07-11,2020-06-19")
    try spells.write(toFile: file, atomically: true, encoding: .utf8)
    for outcome in [try run("check", path), try run("import", path, "--store", store)] {
      #expect(outcome.status == 65 && outcome.errors.contains("spells.csv:2:end: an end before the start"))
    }
    #expect(!FileManager.default.fileExists(atPath: store))
    let other = try folder("misspelt")
    let plan = try String(contentsOfFile: other + "/plan.yml", encoding: .utf8).replacing(
      "outcome: days_worked", with: "outcome: days_workd")
    try plan.write(toFile: other + "/plan.yml", atomically: true, encoding: .utf8)
    let outcome = try run("check", other)
    #expect(
      outcome.status == 65 && outcome.output.isEmpty && outcome.errors.contains("'days_worked' expected"))
    // A plan with a fault of its own hides nothing that is wrong with the files.
    try (plan + "analysis: []\n").write(toFile: other + "/plan.yml", atomically: true, encoding: .utf8)
    try spells.replacing("P004,", with: "P999,").write(
      toFile: other + "/spells.csv", atomically: true, encoding: .utf8)
    let both = try run("check", other)
    #expect(both.status == 65 && both.errors.contains("unknown key 'analysis'"))
    #expect(both.errors.contains("spells.csv:3:id: a row without a match"))
  }

  @Test("a store gives the very files that its folder gave, both trials", arguments: ["hekta", "help"])
  func sameBytes(trial: String) throws {
    let imported = try run("import", Fixture.path(trial), "--store", store)
    try #require(imported.status == 0, "\(imported.errors)")
    let direct = try run("analyze", Fixture.path(trial), "--out", scratch.path("direct"))
    let stored = try run("analyze", "--store", store, "--out", scratch.path("stored"))
    try #require(direct.status == 0 && stored.status == 0, "\(direct.errors)\(stored.errors)")
    #expect(stored.errors == direct.errors, "the warnings too")
    var (a, b) = (
      try Fixture.contents(of: scratch.path("direct")), try Fixture.contents(of: scratch.path("stored"))
    )
    a["run.json"] = nil
    b["run.json"] = nil
    #expect(Set(a.keys) == Set(b.keys) && a.count > 10)
    for (name, bytes) in a { #expect(b[name] == bytes, "\(name)") }
    #expect(try openFiles(below: scratch.url.path).isEmpty)
  }

  @Test("why finds the data of a run in its store, and the lines it prints name no folder there is not")
  func why() throws {
    try #require(try run("import", Fixture.path("help"), "--store", store, "--vintage", "2024").status == 0)
    let report = scratch.path("stored")
    try #require(try run("analyze", "--store", store, "--out", report).status == 0)
    let frame = scratch.path("frame.csv")
    let fitted = try run("why", report, "linkage-cox.crude/yes / no/armyes:hazard-ratio", "--frame", frame)
    #expect(fitted.status == 0 && fitted.output.contains("the same digits"), "\(fitted.errors)")
    #expect(fitted.output.contains("armyes:hazard-ratio' --frame \(frame)\n"), "\(fitted.output)")
    #expect(FileManager.default.fileExists(atPath: frame))
    let whole = try run("why", report, "flow/all/randomised:count")
    #expect(!whole.output.contains("--data ''"), "\(whole.output)")
  }

  @Test("two vintages side by side; the same extract twice is said to be there")
  func vintages() throws {
    let newer = try newerExtract()
    #expect(try run("import", Fixture.path("hekta"), "--store", store, "--vintage", "2023").status == 0)
    let again = try run("import", Fixture.path("hekta"), "--store", store)
    #expect(again.status == 0 && again.output.contains("nothing added; vintage 2023 holds the same"))
    #expect(try run("import", newer, "--store", store, "--vintage", "2023").status == 64)
    #expect(try run("import", newer, "--store", store, "--vintage", "2024").status == 0)
    #expect(try run("import", newer, "--store", store, "--vintage", "a/b").status == 64)
    let list = try run("vintages", "--store", store)
    #expect(list.status == 0 && list.output.contains("2023  imported 20") && list.output.contains("2024"))

    let text = try run("vintages", "2023", "2024", "--store", store)
    #expect(text.status == 5)
    #expect(text.output.contains("2 of 202 participants differ"))
    #expect(
      text.output.contains("P001: spells 1 changed (end); outcomes days_worked, hours, longest_job_days"))
    #expect(text.output.contains("P004: spells 1 removed; outcomes"))
    #expect(!text.output.contains("2020-0"), "no value")
    let shown = try run("vintages", store + "@2023", store + "@2024", "--show-values")
    #expect(shown.output.contains("end (E67242 2020-06-19): 2020-07-11 → 2020-07-12"))
    let folders = try run("vintages", Fixture.path("hekta"), newer, "--format", "json")
    #expect(folders.status == 5)
    let json = try JSONValue(parsing: folders.output)
    #expect(json["participants"]?.elements.map { $0["id"]?.text } == ["P001", "P004"])
    #expect(json["participants"]?.elements[0]["files"]?.elements[0]["values"] == .null)
    #expect(try run("vintages", store + "@2024", newer).status == 0, "a store beside a folder")
    #expect(try run("vintages", store + "@2025", newer).status == 66)
    #expect(try run("vintages", "1").status == 64)
    #expect(
      try run("analyze", "--store", store, "--vintage", "2022", "--out", scratch.path("o")).status == 66)
    #expect(try run("analyze", newer, "--store", store, "--out", scratch.path("o")).status == 64)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("o")))
  }

  @Test("bad data are refused before the store is touched")
  func refused() throws {
    let folder = try folder("bad")
    let file = folder + "/participants.csv"
    let text = try String(contentsOfFile: file, encoding: .utf8).replacing(
      "P002,control", with: "P001,control")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try run("import", folder, "--store", store)
    #expect(outcome.status == 65 && outcome.errors.contains("participants.csv:3:id"))
    #expect(!outcome.errors.contains("P001"))
    #expect(!FileManager.default.fileExists(atPath: store))
    #expect(try run("import", scratch.path("none"), "--store", store).status == 66)
    #expect(try run("analyze", "--store", store, "--out", scratch.path("o")).status == 66)
  }

  @Test("a process killed at any moment leaves the vintages that were there, or one more")
  func killed() throws {
    let newer = try newerExtract()
    #expect(try run("import", Fixture.path("hekta"), "--store", store, "--vintage", "old").status == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: store))
    let whole = ContinuousClock().measure {
      _ = try? run("import", newer, "--store", scratch.path("timed.sqlite"))
    }
    var generator = SystemRandomNumberGenerator()
    var finished = 0
    for round in 0..<12 {
      // Half of the rounds start from no store at all.
      let path = scratch.path("round-\(round).sqlite")
      let hasOld = round % 2 == 0
      if hasOld { try before.write(to: URL(fileURLWithPath: path)) }
      let process = Process()
      process.executableURL = HektaProcess.program
      process.arguments = ["import", newer, "--store", path, "--vintage", "new"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32.random(in: 0...UInt32(1_200_000 * whole.seconds), using: &generator))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let names = try vintageNames(path)
      #expect(
        names == (hasOld ? ["old"] : []) || names == (hasOld ? ["old", "new"] : ["new"]), "round \(round)")
      if names.contains("new") { finished += 1 }
      // Whatever was left, the import can be made good, and every vintage is whole.
      #expect(try run("import", newer, "--store", path, "--vintage", "new").status == 0)
      #expect(try vintageNames(path) == (hasOld ? ["old", "new"] : ["new"]))
      if hasOld {
        #expect(try run("vintages", path + "@old", Fixture.path("hekta")).status == 0)
      }
      #expect(try run("vintages", path + "@new", newer).status == 0)
      #expect(!FileManager.default.fileExists(atPath: path + "-journal"))
      try FileManager.default.removeItem(atPath: path)
    }
    #expect(finished < 12, "some were killed before they were done")
  }

  /// The vintages of a store; none where it is not there or has none.
  private func vintageNames(_ path: String) throws -> [String] {
    let outcome = try run("vintages", "--store", path, "--format", "json")
    if outcome.status == 66 || (outcome.status == 65 && outcome.errors.contains("without a vintage")) {
      return []
    }
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)["vintages"]?.elements.compactMap { $0["name"]?.text } ?? []
  }

  @Test("many writers at once: each waits for the others, and of one extract there is one vintage")
  func writers() throws {
    let newer = try newerExtract()
    let processes = try (0..<6).map { i in
      let process = Process()
      process.executableURL = HektaProcess.program
      process.arguments = ["import", i % 2 == 0 ? newer : Fixture.path("hekta"), "--store", store]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(try vintageNames(store).sorted() == ["1", "2"])
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
