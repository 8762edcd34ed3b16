import Glibc

/// A Gauss–Hermite quadrature rule, ∫ f(x) exp(−x²) dx ≈ Σ wᵢ f(xᵢ), exact for polynomials of degree below 2n.
///
/// Nodes are the eigenvalues of the Jacobi matrix with off-diagonal √(k/2), found by bisection on its Sturm sequence;
/// weights are 1 / Σₖ hₖ(xᵢ)² over the orthonormal Hermite polynomials. Golub & Welsch, Math Comp 1969;23:221–230,
/// doi 10.1090/S0025-5718-69-99647-1. R: `statmod::gauss.quad(n, "hermite")`.
public struct GaussHermite: Sendable {
  /// The nodes, ascending and symmetric about zero.
  public let nodes: [Double]
  /// The weights; they sum to √π.
  public let weights: [Double]

  /// Makes the rule with n nodes.
  ///
  /// - Precondition: `1 ≤ n ≤ 300`; beyond, the outer weights underflow.
  public init(_ n: Int) {
    precondition((1...300).contains(n), "a quadrature rule with \(n) nodes")
    var nodes = [Double](repeating: 0, count: n)
    var weights = [Double](repeating: 0, count: n)
    let bound = (2 * Double(n) + 1).squareRoot() + 1
    for i in 0..<n / 2 {
      // The (n − i)-th smallest eigenvalue is the i-th largest node.
      var low = 0.0
      var high = bound
      while true {
        let middle = (low + high) / 2
        if middle <= low || middle >= high { break }
        if Self.eigenvalues(below: middle, order: n) >= n - i { high = middle } else { low = middle }
      }
      nodes[n - 1 - i] = (low + high) / 2
      nodes[i] = -nodes[n - 1 - i]
    }
    for i in 0..<n {
      // Orthonormal polynomials: up to 300 nodes their squares stay within the range of doubles.
      var previous = 0.0
      var current = pow(Double.pi, -0.25)
      var sum = current * current
      for k in 0..<max(n - 1, 0) {
        let next =
          (nodes[i] * (2 / Double(k + 1)).squareRoot() * current)
          - (Double(k) / Double(k + 1)).squareRoot() * previous
        previous = current
        current = next
        sum += current * current
      }
      weights[i] = 1 / sum
    }
    self.nodes = nodes
    self.weights = weights
  }

  /// The number of eigenvalues of the Jacobi matrix below x, by the signs of its Sturm sequence.
  private static func eigenvalues(below x: Double, order n: Int) -> Int {
    var count = 0
    var d = -x
    if d < 0 { count += 1 }
    for k in 1..<max(n, 1) {
      if d == 0 { d = 1e-300 }
      d = -x - Double(k) / 2 / d
      if d < 0 { count += 1 }
    }
    return count
  }
}
