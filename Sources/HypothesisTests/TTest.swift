import Probability

/// Student's and Welch's t tests (R `t.test`, SAS `PROC TTEST`).
///
/// Welch, Biometrika 1947;34:28, doi 10.1093/biomet/34.1-2.28.
public struct TTest: Sendable {
  /// The mean, or the difference of means, under the null hypothesis.
  public var null = 0.0
  /// Pool the variances (Student) instead of keeping them apart (Welch).
  public var equalVariances = false
  public var alternative = Alternative.twoSided
  public var level = 0.95

  public init() {}

  /// Tests the mean of one sample, or of paired differences: t = (x̄ − μ₀)/(s/√n) on n − 1 degrees of freedom.
  ///
  /// - Throws: `HypothesisTestError` with fewer than two values, a constant sample or a value that is not finite.
  public func oneSample(_ x: [Double]) throws(HypothesisTestError) -> TestResult {
    try check(x, "the sample")
    guard x.count > 1 else { throw .tooFew(what: "observations", count: x.count, needed: 2) }
    let moments = SampleMoments(x)
    let error = (moments.variance / Double(x.count)).squareRoot()
    guard error > 10 * Double.ulpOfOne * abs(moments.mean) else { throw .constant("the sample") }
    var result = finished(
      estimate: moments.mean, error: error, df: Double(x.count - 1), method: "one-sample t test")
    result.parameter = "mean"
    return result
  }

  /// Tests the difference of the means of two samples, first minus second.
  ///
  /// Welch: SE² = s₁²/n₁ + s₂²/n₂ with Satterthwaite's degrees of freedom; Student: the pooled variance on n₁ + n₂ − 2.
  /// - Throws: `HypothesisTestError` where a variance cannot be estimated, both are zero, or a value is not finite.
  public func twoSample(_ x: [Double], _ y: [Double]) throws(HypothesisTestError) -> TestResult {
    try check(x, "the first sample")
    try check(y, "the second sample")
    let needed = equalVariances ? 1 : 2
    for sample in [x, y] where sample.count < needed {
      throw .tooFew(what: "observations in a group", count: sample.count, needed: needed)
    }
    guard x.count + y.count > 2 else {
      throw .tooFew(what: "observations", count: x.count + y.count, needed: 3)
    }
    let a = SampleMoments(x)
    let b = SampleMoments(y)
    let (n1, n2) = (Double(x.count), Double(y.count))
    let error: Double
    let df: Double
    if equalVariances {
      df = n1 + n2 - 2
      error = ((a.squares + b.squares) / df * (1 / n1 + 1 / n2)).squareRoot()
    } else {
      let v1 = a.variance / n1
      let v2 = b.variance / n2
      error = (v1 + v2).squareRoot()
      df = (v1 + v2) * (v1 + v2) / (v1 * v1 / (n1 - 1) + v2 * v2 / (n2 - 1))
    }
    guard error > 10 * Double.ulpOfOne * max(abs(a.mean), abs(b.mean)) else {
      throw .constant("either sample")
    }
    var result = finished(
      estimate: a.mean - b.mean, error: error, df: df,
      method: equalVariances ? "Student two-sample t test (pooled variance)" : "Welch two-sample t test")
    result.parameter = "difference of means"
    return result
  }

  private func check(_ x: [Double], _ what: String) throws(HypothesisTestError) {
    try checkFinite(x, what)
    try checkLevel(level)
  }

  private func finished(estimate: Double, error: Double, df: Double, method: String) -> TestResult {
    let t = (estimate - null) / error
    let distribution = StudentT(df: df)
    var result = TestResult(test: "t", method: method, pValue: 0)
    result.statisticName = "t"
    result.statistic = t
    result.df = df
    result.estimate = estimate
    result.level = level
    result.alternative = alternative
    result.null = null
    switch alternative {
    case .twoSided:
      let margin = distribution.quantile((1 - level) / 2, tail: .upper) * error
      result.pValue = distribution.twoSided(t)
      (result.low, result.high) = (estimate - margin, estimate + margin)
    case .less:
      result.pValue = distribution.cdf(t)
      (result.low, result.high) = (
        -.infinity, estimate + distribution.quantile(1 - level, tail: .upper) * error
      )
    case .greater:
      result.pValue = distribution.cdf(t, tail: .upper)
      (result.low, result.high) = (
        estimate - distribution.quantile(1 - level, tail: .upper) * error, .infinity
      )
    }
    return result
  }
}
