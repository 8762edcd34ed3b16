/// Order statistics of all pairwise combinations of sorted samples, without forming them.
///
/// The Hodges–Lehmann estimates and rank-based limits are order statistics of the m·n differences xᵢ − yⱼ or of the
/// n(n + 1)/2 Walsh averages (xᵢ + xⱼ)/2, i ≤ j. Both rise in each sorted argument, so the number at or below a value
/// takes one pass, and the k-th value is found by halving the range of doubles: O(m + n) memory.
struct OrderedPairs {
  private enum Kind { case differences, walsh }

  private let kind: Kind
  private let x: [Double]
  private let y: [Double]
  /// The number of pairs.
  let count: Int

  /// The differences xᵢ − yⱼ.
  init(differencesOf x: [Double], and y: [Double]) {
    kind = .differences
    self.x = x.sorted()
    self.y = y.sorted()
    count = x.count * y.count
  }

  /// The Walsh averages (xᵢ + xⱼ)/2, i ≤ j.
  init(walshAveragesOf x: [Double]) {
    kind = .walsh
    self.x = x.sorted()
    y = []
    count = x.count * (x.count + 1) / 2
  }

  /// The number of pairs at or below a value.
  func count(upTo value: Double) -> Int {
    var total = 0
    switch kind {
    case .differences:
      // As xᵢ rises, fewer yⱼ (the largest) keep xᵢ − yⱼ ≤ value.
      var j = 0
      for xi in x {
        while j < y.count, xi - y[j] > value { j += 1 }
        total += y.count - j
      }
    case .walsh:
      var j = x.count - 1
      for i in x.indices {
        while j >= i, 0.5 * (x[i] + x[j]) > value { j -= 1 }
        if j < i { break }
        total += j - i + 1
      }
    }
    return total
  }

  /// The k-th smallest pair, k from 1 to `count`.
  func ordered(_ k: Int) -> Double {
    precondition((1...count).contains(k), "order statistic \(k) of \(count)")
    var low = Self.key(kind == .differences ? x[0] - y[y.count - 1] : x[0])
    var high = Self.key(kind == .differences ? x[x.count - 1] - y[0] : x[x.count - 1])
    while low < high {
      // Their difference may not fit in 64 bits.
      let middle = (low >> 1) + (high >> 1) + (low & high & 1)
      if count(upTo: Self.value(middle)) >= k { high = middle } else { low = middle + 1 }
    }
    return Self.value(low)
  }

  /// The median of all pairs: the Hodges–Lehmann estimate.
  var median: Double {
    count % 2 == 1 ? ordered(count / 2 + 1) : 0.5 * (ordered(count / 2) + ordered(count / 2 + 1))
  }

  /// Doubles in order as integers in order: the bit pattern, turned round for negative values.
  private static func key(_ value: Double) -> Int64 {
    let bits = Int64(bitPattern: (value + 0).bitPattern)
    return bits >= 0 ? bits : Int64.min &- bits
  }

  private static func value(_ key: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : Int64.min &- key))
  }
}
