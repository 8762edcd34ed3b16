import ModelFitting
import ModelFormula
import TrialData

/// Proportional hazards regression: hazard ratios, crude and adjusted, and the test of proportional hazards.
struct Cox: AnalysisMethod {
  private let ties: FitOptions.Ties?
  private let transform: FitOptions.ZPHTransform
  private let strata: [Placed<String>]
  private let isRobust: Bool
  private let penalty: SurvivalOptions.Penalty?
  private let landmark: Double?
  private let recurrent: SurvivalOptions.Recurrent?
  private let start: Placed<String>?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    ties = mapping.choice("ties", FitOptions.Ties.self)
    transform = mapping.choice("ph-transform", FitOptions.ZPHTransform.self) ?? .km
    strata = mapping.names("strata")
    isRobust = mapping.bool("robust") ?? false
    penalty = mapping.choice("penalty", SurvivalOptions.Penalty.self)
    landmark = mapping.number("landmark")
    recurrent = mapping.choice("recurrent", SurvivalOptions.Recurrent.self)
    start = mapping.text("start")
    if recurrent != nil { mapping.require("start") }
  }

  var columns: [Placed<String>] { strata + [start].compactMap { $0 } }

  /// The method's name in the records.
  private var name: String {
    switch recurrent {
    case .andersenGill?: "Andersen-Gill regression"
    case .pwpTotal?, .pwpGap?: "Prentice-Williams-Peterson regression"
    case nil: penalty == .firth ? "Firth's Cox regression" : "Cox regression"
    }
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: name)
      let formula =
        "\(SurvivalFormula.response(analysis, start: start)) ~ \(step.rightSide)\(SurvivalFormula.strata(strata))"
      do {
        var options = FitOptions()
        options.exponentiate = true
        options.ties = ties
        // The exact partial likelihood has no Schoenfeld residuals, and the test knows no penalty.
        options.zph = ties == .exact || penalty != nil || data.isRepeated ? nil : transform
        options.robust = isRobust ? .row : nil
        options.survival.penalty = penalty
        options.survival.landmark = landmark
        var frame = try step.frame(binaryOutcome: true, [analysis.time!] + columns)
        if recurrent != nil {
          options.survival.recurrent = recurrent
          options.id = SurvivalFormula.person
          frame[SurvivalFormula.person] = .numeric(
            data.persons(in: variant.set.value, file: analysis.file?.value).map(Double.init))
        }
        let report = try step.fit("cox", formula, frame, options: options)
        findings.results += step.effects(.hazardRatio, others: .hazardRatio, from: report)
        findings.results += step.tests(from: report)
        findings.results += proportionality(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.hazardRatio, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private func proportionality(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("zph").map { row in
      let name = row["term"]?.text ?? ""
      var record = step.record(
        .test, from: report,
        term: name == "GLOBAL" ? "proportional-hazards" : "proportional-hazards=\(name)")
      record.statistic = row["chisq"]?.double
      record.df = row["df"]?.double
      record.pValue = row["p.value"]?.double
      record.method = "test of scaled Schoenfeld residuals"
      return record
    }
  }
}

/// The parts of a survival formula.
enum SurvivalFormula {
  /// The column that tells the rows of one participant.
  static let person = "participant"

  /// `Surv(time, event)` of an analysis, or `Surv(start, time, event)`.
  static func response(_ analysis: AnalysisPlan, start: Placed<String>? = nil) -> String {
    let names = [start, analysis.time, analysis.outcome].compactMap { $0?.value }
    return "Surv(" + names.map(Expression.nameText).joined(separator: ", ") + ")"
  }

  /// ` + strata(a) + strata(b)`.
  static func strata(_ names: [Placed<String>]) -> String {
    names.map { " + strata(\(Expression.nameText($0.value)))" }.joined()
  }
}
