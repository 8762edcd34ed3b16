import Probability

/// The Wilcoxon tests: rank sum (Mann–Whitney) for two samples, signed rank for one (R `wilcox.test`).
///
/// Exact: without ties by default below 50 observations a group, as in R; when asked for, with ties too, from the
/// permutation distribution of the midranks (SAS `EXACT WILCOXON`). Otherwise the normal approximation with variance
/// corrected for ties and, unless declined, a continuity correction of ½. The estimate is Hodges and Lehmann's: the
/// median of all pairwise differences, or of all Walsh averages (Ann Math Stat 1963;34:598, doi 10.1214/aoms/1177704172).
public struct WilcoxonTest: Sendable {
  /// The location, or shift of the first sample against the second, under the null hypothesis.
  public var null = 0.0
  /// Use the exact distribution; nil lets the sample sizes and ties decide.
  public var exact: Bool?
  /// Use the continuity correction in the normal approximation.
  public var continuityCorrection = true
  public var alternative = Alternative.twoSided
  public var level = 0.95

  public init() {}

  /// The rank-sum test of two samples: W = Σ ranks of the first − n₁(n₁ + 1)/2.
  ///
  /// - Throws: `HypothesisTestError` for an empty sample, a value that is not finite, no variation at all, or an exact
  ///   test too large to compute.
  public func rankSum(_ x: [Double], _ y: [Double]) throws(HypothesisTestError) -> TestResult {
    try checkLevel(level)
    try checkFinite(x, "the first sample")
    try checkFinite(y, "the second sample")
    guard !x.isEmpty, !y.isEmpty else { throw .tooFew(what: "observations in a group", count: 0, needed: 1) }
    let ranks = Ranks(x.map { $0 - null } + y)
    let (m, n) = (x.count, y.count)
    // Twice W, a whole number whatever the ties.
    let doubledW = ranks.doubled[..<m].reduce(0, +) - m * (m + 1)
    let isExact = exact ?? (m < 50 && n < 50 && ranks.ties.isEmpty)
    let pairs = OrderedPairs(differencesOf: x, and: y)
    var result = started("rank-sum", isExact: isExact, hasTies: !ranks.ties.isEmpty)
    result.statisticName = "W"
    result.statistic = Double(doubledW) / 2
    result.parameter = "difference in location (Hodges-Lehmann)"
    result.estimate = pairs.median
    if isExact {
      let distribution = try PermutationDistribution(scores: ranks.doubled, choosing: m)
      let base = m * (m + 1)
      result.pValue = distribution.pValue(
        doubledW + base, doubledMean: 2 * m * (m + n + 1), alternative)
      // The limits need the quantiles of W; with ties those of the permuted midranks stand for them, a half rounded up:
      // the shift at that pair is the first that the exact test keeps.
      setExactLimits(
        &result, pairs, quantile: { (max(0, distribution.quantile($0) - base) + 1) / 2 },
        below: { distribution.lower(2 * $0 - 1 + base) })
    } else {
      let (a, b, total) = (Double(m), Double(n), Double(m + n))
      func deviation(_ tieSum: Double) -> Double {
        (a * b / 12 * ((total + 1) - tieSum / (total * (total - 1)))).squareRoot()
      }
      try normalApproximation(
        &result, centred: Double(doubledW) / 2 - a * b / 2, sd: deviation(ranks.tieSum))
      // Between two pairwise differences only ties inside a sample remain.
      let sd = deviation(Ranks(x).tieSum + Ranks(y).tieSum)
      setAsymptoticLimits(&result, pairs, sd: sd, level: level)
    }
    return result
  }

