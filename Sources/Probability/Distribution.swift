/// Which side of a value a probability is taken on.
///
/// Small upper tails are computed as such, never as one minus a lower tail.
public enum Tail: Sendable {
  /// P(X ≤ x).
  case lower
  /// P(X > x).
  case upper

  @inlinable var isLower: Int32 { self == .lower ? 1 : 0 }
}

/// A univariate distribution with R's density, distribution and quantile functions (libRmath).
public protocol Distribution: Sendable {
  /// The density, or the probability mass, at x (R `d…`).
  func density(_ x: Double, log: Bool) -> Double
  /// The probability on one side of x (R `p…`).
  func cdf(_ x: Double, tail: Tail, log: Bool) -> Double
  /// The value with probability p on one side of it (R `q…`).
  func quantile(_ p: Double, tail: Tail) -> Double
}

extension Distribution {
  /// The density at x.
  @inlinable public func density(_ x: Double) -> Double { density(x, log: false) }
  /// P(X ≤ x).
  @inlinable public func cdf(_ x: Double) -> Double { cdf(x, tail: .lower, log: false) }
  /// The probability on the given side of x.
  @inlinable public func cdf(_ x: Double, tail: Tail) -> Double { cdf(x, tail: tail, log: false) }
  /// The value with probability p below it.
  @inlinable public func quantile(_ p: Double) -> Double { quantile(p, tail: .lower) }
  /// P(|X| ≥ |x|) of a distribution symmetric about zero: the two-sided p-value of a z or t statistic; NaN for NaN.
  @inlinable public func twoSided(_ x: Double) -> Double {
    // Not min(1, p), which is 1 where p is not a number.
    let p = 2 * cdf(abs(x), tail: .upper, log: false)
    return p > 1 ? 1 : p
  }
}
