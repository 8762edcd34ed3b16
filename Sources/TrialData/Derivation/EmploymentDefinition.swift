import ModelFormula

/// What counts as employment in a trial with a window of follow-up in a register of jobs.
public struct EmploymentDefinition: Sendable, Equatable {
  /// How long a participant is followed from the day of inclusion (day 0) on.
  public enum Window: Sendable, Equatable {
    /// Up to, not including, the same date so many calendar months on, clipped to the end of a shorter month.
    case months(Int)
    /// So many days, day 0 the first.
    case days(Int)

    /// The first day behind the window.
    public func end(from inclusion: Int32) -> Int32 {
      switch self {
      case .months(let months): CalendarDay(number: inclusion).adding(months: months).number
      case .days(let days): inclusion + Int32(days)
      }
    }
  }

  /// What becomes of a job begun before day 0 that runs into the window.
  public enum PreExisting: String, Sendable, Equatable, CaseIterable {
    /// It is counted apart and left out of every outcome.
    case exclude
    /// It counts from day 0 on.
    case count
  }

  public var window: Window
  public var preExisting: PreExisting
  /// The days that one job must last within the window to be sustained employment.
  public var sustainedDays: Int
  /// The weekly hours of a full week where the register's are missing or implausible.
  public var fullWeekDefault: Double
  /// The types of job that count; all where nil.
  public var types: [String]?
  /// The last day the register knows of. A job without an end runs to here, or to the end of the window where nil.
  public var extractDay: Int32?
  /// What leave and furlough take away.
  public var absence = AbsenceRules()

  /// The weekly hours that a full-time week can have; others are errors of reporting (Statistics Norway, documentation of
  /// the a-ordningen, appendix A).
  public static let plausibleFullWeek = 25.0...45.0

  public init(
    window: Window = .months(18), preExisting: PreExisting = .exclude, sustainedDays: Int = 91,
    fullWeekDefault: Double = 37.5, types: [String]? = nil, extractDay: Int32? = nil
  ) {
    self.window = window
    self.preExisting = preExisting
    self.sustainedDays = sustainedDays
    self.fullWeekDefault = fullWeekDefault
    self.types = types
    self.extractDay = extractDay
  }
}
