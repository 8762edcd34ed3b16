import Probability

/// What "as extreme" means in a two-sided exact test.
public enum TwoSidedExact: String, Sendable, CaseIterable {
  /// All outcomes no more probable than the observed one.
  case minimumLikelihood = "minimum-likelihood"
  /// Twice the smaller one-sided p-value.
  case doubled
}

extension SingleProportion {
  /// The exact binomial test of H₀: p = `null` with Clopper–Pearson limits (R `binom.test`).
  ///
  /// Two-sided: the probability of all counts no more probable than the observed one (within a relative 1e-7, as in R),
  /// or twice the smaller tail (SAS `EXACT BINOMIAL`).
  /// - Throws: `HypothesisTestError.argument` unless 0 ≤ null ≤ 1 and 0 < level < 1.
  public func binomialTest(
    null: Double = 0.5, alternative: Alternative = .twoSided, twoSided: TwoSidedExact = .minimumLikelihood,
    level: Double = 0.95
  ) throws(HypothesisTestError) -> TestResult {
    guard (0...1).contains(null) else { throw .argument("a null probability of \(null); expected 0 to 1") }
    try checkLevel(level)
    let (x, n) = (Double(events), Double(total))
    let distribution = Binomial(size: n, probability: null)
    var result = TestResult(test: "binom", method: "exact binomial test", pValue: 0)
    result.statisticName = "x"
    result.statistic = x
    result.parameter = "probability"
    result.estimate = proportion
    result.level = level
    result.alternative = alternative
    result.null = null
    let alpha = alternative == .twoSided ? (1 - level) / 2 : 1 - level
    result.low =
      alternative == .less || events == 0 ? 0 : Beta(shape1: x, shape2: n - x + 1).quantile(alpha)
    result.high =
      alternative == .greater || events == total
      ? 1 : Beta(shape1: x + 1, shape2: n - x).quantile(alpha, tail: .upper)
    switch alternative {
    case .less: result.pValue = distribution.cdf(x)
    case .greater: result.pValue = distribution.cdf(x - 1, tail: .upper)
    case .twoSided:
      result.pValue =
        switch twoSided {
        case .minimumLikelihood: twoSidedP(distribution, null)
        case .doubled: min(1, 2 * min(distribution.cdf(x), distribution.cdf(x - 1, tail: .upper)))
        }
    }
    return result
  }

  private func twoSidedP(_ distribution: Binomial, _ null: Double) -> Double {
    if null == 0 { return events == 0 ? 1 : 0 }
    if null == 1 { return events == total ? 1 : 0 }
    let bound = distribution.density(Double(events)) * (1 + 1e-7)
    let mean = Double(total) * null
    if Double(events) == mean { return 1 }
    // The probabilities fall away from the mean, so each tail is an interval of counts.
    if Double(events) < mean {
      let first = Int(mean.rounded(.up))
      let beyond = (first...total).first { distribution.density(Double($0)) <= bound } ?? total + 1
      return min(1, distribution.cdf(Double(events)) + distribution.cdf(Double(beyond - 1), tail: .upper))
    }
    let last = Int(mean.rounded(.down))
    let beyond =
      stride(from: last, through: 0, by: -1).first { distribution.density(Double($0)) <= bound } ?? -1
    return min(1, distribution.cdf(Double(beyond)) + distribution.cdf(Double(events - 1), tail: .upper))
  }
}
