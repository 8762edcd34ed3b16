import Glibc
import LinearAlgebra

/// The likelihood of a linear model for repeated measurements, y_i ~ N(X_iβ, W_i^-½ Σ(θ) W_i^-½) over each subject's visits.
///
/// −2 log L = Σ log|V_i| + r'V⁻¹r + n log 2π, and for REML also log|X'V⁻¹X| with n − p in place of n; β is profiled out.
/// The gradient in θ is Σ_s tr(G_s ∂V_s) with G = N V⁻¹ − V⁻¹(R + T)V⁻¹, R = Σ rr' and, for REML, T = Σ XΦX'.
/// Mallinckrodt et al., Drug Inf J 2008;42:303–319; R `mmrm`; SAS `PROC MIXED`.
struct RepeatedMeasuresCriterion: Sendable {
  let products: VisitPatternProducts
  var structure: CovarianceStructure
  let visits: Int
  let groups: Int
  let estimation: LikelihoodEstimation
  /// The number of observations and of estimable coefficients.
  let observations: Int
  let rank: Int
  /// What does not depend on θ: −Σ log w, log|R'R| of the basis, and the constants of the normal density.
  let constant: Double

  /// The number of parameters of one group's covariance.
  var perGroup: Int { structure.parameterCount(visits: visits) }

  /// Everything known at one θ.
  struct State {
    /// −2 log (restricted) likelihood.
    let value: Double
    /// β on the basis, relative to least squares.
    let coefficients: [Double]
    /// Φ = (X'V⁻¹X)⁻¹ on the basis.
    let covariance: Matrix
    /// V⁻¹ of each pattern.
    let inverses: [Matrix]
    /// Σ(θ) of each group.
    let sigmas: [Matrix]
  }

  /// The part of θ that belongs to a group.
  func parameters(_ theta: [Double], of group: Int) -> [Double] {
    Array(theta[(group * perGroup)..<((group + 1) * perGroup)])
  }

  /// Evaluates the likelihood; nil where a covariance is not positive definite.
  func state(at theta: [Double]) -> State? {
    let sigmas = (0..<groups).map { structure.covariance(parameters(theta, of: $0), visits: visits) }
    guard sigmas.allSatisfy(\.isFinite) else { return nil }
    var inverses: [Matrix] = []
    var sum = constant
    for (pattern, count) in zip(products.patterns, products.counts) {
      let v = sigmas[pattern.group].selecting(rows: pattern.visits).selecting(columns: pattern.visits)
      guard let factor = try? CholeskyFactor(of: v) else { return nil }
      sum += Double(count) * factor.logDeterminant
      inverses.append(factor.inverse())
    }
    let whole = products.combined(products.pairs(inverses))
    let p = rank
    let kept = Array(0..<p)
    let gram = whole.selecting(rows: kept).selecting(columns: kept)
    let right = (0..<p).map { whole[$0, p] }
    guard let factor = try? CholeskyFactor(of: gram) else { return nil }
    let b = factor.solve(right)
    sum += whole[p, p] - dot(b, right)
    if estimation == .restricted { sum += factor.logDeterminant }
    guard sum.isFinite else { return nil }
    return State(
      value: sum, coefficients: b, covariance: factor.inverse(), inverses: inverses, sigmas: sigmas)
  }

  /// ∂Σ/∂θ for all groups: the group and the matrix of each parameter.
  func derivatives(at theta: [Double]) -> [(group: Int, matrix: Matrix)] {
    (0..<groups).flatMap { group in
      structure.derivatives(parameters(theta, of: group), visits: visits).map { (group, $0) }
    }
  }

  /// The gradient of −2 log likelihood in θ.
  func gradient(at theta: [Double], _ state: State) -> [Double] {
    let p = rank
    // u = (−b, 1) gives the residuals; Φ in the upper corner adds the restricted part.
    var weight = Matrix(rows: p + 1, columns: p + 1)
    let u = state.coefficients.map { -$0 } + [1]
    for j in 0...p {
      for i in 0...p { weight[i, j] = u[i] * u[j] }
    }
    if estimation == .restricted {
      for j in 0..<p {
        for i in 0..<p { weight[i, j] += state.covariance[i, j] }
      }
    }
    let residual = products.traces(with: weight)
    // The sum over patterns of G_s, spread over all visits of its group.
    var slopes = [Matrix](repeating: Matrix(rows: visits, columns: visits), count: groups)
    for (s, pattern) in products.patterns.enumerated() {
      let inverse = state.inverses[s]
      let inner = inverse * residual[s] * inverse
      for (a, i) in pattern.visits.enumerated() {
        for (b, j) in pattern.visits.enumerated() {
          slopes[pattern.group][i, j] += Double(products.counts[s]) * inverse[a, b] - inner[a, b]
        }
      }
    }
    return derivatives(at: theta).map { group, matrix in dot(slopes[group].storage, matrix.storage) }
  }

  /// X'V⁻¹ M_s V⁻¹X on the basis for one symmetric matrix M over the visits of one group.
  func projected(_ matrix: Matrix, group: Int, _ state: State) -> Matrix {
    combined { s, pattern in
      guard pattern.group == group else { return nil }
      let m = matrix.selecting(rows: pattern.visits).selecting(columns: pattern.visits)
      return state.inverses[s] * m * state.inverses[s]
    }
  }

  /// The symmetric part of X'V⁻¹ A V⁻¹ B V⁻¹X on the basis for two matrices over the visits of one group.
  func projected(_ a: Matrix, _ b: Matrix, group: Int, _ state: State) -> Matrix {
    combined { s, pattern in
      guard pattern.group == group else { return nil }
      let inverse = state.inverses[s]
      let left = a.selecting(rows: pattern.visits).selecting(columns: pattern.visits)
      let right = b.selecting(rows: pattern.visits).selecting(columns: pattern.visits)
      return (inverse * left * inverse * right * inverse).symmetrised()
    }
  }

  private func combined(_ matrix: (Int, VisitPatternProducts.Pattern) -> Matrix?) -> Matrix {
    let matrices = products.patterns.enumerated().map { s, pattern in
      matrix(s, pattern) ?? Matrix(rows: pattern.visits.count, columns: pattern.visits.count)
    }
    let kept = Array(0..<rank)
    return products.combined(products.pairs(matrices)).selecting(rows: kept).selecting(columns: kept)
  }

  /// The Hessian of −2 log likelihood in θ by central differences of the exact gradient, extrapolated once.
  ///
  /// - Returns: nil where a neighbouring point lies outside the domain.
  func hessian(at theta: [Double]) -> Matrix? {
    let n = theta.count
    func slope(_ k: Int, _ step: Double) -> [Double]? {
      var high = theta
      var low = theta
      high[k] += step
      low[k] -= step
      guard let above = state(at: high), let below = state(at: low) else { return nil }
      return zip(gradient(at: high, above), gradient(at: low, below)).map { ($0 - $1) / (2 * step) }
    }
    var result = Matrix(rows: n, columns: n)
    for k in 0..<n {
      let step = 1e-3 * max(1, abs(theta[k]))
      guard let coarse = slope(k, step), let fine = slope(k, step / 2) else { return nil }
      result.setColumn(k, zip(coarse, fine).map { (4 * $1 - $0) / 3 })
    }
    return result.symmetrised()
  }
}
