import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// Restricted mean survival times by arm up to the plan's horizon, their difference and their ratio; with covariates the
/// difference and the ratio adjusted for them, by pseudo-values.
struct RestrictedMean: AnalysisMethod {
  private let horizon: Double

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    // The horizon is part of the estimand; software differs in its default, so there is none.
    mapping.require("horizon")
    horizon = mapping.number("horizon") ?? 0
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      if !variant.covariates.isEmpty {
        let found = try adjusted(analysis, variant, data)
        findings.results += found.results
        findings.warnings += found.warnings
        continue
      }
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data, method: "restricted mean survival time")
      let formula = "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)"
      do {
        var options = FitOptions()
        options.taus = [horizon]
        let frame = try step.frame(binaryOutcome: true, [analysis.time!])
        let report = try step.fit("rmst", formula, frame, options: options)
        findings.results += groups(report, step) + contrasts(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.restrictedMeanDifference, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  /// The regression of pseudo-values on the arm and the covariates: differences by the identity link, ratios by the log link.
  private func adjusted(
    _ analysis: AnalysisPlan, _ variant: AnalysisPlan.Variant, _ data: TrialFrames
  ) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    let step = ModelStep(
      analysis: analysis, variant: variant, data: data,
      method: "restricted mean survival time by pseudo-values")
    let formula = "\(SurvivalFormula.response(analysis)) ~ \(step.rightSide)"
    do {
      let frame = try step.frame(binaryOutcome: true, [analysis.time!])
      for (link, measure) in [
        ("identity", Result.Measure.restrictedMeanDifference), ("log", .restrictedMeanRatio),
      ] {
        var options = FitOptions()
        options.taus = [horizon]
        options.survival.pseudo = true
        options.link = link
        options.exponentiate = link == "log"
        let report = try step.fit("rmst", formula, frame, options: options)
        findings.results += step.effects(measure, others: .coefficient, from: report)
          .filter { $0.contrast != nil }.map { record in
            var record = record
            // Named as the crude records are: by contrast and horizon.
            record.term = nil
            record.time = horizon
            return record
          }
        if link == "identity" { findings.warnings += report.warnings }
      }
    } catch let failure as ModelStep.Failure {
      findings.results.append(step.failed(.restrictedMeanDifference, formula, failure))
      findings.warnings.append(failure.message)
    }
    return findings
  }

  private func groups(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("groups").map { row in
      var record = step.record(
        .restrictedMean, from: report, group: step.arm(named: row["group"]?.text), time: horizon)
      record.take(row, level: step.data.plan.level)
      record.estimate = row["rmst"]?.double
      record.n = row["n"]?.double.map { Int($0) }
      record.events = row["events"]?.double.map { Int($0) }
      return record
    }
  }

  private func contrasts(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("contrasts").compactMap { row in
      let arm = step.arm(named: row["group"]?.text)
      let isRatio = row["contrast"]?.text == "ratio"
      guard isRatio || row["contrast"]?.text == "difference",
        let comparison = step.data.comparisons.first(where: { $0.code == arm })
      else { return nil }
      var record = step.record(
        isRatio ? .restrictedMeanRatio : .restrictedMeanDifference, from: report,
        contrast: isRatio ? comparison.ratio : comparison.difference, time: horizon)
      record.take(row, level: step.data.plan.level)
      return record
    }
  }
}

extension ModelStep {
  /// The arm's code in a group's name, which is `arm=<code>` or the code itself.
  func arm(named name: String?) -> String? {
    guard let name else { return nil }
    let prefix = TrialFrames.armColumn + "="
    return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}
