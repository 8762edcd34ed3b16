import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

@Suite("Properties of Cox models")
struct CoxPropertyTests {
  let made = RandomSurvival(160, seed: 11)

  private func fit(
    _ made: RandomSurvival, _ ties: CoxTies = .efron, entry: Bool = true, weighted: Bool = true,
    stratified: Bool = true, unit: Double = 1
  ) throws -> CoxFit {
    try CoxModel(ties: ties).fit(
      SurvivalData(
        time: made.time.map { $0 * unit }, entry: entry ? made.entry.map { $0 * unit } : nil,
        event: made.cause.map { $0 != 0 }), design: made.design,
      stratum: stratified ? made.stratum : nil, stratumCount: stratified ? 3 : 1,
      weights: weighted ? made.weight : nil)
  }

  private func expectSame(_ a: CoxFit, _ b: CoxFit, relative: Double = 1e-10) {
    expectClose(a.estimates, b.estimates, relative: relative)
    expectClose(a.covariance.matrix.storage, b.covariance.matrix.storage, relative: relative)
    expectClose(a.logLikelihood, b.logLikelihood, relative: 1e-12)
  }

  @Test("the mean offset of the baseline is weighted: weight 2 is a row twice under Breslow")
  func weightedOffset() throws {
    let lung = Table("lung.csv")
    let rows = lung.complete(["age", "ph.ecog"])
    let data = try SurvivalData(
      time: rows.map { lung["time"][$0] }, event: rows.map { lung["status"][$0] == 2 })
    let design = lung.design(["age"], rows: rows)
    let offset = rows.map { lung["ph.ecog"][$0] / 3 }
    let weights = rows.indices.map { $0 % 4 == 0 ? 2.0 : 1 }
    let copies = rows.indices.flatMap { $0 % 4 == 0 ? [$0, $0] : [$0] }
    let weighted = try CoxModel(ties: .breslow).fit(data, design: design, weights: weights, offset: offset)
    let copied = try CoxModel(ties: .breslow).fit(
      data.selecting(rows: copies), design: design.selecting(rows: copies), offset: copies.map { offset[$0] })
    for centered in [false, true] {
      let a = weighted.baselineHazards(centered: centered)[0].cumulativeHazard
      let b = copied.baselineHazards(centered: centered)[0].cumulativeHazard
      #expect(a.count == b.count)
      for (x, y) in zip(a, b) { expectClose(x, y, relative: 1e-10) }
    }
  }

  @Test("the order of the rows and the unit of time do not matter", arguments: [CoxTies.efron, .breslow])
  func orderAndUnit(_ ties: CoxTies) throws {
    let fit = try fit(made, ties)
    expectSame(fit, try self.fit(made.permuted(), ties))
    expectSame(fit, try self.fit(made, ties, unit: 365.25))
  }

  @Test("a covariate in another unit and with another zero")
  func rescaling() throws {
    let original = try fit(made)
    var other = made
    other.x[0] = made.x[0].map { 1000 * $0 + 70 }
    let scaled = try fit(other)
    expectClose(scaled.estimates[0] * 1000, original.estimates[0], relative: 1e-10)
    expectClose(scaled.estimates[1], original.estimates[1], relative: 1e-10)
    expectClose(scaled.logLikelihood, original.logLikelihood, relative: 1e-12)
  }

  @Test("weight 2 is a duplicated row for Breslow, and is not for Efron")
  func duplicated() throws {
    func both(_ ties: CoxTies) throws -> (CoxFit, CoxFit) {
      let weights = made.time.indices.map { $0 % 3 == 0 ? 2.0 : 1 }
      let rows = made.time.indices.flatMap { $0 % 3 == 0 ? [$0, $0] : [$0] }
      let data = try made.data()
      let weighted = try CoxModel(ties: ties).fit(data, design: made.design, weights: weights)
      let repeated = try CoxModel(ties: ties).fit(
        data.selecting(rows: rows), design: made.design.selecting(rows: rows))
      return (weighted, repeated)
    }
    let (weighted, repeated) = try both(.breslow)
    expectSame(weighted, repeated)
    let (w, r) = try both(.efron)
    #expect(abs(w.estimates[0] - r.estimates[0]) > 1e-4)
  }

