import ModelFitting
import ModelFormula
import TrialData

/// The log-rank test of equal survival in the arms, or another of its family, stratified where the plan asks.
struct LogRank: AnalysisMethod {
  private let rho: Double?
  private let test: SurvivalOptions.LogRankFamily?
  private let exponents: [Double]
  private let landmark: Double?
  private let strata: [Placed<String>]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    rho = mapping.number("rho")
    test = mapping.choice("test", SurvivalOptions.LogRankFamily.self)
    exponents = mapping.numbers("exponents")
    landmark = mapping.number("landmark")
    strata = mapping.names("strata")
  }

  var columns: [Placed<String>] { strata }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: (strata.isEmpty ? "" : "stratified ") + name + " test")
      let formula =
        "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)\(SurvivalFormula.strata(strata))"
      do {
        var options = FitOptions()
        options.rho = rho
        options.survival.test = test
        options.survival.exponents = stride(from: 0, to: exponents.count - 1, by: 2).map {
          SurvivalOptions.Exponents(p: exponents[$0], q: exponents[$0 + 1])
        }
        options.survival.landmark = landmark
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

  /// The test's name.
  private var name: String {
    switch test {
    case nil: rho ?? 0 == 0 ? (exponents.isEmpty ? "log-rank" : "Fleming-Harrington") : "G-rho"
    case .logrank?: "log-rank"
    case .gehan?: "Gehan-Breslow"
    case .taroneWare?: "Tarone-Ware"
    case .peto?: "Peto-Peto"
    case .modifiedPeto?: "modified Peto-Peto"
    case .flemingHarrington?: "Fleming-Harrington"
    case .maxcombo?: "MaxCombo"
    }
  }

  private func groups(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("groups").flatMap { row -> [Result] in
      let arm = step.arm(named: row["group"]?.text)
      return ["observed", "expected"].map { column in
        var record = step.record(.events, from: report, group: arm, term: column)
        record.estimate = row[column]?.double
        record.n = row["n"]?.double.map { Int($0) }
        record.events = column == "observed" ? row["events"]?.double.map { Int($0) } : nil
        return record
      }
    }
  }
}
