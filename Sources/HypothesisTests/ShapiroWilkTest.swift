import Glibc
import Probability

/// The Shapiro–Wilk test of normality (R `shapiro.test`, SAS `PROC UNIVARIATE NORMAL`).
///
/// Royston, Remark AS R94: a remark on algorithm AS 181: the W-test for normality, Appl Stat 1995;44:547,
/// doi 10.2307/2986146. W is the squared correlation of the ordered sample with approximate normal scores.
public enum ShapiroWilkTest {
  // Royston's polynomials: the two largest scores in 1/√n, and mean and log standard deviation of the transformed
  // 1 − W, in n for n ≤ 11 and in log n above. Constant term first.
  private static let largest = [0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056]
  private static let second = [0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633]
  private static let smallMean = [0.5440, -0.39978, 0.025054, -6.714e-4]
  private static let smallLogSD = [1.3822, -0.77857, 0.062767, -0.0020322]
  private static let largeMean = [-1.5861, -0.31082, -0.083751, 0.0038915]
  private static let largeLogSD = [-0.4803, -0.082676, 0.0030302]
  private static let gamma = [-2.273, 0.459]

  /// Tests whether a sample is normal.
  ///
  /// - Throws: `HypothesisTestError` outside 3 ≤ n ≤ 5000, for a constant sample or a value that is not finite.
  public static func test(_ sample: [Double]) throws(HypothesisTestError) -> TestResult {
    try checkFinite(sample, "the sample")
    let n = sample.count
    guard n >= 3 else { throw .tooFew(what: "observations", count: n, needed: 3) }
    guard n <= 5000 else {
      throw .argument("the Shapiro-Wilk test takes at most 5000 observations, not \(n)")
    }
    var x = sample.sorted()
    let range = x[n - 1] - x[0]
    guard range > 0 else { throw .constant("the sample") }
    let median = x[n / 2]
    x = x.map { ($0 - median) / range }
    let complement = complementOfW(x, scores(n))
    var result = TestResult(test: "shapiro", method: "Shapiro-Wilk normality test", pValue: 0)
    result.statisticName = "W"
    result.statistic = 1 - complement
    result.pValue = pValue(complement, n)
    return result
  }

  private static func polynomial(_ c: [Double], _ x: Double) -> Double {
    c.reversed().reduce(0) { $0 * x + $1 }
  }

  /// The weights a₁ … a⌊n/2⌋ of the largest, second largest, … observation against their mirror images.
  private static func scores(_ n: Int) -> [Double] {
    let half = n / 2
    if n == 3 { return [(0.5).squareRoot()] }
    // Blom's approximate expected order statistics, positive for the upper half.
    let m = (1...half).map { -Normal().quantile((Double($0) - 0.375) / (Double(n) + 0.25)) }
    let squares = 2 * m.reduce(0) { $0 + $1 * $1 }
    let root = 1 / Double(n).squareRoot()
    let first = polynomial(largest, root) + m[0] / squares.squareRoot()
    var a = [first]
    let rest: Double
    if n > 5 {
      let next = polynomial(second, root) + m[1] / squares.squareRoot()
      a.append(next)
      rest =
        (squares - 2 * m[0] * m[0] - 2 * m[1] * m[1]) / (1 - 2 * first * first - 2 * next * next)
    } else {
      rest = (squares - 2 * m[0] * m[0]) / (1 - 2 * first * first)
    }
    for i in a.count..<half { a.append(m[i] / rest.squareRoot()) }
    return a
  }

  /// 1 − W as (1 − r)(1 + r) from centred sums, which keeps its digits where W is close to 1.
  private static func complementOfW(_ x: [Double], _ half: [Double]) -> Double {
    let n = x.count
    var weights = [Double](repeating: 0, count: n)
    for (i, a) in half.enumerated() {
      weights[i] = -a
      weights[n - 1 - i] = a
    }
    let meanWeight = weights.reduce(0, +) / Double(n)
    let meanX = x.reduce(0, +) / Double(n)
    var (aa, xx, ax) = (0.0, 0.0, 0.0)
    for i in 0..<n {
      let a = weights[i] - meanWeight
      let d = x[i] - meanX
      aa += a * a
      xx += d * d
      ax += a * d
    }
    let norm = (aa * xx).squareRoot()
    return (norm - ax) * (norm + ax) / (aa * xx)
  }

  private static func pValue(_ complement: Double, _ n: Int) -> Double {
    if n == 3 {
      // Exact: (6/π)(arcsin √W − arcsin √¾).
      return max(0, 6 / Double.pi * (asin((1 - complement).squareRoot()) - asin((0.75).squareRoot())))
    }
    let size = Double(n)
    var y = log(complement)
    let mean: Double
    let sd: Double
    if n <= 11 {
      let bound = polynomial(gamma, size)
      guard y < bound else { return 1e-99 }
      y = -log(bound - y)
      mean = polynomial(smallMean, size)
      sd = exp(polynomial(smallLogSD, size))
    } else {
      mean = polynomial(largeMean, log(size))
      sd = exp(polynomial(largeLogSD, log(size)))
    }
    return Normal(mean: mean, sd: sd).cdf(y, tail: .upper)
  }
}
