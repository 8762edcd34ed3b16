import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// Logistic regression of a binary outcome: odds ratios, crude and adjusted, and risks standardised over the participants.
struct Logistic: AnalysisMethod {
  private let limits: FitOptions.Limits?
  private let standardises: Bool
  private let isFirth: Bool

  private enum Estimation: String, CaseIterable {
    case likelihood
    /// Firth's penalised likelihood, for separated data.
    case firth
  }

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    limits = mapping.choice("limits", FitOptions.Limits.self)
    standardises = mapping.bool("standardise") ?? false
    isFirth = mapping.choice("estimation", Estimation.self) == .firth
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: isFirth ? "Firth logistic regression" : "logistic regression")
      let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
      do {
        let frame = try step.frame(binaryOutcome: true)
        let report = try fit(step, formula, frame)
        let events = Self.eventCount(frame, outcome: analysis.outcome!.value, report)
        let records =
          step.effects(.oddsRatio, others: .oddsRatio, from: report)
          + step.standardised(report, method: "standardisation of a logistic regression")
        findings.results += records.map { record in
          var record = record
          record.events = events
          return record
        }
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.oddsRatio, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  /// The events among the rows that the model uses.
  private static func eventCount(_ frame: DataFrame, outcome: String, _ report: ModelReport) -> Int? {
    guard case .numeric(let events)? = frame[outcome] else { return nil }
    return report.rows.count { events[$0] == 1 }
  }

  private func fit(_ step: ModelStep, _ formula: String, _ frame: DataFrame) throws -> ModelReport {
    var options = FitOptions()
    options.exponentiate = true
    options.limits = limits
    if !isFirth {
      options.family = .binomial
      if standardises { options.standardise = TrialFrames.armColumn }
    }
    return try step.fit(isFirth ? "firth" : "glm", formula, frame, options: options)
  }
}

extension Array where Element: Hashable {
  /// The elements, each once, in the order of their first appearance.
  var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Result {
  /// Takes over the numbers of a report's row with the names of `broom::tidy`.
  mutating func take(_ row: JSONValue, level: Double) {
    estimate = row["estimate"]?.double
    standardError = row["std.error"]?.double
    statistic = row["statistic"]?.double
    df = row["df"]?.double
    pValue = row["p.value"]?.double
    low = row["conf.low"]?.double
    high = row["conf.high"]?.double
    if low != nil || high != nil { self.level = level }
  }
}
