import Inference
import ModelFitting
import ModelFormula
import TrialData

/// A numeric outcome by arm and the difference of the means, crude and adjusted, with a bootstrap beside it.
///
/// For outcomes such as days, hours and earnings, of which a large share may be exactly zero, the mean is what a decision
/// rests on; the median, the share of zeros and the bootstrap tell how far to trust normal limits.
struct Means: AnalysisMethod {
  private let quantiles: SampleSummary.QuantileType
  private let robust: FitOptions.Robust?
  private let replicates: Int
  private let binWidth: Double?
  private let inference: InferenceMethod

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    quantiles =
      mapping.choice("quantiles", SampleSummary.QuantileType.self) ?? header.profile?.quantiles ?? .type7
    robust = mapping.choice("robust", FitOptions.Robust.self)
    replicates = mapping.integer("bootstrap", atLeast: 0) ?? 0
    binWidth = mapping.number("bin-width")
    inference = mapping.choice("method", InferenceMethod.self) ?? .standard
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = ([analysis.outcome!] + analysis.variants.flatMap(\.covariates)).map(\.value).distinct
    let samples = try samples(analysis, data)
    findings.results += describe(samples, analysis, data)
    findings.results += distribution(samples, analysis, data)
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
    if replicates > 0 { findings.results += try bootstrap(analysis, data) }
    if inference == .randomisationTest { findings.results += try randomisationTest(analysis, data) }
    return findings
  }

  /// The known values of the first variant's set, arm by arm, and how many are missing.
  private func samples(_ analysis: AnalysisPlan, _ data: TrialFrames) throws -> [(
    values: [Double], missing: Int
  )] {
    let values = try data.numbers(analysis.outcome!)
    let codes = data.armCodes
    let rows = data.rows(in: analysis.only.set.value, file: nil)
    return data.arms.indices.map { arm in
      let own = rows.filter { codes[$0] == Int32(arm) }.map { values[$0] }
      let known = own.filter { !$0.isNaN }
      return (known, own.count - known.count)
    }
  }

  private func describe(
    _ samples: [(values: [Double], missing: Int)], _ analysis: AnalysisPlan, _ data: TrialFrames
  ) -> [Result] {
    zip(data.arms, samples).flatMap { arm, sample -> [Result] in
      let summary = SampleSummary(sample.values)
      let n = sample.values.count
      let numbers: [(Result.Measure, String?, Double?)] = [
        (.count, nil, Double(n)), (.mean, nil, n > 0 ? summary.mean : nil),
        (.standardDeviation, nil, summary.standardDeviation),
        (.median, nil, summary.quantile(0.5, type: quantiles)),
        (.lowerQuartile, nil, summary.quantile(0.25, type: quantiles)),
        (.upperQuartile, nil, summary.quantile(0.75, type: quantiles)),
        (.share, "zero", n > 0 ? Double(summary.zeroCount) / Double(n) : nil),
      ]
      return numbers.map { measure, term, estimate in
        // The description belongs to the outcome, not to a variant of its comparison.
        var whole = analysis.only
        whole.id = nil
        var record = analysis.record(measure, variant: whole, of: data, group: arm, term: term)
        record.estimate = estimate
        record.n = n
        record.dropped = sample.missing
        if sample.missing > 0 { record.droppedReason = "missing outcome" }
        if measure == .share { record.events = summary.zeroCount }
        switch measure {
        case .median, .lowerQuartile, .upperQuartile:
          record.conventions = [.init("quantile type", quantiles.rawValue)]
        default: break
        }
        return record
      }
    }
  }

  /// Counts in bins of equal width, zeros apart.
  private func distribution(
    _ samples: [(values: [Double], missing: Int)], _ analysis: AnalysisPlan, _ data: TrialFrames
  ) -> [Result] {
    let all = samples.flatMap(\.values)
    guard let low = all.min(), let high = all.max(), high > low else { return [] }
    let width = binWidth ?? Self.width(over: high - low)
    guard width > 0 else { return [] }
    let start = (low / width).rounded(.down)
    let count = Int((high / width).rounded(.down) - start) + 1
    var whole = analysis.only
    whole.id = nil
    return zip(data.arms, samples).flatMap { arm, sample -> [Result] in
      var bins = [Int](repeating: 0, count: count)
      for value in sample.values where value != 0 { bins[Int((value / width).rounded(.down) - start)] += 1 }
      var zero = analysis.record(.count, variant: whole, of: data, group: arm, term: "bin-zero", time: 0)
      zero.estimate = Double(sample.values.count { $0 == 0 })
      zero.n = sample.values.count
      return [zero]
        + bins.enumerated().map { bin, number in
          var record = analysis.record(
            .count, variant: whole, of: data, group: arm, term: "bin", time: (start + Double(bin)) * width)
          record.estimate = Double(number)
          record.n = sample.values.count
          return record
        }
    }
  }

  /// The width 1, 2 or 5 times a power of ten that makes ten to twenty bins, about.
  private static func width(over range: Double) -> Double {
    var power = 1.0
    while power * 100 < range { power *= 10 }
    while power * 10 > range { power /= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { range / $0 <= 20 } ?? power * 10
  }

  /// The crude differences with limits from a bootstrap of the participants of each arm; none where the model has no fit.
  private func bootstrap(_ analysis: AnalysisPlan, _ data: TrialFrames) throws -> [Result] {
    var whole = analysis.only
    whole.id = "bootstrap"
    whole.covariates = []
    let step = ModelStep(analysis: analysis, variant: whole, data: data, method: "bootstrap")
    let formula = "\(Expression.nameText(analysis.outcome!.value)) ~ \(step.rightSide)"
    var options = FitOptions()
    options.bootstrap = FitOptions.Bootstrap(
      draws: replicates, seed: UInt64(data.plan.seed), stratum: TrialFrames.armColumn)
    let report: ModelReport
    do {
      report = try step.fit("lm", formula, step.frame(binaryOutcome: false), options: options)
    } catch is ModelStep.Failure {
      return []
    }
    return data.comparisons.compactMap { comparison in
      let term = TrialFrames.armColumn + comparison.code
      guard let row = report.section("bootstrap").first(where: { $0["term"]?.text == term }) else {
        return nil
      }
      var record = step.record(.meanDifference, from: report, contrast: comparison.difference)
      record.estimate = row["estimate"]?.double
      record.standardError = row["std.error"]?.double
      record.low = row["conf.low"]?.double
      record.high = row["conf.high"]?.double
      record.level = data.plan.level
      record.conventions = [
        .init("limits", "percentile, arms resampled apart"), .init("replicates", String(replicates)),
        .init("seed", String(data.plan.seed)),
      ].sorted()
      return record
    }
  }

  /// The difference in means under draws of the trial's own design, in the first variant's set.
  private func randomisationTest(_ analysis: AnalysisPlan, _ data: TrialFrames) throws -> [Result] {
    var outcome = [Double](repeating: .nan, count: data.participants.rowCount)
    let values = try data.numbers(analysis.outcome!)
    for row in data.rows(in: analysis.only.set.value, file: nil) { outcome[row] = values[row] }
    var whole = analysis.only
    whole.id = RandomisationInference.name
    let inference = RandomisationInference(analysis: analysis, data: data)
    return try inference.records(outcome, set: analysis.only.set.value) { comparison in
      analysis.record(.meanDifference, variant: whole, of: data, contrast: comparison.difference)
    }
  }
}
