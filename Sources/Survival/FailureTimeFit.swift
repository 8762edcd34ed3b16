import Glibc
import Inference
import LinearAlgebra
import Probability

/// A fitted accelerated failure time model.
public struct FailureTimeFit: Sendable {
  /// The coefficients, p; nil where a column is aliased.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated.
  public let estimable: [Int]
  /// σ of each stratum (of all rows without strata), 1 for the exponential.
  public let scales: [Double]
  /// True where σ was estimated, so that its logarithms are the last parameters.
  public let estimatesScale: Bool
  /// The covariance of the estimable coefficients and, where they are estimated, log σ.
  public let covariance: CovarianceEstimate
  /// log L of the times (not of their logarithms).
  public let logLikelihood: Double
  /// log L with the intercept alone; nil without an intercept.
  public let nullLogLikelihood: Double?
  public let convergence: Convergence
  public let status: FitStatus
  /// The columns whose coefficient is infinite.
  public let diverging: [Int]
  public let distribution: FailureDistribution
  public let count: Int
  public let eventCount: Int

  init(
    model: FailureTimeModel, data: SurvivalData, columns: Int, estimable: [Int], working: WorkingScale,
    maximum: FailureTimeMaximum, null: FailureTimeMaximum?, jacobian: Double
  ) {
    let p = estimable.count
    let outcome = maximum.outcome
    let back = working.back
    var beta = back * maximum.beta
    if let constant = working.constant {
      beta[constant] += working.responseCentre / working.scale[constant]
    }
    var all = [Double?](repeating: nil, count: columns)
    for (a, j) in estimable.enumerated() { all[j] = beta[a] }
    coefficients = all
    self.estimable = estimable
    scales =
      maximum.scales.isEmpty ? [working.responseScale] : maximum.scales.map { $0 * working.responseScale }
    estimatesScale = !maximum.scales.isEmpty
    logLikelihood = outcome.derivatives.logLikelihood + jacobian
    nullLogLikelihood = null.map { $0.outcome.derivatives.logLikelihood + jacobian }
    distribution = model.distribution
    count = data.count
    eventCount = data.eventCount
    // Columns are centred, so that the intercept runs off with a column of another sort: it is not the culprit.
    let running = outcome.diverging.filter { $0 < p }
    let culprits = running.filter { $0 != working.constant }
    diverging = (culprits.isEmpty ? running : culprits).map { estimable[$0] }
    status = !outcome.diverging.isEmpty ? .separated : outcome.isConverged ? .ok : .notConverged
    convergence = Convergence(
      isConverged: status == .ok, iterations: outcome.iterations,
      criterion: "gain in log-likelihood promised by the last step below \(model.tolerance / 2)")
    covariance = Self.covariance(maximum, back: back, variance: model.variance)
  }

  /// The covariance on the caller's scale; the logarithms of the scales shift by a constant only.
  private static func covariance(
    _ maximum: FailureTimeMaximum, back: Matrix, variance: CoxModel.Variance
  ) -> CovarianceEstimate {
    let p = back.rows
    let size = maximum.information.rows
    var transform = Matrix.identity(size)
    for a in 0..<p {
      for b in 0..<p { transform[a, b] = back[a, b] }
    }
    guard let inverse = (try? CholeskyFactor(of: maximum.information))?.inverse() else {
      return CovarianceEstimate(Matrix(rows: size, columns: size, repeating: .nan), kind: .modelBased)
    }
    let scores = maximum.scores
    switch variance {
    case .modelBased:
      return CovarianceEstimate(inverse.sandwiched(by: transform), kind: .modelBased)
    case .robust:
      return CovarianceEstimate(
        scores.gram().sandwiched(by: transform * inverse), kind: .robust("sandwich"))
    case .clustered(let codes, let clusters):
      var sums = Matrix(rows: clusters, columns: size)
      for j in 0..<size {
        for (i, code) in codes.enumerated() { sums[Int(code), j] += scores[i, j] }
      }
      return CovarianceEstimate(
        sums.gram().sandwiched(by: transform * inverse), kind: .clustered("grouped sandwich"))
    }
  }

