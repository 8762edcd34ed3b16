import Probability

/// A test of equal risks in two groups.
public enum EqualRisksMethod: String, Sendable, CaseIterable {
  /// Pearson's χ² without correction (R `chisq.test(correct = FALSE)`).
  case pearson
  /// Pearson's χ² times (N − 1)/N: Campbell, Stat Med 2007;26:3661, doi 10.1002/sim.2832.
  case nMinusOne = "n-1"
  /// Pearson's χ² with Yates' continuity correction (R `chisq.test`).
  case yates
  /// Fisher's exact test, conditional on both margins (R `fisher.test`).
  case fisher
  /// The unconditional exact test ordered by the pooled z statistic: Suissa & Shuster, J R Stat Soc A 1985;148:317,
  /// doi 10.2307/2981892 (SAS `EXACT BARNARD`).
  case exact

  /// The method's name as a report writes it.
  public var title: String {
    switch self {
    case .pearson: "Pearson chi-squared"
    case .nMinusOne: "N-1 chi-squared"
    case .yates: "chi-squared with Yates' continuity correction"
    case .fisher: "Fisher's exact"
    case .exact: "unconditional exact (Suissa-Shuster)"
    }
  }
}

extension TwoProportions {
  /// Tests H₀: p₁ = p₂, two-sided.
  ///
  /// With no event, or only events, in both groups nothing can be tested: p = 1, no statistic, and a note.
  public func equalRisksTest(_ method: EqualRisksMethod = .pearson) -> TestResult {
    var result = TestResult(test: "equal risks", method: method.title, pValue: 1)
    result.alternative = .twoSided
    let (a, b, c, d) = (x1, n1 - x1, x2, n2 - x2)
    guard a + c > 0, b + d > 0 else {
      result.notes = ["\(a + c == 0 ? "no" : "only") events in both groups: nothing to test"]
      return result
    }
    let n = n1 + n2
    let cross = abs(a * d - b * c)
    let smallest = min(a + c, b + d) * min(n1, n2) / n
    switch method {
    case .pearson, .nMinusOne, .yates:
      // Yates' |O − E| − ½ never changes the sign, as in R.
      let distance = method == .yates ? cross - min(n / 2, cross) : cross
      let factor = method == .nMinusOne ? n - 1 : n
      let statistic = factor * distance * distance / (n1 * n2 * (a + c) * (b + d))
      result.statisticName = "X-squared"
      result.statistic = statistic
      result.df = 1
      result.pValue = ChiSquared(df: 1).cdf(statistic, tail: .upper)
      if smallest < 5 {
        result.notes = ["the smallest expected count is below 5: the chi-squared p-value is approximate"]
      }
    case .fisher:
      result.pValue = NoncentralHypergeometric(table: self).twoSidedP(observed: first.events, logOdds: 0)
    case .exact: result.pValue = unconditionalP(.twoSided)
    }
    return result
  }
}
