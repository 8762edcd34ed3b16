import Probability

/// Bootstrap distribution of the difference of two means, the groups resampled apart.
///
/// Each replicate draws n₁ values with replacement from the first group and n₂ from the second and takes
/// x̄₁* − x̄₂* (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8; R
/// `boot::boot(strata = group)`). A replicate's numbers come from a stream of its own, keyed by the seed, the purpose and
/// the replicate's number, so that the distribution depends on nothing else.
public struct BootstrapDifference: Sendable, Equatable {
  /// The difference of the means of the samples themselves.
  public let estimate: Double
  /// The differences of the replicates, ascending.
  public let replicates: [Double]

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
    estimate = Self.mean(a) - Self.mean(b)
    self.replicates = (0..<replicates).map { replicate in
      var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate)
      return Self.resampledMean(a, &stream) - Self.resampledMean(b, &stream)
    }.sorted()
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func resampledMean(_ values: [Double], _ stream: inout RandomStream) -> Double {
    values.withUnsafeBufferPointer { x in
      var sum = 0.0
      for _ in 0..<x.count { sum += x[stream.integer(below: x.count)] }
      return sum / Double(x.count)
    }
  }

  /// The standard deviation of the replicates (divisor R − 1).
  public var standardError: Double {
    let mean = Self.mean(replicates)
    return (replicates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(replicates.count - 1))
      .squareRoot()
  }

  /// Percentile limits: the ordered replicates at positions (R + 1)(1 ∓ level)/2, with interpolation between neighbours.
  public func percentileLimits(level: Double) -> (low: Double, high: Double) {
    func at(_ p: Double) -> Double {
      let position = min(max(p * Double(replicates.count + 1), 1), Double(replicates.count))
      let below = Int(position)
      let above = min(below + 1, replicates.count)
      return replicates[below - 1] + (position - Double(below))
        * (replicates[above - 1] - replicates[below - 1])
    }
    return (at((1 - level) / 2), at((1 + level) / 2))
  }
}
