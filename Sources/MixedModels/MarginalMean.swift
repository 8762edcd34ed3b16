import Glibc
import LinearAlgebra
import Probability

/// The mean response over normal random effects, m(η, s²) = E h(η + sZ), and its derivatives.
///
/// Closed forms exist for the log link, exp(η + s²/2), and the probit, Φ(η/√(1 + s²)); the others are integrated by the
/// trapezoidal rule, which for an integrand analytic in a strip converges geometrically (Trefethen & Weideman, SIAM Rev
/// 2014;56:385–458, doi 10.1137/130932132): the step keeps the error at rounding level for every s. By the heat equation
/// ∂m/∂s² = E h''(η + sZ)/2.
struct MarginalMean {
  /// m, ∂m/∂η and ∂m/∂s².
  struct Value {
    var mean = 0.0
    var inPredictor = 0.0
    var inVariance = 0.0
  }

  let family: ResponseFamily

  func callAsFunction(_ eta: Double, variance: Double) -> Value {
    switch family {
    case .poisson, .negativeBinomial:
      let mean = exp(eta + variance / 2)
      return Value(mean: mean, inPredictor: mean, inVariance: mean / 2)
    case .binomial(.probit):
      let scale = 1 / (1 + variance).squareRoot()
      let density = Normal().density(eta * scale)
      return Value(
        mean: Normal().cdf(eta * scale), inPredictor: density * scale,
        inVariance: -density * eta * scale * scale * scale / 2)
    case .binomial(.logit), .binomial(.cloglog): return integrated(eta, variance: variance)
    }
  }

  private func integrated(_ eta: Double, variance: Double) -> Value {
    let s = variance.squareRoot()
    // The normal density asks for a step of 0.4; poles at ±iπ in η are at π/s in z, the double exponential of the
    // complementary log-log link is steeper.
    let reach = family == .binomial(.logit) ? 0.5 : 0.3
    let step = min(0.4, reach / max(s, 1e-12))
    let count = Int((8.5 / step).rounded(.up))
    var sum = Value()
    for k in -count...count {
      let z = Double(k) * step
      let weight = exp(-z * z / 2)
      let (mean, first, second) = derivatives(eta + s * z)
      sum.mean += weight * mean
      sum.inPredictor += weight * first
      sum.inVariance += weight * second / 2
    }
    let scale = step / (2 * Double.pi).squareRoot()
    return Value(
      mean: scale * sum.mean, inPredictor: scale * sum.inPredictor, inVariance: scale * sum.inVariance)
  }

  /// h, h' and h'' at a linear predictor.
  private func derivatives(_ eta: Double) -> (Double, Double, Double) {
    let mean = family.mean(eta)
    let slope = family.meanSlope(eta)
    if case .binomial(.cloglog) = family {
      // Beyond e^η = 700 the slope has underflowed, and its product with e^η too.
      return (mean, slope, eta > 6 ? 0 : slope * (1 - exp(eta)))
    }
    return (mean, slope, slope * (1 - 2 * mean))
  }
}

extension GeneralisedLinearMixedFit {
  /// Standardised means: for each design the average over rows of the mean response, integrated over the random effects.
  ///
  /// An odds ratio of a mixed model compares two people with one random effect; the mean over rows of
  /// E h(xᵢ'β + oᵢ + sᵢZ), sᵢ² = zᵢ'Σzᵢ, is the risk in the population (Zeger, Liang & Albert, Biometrics
  /// 1988;44:1049–1060, doi 10.2307/2531734). Covariances are the delta method's, with the uncertainty of β and of θ.
  /// R: `GLMMadaptive::marginal_coefs` and `marginaleffects::avg_predictions(re.form = NA)` with integration.
  ///
  /// - Parameters:
  ///   - designs: the fixed-effects design of all rows, one matrix a level compared.
  ///   - randomDesigns: for each of them the designs of the random-effect terms, in the order of the model's terms.
  ///   - offset: the rows' offsets.
  /// - Returns: the means and their covariance.
  public func marginalMeans(
    designs: [Matrix], randomDesigns: [[Matrix]], offset: [Double]?
  ) -> (means: [Double], covariance: Matrix) {
    let beta = estimableColumns.map { coefficients[$0]! }
    let marginal = MarginalMean(family: family)
    var means: [Double] = []
    var gradients: [[Double]] = []
    var inTheta = [Double](repeating: 0, count: theta.count)
    for (design, random) in zip(designs, randomDesigns) {
      let x = design.selecting(columns: estimableColumns)
      let n = x.rows
      let p = beta.count
      var gradient = [Double](repeating: 0, count: parameterCovariance.rows)
      var total = 0.0
      var known: [[Double]: MarginalMean.Value] = [:]
      for i in 0..<n {
        var eta = offset?[i] ?? 0
        for j in 0..<p { eta += x[i, j] * beta[j] }
        let variance = spread.variance(row: i, designs: random, gradient: &inTheta)
        // Rows of a trial repeat: an arm, a month, a site.
        let key = [eta, variance]
        let value = known[key] ?? marginal(eta, variance: variance)
        known[key] = value
        total += value.mean
        for j in 0..<p { gradient[j] += value.inPredictor * x[i, j] }
        for k in inTheta.indices { gradient[p + k] += value.inVariance * inTheta[k] }
      }
      means.append(total / Double(n))
      gradients.append(gradient.map { $0 / Double(n) })
    }
    let jacobian = Matrix(columns: gradients, rows: parameterCovariance.rows).transposed()
    return (means, parameterCovariance.sandwiched(by: jacobian))
  }
}
