import Glibc
import Probability

/// The distribution of the response of a generalised linear model, given its mean μ.
///
/// McCullagh & Nelder, Generalized Linear Models, 2nd ed. (1989), table 2.1. R: `family`.
public enum Family: Sendable, Equatable {
  /// A proportion of successes among trials; variance function μ(1 − μ).
  case binomial
  /// A count; μ.
  case poisson
  /// A measurement with constant variance; 1.
  case gaussian
  /// A positive measurement with a constant coefficient of variation; μ².
  case gamma
  /// A positive measurement; μ³.
  case inverseGaussian
  /// μ(1 − μ) with an estimated dispersion and no likelihood.
  case quasibinomial
  /// μ with an estimated dispersion and no likelihood.
  case quasipoisson
  /// A count with variance μ + μ²/θ for a known θ.
  case negativeBinomial(theta: Double)

  /// The family by the command line's name, such as `inverse-gaussian`.
  public init?(named name: String) {
    switch name {
    case "binomial": self = .binomial
    case "poisson": self = .poisson
    case "gaussian": self = .gaussian
    case "gamma": self = .gamma
    case "inverse-gaussian": self = .inverseGaussian
    case "quasibinomial": self = .quasibinomial
    case "quasipoisson": self = .quasipoisson
    default: return nil
    }
  }

  /// The names that `init(named:)` knows.
  public static let names = [
    "binomial", "poisson", "gaussian", "gamma", "inverse-gaussian", "quasibinomial", "quasipoisson",
  ]

  /// The family's name.
  public var name: String {
    switch self {
    case .binomial: "binomial"
    case .poisson: "poisson"
    case .gaussian: "gaussian"
    case .gamma: "gamma"
    case .inverseGaussian: "inverse-gaussian"
    case .quasibinomial: "quasibinomial"
    case .quasipoisson: "quasipoisson"
    case .negativeBinomial: "negative-binomial"
    }
  }

  /// The link used where none is named, R's default.
  public var defaultLink: Link {
    switch self {
    case .binomial, .quasibinomial: .logit
    case .poisson, .quasipoisson, .negativeBinomial: .log
    case .gaussian: .identity
    case .gamma: .inverse
    case .inverseGaussian: .inverseSquare
    }
  }

  /// The links that suit the family: R's, and the identity for binomial risk differences.
  public var links: [Link] {
    switch self {
    case .binomial, .quasibinomial: [.logit, .probit, .cloglog, .cauchit, .log, .identity]
    case .poisson, .quasipoisson, .negativeBinomial: [.log, .identity, .sqrt]
    case .gaussian, .gamma: [.identity, .log, .inverse]
    case .inverseGaussian: [.inverseSquare, .inverse, .log, .identity]
    }
  }

  /// True for proportions of successes.
  public var isBinomial: Bool { self == .binomial || self == .quasibinomial }

  /// True where the dispersion is 1 and Wald statistics are normal.
  public var hasKnownDispersion: Bool {
    switch self {
    case .binomial, .poisson, .negativeBinomial: true
    case .gaussian, .gamma, .inverseGaussian, .quasibinomial, .quasipoisson: false
    }
  }

  /// True where there is a likelihood.
  public var hasLikelihood: Bool { self != .quasibinomial && self != .quasipoisson }

  /// The variance function V(μ).
  @inline(__always)
  func variance(_ mean: Double) -> Double {
    switch self {
    case .binomial, .quasibinomial: mean * (1 - mean)
    case .poisson, .quasipoisson: mean
    case .gaussian: 1
    case .gamma: mean * mean
    case .inverseGaussian: mean * mean * mean
    case .negativeBinomial(let theta): mean + mean * mean / theta
    }
  }

  /// The unit deviance d(y, μ): −2 times the log-likelihood ratio against μ = y, per unit of weight and dispersion.
  @inline(__always)
  func unitDeviance(_ y: Double, _ mean: Double) -> Double {
    switch self {
    case .binomial, .quasibinomial:
      if y == 0 { return -2 * log1p(-mean) }
      if y == 1 { return -2 * log(mean) }
      return 2 * (y * log(y / mean) + (1 - y) * log((1 - y) / (1 - mean)))
    case .poisson, .quasipoisson:
      return y == 0 ? 2 * mean : 2 * (y * log(y / mean) - (y - mean))
    case .gaussian: return (y - mean) * (y - mean)
    case .gamma: return 2 * ((y - mean) / mean - log(y / mean))
    case .inverseGaussian: return (y - mean) * (y - mean) / (y * mean * mean)
    case .negativeBinomial(let theta):
      let tail = (y + theta) * log((y + theta) / (mean + theta))
      return y == 0 ? -2 * tail : 2 * (y * log(y / mean) - tail)
    }
  }

  /// True where a mean is inside the family's range.
  @inline(__always)
  func isValid(_ mean: Double) -> Bool {
    switch self {
    case .binomial, .quasibinomial: mean > 0 && mean < 1
    case .gaussian: mean.isFinite
    default: mean > 0 && mean.isFinite
    }
  }

  /// What a response must be, and whether a value is.
  func admits(_ y: Double) -> Bool {
    switch self {
    case .binomial, .quasibinomial: y >= 0 && y <= 1
    case .poisson, .quasipoisson, .negativeBinomial: y >= 0
    case .gaussian: true
    case .gamma, .inverseGaussian: y > 0
    }
  }

  var requirement: String {
    switch self {
    case .binomial, .quasibinomial: "between 0 and 1"
    case .poisson, .quasipoisson, .negativeBinomial: "0 or more"
    case .gaussian: "a number"
    case .gamma, .inverseGaussian: "positive"
    }
  }

  /// The mean a row starts from (R's `mustart`), given its response and prior weight.
  func startingMean(_ y: Double, weight: Double) -> Double {
    switch self {
    case .binomial, .quasibinomial: (weight * y + 0.5) / (weight + 1)
    case .poisson, .quasipoisson: y + 0.1
    case .negativeBinomial: y == 0 ? 1.0 / 6 : y
    case .gaussian, .gamma, .inverseGaussian: y
    }
  }
}
