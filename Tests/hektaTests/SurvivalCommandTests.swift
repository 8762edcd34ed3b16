import Foundation
import Serialisation
import Testing

@Suite("hekta fit: event times")
struct SurvivalCommandTests {
  private func data(_ name: String) -> String { HektaProcess.resource("Reference/data/\(name)").path }

  private func json(_ arguments: [String]) throws -> JSONValue {
    let outcome = try HektaProcess.run(["fit"] + arguments + ["--format", "json"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  private func written(_ lines: [String], _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".csv")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
  }

  @Test("the log-rank test is the score test of a Cox model with exact ties")
  func scoreTest() throws {
    let logrank = try json(["logrank", "Surv(time, status) ~ sex", "--data", data("lung.csv")])
    let cox = try json(["cox", "Surv(time, status) ~ sex", "--data", data("lung.csv"), "--ties", "exact"])
    let score = try #require(cox["tests"]?.elements.first { $0["name"]?.text == "score" })
    let a = try #require(score["statistic"]?.double)
    let b = try #require(logrank["tests"]?.elements.first?["statistic"]?.double)
    #expect(abs(a - b) < 1e-9 * b)
  }

  @Test(
    "requests without meaning are refused",
    arguments: [
      (["cox", "Surv(time, status) ~ sex", "--id", "inst"], "--id has no meaning"),
      (["km", "Surv(time, status) ~ sex", "--penalty", "firth"], "--penalty has no meaning for km"),
      (["cox", "Surv(time, status) ~ sex", "--recurrent", "ag"], "--id VAR"),
      (["cox", "Surv(time, status) ~ sex", "--predict-type", "risk"], "--predict FILE"),
      (["cox", "Surv(time, status) ~ sex", "--penalty", "firth", "--robust"], "--penalty firth"),
      (["cox", "Surv(time, status) ~ sex", "--penalty", "firth", "--zph"], "--zph has no meaning"),
      (["cox", "Surv(time, status) ~ sex", "--standardise", "sex"], "--times"),
      (["cox", "Surv(time, status) ~ sex", "--target", "population"], "--standardise"),
      (
        ["cox", "Surv(time, status) ~ sex", "--standardise", "sex", "--times", "9", "--id", "inst"],
        "a row a person"
      ),
      (["finegray", "Surv(time, status) ~ sex", "--times", "100"], "--predict FILE"),
      (["cox", "Surv(time, status) ~ sex", "--landmark", "5000"], "nobody is followed"),
      (["logrank", "Surv(time, status) ~ sex", "--kind", "fleming-harrington"], "--fh"),
      (["logrank", "Surv(time, status) ~ sex", "--rho", "1", "--kind", "peto"], "--rho"),
      (["logrank", "Surv(time, status) ~ sex", "--scores", "1,2,3"], "2 numbers"),
      (["logrank", "Surv(time, status) ~ ph.ecog", "--kind", "maxcombo"], "two groups"),
      (["rmst", "Surv(time, status) ~ sex", "--tau", "300", "--exponentiate"], "rmst without --pseudo"),
      (["aft", "Surv(time, status) ~ strata(sex)", "--dist", "exponential"], "fixed scale"),
      (["mcf", "Surv(time, status) ~ sex"], "--id"),
    ])
  func refused(arguments: [String], message: String) throws {
    let outcome = try HektaProcess.run(["fit"] + arguments + ["--data", data("lung.csv")])
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test("rows of one person that overlap are named by line and column, exit 65")
  func overlapping() throws {
    try written(["id,start,stop,event,x", "1,0,5,1,0", "1,4,9,0,0", "2,0,3,1,1", "2,3,6,0,1"]) { file in
      let outcome = try HektaProcess.run([
        "fit", "cox", "Surv(start, stop, event) ~ x", "--data", file, "--recurrent", "ag", "--id", "id",
      ])
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains(":3:"))
      #expect(outcome.errors.contains("overlaps"))
    }
  }

  @Test("intervals that are empty, reversed or negative are all named, exit 65")
  func badIntervals() throws {
    try written(["start,stop,event,x", "0,5,1,0", "4,4,0,1", "6,3,1,0", "-1,2,1,1"]) { file in
      let outcome = try HektaProcess.run(["fit", "cox", "Surv(start, stop, event) ~ x", "--data", file])
      #expect(outcome.status == 65)
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("residuals go to a file of their own, one line a row")
  func residuals() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".csv")
    defer { try? FileManager.default.removeItem(at: file) }
    let report = try json([
      "cox", "Surv(time, status) ~ age + sex", "--data", data("lung.csv"), "--residuals", "martingale",
      "--residuals-out", file.path,
    ])
    #expect(report["residuals"] == nil)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "line,martingale")
    #expect(lines.count == 229)
    let sum = lines.dropFirst().reduce(0) { $0 + Double($1.split(separator: ",")[1])! }
    #expect(abs(sum) < 1e-9)
  }

  @Test("a change at or before the start counts from the start; one at or after the end not at all")
  func changes() throws {
    try written(["id,time,status,x", "1,10,1,0", "2,12,1,0", "3,8,0,0", "4,15,1,1"]) { file in
      try written(["id,time,x", "1,0,1", "2,5,1", "3,8,1", "9,1,1"]) { changes in
        let report = try json([
          "cox", "Surv(time, status) ~ x", "--data", file, "--changes", changes, "--id", "id",
        ])
        #expect(report["n"] == .integer(5))
        #expect(report["episodes"]?["rows"] == .integer(4))
        #expect(report["episodes"]?["episodes"] == .integer(5))
        #expect(
          report["warnings"]?.elements.contains { $0.text?.contains("1 rows of --changes") == true } == true)
      }
    }
  }

  @Test("coarse times are warned of")
  func ties() throws {
    let report = try json(["cox", "Surv(futime, death) ~ age", "--data", data("mgus2.csv")])
    #expect(report["warnings"]?.elements.contains { $0.text?.contains("share their time") == true } == true)
  }

  /// R 4.2.2, survival 3.5-3: means of `survfit(fit, newdata)` over the rows, with the delta method by differences.
  @Test("survival standardised over the arms, with differences and ratios at each time")
  func standardised() throws {
    let report = try json([
      "cox", "Surv(time, status) ~ sex + age + ph.ecog", "--data", data("lung.csv"), "--where",
      "!is.na(wt.loss)", "--standardise", "sex", "--times", "365,180",
    ])
    #expect(report["n"] == .integer(213))
    let rows = try #require(report["marginal"]?.elements)
    #expect(rows.count == 8)
    func row(_ measure: String, _ level: String, _ time: Double) throws -> JSONValue {
      try #require(
        rows.first {
          $0["measure"]?.text == measure && $0["level"]?.text == level && $0["time"]?.double == time
        })
    }
    let men = try row("survival", "1", 180)
    #expect(abs(men["estimate"]!.double! - 0.69982393298855) < 1e-9)
    #expect(abs(men["std.error"]!.double! - 0.0358983443550795) < 1e-8)
    let difference = try row("difference", "2", 365)
    #expect(abs(difference["estimate"]!.double! - 0.191969164147154) < 1e-9)
    #expect(abs(difference["std.error"]!.double! - 0.0567264037954864) < 1e-8)
    let ratio = try row("ratio", "2", 365)
    #expect(abs(ratio["estimate"]!.double! - 0.547341795308049 / 0.355372631160895) < 1e-8)
    let population = try json([
      "cox", "Surv(time, status) ~ sex + age + ph.ecog", "--data", data("lung.csv"), "--where",
      "!is.na(wt.loss)", "--standardise", "sex", "--times", "180", "--target", "population",
    ])
    let wider = try #require(population["marginal"]?.elements.first)
    #expect(abs(wider["std.error"]!.double! - 0.0364769212285807) < 1e-8)
  }

