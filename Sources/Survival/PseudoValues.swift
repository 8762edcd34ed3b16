/// Jackknife pseudo-values of functions of the survival curve, n θ̂ − (n − 1) θ̂_(−i) for each row.
///
/// Regressing them on covariates (a GEE with the robust variance) models the function itself: the restricted mean by an
/// identity or log link, survival at a time by others. Andersen, Hansen & Klein (2004), doi:10.1007/s10985-004-4771-0;
/// Andersen & Perme (2010), doi:10.1177/0962280209105020. R `pseudo::pseudomean`, `pseudo::pseudosurv`.
public struct PseudoValues: Sendable, Equatable {
  /// One pseudo-value a row.
  public let values: [Double]
  /// The function of all rows of each stratum, by its code.
  public let estimates: [Double]

  /// The pseudo-values of the restricted mean ∫₀^τ S(t) dt.
  ///
  /// Leaving a row out changes the factors of the Kaplan–Meier product up to its own time in one and the same way for all
  /// rows, and none after it, so that one walk through the times serves every row: O(n log n).
  ///
  /// - Parameters:
  ///   - data: event times without delayed entry; an event of any cause counts.
  ///   - tau: the horizon τ.
  ///   - stratum: pseudo-values are taken within strata (where censoring differs between them); nil for one.
  /// - Throws: `SurvivalError.unsupported` for delayed entry, `.horizon` where the curve of a stratum is not known up to τ, `.noRows` for a stratum of a single row.
  public static func restrictedMean(
    _ data: SurvivalData, tau: Double, stratum: [Int32]? = nil, stratumCount: Int = 1
  ) throws(SurvivalError) -> PseudoValues {
    guard data.entryRank == nil else {
      throw .unsupported("pseudo-values have no method for delayed entry (start-stop times)")
    }
    let tallies = RiskTally.byGroup(data, group: stratum, groupCount: stratumCount, weights: nil)
    var walks: [LeaveOneOut] = []
    for tally in tallies { walks.append(try LeaveOneOut(tally, data.distinctTimes, tau: tau)) }
    let values = (0..<data.count).map { i in
      walks[Int(stratum?[i] ?? 0)].pseudoValue(rank: data.timeRank[i], event: data.cause[i] != 0)
    }
    return PseudoValues(values: values, estimates: walks.map(\.whole))
  }
}

/// The restricted mean of one group with each of its rows left out.
private struct LeaveOneOut {
  /// The restricted mean of the whole group.
  let whole: Double
  private let count: Double
  private let ranks: [Int32]
  private let atRisk: [Double]
  private let events: [Double]
  /// Up to each time, with one fewer at risk: the area before it, and S just before it.
  private let areaBefore: [Double]
  private let survivalBefore: [Double]
  /// From each time to τ, S relative to its value at the time.
  private let areaAfter: [Double]

  init(_ tally: RiskTally, _ times: [Double], tau: Double) throws(SurvivalError) {
    let used = tally.ranks.indices.prefix { times[Int(tally.ranks[$0])] <= tau }
    let last = tally.ranks.last.map { times[Int($0)] } ?? 0
    guard let n = tally.atRisk.first, n > 1 else { throw .noRows }
    guard tau > 0, tau.isFinite, tau <= last || tally.events.last == tally.atRisk.last else {
      throw .horizon(tau: tau, largest: last)
    }
    count = n
    ranks = Array(tally.ranks[used])
    atRisk = Array(tally.atRisk[used])
    events = Array(tally.events[used])
    let time = ranks.map { times[Int($0)] }
    var s = 1.0
    var area = 0.0
    var previous = 0.0
    var areas: [Double] = []
    var survivals: [Double] = []
    for j in time.indices {
      area += s * (time[j] - previous)
      areas.append(area)
      survivals.append(s)
      previous = time[j]
      // The rows with this time or a later one, less one: as any row that is still at risk after it sees it.
      if atRisk[j] > 1 { s *= max(0, 1 - events[j] / (atRisk[j] - 1)) }
    }
    areaBefore = areas + [area + s * (tau - previous)]
    survivalBefore = survivals
    var after = [Double](repeating: 0, count: time.count)
    for j in time.indices.reversed() {
      let next = j + 1 < time.count ? time[j + 1] : tau
      let rest = j + 1 < time.count ? (1 - events[j + 1] / atRisk[j + 1]) * after[j + 1] : 0
      after[j] = next - time[j] + rest
    }
    areaAfter = after
    whole =
      time.isEmpty ? tau : time[0] + (1 - events[0] / atRisk[0]) * after[0]
  }

  func pseudoValue(rank: Int32, event: Bool) -> Double {
    let j = ranks.partitioningIndex { $0 >= rank }
    var without = areaBefore[j]
    if j < ranks.count {
      // At its own time the row is missing from those at risk and, if it has it, from the events.
      let y = atRisk[j] - 1
      let d = events[j] - (event ? 1 : 0)
      without += survivalBefore[j] * (y > 0 ? 1 - d / y : 1) * areaAfter[j]
    }
    return count * whole - (count - 1) * without
  }
}
