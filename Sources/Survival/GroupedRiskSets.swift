/// The events and the numbers at risk in each of k groups at every event time of every stratum.
///
/// Event times run forwards within a stratum; `events[t * groupCount + g]` and `atRisk[t * groupCount + g]` belong to
/// the tth event time over all strata.
struct GroupedRiskSets: Sendable {
  let groupCount: Int
  /// The event times of each stratum that has any.
  private(set) var strata: [Range<Int>] = []
  /// For each event time its place in `SurvivalData.distinctTimes`.
  private(set) var ranks: [Int32] = []
  private(set) var events: [Double] = []
  private(set) var atRisk: [Double] = []

  /// Builds the tables by walking each stratum backwards in time.
  ///
  /// - Complexity: O(n + event times × groups).
  init(_ data: SurvivalData, group: [Int32], groupCount: Int, stratum: [Int32]?, stratumCount: Int) {
    self.groupCount = groupCount
    let n = data.count
    let times = data.distinctTimes.count
    let exits = orderByStratum(stratum, strata: stratumCount, rank: data.timeRank, ranks: times)
    let entries = data.entryRank.map {
      orderByStratum(stratum, strata: stratumCount, rank: $0, ranks: times)
    }
    func stratumOf(_ row: Int32) -> Int32 { stratum?[Int(row)] ?? 0 }
    var end = n
    while end > 0 {
      let current = stratumOf(exits[end - 1])
      var i = end - 1
      var e = end - 1
      var y = [Double](repeating: 0, count: groupCount)
      var d = y
      // Backwards first; the rows of this stratum are then turned round.
      var reversedRanks: [Int32] = []
      var reversedEvents: [Double] = []
      var reversedRisk: [Double] = []
      while i >= 0, stratumOf(exits[i]) == current {
        let rank = data.timeRank[Int(exits[i])]
        var deaths = false
        for g in 0..<groupCount { d[g] = 0 }
        while i >= 0, stratumOf(exits[i]) == current, data.timeRank[Int(exits[i])] == rank {
          let row = Int(exits[i])
          y[Int(group[row])] += 1
          if data.cause[row] != 0 {
            d[Int(group[row])] += 1
            deaths = true
          }
          i -= 1
        }
        if let entries, let entryRank = data.entryRank {
          while e >= 0, stratumOf(entries[e]) == current, entryRank[Int(entries[e])] >= rank {
            y[Int(group[Int(entries[e])])] -= 1
            e -= 1
          }
        }
        if deaths {
          reversedRanks.append(rank)
          reversedEvents += d
          reversedRisk += y
        }
      }
      if !reversedRanks.isEmpty {
        let start = ranks.count
        for t in stride(from: reversedRanks.count - 1, through: 0, by: -1) {
          ranks.append(reversedRanks[t])
          events += reversedEvents[(t * groupCount)..<((t + 1) * groupCount)]
          atRisk += reversedRisk[(t * groupCount)..<((t + 1) * groupCount)]
        }
        strata.append(start..<ranks.count)
      }
      end = i + 1
    }
  }
}
