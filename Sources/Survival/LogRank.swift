import Glibc
import LinearAlgebra
import Probability

/// The log-rank test and its weighted family for k groups, with strata.
///
/// At each event time t of a stratum the events of a group are compared with their expectation d·Y_g/Y, weighted by
/// `weight`. The statistic (O − E)'V⁻(O − E), with V the hypergeometric variance, is χ² with one degree of freedom fewer
/// than there are groups at risk. The unweighted test is the score test of a Cox model with exact ties.
/// R `survival::survdiff(Surv(…) ~ group + strata(…), rho = )`; delayed entry, which `survdiff` refuses, changes only who
/// is at risk. SAS `PROC LIFETEST` `STRATA … / TEST=`.
public struct LogRankTest: Sendable {
  /// What an event time counts for.
  public var weight: LogRankWeight
  /// Scores of the groups for a test of trend, Σ a(O − E) over √(a'Va), χ² on one degree of freedom; nil for the test of
  /// any difference. Klein & Moeschberger, section 7.4.
  public var trendScores: [Double]?

  public init(weight: LogRankWeight = .logRank, trendScores: [Double]? = nil) {
    self.weight = weight
    self.trendScores = trendScores
  }

  /// The G-rho test, with weights S(t−)^ρ: ρ = 0 is the log-rank test.
  public init(rho: Double) {
    self.init(weight: rho == 0 ? .logRank : .flemingHarrington(p: rho, q: 0))
  }

  /// What one group contributes.
  public struct Group: Sendable, Equatable {
    /// The number of rows.
    public var count: Int
    /// The weighted number of events, Σ w d.
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
    /// The weights that were used.
    public let weight: LogRankWeight
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
    let tables = try Self.tables(data, group, groupCount, stratum, stratumCount)
    var groups = [Group](repeating: Group(count: 0, observed: 0, expected: 0), count: groupCount)
    for g in group { groups[Int(g)].count += 1 }
    var variance = Matrix(rows: groupCount, columns: groupCount)
    for range in tables.strata {
      var weights = LogRankWeights(weight)
      for t in range {
        let row = tables.row(t)
        let w = weights.next(atRisk: row.total, events: row.deaths)
        for g in 0..<groupCount {
          groups[g].observed += w * row.events[row.events.startIndex + g]
          groups[g].expected += w * row.expected(g)
        }
        row.addVariance(times: w * w, to: &variance)
      }
    }
    let difference = groups.map { $0.observed - $0.expected }
    let (statistic, df) =
      trendScores.map { trend($0, difference, variance) } ?? chiSquare(difference, variance, groups)
    return Result(
      groups: groups, difference: difference, variance: variance, statistic: statistic, df: df,
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper), weight: weight)
  }

  /// The events and numbers at risk by group, checked.
  static func tables(
    _ data: SurvivalData, _ group: [Int32], _ groupCount: Int, _ stratum: [Int32]?, _ stratumCount: Int
  ) throws(SurvivalError) -> GroupedRiskSets {
    let present = Set(group).count
    guard present >= 2 else { throw .tooFewGroups(found: present) }
    guard data.cause.contains(where: { $0 != 0 }) else { throw .noEvents(cause: nil) }
    return GroupedRiskSets(
      data, group: group, groupCount: groupCount, stratum: stratum, stratumCount: stratumCount)
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

  private func trend(_ scores: [Double], _ difference: [Double], _ variance: Matrix) -> (Double, Double) {
    precondition(scores.count == difference.count, "a score for every group")
    let u = dot(scores, difference)
    return (u * u / variance.quadraticForm(scores), 1)
  }
}

/// One event time of a stratum by group.
struct GroupedRiskRow {
  let events: ArraySlice<Double>
  let atRisk: ArraySlice<Double>
  let total: Double
  let deaths: Double

  /// d Y_g/Y.
  func expected(_ g: Int) -> Double { deaths * atRisk[atRisk.startIndex + g] / total }

  /// Adds the hypergeometric covariance of the groups' events, times a factor.
  func addVariance(times factor: Double, to variance: inout Matrix) {
    guard total > 1 else { return }
    let scale = factor * deaths * (total - deaths) / (total * total * (total - 1))
    for g in atRisk.indices {
      let (i, y) = (g - atRisk.startIndex, atRisk[g])
      variance[i, i] += scale * y * total
      for h in atRisk.indices { variance[i, h - atRisk.startIndex] -= scale * y * atRisk[h] }
    }
  }
}

extension GroupedRiskSets {
  /// The event time of a number.
  func row(_ t: Int) -> GroupedRiskRow {
    let places = (t * groupCount)..<((t + 1) * groupCount)
    return GroupedRiskRow(
      events: events[places], atRisk: atRisk[places], total: atRisk[places].reduce(0, +),
      deaths: events[places].reduce(0, +))
  }
}
