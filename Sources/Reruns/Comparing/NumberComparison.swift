import Serialisation
import TrialAnalysis
import TrialReport

/// Decides whether a published number and its rerun count as the same.
struct NumberComparison {
  let plan: VerificationPlan
  let style: NumberStyle

  /// - Parameter isExact: true to demand every bit whatever the plan says.
  init(_ run: AnalysisRun, plan: VerificationPlan, isExact: Bool) {
    var plan = plan
    if isExact {
      plan = VerificationPlan()
      plan.standard = .exact
    }
    self.plan = plan
    style = NumberStyle(.english, rounding: run.rounding)
  }

  /// True where a field of a record is the same by its tolerance.
  func agrees(_ change: FieldChange, measure: Result.Measure?) -> Bool {
    guard let (old, new) = change.numbers, VerificationPlan.fields.contains(change.name) else { return false }
    switch plan.tolerance(of: change.name, measure: measure) {
    case .exact: return old == new
    case .absolute(let most): return abs(old - new) <= most
    case .relative(let most): return abs(old - new) <= most * max(abs(old), abs(new))
    case .printed:
      return printed(old, change.name, measure) == printed(new, change.name, measure)
    }
  }

  /// A number as tables print its kind; six significant digits for what no table rounds by the plan.
  func printed(_ value: Double, _ field: String, _ measure: Result.Measure?) -> String {
    if field == "p.value" { return style.pValue(value) }
    guard !["statistic", "df", "df2"].contains(field), let measure else { return significant(value) }
    let rounding = style.rounding
    switch measure {
    case .share, .risk, .riskDifference, .survival, .cumulativeIncidence:
      return style.percent(value, decimals: rounding.percentDecimals)
    case .riskRatio, .oddsRatio, .hazardRatio, .restrictedMeanRatio, .meanRatio, .rateRatio,
      .standardisedDifference:
      return style.number(value, decimals: rounding.ratioDecimals)
    case .mean, .standardDeviation, .median, .lowerQuartile, .upperQuartile, .minimum, .maximum,
      .meanDifference, .marginalMean, .restrictedMean, .restrictedMeanDifference, .medianTime,
      .numberNeededToTreat, .meanCumulative:
      // A scale of few points is printed finer than the plan's decimals, a large amount coarser.
      return style.number(value, decimals: max(rounding.meanDecimals, 2))
    default: return significant(value)
    }
  }

  private func significant(_ value: Double) -> String { NumberText.significant(value, digits: 6) }
}
