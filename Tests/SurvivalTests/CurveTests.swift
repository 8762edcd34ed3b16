import Glibc
import Inference
import LinearAlgebra
import Survival
import TestSupport
import Testing

@Suite("Curves by hand and their properties")
struct CurveTests {
  @Test("five persons")
  func byHand() throws {
    // Events before censorings: at 2 one of four has the event, then one is censored; at 5 one of two.
    let data = try SurvivalData(
      time: [2, 5, 2, 1, 7], event: [true, true, false, false, false])
    let curve = try KaplanMeier(limits: .plain).fit(data)[0]
    #expect(curve.time == [1, 2, 5, 7])
    #expect(curve.atRisk == [5, 4, 2, 1])
    #expect(curve.events == [0, 1, 1, 0])
    #expect(curve.censored == [1, 1, 0, 1])
    expectClose(curve.survival, [1, 0.75, 0.375, 0.375], relative: 1e-15)
    let greenwood = 1.0 / 12 + 1.0 / 2
    expectClose(curve.standardError[2], 0.375 * greenwood.squareRoot(), relative: 1e-14)
    expectClose(curve.low[2], 0, absolute: 0, because: "below 0, so cut off there")
    expectClose(curve.cumulativeHazard, [0, 0.25, 0.75, 0.75], relative: 1e-15)
    expectClose(
      curve.cumulativeHazardStandardError[3], (1.0 / 16 + 1.0 / 4).squareRoot(), relative: 1e-14)
    #expect(curve.median().estimate == 5)
    #expect(curve.at(8).isBeyond && !curve.at(7).isBeyond)
    #expect(curve.at(0.5).survival == 1 && curve.at(2).atRisk == 4)
  }

  @Test("delayed entry: someone who enters at t is not at risk at t")
  func delayedEntry() throws {
    let data = try SurvivalData(
      time: [2, 4, 6, 6], entry: [0, 2, 1, 3], event: [true, true, true, false])
    let curve = try KaplanMeier().fit(data)[0]
    #expect(curve.time == [2, 4, 6])
    #expect(curve.atRisk == [2, 3, 2])
    expectClose(curve.survival, [1.0 / 2, 1.0 / 3, 1.0 / 6], relative: 1e-15)
  }

  @Test("without censoring S is the share still without the event, Greenwood is binomial")
  func complete() throws {
    let data = try SurvivalData(
      time: [1, 2, 2, 3, 5, 8, 9, 9, 9, 12], event: [Bool](repeating: true, count: 10))
    let curve = try KaplanMeier().fit(data)[0]
    expectClose(curve.survival, [0.9, 0.7, 0.6, 0.5, 0.4, 0.1, 0], absolute: 1e-15)
    for j in 0..<6 {
      let s = curve.survival[j]
      expectClose(curve.standardError[j], (s * (1 - s) / 10).squareRoot(), relative: 1e-13)
    }
    #expect(curve.survival.last == 0)
  }

  @Test("where S is one half on a flat stretch, each rule of the median says so by name")
  func flatMedian() throws {
    // Ten persons, five events by 87, then censorings only: S = 0.5 from 87 to the last time, 118.
    let data = try SurvivalData(
      time: [54, 75, 77, 84, 87, 92, 103, 105, 112, 118], event: (0..<10).map { $0 < 5 })
    let curve = try KaplanMeier().fit(data)[0]
    #expect(curve.median(rule: .midpoint).estimate == 102.5)
    #expect(curve.median(rule: .first).estimate == 87)
    #expect(curve.median(rule: .below).estimate == nil)
    #expect(curve.median(rule: .midpointBetweenEvents).estimate == nil)
    // Ending in an event instead, the stretch has two ends.
    let ended = try SurvivalData(
      time: [54, 75, 77, 84, 87, 92, 103, 105, 112, 118], event: (0..<10).map { $0 < 6 })
    let other = try KaplanMeier().fit(ended)[0]
    #expect(other.median(rule: .midpoint).estimate == 89.5)
    #expect(other.median(rule: .midpointBetweenEvents).estimate == 89.5)
    #expect(other.median(rule: .first).estimate == 87)
    #expect(other.median(rule: .below).estimate == 92)
  }

