import LinearAlgebra

/// The estimates of a linear mixed model for given relative covariances, and the derivatives of −2 log likelihood there.
///
/// In the coordinates (g, τ), g the distinct elements of the relative covariances ΛΛ' and τ = log σ²,
/// −2ℓ = ν τ + log|V| + [log|K_XX|] + r²/e^τ + constant, with ν = n or n − p. With C = K_XX⁻¹, d = (−β, 1), and the sums
/// Y_a = M'V⁻¹V_aV⁻¹M, Q_ab = M'V⁻¹V_aV⁻¹V_bV⁻¹M of `DerivativeSums`:
///
///     ∂/∂g_a        = tr V⁻¹V_a − [tr C Y_a] − d'Y_a d / σ²
///     ∂²/∂g_a∂g_b   = −tr V⁻¹V_aV⁻¹V_b + [2 tr C Q_ab − tr C Y_a C Y_b] + 2 (d'Q_ab d − w_a'C w_b) / σ²
///     ∂²/∂g_a∂τ     = d'Y_a d / σ²,   ∂²/∂τ² = r² / σ²,   w_a the X part of Y_a d
///
/// (the brackets for REML). Lindstrom & Bates, J Am Stat Assoc 1988;83:1014–1022, doi 10.1080/01621459.1988.10478693, give
/// the same derivatives for one grouping.
struct LinearMixedSolution {
  let theta: [Double]
  let sums: DerivativeSums
  /// Coefficients on the basis.
  let beta: [Double]
  /// C = K_XX⁻¹: the covariance of the coefficients over σ².
  let unscaledCovariance: Matrix
  /// The penalised residual sum of squares, r².
  let rss: Double
  /// σ², profiled: r² / ν.
  let variance: Double
  /// log|K_XX|.
  let logFixed: Double
  /// The gradient in θ at the profiled σ.
  let gradient: [Double]
  /// The Hessian in (θ, τ), τ last.
  let hessian: Matrix
  /// The gradient and the Hessian in the relative covariances (g, τ).
  let covarianceGradient: [Double]
  let covarianceHessian: Matrix
  /// tr V⁻¹V_a − [tr C Y_a]: the gradient's part that does not depend on the response.
  let covarianceTraces: [Double]
  /// ∂g/∂θ.
  let jacobian: Matrix

  /// (−β, 1).
  var direction: [Double] { beta.map { -$0 } + [1] }

  /// Makes the solution from the sums at θ.
  ///
  /// - Parameter isAveraged: whether the Hessian in g is to be the average of the observed and the expected one, in which
  ///   the traces of products cancel: (d'Q_ab d − w_a'C w_b)/σ². Gilmour, Thompson & Cullis, Biometrics 1995;51:1440–1450.
  init(
    theta: [Double], lambda: [Double], sums: DerivativeSums, layout: RandomEffectsLayout,
    divisor: Double, isRestricted: Bool, isAveraged: Bool = false
  ) throws(LinearAlgebraError) {
    self.theta = theta
    self.sums = sums
    let p = sums.k.rows - 1
    let fixed = Array(0..<p)
    func onFixed(_ m: Matrix) -> Matrix { m.selecting(rows: fixed).selecting(columns: fixed) }
    let crossProducts = Array(sums.k.column(p)[0..<p])
    let factor = try CholeskyFactor(of: onFixed(sums.k))
    beta = factor.solve(crossProducts)
    unscaledCovariance = factor.inverse()
    logFixed = factor.logDeterminant
    rss = sums.k[p, p] - dot(crossProducts, beta)
    guard rss > 0 else { throw .notPositiveDefinite(order: p + 1) }
    variance = rss / divisor
    let m = theta.count
    let d = beta.map { -$0 } + [1]
    var gradient = [Double](repeating: 0, count: m)
    var hessian = Matrix(rows: m + 1, columns: m + 1)
    var scores: [[Double]] = []
    var shrunk: [Matrix] = []
    var traces = sums.trace
    for a in 0..<m {
      let y = sums.first[a] * d
      let explained = dot(d, y) / variance
      scores.append(Array(y[0..<p]))
      shrunk.append(unscaledCovariance * onFixed(sums.first[a]))
      if isRestricted { traces[a] -= shrunk[a].trace }
      gradient[a] = traces[a] - explained
      hessian[a, m] = explained
      hessian[m, a] = explained
    }
    for a in 0..<m {
      for b in 0...a {
        let q = sums.second[DerivativeSums.pair(a, b)]
        var value = (q.quadraticForm(d) - dot(scores[a], unscaledCovariance * scores[b])) / variance
        if !isAveraged { value = 2 * value - sums.traceOfProducts[a, b] }
        if isRestricted && !isAveraged {
          value += 2 * Self.traceOfProduct(unscaledCovariance, onFixed(q))
          value -= Self.traceOfProduct(shrunk[a], shrunk[b])
        }
        hessian[a, b] = value
        hessian[b, a] = value
      }
    }
    hessian[m, m] = rss / variance
    covarianceGradient = gradient
    covarianceHessian = hessian
    covarianceTraces = traces
    let chain = Self.chain(layout, lambda: lambda)
    var full = Matrix.identity(m + 1)
    for a in 0..<m {
      for k in 0..<m { full[a, k] = chain[a, k] }
    }
    var transformed = hessian.sandwiched(by: full.transposed())
    Self.addCurvature(of: layout, gradient: gradient, to: &transformed)
    self.gradient = chain.transposedTimes(gradient)
    self.hessian = transformed
    jacobian = chain
  }

  /// tr A B.
  static func traceOfProduct(_ a: Matrix, _ b: Matrix) -> Double {
    var sum = 0.0
    for i in 0..<a.rows {
      for j in 0..<a.columns { sum += a[i, j] * b[j, i] }
    }
    return sum
  }

  /// ∂g_a/∂θ_k for g = ΛΛ': δ_rk Λ_cl + δ_ck Λ_rl for the element (r, c) and θ_k at (k, l).
  private static func chain(_ layout: RandomEffectsLayout, lambda: [Double]) -> Matrix {
    let m = layout.parameters.count
    var jacobian = Matrix(rows: m, columns: m)
    for (a, g) in layout.parameters.enumerated() {
      let block = layout.blocks[g.block]
      func element(_ i: Int, _ j: Int) -> Double { lambda[block.lambdaOffset + i + j * block.width] }
      for (k, t) in layout.parameters.enumerated() where t.block == g.block {
        var value = 0.0
        if g.row == t.row { value += element(g.column, t.column) }
        if g.column == t.row { value += element(g.row, t.column) }
        jacobian[a, k] = value
      }
    }
    return jacobian
  }

  /// Adds Σ_a (∂/∂g_a) ∂²g_a/∂θ_k∂θ_l, which is not zero where the optimum lies on the boundary.
  private static func addCurvature(
    of layout: RandomEffectsLayout, gradient: [Double], to hessian: inout Matrix
  ) {
    for (a, g) in layout.parameters.enumerated() {
      for (k, s) in layout.parameters.enumerated() where s.block == g.block {
        for (l, t) in layout.parameters.enumerated()
        where t.block == g.block && s.column == t.column {
          if g.row == s.row && g.column == t.row { hessian[k, l] += gradient[a] }
          if g.column == s.row && g.row == t.row { hessian[k, l] += gradient[a] }
        }
      }
    }
  }
}
