import ModelFitting
import ModelFormula
import TrialData

/// A generalised linear mixed model of repeated yes-or-no outcomes or counts: conditional odds or rate ratios, variance
/// components and, on request, the arms' means in the population, integrated over the random effects.
struct GeneralisedMixedModelAnalysis: AnalysisMethod {
  private let formula: Placed<String>
  private let family: Family
  private let quadraturePoints: Int?
  private let standardises: Bool

  private enum Family: String, CaseIterable {
    case binomial, poisson, negbin

    var option: FitOptions.Family {
      switch self {
      case .binomial: .binomial
      case .poisson: .poisson
      case .negbin: .negativeBinomial
      }
    }
    var measure: Result.Measure { self == .binomial ? .oddsRatio : .rateRatio }
    var method: String {
      switch self {
      case .binomial: "mixed logistic regression"
      case .poisson: "mixed Poisson regression"
      case .negbin: "mixed negative binomial regression"
      }
    }
  }

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    formula = mapping.required("formula")
    family = mapping.choice("family", Family.self) ?? .binomial
    quadraturePoints = mapping.integer("agq", atLeast: 1)
    standardises = mapping.bool("standardise") ?? false
  }

  var modelFormula: Placed<String>? { formula }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    let parsed = try parse(data)
    let names = (parsed.response?.names ?? []) + parsed.parts.flatMap(\.names)
    var analysis = analysis
    analysis.outcome = Placed(value: parsed.response?.names.first ?? "", place: formula.place)
    let others = Set([TrialFrames.armColumn, TrialFrames.visitColumn])
    findings.variables = names.distinct.filter { !others.contains($0) }
    findings.words = data.label(TrialFrames.visitColumn).levels
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: family.method)
      let covariates = variant.covariates.map { " + " + Expression.nameText($0.value) }.joined()
      let text = formula.value + covariates
      do {
        let located = names.distinct.map { Placed(value: $0, place: formula.place) }
        let frame = try data.frame(
          located + variant.covariates, set: variant.set.value, file: analysis.file?.value)
        let report = try step.fit("glmm", text, frame, options: options)
        findings.results += step.effects(family.measure, others: family.measure, from: report)
        findings.results += step.components(report)
        findings.results += standardised(report, step)
        findings.results += step.participants(frame)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(family.measure, text, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private var options: FitOptions {
    var options = FitOptions()
    options.family = family.option
    options.exponentiate = true
    options.quadraturePoints = quadraturePoints
    if standardises { options.standardise = TrialFrames.armColumn }
    return options
  }

  /// The arms' means and their comparisons; of counts, means and not risks.
  private func standardised(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    step.standardised(report, method: "standardisation of a \(family.method)").map { record in
      guard family != .binomial else { return record }
      var record = record
      switch record.measure {
      case .risk: record.measure = .marginalMean
      case .riskDifference: record.measure = .meanDifference
      default: record.measure = .meanRatio
      }
      return record
    }
  }

  private func parse(_ data: TrialFrames) throws -> Formula {
    do {
      return try Formula(parsing: formula.value)
    } catch {
      throw data.fault("\(error)", expected: "a formula expected", at: formula.place)
    }
  }
}
