import LinearAlgebra

/// How many rows of one group enter, have an event and are censored at each distinct time, and how many are at risk.
///
/// The counts are sums of case weights. `atRisk[j]` counts rows with entry < t ≤ exit at t = `times[j]`: events and
/// censorings at t are still at risk there, entries at t are not yet.
struct RiskTally: Sendable {
  /// Places in `SurvivalData.distinctTimes` with an exit in this group, ascending.
  var ranks: [Int32] = []
  var atRisk: [Double] = []
  var events: [Double] = []
  var censored: [Double] = []

  /// The number of rows, where each weighs 1.
  var rowCount: Int { Int(events.reduce(0, +) + censored.reduce(0, +)) }

  /// Adds a row to those censored at a place among the distinct times.
  mutating func censor(_ weight: Double, at rank: Int32) {
    var low = 0
    var high = ranks.count
    while low < high {
      let middle = (low + high) / 2
      if ranks[middle] < rank { low = middle + 1 } else { high = middle }
    }
    // A row of weight 0 is at no time of the table.
    if low < ranks.count, ranks[low] == rank { censored[low] += weight }
  }

  /// Tallies every group in one pass over the rows for each batch of groups.
  ///
  /// - Parameters:
  ///   - group: for each row a code in 0 ..< `groupCount`; nil for one group.
  ///   - isEvent: which causes count as the event; by default any.
  /// - Complexity: O(n + groups × distinct times), with memory for at most a few times n counts at once.
  static func byGroup(
    _ data: SurvivalData, group: [Int32]?, groupCount: Int, weights: [Double]?,
    isEvent: (Int32) -> Bool = { $0 != 0 }
  ) -> [RiskTally] {
    let times = data.distinctTimes.count
    let n = data.count
    let batch = max(1, min(groupCount, (4 * n + (1 << 20)) / max(times, 1)))
    let counted = (0...data.greatestCause).map(isEvent)
    var tallies: [RiskTally] = []
    for first in stride(from: 0, to: groupCount, by: batch) {
      let groups = min(batch, groupCount - first)
      let counts = Self.counts(
        data, group: group, groups: first..<(first + groups), weights: weights, counted: counted)
      counts.withUnsafeBufferPointer { counts in
        for g in 0..<groups {
          let start = g * times * 3
          tallies.append(
            RiskTally(UnsafeBufferPointer(rebasing: counts[start..<(start + 3 * times)]), times: times))
        }
      }
    }
    return tallies
  }

  /// For each group, one after another, the events, the censorings and the entries at every distinct time.
  private static func counts(
    _ data: SurvivalData, group: [Int32]?, groups: Range<Int>, weights: [Double]?, counted: [Bool]
  ) -> [Double] {
    let times = data.distinctTimes.count
    let width = groups.count * times * 3
    // Every block has counts of its own, so there are few, and one where times are many.
    let block = max(1 << 16, data.count / 8, 8 * width)
    if weights == nil, data.entryRank == nil {
      return wholeCounts(data, group: group, groups: groups, counted: counted, block: block)
    }
    return sumsOverBlocks(rows: data.count, block: block, width: width) { rows, counts in
      data.timeRank.withUnsafeBufferPointer { rank in
        data.cause.withUnsafeBufferPointer { cause in
          (group ?? []).withUnsafeBufferPointer { codes in
            counted.withUnsafeBufferPointer { counted in
              let isGrouped = group != nil
              for i in rows {
                let g = (isGrouped ? Int(codes[i]) : 0) - groups.lowerBound
                guard g >= 0, g < groups.count else { continue }
                let w = weights?[i] ?? 1
                let base = g * times * 3
                counts[base + (counted[Int(cause[i])] ? 0 : times) + Int(rank[i])] += w
                if let entry = data.entryRank { counts[base + 2 * times + Int(entry[i])] += w }
              }
            }
          }
        }
      }
    }
  }

  /// The same counts where rows weigh 1 and are at risk from the origin: whole numbers, of which neighbouring rows add to two
  /// sets in turn, so that many rows at one time (the end of a study) do not wait for each other.
  private static func wholeCounts(
    _ data: SurvivalData, group: [Int32]?, groups: Range<Int>, counted: [Bool], block: Int
  ) -> [Double] {
    let times = data.distinctTimes.count
    let width = groups.count * times * 3
    let isGrouped = group != nil
    // Where in a group's counts a row of each cause belongs.
    let shift = counted.map { $0 ? 0 : times }
    return sumsOverBlocks(rows: data.count, block: block, width: width) { rows, counts in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * width) { own in
        own.initialize(repeating: 0)
        data.timeRank.withUnsafeBufferPointer { rank in
          data.cause.withUnsafeBufferPointer { cause in
            (group ?? []).withUnsafeBufferPointer { codes in
              shift.withUnsafeBufferPointer { shift in
                for i in rows {
                  let g = (isGrouped ? Int(codes[i]) : 0) - groups.lowerBound
                  guard g >= 0, g < groups.count else { continue }
                  let place: Int = shift[Int(cause[i])] + Int(rank[i])
                  own[(i & 1) * width + g * times * 3 + place] &+= 1
                }
              }
            }
          }
        }
        for k in 0..<width { counts[k] = Double(own[k] &+ own[width + k]) }
      }
    }
  }

  /// Turns counts (events, then censorings, then entries, each by place) into a table of the times with an exit.
  private init(_ counts: UnsafeBufferPointer<Double>, times: Int) {
    var atRiskNow = 0.0
    for j in stride(from: times - 1, through: 0, by: -1) {
      // Rows entering at this very time leave the risk set, going backwards, before its exits join it.
      atRiskNow -= counts[2 * times + j]
      let d = counts[j]
      let c = counts[times + j]
      guard d != 0 || c != 0 else { continue }
      atRiskNow += d + c
      ranks.append(Int32(j))
      atRisk.append(atRiskNow)
      events.append(d)
      censored.append(c)
    }
    ranks.reverse()
    atRisk.reverse()
    events.reverse()
    censored.reverse()
  }
}
