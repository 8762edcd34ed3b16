import ModelFormula

/// Why an employee is away from a job that goes on, as the a-ordningen reports it.
public enum AbsenceKind: String, Sendable, Equatable, CaseIterable {
  /// Permisjon: parental leave, study leave, unpaid leave.
  case leave
  /// Permittering: laid off for a time for lack of work.
  case furlough

  /// The kind by its English or Norwegian name; nil for another text.
  public init?(name: String) {
    switch name {
    case "leave", "permisjon": self = .leave
    case "furlough", "permittering": self = .furlough
    default: return nil
    }
  }
}

/// What leave and furlough take away from work. The employment itself goes on: neither shortens a job or ends it.
public struct AbsenceRules: Sendable, Equatable {
  /// Which absence is taken from the hours.
  public enum Hours: String, Sendable, Equatable, CaseIterable {
    /// Unpaid leave and furlough.
    case unpaid
    /// All leave and furlough.
    case all
    /// Nothing: hours are as contracted.
    case none
  }

  /// What a day is on which a person is wholly away from a job.
  public enum Days: String, Sendable, Equatable, CaseIterable {
    /// A day of work, because the employment goes on.
    case employed
    /// No day of work in that job.
    case absent
  }

  public var hours: Hours
  public var days: Days

  public init(hours: Hours = .unpaid, days: Days = .employed) {
    self.hours = hours
    self.days = days
  }
}

/// Periods of leave and furlough, one element a period in every array.
public struct EmploymentAbsences: Sendable {
  /// The participant's row.
  public var participant: [Int32] = []
  /// The establishment, by the number that it has in the spells.
  public var establishment: [UInt64] = []
  /// The first day.
  public var start: [Int32] = []
  /// The last day, or `Column.missingDay` where the absence still runs.
  public var end: [Int32] = []
  public var kind: [AbsenceKind] = []
  /// How much of the position is away, from 0 to 100.
  public var percent: [Double] = []
  /// Leave that the employer pays.
  public var isPaid: [Bool] = []

  public init() {}

  public var count: Int { participant.count }

  /// Adds a period.
  public mutating func append(
    participant: Int32, establishment: UInt64, start: Int32, end: Int32, kind: AbsenceKind, percent: Double,
    isPaid: Bool
  ) {
    self.participant.append(participant)
    self.establishment.append(establishment)
    self.start.append(start)
    self.end.append(end)
    self.kind.append(kind)
    self.percent.append(percent)
    self.isPaid.append(isPaid)
  }
}

/// A stretch of days on which the same part of a position is away.
struct AbsenceStretch: Equatable {
  var start: Int32
  /// Inclusive.
  var end: Int32
  /// Parts of the position, which together are at most 1.
  var unpaidLeave = 0.0
  var paidLeave = 0.0
  var furlough = 0.0

  var days: Int32 { end - start + 1 }
  var total: Double { unpaidLeave + paidLeave + furlough }

  /// What the rule takes from the hours, as a part of them.
  func taken(_ rule: AbsenceRules.Hours) -> Double {
    switch rule {
    case .unpaid: unpaidLeave + furlough
    case .all: total
    case .none: 0
    }
  }

  /// Cuts a range of days where absences begin and end.
  ///
  /// Percentages of one day add up to at most the whole position: unpaid leave counts first, then paid leave, then furlough.
  ///
  /// - Parameter rows: the absences from the job.
  static func cutting(_ range: ClosedRange<Int32>, by absences: EmploymentAbsences, _ rows: [Int])
    -> [AbsenceStretch]
  {
    func last(_ row: Int) -> Int32 {
      let end = absences.end[row]
      return end == Column.missingDay ? .max - 1 : end
    }
    let own = rows.filter { absences.start[$0] <= range.upperBound && last($0) >= range.lowerBound }
    if own.isEmpty { return [AbsenceStretch(start: range.lowerBound, end: range.upperBound)] }
    let cuts = own.flatMap { [absences.start[$0], last($0) + 1] }
    let starts = ([range.lowerBound] + cuts.filter { $0 > range.lowerBound && $0 <= range.upperBound })
    let sorted = Array(Set(starts)).sorted()
    return sorted.indices.map { i in
      var stretch = AbsenceStretch(
        start: sorted[i], end: i + 1 < sorted.count ? sorted[i + 1] - 1 : range.upperBound)
      for row in own where absences.start[row] <= stretch.start && last(row) >= stretch.start {
        let part = absences.percent[row] / 100
        switch absences.kind[row] {
        case .furlough: stretch.furlough += part
        case .leave where absences.isPaid[row]: stretch.paidLeave += part
        case .leave: stretch.unpaidLeave += part
        }
      }
      stretch.unpaidLeave = min(stretch.unpaidLeave, 1)
      stretch.paidLeave = min(stretch.paidLeave, 1 - stretch.unpaidLeave)
      stretch.furlough = min(stretch.furlough, 1 - stretch.unpaidLeave - stretch.paidLeave)
      return stretch
    }
  }
}
