import HypothesisTests
import TestSupport
import Testing

// Reference values: R 4.2.2. Score and profile limits by uniroot() on the definitions with the constrained estimates
// found by one-dimensional maximisation of the likelihood; single proportions by binom.test(), qbeta() and uniroot().

@Test(
  "Limits of one proportion agree with R",
  arguments: [
    (36, 91, SingleProportion.Method.wilson, 0.301331819638994, 0.498333851510992),
    (36, 91, .clopperPearson, 0.294604869554692, 0.503596173026680),
    (36, 91, .jeffreys, 0.299686908303206, 0.498045363632500),
    (36, 91, .agrestiCoull, 0.301244775215819, 0.498420895934167),
    (36, 91, .midP, 0.299140702649476, 0.498616275016460),
    (3, 37, .wilson, 0.027960574100448, 0.213006793492884),
    (3, 37, .clopperPearson, 0.0170435306958188, 0.2190962062380002),
    (3, 37, .jeffreys, 0.0233674896431804, 0.2008313940557220),
    (3, 37, .agrestiCoull, 0.0206485194968453, 0.2203188480964865),
    (3, 37, .midP, 0.0210394473026086, 0.2049995595690648),
  ])
func oneProportion(
  _ x: Int, _ n: Int, _ method: SingleProportion.Method, _ low: Double, _ high: Double
) throws {
  let result = try SingleProportion(events: x, total: n).interval(method)
  expectClose([result.low, result.high], [low, high], relative: 1e-9)
}

@Test(
  "Every method stays in [0, 1] and mirrors when events become non-events",
  arguments: SingleProportion.Method.allCases)
func oneProportionMirrors(_ method: SingleProportion.Method) throws {
  for (x, n) in [(0, 7), (1, 7), (3, 7), (7, 7), (1, 1), (0, 1)] {
    let a = try SingleProportion(events: x, total: n).interval(method, level: 0.9)
    let b = try SingleProportion(events: n - x, total: n).interval(method, level: 0.9)
    #expect(a.low >= 0 && a.high <= 1 && a.low <= Double(x) / Double(n) && a.high >= Double(x) / Double(n))
    expectClose(a.low, 1 - b.high, absolute: 1e-12)
    expectClose(a.high, 1 - b.low, absolute: 1e-12)
  }
}

@Test("Score and profile limits agree with their definitions in R")
func scoreLimits() throws {
  let trial = try TwoProportions(events: 36, of: 91, against: 33, of: 96)
  func check(_ result: IntervalEstimate, _ low: Double, _ high: Double, _ tolerance: Double = 1e-8) {
    expectClose([result.low, result.high], [low, high], relative: tolerance, because: result.method)
  }
  check(try trial.riskDifference(.score), -0.0860413137266977, 0.1884616199090403)
  check(try trial.riskDifference(.miettinenNurminen), -0.0864077800253546, 0.1888209809811267)
  check(try trial.riskRatio(.koopman), 0.791628923414038, 1.676556644398452)
  check(try trial.riskRatio(.miettinenNurminen), 0.790837060633505, 1.678251753407909)
  check(try trial.oddsRatio(.score), 0.691091849325317, 2.259410554741991)
  check(try trial.oddsRatio(.miettinenNurminen), 0.690003586266362, 2.262973955332302)
  check(try trial.oddsRatio(.profile), 0.689446409215968, 2.271936421870311)
  let small = try TwoProportions(events: 7, of: 25, against: 1, of: 27)
  check(try small.riskDifference(.score, level: 0.9), 0.0879451941060069, 0.4130215116940442)
  check(try small.riskDifference(.miettinenNurminen, level: 0.9), 0.0863042041038272, 0.4147225613828053)
  check(try small.riskRatio(.koopman, level: 0.9), 1.69106295730595, 35.84761350053456)
  check(try small.riskRatio(.miettinenNurminen, level: 0.9), 1.67103519935919, 36.30744891556409)
  check(try small.oddsRatio(.score, level: 0.9), 1.89003565466405, 52.41981888041983)
  check(try small.oddsRatio(.miettinenNurminen, level: 0.9), 1.8635193758376, 53.1174841449063)
}

@Test("Conditional odds ratio of 11/22 v 1/23 agrees with R's fisher.test")
func conditionalOddsRatio() throws {
  let result = try TwoProportions(events: 11, of: 22, against: 1, of: 23).oddsRatio(.conditional)
  // fisher.test finds its roots to 1e-4 only, so these are its equations solved by uniroot(tol = 1e-13).
  expectClose(result.estimate!, 20.527026786091, relative: 1e-9)
  expectClose([result.low, result.high], [2.44342875219214, 988.5809691990745], relative: 1e-9)
}

// R 4.2.2, by brute force: the statistic of all 13 × 11 tables, the tail probability on a grid of 2001 nuisance risks
// refined by optimize(), the limit by bisection.
@Test("Unconditional exact limits and p of 7/12 v 1/10 agree with brute force in R")
func unconditionalExact() throws {
  let table = try TwoProportions(events: 7, of: 12, against: 1, of: 10)
  let difference = try table.riskDifference(.exact)
  expectClose(
    [difference.low, difference.high], [0.0547741038103899, 0.7875611955299973], absolute: 1e-6,
    because: "the limit sits where two tables tie, and R's run calls them tied within 1e-7")
  let ratio = try table.riskRatio(.exact)
  expectClose([ratio.low, ratio.high], [1.13889300462268, 160.01422562750219], relative: 1e-6)
  expectClose(table.equalRisksTest(.exact).pValue, 0.0212702484815371, relative: 1e-8)
}

