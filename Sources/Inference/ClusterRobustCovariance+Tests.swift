import LinearAlgebra

extension ClusterRobustCovariance.Adjusted {
  /// What clusters contribute to an estimated contrast: covariances of contributions under the working model.
  ///
  /// The contribution of cluster i to l'β is aᵢ'eᵢ with aᵢ = AᵢWᵢXᵢMl. Under the working model those of clusters i and j have
  /// the covariance Pᵢⱼ = [i = j] aᵢ'Φaᵢ + (uᵢ, vᵢ) K (uⱼ, vⱼ)', uᵢ = Xᵢ'aᵢ, vᵢ = Xᵢ'WΦaᵢ and K = (MΩM, −M; −M, 0): a diagonal
  /// plus a matrix of rank 2p, so that no G × G matrix is formed.
  private struct Contributions {
    /// aᵢ, cluster by cluster.
    let a: [[Double]]
    /// A row (uᵢ, vᵢ) a cluster.
    let uv: Matrix
  }

  private func contributions(to contrast: [Double]) -> Contributions {
    let p = source.design.columns
    let direction = source.bread * contrast
    var uv = Matrix(rows: parts.count, columns: 2 * p)
    var all: [[Double]] = []
    for (k, part) in parts.enumerated() {
      let a = part * direction
      for (i, row) in source.groups[k].enumerated() {
        let weighted = a[i] * source.weights[row] * source.target[row]
        for j in 0..<p {
          uv[k, j] += source.design[row, j] * a[i]
          uv[k, p + j] += source.design[row, j] * weighted
        }
      }
      all.append(a)
    }
    return Contributions(a: all, uv: uv)
  }

  private var kernel: Matrix {
    let p = source.design.columns
    var kernel = Matrix(rows: 2 * p, columns: 2 * p)
    kernel.setBlock(middle.sandwiched(by: source.bread), row: 0, column: 0)
    kernel.setBlock(-1 * source.bread, row: 0, column: p)
    kernel.setBlock(-1 * source.bread, row: p, column: 0)
    return kernel
  }

  /// The parts of P for two contrasts: its diagonal part, and the diagonal of the part of low rank.
  private func diagonals(_ s: Contributions, _ t: Contributions, _ kernel: Matrix) -> (
    own: [Double], inner: [Double]
  ) {
    let lifted = s.uv * kernel
    var own = [Double](repeating: 0, count: parts.count)
    var inner = own
    for k in parts.indices {
      for (i, row) in source.groups[k].enumerated() { own[k] += s.a[k][i] * t.a[k][i] * source.target[row] }
      for j in 0..<lifted.columns { inner[k] += lifted[k, j] * t.uv[k, j] }
    }
    return (own, inner)
  }

  /// The degrees of freedom (Σ Pᵢᵢ)²/ΣΣ Pᵢⱼ² of l'β, Pᵢⱼ the working covariance of what clusters i and j contribute.
  ///
  /// - Parameter contrast: l over the estimable columns.
  public func degreesOfFreedom(_ contrast: [Double]) -> Double {
    let kernel = self.kernel
    let own = contributions(to: contrast)
    let (diagonal, inner) = diagonals(own, own, kernel)
    let trace = zip(diagonal, inner).reduce(0) { $0 + $1.0 + $1.1 }
    return trace * trace / (totalVariance(own, own, kernel) / 2)
  }

  /// Σᵢⱼ (Pˢˢᵢⱼ Pᵗᵗᵢⱼ + Pˢᵗᵢⱼ Pᵗˢᵢⱼ), the variance of the estimated covariance of two contrasts under the working model.
  private func totalVariance(_ s: Contributions, _ t: Contributions, _ kernel: Matrix) -> Double {
    let ss = diagonals(s, s, kernel)
    let tt = diagonals(t, t, kernel)
    let st = diagonals(s, t, kernel)
    var sum = 0.0
    for k in parts.indices {
      sum += ss.own[k] * (tt.own[k] + tt.inner[k]) + tt.own[k] * ss.inner[k]
      sum += st.own[k] * (st.own[k] + 2 * st.inner[k])
    }
    let crossed = kernel * Matrix.product(t.uv, s.uv, transposeFirst: true)
    let back = kernel * Matrix.product(s.uv, t.uv, transposeFirst: true)
    return sum + Matrix.product(crossed, crossed).trace + Matrix.product(back, crossed).trace
  }

  /// The approximate Hotelling test that several contrasts are zero together.
  ///
  /// With q contrasts, Q = (Lβ)'(LVL')⁻¹(Lβ) and D = Ω^(−½) LVL' Ω^(−½), Ω the expectation of LVL' under the working model,
  /// D is taken for a Wishart matrix with η degrees of freedom, η = q(q + 1)/ΣΣ Var Dₛₜ; then (η − q + 1)/(ηq) Q is F with q
  /// and η − q + 1 degrees of freedom. Pustejovsky & Tipton (as above), section 3.3; for one contrast it is the
  /// Satterthwaite t test. R: `clubSandwich::Wald_test(test = "HTZ")`.
  ///
  /// - Parameters:
  ///   - contrasts: L, q × p over the estimable columns, its rows linearly independent.
  ///   - wald: Q.
  /// - Returns: the test; without a p-value (NaN) where η − q + 1 is not positive: too few clusters.
  /// - Throws: `LinearAlgebraError` where Ω has no inverse.
  public func hotelling(_ contrasts: Matrix, wald: Double) throws(LinearAlgebraError) -> JointTest {
    let q = contrasts.rows
    let kernel = self.kernel
    let raw = (0..<q).map { contributions(to: contrasts.row($0)) }
    var omega = Matrix(rows: q, columns: q)
    for s in 0..<q {
      for t in 0..<q {
        let (own, inner) = diagonals(raw[s], raw[t], kernel)
        omega[s, t] = zip(own, inner).reduce(0) { $0 + $1.0 + $1.1 }
      }
    }
    let eigen = try SymmetricEigen(of: omega.symmetrised())
    guard eigen.values.allSatisfy({ $0 > 0 }) else { throw .singular(column: 0) }
    let root = Matrix.diagonal(eigen.values.map { 1 / $0.squareRoot() }).sandwiched(by: eigen.vectors)
    let scaled = root * contrasts
    let standard = (0..<q).map { contributions(to: scaled.row($0)) }
    var total = 0.0
    for s in 0..<q {
      for t in 0..<q { total += totalVariance(standard[s], standard[t], kernel) }
    }
    let eta = Double(q * (q + 1)) / total
    let df2 = eta - Double(q) + 1
    guard df2 > 0 else {
      return JointTest(statistic: wald / Double(q), df: Double(q), df2: nil, pValue: .nan)
    }
    return .f(df2 / eta * wald / Double(q), df1: Double(q), df2: df2)
  }
}
