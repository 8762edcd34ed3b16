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
  public var text: String { Self.texts[Int(rawValue) & 31] }

  /// The texts of all sets: a million outcomes have few distinct ones.
  private static let texts: [String] = {
    let names = ["clipped-start", "clipped-end", "full-week-replaced", "open-end", "position-missing"]
    return (0..<32).map { set in
      names.indices.filter { set >> $0 & 1 == 1 }.map { names[$0] }.joined(separator: ";")
    }
  }()
}

/// The employment of one participant within the window.
public struct EmploymentOutcome: Sendable, Equatable {
  /// Days on which at least one job ran.
  public var daysWorked: Int32 = 0
  /// Contracted hours over all spells, less those that leave and furlough take away; NaN where a position is unknown.
  public var hours = 0.0
  /// Contracted hours before leave and furlough.
  public var contractedHours = 0.0
  /// Contracted hours on leave, paid or not.
  public var leaveHours = 0.0
  /// Contracted hours on furlough.
  public var furloughHours = 0.0
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

  /// The part of the contracted hours that was leave; NaN without contracted hours.
  public var leaveShare: Double { contractedHours > 0 ? leaveHours / contractedHours : .nan }
  /// The part of the contracted hours that was furlough; NaN without contracted hours.
  public var furloughShare: Double { contractedHours > 0 ? furloughHours / contractedHours : .nan }

  /// At least one day of work.
  public var isEmployed: Bool { daysWorked > 0 }
}
