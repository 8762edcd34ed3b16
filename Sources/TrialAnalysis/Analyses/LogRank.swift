import ModelFitting
import ModelFormula
import TrialData

/// The log-rank test of equal survival in the arms, or another of the G-rho family, stratified where the plan asks.
struct LogRank: AnalysisMethod {
  private let rho: Double?
  private let strata: [Placed<String>]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    rho = mapping.number("rho")
    strata = mapping.names("strata")
  }

  var columns: [Placed<String>] { strata }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: (strata.isEmpty ? "" : "stratified ") + (rho ?? 0 == 0 ? "log-rank test" : "G-rho test"))
      let formula =
        "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)\(SurvivalFormula.strata(strata))"
      do {
        var options = FitOptions()
        options.rho = rho
        let frame = try step.frame(binaryOutcome: true, [analysis.time!] + strata)
        let report = try step.fit("logrank", formula, frame, options: options)
        findings.results += groups(report, step)
        findings.results += step.tests(from: report)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.test, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private func groups(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("groups").flatMap { row -> [Result] in
      let arm = step.arm(named: row["group"]?.text)
      return ["observed", "expected"].map { column in
        var record = step.record(.events, from: report, group: arm, term: column)
        record.estimate = row[column]?.double
        record.n = row["n"]?.double.map { Int($0) }
        record.events = column == "observed" ? row[column]?.double.map { Int($0) } : nil
        return record
      }
    }
  }
}
