import Testing

@testable import TrialAnalysis

/// A plan with three arms over data made by R's random numbers. Reference values: R 4.2.2 (survival, MASS, sandwich, cmprsk),
/// the calls beside them; `s` are the rows with `left == "no"`, `arm` is `group` with `usual` first.
@Suite("A trial of three arms")
struct ThreeArmsTests {
  private static let outcome: Swift.Result<PlanRunner.Outcome, any Error> = Swift.Result {
    let directory = HelpTrial.fixture("../Tests/TrialAnalysisTests/Data/three-arms")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    return try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
  }

  private func record(_ id: String) throws -> Result {
    try #require(try Self.outcome.get().run.results.first { $0.id == id }, "no record \(id)")
  }

  private func estimates(_ ids: [String]) throws -> [Double?] { try ids.map { try record($0).estimate } }

  @Test(
    "Exclusions count at the first reason that applies, zeros stay, and a missing condition excludes nobody")
  func flow() throws {
    #expect(try estimates(["flow/usual/left=left:count", "flow/short/left=left:count"]) == [2, 2])
    #expect(try estimates(["flow/usual/left=young:count", "flow/long/left=young:count"]) == [5, 1])
    #expect(try estimates(["flow/usual/no-outcome:count", "flow/short/no-outcome:count"]) == [0, 2])
    #expect(
      try estimates(["flow/usual/analysed:count", "flow/short/analysed:count", "flow/long/analysed:count"])
        == [30, 24, 21])
    let warnings = try Self.outcome.get().run.warnings
    #expect(warnings == ["set older: the condition young is missing for 1 participants, who stay"])
  }

  @Test("Allocation of three arms by chi-squared, strata by arm, and each arm's balance against the control")
  func checks() throws {
    // chisq.test(table(arm))
    let allocation = try record("checks/all/allocation:test")
    expectClose(allocation.statistic, 3.26666666666667)
    expectClose(allocation.pValue, 0.195277562836)
    #expect(try record("checks/long/stratum=site=south:count").estimate == 16)
    #expect(try record("checks/short - usual/sex:smd").n == 67)
    #expect(try record("checks/long - usual/balance:test").df == 3)
  }

  @Test("Table 1 has tests where the plan insists, and only there")
  func tested() throws {
    // kruskal.test(age ~ group), chisq.test(table(group, sex), correct = FALSE)
    expectClose(try record("table1/all/age:test").statistic, 5.14379048126439)
    expectClose(try record("table1/all/age:test").pValue, 0.0763906295170518)
    expectClose(try record("table1/all/sex:test").pValue, 0.667496569504824)
    let baseline = try HelpTrial.outcome.get().run.analyses.first { $0.id == "baseline" }
    #expect(baseline?.results.contains { $0.measure == .test } == false)
  }

  @Test("Means by arm, differences crude and adjusted, and the bootstrap beside them")
  func means() throws {
    expectClose(try record("cost/usual/mean").estimate, 0.925085714286)
    expectClose(try record("cost/short/sd").estimate, 1.070525871897)
    expectClose(try record("cost/long/median").estimate, 0.4709)
    expectClose(try record("cost/short/zero:share").estimate, 0.384615384615)
    // confint(lm(cost ~ arm, s))
    let crude = try record("cost.crude/short - usual/armshort:mean-difference")
    expectClose(crude.estimate, -0.0987857142857)
    expectClose(crude.low, -0.663842201018)
    expectClose(crude.high, 0.466270772446)
    // lm(cost ~ arm + age + site, s)
    let adjusted = try record("cost.adjusted/long - usual/armlong:mean-difference")
    expectClose(adjusted.estimate, -0.111386855439795)
    expectClose(adjusted.standardError, 0.3080371739212)
    #expect(adjusted.n == 82)
    let bootstrap = try record("cost.bootstrap/long - usual/mean-difference")
    expectClose(bootstrap.estimate, -0.2260811688312)
    #expect(bootstrap.low! < -0.23 && bootstrap.high! > -0.22)
    // sqrt(diag(vcovHC(m, "HC3")))
    let robust = try record("cost-robust/long - usual/armlong:mean-difference")
    expectClose(robust.standardError, 0.284589696760)
    #expect(robust.conventions.contains { $0.choice.contains("HC3") })
  }

  @Test("Counts: Poisson with a sandwich, negative binomial")
  func counts() throws {
    // glm(visits ~ arm, poisson, s), vcovHC(p, "HC1")
    let rate = try record("visits/long / usual/armlong:rate-ratio")
    expectClose(rate.estimate, 2.534668721108)
    expectClose(rate.standardError, 0.234612527974, relative: 1e-7)
    expectClose(
      try record("visits-nb/short / usual/armshort:rate-ratio").estimate, 0.783898305085, relative: 1e-6)
  }

  @Test("Restricted means and cumulative incidence")
  func survival() throws {
    // summary(survfit(Surv(time, event) ~ arm, s), rmean = 300)
    expectClose(try record("rmst/usual/@300:rmst").estimate, 216.744563091)
    expectClose(try record("rmst/long/@300:rmst").standardError, 26.1590437642)
    expectClose(try record("rmst/long - usual/@300:rmst-difference").estimate, 158.344739057 - 216.744563091)
    expectClose(try record("rmst/short / usual/@300:rmst-ratio").estimate, 200.536746717 / 216.744563091)
    // cuminc(s$time, s$cause, s$arm)
    expectClose(try record("causes/all/1:test").statistic, 3.401086784798)
    expectClose(try record("causes/all/2:test").pValue, 0.802025192758)
    let curve = try Self.outcome.get().run.results.filter {
      $0.analysis == "causes" && $0.group == "usual" && $0.term == "curve=1" && $0.time! <= 300
    }
    expectClose(curve.last?.estimate, 0.36875)
  }

  @Test(
    "Restricted means adjusted by pseudo-values, another test of the family, and a penalised landmark analysis"
  )
  func survivalOptions() throws {
    // The jackknife written out with survfit's area to 300, geepack::geese(pv ~ arm + age, corstr = "independence").
    let difference = try record("rmst-adjusted.adjusted/long - usual/@300:rmst-difference")
    expectClose(difference.estimate, -57.285012397310, relative: 1e-9)
    expectClose(difference.standardError, 34.4558842836, relative: 1e-9)
    expectClose(
      try record("rmst-adjusted.adjusted/short / usual/@300:rmst-ratio").estimate, 0.93065347740,
      relative: 1e-9)
    // Klein & Moeschberger 7.3 with Peto and Peto's weights.
    let peto = try record("early/all/Peto-Peto:test")
    expectClose(peto.statistic, 3.12412811928, relative: 1e-9)
    #expect(peto.method == "Peto-Peto test")
    // The penalised partial likelihood of those with time > 100, maximised and profiled.
    let late = try record("late/long / usual/armlong:hazard-ratio")
    #expect(late.n == 53)
    expectClose(late.estimate, 2.81672294184, relative: 1e-6)
    expectClose(late.low, 0.830643219, relative: 1e-6)
    #expect(late.conventions.contains { $0.name == "landmark" && $0.choice == "100" })
    let warnings = try Self.outcome.get().run.analyses.first { $0.id == "late" }?.warnings
    #expect(warnings?.contains { $0.contains("32 rows dropped, 21 with an event and 11 censored") } == true)
  }

  @Test("Stratified log-rank and Cox, profile limits")
  func stratified() throws {
    // survdiff(Surv(time, event) ~ arm + strata(site), s)
    expectClose(try record("by-site/all/log-rank:test").statistic, 3.72582680699)
    // coxph(Surv(time, event) ~ arm + strata(site), s, ties = "breslow")
    let hazard = try record("hazard/long / usual/armlong:hazard-ratio")
    expectClose(hazard.estimate, 2.13518506503, relative: 1e-8)
    expectClose(hazard.high, 4.67522739678, relative: 1e-8)
    #expect(hazard.conventions.contains(.init("ties", "breslow")))
    // glm(event ~ arm, binomial, s); the limit where the profiled deviance rises by qchisq(.95, 1), by uniroot
    let odds = try record("odds/short / usual/armshort:odds-ratio")
    expectClose(odds.estimate, 1.692307692308)
    expectClose(odds.low, 0.618953112674865, relative: 1e-9)
    expectClose(odds.high, 4.713872653390803, relative: 1e-9)
  }

  @Test(
    "A model without a usable fit keeps its record, its status and its reason, and a required one is named")
  func separated() throws {
    let outcome = try Self.outcome.get()
    let analysis = try #require(outcome.run.analyses.first { $0.id == "separated" })
    #expect(analysis.status == .separated)
    #expect(!analysis.warnings.isEmpty)
    #expect(analysis.results.contains { $0.variant == "adjusted" && $0.status == .separated })
    #expect(outcome.withoutFit == ["separated"])
  }
}
