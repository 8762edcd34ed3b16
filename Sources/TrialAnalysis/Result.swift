import Inference
import ModelFitting

/// One number of a report with its origin.
///
/// Every figure in a table, every point of a curve and every count in the flow diagram is one record; tables and figures
/// are views of records and compute nothing. `results.json` and `results.sqlite` hold them all.
public struct Result: Sendable, Equatable {
  /// What an estimate measures; it decides how a view writes it and which value means "no effect".
  ///
  /// The raw value stands in `results.json` as `measure`.
  public enum Measure: String, Sendable, CaseIterable {
    // Counts and descriptions.
    case count
    case share
    case mean
    case standardDeviation = "sd"
    case median
    case lowerQuartile = "q1"
    case upperQuartile = "q3"
    case minimum
    case maximum
    case standardisedDifference = "smd"
    // Risks and their comparisons.
    case risk
    case riskDifference = "risk-difference"
    case riskRatio = "risk-ratio"
    case oddsRatio = "odds-ratio"
    case numberNeededToTreat = "nnt"
    // Time to event.
    case survival
    case cumulativeIncidence = "cumulative-incidence"
    /// The mean number of recurrent events up to a time.
    case meanCumulative = "mean-cumulative"
    case atRisk = "n-at-risk"
    case events
    case censored
    case medianTime = "median-time"
    case hazardRatio = "hazard-ratio"
    case restrictedMean = "rmst"
    case restrictedMeanDifference = "rmst-difference"
    case restrictedMeanRatio = "rmst-ratio"
    // Models.
    case coefficient
    case meanDifference = "mean-difference"
    case meanRatio = "mean-ratio"
    case rateRatio = "rate-ratio"
    case marginalMean = "marginal-mean"
    case varianceComponent = "variance"
    case correlation
    case logLikelihood = "log-likelihood"
    case criterion
    case test

    /// The value that stands for no effect; none for descriptions.
    public var null: Double? {
      switch self {
      case .riskRatio, .oddsRatio, .hazardRatio, .restrictedMeanRatio, .meanRatio, .rateRatio: 1
      case .riskDifference, .restrictedMeanDifference, .coefficient, .meanDifference,
        .standardisedDifference:
        0
      default: nil
      }
    }
  }

  /// A convention that shaped the number: a name and the choice made, such as `ties` and `efron`.
  public struct Convention: Sendable, Equatable, Comparable {
    public let name: String
    public let choice: String

    public init(_ name: String, _ choice: String) {
      self.name = name
      self.choice = choice
    }

    public static func < (a: Convention, b: Convention) -> Bool { a.name < b.name }
  }

  /// A quantity under another software's conventions.
  public struct Also: Sendable, Equatable {
    /// Whose conventions.
    public let profile: ConventionProfile
    public let estimate: Double?
    public let standardError: Double?
    public let statistic: Double?
    public let df: Double?
    public let pValue: Double?
    public let low: Double?
    public let high: Double?
    public let conventions: [Convention]

    init(_ twin: Result, profile: ConventionProfile) {
      self.profile = profile
      estimate = twin.estimate
      standardError = twin.standardError
      statistic = twin.statistic
      df = twin.df
      pValue = twin.pValue
      low = twin.low
      high = twin.high
      conventions = twin.conventions
    }
  }

  /// The analysis of the plan this belongs to, by its id there.
  public var analysis: String
  /// The part of the analysis, such as `crude` or `adjusted`; nil where there is one part.
  public var variant: String?
  /// What is estimated, in the plan's words.
  public var estimand: String?
  /// The outcome variable.
  public var outcome: String?
  /// The analysis set.
  public var population: String?
  /// The method, named as in the methods paragraph (`Newcombe`, `logistic regression`, …).
  public var method: String?
  /// The model formula, where a model was fitted.
  public var formula: String?
  /// What the estimate measures.
  public var measure: Measure
  /// The arm or other group the number describes.
  public var group: String?
  /// The comparison the number makes, as `A - B` or `A / B`.
  public var contrast: String?
  /// The coefficient, the level of a variable, the visit or the check.
  public var term: String?
  /// The time, in the analysis's unit, that the number belongs to (a curve's step, a horizon).
  public var time: Double?
  public var estimate: Double?
  public var standardError: Double?
  public var df: Double?
  /// The denominator's degrees of freedom of an F statistic.
  public var df2: Double?
  public var statistic: Double?
  public var pValue: Double?
  public var low: Double?
  public var high: Double?
  public var level: Double?
  /// Participants (or, where the method says so, rows) behind the number.
  public var n: Int?
  /// Participants in the set that could not be used, and `droppedReason` says why.
  public var dropped: Int?
  public var droppedReason: String?
  public var events: Int?
  public var status: FitStatus
  public var warnings: [String]
  /// Sorted by name.
  public var conventions: [Convention]
  /// The same quantity under another software's conventions, where the plan asks for them.
  public var also: Also?
  /// True where the number would disclose a count below the plan's floor, by itself or by subtraction from others: no view
  /// and no file may then show the estimate, its limits or its counts.
  public var isSuppressed: Bool

  /// Makes a record; everything but the analysis and the measure may be set afterwards.
  public init(
    analysis: String, measure: Measure, group: String? = nil, contrast: String? = nil,
    term: String? = nil, time: Double? = nil, estimate: Double? = nil, n: Int? = nil
  ) {
    self.analysis = analysis
    self.measure = measure
    self.group = group
    self.contrast = contrast
    self.term = term
    self.time = time
    self.estimate = estimate
    self.n = n
    status = .ok
    warnings = []
    conventions = []
    isSuppressed = false
  }

  /// The record's name, stable across runs: `<analysis>[.<variant>]/<group or contrast>/<term>`.
  ///
  /// The last part is the measure where there is no term, and `term:measure` or `term@time:measure` where there is.
  public var id: String {
    var last = term ?? ""
    if let time { last += "@" + (time == time.rounded() ? String(Int(time)) : time.description) }
    last += (last.isEmpty ? "" : ":") + measure.rawValue
    return analysis + (variant.map { "." + $0 } ?? "") + "/" + (contrast ?? group ?? "all") + "/" + last
  }
}
