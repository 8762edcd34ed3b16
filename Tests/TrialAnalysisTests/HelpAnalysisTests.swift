import TestSupport
import Testing

@testable import TrialAnalysis

/// The reference values are those of R 4.2.2 (survival 3.5-3, lme4, lmerTest, emmeans, MASS) on the same files, with
/// `substance == "missing"` as NA and `housed` as the reference of `homeless`.
@Suite("The HELP trial, analysed by its plan")
struct HelpAnalysisTests {
  private let arms = ["no", "yes"]
  private let ratio = "yes / no"
  private let difference = "yes - no"

  private func counts(_ analysis: String, _ term: String) throws -> [Int] {
    try arms.map { Int(try #require(HelpTrial.record(analysis, .count, group: $0, term: term).estimate)) }
  }

  @Test("The flow keeps every step, and shows who has no outcome data")
  func flow() throws {
    #expect(try HelpTrial.record("flow", .count, term: "randomised").estimate == 470)
    #expect(try counts("flow", "allocated") == [235, 235])
    #expect(try counts("flow", "followed=6") == [119, 135])
    #expect(try counts("flow", "followed=24") == [129, 148])
    #expect(try counts("flow", "no-outcome") == [20, 3])
    #expect(try counts("flow", "analysed") == [215, 232])
  }

  @Test("Randomisation: allocation, balance, omnibus test and missing outcomes")
  func randomisation() throws {
    let allocation = try HelpTrial.record("randomisation", .test, term: "allocation")
    expectClose(allocation.pValue, 1)
    func smd(_ term: String) throws -> Double? {
      try HelpTrial.record("randomisation", .standardisedDifference, contrast: difference, term: term)
        .estimate
    }
    // (mean(x[z]) - mean(x[!z])) / sqrt((var(x[z]) + var(x[!z])) / 2)
    expectClose(try smd("age"), -0.1712150017052528)
    expectClose(try smd("pcs"), 0.0265297537193366, relative: 1e-9)
    // Yang & Dalton's distance, written out in R
    expectClose(try smd("racegrp"), 0.128439213599538)
    // Hansen & Bowers' d², written out in R with MASS::ginv
    let omnibus = try HelpTrial.record("randomisation", .test, contrast: difference, term: "balance")
    expectClose(omnibus.statistic, 18.2442311767548)
    #expect(omnibus.df == 19)
    expectClose(omnibus.pValue, 0.506183368217829)
    #expect(try counts("randomisation", "missing-outcome=link") == [20, 3])
    // fisher.test(table(is.na(link), treat))
    let missing = try HelpTrial.record(
      "randomisation", .test, contrast: difference, term: "missing-outcome=link")
    expectClose(missing.pValue, 0.00035847269142417)
    #expect(try HelpTrial.outcome.get().failedChecks.isEmpty)
  }

  @Test("Table 1 by arm and in all, missing values counted, no p-values")
  func baseline() throws {
    func age(_ measure: Result.Measure, _ group: String?) throws -> Double? {
      try HelpTrial.record("baseline", measure, group: group, term: "age").estimate
    }
    expectClose(try age(.mean, "no"), 36.41702127659574)
    expectClose(try age(.standardDeviation, "yes"), 7.445040187001689)
    #expect(try age(.lowerQuartile, "no") == 31)
    #expect(try age(.upperQuartile, "no") == 41)
    #expect(try age(.median, nil) == 35)
    #expect(try counts("baseline", "female=1") == [56, 55])
    #expect(try HelpTrial.record("baseline", .count, term: "substance=").estimate == 1)
    #expect(try HelpTrial.record("baseline", .count, term: "pcs=").estimate == 2)
    let analysis = try #require(HelpTrial.outcome.get().run.analyses.first { $0.id == "baseline" })
    #expect(analysis.results.allSatisfy { $0.pValue == nil })
  }

  @Test("Risks among those with outcome data, and per randomised as another estimand")
  func risks() throws {
    func risk(_ variant: String, _ group: String) throws -> Result {
      try HelpTrial.record("linkage-risk", .risk, variant: variant, group: group)
    }
    let control = try risk("observed", "no")
    #expect([control.events, control.n, control.dropped] == [36, 215, 20])
    let treated = try risk("observed", "yes")
    #expect([treated.events, treated.n, treated.dropped] == [131, 232, 3])
    expectClose(try risk("all-randomised", "no").estimate, 36 / 235)
    expectClose(try risk("all-randomised", "yes").estimate, 131 / 235)
    func effect(_ measure: Result.Measure, _ contrast: String) throws -> Result {
      try HelpTrial.record("linkage-risk", measure, variant: "observed", contrast: contrast)
    }
    // Newcombe's limits from the Wilson limits of prop.test(correct = FALSE)
    let riskDifference = try effect(.riskDifference, difference)
    expectClose(riskDifference.estimate, 131 / 232 - 36 / 215)
    expectClose(riskDifference.low, 0.3121470232748401, relative: 1e-9)
    expectClose(riskDifference.high, 0.4734141962631182, relative: 1e-9)
    expectClose(try effect(.riskRatio, ratio).estimate, 131 / 232 / (36 / 215))
    expectClose(try effect(.oddsRatio, ratio).estimate, 6.4491199119912)
    #expect(riskDifference.conventions.contains(.init("limits", "Newcombe hybrid score")))
  }

  @Test("Logistic regression, crude, adjusted and on all randomised")
  func logistic() throws {
    func arm(_ variant: String) throws -> Result {
      try HelpTrial.record("linkage-logistic", .oddsRatio, variant: variant, contrast: ratio, term: "armyes")
    }
    // glm(link ~ treat, binomial), confint.default; R stops a step earlier, hence the tolerance of the limits
    let crude = try arm("crude")
    #expect([crude.n, crude.dropped] == [447, 23])
    expectClose(crude.estimate, 6.44911991, relative: 1e-8)
    expectClose(crude.low, 4.144442914, relative: 1e-4)
    expectClose(crude.high, 10.035401172, relative: 1e-4)
    // glm(link ~ treat + age + female + homeless + substance + pcs + mcs, binomial)
    let adjusted = try arm("adjusted")
    #expect([adjusted.n, adjusted.dropped] == [444, 26])
    expectClose(adjusted.estimate, 7.978528285517, relative: 1e-8)
    expectClose(adjusted.low, 4.95677547857961, relative: 1e-5)
    expectClose(try arm("crude-all-randomised").estimate, 6.962873843265, relative: 1e-7)
    let covariate = try HelpTrial.record(
      "linkage-logistic", .oddsRatio, variant: "adjusted", term: "substanceheroin")
    expectClose(covariate.estimate, 0.480959968364, relative: 1e-8)
    // Without covariates standardisation changes nothing.
    let standardised = try HelpTrial.record(
      "linkage-logistic", .riskDifference, variant: "crude", contrast: difference, term: "standardised")
    expectClose(standardised.estimate, 131 / 232 - 36 / 215, relative: 1e-9)
  }

  @Test("Kaplan-Meier curves, medians and numbers at risk")
  func kaplanMeier() throws {
    func at(_ time: Double, _ group: String) throws -> Result {
      try HelpTrial.record("linkage-km", .survival, group: group, term: "horizon", time: time)
    }
    expectClose(try at(180, "no").estimate, 0.87906977, relative: 1e-7)
    expectClose(try at(180, "no").low, 0.83655040, relative: 1e-7)
    expectClose(try at(180, "yes").estimate, 0.47413793, relative: 1e-7)
    #expect(try HelpTrial.record("linkage-km", .medianTime, group: "no").estimate == nil)
    let median = try HelpTrial.record("linkage-km", .medianTime, group: "yes")
    #expect(median.estimate == 129.5)
    #expect(median.low == 80)
    #expect(median.high == nil)
    func table(_ measure: Result.Measure, _ time: Double, _ group: String) throws -> Double? {
      try HelpTrial.record("linkage-km", measure, group: group, term: "table", time: time).estimate
    }
    #expect(try table(.atRisk, 0, "yes") == 232)
    #expect(try table(.atRisk, 180, "no") == 189)
    #expect(try table(.atRisk, 180, "yes") == 110)
    #expect(try table(.events, 180, "yes") == 122)
    let curve = try HelpTrial.outcome.get().run.results.filter {
      $0.analysis == "linkage-km" && $0.measure == .survival && $0.term == "curve" && $0.group == "no"
    }
    #expect(curve.first?.time == 0 && curve.first?.estimate == 1)
    #expect(curve.map { $0.events ?? 0 }.reduce(0, +) == 36)
  }

  @Test("Log-rank test and Cox models with the test of proportional hazards")
  func hazards() throws {
    let logrank = try HelpTrial.record("linkage-logrank", .test, term: "log-rank")
    expectClose(logrank.statistic, 83.455383, relative: 1e-7)
    #expect(logrank.df == 1)
    let crude = try HelpTrial.record(
      "linkage-cox", .hazardRatio, variant: "crude", contrast: ratio, term: "armyes")
    expectClose(crude.estimate, 4.78332777, relative: 1e-8)
    expectClose(crude.low, 3.30387482, relative: 1e-8)
    expectClose(crude.high, 6.92526982, relative: 1e-8)
    #expect(crude.conventions.contains(.init("ties", "efron")))
    func test(_ term: String) throws -> Double? {
      try HelpTrial.record("linkage-cox", .test, variant: "crude", term: term).statistic
    }
    expectClose(try test("score"), 83.55, relative: 1e-4)
    expectClose(try test("likelihood-ratio"), 85.7, relative: 1e-4)
    expectClose(try test("proportional-hazards"), 10.443659, relative: 1e-7)
    let adjusted = try HelpTrial.record(
      "linkage-cox", .hazardRatio, variant: "adjusted", contrast: ratio, term: "armyes")
    expectClose(adjusted.estimate, 5.398831222, relative: 1e-8)
    #expect(adjusted.n == 444)
  }

  @Test("Mixed model of CES-D: variances, interaction, contrasts and observed means")
  func mixedModel() throws {
    // lmer(CES_D ~ arm * visit + (1 | ID)), summary() and emmeans(m, ~ arm | visit) with Satterthwaite's df
    func value(_ measure: Result.Measure, term: String) throws -> Double {
      try #require(HelpTrial.record("cesd-lmm", measure, term: term).estimate)
    }
    expectClose(try value(.criterion, term: "REML"), 11406.94, relative: 1e-6)
    expectClose(
      try value(.varianceComponent, term: "ID:(Intercept)").squareRoot(), 9.68008125, relative: 1e-6)
    expectClose(try value(.varianceComponent, term: "Residual").squareRoot(), 9.70675607, relative: 1e-6)
    let interaction = try HelpTrial.record("cesd-lmm", .coefficient, term: "armyes:visit24")
    expectClose(interaction.estimate, -1.887332898, relative: 1e-7)
    expectClose(interaction.standardError, 1.547949707, relative: 1e-6)
    expectClose(interaction.df, 1089.903382969, relative: 1e-6)
    expectClose(interaction.pValue, 0.22301, relative: 1e-4)
    let contrast = try HelpTrial.record(
      "cesd-lmm", .meanDifference, contrast: difference, term: "visit", time: 24)
    expectClose(contrast.estimate, -2.36392864, relative: 1e-7)
    expectClose(contrast.pValue, 0.1266, relative: 1e-3)
    let mean = try HelpTrial.record("cesd-lmm", .marginalMean, group: "no", term: "visit", time: 0)
    expectClose(mean.estimate, 33.097872340, relative: 1e-8)
    // anova(m): the interaction
    let joint = try HelpTrial.record("cesd-lmm", .test, term: "interaction")
    expectClose(joint.statistic, 0.75271, relative: 1e-4)
    let observed = try HelpTrial.record("cesd-lmm", .mean, group: "yes", term: "visit", time: 24)
    #expect([observed.n, observed.dropped] == [146, 2])
    #expect(interaction.n == 1463)
  }

  @Test("Two runs, on one thread and on several, give the same records")
  func repeatable() throws {
    let directory = HelpTrial.fixture("help")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    let again = try PlanRunner(plan: plan, dataDirectory: directory).run(
      codebook: directory + "/codebook.yml", options: PlanRunner.Options(jobs: 4))
    #expect(again.run == (try HelpTrial.outcome.get().run))
  }

  @Test("Every record has a name of its own")
  func names() throws {
    let ids = try HelpTrial.outcome.get().run.results.map(\.id)
    #expect(Set(ids).count == ids.count)
  }
}
