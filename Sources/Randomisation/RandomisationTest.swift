import Glibc
import LinearAlgebra
import Probability

/// Randomisation inference for the difference of two arms' means: p-value and limits over draws of the trial's own design.
///
/// Under a constant effect τ the outcomes less τ for the treated are what they would have been without treatment, so the
/// difference of their means is as likely as under any other draw. With D the observed difference and, for a draw, A the
/// difference of the outcomes and C that of the treatment indicator, the draw's statistic is A − τC and the observed one
/// D − τ: the draw lies beyond the observation for every τ on one side of t = (D − A)/(1 − C). The limits are therefore
/// order statistics of t and need no search: the values of τ that neither one-sided test rejects at half of 1 − level.
/// Rosenbaum, Observational Studies, 2nd ed., Springer 2002, section 2.6; Ernst, Statistical Science 19 (2004), 676, doi
/// 10.1214/088342304000000396. Draws with weights, of two arms of a minimisation over more, count by them, the observed
/// allocation too, so that the p-value stays valid for any number of draws: Harrison, Biometrika 99 (2012), 57, doi
/// 10.1093/biomet/asr079. R: `ri2::conduct_ri` for the p-value under one fixed sharp hypothesis.
public struct RandomisationTest: Sendable, Equatable {
  /// The difference of the means, first arm minus second.
  public let estimate: Double
  /// Two-sided: twice the smaller tail of τ = 0, at most 1.
  public let pValue: Double
  /// The Monte-Carlo standard error of the p-value.
  public let pValueError: Double
  /// Limits at `level`; infinite where the draws are too few, or too alike, for one.
  public let low: Double
  public let high: Double
  public let level: Double
  /// The Monte-Carlo standard errors of the limits; nil for an infinite limit.
  public let lowError: Double?
  public let highError: Double?
  public let draws: Int
  /// Participants with a known outcome.
  public let n: Int

  /// Tests the difference between two arms; nil where an arm has no known outcome, or the design could not have given the
  /// observed allocation nor any draw.
  ///
  /// - Parameters:
  ///   - outcome: one value a participant in the order of the sequence, NaN where missing.
  ///   - sequence: the allocations.
  ///   - rerandomiser: the design.
  ///   - first: the arm whose mean counts positive; `second`: the one subtracted.
  ///   - draws: how many draws.
  ///   - seed: the run's seed.
  ///   - purpose: what the draws are for; other purposes draw other allocations.
  public init?(
    _ outcome: [Double], _ sequence: AllocationSequence, _ rerandomiser: Rerandomiser, first: Int,
    second: Int,
    level: Double = 0.95, draws: Int = 10_000, seed: UInt64, purpose: String, threads: Int = 1
  ) {
    let design = rerandomiser.restricted(to: first, second)
    let (one, two) = (UInt8(first), UInt8(second))
    let known = sequence.arm.indices.filter {
      !outcome[$0].isNaN && (sequence.arm[$0] == one || sequence.arm[$0] == two)
    }
    // Centred, so that sums lose no digits to a common level.
    let centre = known.reduce(0) { $0 + outcome[$1] } / Double(max(1, known.count))
    let y = known.map { outcome[$0] - centre }
    let observed = known.map { sequence.arm[$0] == one }
    guard let difference = Self.difference(y, observed) else { return nil }
    let workers = max(1, min(threads, draws / 256))
    let slots = ThreadSlots<[WeightedDraws.Draw]>(count: workers)
    parallelLoop(workers) { worker in
      slots[worker] = ((draws * worker / workers)..<(draws * (worker + 1) / workers)).map { replicate in
        var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate)
        let (arm, logWeight) = design.weightedDraw(&stream)
        let value = Self.threshold(y, observed, known.map { arm[$0] == one }, difference: difference)
        return WeightedDraws.Draw(value: value, weight: logWeight)
      }
    }
    guard
      let all = WeightedDraws(
        (0..<workers).flatMap { slots[$0] ?? [] }, observedLogWeight: design.observedLogWeight)
    else { return nil }
    // Differences that are equal but for rounding count as equal.
    let slack = 1e-9 * (y.map(abs).max() ?? 0)
    estimate = difference
    self.draws = draws
    self.level = level
    n = known.count
    let smaller = min(all.share { $0 <= slack }, all.share { $0 >= -slack })
    pValue = min(1, 2 * smaller)
    pValueError = 2 * all.error(ofShare: smaller)
    // A limit is kept while more than half of 1 − level of the draws, itself counted, lie beyond.
    let lower = all.limit(share: (1 - level) / 2, fromAbove: false)
    let upper = all.limit(share: (1 - level) / 2, fromAbove: true)
    (low, lowError) = (lower?.value ?? -.infinity, lower?.error)
    (high, highError) = (upper?.value ?? .infinity, upper?.error)
  }

  /// The difference of means between those marked and the others; nil where either is empty.
  private static func difference(_ y: [Double], _ isFirst: [Bool]) -> Double? {
    var (sum, total, count) = (0.0, 0.0, 0)
    for i in y.indices {
      total += y[i]
      if isFirst[i] {
        sum += y[i]
        count += 1
      }
    }
    guard count > 0, count < y.count else { return nil }
    return sum / Double(count) - (total - sum) / Double(y.count - count)
  }

  /// t of a draw; NaN where the draw is the observed allocation, or leaves an arm empty.
  private static func threshold(
    _ y: [Double], _ observed: [Bool], _ drawn: [Bool], difference: Double
  ) -> Double {
    guard let a = Self.difference(y, drawn), let c = Self.difference(observed.map { $0 ? 1 : 0 }, drawn),
      c < 1 - 1e-12
    else { return .nan }
    return (difference - a) / (1 - c)
  }
}
