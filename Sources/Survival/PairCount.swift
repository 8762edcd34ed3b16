import LinearAlgebra

/// The pairs of each row and their balance of concordant over discordant, by a sweep over the predictor.
///
/// Row j can be compared with the events at event times `lower ... last`, the last being that before its own event where
/// it has one. Going up the predictor, counts by event time hold the rows passed (read at an event's time: those at risk
/// with a lower predictor) and the events passed (read over a row's interval). Event times are numbered through all
/// strata, so that strata never meet. The rows are cut by their predictor into a fixed number of parts, each beginning with
/// the counts of all parts below it, so that threads share the sweep and nothing depends on them.
struct PairCount {
  /// What the sweep found for the rows of one part, in the order of the predictor.
  struct Part: Sendable {
    /// The kept rows.
    var rows: [Int32] = []
    /// Weighted concordant less discordant pairs of each.
    var balance: [Double] = []
    /// Weighted comparable pairs of each.
    var pairs: [Double] = []
    var concordant = 0.0
    var discordant = 0.0
    var tied = 0.0
  }

  let parts: [Part]
  var concordant: Double { parts.reduce(0) { $0 + $1.concordant } }
  var discordant: Double { parts.reduce(0) { $0 + $1.discordant } }
  var tied: Double { parts.reduce(0) { $0 + $1.tied } }

  /// - Parameter predictor: the predicted risk of each row given.
  init(_ sets: CoxRiskSets, predictor: [Double]) {
    let n = sets.order.count
    let values: [Double] = arrayFilledByBlocks(n) { rows, out in
      sets.order.withUnsafeBufferPointer { order in
        predictor.withUnsafeBufferPointer { for i in rows { out[i] = $0[Int(order[i])] } }
      }
    }
    let bounds = Self.bounds(values)
    let count = bounds.count - 1
    let sorted = ThreadSlots<PairRows>(count: count)
    let threads = min(coreCount, count)
    let first = BlockQueue(count: count)
    parallelLoop(threads) { _ in
      while let k = first.next() { sorted[k] = PairRows(sets, values, from: bounds[k], below: bounds[k + 1]) }
    }
    // The counts before each part: those of all parts before it.
    var before = [PairTotals(eventTimes: sets.eventTimeCount)]
    for k in 0..<count { before.append(before[k].adding(sorted[k]!.totals)) }
    let starts = before
    let found = ThreadSlots<Part>(count: count)
    let second = BlockQueue(count: count)
    parallelLoop(threads) { _ in
      while let k = second.next() {
        found[k] =
          sets.eventTimeCount <= BlockedCounts.mostEventTimes
          ? PairSweep(BlockedCounts(starts[k]), all: starts[count]).run(sorted[k]!)
          : PairSweep(CountTrees(starts[k]), all: starts[count]).run(sorted[k]!)
      }
    }
    parts = (0..<count).map { found[$0]! }
  }

  /// Where the values are cut in four parts of about one size; a part has what is at least its bound and below the next.
  private static func bounds(_ values: [Double]) -> [Double] {
    var bounds = [-Double.infinity]
    if values.count >= 1 << 16 {
      var sample = stride(from: 0, to: values.count, by: values.count / 1024).map { values[$0] }
      sample.sort()
      for k in 1...3 where sample[k * sample.count / 4] > bounds.last! {
        bounds.append(sample[k * sample.count / 4])
      }
    }
    return bounds + [.infinity]
  }
}

/// Weights by event time.
struct PairTotals: Sendable {
  /// The weight that comes under risk at each event time less that which leaves before it, without the events' own row at its
  /// time; the sum up to a time is the weight at risk.
  var changes: [Double]
  /// The weight of the events at each event time.
  var events: [Double]

  init(eventTimes: Int) {
    changes = [Double](repeating: 0, count: eventTimes + 1)
    events = changes
  }

  func adding(_ other: PairTotals) -> PairTotals {
    var sum = self
    for k in changes.indices {
      sum.changes[k] += other.changes[k]
      sum.events[k] += other.events[k]
    }
    return sum
  }
}

/// The rows of one part of the sweep in the order of the predictor, what it reads of each side by side.
private struct PairRows: Sendable {
  var rows: [Int32]
  var values: [Double]
  /// Twice the upper event time, and one more for an event.
  var ends: [UInt32]
  var lower: [Int32]
  /// nil where all are 1.
  var weights: [Double]?
  var totals: PairTotals

