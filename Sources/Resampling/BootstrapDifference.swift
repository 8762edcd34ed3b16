import Probability

/// Bootstrap distribution of the difference of two means, the groups resampled apart.
///
/// Each replicate draws n₁ values with replacement from the first group and n₂ from the second and takes
/// x̄₁* − x̄₂* (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8; R
/// `boot::boot(strata = group)`). A replicate's numbers come from a stream of its own, keyed by the seed, the purpose and
/// the replicate's number, so that the distribution depends on nothing else.
public struct BootstrapDifference: Sendable, Equatable {
  /// The difference and its replicates, with the acceleration that BCa limits need.
  public let distribution: BootstrapDistribution

  /// The difference of the means of the samples themselves.
  public var estimate: Double { distribution.estimate }
  /// The differences of the replicates, ascending.
  public var replicates: [Double] { distribution.replicates }
  /// The standard deviation of the replicates (divisor R − 1).
  public var standardError: Double { distribution.standardError }

  /// Resamples two groups.
  ///
  /// - Parameters:
  ///   - first: the first group's values, none missing.
  ///   - second: the second group's.
  ///   - replicates: how many replicates, at least 2.
  ///   - seed: the run's seed.
  ///   - purpose: what the replicates are for; other purposes get other numbers.
  /// - Precondition: neither group is empty.
  /// - Complexity: replicates × (n₁ + n₂).
  public init(_ first: [Double], _ second: [Double], replicates: Int, seed: UInt64, purpose: String) {
    precondition(!first.isEmpty && !second.isEmpty && replicates > 1, "a bootstrap of nothing")
    // Sorted, so that the order of the rows does not matter.
    let a = first.sorted()
    let b = second.sorted()
    let drawn = (0..<replicates).map { replicate in
      var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate)
      return Self.resampledMean(a, &stream) - Self.resampledMean(b, &stream)
    }
    distribution = BootstrapDistribution(
      estimate: Self.mean(a) - Self.mean(b), replicates: drawn, acceleration: Self.acceleration(a, b))
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func resampledMean(_ values: [Double], _ stream: inout RandomStream) -> Double {
    values.withUnsafeBufferPointer { x in
      var sum = 0.0
      for _ in 0..<x.count { sum += x[stream.integer(below: x.count)] }
      return sum / Double(x.count)
    }
  }

  /// The acceleration in closed form: a mean's jackknife influence values are its deviations, a subtracted mean's theirs
  /// with the other sign.
  private static func acceleration(_ a: [Double], _ b: [Double]) -> Double? {
    var (cubes, squares) = (0.0, 0.0)
    for (sample, sign) in [(a, 1.0), (b, -1.0)] where sample.count > 1 {
      let centre = mean(sample)
      let n = Double(sample.count)
      for x in sample {
        let influence = sign * (x - centre)
        cubes += influence * influence * influence / (n * n * n)
        squares += influence * influence / (n * n)
      }
    }
    return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : nil
  }

  /// Percentile limits; see `BootstrapDistribution.quantile(_:)`.
  public func percentileLimits(level: Double) -> (low: Double, high: Double) {
    let tail = (1 - level) / 2
    return (distribution.quantile(tail), distribution.quantile(1 - tail))
  }
}
