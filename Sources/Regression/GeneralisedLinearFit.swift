import Glibc
import Inference
import LinearAlgebra
import Probability

/// A generalised linear model fitted by maximum likelihood (quasi-likelihood for a quasi family).
public struct GeneralisedLinearFit: Sendable {
  /// The model.
  public let model: GeneralisedLinearModel
  /// The data fitted, zero weights included; weights are prior weights, binomial denominators multiplied in.
  public let data: RegressionData
  /// One coefficient a column of the design; none where it is aliased or, in a separated fit, infinite.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated, ascending; the order of `covariance`.
  public let estimableColumns: [Int]
  /// The number of linearly independent columns.
  public let rank: Int
  /// The number of rows with a positive prior weight.
  public let observationCount: Int
  /// Rows less independent columns.
  public let residualDegreesOfFreedom: Int
  /// The deviance of the model.
  public let deviance: Double
  /// The deviance of the model with intercept and offset only.
  public let nullDeviance: Double
  /// Degrees of freedom of the null deviance.
  public let nullDegreesOfFreedom: Int
  /// φ: 1 for binomial, Poisson and negative binomial, else Pearson's statistic over its degrees of freedom.
  public let dispersion: Double
  /// The maximised log-likelihood; nil for a quasi family.
  public let logLikelihood: Double?
  /// (X'WX)⁻¹ over the estimable columns.
  public let unscaledCovariance: Matrix
  /// φ(X'WX)⁻¹ over the estimable columns.
  public let covariance: CovarianceEstimate
  /// How the iteration ended.
  public let convergence: Convergence
  /// The verdict.
  public let status: FitStatus
  /// The names of coefficients that run off to infinity, each with the sign of its limit (0 where it is open).
  public let infiniteCoefficients: [(term: String, sign: Int)]
  /// What a reader of the estimates has to know.
  public let warnings: [String]
  /// The linear predictors of the rows with a positive weight, offset included.
  public let linearPredictors: [Double]
  /// The means of the rows with a positive weight.
  public let means: [Double]
  /// Their working weights w(dμ/dη)²/V(μ) at the estimates.
  public let workingWeights: [Double]
  /// Their working residuals (y − μ)/(dμ/dη).
  public let workingResiduals: [Double]
  /// The rows with a positive weight.
  let used: RegressionData

  init(
    model: GeneralisedLinearModel, data: RegressionData, used: RegressionData, trials: [Double]?,
    optimum: FisherScoring.Optimum, nullDeviance: Double
  ) {
    let family = model.family
    let n = used.rowCount
    self.model = model
    self.data = data
    self.used = used
    coefficients = optimum.coefficients
    estimableColumns = optimum.estimableColumns
    rank = optimum.rank
    observationCount = n
    residualDegreesOfFreedom = n - optimum.rank
    deviance = optimum.deviance
    self.nullDeviance = nullDeviance
    nullDegreesOfFreedom = n - (data.hasIntercept ? 1 : 0)
    linearPredictors = optimum.rows.eta
    means = optimum.rows.mean
    workingWeights = optimum.rows.workingWeights
    workingResiduals = optimum.rows.workingResiduals
    if family.hasKnownDispersion {
      dispersion = 1
    } else {
      var pearson = 0.0
      for i in 0..<n where workingWeights[i] > 0 {
        pearson += workingWeights[i] * workingResiduals[i] * workingResiduals[i]
      }
      dispersion = n > optimum.rank ? pearson / Double(n - optimum.rank) : .nan
    }
    logLikelihood = family.logLikelihood(
      y: used.response, mean: means, weights: used.weights, trials: trials, deviance: deviance)
    unscaledCovariance = optimum.unscaledCovariance
    covariance = CovarianceEstimate(dispersion * unscaledCovariance, kind: .modelBased)
    convergence = optimum.convergence
    status = optimum.status
    let names = data.columnNames
    infiniteCoefficients =
      optimum.separation.map { s in zip(s.infiniteColumns, s.signs).map { (names[$0], $1) } } ?? []
    warnings = Self.warnings(
      optimum, names: names, infinite: infiniteCoefficients, family: family, used: used, trials: trials)
  }

