import Reruns
import Serialisation
import Testing
import TrialAnalysis

@Suite("A run as a value")
struct TrialRunTests {
  @Test("the folder of a run holds its plan and codebook, which give the same run again")
  func copies() throws {
    let run = try HelpTrial.run.get()
    let files = Dictionary(uniqueKeysWithValues: run.files().map { ($0.path, $0.text) })
    let plan = try #require(files["plan.yml"])
    let codebook = try #require(files["codebook.yml"])
    let again = try TrialRun.carryOut(
      RunIngredients(
        plan: RunDocument(path: "copy.yml", text: plan),
        codebook: RunDocument(path: "codebook.yml", text: codebook), dataDirectory: HelpTrial.folder))
    #expect(again.files() == run.files())
  }

  @Test("the compact extent is a part of the whole, with every number and every figure")
  func compact() throws {
    let run = try HelpTrial.run.get()
    let whole = run.files()
    let compact = run.files(.compact)
    #expect(compact.allSatisfy(whole.contains))
    let paths = Set(compact.map(\.path))
    #expect(
      paths.isSuperset(of: ["results.json", "tables/baseline.csv", "tables/baseline.json", "plan.yml"]))
    #expect(!paths.contains("report.html") && !paths.contains("tables/baseline.md"))
    #expect(whole.filter { $0.path.hasSuffix(".svg") }.allSatisfy(compact.contains))
  }

  @Test("the record names every ingredient by its hash, and a kept one neither time nor place")
  func record() throws {
    let run = try HelpTrial.run.get()
    let record = RunRecord(run, arguments: [], clock: nil).json
    #expect(record["plan"]?["sha256"]?.text == run.ingredients.plan.sha256)
    #expect(record["codebook"]?["sha256"]?.text == run.ingredients.codebook.sha256)
    let files = try #require(record["data"]?["files"]).elements
    #expect(files.compactMap { $0["file"]?.text } == ["help_baseline.csv", "help_followup.csv"])
    #expect(files.allSatisfy { $0["sha256"]?.text?.count == 64 })
    #expect(record["seed"] == 2003)
    for name in ["started", "seconds", "workingDirectory"] { #expect(record[name] == nil) }
    #expect(RunRecord(run, arguments: [], clock: RunClock()).json["started"]?.text?.hasSuffix("Z") == true)
  }
}
