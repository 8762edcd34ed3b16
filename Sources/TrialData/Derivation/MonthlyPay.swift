import ModelFormula

/// What becomes of the pay of a calendar month that the window cuts.
public enum EdgeMonths: String, Sendable, Equatable, CaseIterable {
  /// It counts in full.
  case whole
  /// It counts by the share of its days inside the window.
  case prorated
  /// It does not count.
  case inside

  /// The part of a month that counts.
  ///
  /// - Parameters:
  ///   - month: the first day of the month.
  ///   - window: the first day of the window and the first day behind it.
  public func share(of month: CalendarDay, in window: Range<Int32>) -> Double {
    let next = month.adding(months: 1).number
    let inside = min(window.upperBound, next) - max(window.lowerBound, month.number)
    guard inside > 0 else { return 0 }
    let days = next - month.number
    switch self {
    case .whole: return 1
    case .prorated: return Double(inside) / Double(days)
    case .inside: return inside == days ? 1 : 0
    }
  }
}

/// Pay by calendar month, one element a row of a pay file in every array.
public struct MonthlyPay: Sendable {
  /// The participant's row.
  public var participant: [Int32]
  /// The first day of the month.
  public var month: [CalendarDay]
  /// NaN where missing.
  public var amount: [Double]

  public init(participant: [Int32], month: [CalendarDay], amount: [Double]) {
    precondition(
      month.count == participant.count && amount.count == participant.count, "arrays of different lengths")
    self.participant = participant
    self.month = month
    self.amount = amount
  }

  /// The pay of every participant within the window: 0 without a row, NaN where an amount that counts is missing.
  ///
  /// - Parameters:
  ///   - inclusion: day 0 of each; `Column.missingDay` gives NaN.
  ///   - window: the window.
  ///   - edges: what becomes of months that the window cuts.
  public func totals(
    inclusion: [Int32], window: EmploymentDefinition.Window, edges: EdgeMonths
  ) -> [Double] {
    var totals = inclusion.map { $0 == Column.missingDay ? Double.nan : 0 }
    let ends = inclusion.map { $0 == Column.missingDay ? $0 : window.end(from: $0) }
    for row in participant.indices {
      let person = Int(participant[row])
      guard inclusion[person] != Column.missingDay else { continue }
      let share = edges.share(of: month[row], in: inclusion[person]..<ends[person])
      if share > 0 { totals[person] += share * amount[row] }
    }
    return totals
  }

  /// The first day of the month that a text names, as `YYYY-MM` or as a day `YYYY-MM-DD` of it; nil for another text.
  public static func month(_ text: String) -> CalendarDay? {
    if let first = CalendarDay(iso: text + "-01") { return first }
    return CalendarDay(iso: text).map(start(of:))
  }

  /// The first day of a day's month.
  public static func start(of day: CalendarDay) -> CalendarDay {
    let parts = day.components
    return CalendarDay(number: day.number - Int32(parts.day - 1))
  }

}
