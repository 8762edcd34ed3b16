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
  /// - Complexity: O(n); one pass for whole numbers of moderate size, else an LSD radix sort of 64-bit keys.
  init(_ first: [Double], _ second: [Double]?, tolerance: Double?) {
    let all = second.map { first + $0 } ?? first
    let ranked = Self.histogramRanks(all) ?? Self.radixRanks(all)
    var ranks = ranked.ranks
    var values = ranked.values
    var merged = 0
    if let tolerance, values.count > 1 {
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
        for i in ranks.indices { ranks[i] = place[Int(ranks[i])] }
        values = kept
      }
    }
    self.values = values
    self.merged = merged
    if second == nil {
      self.ranks = ranks
      secondRanks = nil
    } else {
      self.ranks = Array(ranks[..<first.count])
      secondRanks = Array(ranks[first.count...])
    }
  }

  /// Ranks whole numbers from 0 up to four million (days, months) by counting; nil where some value is not one.
  private static func histogramRanks(_ x: [Double]) -> (values: [Double], ranks: [Int32])? {
    let limit = min(Double(1 << 22), 65_536 + 8 * Double(x.count))
    var largest = 0.0
    for value in x {
      guard value >= 0, value < limit, value == value.rounded(.towardZero) else { return nil }
      if value > largest { largest = value }
    }
    var place = [Int32](repeating: -1, count: Int(largest) + 1)
    return place.withUnsafeMutableBufferPointer { place in
      for value in x { place[Int(value)] = 0 }
      var values: [Double] = []
      for day in place.indices where place[day] == 0 {
        place[day] = Int32(values.count)
        values.append(Double(day))
      }
      return (values, x.map { place[Int($0)] })
    }
  }

  /// Ranks any finite numbers by sorting their order-preserving bit patterns, eleven bits at a time.
  private static func radixRanks(_ x: [Double]) -> (values: [Double], ranks: [Int32]) {
    let n = x.count
    var keys = x.map { value -> UInt64 in
      // −0 and 0 are one time; negative numbers sort below positive ones after flipping.
      let bits = (value == 0 ? 0.0 : value).bitPattern
      return bits >> 63 == 1 ? ~bits : bits | (1 << 63)
    }
    var order = (0..<Int32(n)).map { $0 }
    var otherKeys = keys
    var otherOrder = order
    for shift in stride(from: UInt64(0), to: 64, by: 11) {
      var counts = [Int](repeating: 0, count: 2048)
      for key in keys { counts[Int((key >> shift) & 2047)] += 1 }
      if counts.contains(n) { continue }
      var start = 0
      for digit in counts.indices {
        let count = counts[digit]
        counts[digit] = start
        start += count
      }
      keys.withUnsafeBufferPointer { keys in
        order.withUnsafeBufferPointer { order in
          otherKeys.withUnsafeMutableBufferPointer { otherKeys in
            otherOrder.withUnsafeMutableBufferPointer { otherOrder in
              counts.withUnsafeMutableBufferPointer { counts in
                for i in 0..<n {
                  let digit = Int((keys[i] >> shift) & 2047)
                  let target = counts[digit]
                  counts[digit] = target + 1
                  otherKeys[target] = keys[i]
                  otherOrder[target] = order[i]
                }
              }
            }
          }
        }
      }
      swap(&keys, &otherKeys)
      swap(&order, &otherOrder)
    }
    var values: [Double] = []
    var ranks = [Int32](repeating: 0, count: n)
    for i in 0..<n {
      if i == 0 || keys[i] != keys[i - 1] { values.append(x[Int(order[i])]) }
      ranks[Int(order[i])] = Int32(values.count - 1)
    }
    return (values.map { $0 == 0 ? 0 : $0 }, ranks)
  }
}