  @Test("a row cut in two at any time is the same person", arguments: [CoxTies.efron, .breslow])
  func cutting(_ ties: CoxTies) throws {
    let whole = try CoxModel(ties: ties).fit(made.data(), design: made.design)
    var time: [Double] = []
    var entry: [Double] = []
    var event: [Bool] = []
    var rows: [Int] = []
    for i in made.time.indices {
      let cut = made.time[i] / 3
      time += [cut, made.time[i]]
      entry += [0, cut]
      event += [false, made.cause[i] != 0]
      rows += [i, i]
    }
    let data = try SurvivalData(time: time, entry: entry, event: event)
    let cut = try CoxModel(ties: ties).fit(data, design: made.design.selecting(rows: rows))
    expectSame(whole, cut)
    let clusters = rows.map { Int32($0) }
    let robust = try CoxModel(ties: ties, variance: .robust).fit(made.data(), design: made.design)
    let clustered = try CoxModel(
      ties: ties, variance: .clustered(codes: clusters, count: made.time.count)
    ).fit(data, design: made.design.selecting(rows: rows))
    expectClose(
      robust.covariance.matrix.storage, clustered.covariance.matrix.storage, relative: 1e-10)
  }

  @Test("martingale residuals sum to 0 in every stratum, score residuals to the score")
  func residualSums() throws {
    for ties in [CoxTies.efron, .breslow] {
      let fit = try fit(made, ties)
      let martingale = fit.martingaleResiduals()
      for s in 0..<3 {
        let sum = martingale.indices.filter { made.stratum[$0] == Int32(s) }
          .reduce(0) { $0 + made.weight[$1] * martingale[$1] }
        expectClose(sum, 0, absolute: 1e-11)
      }
      let score = fit.scoreResiduals()
      for j in 0..<2 { expectClose(dot(made.weight, score.column(j)), 0, absolute: 1e-9) }
    }
  }

  @Test("the likelihood of strata is the sum of the strata's", arguments: CoxTies.allCases)
  func strataAdd(_ ties: CoxTies) throws {
    var model = CoxModel(ties: ties)
    model.maximumIterations = 0
    model.start = [0.4, -0.3]
    let data = try made.data(entry: true)
    let all = try model.fit(data, design: made.design, stratum: made.stratum, stratumCount: 3)
    var logL = 0.0
    var information = Matrix(rows: 2, columns: 2)
    for s in 0..<3 {
      let rows = made.stratum.indices.filter { made.stratum[$0] == Int32(s) }
      let part = try model.fit(data.selecting(rows: rows), design: made.design.selecting(rows: rows))
      logL += part.logLikelihood
      information = information + (try CholeskyFactor(of: part.modelCovariance).inverse())
    }
    expectClose(all.logLikelihood, logL, relative: 1e-13)
    expectClose(
      try CholeskyFactor(of: all.modelCovariance).inverse().storage, information.storage, relative: 1e-10)
  }

  @Test("score and information are the derivatives of the likelihood", arguments: CoxTies.allCases)
  func derivatives(_ ties: CoxTies) throws {
    let sets = CoxRiskSets(
      try made.data(entry: true), design: made.design, stratum: made.stratum, stratumCount: 3,
      weights: ties == .exact ? nil : made.weight, offset: made.x[0].map { $0 / 3 })
    let evaluate = CoxModel.likelihood(sets, ties)
    let b = [0.3, -0.2]
    let here = evaluate(b)
    let h = 1e-5
    for j in 0..<2 {
      var up = b
      var down = b
      up[j] += h
      down[j] -= h
      let (above, below) = (evaluate(up), evaluate(down))
      expectClose(
        here.score[j], (above.logLikelihood - below.logLikelihood) / (2 * h), relative: 1e-7,
        absolute: 1e-6, because: "central differences of step 1e-5")
      for i in 0..<2 {
        expectClose(
          here.information[i, j], -(above.score[i] - below.score[i]) / (2 * h), relative: 1e-7,
          absolute: 1e-6, because: "central differences of step 1e-5")
      }
    }
  }