@Test("Exchanging the groups turns every interval round")
func exchange() throws {
  for (a, b, c, d) in [
    (36, 91, 33, 96), (0, 20, 6, 22), (5, 5, 2, 9), (0, 8, 0, 9), (4, 4, 6, 6), (0, 4, 5, 5),
  ] {
    let table = try TwoProportions(events: a, of: b, against: c, of: d)
    // The exact methods are slow in a debug build, and exchange by construction.
    for method in DifferenceMethod.allCases where method != .exact {
      let forward = try table.riskDifference(method)
      let back = try table.exchanged.riskDifference(method)
      expectClose(
        [forward.low, forward.high], [-back.high, -back.low], absolute: 1e-9, because: method.title)
      #expect(forward.contains(forward.estimate!))
    }
    for method in RatioMethod.allCases where method != .exact {
      let forward = try table.riskRatio(method)
      let back = try table.exchanged.riskRatio(method)
      expectClose(forward.low, 1 / back.high, relative: 1e-8, because: method.title)
      expectClose(forward.high, 1 / back.low, relative: 1e-8, because: method.title)
    }
    for method in OddsRatioMethod.allCases {
      let forward = try table.oddsRatio(method)
      let back = try table.exchanged.oddsRatio(method)
      expectClose(forward.low, 1 / back.high, relative: 1e-8, because: method.title)
      expectClose(forward.high, 1 / back.low, relative: 1e-8, because: method.title)
    }
  }
}

@Test("Zero cells are named, and no interval is silently empty")
func zeroCells() throws {
  let table = try TwoProportions(events: 0, of: 20, against: 6, of: 22)
  let ratio = try table.riskRatio(.katz)
  #expect(ratio.estimate == 0 && ratio.low == 0 && ratio.high > 0 && ratio.high < 1.5)
  #expect(ratio.method == "Koopman score" && ratio.notes.count == 1)
  let odds = try table.oddsRatio(.wald)
  #expect(odds.estimate == 0 && odds.low == 0 && odds.high < 1.5 && odds.notes.count == 1)
  let none = try TwoProportions(events: 0, of: 20, against: 0, of: 22)
  #expect(try none.riskRatio().estimate == nil && none.oddsRatio().estimate == nil)
  #expect(none.equalRisksTest(.pearson).statistic == nil && none.equalRisksTest(.pearson).pValue == 1)
  let infinite = try TwoProportions(events: 5, of: 20, against: 0, of: 22).riskRatio(.koopman)
  #expect(infinite.estimate == .infinity && infinite.high == .infinity && infinite.low > 1)
}

@Test("Impossible counts are refused")
func impossibleCounts() {
  #expect(throws: HypothesisTestError.self) { try SingleProportion(events: 4, total: 3) }
  #expect(throws: HypothesisTestError.self) { try SingleProportion(events: -1, total: 3) }
  #expect(throws: HypothesisTestError.self) { try SingleProportion(events: 0, total: 0) }
  #expect(throws: HypothesisTestError.self) { try SingleProportion(events: 1, total: 3).interval(level: 1) }
}

@Suite("Equal odds ratios over strata")
struct HomogeneityTests {
  /// The six departments of Berkeley's admissions (R `UCBAdmissions`): men and women admitted, of how many.
  private static let berkeley = [
    (512, 825, 89, 108), (353, 560, 17, 25), (120, 325, 202, 593), (138, 417, 131, 375), (53, 191, 94, 393),
    (22, 373, 24, 341),
  ]

  private func berkeley(_ order: [Int] = Array(0..<6)) throws -> StratifiedProportions {
    try StratifiedProportions(
      order.map { k in
        let (a, n, c, m) = Self.berkeley[k]
        return try TwoProportions(events: a, of: n, against: c, of: m)
      })
  }

  /// R 4.2.2, uniroot on the margins' equation; `DescTools::BreslowDayTest(UCBAdmissions)` prints 18.826, df 5, p 0.002071.
  @Test("Breslow and Day's test, with Tarone's correction and without")
  func departments() throws {
    let plain = try berkeley().homogeneityTest(tarone: false)
    expectClose(plain.statistic!, 18.825513705, relative: 1e-9)
    expectClose(plain.pValue, 0.00207139034992, relative: 1e-7)
    #expect(plain.df == 5)
    let tarone = try berkeley().homogeneityTest()
    expectClose(tarone.statistic!, 18.825501252, relative: 1e-9)
    let turned = try berkeley([3, 1, 5, 0, 4, 2]).homogeneityTest()
    expectClose(turned.statistic!, tarone.statistic!, relative: 1e-12)
  }

  @Test("Equal odds ratios give zero; strata without events say nothing; one stratum is too few")
  func edges() throws {
    let same = try StratifiedProportions([
      TwoProportions(events: 2, of: 6, against: 2, of: 4),
      TwoProportions(events: 4, of: 12, against: 4, of: 8),
      TwoProportions(events: 0, of: 5, against: 0, of: 7),
    ])
    let test = try same.homogeneityTest(tarone: false)
    expectClose(test.statistic!, 0, absolute: 1e-12)
    #expect(test.df == 1 && test.notes.count == 1)
    #expect(throws: HypothesisTestError.self) {
      try StratifiedProportions([TwoProportions(events: 2, of: 6, against: 2, of: 4)]).homogeneityTest()
    }
  }
}
