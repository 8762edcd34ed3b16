import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// Cumulative incidence by arm where causes compete (Aalen–Johansen), with Gray's test of each cause.
///
/// The outcome holds 0 for censored and 1, 2, … for the causes.
struct CumulativeIncidenceCurves: AnalysisMethod {
  private let axis: [Double]
  private let limits: FitOptions.SurvivalLimits
  private let causes: [(name: Placed<String>, label: Label)]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    axis = mapping.numbers("axis")
    limits = mapping.choice("limits", FitOptions.SurvivalLimits.self) ?? .log
    causes = mapping.labels("causes")
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    findings.words = causes.map { .init($0.name.value, $0.label) }
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: "Aalen-Johansen")
      let formula = "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)"
      do {
        var frame = try data.frame([data.armName, analysis.time!], set: variant.set.value, file: nil)
        let rows = data.rows(in: variant.set.value, file: nil)
        frame[analysis.outcome!.value] = try data.column(analysis.outcome!, file: nil).selecting(rows: rows)
        var options = FitOptions()
        options.survivalLimits = limits
        let report = try step.fit("cuminc", formula, frame, options: options)
        findings.results += curves(report, step) + table(frame, step) + tests(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.cumulativeIncidence, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private static func cause(_ row: JSONValue) -> String {
    row["cause"]?.double.map { String(Int($0)) } ?? ""
  }

  private func curves(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("curves").flatMap { curve -> [Result] in
      let arm = step.arm(named: curve["group"]?.text)
      let term = "curve=\(Self.cause(curve))"
      return (curve["curve"]?.elements ?? []).map { point in
        var record = step.record(
          .cumulativeIncidence, from: report, group: arm, term: term, time: point["time"]?.double)
        record.estimate = point["est"]?.double
        record.standardError = point["var"]?.double.map { $0.squareRoot() }
        record.low = point["conf.low"]?.double
        record.high = point["conf.high"]?.double
        if record.low != nil { record.level = step.data.plan.level }
        return record
      }
    }
  }

  /// Numbers at risk just before the times of the table under the axis.
  private func table(_ frame: DataFrame, _ step: ModelStep) -> [Result] {
    guard case .categorical(let codes, _)? = frame[TrialFrames.armColumn],
      case .numeric(let times)? = frame[step.analysis.time!.value],
      let events = frame[step.analysis.outcome!.value]
    else { return [] }
    return step.data.arms.enumerated().flatMap { arm, code in
      axis.map { time in
        var record = step.analysis.record(
          .atRisk, variant: step.variant, of: step.data, group: code, term: "table", time: time)
        record.estimate = Double(
          codes.indices.count { Int(codes[$0]) == arm && times[$0] >= time && !events.isMissing(at: $0) })
        return record
      }
    }
  }

  /// Gray's tests, each with its cause as term.
  private func tests(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    step.tests(from: report).map { test in
      var test = test
      test.method = "Gray's test"
      test.term = test.term?.split(separator: " ").last.map(String.init)
      return test
    }
  }
}
