import CRmath

/// The special functions of libRmath, R's own.
public enum SpecialFunctions {
  /// log |Γ(x)| (R `lgamma`).
  public static func logGamma(_ x: Double) -> Double { lgammafn(x) }
  /// The digamma function ψ(x) = d log Γ(x) / dx (R `digamma`).
  public static func digamma(_ x: Double) -> Double { CRmath.digamma(x) }
  /// The trigamma function ψ'(x) (R `trigamma`).
  public static func trigamma(_ x: Double) -> Double { CRmath.trigamma(x) }
  /// log B(a, b) (R `lbeta`).
  public static func logBeta(_ a: Double, _ b: Double) -> Double { lbeta(a, b) }
  /// The logarithm of the binomial coefficient n over k (R `lchoose`).
  public static func logChoose(_ n: Double, _ k: Double) -> Double { lchoose(n, k) }
}
