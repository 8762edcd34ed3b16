import Inference
import LinearAlgebra

/// The mean of an outcome that is zero for many and positive for the rest, such as hours of work or earnings.
///
/// P(Y > 0) = g₁⁻¹(Zγ) over all rows, and E(Y | Y > 0) = g₂⁻¹(Xβ) over the positive ones; E(Y) is their product. The two
/// parts are fitted apart, which is maximum likelihood for both; their joint covariance is the sandwich over rows (or
/// clusters), so that only the means have to be right. Duan, Manning, Morris & Newhouse, J. Bus. Econ. Stat. 1 (1983),
/// doi 10.1080/07350015.1983.10509330; Belotti, Deb, Manning & Norton, twopm, Stata J. 15 (2015),
/// doi 10.1177/1536867X1501500102 (`twopm y x, firstpart(logit) secondpart(glm, family(gamma) link(log)) vce(robust)`).
public struct TwoPartMeanModel: Sendable {
  /// Whether the outcome is positive.
  public var any: GeneralisedLinearModel
  /// The size of a positive outcome.
  public var positive: GeneralisedLinearModel

  /// Makes a model; by default logistic, and gamma with a log link.
  ///
  /// - Throws: `RegressionError.unsuitableLink`, or `.invalidOption` for a link whose means may be negative.
  public init(family: Family = .gamma, link: Link = .log) throws(RegressionError) {
    any = try GeneralisedLinearModel(family: .binomial)
    positive = try GeneralisedLinearModel(family: family, link: link)
  }

  /// Fits both parts.
  ///
  /// - Parameters:
  ///   - data: the design of the positive part, the outcome and the weights.
  ///   - anyDesign: the design of the first part, over the same rows.
  ///   - anyNames: its columns' names.
  /// - Throws: `RegressionError`; for a negative outcome, none that is zero, or none that is positive.
  public func fit(
    _ data: RegressionData, anyDesign: Matrix, anyNames: [String]
  ) throws(RegressionError) -> TwoPartMeanFit {
    try data.validate()
    if let row = data.response.firstIndex(where: { $0 < 0 }) {
      throw .responseOutOfRange(row: row, requirement: "0 or more")
    }
    let positiveRows = data.response.indices.filter { data.response[$0] > 0 }
    guard positiveRows.count < data.rowCount else {
      throw .invalidOption(
        "no outcome is zero: a model of zeros has nothing to fit; lm or glm compares the means")
    }
    guard !positiveRows.isEmpty else { throw .constantResponse }
    let first = RegressionData(
      design: anyDesign, columnNames: anyNames, response: data.response.map { $0 > 0 ? 1 : 0 },
      weights: data.weights)
    return TwoPartMeanFit(
      model: self, any: try any.fit(first), positive: try positive.fit(data.selecting(rows: positiveRows)),
      positiveRows: positiveRows, rowCount: data.rowCount)
  }
}

/// A fitted two-part mean.
public struct TwoPartMeanFit: Sendable {
  /// The model.
  public let model: TwoPartMeanModel
  /// The model of a positive outcome, over all rows.
  public let any: GeneralisedLinearFit
  /// The model of its size, over the positive rows.
  public let positive: GeneralisedLinearFit
  /// The rows with a positive outcome, ascending.
  public let positiveRows: [Int]
  /// All rows.
  public let rowCount: Int

  init(
    model: TwoPartMeanModel, any: GeneralisedLinearFit, positive: GeneralisedLinearFit, positiveRows: [Int],
    rowCount: Int
  ) {
    self.model = model
    self.any = any
    self.positive = positive
    self.positiveRows = positiveRows
    self.rowCount = rowCount
  }

  /// The verdict: the worse of the parts'.
  public var status: FitStatus {
    if any.status == .separated || positive.status == .separated { return .separated }
    return any.status == .ok ? positive.status : any.status
  }

  /// What a reader of the estimates has to know, by part.
  public var warnings: [String] {
    any.warnings.map { "any: " + $0 } + positive.warnings.map { "mean: " + $0 }
  }

  /// How the parts' iterations ended.
  public var convergence: Convergence {
    Convergence(
      isConverged: any.convergence.isConverged && positive.convergence.isConverged,
      iterations: any.convergence.iterations + positive.convergence.iterations,
      criterion: any.convergence.criterion)
  }

  /// The names of all coefficients: `any_…` of the first part, then `mean_…`.
  public var terms: [String] {
    any.data.columnNames.map { "any_" + $0 } + positive.data.columnNames.map { "mean_" + $0 }
  }

  /// The coefficients in the order of `terms`.
  public var coefficients: [Double?] { any.coefficients + positive.coefficients }

  /// The positions whose coefficients are estimated, ascending.
  public var estimable: [Int] {
    any.estimableColumns + positive.estimableColumns.map { any.data.columnNames.count + $0 }
  }

