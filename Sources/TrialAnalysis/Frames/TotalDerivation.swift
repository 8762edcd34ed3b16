import ModelFormula
import TrialData

/// The sum of a column of another file over each participant's window, such as pay by month.
///
/// Rows carry a month; `EdgeMonths` says what becomes of months that the window cuts. A participant without rows has the
/// total 0, as one without employment has no pay.
public struct TotalPlan: Sendable, Equatable {
  public var name: Placed<String>
  public var file: Placed<String>
  /// The column summed.
  public var column: Placed<String>
  /// The column of months, as `YYYY-MM` or as dates.
  public var month: Placed<String>
  /// The participants' column of day 0.
  public var inclusionDate: Placed<String>
  public var edges: EdgeMonths
  public var label: Label?
}

extension TrialFrames {
  /// Sums a column over the window of each participant.
  func total(_ plan: TotalPlan) throws -> Column {
    guard let window = self.plan.window else {
      throw fault("no window", expected: "a value for 'window' in the plan expected", at: plan.name.place)
    }
    guard case .date(let starts) = try column(plan.inclusionDate, file: nil) else {
      throw fault(
        "'\(plan.inclusionDate.value)' does not hold dates", expected: "dates expected",
        at: plan.inclusionDate.place)
    }
    return .numeric(
      try monthlyPay(file: plan.file, amount: plan.column, month: plan.month).totals(
        inclusion: starts, window: window.definition, edges: plan.edges))
  }

  /// The rows of a file of pay; a row without a month counts for none.
  func monthlyPay(
    file: Placed<String>, amount: Placed<String>, month: Placed<String>
  ) throws -> MonthlyPay {
    let long = try longFile(file)
    let amounts = try numbers(amount, file: file.value)
    let months = try monthStarts(month, file: file)
    let rows = months.indices.filter { months[$0] != nil }
    return MonthlyPay(
      participant: rows.map { Int32(long.participant[$0]) }, month: rows.map { months[$0]! },
      amount: rows.map { amounts[$0] })
  }

  private func monthStarts(_ month: Placed<String>, file: Placed<String>) throws -> [CalendarDay?] {
    func start(_ text: String?) throws -> CalendarDay? {
      guard let text else { return nil }
      guard let day = MonthlyPay.month(text) else {
        throw fault(
          "other texts than months in '\(month.value)'", expected: "YYYY-MM expected", at: month.place)
      }
      return day
    }
    switch try column(month, file: file.value) {
    case .date(let days):
      return days.map {
        $0 == Column.missingDay ? nil : MonthlyPay.start(of: CalendarDay(number: $0))
      }
    case .text(let texts): return try texts.map(start)
    case .categorical(let codes, let levels):
      let days = try levels.map { try start($0) }
      return codes.map { $0 < 0 ? nil : days[Int($0)] }
    case .numeric:
      throw fault("numbers in '\(month.value)'", expected: "months as YYYY-MM expected", at: month.place)
    }
  }
}
