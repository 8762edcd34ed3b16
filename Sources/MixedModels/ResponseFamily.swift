import Glibc
import Probability

/// The distribution of the response of a generalised linear mixed model given its random effects, with its link.
///
/// In all of them the log-density is concave in the linear predictor, so that the conditional modes are unique.
public enum ResponseFamily: Sendable, Equatable {
  /// Link functions of binomial models.
  public enum BinomialLink: String, Sendable, CaseIterable {
    case logit, probit, cloglog
  }

  /// Binomial: the response is the share of successes among the trials that the weights hold.
  case binomial(BinomialLink)
  /// Poisson with log link.
  case poisson
  /// Negative binomial with log link and variance μ + μ²/k, k estimated (`nbinom2` of glmmTMB, `glmer.nb`).
  case negativeBinomial

  /// True where the family has a parameter of its own, log k.
  var hasShape: Bool { self == .negativeBinomial }

  /// The mean of an observation with linear predictor η (for a binomial family, the probability).
  public func mean(_ eta: Double) -> Double {
    switch self {
    case .binomial(.logit): eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta))
    case .binomial(.probit): Normal().cdf(eta)
    case .binomial(.cloglog): -expm1(-exp(eta))
    case .poisson, .negativeBinomial: exp(eta)
    }
  }

  /// The slope of the mean in the linear predictor.
  public func meanSlope(_ eta: Double) -> Double {
    switch self {
    case .binomial(.logit): mean(eta) * mean(-eta)
    case .binomial(.probit): Normal().density(eta)
    case .binomial(.cloglog): exp(eta - exp(eta))
    case .poisson, .negativeBinomial: exp(eta)
    }
  }
}

/// The derivatives of every observation's log-density ℓ in the linear predictor η.
///
/// Arrays run over observations: score ℓ', information D = −ℓ'' and its slope D' = −ℓ'''.
struct FamilyDerivatives {
  var score: [Double]
  var information: [Double]
  var slope: [Double]

  init(count: Int) {
    score = [Double](repeating: 0, count: count)
    information = score
    slope = score
  }
}

/// A family together with the responses, ready to be evaluated at linear predictors.
struct FamilyLikelihood: Sendable {
  let family: ResponseFamily
  /// Successes for a binomial family, else the response.
  let response: [Double]
  /// Trials for a binomial family, else prior weights.
  let weights: [Double]
  /// The part of the log-density that depends on the data alone.
  let constant: Double

  init(family: ResponseFamily, response: [Double], weights: [Double]) throws(MixedModelError) {
    self.family = family
    self.weights = weights
    var constant = 0.0
    switch family {
    case .binomial:
      var successes = [Double](repeating: 0, count: response.count)
      for i in response.indices {
        guard response[i] >= 0, response[i] <= 1 else {
          throw .invalidResponse("a binomial response must be a share between 0 and 1")
        }
        successes[i] = response[i] * weights[i]
        constant += SpecialFunctions.logChoose(weights[i], successes[i].rounded())
      }
      self.response = successes
    case .poisson, .negativeBinomial:
      for (y, w) in zip(response, weights) {
        guard y >= 0, y == y.rounded() else {
          throw .invalidResponse("counts must be whole numbers from 0")
        }
        constant -= w * SpecialFunctions.logGamma(y + 1)
      }
      self.response = response
    }
    self.constant = constant
  }

  /// Evaluates a range of observations.
  ///
  /// - Parameters:
  ///   - eta: linear predictors of all observations.
  ///   - range: which to evaluate.
  ///   - shape: k of the negative binomial.
  ///   - result: overwritten in the range.
  /// - Returns: Σ ℓ over the range, less its constant.
  func evaluate(
    _ eta: [Double], _ range: Range<Int>, shape: Double, into result: inout FamilyDerivatives
  ) -> Double {
    switch family {
    case .binomial(.logit): logit(eta, range, into: &result)
    case .binomial(.probit): probit(eta, range, into: &result)
    case .binomial(.cloglog): complementaryLogLog(eta, range, into: &result)
    case .poisson: poisson(eta, range, into: &result)
    case .negativeBinomial: negativeBinomial(eta, range, shape: shape, into: &result)
    }
  }

  /// The log-density, without its constant, of a model that reproduces every observation: what deviances refer to.
  func saturatedValue(shape k: Double) -> Double {
    func entropy(_ x: Double, _ share: Double) -> Double { x > 0 ? x * log(share) : 0 }
    var sum = 0.0
    for (y, w) in zip(response, weights) {
      switch family {
      case .binomial: sum += w > 0 ? entropy(y, y / w) + entropy(w - y, 1 - y / w) : 0
      case .poisson: sum += w * (entropy(y, y) - y)
      case .negativeBinomial:
        sum +=
          w
          * (Self.logRisingFactorial(y, k) - (k + y) * log1p(y / k) + entropy(y, y / k))
      }
    }
    return sum
  }