  @Test("no other coefficients near the estimates have a higher likelihood", arguments: CoxTies.allCases)
  func maximum(_ ties: CoxTies) throws {
    let best = try fit(made, ties, weighted: ties != .exact)
    var model = CoxModel(ties: ties)
    model.maximumIterations = 0
    for (a, b) in [(1e-3, 0.0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)] {
      model.start = [best.estimates[0] + a, best.estimates[1] + b]
      let other = try model.fit(
        made.data(entry: true), design: made.design, stratum: made.stratum, stratumCount: 3,
        weights: ties == .exact ? nil : made.weight)
      #expect(other.logLikelihood < best.logLikelihood)
    }
  }

  @Test("the log-rank test is the score test of the exact likelihood")
  func logRankIsScore() throws {
    for entry in [false, true] {
      let data = try made.data(entry: entry)
      let arm = made.x[1].map { Int32($0) }
      let test = try LogRankTest().test(
        data, group: arm, groupCount: 2, stratum: made.stratum, stratumCount: 3)
      let fit = try CoxModel(ties: .exact).fit(
        data, design: Matrix(columns: [made.x[1]]), stratum: made.stratum, stratumCount: 3)
      expectClose(test.statistic, fit.scoreTest.statistic, relative: 1e-10)
    }
  }

  @Test("without ties the three treatments agree")
  func untied() throws {
    let untied = RandomSurvival(60, seed: 3, grid: 1e-7)
    let fits = try CoxTies.allCases.map { try fit(untied, $0, weighted: false) }
    expectSame(fits[0], fits[1])
    expectSame(fits[0], fits[2], relative: 1e-8)
  }

  @Test("profile limits are where the likelihood has fallen by half the χ² quantile")
  func profileLimits() throws {
    let fit = try fit(made)
    let limits = fit.profileLimits(column: 1, level: 0.95)
    for limit in [limits.low!, limits.high!] {
      // With the coefficient held by an offset, the other one maximised.
      let held = try CoxModel().fit(
        made.data(entry: true), design: Matrix(columns: [made.x[0]]), stratum: made.stratum,
        stratumCount: 3, weights: made.weight, offset: made.x[1].map { limit * $0 })
      expectClose(
        fit.logLikelihood - held.logLikelihood, 3.841458820694124 / 2, absolute: 1e-8,
        because: "half of qchisq(0.95, 1)")
    }
  }

  @Test("concordance by the tree is concordance by all pairs", arguments: [false, true])
  func concordance(_ entry: Bool) throws {
    var tied = made
    tied.x[0] = made.x[0].map { ($0 * 4).rounded() / 4 }
    let fit = try fit(tied, entry: entry)
    let c = fit.concordance()
    let eta = fit.linearPredictors
    var counts = (concordant: 0.0, discordant: 0.0, tied: 0.0)
    for i in eta.indices where tied.cause[i] != 0 {
      for j in eta.indices where tied.stratum[i] == tied.stratum[j] && i != j {
        let outlives =
          tied.time[j] > tied.time[i] || (tied.time[j] == tied.time[i] && tied.cause[j] == 0)
        guard outlives, !entry || tied.entry[j] < tied.time[i] else { continue }
        let w = tied.weight[i] * tied.weight[j]
        if eta[i] > eta[j] {
          counts.concordant += w
        } else if eta[i] < eta[j] {
          counts.discordant += w
        } else {
          counts.tied += w
        }
      }
    }
    expectClose(c.concordant, counts.concordant, relative: 1e-11)
    expectClose(c.discordant, counts.discordant, relative: 1e-11)
    expectClose(c.tied, counts.tied, relative: 1e-11)
    #expect(counts.tied > 0)
  }

  @Test("the test of proportional hazards does not depend on the order of rows or the unit of time")
  func proportionalHazardsOrder() throws {
    let a = try fit(made).proportionalHazardsTest(termOfColumn: [0, 1], transform: .km)
    let b = try fit(made.permuted()).proportionalHazardsTest(termOfColumn: [0, 1], transform: .km)
    expectClose(a.terms.map { $0!.statistic }, b.terms.map { $0!.statistic }, relative: 1e-8)
    // The identity transform does not see the unit of time, nor its zero.
    let c = try fit(made).proportionalHazardsTest(termOfColumn: [0, 1], transform: .identity)
    let d = try fit(made, unit: 12).proportionalHazardsTest(termOfColumn: [0, 1], transform: .identity)
    expectClose(c.global.statistic, d.global.statistic, relative: 1e-8)
  }
}
