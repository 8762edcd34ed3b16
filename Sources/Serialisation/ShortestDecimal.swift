/// The shortest decimal that reads back as a double, and of those the one nearest to it.
///
/// Giulietti's Schubfach algorithm (The Schubfach way to render doubles, 2020; as in Adams, doi 10.1145/3360595, one
/// table of powers of ten and three 64 × 128-bit products a number): some 15 ns, without memory. The digits are those
/// of Swift's own `description`.
struct ShortestDecimal {
  /// The digits as a whole number without trailing zeros.
  let digits: UInt64
  /// The value is digits · 10^exponent.
  let exponent: Int

  /// Finds the digits.
  ///
  /// - Precondition: `value` is positive and finite.
  init(_ value: Double) {
    let fraction = value.significandBitPattern
    let field = Int(value.exponentBitPattern)
    let c = field == 0 ? fraction : fraction | 1 << 52
    let q = (field == 0 ? 1 : field) - 1075
    // The lower neighbour is nearer where the significand is a power of two.
    let isUneven = fraction == 0 && field > 1
    let k = (q * 1_262_611 - (isUneven ? 524_031 : 0)) >> 22
    let h = UInt64(q + ((-k * 1_741_647) >> 19) + 1)
    let power = PowersOfTen.shared[-k]
    let low = Self.roundedToOdd(power, (4 * c - (isUneven ? 1 : 2)) << h)
    let middle = Self.roundedToOdd(power, (4 * c) << h)
    let high = Self.roundedToOdd(power, (4 * c + 2) << h)
    // An even significand owns the limits of its rounding interval.
    let lower = low + (c & 1)
    let upper = high - (c & 1)
    let s = middle / 4
    var exponent = k
    var digits: UInt64
    let tens = s / 10
    let isBelow = lower <= 40 * tens
    let isAbove = 40 * tens + 40 <= upper
    if s >= 10, isBelow != isAbove {
      digits = tens + (isAbove ? 1 : 0)
      exponent += 1
    } else {
      let isDown = lower <= 4 * s
      let isUp = 4 * s + 4 <= upper
      if isDown != isUp {
        digits = s + (isUp ? 1 : 0)
      } else {
        let half = 4 * s + 2
        digits = s + (middle > half || (middle == half && s & 1 == 1) ? 1 : 0)
      }
    }
    while digits % 10 == 0 {
      digits /= 10
      exponent += 1
    }
    self.digits = digits
    self.exponent = exponent
  }

  /// The upper part of g · x / 2¹²⁷, its last bit set where anything was cut off.
  @inline(__always)
  private static func roundedToOdd(_ g: (high: UInt64, low: UInt64), _ x: UInt64) -> UInt64 {
    let lower = g.low.multipliedFullWidth(by: x)
    let upper = g.high.multipliedFullWidth(by: x)
    let (sum, carry) = upper.low.addingReportingOverflow(lower.high)
    return (upper.high + (carry ? 1 : 0)) | (sum > 1 ? 1 : 0)
  }
}

/// The powers of ten from 10⁻²⁹² to 10³²⁴, each as the smallest 128-bit significand that is not below it.
private struct PowersOfTen: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: nothing is written after the initialiser.
  static let shared = PowersOfTen()

  private let significands: UnsafePointer<UInt64>

  subscript(power: Int) -> (high: UInt64, low: UInt64) {
    let place = 2 * (power + 292)
    return (significands[place], significands[place + 1])
  }

  /// The significand of 10ᵏ is that of 5ᵏ; negative ones come from ⌊2⁸³²/5ᵐ⌋, which dividing by 5 again and again gives
  /// without error. Some 30 µs, once, in a process that prints.
  private init() {
    let significands = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * 617)
    func store(_ words: [UInt64], _ power: Int, isExact: Bool) {
      let top = words.lastIndex { $0 != 0 }!
      let shift = UInt64(words[top].leadingZeroBitCount)
      func word(_ i: Int) -> UInt64 {
        let own = i >= 0 ? words[i] : 0
        let next = i >= 1 ? words[i - 1] : 0
        return shift == 0 ? own : own << shift | next >> (64 - shift)
      }
      var high = word(top)
      var low = word(top - 1)
      let rest = (top >= 2 && word(top - 2) != 0) || (top >= 3 && words[..<(top - 2)].contains { $0 != 0 })
      if rest || !isExact {
        low &+= 1
        if low == 0 { high += 1 }
      }
      significands[2 * (power + 292)] = high
      significands[2 * (power + 292) + 1] = low
    }
    var words = [UInt64](repeating: 0, count: 13)
    words[0] = 1
    for power in 0...324 {
      store(words, power, isExact: true)
      var carry: UInt64 = 0
      for i in words.indices {
        let product = words[i].multipliedFullWidth(by: 5)
        let (sum, overflow) = product.low.addingReportingOverflow(carry)
        words[i] = sum
        carry = product.high + (overflow ? 1 : 0)
      }
    }
    words = [UInt64](repeating: 0, count: 14)
    words[13] = 1
    for power in 1...292 {
      var remainder: UInt64 = 0
      for i in words.indices.reversed() {
        (words[i], remainder) = (5 as UInt64).dividingFullWidth((remainder, words[i]))
      }
      store(words, -power, isExact: false)
    }
    self.significands = UnsafePointer(significands)
  }
}
