import Glibc
import Probability

/// The distribution of a failure time in an accelerated failure time model.
///
/// The time, or its logarithm, is x'β + σ ε with ε from a standard error distribution. The names and the error's form are
/// those of R's `survival::survreg`.
public enum FailureDistribution: String, Sendable, CaseIterable {
  /// log T with smallest-extreme-value errors; Weibull's shape is 1/σ.
  case weibull
  /// Weibull with σ = 1.
  case exponential
  /// log T with normal errors.
  case lognormal
  /// log T with logistic errors.
  case loglogistic
  /// T with normal errors.
  case gaussian
  /// T with logistic errors.
  case logistic

  /// True where the logarithm of time is modelled.
  public var isLogarithmic: Bool { self != .gaussian && self != .logistic }

  /// True where σ is 1 and not estimated.
  public var hasFixedScale: Bool { self == .exponential }

  /// log f(z) of the standard error with its first and second derivatives.
  @inline(__always)
  func logDensity(_ z: Double) -> (value: Double, slope: Double, curvature: Double) {
    switch self {
    case .weibull, .exponential:
      let e = exp(z)
      return (z - e, 1 - e, -e)
    case .loglogistic, .logistic:
      let p = 1 / (1 + exp(-z))
      return (z - 2 * Self.logOnePlusExp(z), 1 - 2 * p, -2 * p * (1 - p))
    case .lognormal, .gaussian:
      return (-0.5 * z * z - 0.9189385332046727, -z, -1)
    }
  }

  /// log P(ε > z) with its first and second derivatives.
  @inline(__always)
  func logSurvival(_ z: Double) -> (value: Double, slope: Double, curvature: Double) {
    switch self {
    case .weibull, .exponential:
      let e = exp(z)
      return (-e, -e, -e)
    case .loglogistic, .logistic:
      let p = 1 / (1 + exp(-z))
      return (-Self.logOnePlusExp(z), -p, -p * (1 - p))
    case .lognormal, .gaussian:
      let value = Normal().cdf(z, tail: .upper, log: true)
      let hazard = exp(-0.5 * z * z - 0.9189385332046727 - value)
      return (value, -hazard, -hazard * (hazard - z))
    }
  }

  /// The pth quantile of the standard error.
  func errorQuantile(_ p: Double) -> Double {
    switch self {
    case .weibull, .exponential: log(-log1p(-p))
    case .loglogistic, .logistic: log(p / (1 - p))
    case .lognormal, .gaussian: Normal().quantile(p)
    }
  }

  private static func logOnePlusExp(_ z: Double) -> Double {
    z > 0 ? z + log1p(exp(-z)) : log1p(exp(z))
  }
}