  /// The number of estimated parameters, σ included.
  public var parameterCount: Int { estimable.count + (estimatesScale ? scales.count : 0) }

  /// The scale without strata, or that of the first stratum.
  public var scale: Double { scales[0] }

  /// Akaike's criterion.
  public var aic: Double { -2 * logLikelihood + 2 * Double(parameterCount) }

  /// The Bayesian criterion with log n, as R's `BIC(survreg)`.
  public var bic: Double { -2 * logLikelihood + Double(parameterCount) * log(Double(count)) }

  /// Twice the gain in log-likelihood over the intercept alone; nil without an intercept.
  public var likelihoodRatioTest: CoxFit.Test? {
    nullLogLikelihood.map {
      CoxFit.Test(statistic: 2 * (logLikelihood - $0), df: estimable.count - 1)
    }
  }

  /// One row a column of the design, then the logarithm of each scale where it is estimated; normal reference.
  ///
  /// - Parameter strata: the names of the strata, for a scale each; nil for the one `Log(scale)`.
  public func coefficientTable(
    terms: [String], strata: [String]? = nil, level: Double = 0.95
  ) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    let errors = covariance.standardErrors
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: errors[a], reference: .normal,
        level: level)
    }
    guard estimatesScale else { return table }
    for (s, name) in (strata ?? ["Log(scale)"]).enumerated() {
      table.append(
        .wald(
          term: name, estimate: log(scales[s]), standardError: errors[estimable.count + s],
          reference: .normal, level: level))
    }
    return table
  }

  /// The pth quantile of the failure time of a person with linear predictor η, with limits.
  ///
  /// η + σ q_p, back on the scale of time; the standard error of the quantile and its limits are by the delta method on
  /// the scale of η, with σ's error counted in. R `predict(fit, type = "quantile")`, whose `se` is on the scale of time.
  ///
  /// - Parameters:
  ///   - covariates: x over all columns of the design.
  ///   - stratum: the place of the person's scale.
  public func quantile(
    _ p: Double, covariates x: [Double], offset: Double = 0, stratum: Int = 0, level: Double = 0.95
  ) -> Coefficient {
    let q = distribution.errorQuantile(p)
    let sigma = scales[stratum]
    var value = offset + sigma * q
    for j in estimable { value += x[j] * coefficients[j]! }
    var gradient = estimable.map { x[$0] }
    if estimatesScale { gradient += scales.indices.map { $0 == stratum ? sigma * q : 0 } }
    let error = covariance.matrix.quadraticForm(gradient).squareRoot()
    var row = Coefficient.wald(
      term: "quantile \(p)", estimate: value, standardError: error, reference: .normal, level: level)
    if distribution.isLogarithmic {
      row.estimate = exp(value)
      row.standardError = exp(value) * error
      row.low = row.low.map { exp($0) }
      row.high = row.high.map { exp($0) }
    }
    return row
  }

  /// The mean failure time of a person with linear predictor η: e^η Γ(1 + σ) (Weibull), e^{η + σ²/2} (log-normal),
  /// e^η πσ/sin(πσ) (log-logistic, for σ < 1), η itself for symmetric errors; nil where there is none.
  public func mean(covariates x: [Double], offset: Double = 0, stratum: Int = 0) -> Double? {
    var eta = offset
    for j in estimable { eta += x[j] * coefficients[j]! }
    let sigma = scales[stratum]
    switch distribution {
    case .weibull, .exponential: return exp(eta + SpecialFunctions.logGamma(1 + sigma))
    case .lognormal: return exp(eta + sigma * sigma / 2)
    case .loglogistic: return sigma < 1 ? exp(eta) * Double.pi * sigma / sin(Double.pi * sigma) : nil
    case .gaussian, .logistic: return eta
    }
  }
}
