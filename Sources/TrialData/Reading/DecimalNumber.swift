import Glibc

/// The character between the whole and the fractional part of a number.
public enum DecimalMark: UInt8, Sendable, Equatable {
  case point = 0x2e
  case comma = 0x2c
}

/// Reads decimal numbers from bytes, correctly rounded and without regard to a locale.
enum DecimalNumber {
  /// Powers of ten that a double holds exactly.
  static let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
  ]

  /// The same, and the whole powers up to 10^18, at fixed addresses: the digits of a large file look them up without a check.
  nonisolated(unsafe) static let powers: UnsafePointer<Double> = fixed(exactPowers)
  nonisolated(unsafe) static let wholePowers: UnsafePointer<UInt64> = fixed(
    (0...18).map { power in (0..<power).reduce(UInt64(1)) { product, _ in product * 10 } })

  private static func fixed<Value>(_ values: [Value]) -> UnsafePointer<Value> {
    let room = UnsafeMutablePointer<Value>.allocate(capacity: values.count)
    room.initialize(from: values, count: values.count)
    return UnsafePointer(room)
  }

  /// True for a number written as identifiers are: with a zero before its other digits (0301), or whole with more digits than a
  /// double holds (from 2^53 on), so that its value as a number would not be what is written.
  static func isIdentifier(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.firstIndex(where: { $0 &- 0x30 < 10 }) else { return false }
    var digits = 0
    while first + digits < text.count, text[first + digits] &- 0x30 < 10 { digits += 1 }
    if digits > 1, text[first] == 0x30 { return true }
    let isWhole = text[(first + digits)...].allSatisfy(isBlank)
    return digits >= 16 && isWhole && abs(parse(text, mark: .point) ?? 0) >= 0x1p53
  }

  /// The number that the whole of some bytes spells: an optional sign, digits with at most one decimal mark, an
  /// optional exponent; blanks around it do not count. Nil for anything else, for `Inf` and `NaN`, and for a number
  /// beyond the range of a double: a measurement is finite.
  ///
  /// Where the digits fit in 53 bits and the power of ten in 22 the quotient or product of two exact doubles is
  /// correctly rounded (Clinger 1990, doi 10.1145/93542.93557); else the C library decides.
  static func parse(_ text: UnsafeBufferPointer<UInt8>, mark: DecimalMark) -> Double? {
    var start = 0
    var end = text.count
    while start < end, isBlank(text[start]) { start += 1 }
    while start < end, isBlank(text[end - 1]) { end -= 1 }
    var i = start
    guard i < end else { return nil }
    let negative = text[i] == 0x2d
    if negative || text[i] == 0x2b { i += 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = 0
    var overflow = false
    func take(_ digit: UInt8) {
      digits += 1
      if mantissa < 1_000_000_000_000_000_000 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
      } else {
        overflow = true
      }
    }
    while i < end, text[i] &- 0x30 < 10 {
      take(text[i] &- 0x30)
      i += 1
    }
    if i < end, text[i] == mark.rawValue {
      i += 1
      while i < end, text[i] &- 0x30 < 10 {
        take(text[i] &- 0x30)
        scale -= 1
        i += 1
      }
    }
    guard digits > 0 else { return nil }
    if i < end {
      guard text[i] | 0x20 == 0x65 else { return nil }
      i += 1
      var sign = 1
      if i < end, text[i] == 0x2d || text[i] == 0x2b {
        if text[i] == 0x2d { sign = -1 }
        i += 1
      }
      guard i < end else { return nil }
      var exponent = 0
      while i < end, text[i] &- 0x30 < 10 {
        if exponent < 100_000 { exponent = exponent * 10 + Int(text[i] &- 0x30) }
        i += 1
      }
      guard i == end else { return nil }
      scale += sign * exponent
    }
    if !overflow, mantissa <= 1 << 53, abs(scale) <= 22 {
      let magnitude =
        scale < 0 ? Double(mantissa) / exactPowers[-scale] : Double(mantissa) * exactPowers[scale]
      return negative ? -magnitude : magnitude
    }
    return viaLibrary(text, from: start, to: end, mark: mark)
  }

  private static let longest = 4096

  /// The C library's reading of a text already known to be a number. The process never leaves the C locale.
  private static func viaLibrary(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, mark: DecimalMark
  ) -> Double? {
    // The digits of pages are no measurement, and converting them takes a second.
    guard end - start <= longest else { return nil }
    let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: end - start + 1) { copy in
      for i in start..<end {
        copy[i - start] = CChar(bitPattern: text[i] == mark.rawValue ? 0x2e : text[i])
      }
      copy[end - start] = 0
      return strtod(copy.baseAddress!, nil)
    }
    return value.isFinite ? value : nil
  }

  /// The number that the whole of a text spells; see `parse(_:mark:)`.
  static func parse(_ text: String, mark: DecimalMark) -> Double? {
    var text = text
    return text.withUTF8 { parse($0, mark: mark) }
  }

  /// The number that a text spells with a point or else with a comma.
  static func parseEither(_ text: String) -> Double? {
    parse(text, mark: .point) ?? parse(text, mark: .comma)
  }

  static func isIdentifier(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { isIdentifier($0) }
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
