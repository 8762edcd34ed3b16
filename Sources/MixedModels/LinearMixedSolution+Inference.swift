import LinearAlgebra

extension LinearMixedSolution {
  private var fixedColumns: [Int] { Array(0..<beta.count) }

  private func onFixed(_ m: Matrix) -> Matrix {
    m.selecting(rows: fixedColumns).selecting(columns: fixedColumns)
  }

  /// The derivatives of the basis coefficients' covariance σ²C with respect to (θ, τ): ∂C/∂g_a = C Y_a C, ∂σ²C/∂τ = σ²C.
  func covarianceDerivatives() -> [Matrix] {
    let c = unscaledCovariance
    let inG = sums.first.map { c * onFixed($0) * c }
    let inTheta = theta.indices.map { k -> Matrix in
      var sum = Matrix(rows: c.rows, columns: c.columns)
      for (a, matrix) in inG.enumerated() where jacobian[a, k] != 0 {
        sum = sum + jacobian[a, k] * matrix
      }
      return variance * sum
    }
    return inTheta + [variance * c]
  }

  /// Kenward and Roger's adjustment, with the covariances γ = σ²g and the residual variance as parameters.
  ///
  /// V is linear in them, so that no second derivatives of V enter. The sums for the residual variance follow from
  /// V = I + Σ g_a V_a: V⁻¹IV⁻¹ = V⁻¹ − Σ g_a V⁻¹V_aV⁻¹.
  func kenwardRoger(
    basis: FixedEffectsBasis, layout: RandomEffectsLayout, observationCount: Int
  ) throws(LinearAlgebraError) -> KenwardRogerDF {
    let m = theta.count
    let g = layout.relativeCovariances(theta)
    let y = sums.first.map { onFixed($0) }
    func q(_ a: Int, _ b: Int) -> Matrix { onFixed(sums.second[DerivativeSums.pair(a, b)]) }
    // Index m is the residual variance.
    var first = y
    var residualFirst = onFixed(sums.k)
    for a in 0..<m { residualFirst = residualFirst - g[a] * y[a] }
    first.append(residualFirst)
    var second = (0..<m).flatMap { a in (0...a).map { b in q(a, b) } }
    var mixed: [Matrix] = []
    for a in 0..<m {
      var sum = y[a]
      for b in 0..<m { sum = sum - g[b] * q(a, b) }
      mixed.append(sum)
    }
    var residualSecond = residualFirst
    for b in 0..<m { residualSecond = residualSecond - g[b] * mixed[b] }
    second += mixed + [residualSecond]
    var traces = Matrix(rows: m + 1, columns: m + 1)
    var total = Double(observationCount)
    for a in 0..<m {
      var sum = sums.trace[a]
      total -= 2 * g[a] * sums.trace[a]
      for b in 0..<m {
        traces[a, b] = sums.traceOfProducts[a, b]
        sum -= g[b] * sums.traceOfProducts[a, b]
        total += g[a] * g[b] * sums.traceOfProducts[a, b]
      }
      traces[a, m] = sum
      traces[m, a] = sum
    }
    traces[m, m] = total
    // The expected information of γ, tr PV_aPV_b / 2, over σ⁴.
    let c = unscaledCovariance
    let shrunk = first.map { c * $0 }
    var information = Matrix(rows: m + 1, columns: m + 1)
    for a in 0...m {
      for b in 0...m {
        information[a, b] =
          traces[a, b]
          - 2 * Self.traceOfProduct(c, second[DerivativeSums.pair(a, b)])
          + Self.traceOfProduct(shrunk[a], shrunk[b])
      }
    }
    let parameterCovariance = try Self.doubleInverse(information)
    // σ cancels: with Φ = σ²C, Pᵢ = −Yᵢ/σ⁴, Q_ij/σ⁶ and W σ⁴ the adjustment is σ² times that of σ = 1.
    let toUser = basis.toEstimable
    let fromUser = try LUFactor(of: toUser).inverse()
    func congruent(_ matrix: Matrix) -> Matrix { matrix.sandwiched(by: fromUser.transposed()) }
    return KenwardRogerDF(
      vcov: basis.covariance(variance * c), first: first.map { (-1 / variance) * congruent($0) },
      second: second.map { (1 / variance) * congruent($0) },
      parameterCovariance: parameterCovariance)
  }

  /// 2 M⁻¹, or twice the pseudo-inverse where M is near singular (two variances that the data cannot tell apart).
  private static func doubleInverse(_ m: Matrix) throws(LinearAlgebraError) -> Matrix {
    let scale = m.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    let eigen = try SymmetricEigen(of: m.sandwiched(by: .diagonal(scale)))
    let largest = eigen.values.last ?? 0
    return eigen.mapped { $0 > 1e-10 * largest ? 2 / $0 : 0 }.sandwiched(by: .diagonal(scale))
  }
}