  /// The sandwich over clusters of all coefficients, both parts' scores of a row standing together.
  ///
  /// - Parameter clusters: a code a row; nil for every row its own (HC0).
  public func covariance(clusters: [Int]? = nil) throws(RegressionError) -> CovarianceEstimate {
    let first = try any.sandwich()
    let second = try positive.sandwich()
    let (q, p) = (first.design.columns, second.design.columns)
    var contributions = Matrix(rows: rowCount, columns: q + p)
    let anyRows = any.data.weightedRows ?? Array(0..<rowCount)
    let meanRows = positive.data.weightedRows.map { $0.map { positiveRows[$0] } } ?? positiveRows
    let (a, b) = (first.scoreContributions, second.scoreContributions)
    for j in 0..<q { for (i, row) in anyRows.enumerated() { contributions[row, j] = a[i, j] } }
    for j in 0..<p { for (i, row) in meanRows.enumerated() { contributions[row, q + j] = b[i, j] } }
    var bread = Matrix(rows: q + p, columns: q + p)
    bread.setBlock(first.bread, row: 0, column: 0)
    bread.setBlock(second.bread, row: q, column: q)
    let sum = SandwichCovariance.clustered(
      contributions: contributions, bread: bread, clusters: clusters ?? Array(0..<rowCount),
      adjustment: clusters == nil ? .none : .clusters)
    return clusters == nil ? CovarianceEstimate(sum.matrix, kind: .robust("HC0")) : sum
  }

  /// What one setting of the covariates leads to expect of each row: P(Y > 0), E(Y | Y > 0), and their slopes.
  public struct Prediction: Sendable {
    /// The design of the first part, estimable columns only.
    let anyDesign: Matrix
    let meanDesign: Matrix
    /// P(Y > 0) of each row.
    public let share: [Double]
    /// E(Y | Y > 0) of each row.
    public let size: [Double]
    let shareSlope: [Double]
    let sizeSlope: [Double]

    /// E(Y) of each row.
    public var mean: [Double] { share.indices.map { share[$0] * size[$0] } }

    /// The gradient of Σ wᵢ E(Yᵢ) by the estimated coefficients of both parts.
    func gradient(weights: [Double]) -> [Double] {
      anyDesign.transposedTimes(share.indices.map { weights[$0] * shareSlope[$0] * size[$0] })
        + meanDesign.transposedTimes(share.indices.map { weights[$0] * share[$0] * sizeSlope[$0] })
    }

    /// The gradient of Σ wᵢ P(Yᵢ > 0).
    func shareGradient(weights: [Double]) -> [Double] {
      anyDesign.transposedTimes(share.indices.map { weights[$0] * shareSlope[$0] })
        + [Double](repeating: 0, count: meanDesign.columns)
    }
  }

  /// The predictions for rows by their designs, all columns in.
  public func prediction(anyDesign: Matrix, meanDesign: Matrix) -> Prediction {
    let x = anyDesign.selecting(columns: any.estimableColumns)
    let z = meanDesign.selecting(columns: positive.estimableColumns)
    let eta = x * any.estimableColumns.map { any.coefficients[$0]! }
    let zeta = z * positive.estimableColumns.map { positive.coefficients[$0]! }
    return Prediction(
      anyDesign: x, meanDesign: z, share: eta.map { model.any.link.mean(of: $0) },
      size: zeta.map { model.positive.link.mean(of: $0) },
      shareSlope: eta.map { model.any.link.slope(at: $0) },
      sizeSlope: zeta.map { model.positive.link.slope(at: $0) })
  }

  /// E(Y) of each row of a prediction with its delta-method standard error.
  public func rowMeans(_ prediction: Prediction, covariance: CovarianceEstimate) -> [(
    mean: Double, error: Double
  )] {
    prediction.mean.indices.map { i in
      var weights = [Double](repeating: 0, count: prediction.share.count)
      weights[i] = 1
      return (
        prediction.mean[i],
        covariance.matrix.quadraticForm(prediction.gradient(weights: weights)).squareRoot()
      )
    }
  }

  /// The mean outcome and the share of positive ones, averaged over the rows, at each setting, with their joint
  /// delta-method covariance.
  ///
  /// - Parameters:
  ///   - predictions: one a setting (an arm), of the same rows.
  ///   - weights: the rows' weights; equal where nil.
  ///   - covariance: of the coefficients.
  ///   - isPopulation: whether the covariates count as drawn from a population, which adds the variance of the
  ///     predictions between rows.
  public func standardised(
    _ predictions: [Prediction], weights: [Double]? = nil, covariance: CovarianceEstimate, isPopulation: Bool
  ) -> (means: [Double], meanCovariance: Matrix, shares: [Double], shareCovariance: Matrix) {
    let n = Double(rowCount)
    let total = weights?.reduce(0, +) ?? n
    let w = weights?.map { $0 / total } ?? [Double](repeating: 1 / n, count: rowCount)
    func average(_ values: [Double]) -> Double { dot(w, values) }
    func spread(_ gradients: [[Double]], _ values: [[Double]]) -> Matrix {
      var result = Matrix(rows: gradients.count, columns: gradients.count)
      for (a, g) in gradients.enumerated() {
        let vg = covariance.matrix * g
        for (b, h) in gradients.enumerated() {
          result[a, b] = dot(vg, h)
          if isPopulation { result[a, b] += Standardisation.betweenRows(values[a], values[b]) }
        }
      }
      return result
    }
    let means = predictions.map(\.mean)
    let shares = predictions.map(\.share)
    return (
      means.map(average), spread(predictions.map { $0.gradient(weights: w) }, means), shares.map(average),
      spread(predictions.map { $0.shareGradient(weights: w) }, shares)
    )
  }
}
