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
  /// σ, 1 for the exponential.
  public let scale: Double
  /// True where σ was estimated, so that log σ is the last parameter.
  public let estimatesScale: Bool
  /// The covariance of the estimable coefficients and, where it is estimated, log σ.
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
    likelihood: FailureTimeLikelihood, outcome: NewtonAscent.Outcome, null: NewtonAscent.Outcome?,
    jacobian: Double
  ) {
    let p = estimable.count
    let free = !model.distribution.hasFixedScale
    let alpha = free ? outcome.b[p] : 1
    let back = working.back
    var beta = back * outcome.b[..<p].map { $0 / alpha }
    if let constant = working.constant {
      beta[constant] += working.responseCentre / working.scale[constant]
    }
    var all = [Double?](repeating: nil, count: columns)
    for (a, j) in estimable.enumerated() { all[j] = beta[a] }
    coefficients = all
    self.estimable = estimable
    scale = working.responseScale / alpha
    estimatesScale = free
    logLikelihood = outcome.derivatives.logLikelihood + jacobian
    nullLogLikelihood = null.map { $0.derivatives.logLikelihood + jacobian }
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

    // The working coefficients are β/s for the response scale s; log σ shifts by a constant only.
    let (scores, information) = likelihood.naturalDerivatives(outcome.b)
    let size = p + (free ? 1 : 0)
    var transform = Matrix.identity(size)
    for a in 0..<p {
      for b in 0..<p { transform[a, b] = back[a, b] }
    }
    guard let inverse = (try? CholeskyFactor(of: information))?.inverse() else {
      covariance = CovarianceEstimate(
        Matrix(rows: size, columns: size, repeating: .nan), kind: .modelBased)
      return
    }
    switch model.variance {
    case .modelBased:
      covariance = CovarianceEstimate(inverse.sandwiched(by: transform), kind: .modelBased)
    case .robust:
      covariance = CovarianceEstimate(
        scores.gram().sandwiched(by: transform * inverse), kind: .robust("sandwich"))
    case .clustered(let codes, let clusters):
      var sums = Matrix(rows: clusters, columns: size)
      for j in 0..<size {
        for (i, code) in codes.enumerated() { sums[Int(code), j] += scores[i, j] }
      }
      covariance = CovarianceEstimate(
        sums.gram().sandwiched(by: transform * inverse), kind: .clustered("grouped sandwich"))
    }
  }

  /// The number of estimated parameters, σ included.
  public var parameterCount: Int { estimable.count + (estimatesScale ? 1 : 0) }

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

  /// One row a column of the design, then `Log(scale)` where σ is estimated; normal reference.
  public func coefficientTable(terms: [String], level: Double = 0.95) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    let errors = covariance.standardErrors
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: errors[a], reference: .normal,
        level: level)
    }
    if estimatesScale {
      table.append(
        .wald(
          term: "Log(scale)", estimate: log(scale), standardError: errors[estimable.count],
          reference: .normal, level: level))
    }
    return table
  }

  /// The pth quantile of the failure time of a person with covariates x (`x'β + σ q_p`, back on the scale of time).
  public func quantile(_ p: Double, covariates x: [Double]) -> Double {
    var value = scale * distribution.errorQuantile(p)
    for j in estimable { value += x[j] * coefficients[j]! }
    return distribution.isLogarithmic ? exp(value) : value
  }
}