  private static func warnings(
    _ optimum: FisherScoring.Optimum, names: [String], infinite: [(term: String, sign: Int)],
    family: Family, used: RegressionData, trials: [Double]?
  ) -> [String] {
    var warnings: [String] = []
    if let separation = optimum.separation {
      let limits = infinite.map { term, sign in
        sign == 0 ? "\(term) is not determined" : "\(term) tends to \(sign > 0 ? "+" : "-")infinity"
      }
      warnings.append(
        """
        separation: the covariates predict \(separation.rows.count) of \(used.rowCount) rows perfectly, so that no \
        finite maximum likelihood estimate exists (\(limits.joined(separator: ", "))); consider Firth's \
        penalised likelihood
        """)
    } else if optimum.status == .notConverged {
      warnings.append("the scoring iteration did not converge")
    }
    let infiniteNames = Set(infinite.map(\.term))
    for j in names.indices where optimum.coefficients[j] == nil && !infiniteNames.contains(names[j]) {
      warnings.append("\(names[j]) is not estimable: its column is a combination of earlier ones")
    }
    if used.rowCount <= optimum.rank, !family.hasKnownDispersion {
      warnings.append("no residual degrees of freedom: the dispersion cannot be estimated")
    } else if !family.hasKnownDispersion, optimum.deviance <= 1e-24 * Double(used.rowCount) {
      warnings.append("the fit is essentially perfect: standard errors are unreliable")
    }
    let isWhole: (Int) -> Bool
    switch family {
    case .binomial:
      isWhole = { i in
        let count = (trials?[i] ?? used.weights?[i] ?? 1) * used.response[i]
        return abs(count - count.rounded()) <= 1e-3
      }
    case .poisson, .negativeBinomial:
      isWhole = { i in abs(used.response[i] - used.response[i].rounded()) <= 1e-7 * max(1, used.response[i]) }
    default: return warnings
    }
    if !(0..<used.rowCount).allSatisfy(isWhole) {
      warnings.append(
        "the response holds counts that are not whole numbers: the log-likelihood is not a \(family.name) one"
      )
    }
    return warnings
  }

  /// The number of parameters as R's `logLik` counts them, an estimated dispersion included; nil for a quasi family.
  public var degreesOfFreedom: Double? {
    switch model.family {
    case .quasibinomial, .quasipoisson: nil
    case .binomial, .poisson, .negativeBinomial: Double(rank)
    case .gaussian, .gamma, .inverseGaussian: Double(rank + 1)
    }
  }

  /// Akaike's criterion, −2 log L + 2 df.
  public var aic: Double? {
    guard let logLikelihood, let degreesOfFreedom else { return nil }
    return -2 * logLikelihood + 2 * degreesOfFreedom
  }

  /// Schwarz's criterion, −2 log L + df log n, where n counts rows of weight 0 too, as R's does.
  public var bic: Double? {
    guard let logLikelihood, let degreesOfFreedom else { return nil }
    return -2 * logLikelihood + degreesOfFreedom * log(Double(data.rowCount))
  }

  /// The reference distribution of the coefficients: normal where the dispersion is known, else t.
  public var reference: Reference {
    model.family.hasKnownDispersion ? .normal : .t(Double(residualDegreesOfFreedom))
  }

  /// The estimable columns of the design over the rows with a positive weight.
  var estimableDesign: Matrix { used.design.selecting(columns: estimableColumns) }

  /// The leverages of the weighted least-squares fit at the estimates, rows with a positive weight (R `hatvalues`).
  public func leverages() throws(RegressionError) -> [Double] {
    var scaled = estimableDesign
    scaled.scaleRows(by: workingWeights.map { $0.squareRoot() })
    do { return try PivotedQR(of: scaled, tolerance: 1e-11).leverages } catch { throw .numerical(error) }
  }

  /// What robust covariance estimates are made of, over the rows with a positive weight.
  public func sandwich() throws(RegressionError) -> SandwichCovariance {
    SandwichCovariance(
      design: estimableDesign,
      scores: workingWeights.indices.map {
        workingWeights[$0] > 0 ? workingWeights[$0] * workingResiduals[$0] : 0
      }, leverages: try leverages(), bread: unscaledCovariance)
  }

  /// The clustered covariance of `sandwich::vcovCL` for generalised linear models.
  ///
  /// - Parameter clusters: a code for each row of `data`, at least two of them different.
  public func clusteredCovariance(by clusters: [Int]) throws(RegressionError) -> CovarianceEstimate {
    let kept = data.weightedRows.map { rows in rows.map { clusters[$0] } } ?? clusters
    return try sandwich().clustered(by: kept, adjustment: .clusters)
  }

  /// The coefficient table, in the order of the design's columns.
  ///
  /// - Parameters:
  ///   - covariance: the covariance to use; the model's own by default.
  ///   - level: the confidence level of the Wald limits.
  public func coefficientTable(
    covariance: CovarianceEstimate? = nil, level: Double = 0.95
  ) -> [Coefficient] {
    Coefficient.waldTable(
      terms: data.columnNames, estimates: coefficients, estimableColumns: estimableColumns,
      covariance: covariance ?? self.covariance, reference: reference, level: level)
  }
}
