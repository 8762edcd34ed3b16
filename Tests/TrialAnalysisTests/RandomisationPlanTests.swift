import Foundation
import TestSupport
import Testing
import TrialData

@testable import TrialAnalysis

@Suite("The randomisation of a plan")
struct RandomisationPlanTests {
  /// Two arms in blocks of four within two sites, with an outcome, reasons and a log of those assessed.
  private func files(_ change: (inout [String]) -> Void = { _ in }) throws -> (folder: String, plan: String) {
    let arms = ["A", "B", "B", "A", "B", "A", "A", "B", "A", "A", "B", "B", "B", "A", "B", "A"]
    var rows = (0..<32).map { i in
      let site = i % 2 == 0 ? "north" : "south"
      let arm = arms[i / 2]
      let reason = i == 5 ? "moved" : i == 9 ? "declined" : ""
      let day = 10 + i / 2
      return
        "P\(100 + i),\(arm),\(site),2024-01-\(day),\(20 + i),\(i == 7 ? "" : String(Double(i % 5) + (arm == "B" ? 3 : 0))),\(reason)"
    }
    change(&rows)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hekta-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
    try write(
      "id,arm,site,date,age,score,reason\n" + rows.joined(separator: "\n") + "\n", "people.csv")
    try write(
      "number,reason\n"
        + (0..<40).map { "\($0),\($0 < 5 ? "refused" : $0 < 8 ? "ineligible" : "")" }
        .joined(separator: "\n") + "\n", "screened.csv")
    try write(Self.codebook, "codebook.yml")
    return (folder, Self.plan)
  }

  private static let codebook = """
    files:
      - name: people
        file: people.csv
        key: id
        columns:
          - {name: id, type: id, unique: true}
          - {name: arm, type: categorical, levels: [A, B]}
          - {name: site, type: categorical, levels: [north, south]}
          - {name: date, type: date}
          - {name: age, type: integer}
          - {name: score, type: numeric}
          - {name: reason, type: categorical, levels: [moved, declined, died]}
      - name: screened
        file: screened.csv
        columns:
          - {name: number, type: integer}
          - {name: reason, type: categorical, levels: [refused, ineligible, other]}
    """

  private static let plan = """
    trial: {id: small, title: Small}
    seed: 3
    data:
      people: {file: people.csv, key: id}
      log: {file: screened.csv, linked: false}
    arms: {column: arm, control: A, levels: [{value: A}, {value: B}]}
    randomisation: {design: permuted-block, strata: [site], date: date, blocks: [4], draws: 499, window: {from: 2024-01-01, to: 2024-01-20}}
    analyses:
      - {id: flow, kind: flow, title: Flow, outcome: score, screening: {data: log, reason: reason}, received: {where: is.na(reason), reason: reason}, stated: {randomised: 32}}
      - {id: checks, kind: randomisation, title: Checks, covariates: [age], outcomes: [score]}
      - {id: score, kind: means, title: Score, outcome: score, method: randomisation-test}
    """

  private func run(_ files: (folder: String, plan: String)) throws -> PlanRunner.Outcome {
    defer { try? FileManager.default.removeItem(atPath: files.folder) }
    let plan = try PlanReader.read(files.plan, file: "plan.yml", sha256: "")
    return try PlanRunner(plan: plan, dataDirectory: files.folder).run(
      codebook: files.folder + "/codebook.yml")
  }

  @Test("a list in its blocks passes, dates outside the window fail with their lines")
  func audit() throws {
    let outcome = try run(files())
    func check(_ id: String) throws -> Result {
      try #require(outcome.run.results.first { $0.term == "check=\(id)" }, "no check \(id)")
    }
    func choice(_ record: Result, _ name: String) -> String? {
      record.conventions.first { $0.name == name }?.choice
    }
    let blocks = try check("block-structure")
    #expect(choice(blocks, "verdict") == "pass")
    let runs = try check("runs")
    #expect(choice(runs, "re-drawn design") == "permuted-block (4)")
    let late = try check("date-outside-window")
    #expect(choice(late, "verdict") == "fail" && choice(late, "lines")?.hasPrefix("24, 25") == true)
    #expect(
      outcome.failedChecks.count == 1 && outcome.failedChecks[0].hasPrefix("checks: date-outside-window"))
    #expect(outcome.run.results.first { $0.id == "checks/all/blocks=north:count" }?.estimate == 4)
  }

  @Test("the flow counts the log of those assessed, and reasons by arm with zeros kept")
  func flow() throws {
    let run = try run(files()).run
    func count(_ id: String) -> Double? { run.results.first { $0.id == id }?.estimate }
    #expect(count("flow/all/assessed:count") == 40)
    #expect(count("flow/all/not-randomised=refused:count") == 5)
    #expect(count("flow/all/not-randomised=other:count") == 0)
    #expect(count("flow/A/not-received=died:count") == 0)
    #expect(
      (count("flow/A/not-received:count") ?? 0) + (count("flow/B/not-received:count") ?? 0) == 2)
    #expect(run.equations.contains { $0.name == "flow: assessed = flow: randomised + not randomised" })
  }

  @Test("a participant dropped from the file, recoded or added breaks the edge that says so")
  func mutations() throws {
    func message(_ change: @escaping (inout [String]) -> Void) throws -> String {
      let files = try files(change)
      let error = #expect(throws: DataError.self) { _ = try run(files) }
      return error?.description ?? ""
    }
    let dropped = try message { $0.removeLast() }
    #expect(dropped.contains("flow: assessed = flow: randomised + not randomised: 40 and 39"))
    #expect(dropped.contains("flow: randomised = flow: stated as randomised: 31 and 32"))
    let added = try message { $0.append("P900,A,north,2024-01-19,40,1,") }
    #expect(added.contains("40 and 41"))
  }

  @Test("the randomisation test draws the stated design and brings its Monte-Carlo error")
  func inference() throws {
    let outcome = try run(files())
    let record = try #require(
      outcome.run.results.first { $0.id == "score.randomisation-test/B - A/mean-difference" })
    let crude = try #require(
      outcome.run.results.first { $0.measure == .meanDifference && $0.method == "linear regression" })
    expectClose(record.estimate, crude.estimate!)
    #expect(record.low! < record.estimate! && record.estimate! < record.high!)
    #expect(record.pValue! < 0.05)
    #expect(record.conventions.contains { $0.name == "re-drawn design" && $0.choice == "permuted-block (4)" })
    #expect(record.conventions.contains { $0.name == "Monte-Carlo error of p" })
    let again = try run(files()).run
    #expect(again == outcome.run, "the same input gives the same run")
  }

  @Test("faults of the plan are named together")
  func faults() {
    let text = Self.plan.replacing("blocks: [4]", with: "blocks: [5]").replacing(
      "2024-01-01", with: "2024-13-01")
    let error = #expect(throws: DataError.self) {
      try PlanReader.read(text, file: "plan.yml", sha256: "")
    }
    #expect(error?.problems.count == 2)
    #expect(error?.description.contains("a multiple of 2 expected as the size of a block") == true)
  }
}
