import LinearAlgebra

/// The linear model y = Xβ + offset + ε, Var ε = σ²W⁻¹, by least squares (R `lm`).
///
/// Solved by Householder QR with R's limited pivoting, so that coefficients R would call aliased are the ones absent here
/// and ill-conditioned designs keep their digits (Golub & Van Loan, Matrix Computations, 4th ed., section 5.3). From
/// `normalEquationRows` rows on, and where no column is nearly a combination of others, the normal equations are solved
/// and refined once by the residuals instead (section 5.3.8 there): the same digits in a fraction of time and memory.
///
/// With an intercept the response is centred first, which is exact where its values agree in their leading digits, so that
/// those digits take none from the residuals; the centre is added to the intercept afterwards.
public struct LinearModel: Sendable {
  /// The share of a column's norm that must remain after the columns before it for its coefficient to be estimated.
  public var tolerance: Double
  /// The number of rows from which normal equations are tried.
  public var normalEquationRows = 10_000

  /// Makes the model; the tolerance is R's by default.
  public init(tolerance: Double = 1e-7) {
    self.tolerance = tolerance
  }

  /// Fits the model.
  ///
  /// - Throws: `RegressionError` where data are not finite, no row is left or no coefficient can be estimated.
  /// - Complexity: O(n p²).
  public func fit(_ data: RegressionData) throws(RegressionError) -> LinearFit {
    try data.validate()
    let used = data.weightedRows.map { data.selecting(rows: $0) } ?? data
    var target = used.offset.map { difference(used.response, $0) } ?? used.response
    let centre = used.hasLeadingIntercept ? Self.centre(of: target) : 0
    if centre != 0 { target = difference(target, centre) }
    let solution = try solve(used, target)
    guard solution.rank > 0 || data.columnCount == 0 else { throw .noEstimableCoefficient }
    return LinearFit(data: data, used: used, target: target, centre: centre, solution: solution)
  }

  /// The mean, by way of the differences to the first value: exact where all values are one.
  private static func centre(of values: [Double]) -> Double {
    guard let first = values.first else { return 0 }
    var sum = 0.0
    for value in values { sum += value - first }
    let centre = first + sum / Double(values.count)
    return centre.isFinite ? centre : 0
  }

  /// Where rows are many and columns far from collinear, normal equations with a step of refinement; else QR.
  private func solve(
    _ used: RegressionData, _ target: [Double]
  ) throws(RegressionError) -> LeastSquaresSolution {
    if used.rowCount >= normalEquationRows, used.columnCount > 0,
      let solution = LeastSquaresSolution(
        normalEquationsOf: used.columns, target: target, weights: used.weights)
    {
      return solution
    }
    let root = used.weights?.map { $0.squareRoot() }
    var scaled = used.design
    var y = target
    if let root {
      scaled.scaleRows(by: root)
      for i in y.indices { y[i] *= root[i] }
    }
    do {
      return LeastSquaresSolution(try PivotedQR(of: scaled, tolerance: tolerance), y: y, rootWeights: root)
    } catch { throw .numerical(error) }
  }
}
