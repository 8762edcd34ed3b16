import Foundation
import Serialisation
import Testing

@Suite("hekta batch")
struct BatchCommandTests {
  /// A batch over the HELP trial with a cell that cannot be analysed.
  private static let text = """
    batch: linkage
    trial: \(Fixture.path("help"))
    analyses: [linkage-logistic, linkage-cox]
    grid:
      - axis: people
        options:
          - {id: all}
          - {id: supported, filter: pss_fr > 5}
          - {id: broken, filter: agee > 30}
      - axis: ties
        options:
          - {id: efron}
          - {id: breslow, set: {"analyses[linkage-cox].ties": breslow}}
    curves:
      - {id: hazard, record: "linkage-cox.crude/yes / no/armyes:hazard-ratio"}
    """

  private func write(_ text: String, _ scratch: ScratchFolder) throws -> String {
    let path = scratch.path("batch.yml")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test("every cell is a run of its own; a failed one is a row with its reason; a second run repeats none")
  func grid() throws {
    let scratch = try ScratchFolder()
    let file = try write(Self.text, scratch)
    let out = scratch.path("out")
    let outcome = try HektaProcess.run(["batch", file, "--out", out, "--jobs", "2"])
    #expect(outcome.status == 4, "\(outcome.errors)")
    #expect(outcome.errors.contains("2 of 6 cells failed"))
    #expect(!outcome.errors.contains(Fixture.folder.path))
    let first = try Fixture.contents(of: out)
    let rows = String(decoding: try #require(first["results.csv"]), as: UTF8.self)
    #expect(rows.hasPrefix("cell,people,ties,id,analysis,"))
    #expect(rows.contains("\nbroken/efron,broken,efron,"))
    // The cell's own run by the plan that was made for it gives the same records.
    let batch = try JSONValue(
      parsing: String(decoding: try #require(first["batch.json"]), as: UTF8.self))
    let cell = try #require(batch["cells"]?.elements.first { $0["cell"]?.text == "supported/breslow" })
    let name = String(try #require(cell["hash"]?.text).prefix(16))
    let alone = try HektaProcess.run([
      "analyze", Fixture.path("help"), "--plan", "\(out)/plans/\(name).yml", "--out", scratch.path("alone"),
    ])
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: scratch.path("alone/results.json")))
        == first["cells/\(name)/results.json"])
    // Refused without being asked to go on; nothing is run again when asked.
    #expect(try HektaProcess.run(["batch", file, "--out", out]).status == 73)
    let again = try HektaProcess.run(["batch", file, "--out", out, "--resume"])
    #expect(again.errors.contains("every cell of 6 is finished"))
    var second = try Fixture.contents(of: out)
    var expected = first
    expected["run.json"] = nil
    second["run.json"] = nil
    #expect(second == expected)
  }

  @Test("a cell without a number to read has failed, with the reason of each analysis, and keeps its records")
  func withoutNumbers() throws {
    let scratch = try ScratchFolder()
    let text = """
      batch: empty
      trial: \(Fixture.path("help"))
      analyses: [linkage-logistic, linkage-cox]
      grid:
        - axis: people
          options:
            - {id: all}
            - {id: nobody, filter: age < 0}
      """
    let out = scratch.path("out")
    let outcome = try HektaProcess.run(["batch", try write(text, scratch), "--out", out])
    #expect(outcome.status == 4)
    #expect(outcome.errors.contains("1 of 2 cells failed"), "\(outcome.errors)")
    let cells = try String(contentsOfFile: out + "/cells.csv", encoding: .utf8).split(separator: "\n")
    let row = try #require(cells.first { $0.hasPrefix("nobody,") })
    #expect(row.contains(",failed,") && row.contains("linkage-logistic: ") && row.contains("linkage-cox: "))
    let rows = try String(contentsOfFile: out + "/results.csv", encoding: .utf8)
    #expect(rows.contains("\nnobody,nobody,linkage-cox"))
  }

  @Test("a curve of a record that no cell has is told, and names that differ in capitals alone are refused")
  func misspelt() throws {
    let scratch = try ScratchFolder()
    let text = """
      batch: small
      trial: \(Fixture.path("help"))
      analyses: [linkage-cox]
      grid:
        - axis: people
          options:
            - {id: all}
      curves:
        - {id: hazard, record: linkage-cox/misspelt}
      """
    let outcome = try HektaProcess.run(["batch", try write(text, scratch), "--out", scratch.path("out")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "warning: no cell has an estimate for the curve 'hazard': linkage-cox/misspelt"), "\(outcome.errors)")
    for name in ["Row", "P.Value", "N"] {
      let named = text.replacing("axis: people", with: "axis: \(name)")
      let refused = try HektaProcess.run([
        "batch", try write(named, scratch), "--out", scratch.path("refused"),
      ])
      #expect(refused.status == 65 && refused.errors.contains("found '\(name)'"), "\(refused.errors)")
    }
  }

  @Test("killed at any moment and resumed, a batch ends as if it had never been")
  func killed() throws {
    let scratch = try ScratchFolder()
    let file = try write(Self.text, scratch)
    _ = try HektaProcess.run(["batch", file, "--out", scratch.path("whole")])
    for milliseconds in [150, 700, 1500, 2500] {
      let process = Process()
      process.executableURL = HektaProcess.program
      process.arguments = ["batch", file, "--out", scratch.path("killed"), "--jobs", "1"]
      if FileManager.default.fileExists(atPath: scratch.path("killed/batch.json")) {
        process.arguments!.append("--resume")
      }
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(milliseconds) * 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // A worker that outlived its parent ends by itself after its cell.
    var outcome = try HektaProcess.run(["batch", file, "--out", scratch.path("killed"), "--resume"])
    if outcome.status == 73 {
      outcome = try HektaProcess.run(["batch", file, "--out", scratch.path("killed")])
    }
    #expect(outcome.status == 4)
    var whole = try Fixture.contents(of: scratch.path("whole"))
    var killed = try Fixture.contents(of: scratch.path("killed"))
    whole["run.json"] = nil
    killed["run.json"] = nil
    #expect(whole == killed)
  }

  @Test("shards and their gathering give the files of a run in one place; a shard alone is not stacked")
  func shards() throws {
    let scratch = try ScratchFolder()
    let file = try write(Self.text, scratch)
    _ = try HektaProcess.run(["batch", file, "--out", scratch.path("whole")])
    let out = scratch.path("shards")
    #expect(try HektaProcess.run(["batch", file, "--out", out, "--prepare"]).status == 0)
    #expect(try HektaProcess.run(["batch", "--out", out, "--shard", "2/2"]).status == 0)
    let early = try HektaProcess.run(["batch", "--out", out, "--gather"])
    #expect(early.status == 4)
    #expect(early.errors.contains("3 of 6 cells are not finished"))
    #expect(!FileManager.default.fileExists(atPath: "\(out)/results.csv"))
    #expect(try HektaProcess.run(["batch", "--out", out, "--shard", "1/2"]).status == 0)
    #expect(try HektaProcess.run(["batch", "--out", out, "--gather"]).status == 4)
    var whole = try Fixture.contents(of: scratch.path("whole"))
    var parts = try Fixture.contents(of: out)
    whole["run.json"] = nil
    parts["run.json"] = nil
    #expect(whole == parts)
  }

  @Test("a fault of the batch file stops everything before a folder is made")
  func faults() throws {
    let scratch = try ScratchFolder()
    let file = try write(Self.text.replacingOccurrences(of: "analyses: [", with: "analysis: ["), scratch)
    let outcome = try HektaProcess.run(["batch", file, "--out", scratch.path("out")])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("unknown key 'analysis'"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out")))
  }

  @Test(
    "what dooms every cell is refused with its place in the batch file before a folder is made",
    arguments: [
      ("linkage-cox]", "linkage-coxx]", ":3:30: analyses[2]: found 'linkage-coxx', 'linkage-cox' expected"),
      ("pss_fr > 5", "pss_fr >", ":8:25: grid[1].options[2].filter: found 'pss_fr >' ("),
      (
        "id: efron}", "id: efron, conventions: spss}",
        ":12:21: grid[2].options[1].conventions: found 'spss'"
      ),
      ("[linkage-cox].ties", "[0].ties", "(lists count from 1, so that [0] is none)"),
    ])
  func doomed(old: String, new: String, message: String) throws {
    let scratch = try ScratchFolder()
    let file = try write(Self.text.replacing(old, with: new, maxReplacements: 1), scratch)
    let outcome = try HektaProcess.run(["batch", file, "--out", scratch.path("out")])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out")))
  }

  @Test(
    "a key that the plan lacks fails the cells that set it, told before they are run; alone it is refused")
  func mistakes() throws {
    let scratch = try ScratchFolder()
    let text = """
      batch: ties
      trial: \(Fixture.path("help"))
      analyses: [linkage-cox]
      grid:
        - axis: ties
          options:
            - {id: efron}
            - {id: breslow, set: {"analyses[linkage-cox].tiess": breslow}}
            - {id: nowhere, data: nowhere}
      """
    let outcome = try HektaProcess.run(["batch", try write(text, scratch), "--out", scratch.path("out")])
    #expect(outcome.status == 4)
    #expect(
      outcome.errors.contains(
        "batch.yml:8:9: grid[1].options[2]: analyses[1].tiess: unknown key 'tiess', 'ties' expected; a cell fails of it"
      ), "\(outcome.errors)")
    #expect(outcome.errors.contains("options[3].data: found 'nowhere'"), "\(outcome.errors)")
    #expect(outcome.errors.contains("2 of 3 cells failed"))
    let alone = text.replacing("      - {id: efron}\n", with: "")
    let refused = try HektaProcess.run(["batch", try write(alone, scratch), "--out", scratch.path("alone")])
    #expect(refused.status == 65 && refused.errors.contains("unknown key 'tiess'"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("alone")))
  }

  @Test("the folder of a batch is its owner's alone")
  func modes() throws {
    let scratch = try ScratchFolder()
    let out = scratch.path("out")
    _ = try HektaProcess.run(["batch", try write(Self.text, scratch), "--out", out])
    for path in [out, out + "/cells", out + "/plans"] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o700, "\(path)")
    }
  }
}

@Suite("hekta power --simulate")
struct PowerCommandTests {
  private let plan = Fixture.path("hekta/plan.yml")
  private let options = [
    "--replicates", "12", "--truth-participants", "400", "--analyses", "employment-logistic,job-cox",
  ]

