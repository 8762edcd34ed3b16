import LinearAlgebra

/// What the last steps of an ascent say of the curvature beside a known approximation to it: limited-memory BFGS.
///
/// Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 7.4, with the known approximation as H₀.
struct SecantPairs {
  private var pairs: [(step: [Double], change: [Double], size: Double)] = []
  /// The number of steps remembered.
  private static let memory = 8

  /// Remembers a step and the fall of the gradient along it; a pair without positive curvature says nothing and is left out.
  mutating func add(step: [Double], change: [Double]) {
    let size = dot(step, change)
    guard size > 1e-12 * (dot(step, step) * dot(change, change)).squareRoot() else { return }
    if pairs.count == Self.memory { pairs.removeFirst() }
    pairs.append((step, change, size))
  }

  /// H g, with H the inverse of the curvature.
  ///
  /// - Parameter solve: H₀ v.
  func product(with gradient: [Double], _ solve: ([Double]) -> [Double]) -> [Double] {
    var q = gradient
    var shares = [Double](repeating: 0, count: pairs.count)
    for (k, pair) in pairs.enumerated().reversed() {
      shares[k] = dot(pair.step, q) / pair.size
      for j in q.indices { q[j] -= shares[k] * pair.change[j] }
    }
    var result = solve(q)
    for (k, pair) in pairs.enumerated() {
      let correction = shares[k] - dot(pair.change, result) / pair.size
      for j in result.indices { result[j] += correction * pair.step[j] }
    }
    return result
  }
}
