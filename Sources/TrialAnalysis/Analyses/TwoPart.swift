import Inference
import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// The mean of an outcome that is zero for many, such as hours and earnings, by a two-part model: means of all
/// participants, zeros included, under each arm, and their difference and ratio.
struct TwoPart: AnalysisMethod {
  private enum Family: String, CaseIterable {
    case gamma
    case gaussian
    case inverseGaussian = "inverse-gaussian"
  }

  private let family: Family
  private let target: FitOptions.StandardisationTarget
  private let draws: Int?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    family = mapping.choice("family", Family.self) ?? .gamma
    target = mapping.choice("target", FitOptions.StandardisationTarget.self) ?? .sample
    draws = mapping.integer("bootstrap", atLeast: 2)
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: "two-part model")
      let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
      do {
        let frame = try step.frame(binaryOutcome: false)
        var options = FitOptions()
        options.family = FitOptions.Family(rawValue: family.rawValue)
        options.standardise = TrialFrames.armColumn
        options.standardisationTarget = target
        options.draws = draws
        options.seed = data.plan.seed
        let report = try step.fit("twopart", formula, frame, options: options)
        if !report.section("bootstrap").isEmpty {
          step.note("twopart", formula, frame, options: options, variant: bootstrapPart(of: variant.id))
        }
        findings.results += try zeros(frame, step, analysis)
        findings.results += standardised(report, "marginal", step) + checked(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.meanDifference, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  /// The part that holds the bootstrap of a variant.
  private func bootstrapPart(of variant: String?) -> String {
    [variant, "bootstrap"].compactMap { $0 }.joined(separator: "-")
  }

  /// The participants of each arm and how many of them have zero, among rows that miss nothing.
  private func zeros(_ frame: DataFrame, _ step: ModelStep, _ analysis: AnalysisPlan) throws -> [Result] {
    guard case .numeric(let values)? = frame[analysis.outcome!.value],
      case .categorical(let codes, let levels)? = frame[TrialFrames.armColumn]
    else { return [] }
    let columns = frame.names.compactMap { frame[$0] }
    let complete = values.indices.filter { row in !columns.contains { $0.isMissing(at: row) } }
    let outcome = analysis.outcome!.value
    var counted = values
    for row in Set(values.indices).subtracting(complete) { counted[row] = .nan }
    step.data.log?.add(
      LoggedCount(
        variant: step.variant.id, column: outcome,
        frame: DataFrame(
          [(outcome, .numeric(counted)), (TrialFrames.armColumn, frame[TrialFrames.armColumn]!)],
          rowCount: frame.rowCount)))
    return step.data.arms.map { arm in
      let own = complete.filter { codes[$0] >= 0 && levels[Int(codes[$0])] == arm }.map { values[$0] }
      var record = analysis.record(.share, variant: step.variant, of: step.data, group: arm, term: "zero")
      record.n = own.count
      record.events = own.count { $0 == 0 }
      record.estimate = own.isEmpty ? nil : Double(record.events!) / Double(own.count)
      let members = values.indices.count { codes[$0] >= 0 && levels[Int(codes[$0])] == arm }
      record.dropped = members - own.count
      if members > own.count { record.droppedReason = "missing outcome or covariate" }
      return record
    }
  }

  /// The standardised means and their comparisons.
  private func standardised(_ report: ModelReport, _ section: String, _ step: ModelStep) -> [Result] {
    report.section(section).compactMap { row in
      let level = row["level"]?.text
      let comparison = step.data.comparisons.first { $0.code == level }
      var record: Result
      switch row["measure"]?.text {
      case "mean": record = step.wholeRecord(.mean, from: report, group: level, term: "standardised")
      case "difference":
        record = step.record(
          .meanDifference, from: report, contrast: comparison?.difference,
          term: comparison.map { TrialFrames.armColumn + $0.code })
      case "ratio":
        record = step.record(
          .meanRatio, from: report, contrast: comparison?.ratio,
          term: comparison.map { TrialFrames.armColumn + $0.code })
      default: return nil
      }
      record.take(row, level: step.data.plan.level)
      return record
    }
  }

  /// The bootstrap beside the delta method, as a part of its own.
  private func checked(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    standardised(report, "bootstrap", step).filter { $0.contrast != nil }.map { record in
      var record = record
      record.variant = bootstrapPart(of: record.variant)
      record.method = "bootstrap of the two-part model"
      record.pValue = nil
      return record
    }
  }
}
