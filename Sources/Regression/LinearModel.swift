import LinearAlgebra

/// The linear model y = Xβ + offset + ε, Var ε = σ²W⁻¹, by least squares (R `lm`).
///
/// Solved by Householder QR with R's limited pivoting, so that coefficients R would call aliased are the ones absent here
/// and ill-conditioned designs keep their digits (Golub & Van Loan, Matrix Computations, 4th ed., section 5.3).
public struct LinearModel: Sendable {
  /// The share of a column's norm that must remain after the columns before it for its coefficient to be estimated.
  public var tolerance: Double

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
    let rowCount = used.rowCount
    let root = used.weights?.map { $0.squareRoot() }
    var scaled = used.design
    var target = used.response
    if let offset = used.offset {
      for i in 0..<rowCount { target[i] -= offset[i] }
    }
    var y = target
    if let root {
      scaled.scaleRows(by: root)
      for i in 0..<rowCount { y[i] *= root[i] }
    }
    let qr: PivotedQR
    do { qr = try PivotedQR(of: scaled, tolerance: tolerance) } catch { throw .numerical(error) }
    guard qr.rank > 0 || data.design.columns == 0 else { throw .noEstimableCoefficient }
    let coefficients = qr.coefficients(for: y)
    // Residuals from the effects beyond the rank: y − Xβ would cancel where the fit is close.
    var effects = qr.transposedQ(times: y)
    for k in 0..<qr.rank { effects[k] = 0 }
    let scaledResiduals = qr.q(times: effects)
    let rss = scaledResiduals.reduce(0) { $0 + $1 * $1 }
    let residuals = root.map { root in scaledResiduals.indices.map { scaledResiduals[$0] / root[$0] } }
    return LinearFit(
      data: data, used: used, qr: qr, coefficients: coefficients, target: target,
      usedResiduals: residuals ?? scaledResiduals, rss: rss)
  }
}
