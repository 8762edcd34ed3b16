import HypothesisTests
import TestSupport
import Testing

/// Counts of published trials of supported employment and the estimates printed from them.
///
/// Risk and odds ratios with log-scale Wald limits, risk differences with Wald limits; each limit must agree to the
/// digits printed, that is within half a unit of the last one.
struct PublishedTrial: Sendable, CustomTestStringConvertible {
  enum Scale: Sendable { case riskRatio, oddsRatio, percentagePoints }

  let source: String
  let counts: (x1: Int, n1: Int, x2: Int, n2: Int)
  let scale: Scale
  let printed: (estimate: Double, low: Double, high: Double)
  /// Decimals printed of estimate, lower and upper limit.
  let decimals: (Int, Int, Int)

  var testDescription: String { "\(source) \(scale)" }
}

private let reproducible: [PublishedTrial] = [
  // Percentages and N = 45 are in the paper; the split 22/23 follows from them.
  PublishedTrial(
    source: "Lones 2017, methadone, 6 months, doi 10.1007/s10488-017-0793-2", counts: (11, 22, 1, 23),
    scale: .riskRatio, printed: (11.5, 1.62, 81.8), decimals: (1, 2, 1)),
  // Arm sizes are in the paper; numerators are the only ones that give the printed percentages.
  PublishedTrial(
    source: "Davis 2012, veterans with PTSD, 12 months, doi 10.1176/appi.ps.201100340",
    counts: (32, 42, 12, 43), scale: .riskRatio, printed: (2.73, 1.64, 4.54), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "Davis 2022, primary care, steady worker, doi 10.1176/appi.ps.202000926",
    counts: (26, 58, 15, 61), scale: .oddsRatio, printed: (2.49, 1.14, 5.43), decimals: (2, 2, 2)),
  // The one table that gives both of these.
  PublishedTrial(
    source: "SEED, Sveinsdottir 2020, young adults, 12 months, doi 10.5271/sjweh.3837",
    counts: (22, 46, 3, 37), scale: .oddsRatio, printed: (10.39, 2.79, 38.68), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "SEED in Probyn 2021, doi 10.1017/s1463423621000827", counts: (22, 46, 3, 37),
    scale: .riskRatio, printed: (5.90, 1.91, 18.19), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "Bond 2015, justice-involved, in Probyn 2021", counts: (13, 42, 3, 43), scale: .riskRatio,
    printed: (4.44, 1.36, 14.46), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "Poremski 2017, homeless, 8 months, doi 10.1007/s10488-015-0713-2", counts: (15, 44, 9, 41),
    scale: .riskRatio, printed: (1.55, 0.76, 3.15), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "veterans leaving prison, in Probyn 2021", counts: (21, 46, 8, 38), scale: .riskRatio,
    printed: (2.17, 1.09, 4.33), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "affective disorders, in Probyn 2021", counts: (14, 33, 1, 25), scale: .riskRatio,
    printed: (10.61, 1.49, 75.38), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "EQOLISE, 18 months, Burns 2007, Lancet 370:1146", counts: (85, 156, 43, 156),
    scale: .percentagePoints, printed: (26.9, 16.4, 37.4), decimals: (1, 1, 1)),
]

/// Published estimates that are adjusted for covariates or clusters: the counts must not give them.
private let adjusted: [PublishedTrial] = [
  PublishedTrial(
    source: "IPS-SUD, Rognli 2025, doi 10.1111/add.70155", counts: (36, 91, 33, 96), scale: .oddsRatio,
    printed: (1.28, 0.70, 2.35), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "IPS-MA, Hellstrom 2017, Occup Environ Med 74:717", counts: (72, 162, 62, 164),
    scale: .oddsRatio, printed: (1.34, 0.86, 2.10), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "Poremski 2017, GEE, doi 10.1007/s10488-015-0713-2", counts: (15, 44, 9, 41),
    scale: .oddsRatio, printed: (2.42, 1.13, 5.16), decimals: (2, 2, 2)),
  PublishedTrial(
    source: "VIP-STAR, Davis 2018, 18 months, PMC5875356", counts: (105, 271, 63, 270), scale: .oddsRatio,
    printed: (2.14, 1.46, 3.14), decimals: (2, 2, 2)),
]