  @Test("weight 2 is a duplicated row; row order does not matter")
  func weights() throws {
    let made = RandomSurvival(90, seed: 21)
    let weights = made.time.indices.map { $0 % 4 == 0 ? 2.0 : 1 }
    let rows = made.time.indices.flatMap { $0 % 4 == 0 ? [$0, $0] : [$0] }
    let data = try made.data(entry: true)
    let weighted = try KaplanMeier().fit(data, weights: weights)[0]
    let repeated = try KaplanMeier().fit(data.selecting(rows: rows))[0]
    #expect(weighted.time == repeated.time)
    expectClose(weighted.survival, repeated.survival, relative: 1e-12)
    expectClose(weighted.low, repeated.low, relative: 1e-11)
    let shuffled = try KaplanMeier().fit(made.permuted().data(entry: true))[0]
    #expect(try KaplanMeier().fit(data)[0].survival == shuffled.survival)
  }

  @Test("many groups in batches give the curves of each group alone")
  func groups() throws {
    let made = RandomSurvival(200, seed: 8, grid: 1e-6)
    let group = made.time.indices.map { Int32($0 % 7) }
    let data = try made.data()
    let together = try KaplanMeier().fit(data, group: group, groupCount: 7)
    for g in 0..<7 {
      let rows = made.time.indices.filter { group[$0] == Int32(g) }
      let alone = try KaplanMeier().fit(data.selecting(rows: rows))[0]
      #expect(together[g].time == alone.time && together[g].survival == alone.survival)
      #expect(together[g].atRisk == alone.atRisk && together[g].count == rows.count)
    }
  }

  @Test("log-rank by hand, and whichever group is named first")
  func logRank() throws {
    // Events at 1 (group A; 2 of 4 at risk are A), 2 (B; 1 of 3 is A), 4 (A; both left are A and B).
    let data = try SurvivalData(time: [1, 5, 2, 4.5, 4], event: [true, false, true, false, true])
    let test = try LogRankTest().test(data, group: [0, 0, 1, 1, 0], groupCount: 2)
    // At risk of A/all: 3/5 at 1, 2/4 at 2, 2/3 at 4.
    let expected = 3.0 / 5 + 2.0 / 4 + 2.0 / 3
    let variance = 3.0 / 5 * 2 / 5 + 2.0 / 4 * 2 / 4 + 2.0 / 3 * 1 / 3
    expectClose(test.groups[0].expected, expected, relative: 1e-14)
    #expect(test.groups[0].observed == 2 && test.groups[1].observed == 1)
    expectClose(test.statistic, (2 - expected) * (2 - expected) / variance, relative: 1e-13)
    let swapped = try LogRankTest().test(data, group: [1, 1, 0, 0, 1], groupCount: 2)
    expectClose(swapped.statistic, test.statistic, relative: 1e-13)
  }

  @Test("a group without anyone at risk costs no degree of freedom")
  func emptyGroup() throws {
    let made = RandomSurvival(60, seed: 2)
    let arm = made.x[1].map { Int32($0) }
    let two = try LogRankTest(rho: 1).test(made.data(), group: arm, groupCount: 2)
    let three = try LogRankTest(rho: 1).test(made.data(), group: arm, groupCount: 3)
    #expect(three.df == 1)
    expectClose(three.statistic, two.statistic, relative: 1e-13)
  }