  @Test("the numbers are the same on one thread, on two, and from shards")
  func threads() throws {
    let scratch = try ScratchFolder()
    let command = ["power", "--simulate", plan] + options
    let one = try HektaProcess.run(command + ["--jobs", "1", "--format", "json"])
    #expect(one.status == 0, "\(one.errors)")
    let two = try HektaProcess.run(command + ["--jobs", "2", "--format", "json"])
    #expect(one.output == two.output)
    let out = scratch.path("study")
    #expect(try HektaProcess.run(command + ["--out", out, "--prepare"]).status == 0)
    #expect(try HektaProcess.run(["power", "--out", out, "--shard", "2/2"]).status == 0)
    #expect(try HektaProcess.run(["power", "--out", out, "--gather"]).status == 4)
    #expect(try HektaProcess.run(["power", "--out", out, "--shard", "1/2"]).status == 0)
    let gathered = try HektaProcess.run(["power", "--out", out, "--gather", "--format", "json"])
    #expect(gathered.output == one.output)
    // Another study in the same folder takes none of the trials that are there.
    let other = ["--seed", "5", "--format", "json"]
    let resumed = try HektaProcess.run(command + other + ["--out", out, "--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output == (try HektaProcess.run(command + other)).output)
    #expect(resumed.output != one.output)
    let json = try JSONValue(parsing: one.output)
    #expect(json["scenarios"]?.elements.count == 2)
    // A test of a whole adjusted model is none of the arms: covariates act in both scenarios.
    let ids = json["scenarios"]?.elements[1]["results"]?.elements.compactMap { $0["id"]?.text } ?? []
    #expect(ids.contains("job-cox.crude/all/wald:test") && !ids.contains("job-cox.adjusted/all/wald:test"))
    #expect(json["participants"]?.double == 202)
  }

  @Test("a trial of the simulation is the trial that hekta simulate writes, analysed by hekta analyze")
  func sameTrial() throws {
    // Replicate 0 of the scenario with an effect has the streams of hekta simulate's only trial.
    let scratch = try ScratchFolder()
    let study = try HektaProcess.run([
      "power", "--simulate", plan, "--replicates", "2", "--scenario", "effect",
      "--analyses", "employment-logistic,job-cox.adjusted,symptoms-lmm",
      "--truth-participants", "0", "--seed", "77", "--out", scratch.path("study"),
    ])
    #expect(study.status == 0, "\(study.errors)")
    _ = try HektaProcess.run(["simulate", scratch.path("trial"), "--seed", "77"])
    let run = try HektaProcess.run(["analyze", scratch.path("trial"), "--out", scratch.path("report")])
    #expect(run.status == 0, "\(run.errors)")
    func json(_ name: String) throws -> JSONValue {
      try JSONValue(parsing: String(contentsOfFile: scratch.path(name), encoding: .utf8))
    }
    let simulated = try json("study/shards/1-of-1.json")["effect"]?.elements[0]["estimates"]?.elements ?? []
    let analysed = try json("report/results.json")["results"]?.elements ?? []
    let ids = simulated.compactMap { $0["id"]?.text }
    #expect(ids.contains("employment-logistic.crude/IPS / control/armIPS:odds-ratio"))
    #expect(ids.contains("symptoms-lmm/IPS - control/visit@12:mean-difference"))
    #expect(ids.contains("job-cox.adjusted/IPS / control/armIPS:hazard-ratio"))
    #expect(!ids.contains { $0.hasPrefix("job-cox.crude") })
    for estimate in simulated {
      let record = analysed.first { $0["id"]?.text == estimate["id"]?.text }
      for name in ["estimate", "std.error", "conf.low", "conf.high", "p.value"] {
        #expect(estimate[name]?.double == record?[name]?.double, "\(estimate["id"]?.text ?? ""): \(name)")
      }
    }
    #expect(simulated.contains { $0["p.value"]?.double != nil && $0["std.error"]?.double != nil })
  }

  @Test("a plan without a model, an unknown parameter and an unknown analysis are told with their place")
  func faults() throws {
    let scratch = try ScratchFolder()
    let none = try HektaProcess.run(["power", "--simulate", Fixture.path("help/plan.yml")])
    #expect(none.status == 65)
    #expect(none.errors.contains("no 'simulate'"))
    let folder = scratch.path("trial")
    try FileManager.default.copyItem(atPath: Fixture.path("hekta"), toPath: folder)
    let text = try String(contentsOfFile: "\(folder)/plan.yml", encoding: .utf8)
    try text.replacingOccurrences(of: "any-work: 0.344", with: "any-wrok: 0.344").write(
      toFile: "\(folder)/plan.yml", atomically: true, encoding: .utf8)
    let unknown = try HektaProcess.run(["power", "--simulate", "\(folder)/plan.yml"])
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("'control.any-work' expected"))
    try text.replacingOccurrences(of: "participants: 202", with: "participants: 2").write(
      toFile: "\(folder)/plan.yml", atomically: true, encoding: .utf8)
    let few = try HektaProcess.run(["power", "--simulate", "\(folder)/plan.yml"])
    #expect(few.errors.contains("found '2', a whole number from 4 to 1000000 expected"), "\(few.errors)")
    let analysis = try HektaProcess.run(["power", "--simulate", plan, "--analyses", "job-coks"])
    #expect(analysis.status == 65)
    #expect(analysis.errors.contains("'job-cox' expected"))
    // Arms are drawn anew within strata that there are, or not at all.
    let help = scratch.path("help")
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: help)
    let anew = try String(contentsOfFile: "\(help)/plan.yml", encoding: .utf8)
    try (anew + "\nsimulate: {model: rerandomise, strata: [femal]}\n").write(
      toFile: "\(help)/plan.yml", atomically: true, encoding: .utf8)
    let strata = try HektaProcess.run(["power", "--simulate", "\(help)/plan.yml"])
    #expect(strata.status == 65)
    #expect(strata.errors.contains("no column 'femal', 'female' expected"), "\(strata.errors)")
  }
}