  /// The signed-rank test of one sample, or of paired differences: V = Σ ranks of |x − μ₀| where x > μ₀.
  ///
  /// Values equal to μ₀ are left out of the ranks (Wilcoxon's way), and stay in the estimate.
  /// - Throws: `HypothesisTestError` where no value differs from μ₀, one is not finite, or an exact test is too large.
  public func signedRank(_ x: [Double]) throws(HypothesisTestError) -> TestResult {
    try checkLevel(level)
    try checkFinite(x, "the sample")
    guard !x.isEmpty else { throw .tooFew(what: "observations", count: 0, needed: 1) }
    let kept = x.filter { $0 - null != 0 }
    guard !kept.isEmpty else { throw .constant("the sample") }
    let ranks = Ranks(kept.map { abs($0 - null) })
    let doubledV = zip(kept, ranks.doubled).reduce(0) { $0 + ($1.0 - null > 0 ? $1.1 : 0) }
    let hasZeros = kept.count < x.count
    let isExact = exact ?? (x.count < 50 && ranks.ties.isEmpty && !hasZeros)
    var result = started("signed-rank", isExact: isExact, hasTies: !ranks.ties.isEmpty)
    if hasZeros {
      result.notes.append("\(x.count - kept.count) values equal to the null value are left out of the ranks")
    }
    result.statisticName = "V"
    result.statistic = Double(doubledV) / 2
    result.parameter = "location (Hodges-Lehmann)"
    result.estimate = OrderedPairs(walshAveragesOf: x).median
    let pairs = OrderedPairs(walshAveragesOf: kept)
    let n = Double(kept.count)
    if isExact {
      let distribution = try PermutationDistribution(signing: ranks.doubled)
      result.pValue = distribution.pValue(
        doubledV, doubledMean: kept.count * (kept.count + 1), alternative)
      setExactLimits(
        &result, pairs, quantile: { (distribution.quantile($0) + 1) / 2 },
        below: { distribution.lower(2 * $0 - 1) })
    } else {
      try normalApproximation(
        &result, centred: Double(doubledV) / 2 - n * (n + 1) / 4,
        sd: Self.signedRankDeviation(kept.count, ranks.tieSum))
      guard let attained = attainableLevel(kept, Self.signedRankDeviation) else {
        result.notes.append("no limits: the sample is too small, or varies too little, for any")
        return result
      }
      setAsymptoticLimits(
        &result, pairs, sd: Self.signedRankDeviation(kept.count, Ranks(kept).tieSum), level: attained)
    }
    return result
  }

  /// The standard deviation of V, n values with Σ(t³ − t) over their ties.
  private static func signedRankDeviation(_ count: Int, _ tieSum: Double) -> Double {
    let n = Double(count)
    return (n * (n + 1) * (2 * n + 1) / 24 - tieSum / 48).squareRoot()
  }

  private func started(_ kind: String, isExact: Bool, hasTies: Bool) -> TestResult {
    var method = "Wilcoxon \(kind) test, "
    if isExact {
      method += hasTies ? "exact (permutation distribution of the midranks)" : "exact"
    } else {
      method += "normal approximation" + (continuityCorrection ? " with continuity correction" : "")
    }
    var result = TestResult(test: "wilcoxon", method: method, pValue: 1)
    result.level = level
    result.alternative = alternative
    result.null = null
    if hasTies { result.notes.append("there are ties") }
    return result
  }

  func correction(_ centred: Double) -> Double {
    guard continuityCorrection else { return 0 }
    switch alternative {
    case .twoSided: return centred == 0 ? 0 : (centred > 0 ? 0.5 : -0.5)
    case .greater: return 0.5
    case .less: return -0.5
    }
  }

  private func normalApproximation(_ result: inout TestResult, centred: Double, sd: Double)
    throws(HypothesisTestError)
  {
    guard sd > 0 else { throw .constant("the pooled sample") }
    let z = (centred - correction(centred)) / sd
    switch alternative {
    case .twoSided: result.pValue = Normal().twoSided(z)
    case .less: result.pValue = Normal().cdf(z)
    case .greater: result.pValue = Normal().cdf(z, tail: .upper)
    }
  }
}
