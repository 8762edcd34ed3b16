import TestSupport
import Testing

@testable import TrialAnalysis

/// A plan on bladder2 of R's survival 3.5-3. Reference values: R 4.2.2, `survfit(Surv(start, stop, event) ~ arm, id = id)`,
/// its `cumhaz` and `std.chaz`, with normal limits of log H, of differences and of log ratios.
@Suite("A plan's mean cumulative function")
struct RecurrentPlanTests {
  private static let outcome: Swift.Result<PlanRunner.Outcome, any Error> = Swift.Result {
    let directory = HelpTrial.fixture("../Tests/TrialAnalysisTests/Data/recurrent")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    return try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
  }

  private func records(_ measure: Result.Measure, term: String? = nil) throws -> [Result] {
    try Self.outcome.get().run.results.filter { $0.measure == measure && $0.term == term }
  }

  @Test("means by arm at the plan's times, with limits")
  func means() throws {
    let found = try records(.meanCumulative, term: "horizon")
    #expect(found.map(\.group) == ["placebo", "placebo", "thiotepa", "thiotepa"])
    #expect(found.map(\.time) == [12, 30, 12, 30])
    let expected = [0.7168283869486, 1.8562927166152, 0.4473736424394, 1.2267773405931]
    for (record, value) in zip(found, expected) { expectClose(record.estimate, value) }
    expectClose(found[0].standardError, 0.1405843740499)
    expectClose(found[0].low, 0.4880648818895)
    expectClose(found[3].low, 0.7719270277749)
    #expect(found[0].n == 47 && found[3].n == 38)
    #expect(found[0].events == 72 && found[3].events == 40)
    #expect(found.allSatisfy { $0.conventions.contains(.init("variance", "Lawless-Nadeau, by participant")) })
  }

  @Test("differences and ratios of the arms")
  func contrasts() throws {
    let differences = try records(.meanDifference, term: "horizon")
    #expect(differences.map(\.time) == [12, 30])
    #expect(differences.map(\.contrast) == ["thiotepa - placebo", "thiotepa - placebo"])
    #expect(differences.map(\.n) == [85, 85])
    expectClose(differences[0].estimate, -0.2694547445092)
    expectClose(differences[0].standardError, 0.1947509080510)
    expectClose(differences[1].low, -1.4467262907977)
    expectClose(differences[1].high, 0.1876955387535)
    expectClose(differences[1].pValue, 0.1310937074716)
    let ratios = try records(.meanRatio, term: "horizon")
    #expect(ratios.map(\.contrast) == ["thiotepa / placebo", "thiotepa / placebo"])
    expectClose(ratios[1].estimate, 0.6608749415502)
    expectClose(ratios[1].low, 0.3771324490946)
    expectClose(ratios[1].high, 1.158096285317)
  }

  @Test("the curve begins at 0, and participants at risk are counted once")
  func curve() throws {
    let placebo = try records(.meanCumulative, term: "curve").filter { $0.group == "placebo" }
    #expect(placebo.first?.time == 0 && placebo.first?.estimate == 0)
    #expect(placebo.compactMap(\.events).dropFirst().reduce(0, +) == 72)
    #expect(
      zip(placebo, placebo.dropFirst()).allSatisfy { $0.time! < $1.time! && $0.estimate! < $1.estimate! })
    let atRisk = try records(.atRisk, term: "table")
    #expect(atRisk.map(\.estimate) == [47, 42, 32, 13, 38, 32, 25, 16])
  }

  @Test("kinds that adjust for nothing refuse covariates", arguments: ["km", "logrank", "cuminc", "mcf"])
  func covariates(kind: String) throws {
    let text = """
      trial: {id: a, title: A}
      data: {people: {file: people.csv, key: id}}
      arms: {column: arm, control: placebo, levels: [{value: placebo}, {value: thiotepa}]}
      analyses:
        - {id: x, kind: \(kind), title: X, time: t, outcome: e, covariates: [age]}
      """
    #expect {
      _ = try PlanReader.read(text, file: "plan.yml", sha256: "")
    } throws: { error in
      "\(error)".contains("covariates in an analysis of kind \(kind), which adjusts for none")
    }
  }
}
