import Glibc
import LinearAlgebra
import Probability

/// The probability that all of a few standard normal variables with a known, possibly singular, correlation lie between two
/// bounds.
///
/// Genz's transformation (1992), doi:10.1080/10618600.1992.10477010: with X = L Y for independent Y the bounds of Y_k depend
/// on the Ys before it, and the last is integrated exactly. Variables that are linear functions of those before
/// (singular correlation) bound the last Y they contain. The outer integrals use composite Gauss–Legendre rules.
struct MultivariateNormalBox {
  /// The rows of L, grouped by their last non-zero entry.
  private let rows: [[[Double]]]
  private let rank: Int

  init(_ correlation: Matrix) {
    // Cholesky with the variable of the largest remaining variance next; a remainder of rounding size is none.
    let n = correlation.rows
    var remaining = correlation
    var factor = [[Double]](repeating: [], count: n)
    var chosen: Set<Int> = []
    var order: [Int] = []
    while chosen.count < n {
      let next = (0..<n).filter { !chosen.contains($0) }.max { remaining[$0, $0] < remaining[$1, $1] }!
      guard remaining[next, next] > 1e-10 else { break }
      chosen.insert(next)
      order.append(next)
      let pivot = remaining[next, next].squareRoot()
      let column = (0..<n).map { remaining[$0, next] / pivot }
      for i in 0..<n { factor[i].append(order.dropLast().contains(i) ? 0 : column[i]) }
      for i in 0..<n {
        for j in 0..<n { remaining[i, j] -= column[i] * column[j] }
      }
    }
    let rank = order.count
    self.rank = rank
    var grouped = [[[Double]]](repeating: [], count: rank)
    for row in factor {
      let last = row.lastIndex { abs($0) > 1e-8 } ?? 0
      grouped[last].append(Array(row[...last]))
    }
    rows = grouped
  }

  /// P(low ≤ X_i ≤ high for all i).
  func probability(low: Double, high: Double) -> Double {
    var y: [Double] = []
    return integral(0, low, high, &y)
  }

  /// The probability of the bounds of Y_k, Y_{k+1}, … given those before.
  private func integral(_ k: Int, _ low: Double, _ high: Double, _ y: inout [Double]) -> Double {
    var from = -Double.infinity
    var to = Double.infinity
    for row in rows[k] {
      var before = 0.0
      for j in 0..<k { before += row[j] * y[j] }
      let a = (low - before) / row[k]
      let b = (high - before) / row[k]
      from = max(from, min(a, b))
      to = min(to, max(a, b))
    }
    guard from < to else { return 0 }
    let normal = Normal()
    if k == rank - 1 { return normal.cdf(to) - normal.cdf(from) }
    // The normal density carries nothing beyond 9.
    from = max(from, -9)
    to = min(to, 9)
    guard from < to else { return 0 }
    let panels = [24, 16, 8, 4][min(k + max(0, rank - 3), 3)]
    let width = (to - from) / Double(panels)
    var sum = 0.0
    for panel in 0..<panels {
      let centre = from + (Double(panel) + 0.5) * width
      for (node, weight) in Self.rule {
        let value = centre + node * width / 2
        y.append(value)
        sum += weight * width / 2 * normal.density(value) * integral(k + 1, low, high, &y)
        y.removeLast()
      }
    }
    return sum
  }

  /// The ten-point Gauss–Legendre rule on [−1, 1], by Newton's method on the Legendre polynomial.
  private static let rule: [(node: Double, weight: Double)] = {
    let n = 10
    return (0..<n).map { i in
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<50 {
        var p0 = 1.0
        var p1 = x
        for k in 2...n {
          (p0, p1) = (p1, (Double(2 * k - 1) * x * p1 - Double(k - 1) * p0) / Double(k))
        }
        slope = Double(n) * (x * p1 - p0) / (x * x - 1)
        let step = p1 / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }()
}
