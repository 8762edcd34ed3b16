import Glibc
import Probability

/// The distribution of the counts of a hurdle or zero-inflated model.
public enum CountDistribution: String, Sendable, CaseIterable {
  /// Poisson.
  case poisson
  /// Negative binomial with an unknown size θ.
  case negativeBinomial = "negbin"

  /// The number of parameters beside the coefficients.
  var shapeCount: Int { self == .poisson ? 0 : 1 }
}

/// The log-probability of a count and of zero, with first and second derivatives by η = log μ and τ = log θ.
///
/// Everything a hurdle or zero-inflated likelihood needs is built from these two by the chain rule. For Poisson, which is
/// θ = ∞, derivatives by τ are 0.
struct CountDensity {
  /// A function of (η, τ) with its derivatives.
  struct Jet {
    var value = 0.0
    var eta = 0.0
    var tau = 0.0
    var etaEta = 0.0
    var etaTau = 0.0
    var tauTau = 0.0
  }

  let distribution: CountDistribution
  let theta: Double

  /// log P(0).
  func logZero(mean mu: Double) -> Jet {
    switch distribution {
    case .poisson: return Jet(value: -mu, eta: -mu, etaEta: -mu)
    case .negativeBinomial:
      let total = theta + mu
      let value = -theta * log1p(mu / theta)
      let tau = value + theta * mu / total
      return Jet(
        value: value, eta: -theta * mu / total, tau: tau,
        etaEta: -theta * theta * mu / (total * total), etaTau: -theta * mu * mu / (total * total),
        tauTau: tau + theta * mu * mu / (total * total))
    }
  }

  /// log P(y).
  func logProbability(of y: Double, mean mu: Double) -> Jet {
    switch distribution {
    case .poisson:
      return Jet(value: Poisson(mean: mu).density(y, log: true), eta: y - mu, etaEta: -mu)
    case .negativeBinomial:
      let total = theta + mu
      let slope = SizeEquation.digammaRise(theta, y) - log1p(mu / theta) + (mu - y) / total
      let bend = -SizeEquation.trigammaFall(theta, y) + 1 / theta - 2 / total + (y + theta) / (total * total)
      return Jet(
        value: NegativeBinomial(size: theta, mean: mu).density(y, log: true), eta: theta * (y - mu) / total,
        tau: theta * slope, etaEta: -theta * mu * (theta + y) / (total * total),
        etaTau: theta * (y - mu) * mu / (total * total), tauTau: theta * slope + theta * theta * bend)
    }
  }

  /// log P(y | y > 0) = log P(y) − log(1 − P(0)).
  func logTruncated(_ y: Double, mean mu: Double) -> Jet {
    let a = logZero(mean: mu)
    // With P(0) = e^a: d(−log(1 − e^a))/da = r = 1/(e^−a − 1), dr/da = r(1 + r).
    let r = 1 / expm1(-a.value)
    let rise = r * (1 + r)
    var jet = logProbability(of: y, mean: mu)
    jet.value -= a.value > -0.6931 ? log(-expm1(a.value)) : log1p(-exp(a.value))
    jet.eta += r * a.eta
    jet.tau += r * a.tau
    jet.etaEta += r * a.etaEta + rise * a.eta * a.eta
    jet.etaTau += r * a.etaTau + rise * a.eta * a.tau
    jet.tauTau += r * a.tauTau + rise * a.tau * a.tau
    return jet
  }
}
