import Glibc
import Inference
import LinearAlgebra
import Probability

/// A linear model fitted by least squares.
public struct LinearFit: Sendable {
  /// The test that all coefficients but the intercept are zero.
  public struct FTest: Sendable, Equatable {
    /// F, the mean square of the model over that of the residuals.
    public let statistic: Double
    /// The numerator's degrees of freedom.
    public let df1: Double
    /// The denominator's degrees of freedom.
    public let df2: Double
    /// P(F ≥ statistic).
    public let pValue: Double
  }

  /// The data fitted, zero weights included.
  public let data: RegressionData
  /// One coefficient a column of the design; none where the column depends on earlier ones.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated, ascending; the order of `covariance`.
  public let estimableColumns: [Int]
  /// The number of rows with a positive weight.
  public let observationCount: Int
  /// Rows less estimated coefficients.
  public let residualDegreesOfFreedom: Int
  /// The weighted residual sum of squares, R's `deviance`.
  public let residualSumOfSquares: Double
  /// The residual standard deviation σ̂; NaN without residual degrees of freedom.
  public let sigma: Double
  /// The sum of squares of the fitted values (offset included) over itself plus RSS, about the mean where there is an
  /// intercept and about 0 otherwise (R `summary.lm`): 0 without a coefficient beside the intercept, NaN where the
  /// response does not vary.
  public let rSquared: Double
  /// R² adjusted for the number of coefficients.
  public let adjustedRSquared: Double
  /// The overall F test; absent without a coefficient beside the intercept or without residual degrees of freedom.
  public let fTest: FTest?
  /// The maximised normal log-likelihood, with σ² = RSS/n (R `logLik`).
  public let logLikelihood: Double
  /// (X'WX)⁻¹ over the estimable columns.
  public let unscaledCovariance: Matrix
  /// σ̂²(X'WX)⁻¹ over the estimable columns.
  public let covariance: CovarianceEstimate
  /// Xβ + offset for every row, zero weights included.
  public let fitted: [Double]
  /// y less `fitted`.
  public let residuals: [Double]
  /// What a reader of the estimates has to know.
  public let warnings: [String]
  private let used: RegressionData
  private let solution: LeastSquaresSolution

  init(
    data: RegressionData, used: RegressionData, target: [Double], centre: Double,
    solution: LeastSquaresSolution
  ) {
    let n = used.rowCount
    let rank = solution.rank
    let rss = solution.residualSumOfSquares
    let usedResiduals = solution.residuals
    self.data = data
    self.used = used
    self.solution = solution
    var coefficients = solution.coefficients
    if centre != 0 { coefficients[0] = coefficients[0].map { $0 + centre } }
    self.coefficients = coefficients
    estimableColumns = solution.independentColumns
    observationCount = n
    residualDegreesOfFreedom = n - rank
    residualSumOfSquares = rss
    sigma = n > rank ? (rss / Double(n - rank)).squareRoot() : .nan
    unscaledCovariance = solution.inverseGram
    covariance = CovarianceEstimate((sigma * sigma) * unscaledCovariance, kind: .modelBased)

    var logLik = -Double(n) * (log(2 * Double.pi) + 1 - log(Double(n)) + log(rss))
    if let w = used.weights { logLik += w.reduce(0) { $0 + log($1) } }
    logLikelihood = logLik / 2

    var usedFitted = difference(target, usedResiduals)
    // The offset is part of what the model says of a row, as in R's summary.
    if let offset = used.offset { for i in usedFitted.indices { usedFitted[i] += offset[i] } }
    let variation = Self.variation(
      fitted: usedFitted, beside: centre, weights: used.weights, hasIntercept: data.hasIntercept)
    let interceptDF = data.hasIntercept ? 1 : 0
    let varies = variation.model + rss > 1e-28 * variation.raw
    let hasSlopes = rank > interceptDF
    let share = varies ? variation.model / (variation.model + rss) : .nan
    rSquared = hasSlopes ? share : 0
    adjustedRSquared = hasSlopes ? 1 - (1 - share) * Double(n - interceptDF) / Double(n - rank) : 0
    if hasSlopes, n > rank, varies {
      let df1 = Double(rank - interceptDF)
      let df2 = Double(n - rank)
      let statistic = variation.model / df1 / (rss / df2)
      fTest = FTest(
        statistic: statistic, df1: df1, df2: df2,
        pValue: FisherF(df1: df1, df2: df2).cdf(statistic, tail: .upper))
    } else {
      fTest = nil
    }

    if let rows = data.weightedRows {
      var all = data.columns * coefficients.map { $0 ?? 0 }
      for i in all.indices { all[i] += data.offset?[i] ?? 0 }
      for (k, i) in rows.enumerated() { all[i] = data.response[i] - usedResiduals[k] }
      fitted = all
      residuals = all.indices.map { data.response[$0] - all[$0] }
    } else {
      fitted = difference(data.response, usedResiduals)
      residuals = usedResiduals
    }

    var warnings = solution.aliasedColumns.map {
      "\(data.columnNames[$0]) is not estimable: its column is a combination of earlier ones"
    }
    if n == rank {
      warnings.append("no residual degrees of freedom: standard errors cannot be estimated")
    } else if rss <= 1e-28 * max(variation.raw, rss) {
      warnings.append("the fit is essentially perfect: standard errors are unreliable")
    }
    self.warnings = warnings
  }

