import LinearAlgebra

/// The pairs of each row and their balance of concordant over discordant, by a sweep over the predictor.
///
/// Row j can be compared with the events at event times `lower ... last`, the last being that before its own event where
/// it has one. Going up the predictor, trees over event times hold the rows passed by the time they leave and by that
/// they enter (read at an event's time: those at risk with a lower predictor) and the events passed (read over a row's
/// interval). Event times are numbered through all strata, so that strata never meet. The sweep is cut into parts of
/// fixed number, each beginning with trees of all rows before it, so that threads share it and nothing depends on them.
struct PairCount {
  private(set) var concordant = 0.0
  private(set) var discordant = 0.0
  private(set) var tied = 0.0
  /// Weighted concordant less discordant pairs of each kept row.
  private(set) var balance: [Double]
  private let totals: Totals

  /// The weight at risk at each event time without its own events, and the events before each event time.
  private struct Totals: Sendable {
    var atRisk: [Double]
    var events: [Double]
  }

  init(_ sets: CoxRiskSets, predictor: [Double]) {
    let n = sets.order.count
    let values = sets.order.map { predictor[Int($0)] }
    let order = values.withUnsafeBufferPointer { ascendingOrder($0) }
    let totals = Self.totals(sets)
    let rows = PairRows(sets)
    let parts = Self.parts(order, values, count: n < 1 << 16 ? 1 : 4)
    let histograms = ThreadSlots<PairTrees>(count: parts.count)
    let tallies = ThreadSlots<(Double, Double, Double)>(count: parts.count)
    let threads = min(coreCount, parts.count)
    let first = BlockQueue(count: parts.count)
    parallelLoop(threads) { _ in
      while let k = first.next() { histograms[k] = PairTrees(counting: order[parts[k]], sets, rows) }
    }
    // Trees before each part: the counts of all parts before it.
    var before = PairTrees(sets)
    var starts: [PairTrees] = []
    for k in parts.indices {
      starts.append(before)
      before.add(histograms[k]!)
      histograms[k] = nil
    }
    var balance = [Double](repeating: 0, count: n)
    let ready = starts
    balance.withUnsafeMutableBufferPointer { balance in
      let out = BalancePointer(base: balance.baseAddress!)
      let second = BlockQueue(count: parts.count)
      parallelLoop(threads) { _ in
        while let k = second.next() {
          var sweep = PairSweep(
            trees: ready[k].asTrees(), rows: rows, atRisk: totals.atRisk, events: totals.events,
            balance: out.base)
          sweep.run(order[parts[k]], values)
          tallies[k] = (sweep.concordant, sweep.discordant, sweep.tied)
        }
      }
    }
    self.balance = balance
    self.totals = totals
    for k in parts.indices {
      concordant += tallies[k]!.0
      discordant += tallies[k]!.1
      tied += tallies[k]!.2
    }
  }

  /// Places that threads write, each its own rows: hence unchecked.
  private struct BalancePointer: @unchecked Sendable {
    let base: UnsafeMutablePointer<Double>
  }

  /// Cuts the order into parts between different predictors.
  private static func parts(_ order: [Int32], _ values: [Double], count: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var first = 0
    for k in 1...count where first < order.count {
      var end = max(first, k * order.count / count)
      while end > first, end < order.count, values[Int(order[end])] == values[Int(order[end - 1])] {
        end += 1
      }
      if end > first { parts.append(first..<end) }
      first = end
    }
    return parts
  }

  /// Weighted comparable pairs of each kept row.
  func pairs(_ sets: CoxRiskSets) -> [Double] {
    sets.order.indices.map { i in
      let upper = Int(sets.upper[i])
      guard sets.isEvent[i] else { return totals.events[upper] - totals.events[Int(sets.lower[i])] }
      return totals.atRisk[upper - 1] + totals.events[upper - 1] - totals.events[Int(sets.lower[i])]
    }
  }

