/// How the raw values of a cell become text.
///
/// A format names its values in order; a cell that lacks one of them prints what it has.
public enum CellFormat: Sendable, Equatable {
  /// No values: the text itself.
  case text
  /// A count.
  case count
  /// A count and its denominator: "36/91 (39.6%)".
  case countOfTotal(decimals: Int)
  /// A count and a denominator that stands elsewhere: "36 (39.6%)".
  case countPercent(decimals: Int)
  /// A share: "39.6%".
  case percent(decimals: Int)
  /// A number.
  case number(decimals: Int)
  /// A mean and a standard deviation: "35.7 (7.7)".
  case meanSD(decimals: Int)
  /// A median and quartiles: "35 (30 to 41)".
  case medianQuartiles(decimals: Int)
  /// The smallest and the largest value: "19 to 60".
  case range(decimals: Int)
  /// An estimate and its limits: "1.28 (0.70 to 2.35)".
  case estimate(decimals: Int)
  /// Limits alone: "0.70 to 2.35".
  case interval(decimals: Int)
  /// A share with its limits, in per cent: "39.6% (30.1 to 49.8)".
  case percentEstimate(decimals: Int)
  /// A difference between shares with its limits, in percentage points: "5.2 (−8.5 to 18.7)".
  case percentPoints(decimals: Int)
  /// A p-value.
  case pValue
  /// Degrees of freedom: whole where they are whole, else one decimal.
  case degreesOfFreedom

  /// True for formats that print confidence limits.
  var showsLimits: Bool {
    switch self {
    case .estimate, .interval, .percentEstimate, .percentPoints: true
    default: false
    }
  }

  /// The text of the values.
  public func text(_ values: [Double?], style: NumberStyle) -> String {
    func value(_ i: Int) -> Double? { i < values.count ? values[i] : nil }
    func hundred(_ i: Int) -> Double? { value(i).map(NumberStyle.hundredfold) }
    switch self {
    case .text: return ""
    case .count: return style.count(value(0))
    case .countOfTotal(let decimals):
      guard let count = value(0) else { return NumberStyle.absent }
      guard let total = value(1) else { return style.count(count) }
      let share = total > 0 ? " (" + style.percent(count / total, decimals: decimals) + ")" : ""
      return style.count(count) + "/" + style.count(total) + share
    case .countPercent(let decimals):
      guard let count = value(0) else { return NumberStyle.absent }
      guard let total = value(1), total > 0 else { return style.count(count) }
      return style.count(count) + " (" + style.percent(count / total, decimals: decimals) + ")"
    case .percent(let decimals): return style.percent(value(0), decimals: decimals)
    case .number(let decimals): return style.number(value(0), decimals: decimals)
    case .meanSD(let decimals):
      return Self.withBracket(
        value(0), value(1).map { style.number($0, decimals: decimals) }, decimals, style)
    case .medianQuartiles(let decimals), .estimate(let decimals):
      let limits = value(1) == nil && value(2) == nil
      return Self.withBracket(
        value(0), limits ? nil : style.interval(value(1), value(2), decimals: decimals), decimals, style)
    case .range(let decimals), .interval(let decimals):
      return style.interval(value(0), value(1), decimals: decimals)
    case .percentEstimate(let decimals):
      guard value(0) != nil else { return NumberStyle.absent }
      let limits = value(1) == nil && value(2) == nil
      return style.percent(value(0), decimals: decimals)
        + (limits ? "" : " (" + style.interval(hundred(1), hundred(2), decimals: decimals) + ")")
    case .percentPoints(let decimals):
      let limits = value(1) == nil && value(2) == nil
      return Self.withBracket(
        hundred(0), limits ? nil : style.interval(hundred(1), hundred(2), decimals: decimals), decimals, style
      )
    case .pValue: return style.pValue(value(0))
    case .degreesOfFreedom:
      guard let df = value(0) else { return NumberStyle.absent }
      return style.number(df, decimals: df == df.rounded() ? 0 : 1)
    }
  }

  private static func withBracket(
    _ value: Double?, _ bracket: String?, _ decimals: Int, _ style: NumberStyle
  ) -> String {
    guard let value else { return NumberStyle.absent }
    return style.number(value, decimals: decimals) + (bracket.map { " (" + $0 + ")" } ?? "")
  }
}
