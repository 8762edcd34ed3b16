import Glibc
import Inference
import LinearAlgebra

/// The Fine–Gray model, proportional hazards of the subdistribution of one cause.
///
/// A person with a competing event stays in the risk set, with weight G(t−)/G(T−) at t > T, G the Kaplan–Meier estimate of
/// the censoring distribution; tied events are Breslow's. The covariance is the paper's, which counts the estimation of
/// G in. Fine & Gray (1999), doi:10.1080/01621459.1999.10474144. R `cmprsk::crr`; SAS `PROC PHREG EVENTCODE=` and
/// `survival::finegray` give the same estimates (with another sandwich).
public struct FineGrayModel: Sendable {
  /// The cause whose incidence is modelled.
  public var cause: Int
  /// As in `CoxModel.tolerance`.
  public var tolerance = 1e-12
  /// The largest number of Newton steps.
  public var maximumIterations = 50

  public init(cause: Int = 1) { self.cause = cause }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: event times with causes, without delayed entry.
  ///   - design: n × p without an intercept, finite.
  /// - Throws: `SurvivalError.noEvents`, `.notFinite`, `.unsupported` (delayed entry), `.undefinedAtStart`.
  /// - Complexity: O(n p²) a step.
  public func fit(_ data: SurvivalData, design: Matrix) throws(SurvivalError) -> FineGrayFit {
    precondition(design.rows == data.count, "\(design.rows) design rows for \(data.count) times")
    guard data.entryRank == nil else {
      throw .unsupported("a Fine-Gray model has no method for delayed entry (start-stop times)")
    }
    guard data.cause.contains(Int32(cause)) else { throw .noEvents(cause: cause) }
    guard design.isFinite else {
      throw .notFinite(
        what: "covariate",
        rows: (0..<design.rows).filter { i in (0..<design.columns).contains { !design[i, $0].isFinite } })
    }
    let estimable = CoxModel().estimableColumns(
      CoxRiskSets(
        data.onlyCause(Int32(cause)), design: design, stratum: nil, stratumCount: 1, weights: nil,
        offset: nil)
    ).columns
    let likelihood = SubdistributionLikelihood(
      data, design: design.selecting(columns: estimable), cause: Int32(cause))
    let start = [Double](repeating: 0, count: estimable.count)
    let null = likelihood.evaluate(at: start)
    guard null.isFinite else { throw .undefinedAtStart("the partial likelihood") }
    let outcome = NewtonAscent(
      tolerance: tolerance, maximumIterations: maximumIterations, evaluate: likelihood.evaluate
    ).maximise(from: start, at: null)
    let sandwich = likelihood.sandwich(at: outcome.b)
    return FineGrayFit(
      data: data, model: self, columns: design.columns, estimable: estimable,
      scale: likelihood.scale, outcome: outcome, null: null, sandwich: sandwich,
      baseline: likelihood.baseline(data, at: outcome.b))
  }
}

/// A fitted Fine–Gray model.
public struct FineGrayFit: Sendable {
  /// The log subdistribution hazard ratios, p; nil where a column is aliased.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated.
  public let estimable: [Int]
  /// The robust covariance of the estimable coefficients.
  public let covariance: CovarianceEstimate
  /// The inverse information.
  public let modelCovariance: Matrix
  /// The log pseudo-likelihood at the estimates.
  public let logLikelihood: Double
  /// The log pseudo-likelihood with every coefficient 0.
  public let nullLogLikelihood: Double
  public let convergence: Convergence
  public let status: FitStatus
  /// The columns whose coefficient is infinite.
  public let diverging: [Int]
  public let count: Int
  /// The number of events of the cause.
  public let eventCount: Int
  /// The number of events of other causes.
  public let competingCount: Int
  let baseline: SubdistributionBaseline

  init(
    data: SurvivalData, model: FineGrayModel, columns: Int, estimable: [Int], scale: [Double],
    outcome: NewtonAscent.Outcome, null: LikelihoodDerivatives, sandwich: Matrix,
    baseline: SubdistributionBaseline
  ) {
    self.baseline = baseline
    let p = estimable.count
    var all = [Double?](repeating: nil, count: columns)
    for (a, j) in estimable.enumerated() { all[j] = outcome.b[a] / scale[a] }
    coefficients = all
    self.estimable = estimable
    let inverse =
      (try? CholeskyFactor(of: outcome.derivatives.information))?.inverse()
      ?? Matrix(rows: p, columns: p, repeating: .nan)
    let unscale = Matrix.diagonal(scale.map { 1 / $0 })
    modelCovariance = inverse.sandwiched(by: unscale)
    covariance = CovarianceEstimate(
      sandwich.sandwiched(by: unscale * inverse), kind: .robust("Fine-Gray sandwich"))
    logLikelihood = outcome.derivatives.logLikelihood
    nullLogLikelihood = null.logLikelihood
    diverging = outcome.diverging.map { estimable[$0] }
    status = !outcome.diverging.isEmpty ? .separated : outcome.isConverged ? .ok : .notConverged
    convergence = Convergence(
      isConverged: status == .ok, iterations: outcome.iterations,
      criterion: "gain in log-likelihood promised by the last step below \(model.tolerance / 2)")
    count = data.count
    eventCount = data.cause.count { $0 == Int32(model.cause) }
    competingCount = data.cause.count { $0 != 0 && $0 != Int32(model.cause) }
  }

  /// The estimates of the estimable coefficients.
  public var estimates: [Double] { estimable.map { coefficients[$0]! } }

  /// The Wald test that all coefficients are 0, with the robust covariance.
  public var waldTest: CoxFit.Test {
    let b = estimates
    let factor = try? CholeskyFactor(of: covariance.matrix)
    return CoxFit.Test(statistic: factor.map { dot(b, $0.solve(b)) } ?? .nan, df: b.count)
  }

  /// One row a column of the design with normal inference.
  public func coefficientTable(terms: [String], level: Double = 0.95) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    let errors = covariance.standardErrors
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: errors[a], reference: .normal,
        level: level)
    }
    return table
  }
}
