import LinearAlgebra
import Probability

/// A fitted model as far as inference about its coefficients needs it.
///
/// Marginal means, contrasts, tests of terms and predictions take this and nothing else, so that they work alike for
/// every model with a linear predictor.
public struct EstimatedModel: Sendable {
  /// The coefficients in the order of the design's columns; none where a column is aliased.
  public let coefficients: [Double?]
  /// The columns that could be estimated, ascending.
  public let estimable: [Int]
  /// The covariance of the estimable coefficients, in their order.
  public let covariance: Matrix
  /// Vectors z over all columns with X z = 0, one an aliased column: l'β is estimable only if l'z = 0 for each.
  public let nullVectors: [[Double]]
  /// The reference distribution of a contrast l'β, l over all columns.
  public let reference: @Sendable ([Double]) -> Reference
  /// The test of several contrasts together, with a row a contrast over all columns; nil for the Wald χ² test.
  public let jointTest: (@Sendable (Matrix) throws(LinearAlgebraError) -> JointTest)?

  /// Makes the view of a fit.
  ///
  /// - Parameters:
  ///   - coefficients: one a column of the design; nil where aliased.
  ///   - covariance: of the estimable coefficients.
  ///   - design: the design matrix, asked for only where a column is aliased, to tell which combinations are estimable.
  ///   - reference: the reference distribution of a contrast.
  ///   - jointTest: the model's own test of several contrasts (F with its denominator's degrees of freedom).
  public init(
    coefficients: [Double?], covariance: Matrix, design: @autoclosure () -> Matrix? = nil,
    reference: @escaping @Sendable ([Double]) -> Reference,
    jointTest: (@Sendable (Matrix) throws(LinearAlgebraError) -> JointTest)? = nil
  ) {
    self.coefficients = coefficients
    let estimable = coefficients.indices.filter { coefficients[$0] != nil }
    precondition(
      covariance.rows == estimable.count,
      "a covariance of \(covariance.rows) for \(estimable.count) estimates")
    self.estimable = estimable
    self.covariance = covariance
    self.reference = reference
    self.jointTest = jointTest
    nullVectors =
      estimable.count < coefficients.count ? Self.nullVectors(design: design(), estimable: estimable) : []
  }

  /// For each aliased column, its expression through the estimable ones, as a vector of the null space.
  private static func nullVectors(design: Matrix?, estimable: [Int]) -> [[Double]] {
    guard let design,
      let qr = try? PivotedQR(of: design.selecting(columns: estimable), tolerance: 1e-12)
    else { return [] }
    let kept = Set(estimable)
    return (0..<design.columns).filter { !kept.contains($0) }.map { column in
      var vector = [Double](repeating: 0, count: design.columns)
      vector[column] = -1
      for (k, value) in qr.coefficients(for: design.column(column)).enumerated() {
        vector[estimable[k]] = value ?? 0
      }
      return vector
    }
  }

  /// True where l'β can be estimated from the data.
  public func isEstimable(_ contrast: [Double]) -> Bool {
    let size = max(1, contrast.map(abs).max() ?? 0)
    return nullVectors.allSatisfy { z in
      abs(dot(contrast, z)) <= 1e-7 * size * max(1, z.map(abs).max() ?? 0)
    }
  }

  /// l'β; nothing where it is not estimable.
  public func estimate(_ contrast: [Double]) -> Double? {
    guard isEstimable(contrast) else { return nil }
    var sum = 0.0
    for k in estimable { sum += contrast[k] * coefficients[k]! }
    return sum
  }

  /// The standard error of l'β, √(l'Vl).
  public func standardError(_ contrast: [Double]) -> Double {
    covariance.quadraticForm(estimable.map { contrast[$0] }).squareRoot()
  }

  /// The covariance of two contrasts, l'Vm.
  public func covariance(_ a: [Double], _ b: [Double]) -> Double {
    dot(estimable.map { a[$0] }, covariance * estimable.map { b[$0] })
  }

  /// Tests that several contrasts are zero together: the model's own test, or Wald's χ².
  ///
  /// - Parameter contrasts: one a row, over all columns of the design.
  /// - Throws: `LinearAlgebraError` where the contrasts' covariance has no inverse.
  public func test(_ contrasts: Matrix) throws(LinearAlgebraError) -> JointTest {
    if let jointTest { return try jointTest(contrasts) }
    let (statistic, rank) = try waldStatistic(contrasts)
    return JointTest(
      statistic: statistic, df: Double(rank), df2: nil,
      pValue: ChiSquared(df: Double(rank)).cdf(statistic, tail: .upper))
  }

  /// The rows of a hypothesis over the estimable columns, without those that repeat others (empty cells).
  public func independentRows(_ contrasts: Matrix) throws(LinearAlgebraError) -> Matrix {
    let l = contrasts.selecting(columns: estimable)
    return l.selecting(rows: try PivotedQR(of: l.transposed(), tolerance: 1e-9).independentColumns)
  }

  /// Wald's statistic (Lβ)'(LVL')⁻¹(Lβ) and the rank of L.
  public func waldStatistic(
    _ contrasts: Matrix
  ) throws(LinearAlgebraError) -> (statistic: Double, rank: Int) {
    let reduced = try independentRows(contrasts)
    let factor = try CholeskyFactor(of: covariance.sandwiched(by: reduced))
    let b = reduced * estimable.map { coefficients[$0]! }
    return (dot(b, factor.solve(b)), reduced.rows)
  }
}

/// The test of several contrasts together.
public struct JointTest: Sendable, Equatable {
  /// F, or χ² where there is no denominator.
  public let statistic: Double
  /// The (numerator's) degrees of freedom.
  public let df: Double
  /// The denominator's degrees of freedom; nil for χ².
  public let df2: Double?
  public let pValue: Double

  public init(statistic: Double, df: Double, df2: Double?, pValue: Double) {
    self.statistic = statistic
    self.df = df
    self.df2 = df2
    self.pValue = pValue
  }

  /// An F test with its p-value from the F distribution.
  public static func f(_ statistic: Double, df1: Double, df2: Double) -> JointTest {
    JointTest(
      statistic: statistic, df: df1, df2: df2,
      pValue: FisherF(df1: df1, df2: df2).cdf(statistic, tail: .upper))
  }
}