  @Test("standardising start-stop rows needs persons, in whom nothing but the variable set changes")
  func standardisedStartStop() throws {
    let call = [
      "fit", "cox", "Surv(start, stop, event) ~ age + transplant", "--data", data("heart.csv"), "--times",
      "100", "--standardise",
    ]
    let unnamed = try HektaProcess.run(call + ["transplant"])
    #expect(unnamed.status == 64)
    #expect(unnamed.errors.contains("--id VAR with start-stop times"))
    let changing = try HektaProcess.run(
      ["fit", "cox", "Surv(start, stop, event) ~ surgery + transplant", "--data", data("heart.csv")] + [
        "--times", "100", "--standardise", "surgery", "--id", "id",
      ])
    #expect(changing.status == 64)
    #expect(changing.output.isEmpty)
    #expect(changing.errors.contains("transplant changes within persons"), "\(changing.errors)")
    let report = try json(Array(call.dropFirst()) + ["transplant", "--id", "id"])
    #expect(report["conventions"]?["standardised over"]?.text?.hasPrefix("103 persons") == true)
  }

  @Test("follow-up split by the program leaves standardised survival and curves as they were")
  func splitPersons() throws {
    var lines = ["id,time,status,x,z"]
    for person in 1...40 {
      let time = (person * 37) % 101 + 1
      let status = person % 3 == 0 ? 0 : 1
      lines.append("\(person),\(time),\(status),\(person % 2),\((person * 7) % 11)")
    }
    try written(lines) { file in
      let call = [
        "cox", "Surv(time, status) ~ x + z", "--data", file, "--standardise", "x", "--times", "30,60",
      ]
      let whole = try json(call)
      let split = try json(call + ["--id", "id", "--split-at", "20,50"])
      for (a, b) in zip(whole["marginal"]!.elements, split["marginal"]!.elements) {
        #expect(abs(a["estimate"]!.double! - b["estimate"]!.double!) < 1e-9)
        if let error = a["std.error"]?.double { #expect(abs(error - b["std.error"]!.double!) < 1e-9) }
      }
      let curve = try json(["km", "Surv(time, status) ~ 1", "--data", file])
      let cut = try json([
        "km", "Surv(time, status) ~ 1", "--data", file, "--id", "id", "--split-at", "20,50",
      ])
      func censored(_ report: JSONValue) -> Double {
        var sum = 0.0
        for point in report["strata"]!.elements[0]["curve"]!.elements { sum += point["n.censor"]!.double! }
        return sum
      }
      #expect(censored(curve) == censored(cut))
    }
  }

  /// R 4.2.2, cmprsk: `predict(crr(t2, cr, cbind(z1, z10)), …)`.
  @Test("the incidence that a Fine-Gray model predicts for new rows")
  func incidence() throws {
    try written(["group,z1,z10", "3,30,0", "2,22,1"]) { new in
      let report = try json([
        "finegray", "Surv(t2, cr) ~ factor(group) + z1 + z10", "--data", data("bmt.csv"), "--predict", new,
        "--times", "365",
      ])
      let rows = try #require(report["incidence"]?.elements)
      #expect(rows.compactMap { $0["row"]?.double } == [1, 2])
      for (row, value) in zip(rows, [0.33115769853960, 0.11586314654506]) {
        #expect(abs(row["est"]!.double! - value) < 1e-7)
      }
    }
  }

  /// R 4.2.2, cmprsk: `timepoints(cuminc(days, status, arm), c(1000, 3000))` of `survival::pbc`.
  @Test(
    "a plan with competing events draws each cause from 0 to the end of follow-up, and says how many had it")
  func competingPlan() throws {
    let plan = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/pbc")
    let out = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: out) }
    let outcome = try HektaProcess.run(["analyze", plan.path, "--out", out.path])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let results = try JSONValue(
      parsing: String(contentsOf: out.appendingPathComponent("results.json"), encoding: .utf8))
    func records(_ term: String, _ arm: String) -> [JSONValue] {
      results["results"]!.elements.filter {
        $0["analysis"]?.text == "incidence" && $0["term"]?.text == term && $0["group"]?.text == arm
      }
    }
    let curve = records("curve=2", "placebo")
    #expect(curve.first?["time"]?.double == 0)
    #expect(curve.first?["estimate"]?.double == 0)
    #expect(curve.last?["time"]?.double == 4523)
    #expect(curve.last?["estimate"]?.double == curve.dropLast().last?["estimate"]?.double)
    let horizon = try #require(records("horizon=2", "placebo").first { $0["time"]?.double == 1000 })
    #expect(abs(horizon["estimate"]!.double! - 0.20174482006543076) < 1e-9)
    #expect(abs(horizon["std.error"]!.double! - 0.03249914413234960) < 1e-9)
    let events = records("2", "placebo").first { $0["measure"]?.text == "events" }
    #expect(events?["estimate"]?.double == 60)
    // table(pbc$status, pbc$trt): the rest of the 154 were censored.
    let censored = records("curve", "placebo").filter { $0["measure"]?.text == "censored" }
    #expect(censored.compactMap { $0["estimate"]?.double }.reduce(0, +) == 85)
    let table = try String(contentsOf: out.appendingPathComponent("tables/incidence.md"), encoding: .utf8)
    #expect(table.contains("| Death: "))
    #expect(table.contains("60/154"))
    for cause in 1...2 {
      let figure = try String(
        contentsOf: out.appendingPathComponent("figures/incidence-\(cause).svg"), encoding: .utf8)
      #expect(figure.contains("Number at risk"))
      #expect(figure.contains(">154<") && figure.contains(">158<"))
      // Every time of censoring has a stroke on its curve.
      #expect(figure.components(separatedBy: "<line").count > censored.count)
    }
  }

  @Test("a plan's mean cumulative function has a table and a figure with numbers at risk")
  func recurrentPlan() throws {
    let plan = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("TrialAnalysisTests/Data/recurrent")
    let out = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: out) }
    let outcome = try HektaProcess.run(["analyze", plan.path, "--out", out.path])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let figure = try String(
      contentsOf: out.appendingPathComponent("figures/recurrences.svg"), encoding: .utf8)
    #expect(figure.contains("Mean number of events"))
    #expect(figure.contains("Number at risk"))
    #expect(figure.contains(">47<") && figure.contains(">16<"))
    let table = try String(
      contentsOf: out.appendingPathComponent("tables/recurrences.md"), encoding: .utf8)
    #expect(table.contains("1.86 (1.35 to 2.55)"))
    #expect(table.contains("0.66 (0.38 to 1.16)"))
  }
}
