import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// A fitted linear mixed model, y = Xβ + Zb + e with b ~ N(0, Σ(θ)σ²) and e ~ N(0, σ²W⁻¹).
///
/// The fields are those of R's `lme4::lmer`, with inference as in `lmerTest` or `pbkrtest`.
public struct LinearMixedFit: Sendable {
  /// The names of the design columns.
  public let columnNames: [String]
  /// β, one a design column; none where the column is a linear combination of earlier ones.
  public let coefficients: [Double?]
  /// The places of the columns that can be estimated.
  public let estimableColumns: [Int]
  /// The covariance of the estimable coefficients: what standard errors and tests use (Kenward–Roger's where chosen).
  public let vcov: CovarianceEstimate
  /// Degrees of freedom and tests of contrasts.
  public let inference: FixedEffectsInference
  /// The relative covariance parameters in lme4's order (lower triangles of Cholesky factors, column by column).
  public let theta: [Double]
  /// σ, the residual standard deviation of an observation of weight 1.
  public let sigma: Double
  /// Variances and covariances, the residual last.
  public let varianceComponents: [VarianceComponent]
  /// The conditional modes of the random effects, term by term.
  public let randomEffects: [RandomEffectModes]
  /// Whether the criterion was that of ML or REML.
  public let estimation: LikelihoodEstimation
  /// The log-likelihood, restricted for REML.
  public let logLikelihood: Double
  /// The number of estimated parameters: p, θ and σ.
  public let parameterCount: Int
  /// The number of observations.
  public let observationCount: Int
  /// The verdict on the fit.
  public let status: FitStatus
  /// How the search for θ ended.
  public let convergence: Convergence
  /// What the optimiser did; its parameters are θ for random-effect columns scaled to orthonormality.
  public let optimisation: OptimisationRecord
  /// What a reader of the estimates must know.
  public let warnings: [String]

  /// True where a variance is estimated as zero or a correlation as ±1.
  public var isSingular: Bool { status == .singular }
  /// −2 log L for ML; none for REML, whose criterion is not comparable between models with other fixed effects.
  public var deviance: Double? { estimation == .maximum ? -2 * logLikelihood : nil }
  /// −2 log restricted L for REML.
  public var remlCriterion: Double? { estimation == .restricted ? -2 * logLikelihood : nil }
  /// Akaike's criterion, −2 log L + 2 times the number of parameters.
  public var aic: Double { -2 * logLikelihood + 2 * Double(parameterCount) }
  /// Schwarz' criterion with log n for n observations, as lme4.
  public var bic: Double { -2 * logLikelihood + log(Double(observationCount)) * Double(parameterCount) }
  /// n − p, the residual degrees of freedom of the fixed effects.
  public var residualDegreesOfFreedom: Int { observationCount - estimableColumns.count }

  /// The table of coefficients with t (or z) inference at a confidence level.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    var place = 0
    let errors = vcov.standardErrors
    return columnNames.indices.map { j in
      guard let estimate = coefficients[j] else { return Coefficient(term: columnNames[j]) }
      var contrast = [Double](repeating: 0, count: estimableColumns.count)
      contrast[place] = 1
      let error = errors[place]
      place += 1
      return .wald(
        term: columnNames[j], estimate: estimate, standardError: error,
        reference: inference.reference(for: contrast), level: level)
    }
  }

  /// The degrees of freedom of a contrast over all columns or the estimable ones; infinite where normal.
  public func df(for contrast: [Double]) -> Double { inference.df(for: contrast) }

  /// The F test of Lβ = 0, the rows of L being contrasts over all columns or the estimable ones.
  public func fTest(for l: Matrix) throws(LinearAlgebraError) -> FTest {
    try inference.fTest(for: l)
  }
}
