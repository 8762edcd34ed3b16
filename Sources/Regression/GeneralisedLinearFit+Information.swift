import Glibc
import Inference
import LinearAlgebra
import Probability

extension GeneralisedLinearFit {
  /// φ(X'W₀X)⁻¹ with W₀ from the observed information, −d² log L/dη² = w[μ'²/V − (y − μ)(μ''/V − μ'²V'/V²)]/φ.
  ///
  /// With the canonical link it is the expected information. SAS GENMOD and Stata `glm` use it for all links; R's `glm`
  /// uses the expected one. McCullagh & Nelder, Generalized Linear Models, 2nd ed. (1989), section 2.5.
  ///
  /// - Parameter dispersion: φ; the fit's own where nil.
  /// - Throws: `RegressionError.numerical` where the observed information is not positive definite.
  public func observedInformationCovariance(dispersion: Double? = nil) throws(RegressionError)
    -> CovarianceEstimate
  {
    let family = model.family
    var weights = [Double](repeating: 0, count: means.count)
    for i in means.indices {
      let mu = means[i]
      let slope = model.link.slope(at: linearPredictors[i])
      let bend = model.link.curvature(at: linearPredictors[i])
      let v = family.variance(mu)
      let change = bend / v - slope * slope * family.varianceSlope(mu) / (v * v)
      weights[i] = (used.weights?[i] ?? 1) * (slope * slope / v - (used.response[i] - mu) * change)
    }
    do {
      let inverse = try CholeskyFactor(of: estimableDesign.gram(weights: weights)).inverse()
      return CovarianceEstimate((dispersion ?? self.dispersion) * inverse, kind: .modelBased)
    } catch { throw .numerical(error) }
  }

  /// The maximum likelihood estimate of the dispersion, as SAS GENMOD has it by default: D/n of a Gaussian or inverse
  /// Gaussian family; for a gamma family 1/ν with Σ w(log νw − ψ(νw)) = D/2. Nil where the family has no dispersion or
  /// no likelihood, or where every row is fitted exactly.
  public var maximumLikelihoodDispersion: Double? {
    let n = Double(observationCount)
    switch model.family {
    case .gaussian, .inverseGaussian: return deviance / n
    case .gamma:
      guard deviance > 0 else { return nil }
      let weights = used.weights ?? [Double](repeating: 1, count: observationCount)
      func excess(_ logShape: Double) -> Double {
        let shape = exp(logShape)
        return weights.reduce(-deviance / 2) {
          $0 + $1 * (log(shape * $1) - SpecialFunctions.digamma(shape * $1))
        }
      }
      // The sum falls from infinity to 0 as the shape grows: bisection on its logarithm.
      var (low, high) = (-30.0, 30.0)
      for _ in 0..<200 {
        let middle = (low + high) / 2
        if excess(middle) > 0 { low = middle } else { high = middle }
        if high - low < 1e-15 * max(1, abs(middle)) { break }
      }
      return exp(-(low + high) / 2)
    default: return nil
    }
  }

  /// What a covariance over clusters with small-sample corrections is made of, over the rows with a positive weight: the
  /// design DX, D = dμ/dη, the response's residuals, weights w/V(μ) and the working variances V(μ)/w.
  ///
  /// - Parameter clusters: a code for each row of `data`.
  public func clusterRobust(by clusters: [Int]) -> ClusterRobustCovariance {
    let kept = data.weightedRows.map { rows in rows.map { clusters[$0] } } ?? clusters
    var design = estimableDesign
    var variances = means
    var residuals = means
    design.scaleRows(by: linearPredictors.map { model.link.slope(at: $0) })
    for i in means.indices {
      variances[i] = model.family.variance(means[i]) / (used.weights?[i] ?? 1)
      residuals[i] = used.response[i] - means[i]
    }
    return ClusterRobustCovariance(
      design: design, residuals: residuals, weights: variances.map { 1 / $0 }, target: variances,
      bread: unscaledCovariance, clusters: kept)
  }
}

extension Link {
  /// d²μ/dη² at a linear predictor.
  func curvature(at eta: Double) -> Double {
    let (mean, slope) = meanAndSlope(of: eta)
    switch self {
    case .logit: return slope * (1 - 2 * mean)
    case .probit: return -eta * slope
    case .cloglog: return slope * (1 - exp(min(eta, 700)))
    case .cauchit: return -2 * eta * slope / (1 + eta * eta)
    case .log: return mean
    case .identity: return 0
    case .inverse: return 2 / (eta * eta * eta)
    case .sqrt: return 2
    case .inverseSquare: return 0.75 / (eta * eta * eta.squareRoot())
    }
  }
}

extension Family {
  /// dV/dμ.
  func varianceSlope(_ mean: Double) -> Double {
    switch self {
    case .binomial, .quasibinomial: 1 - 2 * mean
    case .poisson, .quasipoisson: 1
    case .gaussian: 0
    case .gamma: 2 * mean
    case .inverseGaussian: 3 * mean * mean
    case .negativeBinomial(let theta): 1 + 2 * mean / theta
    }
  }
}
