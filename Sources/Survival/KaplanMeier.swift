import Probability

/// The Kaplan–Meier estimator S(t) = Π (1 − d_j/Y_j) over the event times up to t, by group.
///
/// d_j are the events at the jth time and Y_j those at risk just before it; delayed entry and case weights are allowed.
/// The variance is Greenwood's, S² Σ d/(Y(Y − d)). Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452.
/// R `survival::survfit(Surv(…) ~ group)`, SAS `PROC LIFETEST`.
public struct KaplanMeier: Sendable {
  /// The scale of the limits; R's default.
  public var limits = SurvivalLimits.log
  /// The confidence level.
  public var level = 0.95
  /// How the variance is estimated.
  public var variance = Variance.greenwood

  /// The variance of a curve.
  public enum Variance: Sendable, Equatable {
    /// Greenwood's, right for one row a person and weights that are counts.
    case greenwood
    /// The infinitesimal jackknife Σ (w ∂S/∂w)² over clusters of rows (nil: each row its own), right for sampling weights
    /// and several rows a person. R `survfit(…, robust = TRUE, cluster = )`.
    case robust(clusters: [Int32]?, count: Int)
  }

  public init(limits: SurvivalLimits = .log, level: Double = 0.95) {
    self.limits = limits
    self.level = level
  }

  /// Estimates one curve a group.
  ///
  /// - Parameters:
  ///   - data: the event times; an event of any cause counts.
  ///   - group: a code in 0 ..< `groupCount` for each row; nil for a single curve.
  ///   - weights: case weights, at least 0; nil for ones.
  ///   - continues: rows whose person stays under observation (`SurvivalData.continues(person:in:)`): their ends are times of
  ///     the curve, but count as no censoring.
  /// - Throws: `SurvivalError` for weights that are negative or not finite.
  /// - Complexity: O(n + groups × distinct times).
  public func fit(
    _ data: SurvivalData, group: [Int32]? = nil, groupCount: Int = 1, weights: [Double]? = nil,
    continues: [Bool]? = nil
  ) throws(SurvivalError) -> [SurvivalCurve] {
    try checkWeights(weights, count: data.count)
    let z = Normal().quantile((1 - level) / 2, tail: .upper)
    var tallies = RiskTally.byGroup(data, group: group, groupCount: groupCount, weights: weights)
    let rows =
      weights == nil ? tallies.map(\.rowCount) : Self.rowCounts(group, groupCount, rows: data.count)
    if let continues {
      // Counted anew: weights taken off a sum would leave its rounding error, even below 0.
      for g in tallies.indices {
        tallies[g].censored = [Double](repeating: 0, count: tallies[g].censored.count)
      }
      for row in 0..<data.count where !continues[row] && data.cause[row] == 0 {
        tallies[Int(group?[row] ?? 0)].censor(weights?[row] ?? 1, at: data.timeRank[row])
      }
    }
    var curves = zip(tallies, rows).map { tally, count in
      curve(tally, times: data.distinctTimes, count: count, z: z)
    }
    if case .robust(let clusters, let count) = variance {
      let robust = RobustCurveErrors(data, weights: weights, clusters: clusters, clusterCount: count)
      for g in curves.indices { robust.replaceErrors(of: &curves[g], group: group, code: Int32(g), z: z) }
    }
    return curves
  }

  private static func rowCounts(_ group: [Int32]?, _ groupCount: Int, rows: Int) -> [Int] {
    guard let group else { return [rows] }
    var counts = [Int](repeating: 0, count: groupCount)
    for g in group { counts[Int(g)] += 1 }
    return counts
  }

  private func curve(_ tally: RiskTally, times: [Double], count: Int, z: Double) -> SurvivalCurve {
    let m = tally.ranks.count
    var survival = [Double](repeating: 1, count: m)
    var error = [Double](repeating: 0, count: m)
    var hazard = [Double](repeating: 0, count: m)
    var hazardError = [Double](repeating: 0, count: m)
    var low = [Double](repeating: 1, count: m)
    var high = [Double](repeating: 1, count: m)
    var s = 1.0
    var greenwood = 0.0
    var h = 0.0
    var hazardVariance = 0.0
    for j in 0..<m {
      let d = tally.events[j]
      let y = tally.atRisk[j]
      if d > 0 {
        // One test decides that all at risk have the event, so that S is exactly 0 and not a rounding error.
        s = y - d <= 1e-12 * y ? 0 : s * (1 - d / y)
        greenwood = s == 0 ? .infinity : greenwood + d / (y * (y - d))
        h += d / y
        hazardVariance += d / (y * y)
      }
      survival[j] = s
      let logError = greenwood.squareRoot()
      error[j] = s == 0 ? .nan : s * logError
      hazard[j] = h
      hazardError[j] = hazardVariance.squareRoot()
      (low[j], high[j]) = limits.interval(s, logStandardError: logError, z: z)
    }
    return SurvivalCurve(
      time: tally.ranks.map { times[Int($0)] }, atRisk: tally.atRisk, events: tally.events,
      censored: tally.censored, survival: survival, standardError: error, cumulativeHazard: hazard,
      cumulativeHazardStandardError: hazardError, low: low, high: high, count: count, limits: limits,
      level: level)
  }
}

/// Checks case weights: finite and at least 0.
func checkWeights(_ weights: [Double]?, count: Int) throws(SurvivalError) {
  guard let weights else { return }
  precondition(weights.count == count, "\(weights.count) weights for \(count) rows")
  let bad = weights.indices.filter { !weights[$0].isFinite }
  if !bad.isEmpty { throw .notFinite(what: "weight", rows: bad) }
  let negative = weights.indices.filter { weights[$0] < 0 }
  if !negative.isEmpty { throw .negativeWeight(rows: negative) }
}