  private func logit(
    _ eta: [Double], _ range: Range<Int>, into result: inout FamilyDerivatives
  ) -> Double {
    var sum = 0.0
    // Binary rows: Σ log(1 + e) as the logarithm of a product, taken before it can overflow (a factor is at most 2).
    var product = 1.0
    var factors = 0
    for i in range {
      let m = weights[i]
      // log(1 + e^η) without overflow; μ and 1 − μ each to full relative accuracy.
      let e = exp(-abs(eta[i]))
      let far = 1 / (1 + e)
      let near = e * far
      sum += response[i] * eta[i] - m * max(eta[i], 0)
      if m == 1 {
        product *= 1 + e
        factors += 1
        if factors == 1000 {
          sum -= log(product)
          product = 1
          factors = 0
        }
      } else {
        sum -= m * log1p(e)
      }
      let isPositive = eta[i] >= 0
      result.score[i] = response[i] - m * (isPositive ? far : near)
      result.information[i] = m * far * near
      result.slope[i] = m * far * near * (isPositive ? near - far : far - near)
    }
    return sum - log(product)
  }

  private func poisson(
    _ eta: [Double], _ range: Range<Int>, into result: inout FamilyDerivatives
  ) -> Double {
    var sum = 0.0
    for i in range {
      let mu = weights[i] * exp(eta[i])
      sum += weights[i] * response[i] * eta[i] - mu
      result.score[i] = weights[i] * response[i] - mu
      result.information[i] = mu
      result.slope[i] = mu
    }
    return sum
  }

  private func negativeBinomial(
    _ eta: [Double], _ range: Range<Int>, shape k: Double, into result: inout FamilyDerivatives
  ) -> Double {
    let logK = log(k)
    var sum = 0.0
    for i in range {
      let y = response[i]
      let w = weights[i]
      let mu = exp(eta[i])
      let total = k + mu
      sum +=
        w
        * (Self.logRisingFactorial(y, k) - (k + y) * log1p(mu / k) + y * (eta[i] - logK))
      result.score[i] = w * k * (y - mu) / total
      result.information[i] = w * (y + k) * k * mu / (total * total)
      result.slope[i] = result.information[i] * (k - mu) / total
    }
    return sum
  }

  /// log Γ(y + k) − log Γ(k), term by term where k is so large that the two would cancel.
  private static func logRisingFactorial(_ y: Double, _ k: Double) -> Double {
    guard k > 1000 else { return SpecialFunctions.logGamma(y + k) - SpecialFunctions.logGamma(k) }
    var sum = y * log(k)
    var j = 1.0
    while j < y {
      sum += log1p(j / k)
      j += 1
    }
    return sum
  }

  /// ψ(y + k) − ψ(k), term by term where k is large.
  private static func digammaDifference(_ y: Double, _ k: Double) -> Double {
    guard k > 1000 else { return SpecialFunctions.digamma(y + k) - SpecialFunctions.digamma(k) }
    var sum = 0.0
    var j = 0.0
    while j < y {
      sum += 1 / (k + j)
      j += 1
    }
    return sum
  }

  private func probit(
    _ eta: [Double], _ range: Range<Int>, into result: inout FamilyDerivatives
  ) -> Double {
    var sum = 0.0
    for i in range {
      let successes = response[i]
      let failures = weights[i] - successes
      var value = 0.0
      var score = 0.0
      var information = 0.0
      var slope = 0.0
      // log Φ(x) has the slope r = φ/Φ, then −r(x + r), then −r'(x + r) − r(1 + r').
      for (count, sign) in [(successes, 1.0), (failures, -1.0)] where count > 0 {
        let x = sign * eta[i]
        let logP = Normal().cdf(x, tail: .lower, log: true)
        let r = exp(Normal().density(x, log: true) - logP)
        let second = -r * (x + r)
        let third = -second * (x + r) - r * (1 + second)
        value += count * logP
        score += count * sign * r
        information -= count * second
        slope -= count * sign * third
      }
      sum += value
      result.score[i] = score
      result.information[i] = information
      result.slope[i] = slope
    }
    return sum
  }

  private func complementaryLogLog(
    _ eta: [Double], _ range: Range<Int>, into result: inout FamilyDerivatives
  ) -> Double {
    var sum = 0.0
    for i in range {
      let successes = response[i]
      let failures = weights[i] - successes
      let t = exp(eta[i])
      // log(1 − μ) = −t with t = e^η; log μ = log(1 − e^−t) has the slope r = t/(e^t − 1).
      var value = -failures * t
      var score = -failures * t
      var information = failures * t
      var slope = failures * t
      if successes > 0 {
        let r = t < 700 ? (t == 0 ? 1 : t / expm1(t)) : 0
        let second = r * (1 - t - r)
        let third = second * (1 - t - r) - r * (t + second)
        value += successes * (t < 1e-300 ? eta[i] : log(-expm1(-t)))
        score += successes * r
        information -= successes * second
        slope -= successes * third
      }
      sum += value
      result.score[i] = score
      result.information[i] = information
      result.slope[i] = slope
    }
    return sum
  }

  /// ∂/∂log k of the value, the score and the information of one observation of a negative binomial.
  func shapeDerivatives(
    _ i: Int, eta: Double, shape k: Double
  ) -> (value: Double, score: Double, information: Double) {
    let y = response[i]
    let mu = exp(eta)
    let total = k + mu
    let value =
      Self.digammaDifference(y, k) - log1p(mu / k) + (mu - y) / total
    let score = mu * (y - mu) / (total * total)
    let information =
      mu * ((2 * k + y) * total - 2 * (y + k) * k) / (total * total * total)
    let scale = weights[i] * k
    return (scale * value, scale * score, scale * information)
  }
}
