import Glibc
import MissingData
import TestSupport
import Testing

@Test("Patterns and shares by arm, by hand")
func patterns() throws {
  let yes = true
  let no = false
  // Six participants, three visits: A complete, A dropout at 3, A dropout at 2; B complete, B complete, B misses visit 2.
  let missingness = Missingness(
    variables: ["m0", "m6", "m12"],
    observed: [
      [yes, yes, yes, yes, yes, yes], [yes, yes, no, yes, yes, no], [yes, no, no, yes, yes, yes],
    ], arms: ["A", "B"], arm: [0, 0, 0, 1, 1, 1])
  #expect(
    missingness.patterns.map(\.observed) == [
      [yes, yes, yes], [yes, yes, no], [yes, no, yes], [yes, no, no],
    ])
  #expect(missingness.patterns.map(\.counts) == [[1, 2], [1, 0], [0, 1], [1, 0]])
  #expect(missingness.patterns.map(\.isMonotone) == [yes, yes, no, yes] && !missingness.isMonotone)
  let last = missingness.shares[2]
  #expect(last.missing == [2, 0] && last.totals == [3, 3])
  let difference = try last.difference(0, 1)
  expectClose(difference.estimate!, 2.0 / 3, relative: 1e-15)
  #expect(difference.low < 2.0 / 3 && difference.method.contains("Newcombe"))
}

@Test("Best, worst and filled-in cases of a binary outcome")
func bounds() throws {
  let bounds = try BinaryOutcomeBounds(
    IncompleteProportion(events: 30, observed: 80, missing: 10),
    IncompleteProportion(events: 20, observed: 75, missing: 15))
  func difference(_ assumption: BinaryOutcomeBounds.Assumption) throws -> Double {
    try #require(bounds.riskDifference(assumption).estimate)
  }
  expectClose(try difference(.availableCases), 30.0 / 80 - 20.0 / 75, relative: 1e-14)
  expectClose(try difference(.allWithout), 30.0 / 90 - 20.0 / 90, relative: 1e-14)
  expectClose(try difference(.allWith), 40.0 / 90 - 35.0 / 90, relative: 1e-13)
  expectClose(try difference(.largest), 40.0 / 90 - 20.0 / 90, relative: 1e-14)
  expectClose(try difference(.smallest), 30.0 / 90 - 35.0 / 90, relative: 1e-13)
  let cells = try bounds.tippingPoints()
  #expect(cells.count == 11 * 16)
  #expect(
    cells.first { $0.firstEvents == 10 && $0.secondEvents == 0 }?.difference
      == (try bounds.riskDifference(.largest)))
}

@Test("The informative missingness odds ratio runs from one extreme case to the other")
func deltaAdjustment() throws {
  let bounds = try BinaryOutcomeBounds(
    IncompleteProportion(events: 30, observed: 80, missing: 10),
    IncompleteProportion(events: 20, observed: 75, missing: 15))
  func check(_ d1: Double, _ d2: Double, _ assumption: BinaryOutcomeBounds.Assumption) throws {
    expectClose(
      try #require(bounds.deltaAdjusted(first: d1, second: d2).estimate),
      try #require(bounds.riskDifference(assumption).estimate), absolute: 1e-12, because: assumption.rawValue)
  }
  try check(0, 0, .availableCases)
  try check(-.infinity, -.infinity, .allWithout)
  try check(.infinity, .infinity, .allWith)
  try check(.infinity, -.infinity, .largest)
  // At δ = 0 the missing add nothing: the variance is that of the observed.
  let atRandom = try bounds.deltaAdjusted(first: 0, second: 0)
  let wald = try bounds.riskDifference(.availableCases, method: .wald)
  expectClose([atRandom.low, atRandom.high], [wald.low, wald.high], absolute: 1e-12)
}

@Test("The variance of a delta-adjusted risk is the delta method's, by numerical derivatives")
func deltaVariance() throws {
  let (x, o, m, delta) = (30, 80, 20, -0.7)
  let arm = try IncompleteProportion(events: x, observed: o, missing: m)
  let other = try IncompleteProportion(events: 0, observed: 1_000_000_000, missing: 0)
  let interval = try BinaryOutcomeBounds(arm, other).deltaAdjusted(first: delta, second: 0)
  func risk(_ p: Double, _ share: Double) -> Double {
    let odds = exp(delta) * p / (1 - p)
    return (1 - share) * p + share * odds / (1 + odds)
  }
  let (p, share, h) = (30.0 / 80, 0.2, 1e-6)
  let byRisk = (risk(p + h, share) - risk(p - h, share)) / (2 * h)
  let byShare = (risk(p, share + h) - risk(p, share - h)) / (2 * h)
  let variance = byRisk * byRisk * p * (1 - p) / 80 + byShare * byShare * share * (1 - share) / 100
  expectClose(interval.estimate!, risk(p, share), relative: 1e-12)
  expectClose(
    (interval.high - interval.low) / 2, 1.959963984540054 * variance.squareRoot(), relative: 1e-8,
    because: "central differences with a step of 1e-6")
}

@Test("Impossible counts are refused")
func impossibleCounts() {
  #expect(throws: MissingDataError.self) { try IncompleteProportion(events: 3, observed: 2, missing: 1) }
  #expect(throws: MissingDataError.self) { try IncompleteProportion(events: 0, observed: 0, missing: 1) }
}
