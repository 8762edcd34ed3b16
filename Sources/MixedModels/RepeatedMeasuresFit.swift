import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// A fitted linear model for repeated measurements.
public struct RepeatedMeasuresFit: Sendable {
  /// The names of the design's columns.
  public let columnNames: [String]
  /// The coefficients; nil for a column that is a combination of earlier ones.
  public let coefficients: [Double?]
  /// The columns that could be estimated, ascending.
  public let estimableColumns: [Int]
  /// Their covariance: what the degrees-of-freedom method uses.
  public let vcov: CovarianceEstimate
  /// Tests of contrasts.
  public let inference: FixedEffectsInference
  /// The structure whose fit this is: the model's, or the first rung of its ladder that has one.
  public let structure: CovarianceStructure
  /// Every structure that was tried, the one used last.
  public let attempts: [CovarianceAttempt]
  /// Σ of each covariance group, visits in order.
  public let covariances: [Matrix]
  /// The covariance parameters, group by group (see `CovarianceStructure`).
  public let theta: [Double]
  public let estimation: LikelihoodEstimation
  /// The (restricted) log-likelihood.
  public let logLikelihood: Double
  public let observationCount: Int
  public let subjectCount: Int
  public let status: FitStatus
  public let convergence: Convergence
  public let optimisation: OptimisationRecord
  public let warnings: [String]

  /// The covariance parameters, for REML and ML alike, as R's mmrm counts them (SAS adds the coefficients under ML).
  public var parameterCount: Int { theta.count }
  public var aic: Double { -2 * logLikelihood + 2 * Double(parameterCount) }
  /// With the logarithm of the number of subjects.
  public var bic: Double { -2 * logLikelihood + log(Double(subjectCount)) * Double(parameterCount) }
  public var remlCriterion: Double? { estimation == .restricted ? -2 * logLikelihood : nil }
  public var deviance: Double? { estimation == .maximum ? -2 * logLikelihood : nil }

  init(
    model: RepeatedMeasuresModel, prepared: RepeatedMeasuresModel.Prepared,
    outcome: RepeatedMeasuresModel.Outcome, attempts: [CovarianceAttempt]
  ) throws(MixedModelError) {
    let basis = prepared.basis
    let state = outcome.state
    let isOptimum = outcome.failure == nil
    let estimates = basis.coefficients(state.coefficients)
    var coefficients = [Double?](repeating: nil, count: basis.columnCount)
    for (k, column) in basis.estimable.enumerated() { coefficients[column] = estimates[k] }
    let modelBased = basis.covariance(state.covariance)
    let builder = RepeatedMeasuresInference(
      model: model, criterion: prepared.criterion, basis: basis, subjectRows: prepared.subjectRows,
      groups: prepared.groups, theta: outcome.theta, state: state,
      hessian: isOptimum ? outcome.hessian : nil)
    let method: FixedEffectsInference.Method
    do { method = try builder.method(modelBased: modelBased) } catch { throw .linearAlgebra(error) }
    var kind = CovarianceEstimate.Kind.modelBased
    var matrix = modelBased
    if case .kenwardRoger(let adjustment) = method {
      matrix = adjustment.adjusted
      kind = .kenwardRoger(model.degreesOfFreedom == .kenwardRogerLinear ? "linear" : "second order")
    }
    if case .residual = model.degreesOfFreedom {
      matrix = builder.empirical()
      kind = .clustered("CR0")
    }
    columnNames = model.columnNames
    self.coefficients = coefficients
    estimableColumns = basis.estimable
    vcov = CovarianceEstimate(matrix, kind: kind)
    inference = FixedEffectsInference(
      method: method, coefficients: estimates, estimable: basis.estimable, columnCount: basis.columnCount,
      vcov: matrix)
    structure = prepared.criterion.structure
    self.attempts = attempts
    covariances = state.sigmas
    theta = outcome.theta
    estimation = model.estimation
    logLikelihood = -state.value / 2
    observationCount = prepared.criterion.observations
    subjectCount = prepared.subjectRows.count
    optimisation = outcome.record
    convergence = Convergence(
      isConverged: isOptimum, iterations: outcome.record.evaluations,
      criterion: "Newton decrement of the log-likelihood below 1e-8 and a positive definite Hessian")
    status = isOptimum ? .ok : .notConverged
    var warnings: [String] = []
    if !basis.aliased.isEmpty {
      let names = basis.aliased.map { model.columnNames[$0] }.joined(separator: ", ")
      warnings.append("not estimable because they are combinations of earlier columns: \(names)")
    }
    if let failure = outcome.failure {
      warnings.append(
        "the covariance parameters did not converge (\(failure)); a simpler structure may be needed")
    }
    for attempt in attempts.dropLast() {
      warnings.append(
        "the covariance structure \(attempt.structure.rawValue) was left: \(attempt.failure ?? "")")
    }
    self.warnings = warnings
  }

  /// The coefficient table, in the order of the design's columns.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    var table = columnNames.map { Coefficient(term: $0) }
    for (k, column) in estimableColumns.enumerated() {
      var unit = [Double](repeating: 0, count: columnNames.count)
      unit[column] = 1
      table[column] = .wald(
        term: columnNames[column], estimate: coefficients[column]!,
        standardError: vcov.matrix[k, k].squareRoot(), reference: inference.reference(for: unit), level: level
      )
    }
    return table
  }
}
