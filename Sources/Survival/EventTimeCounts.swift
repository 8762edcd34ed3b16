/// What a sweep over rows keeps of those passed, by event time.
protocol EventTimeCounts {
  /// Adds a row at risk at the event times `first ... last`.
  mutating func addRow(from first: Int, through last: Int, _ weight: Double)
  /// Adds an event at an event time.
  mutating func addEvent(at time: Int, _ weight: Double)
  /// The weight of the rows at risk at an event time.
  func atRisk(at time: Int) -> Double
  /// The weight of the events at event times before one.
  func events(before time: Int) -> Double
}

/// Counts in blocks of 64 event times: where these are few (days, months) a row costs four additions and a question about
/// events two reads, without a branch; only the events themselves, and what they ask, walk through a block.
struct BlockedCounts: EventTimeCounts {
  /// Up to so many event times a walk is shorter than a path through trees is slow.
  static let mostEventTimes = 4096
  private static let shift = 6
  private static let size = 1 << shift

  /// The changes of the weight at risk at each event time, and their sums by block.
  private var changes: [Double]
  private var changesOfBlock: [Double]
  /// The events at earlier event times of the same block, and in all blocks before.
  private var eventsInBlock: [Double]
  private var eventsBeforeBlock: [Double]

  init(_ totals: PairTotals) {
    let blocks = totals.changes.count >> Self.shift + 1
    changes = totals.changes
    changesOfBlock = [Double](repeating: 0, count: blocks)
    eventsInBlock = [Double](repeating: 0, count: blocks << Self.shift)
    eventsBeforeBlock = changesOfBlock
    for (k, change) in changes.enumerated() { changesOfBlock[k >> Self.shift] += change }
    for (k, weight) in totals.events.enumerated() where weight != 0 { addEvent(at: k, weight) }
  }

  @inline(__always)
  mutating func addRow(from first: Int, through last: Int, _ weight: Double) {
    changes.withUnsafeMutableBufferPointer {
      $0[first] += weight
      $0[last + 1] -= weight
    }
    changesOfBlock.withUnsafeMutableBufferPointer {
      $0[first >> Self.shift] += weight
      $0[(last + 1) >> Self.shift] -= weight
    }
  }

  @inline(__always)
  mutating func addEvent(at time: Int, _ weight: Double) {
    let block = time >> Self.shift
    eventsInBlock.withUnsafeMutableBufferPointer {
      for k in (time + 1)..<max(time + 1, (block + 1) << Self.shift) { $0[k] += weight }
    }
    eventsBeforeBlock.withUnsafeMutableBufferPointer {
      for k in (block + 1)..<max(block + 1, $0.count) { $0[k] += weight }
    }
  }

  @inline(__always)
  func atRisk(at time: Int) -> Double {
    let block = time >> Self.shift
    var sum = 0.0
    changesOfBlock.withUnsafeBufferPointer { for k in 0..<block { sum += $0[k] } }
    changes.withUnsafeBufferPointer { for k in (block << Self.shift)...time { sum += $0[k] } }
    return sum
  }

  @inline(__always)
  func events(before time: Int) -> Double {
    eventsBeforeBlock[time >> Self.shift] + eventsInBlock[time]
  }
}

/// Counts in trees whose sums over the first places cost O(log n) to read and to change (Fenwick 1994,
/// doi:10.1002/spe.4380240306); event time k is place k + 1 of a tree.
struct CountTrees: EventTimeCounts {
  private var changes: [Double]
  private var events: [Double]
  /// The weight of the rows at risk from the first event time, which need no place in a tree.
  private var fromStart = 0.0

  init(_ totals: PairTotals) {
    changes = Self.tree(totals.changes)
    events = Self.tree(totals.events)
  }

  mutating func addRow(from first: Int, through last: Int, _ weight: Double) {
    if first == 0 {
      fromStart += weight
    } else {
      Self.add(weight, to: &changes, first + 1)
    }
    Self.add(-weight, to: &changes, last + 2)
  }

  mutating func addEvent(at time: Int, _ weight: Double) { Self.add(weight, to: &events, time + 1) }

  func atRisk(at time: Int) -> Double { fromStart + Self.sum(changes, time + 1) }

  func events(before time: Int) -> Double { Self.sum(events, time) }

  private static func tree(_ counts: [Double]) -> [Double] {
    var tree = [0.0] + counts
    for i in 1..<tree.count where i + (i & -i) < tree.count { tree[i + (i & -i)] += tree[i] }
    return tree
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
