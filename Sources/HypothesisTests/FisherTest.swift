import Probability

extension ContingencyTable {
  /// Fisher's exact test of independence (R `fisher.test`, SAS `EXACT FISHER`).
  ///
  /// 2 × 2: p from the hypergeometric distribution given both margins, the conditional maximum likelihood estimate of
  /// the odds ratio and Cornfield's exact limits. Larger: the probability of all tables with these margins that are no
  /// more probable than the observed one (Freeman & Halton, Biometrika 1951;38:141, doi 10.1093/biomet/38.1-2.141).
  /// - Throws: `HypothesisTestError` for an empty row or column, or an r × c table too large to enumerate.
  public func fisherTest(alternative: Alternative = .twoSided, level: Double = 0.95)
    throws(HypothesisTestError) -> TestResult
  {
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
    result.parameter = "odds ratio (conditional maximum likelihood)"
    result.estimate = distribution.oddsRatio(observed: x)
    (result.low, result.high) = (limits.low, limits.high)
    result.level = level
    result.alternative = alternative
    result.null = 1
    return result
  }
}
