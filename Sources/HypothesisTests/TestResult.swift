/// The outcome of one hypothesis test, with the estimate it is about where there is one.
public struct TestResult: Sendable, Equatable {
  /// The test's name on the command line, such as `t` or `wilcoxon`.
  public var test: String
  /// The method in full, with its variants, such as `Welch two-sample t test`.
  public var method: String
  /// The symbol of the statistic (`t`, `W`, `X-squared`); nil where the test has none.
  public var statisticName: String?
  /// The value of the statistic.
  public var statistic: Double?
  /// The degrees of freedom of the statistic's reference distribution.
  public var df: Double?
  /// The p-value.
  public var pValue: Double
  /// What the estimate is, in words, such as `mean difference, a - b`.
  public var parameter: String?
  /// The estimate.
  public var estimate: Double?
  /// The lower confidence limit; −∞ (or the parameter's floor) in a one-sided test.
  public var low: Double?
  /// The upper confidence limit; +∞ (or the parameter's ceiling) in a one-sided test.
  public var high: Double?
  /// The confidence level.
  public var level: Double?
  /// The alternative hypothesis; nil where the test has only one direction (χ²).
  public var alternative: Alternative?
  /// The value of the parameter under the null hypothesis.
  public var null: Double?
  /// What a reader must know: small expected counts, ties, the reason for an approximation.
  public var notes: [String] = []

  public init(test: String, method: String, pValue: Double) {
    self.test = test
    self.method = method
    self.pValue = pValue
  }
}
