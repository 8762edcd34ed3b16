import LinearAlgebra

/// Kenward and Roger's adjusted covariance of fixed effects and the degrees of freedom of contrasts.
///
/// With V(γ) linear in its parameters, Φ = (X'V⁻¹X)⁻¹, Pᵢ = −X'V⁻¹VᵢV⁻¹X, Q_ij = X'V⁻¹VᵢV⁻¹VⱼV⁻¹X and W the covariance of
/// the parameters (inverse expected information), the adjusted covariance is Φ + 2Φ ΣΣ W_ij (Q_ij − PᵢΦPⱼ) Φ. An F
/// statistic built with it is scaled by λ and referred to F(q, m), both matched to its first two moments. Kenward & Roger,
/// Biometrics 1997;53:983–997, doi 10.2307/2533558; Halekoh & Højsgaard, J Stat Softw 2014;59(9),
/// doi 10.18637/jss.v059.i09 (R `pbkrtest`).
public struct KenwardRogerDF: Sendable {
  /// Φ, the covariance the model implies.
  public let unadjusted: Matrix
  /// The adjusted covariance: what standard errors and statistics use.
  public let adjusted: Matrix
  /// ΦPᵢΦ, one a covariance parameter.
  private let shrunk: [Matrix]
  /// W.
  private let parameterCovariance: Matrix

  /// Makes the adjustment.
  ///
  /// - Parameters:
  ///   - vcov: Φ, p × p.
  ///   - first: Pᵢ, one a covariance parameter.
  ///   - second: Q_ij or its symmetric part, for i ≥ j at i(i + 1)/2 + j.
  ///   - parameterCovariance: W.
  public init(vcov: Matrix, first: [Matrix], second: [Matrix], parameterCovariance: Matrix) {
    let m = first.count
    precondition(second.count == m * (m + 1) / 2, "\(second.count) pairs of \(m) parameters")
    precondition(parameterCovariance.rows == m, "covariance of \(parameterCovariance.rows)")
    unadjusted = vcov
    self.parameterCovariance = parameterCovariance
    var inner = Matrix(rows: vcov.rows, columns: vcov.columns)
    for i in 0..<m {
      for j in 0..<m {
        let pair = i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i
        let middle = second[pair] - first[i] * vcov * first[j]
        inner = inner + parameterCovariance[i, j] * middle
      }
    }
    adjusted = (vcov + 2 * (vcov * inner * vcov)).symmetrised()
    shrunk = first.map { vcov * $0 * vcov }
  }

  private init(unadjusted: Matrix, adjusted: Matrix, shrunk: [Matrix], parameterCovariance: Matrix) {
    self.unadjusted = unadjusted
    self.adjusted = adjusted
    self.shrunk = shrunk
    self.parameterCovariance = parameterCovariance
  }

  /// The same for the coefficients Aβ, such as those of a design whose orthonormal basis was fitted.
  func transformed(by a: Matrix) -> KenwardRogerDF {
    KenwardRogerDF(
      unadjusted: unadjusted.sandwiched(by: a), adjusted: adjusted.sandwiched(by: a),
      shrunk: shrunk.map { $0.sandwiched(by: a) }, parameterCovariance: parameterCovariance)
  }

  /// The degrees of freedom of a contrast l'β.
  public func df(for contrast: [Double]) -> Double {
    moments(Matrix(columns: [contrast], rows: contrast.count).transposed(), rank: 1)?.df ?? .nan
  }

  /// The F test of Lβ = 0, scaled.
  public func fTest(
    for l: Matrix, coefficients: [Double]
  ) throws(LinearAlgebraError) -> FTest {
    // Redundant contrasts are dropped by turning to the eigenvectors of LΦL'.
    let eigen = try SymmetricEigen(of: unadjusted.sandwiched(by: l))
    let largest = eigen.values.last ?? 0
    let kept = eigen.values.indices.filter { eigen.values[$0] > max(1e-10 * largest, 0) }
    guard !kept.isEmpty else { return .none }
    let independent = Matrix.product(
      eigen.vectors.selecting(columns: Array(kept)), l, transposeFirst: true)
    let q = independent.rows
    guard let (df, scale) = moments(independent, rank: q) else { return .none }
    let estimates = independent * coefficients
    let factor = try CholeskyFactor(of: adjusted.sandwiched(by: independent))
    let statistic = dot(estimates, factor.solve(estimates)) / Double(q)
    return FTest(statistic: scale * statistic, df1: Double(q), df2: df)
  }

  /// The denominator df and the scale of F for independent contrasts.
  private func moments(_ l: Matrix, rank: Int) -> (df: Double, scale: Double)? {
    guard let factor = try? CholeskyFactor(of: unadjusted.sandwiched(by: l)) else { return nil }
    // ΘΦPᵢΦ has the nonzero eigenvalues of (LΦL')⁻¹ LΦPᵢΦL', q × q.
    let projected = shrunk.map { factor.solve($0.sandwiched(by: l)) }
    let traces = projected.map(\.trace)
    var a1 = 0.0
    var a2 = 0.0
    for i in shrunk.indices {
      for j in shrunk.indices {
        a1 += parameterCovariance[i, j] * traces[i] * traces[j]
        a2 +=
          parameterCovariance[i, j]
          * LinearMixedSolution.traceOfProduct(projected[i], projected[j])
      }
    }
    let q = Double(rank)
    let b = (a1 + 6 * a2) / (2 * q)
    let g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    let denominator = 3 * q + 2 * (1 - g)
    let c1 = g / denominator
    let c2 = (q - g) / denominator
    let c3 = (q + 2 - g) / denominator
    // With few blocks 1 + c₁B can be zero but for rounding.
    var v0 = 1 + c1 * b
    if abs(v0) < 1e-10 { v0 = 0 }
    let v1 = 1 - c2 * b
    let v2 = 1 - c3 * b
    // 1 − A₂/q and 1 − c₂B vanish together where the statistic is an exact F with 2 degrees of freedom or fewer.
    let e = 1 - a2 / q
    let ratio = abs(e) < 1e-14 && abs(v1) < 1e-14 ? 1 : e / v1
    let rho = ratio * ratio * v0 / v2 / q
    let df = 4 + (q + 2) / (q * rho - 1)
    let scale = abs(df - 2) < 1e-2 ? 1 : df * e / (df - 2)
    return (df, scale)
  }
}
