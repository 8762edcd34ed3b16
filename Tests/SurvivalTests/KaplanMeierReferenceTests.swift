import LinearAlgebra
import Survival
import Testing

@Suite("Kaplan–Meier and log-rank against R")
struct KaplanMeierReferenceTests {
  let lung = Table("lung.csv")

  @Test("curves, quantiles and values at times of the lung data", arguments: SurvivalLimits.allCases)
  func lungBySex(_ limits: SurvivalLimits) throws {
    let r = Reference("km-lung-\(limits.rawValue)")
    let data = try SurvivalData(time: lung["time"], event: lung["status"].map { $0 == 2 })
    let sex = codes(lung["sex"])
    let curves = try KaplanMeier(limits: limits).fit(data, group: sex.codes, groupCount: sex.count)
    func all(_ part: (SurvivalCurve) -> [Double]) -> [Double] { curves.flatMap(part) }
    expectReference(all(\.time), r["time"], relative: 0)
    expectReference(all(\.atRisk), r["nrisk"], relative: 0)
    expectReference(all(\.events), r["nevent"], relative: 0)
    expectReference(all(\.censored), r["ncensor"], relative: 0)
    expectReference(all(\.survival), r["surv"], relative: 1e-13)
    expectReference(all(\.standardError), r["se"], relative: 1e-12)
    expectReference(all(\.low), r["low"], relative: 1e-11)
    expectReference(all(\.high), r["high"], relative: 1e-11)
    expectReference(all(\.cumulativeHazard), r["cumhaz"], relative: 1e-12)
    expectReference(all(\.cumulativeHazardStandardError), r["chse"], relative: 1e-12)
    let quantiles = curves.flatMap { curve in [0.25, 0.5, 0.75].map { curve.quantile($0) } }
    expectReference(quantiles.map { $0.estimate ?? .nan }, r["q"], relative: 0, "quantile")
    expectReference(quantiles.map { $0.low ?? .nan }, r["qlow"], relative: 0, "lower limit")
    expectReference(quantiles.map { $0.high ?? .nan }, r["qhigh"], relative: 0, "upper limit")
    let at = curves.flatMap { curve in [3.0, 180, 365, 2000].map { curve.at($0) } }
    expectReference(at.map(\.survival), r["atsurv"], relative: 1e-13, "S at")
    expectReference(at.map(\.standardError), r["atse"], relative: 1e-12, "se at")
    expectReference(at.map(\.low), r["atlow"], relative: 1e-11, "low at")
    expectReference(at.map(\.high), r["athigh"], relative: 1e-11, "high at")
    expectReference(at.map(\.atRisk), r["atrisk"], relative: 0, "at risk at")
  }

  @Test("delayed entry: the heart transplant data")
  func delayedEntry() throws {
    let heart = Table("heart.csv")
    let r = Reference("km-heart")
    let data = try SurvivalData(
      time: heart["stop"], entry: heart["start"], event: heart["event"].map { $0 == 1 })
    let arm = codes(heart["transplant"])
    let curves = try KaplanMeier().fit(data, group: arm.codes, groupCount: 2)
    expectReference(curves.flatMap(\.time), r["time"], relative: 0)
    expectReference(curves.flatMap(\.atRisk), r["nrisk"], relative: 0)
    expectReference(curves.flatMap(\.survival), r["surv"], relative: 1e-13)
    expectReference(curves.flatMap(\.standardError), r["se"], relative: 1e-12)
    expectReference(curves.flatMap(\.low), r["low"], relative: 1e-11)
    expectReference(curves.flatMap(\.high), r["high"], relative: 1e-11)
    expectReference(curves.map { $0.median().estimate ?? .nan }, r["q"], relative: 0)
    expectReference(curves.map { $0.median().low ?? .nan }, r["qlow"], relative: 0)
    expectReference(curves.map { $0.median().high ?? .nan }, r["qhigh"], relative: 0)
  }

  @Test("a robust error stays as it is, to the last digit, where nobody has the event")
  func flatRobustErrors() throws {
    let data = try SurvivalData(time: lung["time"], event: lung["status"].map { $0 == 2 })
    let weights = lung["age"].map { $0 / 50 }
    var estimator = KaplanMeier(limits: .log)
    estimator.variance = .robust(clusters: codes(lung["sex"]).codes, count: 2)
    let curve = try estimator.fit(data, weights: weights)[0]
    var flat = 0
    for j in curve.time.indices.dropFirst() where curve.events[j] == 0 {
      flat += 1
      #expect(curve.standardError[j] == curve.standardError[j - 1])
      #expect(curve.low[j] == curve.low[j - 1])
      #expect(curve.cumulativeHazardStandardError[j] == curve.cumulativeHazardStandardError[j - 1])
    }
    #expect(flat > 20)
  }

