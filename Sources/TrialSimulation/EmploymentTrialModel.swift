import ModelFormula

/// The generative model of an employment trial: who takes part, who finds work when, and who answers questionnaires.
///
/// The defaults give the shape and plausible marginals of the "Hekta på jobb" trial (NCT04289415): 202 people over seven
/// units, 36 of 91 against 33 of 96 with a day of competitive work in 18 months, about 600 against 340 hours. What the
/// publications do not tell (block sizes, instruments, covariates) is invented here, and every file says so.
public struct EmploymentTrialModel: Sendable, Equatable {
  /// The number of people randomised.
  public var participants = 202
  /// The treatment units and their shares of the participants.
  public var units: [(name: String, section: String, weight: Double)] = [
    ("U1", "outpatient", 5), ("U2", "outpatient", 4), ("U3", "outpatient", 4), ("U4", "youth", 2),
    ("U5", "youth", 2), ("U6", "adult", 3), ("U7", "adult", 3),
  ]
  /// The sizes of the permuted blocks within a unit.
  public var blockSizes = [4, 6]
  /// The first and the last day of inclusion.
  public var firstInclusion = CalendarDay(year: 2020, month: 3, day: 1)!
  public var lastInclusion = CalendarDay(year: 2022, month: 2, day: 28)!
  /// The follow-up in the register, in calendar months.
  public var windowMonths = 18
  /// The day the register extract was taken.
  public var extract = CalendarDay(year: 2023, month: 10, day: 15)!
  /// The chances of withdrawing consent, of dying within the follow-up, and of inclusion by error.
  public var withdrawal = 8.0 / 202
  public var death = 5.0 / 202
  public var error = 2.0 / 202
  /// The employment of each arm.
  public var control = Employment(
    anyWork: 0.344, medianFirstDay: 250, jobDays: 290, fullTimeShare: 0.30, hourlyPay: 212)
  public var treatment = Employment(
    anyWork: 0.396, medianFirstDay: 190, jobDays: 430, fullTimeShare: 0.38, hourlyPay: 235)
  /// The log odds of work per standard deviation of the prognosis that covariates carry.
  public var prognosis = 0.8
  /// The chance of answering at 6 and 12 months, of those who answered before.
  public var response = [0.80, 0.85]
  /// The mean of the symptom items at inclusion, the standard deviation between people, and the change a half-year in each arm.
  public var symptoms = Symptoms(mean: 2.05, between: 0.50, within: 0.55, change: [-0.08, -0.14])

  /// How people of one arm find and keep work.
  public struct Employment: Sendable, Equatable {
    /// The share with any competitive work within the window.
    public var anyWork: Double
    /// The median day of the first job among those with one.
    public var medianFirstDay: Double
    /// The mean length of a job in days.
    public var jobDays: Double
    /// The share of jobs that are full time.
    public var fullTimeShare: Double
    /// The mean pay an hour, NOK.
    public var hourlyPay: Double
  }

  /// The course of a questionnaire score on a 1–4 scale.
  public struct Symptoms: Sendable, Equatable {
    public var mean: Double
    public var between: Double
    public var within: Double
    /// The change from one questionnaire to the next, control and treatment.
    public var change: [Double]
  }

  public init() {}

  public static func == (a: Self, b: Self) -> Bool {
    a.participants == b.participants && a.units.map(\.name) == b.units.map(\.name)
      && a.units.map(\.weight) == b.units.map(\.weight) && a.blockSizes == b.blockSizes
      && a.control == b.control && a.treatment == b.treatment && a.prognosis == b.prognosis
      && a.response == b.response && a.symptoms == b.symptoms && a.withdrawal == b.withdrawal
      && a.death == b.death && a.error == b.error && a.windowMonths == b.windowMonths
      && a.extract == b.extract && a.firstInclusion == b.firstInclusion
      && a.lastInclusion == b.lastInclusion
  }
}
