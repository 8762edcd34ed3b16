import LinearAlgebra

/// The rows of a Cox model in the order of its risk sets, and the event times that each of them sees.
///
/// Rows are ordered by stratum and exit time, events before censorings; those that see no event time are left out. See
/// `CoxRiskSets` for what the numbers mean.
struct CoxRowOrder {
  /// For each kept row, in sorted order, its place among the rows given.
  private(set) var kept: [Int32] = []
  private(set) var lower: [Int32] = []
  private(set) var upper: [Int32] = []
  private(set) var isEvent: [Bool] = []
  private(set) var strata: [CoxRiskSets.Stratum] = []
  private(set) var eventRank: [Int32] = []
  private(set) var tied: [Int32] = []
  private(set) var eventWeight: [Double] = []
  private(set) var hasEntries = false

  /// Sorts rows.
  ///
  /// - Complexity: O(n), and the search for each entry time in the event times of its stratum where there are several strata.
  init(_ data: SurvivalData, stratum: [Int32]?, stratumCount: Int, weights: [Double]?) {
    let times = data.distinctTimes.count
    if stratum == nil || stratumCount == 1 {
      sortWhole(data, weights)
    } else {
      let keys: [Int32] = arrayFilledByBlocks(data.count) { rows, out in
        for i in rows { out[i] = Self.key(data, weights, i) }
      }
      sortByStratum(
        data, stratum, weights, orderByStratum(stratum, strata: stratumCount, rank: keys, ranks: 2 * times))
    }
  }

  /// Twice the place of the exit time, and one more for a row that does not end in an event.
  @inline(__always)
  private static func key(_ data: SurvivalData, _ weights: [Double]?, _ row: Int) -> Int32 {
    2 * data.timeRank[row] + (data.cause[row] != 0 && (weights?[row] ?? 1) > 0 ? 0 : 1)
  }

  // MARK: One stratum

  /// Orders the rows of one stratum by counting, where a table tells how many event times there are up to each time.
  private mutating func sortWhole(_ data: SurvivalData, _ weights: [Double]?) {
    let times = data.distinctTimes.count
    let keys: [Int32] = arrayFilledByBlocks(data.count) { rows, out in
      data.timeRank.withUnsafeBufferPointer { rank in
        data.cause.withUnsafeBufferPointer { cause in
          for i in rows { out[i] = 2 * rank[i] + (cause[i] != 0 ? 0 : 1) }
          if let weights {
            for i in rows where !(weights[i] > 0) { out[i] |= 1 }
          }
        }
      }
    }
    let (sorted, starts) = countedOrder(keys, bound: 2 * times)
    var seen = [Int32](repeating: 0, count: times)
    for rank in 0..<times {
      let events = starts[2 * rank]..<starts[2 * rank + 1]
      if !events.isEmpty {
        eventRank.append(Int32(rank))
        tied.append(Int32(events.count))
        eventWeight.append(
          weights.map { w in events.reduce(0) { $0 + w[Int(sorted[$1])] } } ?? Double(events.count))
      }
      seen[rank] = Int32(eventRank.count)
    }
    keep(sorted, keys: keys, seen: seen, data, weights)
    if !kept.isEmpty { strata = [.init(code: 0, rows: 0..<kept.count, events: 0..<eventRank.count)] }
  }

