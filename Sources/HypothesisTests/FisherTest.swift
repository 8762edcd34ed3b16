import Probability

/// Which estimate of the odds ratio stands beside Fisher's exact test.
public enum FisherEstimate: String, Sendable, CaseIterable { case conditional, sample }

extension ContingencyTable {
  /// Fisher's exact test of independence (R `fisher.test`, SAS `EXACT FISHER`).
  ///
  /// 2 × 2: p from the hypergeometric distribution given both margins, the conditional maximum likelihood estimate of
  /// the odds ratio and Cornfield's exact limits. Larger: the probability of all tables with these margins that are no
  /// more probable than the observed one (Freeman & Halton, Biometrika 1951;38:141, doi 10.1093/biomet/38.1-2.141).
  /// - Throws: `HypothesisTestError` for an empty row or column, or an r × c table too large to enumerate.
  ///
  /// - Parameter estimate: the conditional maximum likelihood estimate, or the sample's ad/bc (SAS, Stata); the limits
  ///   are the exact ones with either.
  public func fisherTest(
    alternative: Alternative = .twoSided, estimate: FisherEstimate = .conditional, level: Double = 0.95
  ) throws(HypothesisTestError) -> TestResult {
    try checkLevel(level)
    try checkMargins()
    guard isTwoByTwo else {
      return TestResult(
        test: "fisher", method: "Fisher-Freeman-Halton exact test", pValue: try FreemanHalton(self).pValue())
    }
    let columns = columnTotals
    let distribution = NoncentralHypergeometric(n1: columns[0], n2: columns[1], events: rowTotals[0])
    let x = counts[0][0]
    var result = TestResult(
      test: "fisher", method: "Fisher's exact test", pValue: distribution.pValue(observed: x, alternative))
    let limits = distribution.limits(observed: x, level: level, alternative: alternative)
    switch estimate {
    case .conditional:
      result.parameter = "odds ratio (conditional maximum likelihood)"
      result.estimate = distribution.oddsRatio(observed: x)
    case .sample:
      result.parameter = "odds ratio (sample)"
      let cross = Double(counts[0][1]) * Double(counts[1][0])
      let product = Double(counts[0][0]) * Double(counts[1][1])
      result.estimate = cross == 0 ? .infinity : product / cross
    }
    (result.low, result.high) = (limits.low, limits.high)
    result.level = level
    result.alternative = alternative
    result.null = 1
    return result
  }
}
