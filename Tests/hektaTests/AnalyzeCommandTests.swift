import Foundation
import Serialisation
import Testing

/// A folder that is removed when the test ends.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("hekta-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

/// The project's own example trials.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures")

  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Every file below a folder with its bytes, by relative name.
  static func contents(of path: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var isFolder: ObjCBool = false
      let full = path + "/" + name
      _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
      if !isFolder.boolValue { result[name] = try Data(contentsOf: URL(fileURLWithPath: full)) }
    }
    return result
  }
}

@Suite("hekta analyze")
struct AnalyzeCommandTests {
  @Test("the HELP trial gives R's numbers in results.json and every file of the contract")
  func help() throws {
    let scratch = try ScratchFolder()
    let outcome = try HektaProcess.run(["analyze", Fixture.path("help"), "--out", scratch.path("report")])
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    let files = Set(try Fixture.contents(of: scratch.path("report")).keys)
    for name in [
      "report.html", "results.json", "run.json", "tables/baseline.csv", "tables/baseline.md",
      "tables/baseline.html", "tables/baseline.json", "figures/flow.svg", "figures/linkage-km.svg",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    let text = try String(contentsOfFile: scratch.path("report/results.json"), encoding: .utf8)
    let results = try #require(JSONValue(parsing: text)["results"]).elements
    func record(_ id: String) -> JSONValue? { results.first { $0["id"]?.text == id } }
    func number(_ id: String, _ field: String = "estimate") -> Double {
      record(id)?[field]?.double ?? .nan
    }
    // R 4.2.2: survival 3.5-3 coxph and cox.zph, lme4 1.1-31, lmerTest 3.1-3.
    let cox = "linkage-cox.crude/yes / no/armyes:hazard-ratio"
    #expect(abs(number(cox) - 4.783328) < 1e-6)
    #expect(abs(number(cox, "conf.low") - 3.303875) < 1e-6)
    #expect(abs(number(cox, "conf.high") - 6.925270) < 1e-6)
    #expect(abs(number("linkage-logrank/all/log-rank:test", "statistic") - 83.45538) < 1e-5)
    #expect(abs(number("linkage-cox.crude/all/proportional-hazards:test", "statistic") - 10.44366) < 1e-5)
    #expect(abs(number("cesd-lmm/all/REML:criterion") - 11406.9379) < 1e-4)
    let interaction = "cesd-lmm/all/armyes:visit24:coefficient"
    #expect(abs(number(interaction) + 1.887333) < 1e-6)
    #expect(abs(number(interaction, "df") - 1089.903) < 1e-2)
    #expect(number("flow/no/no-outcome:count") == 20)
    #expect(number("flow/yes/no-outcome:count") == 3)
    // Every id names one record.
    let ids = results.compactMap { $0["id"]?.text }
    #expect(Set(ids).count == ids.count)
  }

  @Test("two runs, on one thread and two, differ in run.json alone")
  func determinism() throws {
    let scratch = try ScratchFolder()
    for (name, jobs) in [("a", "1"), ("b", "2")] {
      let outcome = try HektaProcess.run(
        ["analyze", Fixture.path("hekta"), "--out", scratch.path(name), "--jobs", jobs])
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let a = try Fixture.contents(of: scratch.path("a"))
    let b = try Fixture.contents(of: scratch.path("b"))
    #expect(a.keys.sorted() == b.keys.sorted())
    #expect(a.keys.filter { a[$0] != b[$0] }.sorted() == ["run.json"])
  }

  @Test("Norwegian reports have decimal commas and Norwegian words")
  func norwegian() throws {
    let scratch = try ScratchFolder()
    let outcome = try HektaProcess.run(
      ["analyze", Fixture.path("help"), "--out", scratch.path("rapport"), "--lang", "nb"])
    try #require(outcome.status == 0)
    let table = try String(contentsOfFile: scratch.path("rapport/tables/linkage-risk.md"), encoding: .utf8)
    #expect(table.contains("Risikodifferanse"))
    #expect(table.contains("39,7 (31,2 til 47,3)"))
  }

  @Test("bad data stop the run with every error of a file, and nothing is written")
  func badData() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: scratch.path("trial"))
    let file = scratch.path("trial/help_baseline.csv")
    var lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
    lines[4] = lines[4].replacingOccurrences(of: ",yes,", with: ",perhaps,")
    lines[6] = "old" + lines[6].drop { $0 != "," }
    try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try HektaProcess.run(["analyze", scratch.path("trial"), "--out", scratch.path("report")])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("help_baseline.csv:5:"))
    #expect(outcome.errors.contains("help_baseline.csv:7:age"))
    #expect(!outcome.errors.contains("perhaps"), "a value of a participant")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("report")))
  }

  @Test("a plan's faults are answered with line, column, key and the nearest valid key")
  func badPlan() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: scratch.path("trial"))
    let file = scratch.path("trial/plan.yml")
    let plan = try String(contentsOfFile: file, encoding: .utf8)
      .replacingOccurrences(of: "ph-transform: km", with: "ph-transfrom: km")
    try plan.write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try HektaProcess.run(["analyze", scratch.path("trial"), "--out", scratch.path("report")])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("unknown key 'ph-transfrom', 'ph-transform' expected"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("report")))
  }

  @Test("a folder that is not there is 66, an output that is there 73 unless forced")
  func places() throws {
    let scratch = try ScratchFolder()
    #expect(try HektaProcess.run(["analyze", scratch.path("none"), "--out", scratch.path("r")]).status == 66)
    let line = ["analyze", Fixture.path("help"), "--out", scratch.path("r")]
    #expect(try HektaProcess.run(line).status == 0)
    #expect(try HektaProcess.run(line).status == 73)
    #expect(try HektaProcess.run(line + ["--force"]).status == 0)
  }
}

@Suite("hekta simulate and init")
struct SimulateCommandTests {
  @Test("the committed example is what the program simulates")
  func fixture() throws {
    let scratch = try ScratchFolder()
    let outcome = try HektaProcess.run(["simulate", scratch.path("demo")])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let made = try Fixture.contents(of: scratch.path("demo"))
    var kept = try Fixture.contents(of: Fixture.path("hekta"))
    kept["README.md"] = nil
    #expect(made.keys.sorted() == kept.keys.sorted())
    for (name, data) in made { #expect(kept[name] == data, "\(name)") }
  }

  @Test("another size and seed can be analysed as it is")
  func another() throws {
    let scratch = try ScratchFolder()
    let made = try HektaProcess.run(["simulate", scratch.path("demo"), "--seed", "7", "--n", "120"])
    try #require(made.status == 0)
    let outcome = try HektaProcess.run(["analyze", scratch.path("demo"), "--out", scratch.path("report")])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("init writes a plan and a codebook that a simulated export fits", arguments: ["hekta", "blank"])
  func templates(trial: String) throws {
    let scratch = try ScratchFolder()
    let outcome = try HektaProcess.run(["init", scratch.path("mine"), "--trial", trial])
    #expect(outcome.status == 0)
    #expect(try Fixture.contents(of: scratch.path("mine")).keys.sorted() == ["codebook.yml", "plan.yml"])
    #expect(try HektaProcess.run(["init", scratch.path("mine"), "--trial", trial]).status == 73)
  }
}