  /// Keeps the rows that see an event time: `seen` counts those up to each time.
  private mutating func keep(
    _ sorted: [Int32], keys: [Int32], seen: [Int32], _ data: SurvivalData, _ weights: [Double]?
  ) {
    let block = 1 << 17
    @inline(__always) @Sendable func visit(_ places: Range<Int>, _ body: (Int32, Int32, Int32) -> Void) {
      sorted.withUnsafeBufferPointer { sorted in
        keys.withUnsafeBufferPointer { keys in
          seen.withUnsafeBufferPointer { seen in
            (data.entryRank ?? []).withUnsafeBufferPointer { entry in
              let isDelayed = data.entryRank != nil
              for place in places {
                let row = sorted[place]
                let u = seen[Int(keys[Int(row)] >> 1)]
                let l = isDelayed ? seen[Int(entry[Int(row)])] : 0
                if l < u, (weights?[Int(row)] ?? 1) > 0 { body(row, l, u) }
              }
            }
          }
        }
      }
    }
    let blocks = (sorted.count + block - 1) / block
    let counts = ThreadSlots<(rows: Int, entries: Int)>(count: blocks)
    forEachBlock(rows: sorted.count, block: block) { places in
      var (rows, entries) = (0, 0)
      visit(places) { _, l, _ in
        rows += 1
        entries += l > 0 ? 1 : 0
      }
      counts[places.lowerBound / block] = (rows, entries)
    }
    var first = [0]
    for k in 0..<blocks {
      first.append(first[k] + counts[k]!.rows)
      hasEntries = hasEntries || counts[k]!.entries > 0
    }
    let count = first[blocks]
    let starts = first
    kept = [Int32](repeating: 0, count: count)
    lower = kept
    upper = kept
    isEvent = [Bool](repeating: false, count: count)
    kept.withUnsafeMutableBufferPointer { kept in
      lower.withUnsafeMutableBufferPointer { lower in
        upper.withUnsafeMutableBufferPointer { upper in
          isEvent.withUnsafeMutableBufferPointer { isEvent in
            guard count > 0 else { return }
            let rows = SharedPlaces(base: kept.baseAddress!)
            let from = SharedPlaces(base: lower.baseAddress!)
            let to = SharedPlaces(base: upper.baseAddress!)
            let events = SharedPlaces(base: isEvent.baseAddress!)
            forEachBlock(rows: sorted.count, block: block) { places in
              var i = starts[places.lowerBound / block]
              visit(places) { row, l, u in
                rows.base[i] = row
                from.base[i] = l
                to.base[i] = u
                events.base[i] = data.cause[Int(row)] != 0
                i += 1
              }
            }
          }
        }
      }
    }
  }

  // MARK: Several strata

  private mutating func sortByStratum(
    _ data: SurvivalData, _ stratum: [Int32]?, _ weights: [Double]?, _ sorted: [Int32]
  ) {
    let n = data.count
    kept.reserveCapacity(n)
    lower.reserveCapacity(n)
    upper.reserveCapacity(n)
    var i = 0
    while i < n {
      let code = stratum?[Int(sorted[i])] ?? 0
      var end = i
      let firstEvent = eventRank.count
      while end < n, (stratum?[Int(sorted[end])] ?? 0) == code {
        let row = Int(sorted[end])
        if data.cause[row] != 0, (weights?[row] ?? 1) > 0 {
          let rank = data.timeRank[row]
          if eventRank.count == firstEvent || eventRank.last! != rank {
            eventRank.append(rank)
            tied.append(0)
            eventWeight.append(0)
          }
          tied[tied.count - 1] += 1
          eventWeight[tied.count - 1] += weights?[row] ?? 1
        }
        end += 1
      }
      let events = firstEvent..<eventRank.count
      let firstRow = kept.count
      var u = firstEvent
      for position in i..<end {
        let row = sorted[position]
        let exit = data.timeRank[Int(row)]
        while u < events.upperBound, eventRank[u] <= exit { u += 1 }
        var l = firstEvent
        if let entry = data.entryRank?[Int(row)], firstEvent < u, eventRank[firstEvent] <= entry {
          // The first event time after entry.
          l = firstEvent + eventRank[firstEvent..<u].partitioningIndex(where: { $0 > entry })
          hasEntries = hasEntries || l < u
        }
        if l < u, (weights?[Int(row)] ?? 1) > 0 {
          kept.append(row)
          lower.append(Int32(l))
          upper.append(Int32(u))
        }
      }
      if firstRow < kept.count {
        strata.append(.init(code: code, rows: firstRow..<kept.count, events: events))
      }
      i = end
    }
    isEvent = kept.map { data.cause[Int($0)] != 0 }
  }
}
