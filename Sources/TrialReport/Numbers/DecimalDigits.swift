import TrialAnalysis

/// A finite number as the shortest string of decimal digits that reads back to the same double.
///
/// Rounding works on these digits and not on the binary value, so that 2.675, which a double holds as
/// 2.67499999999999982236431605997495353221893310546875, is a tie as its reader sees it and becomes 2.68 (half away from
/// zero) or 2.68 (half even), and 0.125 becomes 0.13 or 0.12.
struct DecimalDigits: Equatable {
  let isNegative: Bool
  /// The significant digits, 0–9, without leading zeros; empty for zero.
  let digits: [UInt8]
  /// The number of digits before the decimal point; zero or negative for numbers below 0.1.
  let pointPosition: Int

  /// The digits of a finite number.
  init(_ value: Double) {
    isNegative = value.sign == .minus
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    // `description` is the shortest text that reads back: an optional sign, digits with a point, an optional exponent.
    let text = Array(value.magnitude.description.utf8)
    var i = 0
    while i < text.count {
      switch text[i] {
      case UInt8(ascii: "."): point = digits.count
      case UInt8(ascii: "e"):
        exponent = Int(String(decoding: text[(i + 1)...], as: UTF8.self)) ?? 0
        i = text.count
      default: digits.append(text[i] - UInt8(ascii: "0"))
      }
      i += 1
    }
    var position = (point ?? digits.count) + exponent
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    position -= leading
    while digits.last == 0 { digits.removeLast() }
    self.digits = digits
    pointPosition = digits.isEmpty ? 1 : position
  }

  /// The number rounded to this many decimals: the digits before and after the point, without sign or marks.
  ///
  /// - Returns: `isZero` where every printed digit is zero, so that a caller leaves out the sign of "−0.0".
  func rounded(decimals: Int, ties: AnalysisRun.Rounding.Ties) -> (
    whole: [UInt8], fraction: [UInt8], isZero: Bool
  ) {
    let kept = pointPosition + decimals
    var result: [UInt8]
    if kept < 0 {
      result = []
    } else {
      result = (0..<kept).map { $0 < digits.count ? digits[$0] : 0 }
      if roundsUp(after: kept, ties: ties) { Self.increment(&result) }
    }
    // `increment` may have made one digit more.
    let wholeCount = result.count - decimals
    if wholeCount <= 0 {
      result = Array(repeating: 0, count: 1 - wholeCount) + result
    }
    let split = result.count - decimals
    return (Array(result[..<split]), Array(result[split...]), result.allSatisfy { $0 == 0 })
  }

  private func roundsUp(after kept: Int, ties: AnalysisRun.Rounding.Ties) -> Bool {
    guard kept < digits.count else { return false }
    let next = digits[kept]
    if next != 5 { return next > 5 }
    if kept + 1 < digits.count { return true }
    switch ties {
    case .away: return true
    case .even: return kept > 0 && digits[kept - 1] % 2 == 1
    }
  }

  private static func increment(_ digits: inout [UInt8]) {
    for i in digits.indices.reversed() {
      if digits[i] < 9 {
        digits[i] += 1
        return
      }
      digits[i] = 0
    }
    digits.insert(1, at: 0)
  }
}
