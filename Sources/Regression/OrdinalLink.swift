import Glibc
import Probability

/// The distribution F of a cumulative link model, P(Y ≤ j) = F(θⱼ − xβ). Raw values are those of R's `ordinal::clm`.
public enum OrdinalLink: String, Sendable, CaseIterable {
  /// Logistic: proportional odds.
  case logit
  /// Normal.
  case probit
  /// 1 − exp(−eˣ): proportional hazards.
  case cloglog
  /// exp(−e⁻ˣ).
  case loglog
  /// Cauchy.
  case cauchit

  /// P(X ≤ x).
  func lower(_ x: Double) -> Double {
    switch self {
    case .logit: Logistic().cdf(x)
    case .probit: Normal().cdf(x)
    case .cloglog: -expm1(-exp(x))
    case .loglog: exp(-exp(-x))
    case .cauchit: Cauchy().cdf(x)
    }
  }

  /// P(X > x).
  func upper(_ x: Double) -> Double {
    switch self {
    case .logit: Logistic().cdf(x, tail: .upper)
    case .probit: Normal().cdf(x, tail: .upper)
    case .cloglog: exp(-exp(x))
    case .loglog: -expm1(-exp(-x))
    case .cauchit: Cauchy().cdf(x, tail: .upper)
    }
  }

  /// P(low < X ≤ high), from the tail where it keeps its digits.
  func between(_ low: Double, _ high: Double) -> Double {
    low > 0 ? upper(low) - upper(high) : lower(high) - lower(low)
  }

  /// The value with probability p below it.
  func quantile(_ p: Double) -> Double {
    switch self {
    case .logit: log(p / (1 - p))
    case .probit: Normal().quantile(p)
    case .cloglog: log(-log1p(-p))
    case .loglog: -log(-log(p))
    case .cauchit: Cauchy().quantile(p)
    }
  }

  /// The density and its derivative; 0 at ±∞.
  func densityAndSlope(_ x: Double) -> (density: Double, slope: Double) {
    guard x.isFinite else { return (0, 0) }
    switch self {
    case .logit:
      let e = exp(-abs(x))
      let f = e / ((1 + e) * (1 + e))
      return (f, -f * tanh(x / 2))
    case .probit:
      let f = Normal().density(x)
      return (f, -x * f)
    case .cloglog:
      let e = exp(x)
      guard e.isFinite else { return (0, 0) }
      let f = e * exp(-e)
      return (f, f * (1 - e))
    case .loglog:
      let e = exp(-x)
      guard e.isFinite else { return (0, 0) }
      let f = e * exp(-e)
      return (f, f * (e - 1))
    case .cauchit:
      let f = Cauchy().density(x)
      return (f, -2 * x / (1 + x * x) * f)
    }
  }
}
