import ModelFitting
import ModelFormula
import TrialData

/// Linear regression of a numeric outcome on the arm, crude and adjusted.
struct LinearRegression: AnalysisMethod {
  private let robust: FitOptions.Robust?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    robust = mapping.choice("robust", FitOptions.Robust.self)
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: "linear regression")
      let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
      do {
        var options = FitOptions()
        options.robust = robust
        let report = try step.fit("lm", formula, step.frame(binaryOutcome: false), options: options)
        findings.results += step.effects(.meanDifference, others: .coefficient, from: report)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.meanDifference, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }
}
