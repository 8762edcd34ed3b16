import Glibc
import LinearAlgebra
import Probability

/// The log-rank test and its G-rho family for k groups, with strata.
///
/// At each event time t of a stratum the events of a group are compared with their expectation d·Y_g/Y, weighted by
/// S(t−)^ρ with S the pooled Kaplan–Meier estimate of the stratum. ρ = 0 is the log-rank (Mantel–Haenszel) test, ρ = 1 the
/// Peto & Peto modification of the Gehan–Wilcoxon test. The statistic (O − E)'V⁻(O − E), with V the hypergeometric
/// variance, is χ² with one degree of freedom fewer than there are groups at risk. Harrington & Fleming (1982),
/// doi:10.1093/biomet/69.3.553. R `survival::survdiff(Surv(…) ~ group + strata(…), rho = )`; delayed entry, which
/// `survdiff` refuses, changes only who is at risk.
public struct LogRankTest: Sendable {
  /// The power ρ of the pooled survival that weighs early differences.
  public var rho: Double

  public init(rho: Double = 0) { self.rho = rho }

  /// What one group contributes.
  public struct Group: Sendable, Equatable {
    /// The number of rows.
    public var count: Int
    /// The weighted number of events, Σ S(t−)^ρ d.
    public var observed: Double
    /// The weighted number expected if the groups do not differ.
    public var expected: Double
  }

  /// The outcome of the test.
  public struct Result: Sendable, Equatable {
    /// One entry a group, in the order of the codes.
    public let groups: [Group]
    /// Observed minus expected, summed over strata.
    public let difference: [Double]
    /// The variance of `difference`.
    public let variance: Matrix
    /// The χ² statistic.
    public let statistic: Double
    /// Its degrees of freedom.
    public let df: Double
    /// P(χ² ≥ statistic).
    public let pValue: Double
    /// The power that was used.
    public let rho: Double
  }

  /// Tests whether the groups share one survival curve within each stratum.
  ///
  /// - Parameters:
  ///   - data: the event times; an event of any cause counts.
  ///   - group: a code in 0 ..< `groupCount` for each row.
  ///   - stratum: a code in 0 ..< `stratumCount` for each row; nil for one stratum.
  /// - Throws: `SurvivalError.tooFewGroups` or `.noEvents`.
  /// - Complexity: O(n + strata × groups × distinct times).
  public func test(
    _ data: SurvivalData, group: [Int32], groupCount: Int, stratum: [Int32]? = nil, stratumCount: Int = 1
  ) throws(SurvivalError) -> Result {
    var groups = [Group](repeating: Group(count: 0, observed: 0, expected: 0), count: groupCount)
    for g in group { groups[Int(g)].count += 1 }
    let present = groups.count { $0.count > 0 }
    guard present >= 2 else { throw .tooFewGroups(found: present) }
    guard data.cause.contains(where: { $0 != 0 }) else { throw .noEvents(cause: nil) }
    var variance = Matrix(rows: groupCount, columns: groupCount)
    let tables = GroupedRiskSets(
      data, group: group, groupCount: groupCount, stratum: stratum, stratumCount: stratumCount)
    for range in tables.strata { accumulate(tables, range, into: &groups, &variance) }
    let difference = groups.map { $0.observed - $0.expected }
    let (statistic, df) = chiSquare(difference, variance, groups)
    return Result(
      groups: groups, difference: difference, variance: variance, statistic: statistic, df: df,
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper), rho: rho)
  }

  /// Adds one stratum's observed and expected events and their variance.
  private func accumulate(
    _ tables: GroupedRiskSets, _ range: Range<Int>, into groups: inout [Group], _ variance: inout Matrix
  ) {
    let k = tables.groupCount
    var s = 1.0
    for t in range {
      let y = tables.atRisk[(t * k)..<((t + 1) * k)]
      let d = tables.events[(t * k)..<((t + 1) * k)]
      let total = y.reduce(0, +)
      let deaths = d.reduce(0, +)
      let weight = rho == 0 ? 1 : pow(s, rho)
      for g in 0..<k {
        groups[g].observed += weight * d[d.startIndex + g]
        groups[g].expected += weight * deaths * y[y.startIndex + g] / total
      }
      if total > 1 {
        let scale = weight * weight * deaths * (total - deaths) / (total * total * (total - 1))
        for g in 0..<k {
          let yg = y[y.startIndex + g]
          variance[g, g] += scale * yg * total
          for h in 0..<k { variance[g, h] -= scale * yg * y[y.startIndex + h] }
        }
      }
      s *= 1 - deaths / total
    }
  }

  /// The quadratic form over the groups with a positive expectation, one of them left out.
  private func chiSquare(_ difference: [Double], _ variance: Matrix, _ groups: [Group]) -> (Double, Double) {
    let used = groups.indices.filter { groups[$0].expected > 0 }
    let df = used.count - 1
    guard df > 0 else { return (0, 0) }
    let kept = Array(used.dropLast())
    let v = variance.selecting(columns: kept).selecting(rows: kept)
    let u = kept.map { difference[$0] }
    guard let factor = try? CholeskyFactor(of: v) else { return (.nan, Double(df)) }
    return (dot(u, factor.solve(u)), Double(df))
  }
}