  @Test("the restricted mean by hand; difference and ratio")
  func restrictedMean() throws {
    let a = try RestrictedMean(
      KaplanMeier().fit(SurvivalData(time: [2, 4, 6], event: [true, true, false]))[0], tau: 5)
    // S = 1, 2/3 from 2, 1/3 from 4: area 2 + 4/3 + 1/3; beyond 2: 5/3, beyond 4: 1/3.
    expectClose(a.estimate, 2 + 5.0 / 3, relative: 1e-15)
    expectClose(a.variance, 25.0 / 9 / 6 + 1.0 / 9 / 2, relative: 1e-14)
    let b = try RestrictedMean(
      KaplanMeier().fit(SurvivalData(time: [1, 4, 6], event: [true, true, false]))[0], tau: 5)
    let difference = RestrictedMean.difference(b, minus: a)
    expectClose(difference.estimate!, -1.0 / 3, relative: 1e-13)
    expectClose(difference.standardError!, (a.variance + b.variance).squareRoot(), relative: 1e-14)
    let ratio = RestrictedMean.ratio(b, over: a)
    expectClose(ratio.estimate!, (10.0 / 3) / (11.0 / 3), relative: 1e-14)
    expectClose(ratio.low! * ratio.high!, ratio.estimate! * ratio.estimate!, relative: 1e-13)
    expectClose(
      RestrictedMean.ratioOfTimeLost(b, over: a).estimate!, (5.0 / 3) / (4.0 / 3), relative: 1e-13)
  }

  @Test("incidences of all causes and S make 1; one cause alone is 1 − S")
  func incidences() throws {
    let made = RandomSurvival(150, seed: 13)
    let data = try made.data(competing: true)
    let curves = CumulativeIncidence().fit(data, causes: 2)[0]
    let survival = try KaplanMeier().fit(data)[0]
    for t in [0.25, 0.5, 1, 2, 4] {
      expectClose(
        curves[0].at(t).estimate + curves[1].at(t).estimate + survival.at(t).survival, 1, absolute: 1e-13)
    }
    let single = try made.data()
    let one = CumulativeIncidence().fit(single, causes: 1)[0][0]
    for t in [0.25, 0.5, 1, 2] {
      expectClose(one.at(t).estimate, 1 - (try KaplanMeier().fit(single)[0].at(t).survival), absolute: 1e-13)
    }
  }

  @Test("without competing events Fine and Gray's model is Cox's with Breslow's ties")
  func fineGrayIsCox() throws {
    let made = RandomSurvival(150, seed: 14)
    let data = try made.data()
    let fineGray = try FineGrayModel().fit(data, design: made.design)
    let cox = try CoxModel(ties: .breslow, variance: .robust).fit(data, design: made.design)
    expectClose(fineGray.estimates, cox.estimates, relative: 1e-10)
    expectClose(fineGray.logLikelihood, cox.logLikelihood, relative: 1e-12)
    expectClose(fineGray.covariance.matrix.storage, cox.covariance.matrix.storage, relative: 1e-8)
  }

  @Test("Gray's test does not depend on which group is left out")
  func grayOrder() throws {
    let made = RandomSurvival(150, seed: 15)
    let data = try made.data(competing: true)
    let a = try GrayTest(rho: 0.5).test(data, cause: 1, group: made.stratum, groupCount: 3)
    let b = try GrayTest(rho: 0.5).test(
      data, cause: 1, group: made.stratum.map { 2 - $0 }, groupCount: 3)
    expectClose(a.statistic, b.statistic, relative: 1e-9)
    #expect(a.df == 2)
  }

  @Test("the difference of two survival probabilities")
  func survivalDifference() throws {
    let a = try KaplanMeier().fit(SurvivalData(time: [1, 2, 3, 4], event: [true, true, false, true]))[0]
    let b = try KaplanMeier().fit(SurvivalData(time: [1, 2, 3, 4], event: [false, true, false, true]))[0]
    let row = SurvivalCurve.difference(b, minus: a, at: 2.5)
    expectClose(row.estimate!, 2.0 / 3 - 1.0 / 2, relative: 1e-14)
    expectClose(row.standardError!, (2.0 / 27 + 1.0 / 16).squareRoot(), relative: 1e-13)
  }
}