  private static func totals(_ sets: CoxRiskSets) -> Totals {
    let zero = [Double](repeating: 0, count: sets.eventTimeCount + 1)
    var totals = Totals(atRisk: zero, events: zero)
    for i in sets.order.indices {
      let w = sets.weights?[i] ?? 1
      totals.atRisk[Int(sets.lower[i])] += w
      totals.atRisk[Int(sets.upper[i]) - (sets.isEvent[i] ? 1 : 0)] -= w
      if sets.isEvent[i] { totals.events[Int(sets.upper[i])] += w }
    }
    for k in 1..<zero.count {
      totals.atRisk[k] += totals.atRisk[k - 1]
      totals.events[k] += totals.events[k - 1]
    }
    return totals
  }
}

/// What a sweep reads of a row, side by side: rows come in the order of the predictor, each a miss of the cache.
private struct PairRows: Sendable {
  /// Twice the upper event time, and one more for an event.
  private let ends: [UInt32]
  /// Empty where all rows are at risk from the first event time on.
  private let lower: [Int32]
  private let weights: [Double]?

  init(_ sets: CoxRiskSets) {
    ends = sets.upper.indices.map { UInt32(sets.upper[$0]) << 1 | (sets.isEvent[$0] ? 1 : 0) }
    lower = sets.hasEntries || sets.strata.count > 1 ? sets.lower : []
    weights = sets.weights
  }

  @inline(__always)
  subscript(i: Int) -> (upper: Int, lower: Int, isEvent: Bool) {
    (Int(ends[i] >> 1), lower.isEmpty ? 0 : Int(lower[i]), ends[i] & 1 == 1)
  }

  @inline(__always)
  func weight(_ i: Int) -> Double { weights?[i] ?? 1 }
}

/// Weights by event time: of rows by the time they enter and by that they leave, and of events.
private struct PairTrees: Sendable {
  /// Empty where all rows are at risk from the first event time on.
  var entries: [Double]
  var exits: [Double]
  var events: [Double]
  /// The weight of all rows in `exits`.
  var passed = 0.0

  /// No rows.
  init(_ sets: CoxRiskSets) {
    let zero = [Double](repeating: 0, count: sets.eventTimeCount + 1)
    entries = sets.hasEntries || sets.strata.count > 1 ? zero : []
    exits = zero
    events = zero
  }

  /// The counts of some rows, each at its event time.
  init(counting order: ArraySlice<Int32>, _ sets: CoxRiskSets, _ rows: PairRows) {
    self.init(sets)
    for row in order {
      let i = Int(row)
      let w = rows.weight(i)
      let (upper, lower, isEvent) = rows[i]
      let last = upper - (isEvent ? 2 : 1)
      if isEvent { events[upper - 1] += w }
      guard last >= lower else { continue }
      if !entries.isEmpty { entries[lower] += w }
      exits[last] += w
      passed += w
    }
  }

  mutating func add(_ other: PairTrees) {
    for k in entries.indices { entries[k] += other.entries[k] }
    for k in exits.indices {
      exits[k] += other.exits[k]
      events[k] += other.events[k]
    }
    passed += other.passed
  }

  /// The same counts as trees whose sums over the first places cost O(log n) to read and to change (Fenwick 1994,
  /// doi:10.1002/spe.4380240306); place k of the counts is place k + 1 of a tree.
  func asTrees() -> PairTrees {
    func tree(_ counts: [Double]) -> [Double] {
      guard !counts.isEmpty else { return [] }
      var tree = [0.0] + counts
      for i in 1..<tree.count where i + (i & -i) < tree.count { tree[i + (i & -i)] += tree[i] }
      return tree
    }
    var trees = self
    trees.entries = tree(entries)
    trees.exits = tree(exits)
    trees.events = tree(events)
    return trees
  }
}

