import Glibc
import Inference
import LinearAlgebra
import Probability

/// A fitted Cox model.
///
/// Vectors over "estimable" coefficients leave out the aliased ones; `coefficients` has every column in its place.
public struct CoxFit: Sendable {
  /// A χ² test that all coefficients are 0.
  public struct Test: Sendable, Equatable {
    public let statistic: Double
    public let df: Double
    public let pValue: Double

    init(statistic: Double, df: Int) {
      self.statistic = statistic
      self.df = Double(df)
      pValue = df > 0 ? ChiSquared(df: Double(df)).cdf(statistic, tail: .upper) : 1
    }
  }

  /// The log hazard ratios, p; nil where a column is aliased.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated.
  public let estimable: [Int]
  /// The covariance of the estimable coefficients that inference uses, tagged with its kind.
  public let covariance: CovarianceEstimate
  /// The inverse information of the estimable coefficients, whatever `covariance` is.
  public let modelCovariance: Matrix
  /// log L at the estimates.
  public let logLikelihood: Double
  /// log L with every coefficient 0.
  public let nullLogLikelihood: Double
  /// The score test at β = 0, U'I⁻¹U.
  public let scoreTest: Test
  /// How the iteration ended.
  public let convergence: Convergence
  /// The verdict.
  public let status: FitStatus
  /// The columns whose coefficient is infinite: the likelihood rises for ever in them (monotone likelihood).
  public let diverging: [Int]
  /// The number of rows.
  public let count: Int
  /// The number of rows that end in an event.
  public let eventCount: Int
  /// The treatment of tied events.
  public let ties: CoxTies
  /// What was added to the log-likelihood.
  public let penalty: CoxModel.Penalty

  let data: SurvivalData
  let design: Matrix
  let stratum: [Int32]?
  let weights: [Double]?
  let offset: [Double]?
  let sets: CoxRiskSets
  /// The estimates on the kernel's scale.
  let scaled: [Double]

  /// The estimates of the estimable coefficients.
  public var estimates: [Double] { estimable.map { coefficients[$0]! } }

  init(
    data: SurvivalData, design: Matrix, stratum: [Int32]?, weights: [Double]?, offset: [Double]?,
    sets: CoxRiskSets, estimable: [Int], model: CoxModel, null: LikelihoodDerivatives,
    outcome: NewtonAscent.Outcome
  ) throws(SurvivalError) {
    let p = estimable.count
    var coefficients = [Double?](repeating: nil, count: design.columns)
    for (a, j) in estimable.enumerated() { coefficients[j] = outcome.b[a] / sets.scale[a] }
    self.coefficients = coefficients
    self.estimable = estimable
    scaled = outcome.b
    let inverse = (try? CholeskyFactor(of: outcome.derivatives.information))?.inverse()
    var vcov = inverse ?? Matrix(rows: p, columns: p, repeating: .nan)
    for b in 0..<p {
      for a in 0..<p { vcov[a, b] /= sets.scale[a] * sets.scale[b] }
    }
    modelCovariance = vcov
    logLikelihood = outcome.derivatives.logLikelihood
    nullLogLikelihood = null.logLikelihood
    let u = null.score
    scoreTest = Test(
      statistic: (try? CholeskyFactor(of: null.information)).map { dot(u, $0.solve(u)) } ?? .nan, df: p)
    convergence = Convergence(
      isConverged: outcome.isConverged && outcome.diverging.isEmpty, iterations: outcome.iterations,
      criterion: "gain in log-likelihood promised by the last step below \(model.tolerance / 2)")
    diverging = outcome.diverging.map { estimable[$0] }
    status = !outcome.diverging.isEmpty ? .separated : outcome.isConverged ? .ok : .notConverged
    count = data.count
    eventCount = data.eventCount
    ties = model.ties
    penalty = model.penalty
    self.data = data
    self.design = design
    self.stratum = stratum
    self.weights = weights
    self.offset = offset
    self.sets = sets
    switch model.variance {
    case .modelBased: covariance = CovarianceEstimate(vcov, kind: .modelBased)
    case .robust:
      covariance = CovarianceEstimate(
        CoxInfluence(sets, b: outcome.b, ties: ties).sandwich(vcov, clusters: nil),
        kind: .robust("Lin-Wei sandwich"))
    case .clustered(let codes, let clusters):
      precondition(codes.count == data.count, "a cluster for every row")
      covariance = CovarianceEstimate(
        CoxInfluence(sets, b: outcome.b, ties: ties).sandwich(vcov, clusters: (codes, clusters)),
        kind: .clustered("grouped Lin-Wei sandwich"))
    }
  }

  /// The share of the events whose time, in their stratum, another event has too.
  public var tiedEventShare: Double {
    let tied = sets.tied.reduce(0) { $0 + ($1 > 1 ? Int($1) : 0) }
    return Double(tied) / Double(max(1, sets.tied.reduce(0) { $0 + Int($1) }))
  }

  /// Twice the gain in log-likelihood over no covariates, χ².
  public var likelihoodRatioTest: Test {
    Test(statistic: 2 * (logLikelihood - nullLogLikelihood), df: estimable.count)
  }

  /// The Wald test b'V⁻¹b with the covariance that inference uses.
  public var waldTest: Test {
    let b = estimates
    let factor = try? CholeskyFactor(of: covariance.matrix)
    return Test(statistic: factor.map { dot(b, $0.solve(b)) } ?? .nan, df: b.count)
  }

  /// Akaike's criterion −2 log L + 2p.
  public var aic: Double { -2 * logLikelihood + 2 * Double(estimable.count) }

  /// The Bayesian criterion −2 log L + p log(events), as R's `BIC(coxph)`.
  public var bic: Double { -2 * logLikelihood + Double(estimable.count) * log(Double(eventCount)) }

  /// One row a column of the design: estimate, standard error, z, p and limits; nothing but the term where aliased.
  public func coefficientTable(terms: [String], level: Double = 0.95) -> [Coefficient] {
    precondition(terms.count == coefficients.count, "\(terms.count) terms, \(coefficients.count) columns")
    var table = terms.map { Coefficient(term: $0) }
    let errors = covariance.standardErrors
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: errors[a], reference: .normal,
        level: level)
    }
    return table
  }

  /// The linear predictor x'β + offset of each row, on the scale of the covariates (uncentred).
  public var linearPredictors: [Double] {
    let n = count
    let terms = estimable.map { (column: $0, coefficient: coefficients[$0]!) }
    return arrayFilledByBlocks(n, block: 1 << 15) { rows, eta in
      design.storage.withUnsafeBufferPointer { x in
        // Column after column in one order for every row, so that rows with equal covariates get equal values; some rows
        // at a time, which stay in cache.
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 2048) {
          let end = min(first + 2048, rows.upperBound)
          for i in first..<end { eta[i] = offset?[i] ?? 0 }
          for (column, b) in terms {
            for i in first..<end { eta[i] += b * x[i + column * n] }
          }
        }
      }
    }
  }
}
