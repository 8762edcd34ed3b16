import Probability

/// The Kruskal–Wallis test of equal location in several groups (R `kruskal.test`, SAS `PROC NPAR1WAY WILCOXON`).
///
/// H = [12/(N(N + 1)) Σ Rᵢ²/nᵢ − 3(N + 1)] / [1 − Σ(t³ − t)/(N³ − N)], χ² with groups − 1 degrees of freedom. Kruskal &
/// Wallis, J Am Stat Assoc 1952;47:583, doi 10.1080/01621459.1952.10483441.
public enum KruskalWallisTest {
  /// Tests whether the groups' locations are equal. Empty groups are left out.
  ///
  /// - Throws: `HypothesisTestError` with fewer than two groups, no variation, or a value that is not finite.
  public static func test(_ groups: [[Double]]) throws(HypothesisTestError) -> TestResult {
    let groups = groups.filter { !$0.isEmpty }
    guard groups.count > 1 else { throw .tooFew(what: "groups", count: groups.count, needed: 2) }
    let pooled = groups.flatMap { $0 }
    try checkFinite(pooled, "the sample")
    let ranks = Ranks(pooled)
    let n = Double(pooled.count)
    let tieFactor = 1 - ranks.tieSum / (n * n * n - n)
    guard tieFactor > 0 else { throw .constant("the pooled sample") }
    var sum = 0.0
    var start = 0
    for group in groups {
      let total = Double(ranks.doubled[start..<(start + group.count)].reduce(0, +)) / 2
      sum += total * total / Double(group.count)
      start += group.count
    }
    let statistic = (12 * sum / (n * (n + 1)) - 3 * (n + 1)) / tieFactor
    var result = TestResult(test: "kruskal", method: "Kruskal-Wallis rank-sum test", pValue: 0)
    result.statisticName = "H"
    result.statistic = statistic
    result.df = Double(groups.count - 1)
    result.pValue = ChiSquared(df: Double(groups.count - 1)).cdf(statistic, tail: .upper)
    return result
  }
}
