/// One definition of having been employed, as a grid of them asks: every condition must hold within the window.
public struct EmploymentCriterion: Sendable, Equatable {
  /// What a condition looks at.
  public enum Measure: String, Sendable, Equatable, CaseIterable {
    /// Days on which at least one job ran.
    case days
    /// Days of the longest job.
    case jobDays = "job-days"
    /// Weeks of the longest job: its days ÷ 7.
    case jobWeeks = "job-weeks"
    /// Days of work as a part of the window's days, from 0 to 1.
    case share
    /// Hours over all spells.
    case hours
    /// Hours ÷ weeks of the window.
    case weeklyHours = "weekly-hours"
    /// Pay within the window.
    case earnings
  }

  /// A measure and the least it must be.
  public struct Condition: Sendable, Equatable {
    public var measure: Measure
    public var atLeast: Double

    public init(_ measure: Measure, atLeast: Double) {
      self.measure = measure
      self.atLeast = atLeast
    }
  }

  /// The name; the variable is `employed_` with it behind.
  public var id: String
  public var conditions: [Condition]

  public init(id: String, conditions: [Condition]) {
    self.id = id
    self.conditions = conditions
  }

  /// The definitions that most trials of employment ask about: at least one day, 30 days, a job of 13 weeks, half of the window.
  public static let grid = [
    EmploymentCriterion(id: "day", conditions: [Condition(.days, atLeast: 1)]),
    EmploymentCriterion(id: "days30", conditions: [Condition(.days, atLeast: 30)]),
    EmploymentCriterion(id: "weeks13", conditions: [Condition(.jobWeeks, atLeast: 13)]),
    EmploymentCriterion(id: "half", conditions: [Condition(.share, atLeast: 0.5)]),
  ]

  /// The name of the variable.
  public var variable: String { "employed_" + id }

  /// True where a condition asks for pay.
  public var needsEarnings: Bool { conditions.contains { $0.measure == .earnings } }

  /// Whether a participant was employed by this definition; nil where hours or earnings are unknown and would decide.
  ///
  /// - Parameters:
  ///   - outcome: the participant's employment.
  ///   - windowDays: the days of the window.
  ///   - earnings: the pay within the window; NaN where unknown.
  public func holds(for outcome: EmploymentOutcome, windowDays: Int32, earnings: Double) -> Bool? {
    var isUnknown = false
    for condition in conditions {
      let value: Double =
        switch condition.measure {
        case .days: Double(outcome.daysWorked)
        case .jobDays: Double(outcome.longestJobDays)
        case .jobWeeks: Double(outcome.longestJobDays) / 7
        case .share: Double(outcome.daysWorked) / Double(windowDays)
        case .hours: outcome.hours
        case .weeklyHours: outcome.hours / (Double(windowDays) / 7)
        case .earnings: earnings
        }
      if value.isNaN { isUnknown = true } else if value < condition.atLeast { return false }
    }
    return isUnknown ? nil : true
  }

  /// The definition as 0 and 1 for every participant, NaN where unknown.
  ///
  /// - Parameters:
  ///   - outcomes: the employment of each.
  ///   - inclusion: day 0 of each.
  ///   - window: the window.
  ///   - earnings: the pay of each within the window; nil where no pay was read.
  public func values(
    _ outcomes: [EmploymentOutcome], inclusion: [Int32], window: EmploymentDefinition.Window,
    earnings: [Double]?
  ) -> [Double] {
    outcomes.indices.map { i in
      let days = window.end(from: inclusion[i]) - inclusion[i]
      return holds(for: outcomes[i], windowDays: days, earnings: earnings?[i] ?? .nan).map { $0 ? 1 : 0 }
        ?? .nan
    }
  }

  /// Reads `ID=MEASURE>=NUMBER`, conditions joined by `&`.
  ///
  /// - Throws: `CriterionError` where the text is no definition.
  public init(parsing text: String) throws(CriterionError) {
    guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
      throw CriterionError("found \"\(text)\", expected ID=MEASURE>=NUMBER, such as month=days>=30")
    }
    id = String(text[..<mark])
    guard Self.isName(id) else {
      throw CriterionError("found the name \"\(id)\", expected letters a to z, digits, - and _")
    }
    conditions = []
    for part in text[text.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false) {
      conditions.append(try Self.condition(part.filter { $0 != " " }))
    }
  }

  private static func condition(_ text: String) throws(CriterionError) -> Condition {
    let parts = text.split(separator: ">=", omittingEmptySubsequences: false)
    guard parts.count == 2, let bound = Double(parts[1]) else {
      throw CriterionError("found \"\(text)\", expected MEASURE>=NUMBER, such as hours>=100")
    }
    guard let measure = Measure(rawValue: String(parts[0])) else {
      let known = Measure.allCases.map(\.rawValue).joined(separator: ", ")
      throw CriterionError("found the measure \"\(parts[0])\", expected one of \(known)")
    }
    let condition = Condition(measure, atLeast: bound)
    if let fault = condition.fault { throw CriterionError("\(fault.found), \(fault.expected)") }
    return condition
  }

  /// True for a name that a column can carry.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x2d || $0 == 0x5f
      }
  }
}

extension EmploymentCriterion.Condition {
  /// What is wrong with the bound, if anything: one that everybody or nobody meets defines nothing.
  public var fault: (found: String, expected: String)? {
    if !atLeast.isFinite || atLeast <= 0 {
      return ("\(measure.rawValue) of at least \(atLeast)", "a number above 0 expected")
    }
    if measure == .share, atLeast > 1 {
      return ("a share of at least \(atLeast)", "a number up to 1 expected")
    }
    return nil
  }
}

/// Why a text is no definition of employment.
public struct CriterionError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
