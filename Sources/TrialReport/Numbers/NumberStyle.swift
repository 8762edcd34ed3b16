import TrialAnalysis

/// How numbers are written: marks of the language and the rule of rounding.
///
/// A number is rounded once, here, from its unrounded value; every table, figure, sentence and file takes the text from
/// this one place. Norwegian marks follow Språkrådet and Tidsskriftet: decimal comma, a hard space between groups of
/// three digits, "til" in intervals, a hard space before the percent sign.
public struct NumberStyle: Sendable, Equatable {
  public var language: Language
  public var rounding: AnalysisRun.Rounding
  /// The smallest p-value that is written out.
  public var smallestP: Double

  public init(
    _ language: Language, rounding: AnalysisRun.Rounding = .init(), smallestP: Double = 0.001
  ) {
    self.language = language
    self.rounding = rounding
    self.smallestP = smallestP
  }

  static let minus = "\u{2212}"
  static let hardSpace = "\u{00A0}"
  /// What stands for a value that there is not.
  static let absent = "–"

  var decimalMark: String { language == .english ? "." : "," }
  var groupMark: String { language == .english ? "," : Self.hardSpace }
  /// Between the limits of an interval.
  var intervalWord: String { language == .english ? " to " : " til " }
  var percentSign: String { language == .english ? "%" : Self.hardSpace + "%" }

  /// A number with a fixed count of decimals; "∞" for an infinite limit.
  public func number(_ value: Double?, decimals: Int) -> String {
    guard let value, !value.isNaN else { return Self.absent }
    guard value.isFinite else { return (value < 0 ? Self.minus : "") + "∞" }
    let decimal = DecimalDigits(value)
    let (whole, fraction, isZero) = decimal.rounded(decimals: decimals, ties: rounding.ties)
    var text = decimal.isNegative && !isZero ? Self.minus : ""
    for (i, digit) in whole.enumerated() {
      if i > 0, (whole.count - i) % 3 == 0 { text += groupMark }
      text += String(digit)
    }
    if decimals > 0 {
      text += decimalMark
      for digit in fraction { text += String(digit) }
    }
    return text
  }

  /// A whole number.
  public func count(_ value: Double?) -> String { number(value, decimals: 0) }

  /// A share as a percentage with its sign.
  public func percent(_ share: Double?, decimals: Int) -> String {
    guard let share, share.isFinite else { return Self.absent }
    return number(Self.hundredfold(share), decimals: decimals) + percentSign
  }

  /// A p-value for a table cell: the plan's decimals (three), "<0.001" below, and never "1.000" for a p under 1.
  public func pValue(_ p: Double?) -> String {
    guard let p, p.isFinite else { return Self.absent }
    let decimals = rounding.pDecimals
    if p < smallestP {
      return "<" + number(smallestP, decimals: max(decimals, Ticks.decimalsNeeded(smallestP)))
    }
    let text = number(p, decimals: decimals)
    guard p < 1, text == number(1, decimals: decimals) else { return text }
    return ">0" + decimalMark + String(repeating: "9", count: decimals)
  }

  /// A p-value in a sentence: "p = 0.041", "p < 0.001".
  public func pPhrase(_ p: Double?) -> String {
    let text = pValue(p)
    let space = Self.hardSpace
    if let sign = text.first, sign == "<" || sign == ">" {
      return "p" + space + String(sign) + space + text.dropFirst()
    }
    return "p" + space + "=" + space + text
  }

  /// The limits of an interval: "0.70 to 2.35".
  public func interval(_ low: Double?, _ high: Double?, decimals: Int) -> String {
    guard low != nil || high != nil else { return Self.absent }
    return number(low, decimals: decimals) + intervalWord + number(high, decimals: decimals)
  }

  /// "95% CI" or "95 % KI" for a level of 0.95.
  public func intervalName(level: Double?) -> String {
    let level = level ?? 0.95
    let decimals = Self.hundredfold(level) == Self.hundredfold(level).rounded() ? 0 : 1
    return percent(level, decimals: decimals) + Self.hardSpace + Term.confidenceInterval.label[language]
  }

  /// A share times one hundred, taken on the decimal digits where that is exact.
  ///
  /// 0.145 × 100 is 14.499999999999998 in binary; the reader of 0.145 expects 14.5.
  static func hundredfold(_ share: Double) -> Double {
    let product = share * 100
    let digits = DecimalDigits(share)
    guard digits.digits.count <= 12, !digits.digits.isEmpty else { return product }
    // The digits are few enough for an exact integer, and one correctly rounded division gives the nearest double.
    var integer = 0.0
    for digit in digits.digits { integer = integer * 10 + Double(digit) }
    let shift = digits.pointPosition + 2 - digits.digits.count
    guard abs(shift) <= 15 else { return product }
    var power = 1.0
    for _ in 0..<abs(shift) { power *= 10 }
    let value = shift >= 0 ? integer * power : integer / power
    return digits.isNegative ? -value : value
  }
}