  init(_ sets: CoxRiskSets, _ all: [Double], from low: Double, below high: Double) {
    var own: [Int32] = []
    var values: [Double] = []
    all.withUnsafeBufferPointer { all in
      if low == -.infinity, high == .infinity {
        own = Array(0..<Int32(all.count))
        values = Array(all)
        return
      }
      own.reserveCapacity(all.count / 3)
      values.reserveCapacity(all.count / 3)
      for i in all.indices where all[i] >= low && all[i] < high {
        own.append(Int32(i))
        values.append(all[i])
      }
    }
    let order = values.withUnsafeBufferPointer { ascendingOrder($0) }
    let rows = order.map { own[Int($0)] }
    self.rows = rows
    self.values = order.map { values[Int($0)] }
    ends = rows.map { UInt32(sets.upper[Int($0)]) << 1 | (sets.isEvent[Int($0)] ? 1 : 0) }
    lower = rows.map { sets.lower[Int($0)] }
    weights = sets.weights.map { w in rows.map { w[Int($0)] } }
    totals = PairTotals(eventTimes: sets.eventTimeCount)
    for place in rows.indices {
      let row = self[place]
      if row.isEvent { totals.events[row.upper - 1] += row.weight }
      if row.last >= row.lower {
        totals.changes[row.lower] += row.weight
        totals.changes[row.last + 1] -= row.weight
      }
    }
  }

  @inline(__always)
  subscript(place: Int) -> PairRow {
    PairRow(
      upper: Int(ends[place] >> 1), lower: Int(lower[place]), isEvent: ends[place] & 1 == 1,
      weight: weights?[place] ?? 1)
  }
}

/// A row of the sweep.
private struct PairRow {
  let upper: Int
  let lower: Int
  let isEvent: Bool
  let weight: Double

  /// The last event time at which it is at risk without having an event.
  @inline(__always)
  var last: Int { upper - (isEvent ? 2 : 1) }
}

/// One part of the sweep.
private struct PairSweep<Counts: EventTimeCounts> {
  private var passed: Counts
  /// The weight at risk at each event time without its own events, and the events before each event time, of all rows.
  private var atRisk: [Double]
  private var events: [Double]
  private var part = PairCount.Part()

  init(_ passed: Counts, all: PairTotals) {
    self.passed = passed
    atRisk = all.changes
    events = [0] + all.events.dropLast()
    for k in atRisk.indices.dropFirst() {
      atRisk[k] += atRisk[k - 1]
      events[k] += events[k - 1]
    }
  }

  consuming func run(_ rows: PairRows) -> PairCount.Part {
    var sweep = self
    sweep.part.rows = rows.rows
    sweep.part.balance.reserveCapacity(rows.rows.count)
    sweep.part.pairs.reserveCapacity(rows.rows.count)
    var below: [(atRisk: Double, events: Double)] = []
    var start = 0
    while start < rows.rows.count {
      let value = rows.values[start]
      var end = start + 1
      while end < rows.rows.count, rows.values[end] == value { end += 1 }
      if end == start + 1 {
        // A row does not compare with itself: nothing is equal to one that is alone.
        let row = rows[start]
        let before = sweep.lower(row)
        sweep.pass(row)
        sweep.settle(row, before, before)
      } else {
        below.removeAll(keepingCapacity: true)
        for place in start..<end { below.append(sweep.lower(rows[place])) }
        for place in start..<end { sweep.pass(rows[place]) }
        for place in start..<end {
          let row = rows[place]
          sweep.settle(row, below[place - start], sweep.lower(row))
        }
      }
      start = end
    }
    return sweep.part
  }

  /// Those at risk at an event's time, and the events in a row's interval, among the rows passed so far.
  @inline(__always)
  private func lower(_ row: PairRow) -> (atRisk: Double, events: Double) {
    (
      row.isEvent ? passed.atRisk(at: row.upper - 1) : 0,
      passed.events(before: row.last + 1) - passed.events(before: row.lower)
    )
  }

  @inline(__always)
  private mutating func pass(_ row: PairRow) {
    if row.isEvent { passed.addEvent(at: row.upper - 1, row.weight) }
    if row.last >= row.lower { passed.addRow(from: row.lower, through: row.last, row.weight) }
  }

  /// Counts a row's pairs from what was passed before its equals and with them.
  @inline(__always)
  private mutating func settle(
    _ row: PairRow, _ before: (atRisk: Double, events: Double), _ now: (atRisk: Double, events: Double)
  ) {
    var own = 0.0
    let all = events[row.last + 1] - events[row.lower]
    var pairs = all
    if row.isEvent {
      let atRisk = atRisk[row.upper - 1]
      part.concordant += row.weight * before.atRisk
      part.discordant += row.weight * (atRisk - now.atRisk)
      part.tied += row.weight * (now.atRisk - before.atRisk)
      own = before.atRisk - (atRisk - now.atRisk)
      pairs += atRisk
    }
    part.balance.append(own + (all - now.events) - before.events)
    part.pairs.append(pairs)
  }
}
