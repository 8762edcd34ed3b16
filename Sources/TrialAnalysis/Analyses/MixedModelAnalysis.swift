import Inference
import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// A linear model of a repeated score, with random effects or with a covariance over the visits (MMRM): fixed effects,
/// variance components, marginal means and the arms' differences at each visit, beside the observed means.
struct MixedModelAnalysis: AnalysisMethod {
  let formula: Placed<String>
  private let degreesOfFreedom: FitOptions.DegreesOfFreedom?
  private let isRestricted: Bool?
  private let adjustment: FitOptions.Adjustment
  private let isRepeatedMeasures: Bool
  /// Structures to turn to where the formula's has no fit: the ladder, fixed before the data are seen.
  private let fallback: [CovarianceTerm.Structure]
  /// The arms share their means at the first visit (constrained longitudinal analysis).
  private let hasEqualBaseline: Bool

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    isRepeatedMeasures = header.kind == .repeatedMeasures
    formula = mapping.required("formula")
    degreesOfFreedom = mapping.choice("df", FitOptions.DegreesOfFreedom.self)
    if !isRepeatedMeasures, let degreesOfFreedom,
      [.kenwardRogerLinear, .betweenWithin].contains(degreesOfFreedom)
    {
      mapping.noteUnknown(
        Placed(value: degreesOfFreedom.rawValue, place: mapping.place(of: "df")),
        among: ["satterthwaite", "kenward-roger", "residual", "normal"])
    }
    isRestricted = mapping.bool("reml")
    adjustment = mapping.choice("adjust", FitOptions.Adjustment.self) ?? .none
    hasEqualBaseline = mapping.bool("equal-baseline") ?? false
    fallback =
      isRepeatedMeasures
      ? mapping.names("fallback").compactMap { name in
        if let structure = CovarianceTerm.Structure(rawValue: name.value) { return structure }
        mapping.noteUnknown(name, among: CovarianceTerm.Structure.allCases.map(\.rawValue))
        return nil
      } : []
  }

  var modelFormula: Placed<String>? { formula }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    let parsed = try parse(data)
    let names = (parsed.response?.names ?? []) + parsed.parts.flatMap(\.names)
    let outcome = parsed.response?.names.first ?? ""
    var analysis = analysis
    analysis.outcome = Placed(value: outcome, place: formula.place)
    let others = Set([TrialFrames.armColumn, TrialFrames.visitColumn])
    findings.variables = names.distinct.filter { !others.contains($0) }
    findings.words = data.label(TrialFrames.visitColumn).levels
    let hasVisits = names.contains(TrialFrames.visitColumn)
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data,
        method: isRepeatedMeasures ? "mixed model for repeated measures" : "linear mixed model")
      let covariates = variant.covariates.map { " + " + Expression.nameText($0.value) }.joined()
      let text = formula.value + covariates
      do {
        let located = names.distinct.map { Placed(value: $0, place: formula.place) }
        let frame = try data.frame(
          located + variant.covariates, set: variant.set.value, file: analysis.file?.value)
        let report = try fit(step, text, frame, hasVisits: hasVisits)
        findings.results += step.effects(.coefficient, others: .coefficient, from: report)
        if !data.isRepeated {
          findings.results += components(report, step) + covariances(report, step) + criterion(report, step)
        }
        if hasVisits { findings.results += marginal(report, step) }
        findings.results += interaction(report, step)
        if !data.isRepeated {
          findings.results += step.participants(frame)
          if hasVisits { findings.results += try observed(outcome, frame, step) }
        }
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.meanDifference, text, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private func parse(_ data: TrialFrames) throws -> Formula {
    do {
      return try Formula(parsing: formula.value)
    } catch {
      throw data.fault("\(error)", expected: "a formula expected", at: formula.place)
    }
  }

  private func fit(_ step: ModelStep, _ text: String, _ frame: DataFrame, hasVisits: Bool) throws
    -> ModelReport
  {
    var options = FitOptions()
    options.restricted = isRestricted
    options.degreesOfFreedom = degreesOfFreedom
    options.anova = 3
    options.adjustment = adjustment
    if hasVisits {
      options.marginalMeans = ["pairwise ~ \(TrialFrames.armColumn) | \(TrialFrames.visitColumn)"]
    }
    options.covarianceFallback = fallback
    if hasEqualBaseline {
      options.equalBaseline = .init(arm: TrialFrames.armColumn, visit: TrialFrames.visitColumn)
    }
    return try step.fit(isRepeatedMeasures ? "mmrm" : "lmm", text, frame, options: options)
  }

  /// Variances and correlations of the random effects, the residual variance last.
  private func components(_ report: ModelReport, _ step: ModelStep) -> [Result] { step.components(report) }

  /// Variances and correlations of the visits, by arm where each has its own.
  private func covariances(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    let visits = report.section("visits").compactMap(\.text)
    let rows = report.section("covariance")
    let groups: [(prefix: String, matrix: [JSONValue])] =
      rows.first?["matrix"] == nil
      ? [("", rows)] : rows.map { (($0["group"]?.text ?? "") + ":", $0["matrix"]?.elements ?? []) }
    return groups.flatMap { prefix, matrix -> [Result] in
      let values = matrix.map { $0.elements.map { $0.double ?? .nan } }
      guard values.count == visits.count else { return [] }
      var results: [Result] = []
      for (i, visit) in visits.enumerated() {
        var record = step.record(.varianceComponent, from: report, term: "\(prefix)visit=\(visit)")
        record.estimate = values[i][i]
        results.append(record)
      }
      for i in visits.indices {
        for j in 0..<i {
          var record = step.record(
            .correlation, from: report, term: "\(prefix)visit=\(visits[j]):visit=\(visits[i])")
          record.estimate = values[i][j] / (values[i][i] * values[j][j]).squareRoot()
          results.append(record)
        }
      }
      return results
    }
  }

  /// The criterion that was minimised.
  private func criterion(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    let isRestricted = isRestricted ?? (report.figure("remlCriterion") != nil)
    guard let value = report.figure(isRestricted ? "remlCriterion" : "deviance") else { return [] }
    var record = step.record(.criterion, from: report, term: isRestricted ? "REML" : "ML")
    record.estimate = value
    return [record]
  }

  /// The marginal means by arm and visit and the arms' differences at each visit.
  private func marginal(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    let level = step.data.plan.level
    let means = (step.data.isRepeated ? [] : report.section("emmeans")).map { row in
      let visit = row[TrialFrames.visitColumn]?.text ?? ""
      var record = step.wholeRecord(
        .marginalMean, from: report, group: row[TrialFrames.armColumn]?.text, term: "visit",
        time: Double(visit))
      record.takeMarginal(row, level: level)
      return record
    }
    let arms = Set(report.section("emmeans").compactMap { $0[TrialFrames.armColumn]?.text }).sorted()
    let comparisons = step.data.comparisons.map { comparison in
      let (code, control) = (comparison.code, comparison.control)
      return (
        comparison: comparison,
        asReported: MarginalMeans.contrastName(TrialFrames.armColumn, code, control, among: arms),
        asWritten: MarginalMeans.contrastName(TrialFrames.armColumn, control, code, among: arms)
      )
    }
    let differences = report.section("contrasts").compactMap { row -> Result? in
      let visit = row[TrialFrames.visitColumn]?.text ?? ""
      // Means that are equal by design have no difference to report.
      guard row["SE"]?.double != 0 else { return nil }
      let contrast = row["contrast"]?.text
      guard
        let (comparison, _, asWritten) = comparisons.first(where: {
          $0.asWritten == contrast || $0.asReported == contrast
        })
      else { return nil }
      var record = step.record(
        .meanDifference, from: report, contrast: comparison.difference, term: "visit", time: Double(visit))
      record.takeMarginal(row, level: level)
      // Pairs are written in the order of the levels; a trial reports the treated arm minus the control.
      if contrast == asWritten { record.negate() }
      if adjustment != .none {
        record.conventions = (record.conventions + [.init("multiplicity", adjustment.rawValue)]).sorted()
      }
      return record
    }
    return means + differences
  }

  /// The test that the arms change alike over the visits.
  private func interaction(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    let names = [
      "\(TrialFrames.armColumn):\(TrialFrames.visitColumn)",
      "\(TrialFrames.visitColumn):\(TrialFrames.armColumn)",
    ]
    return report.section("anova").filter { names.contains($0["term"]?.text ?? "") }.map { row in
      var record = step.record(.test, from: report, term: "interaction")
      record.statistic = row["statistic"]?.double
      record.df = row["df"]?.double
      record.df2 = row["df2"]?.double
      record.pValue = row["p.value"]?.double
      return record
    }
  }

  /// The means of those seen, by arm and visit.
  private func observed(_ outcome: String, _ frame: DataFrame, _ step: ModelStep) throws -> [Result] {
    guard case .numeric(let values)? = frame[outcome],
      case .categorical(let arms, _)? = frame[TrialFrames.armColumn],
      case .categorical(let visits, let levels)? = frame[TrialFrames.visitColumn]
    else { return [] }
    var results: [Result] = []
    for (visit, level) in levels.enumerated() {
      for (arm, code) in step.data.arms.enumerated() {
        let cell = values.indices.filter { Int(arms[$0]) == arm && Int(visits[$0]) == visit }
        let known = cell.map { values[$0] }.filter { !$0.isNaN }
        let summary = SampleSummary(known)
        for measure in [Result.Measure.mean, .standardDeviation] {
          var record = step.analysis.record(
            measure, variant: step.variant, of: step.data, group: code, term: "visit", time: Double(level))
          record.estimate =
            measure == .mean ? (known.isEmpty ? nil : summary.mean) : summary.standardDeviation
          record.n = known.count
          record.dropped = cell.count - known.count
          if cell.count > known.count { record.droppedReason = "missing outcome" }
          record.method = "observed"
          results.append(record)
        }
      }
    }
    return results
  }
}

extension Result {
  /// Takes over the numbers of a marginal mean's or contrast's row, with the names of R's `emmeans`.
  fileprivate mutating func takeMarginal(_ row: JSONValue, level: Double) {
    estimate = row["emmean"]?.double ?? row["estimate"]?.double
    standardError = row["SE"]?.double
    df = row["df"]?.double
    low = row["lower.CL"]?.double
    high = row["upper.CL"]?.double
    statistic = row["t.ratio"]?.double ?? row["z.ratio"]?.double
    pValue = row["p.value"]?.double
    self.level = level
  }

  /// The same comparison the other way round.
  fileprivate mutating func negate() {
    estimate = estimate.map { -$0 }
    statistic = statistic.map { -$0 }
    (low, high) = (high.map { -$0 }, low.map { -$0 })
  }
}
