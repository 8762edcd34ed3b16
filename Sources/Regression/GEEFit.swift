import Inference
import LinearAlgebra

/// A fit of generalised estimating equations.
public struct GEEFit: Sendable {
  /// The model.
  public let model: GEEModel
  /// The data fitted, in the order given.
  public let data: RegressionData
  /// One coefficient a column of the design; none where aliased or, in a separated fit, infinite.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated, ascending; the order of the covariances.
  public let estimableColumns: [Int]
  /// The sandwich over subjects, without a correction for few of them (geepack's `san.se`).
  public let covariance: CovarianceEstimate
  /// φ(Σ D'V⁻¹D)⁻¹, which holds where the working correlation is the true one ("naive").
  public let modelBasedCovariance: CovarianceEstimate
  /// The whitened rows by subject, for small-sample corrections: CR2 is then Kauermann & Carroll's correction, CR3
  /// Mancl & DeRouen's (Biometrics 57 (2001), doi 10.1111/j.0006-341X.2001.00126.x). Nil for a separated fit.
  public let clusterRobust: ClusterRobustCovariance?
  /// φ̂, the mean square of the Pearson residuals.
  public let scale: Double
  /// α̂; empty under independence.
  public let alpha: [Double]
  /// The number of rows.
  public let observationCount: Int
  /// The number of subjects.
  public let subjectCount: Int
  /// The most rows of a subject.
  public let largestSubject: Int
  /// How the iteration ended.
  public let convergence: Convergence
  /// The verdict.
  public let status: FitStatus
  /// What a reader of the estimates has to know.
  public let warnings: [String]

  init(
    model: GEEModel, data: RegressionData, columns: [Int], beta: [Double], scale: Double, alpha: [Double],
    rows: GEEModel.Rows, groups: [Range<Int>], bread: Matrix, convergence: Convergence
  ) {
    self.model = model
    self.data = data
    var coefficients = [Double?](repeating: nil, count: data.design.columns)
    for (k, j) in columns.enumerated() { coefficients[j] = beta[k] }
    self.coefficients = coefficients
    estimableColumns = columns
    self.scale = scale
    self.alpha = alpha
    observationCount = data.rowCount
    subjectCount = groups.count
    largestSubject = groups.reduce(0) { max($0, $1.count) }
    self.convergence = convergence
    status = convergence.isConverged ? .ok : .notConverged
    var sums = Matrix(rows: groups.count, columns: columns.count)
    for j in columns.indices {
      for (g, group) in groups.enumerated() {
        for i in group { sums[g, j] += rows.design[i, j] * rows.pearson[i] }
      }
    }
    covariance = CovarianceEstimate(sums.gram().sandwiched(by: bread), kind: .clustered("GEE sandwich"))
    modelBasedCovariance = CovarianceEstimate(scale * bread, kind: .modelBased)
    let ones = [Double](repeating: 1, count: rows.pearson.count)
    var codes = [Int](repeating: 0, count: rows.pearson.count)
    for (g, group) in groups.enumerated() { for i in group { codes[i] = g } }
    clusterRobust = ClusterRobustCovariance(
      design: rows.design, residuals: rows.pearson, weights: ones, target: ones, bread: bread, clusters: codes
    )
    var warnings = coefficients.indices.filter { coefficients[$0] == nil }.map {
      "\(data.columnNames[$0]) is not estimable: its column is a combination of earlier ones"
    }
    if !convergence.isConverged { warnings.append("the iteration did not converge") }
    if groups.count < 40 {
      warnings.append(
        "\(groups.count) subjects: the robust standard errors are too small with fewer than about 40")
    }
    self.warnings = warnings
  }

  /// A fit whose independence model has no finite maximum: its limit, and no equations solved.
  init(model: GEEModel, data: RegressionData, independence: GeneralisedLinearFit) {
    self.model = model
    self.data = data
    coefficients = independence.coefficients
    estimableColumns = independence.estimableColumns
    let k = independence.estimableColumns.count
    let unknown = Matrix(rows: k, columns: k, repeating: .nan)
    covariance = CovarianceEstimate(unknown, kind: .clustered("GEE sandwich"))
    modelBasedCovariance = independence.covariance
    clusterRobust = nil
    scale = .nan
    alpha = []
    observationCount = data.rowCount
    subjectCount = 0
    largestSubject = 0
    convergence = independence.convergence
    status = independence.status
    warnings = independence.warnings
  }

  /// A fit that ended where the moments of the residuals made no working correlation: there are no estimates.
  init(
    model: GEEModel, data: RegressionData, scale: Double, alpha: [Double],
    groups: [Range<Int>], iterations: Int
  ) {
    self.model = model
    self.data = data
    coefficients = [Double?](repeating: nil, count: data.design.columns)
    estimableColumns = []
    covariance = CovarianceEstimate(Matrix(rows: 0, columns: 0), kind: .clustered("GEE sandwich"))
    modelBasedCovariance = CovarianceEstimate(Matrix(rows: 0, columns: 0), kind: .modelBased)
    clusterRobust = nil
    self.scale = scale
    self.alpha = alpha
    observationCount = data.rowCount
    subjectCount = groups.count
    largestSubject = groups.reduce(0) { max($0, $1.count) }
    convergence = Convergence(
      isConverged: false, iterations: iterations, criterion: "none: the working correlation is no correlation"
    )
    status = .notConverged
    warnings = [
      "the estimates of the \(model.correlation.rawValue) working correlation make no correlation matrix; choose a simpler one"
    ]
  }

  /// The coefficient table with z statistics from the sandwich.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    Coefficient.waldTable(
      terms: data.columnNames, estimates: coefficients, estimableColumns: estimableColumns,
      covariance: covariance, reference: .normal, level: level)
  }
}
