import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// A fitted generalised linear mixed model, g(E[y | b]) = Xβ + Zb with b ~ N(0, Σ(θ)).
///
/// The fields are those of R's `lme4::glmer`.
public struct GeneralisedLinearMixedFit: Sendable {
  /// The distribution of the response and its link.
  public let family: ResponseFamily
  /// Quadrature nodes a random effect; 1 is Laplace's approximation.
  public let quadraturePoints: Int
  /// The names of the design columns.
  public let columnNames: [String]
  /// β, one a design column; none where the column is a linear combination of earlier ones.
  public let coefficients: [Double?]
  /// The places of the columns that can be estimated.
  public let estimableColumns: [Int]
  /// The covariance of the estimable coefficients: their block of the inverse observed information of all parameters.
  public let vcov: CovarianceEstimate
  /// The inverse observed information of all parameters: the estimable coefficients, θ, and log k where there is one.
  /// A parameter held at its boundary has zero rows.
  public let parameterCovariance: Matrix
  /// How θ spreads the linear predictor.
  let spread: RandomEffectsSpread
  /// Normal and χ² tests of contrasts.
  public let inference: FixedEffectsInference
  /// The covariance parameters in lme4's order.
  public let theta: [Double]
  /// k of the negative binomial, variance μ + μ²/k (`sigma(fit)` of glmmTMB, `getME(fit, "glmer.nb.theta")`).
  public let shape: Double?
  /// Variances and covariances.
  public let varianceComponents: [VarianceComponent]
  /// The conditional modes of the random effects, term by term.
  public let randomEffects: [RandomEffectModes]
  /// The marginal log-likelihood, constants included.
  public let logLikelihood: Double
  /// The deviance of the observations given the conditional modes.
  public let conditionalDeviance: Double
  /// The number of estimated parameters: p, θ and k.
  public let parameterCount: Int
  /// The number of observations (rows).
  public let observationCount: Int
  /// The verdict on the fit.
  public let status: FitStatus
  /// True where a variance is estimated as zero or a correlation as ±1.
  public let isSingular: Bool
  /// How the search ended.
  public let convergence: Convergence
  /// What the optimiser did; its parameters are coefficients on an orthonormal basis, θ, and log k.
  public let optimisation: OptimisationRecord
  /// What a reader of the estimates must know.
  public let warnings: [String]

  /// Akaike's criterion, −2 log L + 2 times the number of parameters.
  public var aic: Double { -2 * logLikelihood + 2 * Double(parameterCount) }
  /// Schwarz' criterion with log n for n rows, as lme4.
  public var bic: Double { -2 * logLikelihood + log(Double(observationCount)) * Double(parameterCount) }

  /// The table of coefficients with normal inference at a confidence level.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    var place = 0
    let errors = vcov.standardErrors
    return columnNames.indices.map { j in
      guard let estimate = coefficients[j] else { return Coefficient(term: columnNames[j]) }
      let error = errors[place]
      place += 1
      return .wald(
        term: columnNames[j], estimate: estimate, standardError: error, reference: .normal,
        level: level)
    }
  }

  /// The χ² test of Lβ = 0 over its degrees of freedom, as an F test with infinite denominator degrees of freedom.
  public func fTest(for l: Matrix) throws(LinearAlgebraError) -> FTest {
    try inference.fTest(for: l)
  }
}