  /// R: `survfit(Surv(start, stop, event) ~ 1, heart, id = id)`.
  @Test("the end of a row whose person goes on is a time of the curve, but no censoring")
  func persons() throws {
    let heart = Table("heart.csv")
    let data = try SurvivalData(
      time: heart["stop"], entry: heart["start"], event: heart["event"].map { $0 == 1 })
    let persons = codes(heart["id"])
    let continues = try data.continues(person: persons.codes)
    let curve = try KaplanMeier().fit(data, continues: continues)[0]
    let plain = try KaplanMeier().fit(data)[0]
    #expect(plain.censored.reduce(0, +) == 97)
    #expect(curve.censored.reduce(0, +) == 28)
    let times = zip(curve.time, curve.censored).filter { $0.1 > 0 }.map(\.0)
    #expect(times.prefix(6) == [11, 31, 39, 109, 131, 180])
    #expect(curve.time == plain.time)
    #expect(curve.survival == plain.survival)
    #expect(curve.atRisk == plain.atRisk)
    #expect(curve.count == 172)
    let error = try #require(throws: SurvivalError.self) {
      try SurvivalData(time: [5, 9, 7], entry: [0, 4, 0], event: [false, true, true])
        .continues(person: [0, 0, 1])
    }
    #expect(error == .overlappingRows(rows: [1]))
    let gap = try SurvivalData(time: [5, 9], entry: [0, 6], event: [false, true])
    #expect(try gap.continues(person: [0, 0]) == [false, false])
  }

  /// Of 103 patients 69 are transplanted, of whom 45 die; of the others 30 die.
  @Test("who changes groups is censored in the one and enters the other")
  func personsChangingGroups() throws {
    let heart = Table("heart.csv")
    let data = try SurvivalData(
      time: heart["stop"], entry: heart["start"], event: heart["event"].map { $0 == 1 })
    let transplant = codes(heart["transplant"]).codes
    let continues = try data.continues(person: codes(heart["id"]).codes, in: transplant)
    let curves = try KaplanMeier().fit(data, group: transplant, groupCount: 2, continues: continues)
    #expect(curves.map { $0.censored.reduce(0, +) } == [73, 24])
  }

  @Test("weighted counts of the censored are sums of weights, exactly 0 where nobody is censored")
  func weightedPersons() throws {
    let heart = Table("heart.csv")
    let data = try SurvivalData(
      time: heart["stop"], entry: heart["start"], event: heart["event"].map { $0 == 1 })
    let continues = try data.continues(person: codes(heart["id"]).codes)
    let weights = heart["id"].map { 0.1 + 0.01 * $0 }
    let curve = try KaplanMeier().fit(data, weights: weights, continues: continues)[0]
    let single = try KaplanMeier().fit(data, continues: continues)[0]
    #expect(zip(curve.censored, single.censored).allSatisfy { ($0 == 0) == ($1 == 0) && $0 >= 0 })
  }

  @Test("log-rank, Peto–Peto, four groups, strata")
  func logRank() throws {
    let data = try SurvivalData(time: lung["time"], event: lung["status"].map { $0 == 2 })
    let sex = codes(lung["sex"])
    for (name, rho) in [("lr-lung", 0.0), ("lr-lung-peto", 1)] {
      check(Reference(name), try LogRankTest(rho: rho).test(data, group: sex.codes, groupCount: 2))
    }
    let rows = lung.complete(["ph.ecog"])
    let ecog = codes(rows.map { lung["ph.ecog"][$0] })
    check(
      Reference("lr-lung-ecog"),
      try LogRankTest().test(data.selecting(rows: rows), group: ecog.codes, groupCount: ecog.count))
    let colon = Table("colon_death.csv")
    let arms = ["Lev", "Lev+5FU", "Obs"]
    check(
      Reference("lr-colon-strata"),
      try LogRankTest(rho: 0.5).test(
        SurvivalData(time: colon["time"], event: colon["status"].map { $0 == 1 }),
        group: colon.words("rx").map { Int32(arms.firstIndex(of: $0)!) }, groupCount: 3,
        stratum: colon["sex"].map { Int32($0) }, stratumCount: 2))
  }

  private func check(_ r: Reference, _ test: LogRankTest.Result) {
    expectReference(test.groups.map(\.observed), r["obs"], relative: 1e-12, "observed")
    expectReference(test.groups.map(\.expected), r["exp"], relative: 1e-12, "expected")
    expectReference(test.variance.storage, r["var"], relative: 1e-10, absolute: 1e-10, "variance")
    expectReference([test.statistic], r["chisq"], relative: 1e-10, "chi-square")
  }
}
