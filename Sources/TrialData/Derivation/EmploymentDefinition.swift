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

/// Spells of employment, one element a spell in every array.
public struct EmploymentSpells: Sendable {
  /// The participant's row.
  public var participant: [Int32]
  /// A code for the establishment.
  public var establishment: [Int32]
  /// The first day.
  public var start: [Int32]
  /// The last day, or `Column.missingDay` where the spell still runs.
  public var end: [Int32]
  /// The position as per cent of a full one; NaN where unknown.
  public var positionPercent: [Double]
  /// The weekly hours of a full position; NaN where unknown.
  public var fullTimeHours: [Double]

  public init(
    participant: [Int32], establishment: [Int32], start: [Int32], end: [Int32], positionPercent: [Double],
    fullTimeHours: [Double]
  ) {
    let counts = [
      establishment.count, start.count, end.count, positionPercent.count, fullTimeHours.count,
    ]
    precondition(counts.allSatisfy { $0 == participant.count }, "arrays of spells of different lengths")
    self.participant = participant
    self.establishment = establishment
    self.start = start
    self.end = end
    self.positionPercent = positionPercent
    self.fullTimeHours = fullTimeHours
  }

  public var count: Int { participant.count }
}

/// What was done to a participant's spells; of the jobs that count.
public struct EmploymentFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A job began before the window.
  public static let clippedStart = EmploymentFlags(rawValue: 1)
  /// A job goes on behind the window.
  public static let clippedEnd = EmploymentFlags(rawValue: 2)
  /// The hours of a full week were missing or implausible and replaced by the default.
  public static let fullWeekReplaced = EmploymentFlags(rawValue: 4)
  /// A job has no end in the register.
  public static let openEnd = EmploymentFlags(rawValue: 8)
  /// A spell has no position, so the hours are unknown.
  public static let positionMissing = EmploymentFlags(rawValue: 16)

  /// The names that are set, separated by semicolons.
  public var text: String {
    let names: [(EmploymentFlags, String)] = [
      (.clippedStart, "clipped-start"), (.clippedEnd, "clipped-end"),
      (.fullWeekReplaced, "full-week-replaced"),
      (.openEnd, "open-end"), (.positionMissing, "position-missing"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ";")
  }
}

/// The employment of one participant within the window.
public struct EmploymentOutcome: Sendable, Equatable {
  /// Days on which at least one job ran.
  public var daysWorked: Int32 = 0
  /// Contracted hours over all spells; NaN where a position is unknown.
  public var hours = 0.0
  /// Jobs that ran within the window.
  public var jobs: Int32 = 0
  /// Days of the longest job within the window.
  public var longestJobDays: Int32 = 0
  /// Days from inclusion to the first day of the first job; nil without one.
  public var daysToFirstJob: Int32?
  /// One job lasted as long as the definition asks.
  public var isSustained = false
  /// Jobs begun before the window and running into it, whether they count or not.
  public var preExisting: Int32 = 0
  public var flags: EmploymentFlags = []

  /// At least one day of work.
  public var isEmployed: Bool { daysWorked > 0 }
}