/// One part of the sweep.
private struct PairSweep {
  var trees: PairTrees
  let rows: PairRows
  let atRisk: [Double]
  let events: [Double]
  let balance: UnsafeMutablePointer<Double>
  var concordant = 0.0
  var discordant = 0.0
  var tied = 0.0

  init(
    trees: PairTrees, rows: PairRows, atRisk: [Double], events: [Double],
    balance: UnsafeMutablePointer<Double>
  ) {
    self.trees = trees
    self.rows = rows
    self.atRisk = atRisk
    self.events = events
    self.balance = balance
  }

  mutating func run(_ order: ArraySlice<Int32>, _ values: [Double]) {
    var below: [(atRisk: Double, events: Double)] = [(0, 0)]
    var start = order.startIndex
    while start < order.endIndex {
      let value = values[Int(order[start])]
      var end = start + 1
      while end < order.endIndex, values[Int(order[end])] == value { end += 1 }
      if end == start + 1 {
        // A row does not compare with itself: nothing is equal to one that is alone.
        let i = Int(order[start])
        let before = passed(i)
        add(i)
        settle(i, before, before)
      } else {
        if below.count < end - start { below += Array(repeating: (0, 0), count: end - start - below.count) }
        for place in start..<end { below[place - start] = passed(Int(order[place])) }
        for place in start..<end { add(Int(order[place])) }
        for place in start..<end {
          let i = Int(order[place])
          settle(i, below[place - start], passed(i))
        }
      }
      start = end
    }
  }

  /// Those at risk at an event's time, and the events in a row's interval, among the rows passed so far.
  @inline(__always)
  private func passed(_ i: Int) -> (atRisk: Double, events: Double) {
    let (upper, lower, isEvent) = rows[i]
    guard isEvent else {
      return (0, Self.sum(trees.events, upper) - Self.sum(trees.events, lower))
    }
    // At risk at the event's time: entered by then, and not gone before.
    let entered = trees.entries.isEmpty ? trees.passed : Self.sum(trees.entries, upper)
    return (
      entered - Self.sum(trees.exits, upper - 1),
      Self.sum(trees.events, upper - 1) - Self.sum(trees.events, lower)
    )
  }

  @inline(__always)
  private mutating func add(_ i: Int) {
    let w = rows.weight(i)
    let (upper, lower, isEvent) = rows[i]
    let last = upper - (isEvent ? 2 : 1)
    if isEvent { Self.add(w, to: &trees.events, upper) }
    guard last >= lower else { return }
    if !trees.entries.isEmpty { Self.add(w, to: &trees.entries, lower + 1) }
    Self.add(w, to: &trees.exits, last + 1)
    trees.passed += w
  }

  /// Counts a row's pairs from what was passed before its equals and with them.
  @inline(__always)
  private mutating func settle(
    _ i: Int, _ before: (atRisk: Double, events: Double), _ now: (atRisk: Double, events: Double)
  ) {
    let (upper, lower, isEvent) = rows[i]
    var own = 0.0
    var last = upper
    if isEvent {
      let w = rows.weight(i)
      let all = atRisk[upper - 1]
      concordant += w * before.atRisk
      discordant += w * (all - now.atRisk)
      tied += w * (now.atRisk - before.atRisk)
      own = before.atRisk - (all - now.atRisk)
      last -= 1
    }
    let all = events[last] - events[lower]
    balance[i] = own + (all - now.events) - before.events
  }

  /// The sum over the first places of a tree.
  @inline(__always)
  private static func sum(_ tree: [Double], _ count: Int) -> Double {
    tree.withUnsafeBufferPointer { tree in
      var sum = 0.0
      var i = count
      while i > 0 {
        sum += tree[i]
        i &= i - 1
      }
      return sum
    }
  }

  @inline(__always)
  private static func add(_ weight: Double, to tree: inout [Double], _ place: Int) {
    tree.withUnsafeMutableBufferPointer { tree in
      var i = place
      while i < tree.count {
        tree[i] += weight
        i += i & -i
      }
    }
  }
}
