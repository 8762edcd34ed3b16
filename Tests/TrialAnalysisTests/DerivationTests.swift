import Testing
import TrialData

@testable import TrialAnalysis

/// Four people whose outcomes are worked out by hand; A and C are treated, B and D are not.
@Suite("Variables that a plan derives")
struct DerivationTests {
  private static let outcome: Swift.Result<PlanRunner.Outcome, any Error> = Swift.Result {
    let directory = HelpTrial.fixture("../Tests/TrialAnalysisTests/Data/jobs")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    return try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
  }

  /// The means of control and treated.
  private func means(_ variable: String) throws -> [Double?] {
    let results = try Self.outcome.get().run.results
    return ["control", "treated"].map { arm in
      results.first { $0.id == "amounts/\(arm)/\(variable):mean" }?.estimate
    }
  }

  @Test("Two half jobs on the same days are ten days, one and a half weeks' hours and two jobs")
  func employment() throws {
    // B works from 17 May to 15 June, 30 days, invisible on the 16th of any month; C's job is from before; D draws a pension.
    #expect(try means("days_worked") == [15, 5])
    let hours = try means("hours")
    expectClose(hours[0], 30 * 37.5 / 7 / 2)
    expectClose(hours[1], 10 * 37.5 / 7 / 2)
    #expect(try means("jobs") == [0.5, 1])
    #expect(try means("longest_job_days") == [15, 5])
    #expect(try means("pre_existing") == [0, 0.5])
    // 18 months from 31 August 2020 end on 28 February 2022.
    #expect(try means("window_days")[1] == (546 + 549) / 2.0)
    let risks = try Self.outcome.get().run.results.filter { $0.measure == .risk }
    #expect(risks.map(\.events) == [1, 1])
    #expect(
      try Self.outcome.get().run.warnings == [
        "employment: 1 participants with a job begun before day 0 that ran into the window"
      ])
  }

  @Test("Totals over the window count edge months whole or by their days inside")
  func totals() throws {
    #expect(try means("pay_whole") == [0, 15900 / 2])
    // 1 of 31 days of August 2020, 27 of 28 of February 2022
    expectClose(try means("pay_prorated")[1], (100 + 10000 + 2700) / 2)
  }

  @Test("Scores need enough answers, and a visit not made is missing")
  func scores() throws {
    expectClose(try means("symptoms_0")[0], 2)
    expectClose(try means("symptoms_0")[1], (2 + 3.5) / 2)
    #expect(try means("symptoms_6") == [3, 4])
    let missing = try Self.outcome.get().run.results.filter { $0.term == "symptoms_6=" }
    #expect(missing.map(\.estimate) == [1, 1, 2])
  }

  @Test(
    "A plan is held against the files without an analysis: every name in it is there",
    arguments: ["help", "hekta", "pbc", "../Tests/TrialAnalysisTests/Data/jobs"])
  func checks(trial: String) throws {
    let directory = HelpTrial.fixture(trial)
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    let codebook = try Codebook(path: directory + "/codebook.yml")
    try PlanRunner(plan: plan, dataDirectory: directory).check(
      TrialDataset.load(directory: directory, codebook: codebook))
  }

  @Test(
    "Columns, levels and terms of formulas that are not there are faults of the plan, all of them at once")
  func faultsOfNames() throws {
    let directory = HelpTrial.fixture("hekta")
    var text = try TextFile(path: directory + "/plan.yml").text
    for (old, new) in [
      ("outcome: days_worked", "outcome: days_workd"), ("[age, sex, agonist", "[agee, sex, agonist"),
      ("symptoms ~ arm*visit", "symptom ~ arm*visit"), ("time: job_time", "time: job_tim"),
    ] {
      try #require(text.contains(old))
      text = text.replacing(old, with: new)
    }
    let plan = try PlanRunner.plan(text: text, file: "plan.yml")
    let dataset = try TrialDataset.load(
      directory: directory, codebook: Codebook(path: directory + "/codebook.yml"))
    do {
      try PlanRunner(plan: plan).check(dataset)
      Issue.record("no fault")
    } catch let error as DataError {
      for name in ["days_workd", "agee", "symptom", "job_tim"] {
        #expect(error.problems.contains { $0.found.contains("no column '\(name)' in ") })
      }
    }
  }

  @Test(
    "A condition with a level that nobody can have would leave out nobody, and stops the run",
    arguments: [
      (
        "included_by_error == \"yes\"", "included_by_error == \"ja\"",
        "'ja' is no level of 'included_by_error'"
      ),
      (
        "pmin(window_days, ", "ifelse(sex == \"Male\", 1, 1) * pmin(window_days, ",
        "'Male' is no level of 'sex'"
      ),
    ])
  func foreignLevels(old: String, new: String, found: String) throws {
    let directory = HelpTrial.fixture("hekta")
    let text = try TextFile(path: directory + "/plan.yml").text
    try #require(text.contains(old))
    let plan = try PlanRunner.plan(text: text.replacing(old, with: new), file: "plan.yml")
    let error = try #require(throws: DataError.self) {
      try PlanRunner(plan: plan, dataDirectory: directory).prepare(
        codebook: Codebook(path: directory + "/codebook.yml"))
    }
    #expect(error.description.contains(found))
  }

  @Test(
    "An event that no number of the outcome can be is a fault, not a risk of nought", arguments: ["ja", "2"])
  func foreignEvents(event: String) throws {
    let directory = HelpTrial.fixture("hekta")
    let text = try TextFile(path: directory + "/plan.yml").text.replacing(
      "event: \"1\"", with: "event: \"\(event)\"")
    let plan = try PlanRunner.plan(text: text, file: "plan.yml")
    let dataset = try TrialDataset.load(
      directory: directory, codebook: Codebook(path: directory + "/codebook.yml"))
    let error = try #require(throws: DataError.self) { try PlanRunner(plan: plan).check(dataset) }
    #expect(error.description.contains("no '\(event)' in 'employed', which holds numbers"))
  }

  @Test("A grid of definitions gives a part of an analysis each, and the months a file of their own")
  func grid() throws {
    let directory = HelpTrial.fixture("../Tests/TrialAnalysisTests/Data/jobs")
    let plan = try PlanRunner.plan(path: directory + "/grid.yml")
    let run = try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
      .run
    func events(_ analysis: String, _ definition: String) -> [Int?] {
      ["control", "treated"].map { arm in
        run.results.first { $0.id == "\(analysis).\(definition)/\(arm)/risk" }?.events
      }
    }
    // A worked 10 days and was paid 10 000, B worked 30 days unpaid, C has a job from before, D a pension.
    #expect(events("grid", "day") == [1, 1])
    #expect(events("grid", "month") == [1, 0])
    #expect(events("grid", "paid") == [0, 1])
    #expect(events("grid", "all") == [2, 2])
    let grid = try #require(run.analyses.first { $0.id == "grid" })
    #expect(
      grid.isByDefinition && grid.variants.map(\.label.english) == ["A day", "month", "paid", "Any job"])
    let some = try #require(run.analyses.first { $0.id == "some" })
    #expect(some.variants.map(\.code) == ["month", "day"])
    #expect(run.results.first { $0.id == "grid.month/control/risk" }?.outcome == "employed_month")
    let earned = run.results.first { $0.id == "amounts/treated/earnings:mean" }
    #expect(earned?.estimate == 5000)
    // 18 months of four people: 10 + 0 days in the treated arm, 30 + 0 in the control arm.
    let arm = try #require(run.results.first { $0.analysis == "months" && $0.term == "armtreated" })
    expectClose(arm.estimate ?? .nan, 10.0 / 36 - 30.0 / 36, relative: 1e-6)
    #expect(arm.n == 72)
    // A model of counts in months rests on 72 rows of four people.
    let rates = run.results.filter { $0.analysis == "days" }
    #expect(rates.first { $0.term == "armtreated" }?.n == 72)
    #expect(rates.filter { $0.term == "participants" }.map(\.estimate) == [2, 2])
  }

  @Test("Faults in a grid are told with their places")
  func gridFaults() throws {
    let text = """
      trial: {id: a, title: A}
      data: {p: {file: p.csv, key: id}}
      arms: {column: arm, control: a, levels: [{value: a}, {value: b}]}
      derive:
        - employment:
            spells: s
            inclusion-date: d
            definitions: [{id: x, at-least: {share: 2}}, {id: x}, {id: "a b"}, {id: e, at-least: {earnings: 1}}]
      analyses:
        - {id: g, kind: risk, title: G, definitions: [x, y]}
        - {id: h, kind: means, title: H, outcome: o, definitions: all}
      """
    do {
      _ = try PlanReader.read(text, file: "plan.yml", sha256: "")
      Issue.record("read")
    } catch {
      let messages = error.problems.map(\.description)
      for words in [
        "a share of at least 2", "the definition 'x' twice", "found 'a b'", "a value for 'pay' expected",
        "analyses[1].definitions", "analyses[2].definitions",
      ] { #expect(messages.contains { $0.contains(words) }, "\(words)") }
    }
  }
}
