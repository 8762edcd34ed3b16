import ModelFormula
import Serialisation

/// What only the models of event times are asked for.
public struct SurvivalOptions: Sendable {
  /// Firth's penalty in a Cox model.
  public var penalty: Penalty?
  /// What `--predict` prints of a Cox model.
  public var prediction: Prediction?
  /// The residuals to add.
  public var residuals: [Residual] = []
  /// How several events of one person enter a Cox model.
  public var recurrent: Recurrent?
  /// Event numbers above this share its stratum.
  public var greatestEvent: Int?

  /// Which test of the log-rank family.
  public var test: LogRankFamily?
  /// Fleming–Harrington exponents (p, q): one pair, or those that MaxCombo joins.
  public var exponents: [Exponents] = []
  /// Test a trend over the groups.
  public var trend = false
  /// Scores of the groups for the trend; 1, 2, … where empty.
  public var scores: [Double] = []
  /// The alternative of MaxCombo.
  public var alternative: Alternative?

  /// Quantiles of a Kaplan–Meier curve, beside the median.
  public var quantiles: [Double] = []
  /// What a quantile is where the curve is flat.
  public var quantileRule: QuantileRule?
  /// Model pseudo-values of the restricted mean.
  public var pseudo = false

  /// Follow persons from this time on, without those who had an event or were censored before.
  public var landmark: Double?
  /// Split persons' time at these times.
  public var cuts: [Double] = []
  /// Values of covariates from stated times on: id, time, covariates.
  public var changes: DataFrame?

  public init() {}

  public enum Penalty: String, Sendable, CaseIterable { case firth }

  /// What a Cox model predicts: e^lp, the linear predictor, the expected number of events, survival.
  public enum Prediction: String, Sendable, CaseIterable { case risk, lp, expected, survival }

  public enum Residual: String, Sendable, CaseIterable {
    case martingale, deviance, score, dfbeta, dfbetas, schoenfeld
    case scaledSchoenfeld = "scaled-schoenfeld"
  }

  public enum Recurrent: String, Sendable, CaseIterable {
    case andersenGill = "ag"
    case pwpTotal = "pwp-total"
    case pwpGap = "pwp-gap"
  }

  /// The weights of a test of the log-rank family, or several joined.
  public enum LogRankFamily: String, Sendable, CaseIterable {
    case logrank, gehan
    case taroneWare = "tarone-ware"
    case peto
    case modifiedPeto = "modified-peto"
    case flemingHarrington = "fleming-harrington"
    case maxcombo
  }

  public struct Exponents: Sendable, Equatable {
    public let p: Double
    public let q: Double

    public init(p: Double, q: Double) {
      self.p = p
      self.q = q
    }
  }

  public enum Alternative: String, Sendable, CaseIterable {
    case twoSided = "two.sided"
    case less, greater
  }

  /// Rules by the software that uses them: R's midpoint; SAS's, which ends in no censoring; the first time at or below;
  /// the first time below.
  public enum QuantileRule: String, Sendable, CaseIterable { case r, sas, first, below }

  /// The options that change the rows of persons' time before a model sees them, with the column that names the person.
  static let rowOptions: Set<FitOptions.Special> = [.landmark, .cuts, .changes, .id]

  /// The special options that were given.
  var given: [FitOptions.Special] {
    let set: [(FitOptions.Special, Bool)] = [
      (.penalty, penalty != nil), (.predictionType, prediction != nil), (.residuals, !residuals.isEmpty),
      (.recurrent, recurrent != nil), (.greatestEvent, greatestEvent != nil), (.logRankTest, test != nil),
      (.exponents, !exponents.isEmpty), (.trend, trend), (.scores, !scores.isEmpty),
      (.alternative, alternative != nil), (.quantiles, !quantiles.isEmpty),
      (.quantileRule, quantileRule != nil), (.pseudo, pseudo), (.landmark, landmark != nil),
      (.cuts, !cuts.isEmpty), (.changes, changes != nil),
    ]
    return set.filter(\.1).map(\.0)
  }
}

extension FitOptions {
  /// The `at` of a curve: what it is at each of the times asked for, ascending; nothing where none were.
  func atTimes(_ row: (Double) -> JSONValue) -> [JSONValue.Member] {
    times.isEmpty ? [] : [.init("at", .array(times.sorted().map(row)))]
  }
}
