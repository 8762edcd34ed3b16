import Inference
import LinearAlgebra
import Probability

/// A logistic regression fitted by Firth's penalised likelihood.
public struct FirthFit: Sendable {
  /// The test of one coefficient by the penalised likelihood.
  public struct LikelihoodRatioTest: Sendable, Equatable {
    /// Twice the fall of the penalised log-likelihood where the coefficient is held at 0.
    public let statistic: Double
    /// P(χ²₁ ≥ statistic).
    public let pValue: Double
  }

  /// The model.
  public let model: FirthModel
  /// The data fitted, zero weights included.
  public let data: RegressionData
  /// One coefficient a column of the design; none where aliased.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated, ascending; the order of `covariance`.
  public let estimableColumns: [Int]
  /// The number of rows with a positive weight.
  public let observationCount: Int
  /// The maximum of ℓ + ½ log |X'WX| (`logistf` calls it `loglik`).
  public let penalisedLogLikelihood: Double
  /// The inverse of the Fisher information X'WX at the estimates, as SAS and brglm2 report it.
  public let covariance: CovarianceEstimate
  /// The fitted probabilities of the rows with a positive weight.
  public let means: [Double]
  /// How the iteration ended.
  public let convergence: Convergence
  /// What a reader of the estimates has to know.
  public let warnings: [String]
  private let used: RegressionData
  private let optimum: FirthProblem.Optimum

  init(
    model: FirthModel, data: RegressionData, used: RegressionData, columns: [Int],
    optimum: FirthProblem.Optimum
  ) {
    self.model = model
    self.data = data
    self.used = used
    self.optimum = optimum
    var coefficients = [Double?](repeating: nil, count: data.design.columns)
    for (k, j) in columns.enumerated() { coefficients[j] = optimum.coefficients[k] }
    self.coefficients = coefficients
    estimableColumns = columns
    observationCount = used.rowCount
    penalisedLogLikelihood = optimum.penalisedLogLikelihood
    covariance = CovarianceEstimate(optimum.covariance, kind: .modelBased)
    means = optimum.means
    convergence = Convergence(
      isConverged: optimum.isConverged, iterations: optimum.iterations,
      criterion: "scoring step below 1e-12 standard errors")
    var warnings = coefficients.indices.filter { coefficients[$0] == nil }.map {
      "\(data.columnNames[$0]) is not estimable: its column is a combination of earlier ones"
    }
    if !optimum.isConverged { warnings.append("the scoring iteration did not converge") }
    if used.weights == nil, used.rowCount <= columns.count {
      warnings.append("no residual degrees of freedom: estimates and errors are the penalty's alone")
    }
    self.warnings = warnings
  }

  /// The verdict.
  public var status: FitStatus { convergence.isConverged ? .ok : .notConverged }
  /// The number of parameters.
  public var degreesOfFreedom: Double { Double(estimableColumns.count) }

  /// Tests that a coefficient is 0 by the penalised likelihood; nil where it was not estimated.
  ///
  /// The penalty of the smaller model keeps the full information, as in `logistf` and Heinze & Schemper.
  public func likelihoodRatioTest(of column: Int) throws(RegressionError) -> LikelihoodRatioTest? {
    guard let profile = try Profile(self, column) else { return nil }
    let statistic = max(0, try profile.rise(0))
    return LikelihoodRatioTest(
      statistic: statistic, pValue: ChiSquared(df: 1).cdf(statistic, tail: .upper))
  }

  /// The limits of a coefficient by the profile of the penalised likelihood; nil for one that is infinite.
  public func profileLimits(
    of column: Int, level: Double
  ) throws(RegressionError) -> (low: Double?, high: Double?) {
    guard let profile = try Profile(self, column) else { return (nil, nil) }
    let critical = ChiSquared(df: 1).quantile(1 - level, tail: .upper)
    func limit(_ side: ProfileLimit.Side) throws(RegressionError) -> Double? {
      try ProfileLimit.find(
        side, estimate: profile.estimate, standardError: profile.standardError, critical: critical,
        rise: { (x: Double) throws(RegressionError) -> Double in try profile.rise(x) })
    }
    return (try limit(.lower), try limit(.upper))
  }

  /// The coefficient table, in the order of the design's columns.
  ///
  /// - Parameters:
  ///   - usesProfile: tests and limits from the penalised likelihood (the statistic is then χ²); Wald's otherwise.
  ///   - level: the confidence level of the limits.
  public func coefficientTable(
    usesProfile: Bool = true, level: Double = 0.95
  ) throws(RegressionError) -> [Coefficient] {
    var table = Coefficient.waldTable(
      terms: data.columnNames, estimates: coefficients, estimableColumns: estimableColumns,
      covariance: covariance, reference: .normal, level: level)
    guard usesProfile else { return table }
    for j in estimableColumns {
      let test = try likelihoodRatioTest(of: j)
      let limits = try profileLimits(of: j, level: level)
      table[j].statistic = test?.statistic
      table[j].pValue = test?.pValue
      table[j].low = limits.low
      table[j].high = limits.high
    }
    return table
  }

  /// The profile of the penalised likelihood in one coefficient.
  private struct Profile {
    let problem: FirthProblem
    let start: [Double]
    let slopes: [Double]
    let estimate: Double
    let standardError: Double
    let maximum: Double
    let limit: Int

    init?(_ fit: FirthFit, _ column: Int) throws(RegressionError) {
      guard let place = fit.estimableColumns.firstIndex(of: column) else { return nil }
      let others = fit.estimableColumns.indices.filter { $0 != place }
      let order = others + [place]
      problem = try FirthProblem(data: fit.used, columns: order.map { fit.estimableColumns[$0] })
      let variance = fit.covariance.matrix[place, place]
      start = order.map { fit.optimum.coefficients[$0] }
      slopes = order.map { fit.covariance.matrix[$0, place] / variance }
      estimate = fit.optimum.coefficients[place]
      standardError = variance.squareRoot()
      maximum = fit.penalisedLogLikelihood
      limit = fit.model.maximumIterations
    }

    /// Twice the fall of the penalised log-likelihood with the coefficient held at a value.
    func rise(_ value: Double) throws(RegressionError) -> Double {
      let shifted = start.indices.map { start[$0] + slopes[$0] * (value - estimate) }
      var optimum: FirthProblem.Optimum
      do {
        optimum = try problem.maximise(from: shifted, fixed: value, limit: limit)
        if !optimum.isConverged {
          let plain = [Double](repeating: 0, count: start.count)
          optimum = try problem.maximise(from: plain, fixed: value, limit: limit)
        }
      } catch {
        // So far out the information is no longer positive definite in double precision.
        return .infinity
      }
      return 2 * (maximum - optimum.penalisedLogLikelihood)
    }
  }
}
