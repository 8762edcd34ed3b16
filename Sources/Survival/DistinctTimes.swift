import LinearAlgebra

/// The distinct values of one or two columns of times, ascending, with each row's place among them.
///
/// Every estimator of this room works on these ranks: a time is compared once, here, and counted and summed by its
/// integer place afterwards. Times that differ only by rounding (a day count divided by 365.25 and multiplied again)
/// are made equal first, by the rule of R's `survival::aeqSurv`: neighbours among the sorted distinct values whose
/// difference is at most `tolerance`, absolutely or relative to the mean magnitude of all distinct values, are one
/// time, the smallest of their chain.
struct DistinctTimes: Sendable {
  /// The distinct times, ascending.
  let values: [Double]
  /// For each row of the first column, the place of its time in `values`.
  let ranks: [Int32]
  /// For each row of the second column, if any.
  let secondRanks: [Int32]?
  /// How many distinct values were made equal to a neighbour.
  let merged: Int

  /// Ranks one or two columns together.
  ///
  /// - Precondition: every value is finite.
  /// - Complexity: O(n log n), a radix sort.
  init(_ first: [Double], _ second: [Double]?, tolerance: Double?) {
    self.init(Self.sortedRanks(first, second), tolerance: tolerance)
  }

  /// Ranks whole numbers from 0 up to four million (days, months) by counting; nil where some value is not one, so that
  /// what has ranks is known to be finite and not negative.
  ///
  /// - Complexity: O(n), two passes.
  init?(wholeNumbers first: [Double], _ second: [Double]?, tolerance: Double?) {
    guard let ranked = Self.histogramRanks(first, second) else { return nil }
    self.init(ranked, tolerance: tolerance)
  }

  private init(_ ranked: Ranked, tolerance: Double?) {
    var ranked = ranked
    var merged = 0
    if let tolerance, ranked.values.count > 1 {
      let values = ranked.values
      var scale = 0.0
      for value in values { scale += abs(value) }
      scale /= Double(values.count)
      var kept: [Double] = [values[0]]
      var place = [Int32](repeating: 0, count: values.count)
      for i in 1..<values.count {
        let gap = values[i] - values[i - 1]
        if !(gap <= tolerance || gap <= tolerance * scale) { kept.append(values[i]) }
        place[i] = Int32(kept.count - 1)
      }
      merged = values.count - kept.count
      if merged > 0 {
        for i in ranked.ranks.indices { ranked.ranks[i] = place[Int(ranked.ranks[i])] }
        ranked.second = ranked.second.map { $0.map { place[Int($0)] } }
        ranked.values = kept
      }
    }
    values = ranked.values
    ranks = ranked.ranks
    secondRanks = ranked.second
    self.merged = merged
  }

  private typealias Ranked = (values: [Double], ranks: [Int32], second: [Int32]?)

  private static func histogramRanks(_ first: [Double], _ second: [Double]?) -> Ranked? {
    let count = first.count + (second?.count ?? 0)
    let limit = min(1 << 22, 65_536 + 8 * count)
    guard var a = DayCounts(first, below: limit), var b = DayCounts(second ?? [], below: limit) else {
      return nil
    }
    let days = max(a.seen.count, b.seen.count)
    var place = [Int32](repeating: -1, count: days)
    var values: [Double] = []
    for day in 0..<days where a.hasSeen(day) || b.hasSeen(day) {
      place[day] = Int32(values.count)
      values.append(Double(day))
    }
    // Where every day occurs, a day is its own place.
    if values.count < days {
      a.replaceNumbers(by: place)
      b.replaceNumbers(by: place)
    }
    return (values, a.numbers, second == nil ? nil : b.numbers)
  }

  /// Ranks any finite numbers by sorting them.
  private static func sortedRanks(_ first: [Double], _ second: [Double]?) -> Ranked {
    let x = second.map { first + $0 } ?? first
    var values: [Double] = []
    let ranks = x.withUnsafeBufferPointer { x in
      let order = ascendingOrder(x)
      return [Int32](unsafeUninitializedCapacity: x.count) { ranks, count in
        for row in order {
          let value = x[Int(row)]
          if values.isEmpty || value != values[values.count - 1] { values.append(value == 0 ? 0 : value) }
          ranks[Int(row)] = Int32(values.count - 1)
        }
        count = x.count
      }
    }
    guard second != nil else { return (values, ranks, nil) }
    return (values, Array(ranks[..<first.count]), Array(ranks[first.count...]))
  }
}
