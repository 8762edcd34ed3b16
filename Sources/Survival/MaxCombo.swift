import Glibc
import LinearAlgebra
import Probability

/// The MaxCombo test of two groups: the largest of several weighted log-rank statistics, with its p-value from their joint
/// normal distribution.
///
/// The covariance of two weighted statistics is Σ w w' v over the event times, v the hypergeometric variance; under the
/// hypothesis of equal survival the standardised statistics are jointly normal with that correlation. Lee (1996),
/// doi:10.2307/2533140; Roychoudhury et al. (2021), doi:10.1080/19466315.2021.1874507. R `nph::logrank.maxtest`,
/// `simtrial::maxcombo`.
public struct MaxComboTest: Sendable {
  /// The alternatives.
  public enum Alternative: String, Sendable, CaseIterable {
    /// The largest |Z|.
    case twoSided = "two.sided"
    /// The largest Z: the second group has more events.
    case greater
    /// The least Z: the second group has fewer events.
    case less
  }

  /// The weights that are combined.
  public var weights: [LogRankWeight]
  public var alternative: Alternative

  /// Fleming–Harrington's (0,0), (1,0), (0,1), (1,1), sensitive to proportional, early, late and middle differences.
  public static let usualWeights: [LogRankWeight] = [
    .flemingHarrington(p: 0, q: 0), .flemingHarrington(p: 1, q: 0),
    .flemingHarrington(p: 0, q: 1), .flemingHarrington(p: 1, q: 1),
  ]

  public init(weights: [LogRankWeight] = usualWeights, alternative: Alternative = .twoSided) {
    self.weights = weights
    self.alternative = alternative
  }

  /// The outcome of the test.
  public struct Result: Sendable, Equatable {
    /// The standardised statistic of each weight, (O − E)/√V of the second group.
    public let statistics: [Double]
    /// The p-value of each alone.
    public let pValues: [Double]
    /// Their correlation.
    public let correlation: Matrix
    /// The largest statistic in the alternative's direction.
    public let statistic: Double
    /// The weight, by its place, that has it.
    public let best: Int
    /// The p-value of the largest.
    public let pValue: Double
  }

  /// Tests whether two groups share one survival curve within each stratum; arguments as in `LogRankTest.test`.
  ///
  /// - Throws: `SurvivalError.tooFewGroups`, `.noEvents`; `.unsupported` for more than two groups or more than five
  ///   weights.
  public func test(
    _ data: SurvivalData, group: [Int32], groupCount: Int, stratum: [Int32]? = nil, stratumCount: Int = 1
  ) throws(SurvivalError) -> Result {
    let tables = try LogRankTest.tables(data, group, groupCount, stratum, stratumCount)
    guard groupCount == 2 else { throw .unsupported("MaxCombo compares two groups, found \(groupCount)") }
    guard (1...5).contains(weights.count) else {
      throw .unsupported("MaxCombo combines one to five weights, found \(weights.count)")
    }
    let size = weights.count
    var u = [Double](repeating: 0, count: size)
    var v = Matrix(rows: size, columns: size)
    for range in tables.strata {
      var walks = weights.map { LogRankWeights($0) }
      for t in range {
        let row = tables.row(t)
        var own = Matrix(rows: 2, columns: 2)
        row.addVariance(times: 1, to: &own)
        let excess = row.events[row.events.startIndex + 1] - row.expected(1)
        let w = walks.indices.map { walks[$0].next(atRisk: row.total, events: row.deaths) }
        for a in 0..<size {
          u[a] += w[a] * excess
          for b in 0..<size { v[a, b] += w[a] * w[b] * own[1, 1] }
        }
      }
    }
    return result(u, v)
  }

  private func result(_ u: [Double], _ v: Matrix) -> Result {
    let error = v.diagonal.map { $0.squareRoot() }
    let z = zip(u, error).map { $0 / $1 }
    var correlation = v
    for a in z.indices {
      for b in z.indices { correlation[a, b] = a == b ? 1 : v[a, b] / (error[a] * error[b]) }
    }
    let towards: [Double]
    let normal = Normal()
    let alone: [Double]
    switch alternative {
    case .twoSided:
      towards = z.map(abs)
      alone = z.map { normal.twoSided($0) }
    case .greater:
      towards = z
      alone = z.map { normal.cdf($0, tail: .upper) }
    case .less:
      towards = z.map { -$0 }
      alone = z.map { normal.cdf($0) }
    }
    let best = towards.indices.max { towards[$0] < towards[$1] }!
    let top = towards[best]
    let box = MultivariateNormalBox(correlation)
    let inside =
      alternative == .twoSided
      ? box.probability(low: -top, high: top)
      : box.probability(low: -.infinity, high: top)
    // Never below the p-value of the best weight alone, never above Bonferroni's.
    let p = min(max(1 - inside, alone[best]), min(1, alone[best] * Double(z.count)))
    return Result(
      statistics: z, pValues: alone, correlation: correlation, statistic: z[best], best: best, pValue: p)
  }
}
