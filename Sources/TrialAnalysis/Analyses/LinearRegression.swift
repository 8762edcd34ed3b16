import ModelFitting
import ModelFormula
import TrialData

/// Linear regression of a numeric outcome on the arm, crude and adjusted.
struct LinearRegression: AnalysisMethod {
  private let robust: FitOptions.Robust?
  private let imputation: Imputation

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    robust = mapping.choice("robust", FitOptions.Robust.self)
    imputation = Imputation(mapping, header: header)
  }

  var columns: [Placed<String>] { imputation.auxiliary }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let isImputed = variant.missing == .multipleImputation
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: isImputed ? "linear regression after multiple imputation" : "linear regression")
      let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
      do {
        var options = FitOptions()
        options.robust = robust
        let report =
          isImputed
          ? try imputation.report(step, formula, options: options)
          : try step.fit("lm", formula, step.frame(binaryOutcome: false), options: options)
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
