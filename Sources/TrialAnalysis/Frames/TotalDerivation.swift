import ModelFormula
import TrialData

/// The sum of a column of another file over each participant's window, such as pay by month.
///
/// Rows carry a month. Whole edge months count in full, or in proportion to their days inside the window. A participant
/// without rows has the total 0, as one without employment has no pay.
public struct TotalPlan: Sendable, Equatable {
  /// What becomes of a month that the window cuts.
  public enum Edges: String, Sendable, CaseIterable {
    /// It counts in full.
    case whole
    /// It counts by the share of its days inside the window.
    case prorated
  }

  public var name: Placed<String>
  public var file: Placed<String>
  /// The column summed.
  public var column: Placed<String>
  /// The column of months, as `YYYY-MM` or as dates.
  public var month: Placed<String>
  /// The participants' column of day 0.
  public var inclusionDate: Placed<String>
  public var edges: Edges
  public var label: Label?
}

extension TrialFrames {
  /// Sums a column over the window of each participant.
  func total(_ plan: TotalPlan) throws -> Column {
    guard let window = self.plan.window else {
      throw fault("no window", expected: "a value for 'window' in the plan expected", at: plan.name.place)
    }
    let long = try longFile(plan.file)
    guard case .date(let starts) = try column(plan.inclusionDate, file: nil) else {
      throw fault(
        "'\(plan.inclusionDate.value)' does not hold dates", expected: "dates expected",
        at: plan.inclusionDate.place)
    }
    let amounts = try numbers(plan.column, file: plan.file.value)
    let months = try monthStarts(plan, of: long)
    var totals = starts.map { $0 == Column.missingDay ? Double.nan : 0 }
    for row in amounts.indices {
      let person = long.participant[row]
      guard let month = months[row], starts[person] != Column.missingDay else { continue }
      let start = CalendarDay(number: starts[person])
      let next = month.adding(months: 1)
      let end = window.end(from: start)
      let inside = min(end.number, next.number) - max(start.number, month.number)
      guard inside > 0 else { continue }
      let share = plan.edges == .whole ? 1 : Double(inside) / Double(next.number - month.number)
      totals[person] += share * amounts[row]
    }
    return .numeric(totals)
  }

  private func monthStarts(_ plan: TotalPlan, of long: LongFile) throws -> [CalendarDay?] {
    func start(_ text: String?) throws -> CalendarDay? {
      guard let text else { return nil }
      guard let day = CalendarDay(iso: text + "-01") else {
        throw fault(
          "other texts than months in '\(plan.month.value)'", expected: "YYYY-MM expected",
          at: plan.month.place)
      }
      return day
    }
    switch try column(plan.month, file: plan.file.value) {
    case .date(let days):
      return days.map { day in
        guard day != Column.missingDay else { return nil }
        let parts = CalendarDay(number: day).components
        return CalendarDay(year: parts.year, month: parts.month, day: 1)
      }
    case .text(let texts): return try texts.map(start)
    case .categorical(let codes, let levels):
      let days = try levels.map { try start($0) }
      return codes.map { $0 < 0 ? nil : days[Int($0)] }
    case .numeric:
      throw fault(
        "numbers in '\(plan.month.value)'", expected: "months as YYYY-MM expected", at: plan.month.place)
    }
  }
}

extension WindowPlan {
  /// The first day after the window that begins on a day.
  func end(from start: CalendarDay) -> CalendarDay {
    switch self {
    case .months(let months): start.adding(months: months)
    case .days(let days): start.adding(days: days)
    }
  }
}
