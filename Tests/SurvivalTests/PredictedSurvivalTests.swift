import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

@Suite("Predicted survival, robust curves, pseudo-values")
struct PredictedSurvivalTests {
  let data = try! SurvivalData(
    time: [2, 3, 3, 5, 6, 7, 9, 9, 11, 12],
    event: [true, true, false, true, true, false, true, true, false, true])
  let x = Matrix(columns: [[1, 0, 1, 0, 1, 0, 0, 1, 0, 0]])

  @Test("without covariates it is exp(−H) of Nelson and Aalen, with the error of H")
  func noCovariates() throws {
    let fit = try CoxModel(ties: .breslow).fit(data, design: Matrix(rows: 10, columns: 0))
    let km = try KaplanMeier().fit(data)[0]
    let times = [1.0, 3, 8, 9, 20]
    let points = fit.predictedSurvival(covariates: Matrix(rows: 1, columns: 0), times: times)[0]
    for (time, point) in zip(times, points) {
      let row = km.time.lastIndex { $0 <= time }
      expectClose(point.survival, row.map { exp(-km.cumulativeHazard[$0]) } ?? 1, relative: 1e-14)
      expectClose(
        point.cumulativeHazardStandardError, row.map { km.cumulativeHazardStandardError[$0] } ?? 0,
        relative: 1e-12)
      #expect(point.isBeyond == (time > 12))
    }
  }

  @Test("expected events add up to the events observed", arguments: [CoxTies.efron, .breslow])
  func expected(ties: CoxTies) throws {
    let fit = try CoxModel(ties: ties).fit(data, design: x)
    let ends = (0..<10).map { data.time($0) }
    let curves = fit.predictedSurvival(covariates: x, times: ends)
    let expected = (0..<10).reduce(0) { $0 + curves[$1][$1].cumulativeHazard }
    // Efron's tied persons see less than the whole hazard of their own time, so that the sum lies above.
    let excess = expected - Double(fit.eventCount)
    #expect(ties == .breslow ? abs(excess) < 1e-10 : excess > 0 && excess < 0.5)
  }

  @Test("the infinitesimal jackknife of a curve without censoring is binomial")
  func robust() throws {
    let all = try SurvivalData(time: [1, 2, 2, 3, 4, 5, 6, 6], event: [Bool](repeating: true, count: 8))
    var estimator = KaplanMeier()
    estimator.variance = .robust(clusters: nil, count: 0)
    let curve = try estimator.fit(all)[0]
    for j in curve.time.indices.dropLast() {
      let s = curve.survival[j]
      expectClose(curve.standardError[j], (s * (1 - s) / 8).squareRoot(), relative: 1e-12)
    }
    #expect(curve.standardError.last!.isNaN)
  }

  @Test("a row twice in one cluster is a row of weight 2")
  func clusters() throws {
    let time = [1.0, 2, 3, 4, 5]
    let event = [true, false, true, true, false]
    var estimator = KaplanMeier()
    estimator.variance = .robust(clusters: nil, count: 0)
    let weighted = try estimator.fit(
      SurvivalData(time: time, event: event), weights: [2, 2, 2, 2, 2])[0]
    estimator.variance = .robust(clusters: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4], count: 5)
    let twice = try estimator.fit(SurvivalData(time: time + time, event: event + event))[0]
    expectClose(twice.survival, weighted.survival, relative: 1e-14)
    expectClose(twice.standardError, weighted.standardError, relative: 1e-12)
  }

  @Test("pseudo-values are the jackknife's, each row left out in turn", arguments: [4.0, 9, 10, 12])
  func pseudo(tau: Double) throws {
    let pseudo = try PseudoValues.restrictedMean(data, tau: tau)
    func mean(_ rows: [Int]) throws -> Double {
      let curve = try KaplanMeier().fit(data.selecting(rows: rows))[0]
      // The area under the steps, the last carried on to τ.
      var area = 0.0
      var previous = (time: 0.0, s: 1.0)
      for (time, s) in zip(curve.time, curve.survival) where time <= tau {
        area += previous.s * (time - previous.time)
        previous = (time, s)
      }
      return area + previous.s * (tau - previous.time)
    }
    let all = Array(0..<10)
    let whole = try mean(all)
    expectClose(pseudo.estimates[0], whole, relative: 1e-14)
    for i in all {
      let without = try mean(all.filter { $0 != i })
      expectClose(pseudo.values[i], 10 * whole - 9 * without, absolute: 1e-11)
    }
  }

  @Test("without censoring the pseudo-value is the time itself, at most τ")
  func pseudoUncensored() throws {
    let time = [1.0, 4, 2, 8, 4]
    let all = try SurvivalData(time: time, event: [Bool](repeating: true, count: 5))
    expectClose(
      try PseudoValues.restrictedMean(all, tau: 5).values, time.map { min($0, 5) }, absolute: 1e-12)
    #expect(throws: SurvivalError.horizon(tau: 20, largest: 12)) {
      try PseudoValues.restrictedMean(
        SurvivalData(time: [3, 12], event: [true, false]), tau: 20)
    }
  }

  @Test("scales of two strata with the same data are one scale")
  func equalScales() throws {
    let time = (0..<10).map { data.time($0) }
    let event = data.cause.map { $0 != 0 }
    let twice = try SurvivalData(time: time + time, event: event + event)
    let columns = [[Double](repeating: 1, count: 20), x.column(0) + x.column(0)]
    let strata = [Int32](repeating: 0, count: 10) + [Int32](repeating: 1, count: 10)
    for distribution in FailureDistribution.allCases where !distribution.hasFixedScale {
      let plain = try FailureTimeModel(distribution).fit(twice, design: Matrix(columns: columns))
      let fit = try FailureTimeModel(distribution).fit(
        twice, design: Matrix(columns: columns), stratum: strata, stratumCount: 2)
      expectClose(fit.scales, [plain.scale, plain.scale], relative: 1e-7)
      expectClose(fit.logLikelihood, plain.logLikelihood, relative: 1e-12)
      #expect(fit.parameterCount == plain.parameterCount + 1)
    }
    #expect(throws: SurvivalError.self) {
      try FailureTimeModel(.exponential).fit(
        twice, design: Matrix(columns: columns), stratum: strata, stratumCount: 2)
    }
  }
}
