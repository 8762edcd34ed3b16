extension NumberText {
  /// The most bytes that `write(_:to:)` needs.
  static let longest = 32

  /// Writes a finite number as JSON: the shortest decimal that reads back bit for bit, a whole number without ".0"
  /// (minus zero keeps its sign and so its point).
  ///
  /// - Parameter out: room for `longest` bytes.
  /// - Returns: the bytes written.
  @inline(__always)
  static func write(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
    let size = abs(value)
    var count = 0
    if value.sign == .minus {
      out[0] = UInt8(ascii: "-")
      count = 1
    }
    if size < 1e15, size == size.rounded(.towardZero) {
      if size == 0, count == 1 { return count + copy("0.0", to: out + count) }
      return count + writeDigits(UInt64(size), to: out + count)
    }
    return count + writeFraction(ShortestDecimal(size), isLarge: size > 0x1p53, to: out + count)
  }

  /// Writes digits with the decimal point in its place; very small and very large numbers with an exponent.
  private static func writeFraction(
    _ decimal: ShortestDecimal, isLarge: Bool, to out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let digits = digitCount(decimal.digits)
    // The value is 0.d₁d₂… · 10^point.
    let point = digits + decimal.exponent
    if isLarge || point < -3 {
      // d.ddd: the digits are written one place to the right, and the first moved before the point.
      var count = writeDigits(decimal.digits, to: out + 1) + 1
      out[0] = out[1]
      out[1] = UInt8(ascii: ".")
      if digits == 1 { count = 1 }
      let power = point - 1
      count += copy(power < 0 ? "e-" : "e+", to: out + count)
      if abs(power) < 10 { count += copy("0", to: out + count) }
      return count + writeDigits(UInt64(abs(power)), to: out + count)
    }
    if point <= 0 {
      var count = copy("0.", to: out)
      for _ in 0..<(-point) { count += copy("0", to: out + count) }
      return count + writeDigits(decimal.digits, to: out + count)
    }
    if point >= digits {
      var count = writeDigits(decimal.digits, to: out)
      for _ in digits..<point { count += copy("0", to: out + count) }
      return count + copy(".0", to: out + count)
    }
    _ = writeDigits(decimal.digits, to: out + 1)
    for i in 0..<point { out[i] = out[i + 1] }
    out[point] = UInt8(ascii: ".")
    return digits + 1
  }

  @inline(__always)
  private static func copy(_ text: StaticString, to out: UnsafeMutablePointer<UInt8>) -> Int {
    out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    return text.utf8CodeUnitCount
  }

  /// How many decimal digits a whole number below 10¹⁹ has.
  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    // 1233/4096 is just above log₁₀ 2: the guess is right or one too small.
    let guess = ((64 - (value | 1).leadingZeroBitCount) * 1233) >> 12
    return guess + (value | 1 >= powersOfTen(guess) ? 1 : 0)
  }

  @inline(__always)
  private static func powersOfTen(_ power: Int) -> UInt64 {
    (DigitTables.shared.powers + power).pointee
  }

  /// Writes a whole number below 10¹⁹, two digits at a time.
  @inline(__always)
  static func writeDigits(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
    let count = digitCount(value)
    let pairs = DigitTables.shared.pairs
    var rest = value
    var place = count
    while rest >= 100 {
      place -= 2
      let quotient = rest / 100
      (out + place).update(from: pairs + 2 * Int(rest - 100 * quotient), count: 2)
      rest = quotient
    }
    if rest >= 10 {
      out.update(from: pairs + 2 * Int(rest), count: 2)
    } else {
      out[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
    }
    return count
  }
}

/// The two digits of 0 … 99 and the powers of ten that fit 64 bits; made once and never freed.
private struct DigitTables: @unchecked Sendable {
  // Sendable is unchecked because of the pointers: nothing is written after the initialiser.
  static let shared = DigitTables()

  let pairs: UnsafePointer<UInt8>
  let powers: UnsafePointer<UInt64>

  private init() {
    let pairs = UnsafeMutablePointer<UInt8>.allocate(capacity: 200)
    for i in 0..<100 {
      pairs[2 * i] = UInt8(ascii: "0") + UInt8(i / 10)
      pairs[2 * i + 1] = UInt8(ascii: "0") + UInt8(i % 10)
    }
    let powers = UnsafeMutablePointer<UInt64>.allocate(capacity: 20)
    var power: UInt64 = 1
    for i in 0..<20 {
      powers[i] = power
      power &*= 10
    }
    self.pairs = UnsafePointer(pairs)
    self.powers = UnsafePointer(powers)
  }
}
