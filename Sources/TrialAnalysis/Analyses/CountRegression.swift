import ModelFitting
import ModelFormula
import TrialData

/// Regression of a count, such as the number of jobs: rate ratios, crude and adjusted, with robust limits.
struct CountRegression: AnalysisMethod {
  private enum Model: String, CaseIterable {
    case poisson
    case negativeBinomial = "negbin"
  }

  private let model: Model
  private let robust: FitOptions.Robust?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    model = mapping.choice("model", Model.self) ?? .poisson
    // A Poisson model's own standard errors trust that the variance equals the mean, which counts of jobs rarely obey.
    robust = mapping.choice("robust", FitOptions.Robust.self) ?? (model == .poisson ? .hc1 : nil)
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: model == .poisson ? "Poisson regression" : "negative binomial regression")
      let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
      do {
        var options = FitOptions()
        options.robust = robust
        options.exponentiate = true
        if model == .poisson { options.family = .poisson }
        let frame = try step.frame(binaryOutcome: false)
        let report = try step.fit(model == .poisson ? "glm" : "negbin", formula, frame, options: options)
        findings.results += step.effects(.rateRatio, others: .rateRatio, from: report)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.rateRatio, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }
}
