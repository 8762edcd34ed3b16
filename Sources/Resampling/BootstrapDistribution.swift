import Glibc
import Probability

/// The bootstrap distribution of an estimate, and limits from it.
///
/// Davison & Hinkley, Bootstrap Methods and their Application, Cambridge 1997, chapter 5; R `boot::boot.ci`.
public struct BootstrapDistribution: Sendable, Equatable {
  /// How limits are read off the distribution.
  public enum Limits: String, Sendable, CaseIterable {
    /// The replicates' own quantiles.
    case percentile
    /// Twice the estimate minus the opposite quantile.
    case basic
    /// Quantiles corrected for bias and acceleration: Efron, J Am Stat Assoc 1987;82:171,
    /// doi 10.1080/01621459.1987.10478410. Needs the jackknife's acceleration.
    case bca
  }

  /// The estimate of the data themselves.
  public let estimate: Double
  /// The replicates, ascending; those without a finite value are left out.
  public let replicates: [Double]
  /// The replicates that had no finite value.
  public let failed: Int
  /// Efron's acceleration; nil where it was not computed.
  public let acceleration: Double?

  /// Makes a distribution from replicates in any order.
  ///
  /// - Precondition: at least two replicates are finite.
  public init(estimate: Double, replicates: [Double], acceleration: Double? = nil) {
    self.estimate = estimate
    self.replicates = replicates.filter(\.isFinite).sorted()
    failed = replicates.count - self.replicates.count
    self.acceleration = acceleration
    precondition(self.replicates.count > 1, "\(self.replicates.count) finite bootstrap replicates")
  }

  /// The mean of the replicates minus the estimate.
  public var bias: Double {
    let estimate = estimate
    return replicates.reduce(0) { $0 + ($1 - estimate) } / Double(replicates.count)
  }

  /// The standard deviation of the replicates (divisor R − 1).
  public var standardError: Double {
    let centre = estimate + bias
    return (replicates.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(replicates.count - 1))
      .squareRoot()
  }

  /// Limits at a confidence level; nil for BCa without an acceleration, or where all replicates lie on one side.
  public func limits(_ kind: Limits = .percentile, level: Double = 0.95) -> (low: Double, high: Double)? {
    let tail = (1 - level) / 2
    switch kind {
    case .percentile: return (quantile(tail), quantile(1 - tail))
    case .basic: return (2 * estimate - quantile(1 - tail), 2 * estimate - quantile(tail))
    case .bca:
      guard let acceleration else { return nil }
      let below = Double(replicates.count { $0 < estimate }) / Double(replicates.count)
      guard below > 0, below < 1 else { return nil }
      let shift = Normal().quantile(below)
      let corrected = { (p: Double) in
        let z = shift + Normal().quantile(p)
        return Normal().cdf(shift + z / (1 - acceleration * z))
      }
      return (quantile(corrected(tail)), quantile(corrected(1 - tail)))
    }
  }

  /// The quantile at position (R + 1)p of the ordered replicates, interpolated on the normal scale between neighbours
  /// (R `boot:::norm.inter`); the extreme replicate where the position lies beyond it.
  public func quantile(_ p: Double) -> Double {
    let count = Double(replicates.count)
    let position = p * (count + 1)
    // A position that is whole but for rounding is whole.
    let nearest = position.rounded()
    if abs(position - nearest) < 1e-9 * count {
      return replicates[Int(min(max(nearest, 1), count)) - 1]
    }
    let below = position.rounded(.down)
    if below < 1 { return replicates[0] }
    if below >= count { return replicates[replicates.count - 1] }
    let z = { (k: Double) in Normal().quantile(k / (count + 1)) }
    let share = (Normal().quantile(p) - z(below)) / (z(below + 1) - z(below))
    let (a, b) = (replicates[Int(below) - 1], replicates[Int(below)])
    return a + share * (b - a)
  }
}
