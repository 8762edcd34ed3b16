import LinearAlgebra

/// Normal equations A b = c of a well-conditioned weighted least-squares problem.
struct WeightedSystem {
  /// The least share of a column that earlier columns must leave unexplained, 1 − R².
  ///
  /// The solution of the normal equations loses as many digits as 1/(1 − R²) has; at 1e-6 ten of sixteen remain.
  static let safePivot = 1e-6

  private let factor: CholeskyFactor
  private let scale: [Double]

  /// Factorises a Gram matrix; nil where its conditioning demands a QR decomposition of the design instead.
  init?(gram: Matrix) {
    let p = gram.columns
    var scaled = gram
    var scale = [Double](repeating: 0, count: p)
    for j in 0..<p {
      guard gram[j, j] > 0, gram[j, j].isFinite else { return nil }
      scale[j] = 1 / gram[j, j].squareRoot()
    }
    for j in 0..<p {
      for i in 0..<p { scaled[i, j] = gram[i, j] * scale[i] * scale[j] }
    }
    guard let factor = try? CholeskyFactor(of: scaled) else { return nil }
    for j in 0..<p where factor.lower[j, j] * factor.lower[j, j] < Self.safePivot { return nil }
    self.factor = factor
    self.scale = scale
  }

  /// Solves A b = c.
  func solve(_ c: [Double]) -> [Double] {
    let scaled = factor.solve(c.indices.map { c[$0] * scale[$0] })
    return scaled.indices.map { scaled[$0] * scale[$0] }
  }

  /// A⁻¹.
  func inverse() -> Matrix {
    var inverse = factor.inverse()
    for j in scale.indices {
      for i in scale.indices { inverse[i, j] *= scale[i] * scale[j] }
    }
    return inverse
  }
}
