import ModelFormula

/// Employment in each month of the window, one element a participant and month: the long form that mixed models of monthly
/// employment take.
///
/// Month k runs from k − 1 calendar months after day 0 up to, not including, k months after it (month-end clipped), within the
/// window. Where the window is counted in days, a last month of which less than half lies in the window is left out. A month that
/// the register does not know to its end is missing, unless enough days of work are known.
public struct EmploymentMonths: Sendable {
  /// The participant's row.
  public private(set) var participant: [Int32] = []
  /// The month, from 1.
  public private(set) var month: [Int32] = []
  /// The days of the month within the window.
  public private(set) var days: [Int32] = []
  /// Days of work, the union over jobs.
  public private(set) var daysWorked: [Int32] = []
  /// 1 where the month has enough days of work, else 0; NaN where the register does not tell.
  public private(set) var employed: [Double] = []
  /// Hours of work; NaN where the register does not tell, or a position is unknown.
  public private(set) var hours: [Double] = []

  public init() {}

  public var count: Int { participant.count }

  /// Adds the months of one participant.
  mutating func append(
    participant: Int32, inclusion: Int32, worked: [(start: Int32, end: Int32)],
    hours stretches: [ParticipantEmployment.HourStretch], definition: EmploymentDefinition, atLeast: Int
  ) {
    let first = CalendarDay(number: inclusion)
    let windowEnd = definition.window.end(from: inclusion)
    var start = inclusion
    var number = 1
    while start < windowEnd {
      let next = first.adding(months: number).number
      let end = min(next, windowEnd)
      if (end - start) * 2 < next - start { break }
      let days = worked.reduce(Int32(0)) { $0 + max(0, min($1.end + 1, end) - max($1.start, start)) }
      let isKnown = definition.extractDay.map { end - 1 <= $0 } ?? true
      self.participant.append(participant)
      month.append(Int32(number))
      self.days.append(end - start)
      daysWorked.append(days)
      employed.append(days >= Int32(atLeast) ? 1 : isKnown ? 0 : .nan)
      let total = stretches.reduce(0.0) { sum, stretch in
        let inside = min(stretch.end + 1, end) - max(stretch.start, start)
        return inside > 0 ? sum + Double(inside) * stretch.hoursPerDay : sum
      }
      hours.append(isKnown ? total : .nan)
      start = next
      number += 1
    }
  }

  /// Adds the months of other participants behind these.
  mutating func append(_ other: EmploymentMonths) {
    if count == 0 {
      self = other
      return
    }
    participant += other.participant
    month += other.month
    days += other.days
    daysWorked += other.daysWorked
    employed += other.employed
    hours += other.hours
  }

  /// The series as columns, in the order of `hekta derive employment --monthly`.
  public var columns: [(name: String, column: Column)] {
    [
      ("month", .numeric(month.map(Double.init))), ("employed", .numeric(employed)),
      ("days", .numeric(days.map(Double.init))), ("days_worked", .numeric(daysWorked.map(Double.init))),
      ("hours", .numeric(hours)),
    ]
  }
}