  /// The weighted sum of squares of the fitted values, about their mean where there is an intercept, and about 0.
  ///
  /// - Parameter shift: what was taken from all of them.
  private static func variation(
    fitted: [Double], beside shift: Double, weights: [Double]?, hasIntercept: Bool
  ) -> (model: Double, raw: Double) {
    func sums(_ weight: (Int) -> Double) -> (model: Double, raw: Double) {
      var total = 0.0
      var sum = 0.0
      for i in fitted.indices {
        let w = weight(i)
        total += w
        sum += w * fitted[i]
      }
      let centre = hasIntercept ? sum / total : 0
      var model = 0.0
      var raw = 0.0
      for i in fitted.indices {
        let w = weight(i)
        model += w * (fitted[i] - centre) * (fitted[i] - centre)
        raw += w * (fitted[i] + shift) * (fitted[i] + shift)
      }
      return (model, raw)
    }
    if let weights { return sums { weights[$0] } }
    return sums { _ in 1 }
  }

  /// The number of parameters, σ included, as R's `logLik` counts them.
  public var degreesOfFreedom: Double { Double(solution.rank + 1) }
  /// Akaike's criterion, −2 log L + 2 df.
  public var aic: Double { -2 * logLikelihood + 2 * degreesOfFreedom }
  /// Schwarz's criterion, −2 log L + df log n.
  public var bic: Double { -2 * logLikelihood + degreesOfFreedom * log(Double(observationCount)) }
  /// The reference distribution of the coefficients' t statistics.
  public var reference: Reference { .t(Double(residualDegreesOfFreedom)) }

  /// The leverages hᵢᵢ, 0 for rows of weight 0 (R `hatvalues`).
  public func leverages() -> [Double] {
    let own = solution.leverages(used.design, weights: used.weights)
    guard let rows = data.weightedRows else { return own }
    var all = [Double](repeating: 0, count: data.rowCount)
    for (h, i) in zip(own, rows) { all[i] = h }
    return all
  }

  /// What robust covariance estimates are made of, over the rows with a positive weight.
  public func sandwich() -> SandwichCovariance {
    let rows = data.weightedRows
    let residuals = rows.map { rows in rows.map { self.residuals[$0] } } ?? self.residuals
    let scores = used.weights.map { w in residuals.indices.map { w[$0] * residuals[$0] } } ?? residuals
    return SandwichCovariance(
      design: used.design.selecting(columns: estimableColumns), scores: scores,
      leverages: solution.leverages(used.design, weights: used.weights), bread: unscaledCovariance)
  }

  /// The clustered covariance of `sandwich::vcovCL` for least squares.
  ///
  /// - Parameter clusters: a code for each row of `data`, at least two of them different.
  public func clusteredCovariance(by clusters: [Int]) -> CovarianceEstimate {
    let kept = data.weightedRows.map { rows in rows.map { clusters[$0] } } ?? clusters
    return sandwich().clustered(by: kept, adjustment: .clustersAndResiduals)
  }

  /// What a covariance over clusters with small-sample corrections is made of, over the rows with a positive weight.
  ///
  /// The working covariance is the identity, as in `clubSandwich::vcovCR.lm`.
  /// - Parameter clusters: a code for each row of `data`.
  public func clusterRobust(by clusters: [Int]) -> ClusterRobustCovariance {
    let rows = data.weightedRows
    let kept = rows.map { rows in rows.map { clusters[$0] } } ?? clusters
    let ones = [Double](repeating: 1, count: used.rowCount)
    return ClusterRobustCovariance(
      design: used.design.selecting(columns: estimableColumns),
      residuals: rows.map { rows in rows.map { residuals[$0] } } ?? residuals, weights: used.weights ?? ones,
      target: ones, bread: unscaledCovariance, clusters: kept)
  }

  /// The coefficient table, in the order of the design's columns.
  ///
  /// - Parameters:
  ///   - covariance: the covariance to use; the model's own by default.
  ///   - level: the confidence level of the limits.
  public func coefficientTable(
    covariance: CovarianceEstimate? = nil, level: Double = 0.95
  ) -> [Coefficient] {
    Coefficient.waldTable(
      terms: data.columnNames, estimates: coefficients, estimableColumns: estimableColumns,
      covariance: covariance ?? self.covariance, reference: reference, level: level)
  }
}
