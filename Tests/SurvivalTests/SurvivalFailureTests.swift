import Inference
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

@Suite("What survival analyses refuse, and what they flag")
struct SurvivalFailureTests {
  @Test("times that make no sense name their rows")
  func badTimes() {
    #expect(throws: SurvivalError.emptyInterval(rows: [1, 2])) {
      try SurvivalData(time: [3, 2, 1], entry: [1, 2, 2], event: [true, true, false])
    }
    #expect(throws: SurvivalError.negativeTime(rows: [1])) {
      try SurvivalData(time: [3, -2], event: [true, true])
    }
    #expect(throws: SurvivalError.notFinite(what: "time", rows: [0])) {
      try SurvivalData(time: [.nan, 2], event: [true, true])
    }
    #expect(throws: SurvivalError.intervalVanishesWithNearTies(rows: [1])) {
      try SurvivalData(time: [3, 2 + 1e-12], entry: [0, 2], event: [true, true])
    }
    #expect(throws: SurvivalError.noRows) { try SurvivalData(time: [], event: []) }
  }

  @Test("times that differ by rounding error are one time, and are counted")
  func nearTies() throws {
    let data = try SurvivalData(time: [1, 1.1 * 3, 3.3, 2], event: [true, true, true, true])
    #expect(1.1 * 3 != 3.3)
    #expect(data.mergedTimes == 1)
    #expect(data.timeRank[1] == data.timeRank[2])
    let exact = try SurvivalData(
      time: [1, 1.1 * 3, 3.3, 2], event: [true, true, true, true], nearTieTolerance: nil)
    #expect(exact.mergedTimes == 0)
    #expect(exact.distinctTimes.count == 4)
  }

  let data = try! SurvivalData(
    time: [1, 2, 3, 4, 5, 6], event: [true, true, true, false, true, false])
  let x = Matrix(columns: [[1, 0, 1, 0, 1, 0]])

  @Test("no events, one group, bad weights")
  func nothingToEstimate() throws {
    let none = try SurvivalData(time: [1, 2], event: [false, false])
    #expect(throws: SurvivalError.noEvents(cause: nil)) {
      try CoxModel().fit(none, design: Matrix(columns: [[0, 1]]))
    }
    #expect(throws: SurvivalError.noEvents(cause: nil)) {
      try LogRankTest().test(none, group: [0, 1], groupCount: 2)
    }
    #expect(throws: SurvivalError.tooFewGroups(found: 1)) {
      try LogRankTest().test(data, group: [0, 0, 0, 0, 0, 0], groupCount: 2)
    }
    #expect(throws: SurvivalError.noEvents(cause: 2)) {
      try FineGrayModel(cause: 2).fit(data, design: x)
    }
    #expect(throws: SurvivalError.negativeWeight(rows: [2])) {
      try CoxModel().fit(data, design: x, weights: [1, 1, -1, 1, 1, 1])
    }
    #expect(throws: SurvivalError.notFinite(what: "covariate", rows: [3])) {
      try CoxModel().fit(data, design: Matrix(columns: [[1, 0, 1, .infinity, 0, 1]]))
    }
    let curve = try KaplanMeier().fit(none)[0]
    #expect(curve.survival == [1, 1])
    #expect(curve.median().estimate == nil)
  }

  @Test("combinations without a method")
  func unsupported() throws {
    let entered = try SurvivalData(time: [2, 3, 4], entry: [0, 1, 1], cause: [1, 2, 0])
    let z = Matrix(columns: [[1, 0, 1]])
    for body in [
      { _ = try FineGrayModel().fit(entered, design: z) },
      { _ = try FailureTimeModel(.weibull).fit(entered, design: z) },
      { _ = try GrayTest().test(entered, cause: 1, group: [0, 1, 0], groupCount: 2) },
      { _ = try CoxModel(ties: .exact, variance: .robust).fit(entered, design: z) },
      { _ = try CoxModel(ties: .exact).fit(entered, design: z, weights: [1, 2, 1]) },
      {
        _ = try FrailtyModel(.gamma, ties: .exact).fit(entered, design: z, group: [0, 1, 1], groupCount: 2)
      },
    ] as [() throws -> Void] {
      #expect {
        try body()
      } throws: { error in
        if case SurvivalError.unsupported = error { true } else { false }
      }
    }
    #expect(throws: SurvivalError.zeroTime(rows: [0])) {
      try FailureTimeModel(.lognormal).fit(
        SurvivalData(time: [0, 1, 2], event: [true, true, true]), design: z)
    }
  }

  @Test("a horizon that the data do not reach")
  func horizon() throws {
    let curve = try KaplanMeier().fit(data)[0]
    #expect(throws: SurvivalError.horizon(tau: 7, largest: 6)) { try RestrictedMean(curve, tau: 7) }
    #expect(throws: SurvivalError.horizon(tau: 0, largest: 6)) { try RestrictedMean(curve, tau: 0) }
    // Where the last one has the event, the curve is 0 from then on and any horizon is known.
    let ended = try KaplanMeier().fit(SurvivalData(time: [1, 3], event: [true, true]))[0]
    #expect(try RestrictedMean(ended, tau: 100).estimate == 2)
  }

  @Test(
    "a monotone likelihood is flagged with the column whose coefficient is infinite",
    arguments: [CoxTies.efron, .breslow])
  func monotone(_ ties: CoxTies) throws {
    // All events have the first covariate, no one else: its hazard ratio is infinite; the second is ordinary.
    let made = try SurvivalData(
      time: [1, 2, 3, 4, 5, 6, 7, 8], event: [true, true, true, true, false, false, false, false])
    let design = Matrix(columns: [[0.2, 0.9, 0.1, 0.5, 0.3, 0.8, 0.4, 0.2], [1, 1, 1, 1, 0, 0, 0, 0]])
    let fit = try CoxModel(ties: ties).fit(made, design: design)
    #expect(fit.status == .separated)
    #expect(fit.diverging == [1])
    #expect(!fit.convergence.isConverged)
    #expect(fit.profileLimits(column: 1).high == nil)
  }

  @Test("a collinear or constant column has no coefficient, the first of a set is kept")
  func aliased() throws {
    let columns = [[1.0, 2, 3, 1, 2, 5], [3, 3, 3, 3, 3, 3], [2, 4, 6, 2, 4, 10], [0, 1, 1, 0, 1, 0]]
    let fit = try CoxModel().fit(data, design: Matrix(columns: columns))
    #expect(fit.estimable == [0, 3])
    #expect(fit.coefficients[1] == nil && fit.coefficients[2] == nil)
    #expect(fit.coefficientTable(terms: ["a", "b", "c", "d"])[2].estimate == nil)
    let reduced = try CoxModel().fit(data, design: Matrix(columns: [columns[0], columns[3]]))
    expectClose(fit.estimates, reduced.estimates, relative: 1e-12)
    // Constant within strata is constant.
    let strata = try CoxModel().fit(
      data, design: Matrix(columns: [[1, 1, 1, 0, 0, 0]]), stratum: [0, 0, 0, 1, 1, 1], stratumCount: 2)
    #expect(strata.coefficients == [nil])
    #expect(strata.likelihoodRatioTest.df == 0)
  }

  @Test("no covariates at all")
  func nullModel() throws {
    let fit = try CoxModel().fit(data, design: Matrix(rows: 6, columns: 0))
    #expect(fit.status == .ok)
    #expect(fit.logLikelihood == fit.nullLogLikelihood)
    expectClose(
      fit.baselineHazards()[0].cumulativeHazard, [1.0 / 6, 1.0 / 6 + 0.2, 1.0 / 6 + 0.45, 1.0 / 6 + 0.95],
      relative: 1e-14)
  }

  @Test("a frailty without any variance lies at its boundary")
  func noFrailty() throws {
    let made = RandomSurvival(120, seed: 5)
    let group = made.time.indices.map { Int32($0 % 20) }
    let fit = try FrailtyModel(.gamma).fit(
      made.data(), design: made.design, group: group, groupCount: 20)
    // Groups were dealt out by row number: whatever the variance, it is small.
    #expect(fit.variance < 0.05)
    if fit.status == .boundary {
      #expect(fit.variance == 0)
      #expect(fit.coefficients == fit.withoutFrailty.coefficients)
    }
  }
}