private func interval(_ trial: PublishedTrial) throws -> (Double, Double, Double) {
  let c = trial.counts
  let table = try TwoProportions(events: c.x1, of: c.n1, against: c.x2, of: c.n2)
  let result =
    switch trial.scale {
    case .riskRatio: try table.riskRatio(.katz)
    case .oddsRatio: try table.oddsRatio(.wald)
    case .percentagePoints: try table.riskDifference(.wald)
    }
  let unit = trial.scale == .percentagePoints ? 100.0 : 1
  return (try #require(result.estimate) * unit, result.low * unit, result.high * unit)
}

/// True where a number rounds to the printed one; a hair is allowed for the printed number's own binary form.
private func rounds(_ value: Double, to printed: Double, decimals: Int) -> Bool {
  let half = [0.5, 0.05, 0.005, 0.0005][decimals]
  return abs(value - printed) <= half * (1 + 1e-9)
}

private func agrees(_ trial: PublishedTrial) throws -> [Bool] {
  let (estimate, low, high) = try interval(trial)
  return [
    rounds(estimate, to: trial.printed.estimate, decimals: trial.decimals.0),
    rounds(low, to: trial.printed.low, decimals: trial.decimals.1),
    rounds(high, to: trial.printed.high, decimals: trial.decimals.2),
  ]
}

@Test("The counts of published trials give the printed estimate and limits", arguments: reproducible)
func publishedEstimate(_ trial: PublishedTrial) throws {
  let verdict = try agrees(trial)
  #expect(verdict == [true, true, true])
}

@Test("An adjusted estimate differs from the crude one of its counts", arguments: adjusted)
func adjustedEstimateDiffers(_ trial: PublishedTrial) throws {
  #expect(try agrees(trial).contains(false))
}

@Test("Davis 2012: NNT 2.07 and chi-squared 19.84 without Yates' correction")
func davis2012() throws {
  let table = try TwoProportions(events: 32, of: 42, against: 12, of: 43)
  let difference = try table.riskDifference(.wald)
  let needed = try #require(NumberNeededToTreat(inverting: difference))
  expectClose(needed.estimate, 2.07, absolute: 0.005)
  expectClose(try #require(table.equalRisksTest(.pearson).statistic), 19.84, absolute: 0.005)
  expectClose(try #require(table.equalRisksTest(.yates).statistic), 17.95, absolute: 0.005)
}

@Test("Davis 2022: chi-squared p is 0.02; Lones 2017: Fisher p is 0.00063")
func printedPValues() throws {
  expectClose(
    try TwoProportions(events: 26, of: 58, against: 15, of: 61).equalRisksTest(.pearson).pValue, 0.0202,
    absolute: 0.00005)
  expectClose(
    try TwoProportions(events: 11, of: 22, against: 1, of: 23).equalRisksTest(.fisher).pValue,
    0.000633645557071534, relative: 1e-12, because: "R 4.2.2 fisher.test")
}

@Test("Zanis 2001 (doi 10.1016/S0740-5472(01)00174-5): 34/58 v 16/43 is significant only without Yates")
func zanis2001() throws {
  let table = try TwoProportions(events: 34, of: 58, against: 16, of: 43)
  let plain = table.equalRisksTest(.pearson)
  let corrected = table.equalRisksTest(.yates)
  expectClose(try #require(plain.statistic), 4.53, absolute: 0.005)
  expectClose(plain.pValue, 0.0333, absolute: 0.00005)
  expectClose(try #require(corrected.statistic), 3.713, absolute: 0.0005)
  expectClose(corrected.pValue, 0.054, absolute: 0.0005)
}

@Test("IPS-SUD 36/91 v 33/96: every crude number")
func ipsSud() throws {
  let table = try TwoProportions(events: 36, of: 91, against: 33, of: 96)
  let odds = try table.oddsRatio(.wald)
  expectClose([odds.estimate!, odds.low, odds.high], [1.250, 0.689, 2.265], absolute: 0.0005)
  let risk = try table.riskRatio(.katz)
  expectClose([risk.estimate!, risk.low, risk.high], [1.151, 0.791, 1.675], absolute: 0.0005)
  let wald = try table.riskDifference(.wald)
  expectClose([wald.estimate!, wald.low, wald.high], [0.0519, -0.0864, 0.1901], absolute: 0.00005)
  let newcombe = try table.riskDifference(.newcombe)
  expectClose([newcombe.low, newcombe.high], [-0.0851, 0.1867], absolute: 0.00005)
  let chi = table.equalRisksTest(.pearson)
  expectClose([chi.statistic!, chi.pValue], [0.540, 0.463], absolute: 0.0005)
  let yates = table.equalRisksTest(.yates)
  expectClose([yates.statistic!, yates.pValue], [0.340, 0.560], absolute: 0.0005)
  expectClose(table.equalRisksTest(.fisher).pValue, 0.544497371706763, relative: 1e-12)
  let first = try table.first.interval(.wilson)
  let second = try table.second.interval(.wilson)
  expectClose(
    [first.low, first.high, second.low, second.high], [0.301, 0.498, 0.256, 0.443], absolute: 0.0005)
  let needed = try #require(NumberNeededToTreat(inverting: newcombe))
  expectClose(needed.estimate, 19.3, absolute: 0.05)
  guard case .throughInfinity(let fewer, let more) = needed.limits else {
    Issue.record("the interval passes through infinity")
    return
  }
  expectClose([fewer, more], [-1 / newcombe.low, 1 / newcombe.high], relative: 1e-15)
}
