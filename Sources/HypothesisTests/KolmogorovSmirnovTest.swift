import Glibc
import Probability

/// The two-sample Kolmogorov–Smirnov test (R 4.2 `ks.test`).
///
/// D = max |F₁ − F₂|, D⁺ = max (F₁ − F₂) for `greater` (the distribution function of the first sample lies above), D⁻
/// for `less`. Exact with ties by counting lattice paths that keep within D at the end of every group of ties: Schröer &
/// Trenkler, Comput Stat Data Anal 1995;20:185, doi 10.1016/0167-9473(94)00040-P.
public struct KolmogorovSmirnovTest: Sendable {
  /// Use the exact distribution; nil takes it where n₁n₂ < 10 000, as R does.
  public var exact: Bool?
  public var alternative = Alternative.twoSided

  public init() {}

  /// Tests whether two samples have one distribution.
  ///
  /// - Throws: `HypothesisTestError` for an empty sample or a value that is not finite.
  public func twoSample(_ x: [Double], _ y: [Double]) throws(HypothesisTestError) -> TestResult {
    try checkFinite(x, "the first sample")
    try checkFinite(y, "the second sample")
    guard !x.isEmpty, !y.isEmpty else { throw .tooFew(what: "observations in a group", count: 0, needed: 1) }
    let (m, n) = (x.count, y.count)
    let path = Path(x, y)
    let reach: Int
    switch alternative {
    case .twoSided: reach = max(path.highest, -path.lowest)
    case .greater: reach = path.highest
    case .less: reach = -path.lowest
    }
    let isExact = exact ?? (m * n < 10_000)
    var result = TestResult(
      test: "ks", method: "\(isExact ? "exact" : "asymptotic") two-sample Kolmogorov-Smirnov test", pValue: 1)
    switch alternative {
    case .twoSided: result.statisticName = "D"
    case .greater: result.statisticName = "D+"
    case .less: result.statisticName = "D-"
    }
    let d = Double(reach) / (Double(m) * Double(n))
    result.statistic = d
    result.alternative = alternative
    let p =
      isExact
      ? path.exactP(reach: reach, twoSided: alternative == .twoSided)
      : asymptoticP(d, effective: Double(m) * Double(n) / Double(m + n))
    result.pValue = min(1, max(0, p))
    if !isExact, path.hasTies { result.notes.append("there are ties: the asymptotic p-value is approximate") }
    if result.pValue < 1e-12 {
      result.notes.append("the p-value is one minus a probability: below 1e-15 it reads as zero")
    }
    return result
  }

  private func asymptoticP(_ d: Double, effective n: Double) -> Double {
    alternative == .twoSided
      ? 1 - Self.kolmogorov(n.squareRoot() * d) : exp(-2 * n * d * d)
  }

  /// Kolmogorov's limiting distribution of √n D, to the tolerance of 1e-6 at which R 4.2 leaves its series.
  ///
  /// Marsaglia, Tsang & Wang, J Stat Softw 2003;8(18), doi 10.18637/jss.v008.i18.
  static func kolmogorov(_ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x < 1 {
      // √(2π)/x Σ exp(−(2k − 1)²π²/(8x²)); the tolerance leaves the first term alone.
      let first = exp(-Double.pi * Double.pi / (8 * x * x) - log(x))
      return first * (2 * Double.pi).squareRoot()
    }
    var previous = 0.0
    var sum = 1.0
    var sign = -1.0
    var k = 1.0
    while abs(previous - sum) > 1e-6 {
      previous = sum
      sum += 2 * sign * exp(-2 * x * x * k * k)
      sign = -sign
      k += 1
    }
    return sum
  }

  /// The two empirical distribution functions as a walk through the pooled sample.
  private struct Path {
    let m: Int
    let n: Int
    /// n₁n₂ times the largest and the smallest value of F₁ − F₂ (each at least as far as zero).
    var highest = Int.min
    var lowest = Int.max
    /// True at the last of each group of equal values, in pooled order.
    var ends: [Bool]
    var hasTies: Bool { ends.contains(false) }

    init(_ x: [Double], _ y: [Double]) {
      m = x.count
      n = y.count
      let pooled = (x.map { ($0, true) } + y.map { ($0, false) }).sorted { $0.0 < $1.0 }
      ends = pooled.indices.map { $0 + 1 == pooled.count || pooled[$0 + 1].0 != pooled[$0].0 }
      var height = 0
      for (i, (_, isFirst)) in pooled.enumerated() {
        height += isFirst ? n : -m
        if ends[i] {
          highest = max(highest, height)
          lowest = min(lowest, height)
        }
      }
    }

    /// The share of walks that reach the observed distance, one minus the share that stays below it.
    ///
    /// Walks are counted by the number u of first-sample values so far; those at or beyond the distance where a group
    /// of ties ends are struck out. The count is divided by that of all walks from log-gammas, as in R.
    func exactP(reach: Int, twoSided: Bool) -> Double {
      let total = m + n
      let logAll =
        SpecialFunctions.logGamma(Double(total + 1)) - SpecialFunctions.logGamma(Double(m + 1))
        - SpecialFunctions.logGamma(Double(n + 1))
      // Counts beyond the range of doubles: carry them as shares of 2^k instead.
      let scale = logAll > 690 ? 0.5 : 1.0
      var walks = [Double](repeating: 0, count: m + 1)
      walks[0] = 1
      walks.withUnsafeMutableBufferPointer { w in
        for step in 1...total {
          let lowest = max(0, step - n)
          let highest = min(m, step)
          for u in stride(from: highest, through: lowest, by: -1) {
            // From u − 1 by a first-sample value, from u by a second-sample one.
            var value = u > 0 ? w[u - 1] : 0
            if step - u > 0, u <= step - 1 { value += w[u] }
            if ends[step - 1] {
              let height = u * n - (step - u) * m
              if (twoSided ? abs(height) : height) >= reach { value = 0 }
            }
            w[u] = value * scale
          }
          if lowest > 0 { w[lowest - 1] = 0 }
        }
      }
      let kept = scale == 1 ? walks[m] / exp(logAll) : exp(log(walks[m]) + Double(total) * log(2.0) - logAll)
      return 1 - kept
    }
  }
}
