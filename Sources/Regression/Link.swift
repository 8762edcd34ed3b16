import Glibc
import Probability

/// A link g with g(μ) = η, the linear predictor (R `make.link`). Raw values are R's names.
public enum Link: String, Sendable, CaseIterable {
  /// log μ/(1 − μ).
  case logit
  /// Φ⁻¹(μ).
  case probit
  /// log(−log(1 − μ)), complementary log-log.
  case cloglog
  /// tan π(μ − ½), the quantile of the Cauchy distribution.
  case cauchit
  /// log μ.
  case log
  /// μ.
  case identity
  /// 1/μ.
  case inverse
  /// √μ.
  case sqrt
  /// 1/μ².
  case inverseSquare = "1/mu^2"

  /// The linear predictor of a mean, g(μ).
  public func linearPredictor(of mean: Double) -> Double {
    switch self {
    case .logit: Glibc.log(mean / (1 - mean))
    case .probit: Normal().quantile(mean)
    case .cloglog: Glibc.log(-log1p(-mean))
    case .cauchit: Cauchy().quantile(mean)
    case .log: Glibc.log(mean)
    case .identity: mean
    case .inverse: 1 / mean
    case .sqrt: mean.squareRoot()
    case .inverseSquare: 1 / (mean * mean)
    }
  }

  /// The mean of a linear predictor, g⁻¹(η).
  public func mean(of eta: Double) -> Double { meanAndSlope(of: eta).mean }

  /// The slope dμ/dη at a linear predictor.
  public func slope(at eta: Double) -> Double { meanAndSlope(of: eta).slope }

  /// The mean and its derivative dμ/dη.
  ///
  /// As in R, means of probabilities stay a rounding unit away from 0 and 1 and positive means away from 0, so that
  /// weights and deviances stay finite far out.
  @inline(__always)
  func meanAndSlope(of eta: Double) -> (mean: Double, slope: Double) {
    let unit = Double.ulpOfOne
    switch self {
    case .logit:
      // Beyond ±36 the probability equals 0 or 1 in double precision.
      let bounded = min(max(eta, -36), 36)
      let e = exp(-abs(bounded))
      let small = e / (1 + e)
      let mean = bounded < 0 ? small : 1 / (1 + e)
      return (mean, small / (1 + e))
    case .probit:
      let bounded = min(max(eta, -8.12), 8.12)
      return (Normal().cdf(bounded), Normal().density(bounded))
    case .cloglog:
      let bounded = min(eta, 700)
      let e = exp(bounded)
      return (max(min(-expm1(-e), 1 - unit), unit), max(e * exp(-e), unit))
    case .cauchit:
      let bounded = min(max(eta, -1.4e15), 1.4e15)
      return (Cauchy().cdf(bounded), 1 / (Double.pi * (1 + bounded * bounded)))
    case .log:
      let e = max(exp(eta), unit)
      return (e, e)
    case .identity: return (eta, 1)
    case .inverse: return (1 / eta, -1 / (eta * eta))
    case .sqrt: return (eta * eta, 2 * eta)
    case .inverseSquare: return (1 / eta.squareRoot(), -1 / (2 * eta * eta.squareRoot()))
    }
  }

  /// True where g⁻¹(η) exists.
  @inline(__always)
  func isValid(_ eta: Double) -> Bool {
    switch self {
    case .logit, .probit, .cloglog, .cauchit, .log, .identity: eta.isFinite
    case .inverse: eta.isFinite && eta != 0
    case .sqrt, .inverseSquare: eta.isFinite && eta > 0
    }
  }
}
