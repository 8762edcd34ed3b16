import Glibc
import Probability

/// The sample space of two independent binomials, and suprema of tail probabilities over the nuisance risk.
///
/// A tail is a staircase: with x₁ events in group 1, all x₂ up to `cut[x₁]` belong to it, because the score statistic
/// rises in x₁ and falls in x₂ (Barnard's convexity). So a tail is found with n₁ + n₂ statistics, not n₁·n₂.
struct BinomialPairSpace {
  let n1: Int
  let n2: Int
  private let logChoose1: [Double]
  private let logChoose2: [Double]

  init(_ table: TwoProportions) {
    n1 = table.first.total
    n2 = table.second.total
    let (m1, m2) = (Double(n1), Double(n2))
    logChoose1 = (0...n1).map { SpecialFunctions.logChoose(m1, Double($0)) }
    logChoose2 = (0...n2).map { SpecialFunctions.logChoose(m2, Double($0)) }
  }

  /// The staircase of tables whose statistic reaches a bound; −1 where no x₂ does.
  func staircase(bound: Double, _ statistic: (TwoProportions) -> Double) -> [Int] {
    // Tables tied with the observed one belong to the tail, whatever the last digits say.
    let reach = bound - 1e-9 * max(1, abs(bound))
    var cut = -1
    return (0...n1).map { x1 in
      while cut < n2, let table = try? TwoProportions(events: x1, of: n1, against: cut + 1, of: n2),
        statistic(table) >= reach
      { cut += 1 }
      return cut
    }
  }

  /// P(x₂ ≤ cut[x₁]) at two risks.
  func probability(_ cut: [Int], _ p1: Double, _ p2: Double) -> Double {
    let mass1 = Self.mass(n1, logChoose1, p1)
    var cumulative = Self.mass(n2, logChoose2, p2)
    for i in cumulative.indices.dropFirst() { cumulative[i] += cumulative[i - 1] }
    var sum = 0.0
    for (x1, c) in cut.enumerated() where c >= 0 { sum += mass1[x1] * cumulative[c] }
    return sum
  }

  private static func mass(_ n: Int, _ logChoose: [Double], _ p: Double) -> [Double] {
    if p <= 0 { return (0...n).map { $0 == 0 ? 1 : 0 } }
    if p >= 1 { return (0...n).map { $0 == n ? 1 : 0 } }
    let (yes, no) = (log(p), log1p(-p))
    return (0...n).map { exp(logChoose[$0] + Double($0) * yes + Double(n - $0) * no) }
  }

  /// The largest value of a function of the nuisance risk: the best of a grid of 401 points, then golden section
  /// between its neighbours.
  static func supremum(over range: ClosedRange<Double>, _ f: (Double) -> Double) -> Double {
    let steps = 400
    let width = range.upperBound - range.lowerBound
    guard width > 0 else { return f(range.lowerBound) }
    let point = { (i: Int) in range.lowerBound + width * Double(i) / Double(steps) }
    var best = 0
    var top = -Double.infinity
    for i in 0...steps {
      let value = f(point(i))
      if value > top { (best, top) = (i, value) }
    }
    let golden = (5.0.squareRoot() - 1) / 2
    var (a, b) = (point(max(0, best - 1)), point(min(steps, best + 1)))
    var (c, d) = (b - golden * (b - a), a + golden * (b - a))
    var (fc, fd) = (f(c), f(d))
    for _ in 0..<30 {
      if fc > fd {
        (b, d, fd) = (d, c, fc)
        c = b - golden * (b - a)
        fc = f(c)
      } else {
        (a, c, fc) = (c, d, fd)
        d = a + golden * (b - a)
        fd = f(d)
      }
    }
    return max(top, fc, fd)
  }
}

extension TwoProportions {
  /// The groups exchanged.
  public var exchanged: TwoProportions { TwoProportions(second, first) }

  /// Chan and Zhang's limits: the contrasts that neither one-sided exact test rejects at (1 − level)/2.
  func exactLimits(_ scale: ContrastScale, level: Double) -> (low: Double, high: Double) {
    let low = exactLowerLimit(scale, alpha: (1 - level) / 2)
    let other = exchanged.exactLowerLimit(scale, alpha: (1 - level) / 2)
    switch scale {
    case .difference: return (low, -other)
    case .ratio, .odds: return (low, other == 0 ? .infinity : 1 / other)
    }
  }

  /// The smallest contrast whose test against larger values has p above α, by bisection to 1e-10.
  private func exactLowerLimit(_ scale: ContrastScale, alpha: Double) -> Double {
    let space = BinomialPairSpace(self)
    let isDifference = scale == .difference
    if first.events == 0, !isDifference || second.events == second.total { return isDifference ? -1 : 0 }
    var outside = isDifference ? -1.0 : -45.0
    var inside = isDifference ? p1 - p2 : (second.events == 0 ? 45 : log(p1 / p2))
    while inside - outside > 1e-10 {
      let middle = 0.5 * (outside + inside)
      let theta = isDifference ? middle : exp(middle)
      if exactUpperP(scale, theta, space) > alpha { inside = middle } else { outside = middle }
    }
    return isDifference ? inside : exp(inside)
  }

  /// sup P(T ≥ t observed) over the risks whose contrast is θ, T the score statistic for θ.
  private func exactUpperP(_ scale: ContrastScale, _ theta: Double, _ space: BinomialPairSpace) -> Double {
    let cut = space.staircase(bound: scoreStatistic(scale, theta, correction: 1)) {
      $0.scoreStatistic(scale, theta, correction: 1)
    }
    switch scale {
    case .difference:
      return BinomialPairSpace.supremum(over: max(0, -theta)...min(1, 1 - theta)) {
        space.probability(cut, min(1, max(0, $0 + theta)), $0)
      }
    case .ratio, .odds:
      return BinomialPairSpace.supremum(over: 0...min(1, 1 / theta)) {
        space.probability(cut, min(1, theta * $0), $0)
      }
    }
  }

  /// The unconditional exact p-value of equal risks ordered by the pooled z statistic.
  func unconditionalP(_ alternative: Alternative) -> Double {
    let space = BinomialPairSpace(self)
    let z = { (t: TwoProportions) in t.scoreStatistic(.difference, 0, correction: 1) }
    let observed = z(self)
    if alternative == .less { return exchanged.unconditionalP(.greater) }
    if alternative == .twoSided, observed == 0 { return 1 }
    let bound = alternative == .twoSided ? abs(observed) : observed
    let upper = space.staircase(bound: bound, z)
    guard alternative == .twoSided else {
      return min(1, BinomialPairSpace.supremum(over: 0...1) { space.probability(upper, $0, $0) })
    }
    let mirror = BinomialPairSpace(exchanged)
    let lower = mirror.staircase(bound: bound, z)
    return min(
      1,
      BinomialPairSpace.supremum(over: 0...1) {
        space.probability(upper, $0, $0) + mirror.probability(lower, $0, $0)
      })
  }
}
