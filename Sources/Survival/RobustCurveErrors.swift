import Glibc

/// The infinitesimal jackknife's standard errors of Kaplan–Meier curves.
///
/// With w_i the weights, the derivative of log S(t) by w_i is −Σ (δ_i − Y_i d/Y)/(Y − d) over the times up to t, of the
/// cumulative hazard Σ (δ_i − Y_i d/Y)/Y; the variance is the sum over clusters of the squares of the clusters' sums of
/// w_i times it. R `survfit(Surv(…) ~ group, weights = , robust = TRUE)`.
struct RobustCurveErrors {
  let data: SurvivalData
  let weights: [Double]?
  let clusters: [Int32]?
  let clusterCount: Int

  init(_ data: SurvivalData, weights: [Double]?, clusters: [Int32]?, clusterCount: Int) {
    self.data = data
    self.weights = weights
    self.clusters = clusters
    self.clusterCount = clusters == nil ? data.count : clusterCount
  }

  /// Puts robust errors and their limits in the place of Greenwood's.
  func replaceErrors(of curve: inout SurvivalCurve, group: [Int32]?, code: Int32, z: Double) {
    // Rows of weight 0 add no time to the curve.
    let rows = (0..<data.count).filter { (group?[$0] ?? code) == code && (weights?[$0] ?? 1) > 0 }
    let exits = rows.sorted { data.timeRank[$0] < data.timeRank[$1] }
    let entries = rows.sorted { (data.entryRank?[$0] ?? -1) < (data.entryRank?[$1] ?? -1) }
    var survival = ClusterInfluence(clusters: clusterCount)
    var hazard = survival
    var entering = 0
    var i = 0
    // Where nobody has the event nothing changes, not even in the last digit: a limit's first time at a level counts.
    var logError = 0.0
    var hazardError = 0.0
    for j in curve.time.indices {
      let rank = data.timeRank[exits[i]]
      while entering < entries.count, (data.entryRank?[entries[entering]] ?? -1) < rank {
        let (cluster, weight) = place(entries[entering])
        survival.changeAtRisk(cluster, by: weight)
        hazard.changeAtRisk(cluster, by: weight)
        entering += 1
      }
      let first = i
      while i < exits.count, data.timeRank[exits[i]] == rank { i += 1 }
      let d = curve.events[j]
      let y = curve.atRisk[j]
      if d > 0, y - d > 0 {
        for row in exits[first..<i] where data.cause[row] != 0 {
          let (cluster, weight) = place(row)
          survival.add(cluster, -weight / (y - d))
          hazard.add(cluster, weight / y)
        }
        survival.addToAll(d / (y * (y - d)))
        hazard.addToAll(-d / (y * y))
      }
      for row in exits[first..<i] {
        let (cluster, weight) = place(row)
        survival.changeAtRisk(cluster, by: -weight)
        hazard.changeAtRisk(cluster, by: -weight)
      }
      let s = curve.survival[j]
      if d > 0 {
        logError = s > 0 ? survival.sumOfSquares.squareRoot() : .infinity
        hazardError = hazard.sumOfSquares.squareRoot()
      }
      curve.standardError[j] = s > 0 ? s * logError : .nan
      curve.cumulativeHazardStandardError[j] = hazardError
      (curve.low[j], curve.high[j]) = curve.limits.interval(s, logStandardError: logError, z: z)
    }
  }

  private func place(_ row: Int) -> (cluster: Int, weight: Double) {
    (Int(clusters?[row] ?? Int32(row)), weights?[row] ?? 1)
  }
}
