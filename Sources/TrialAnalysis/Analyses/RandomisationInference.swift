import ModelFormula
import Randomisation
import TrialData

/// What the comparison of the arms rests on.
enum InferenceMethod: String, CaseIterable {
  /// The method of the analysis's kind alone.
  case standard
  /// Draws of the trial's own design beside it.
  case randomisationTest = "randomisation-test"
}

/// The difference of the arms' means with p-value and limits from draws of the trial's own design.
struct RandomisationInference {
  /// The name of the method, and of the part of an analysis that holds its records.
  static let name = "randomisation-test"

  let analysis: AnalysisPlan
  let data: TrialFrames

  /// One record a comparison, its estimate the difference of means (or of risks, for an outcome of 0 and 1).
  ///
  /// - Parameters:
  ///   - outcome: one value a participant, NaN for those left out.
  ///   - make: a record of the comparison to fill.
  func records(_ outcome: [Double], make: (ArmComparison) -> Result) throws -> [Result] {
    let allocation = try TrialAllocation(data)
    let prepared = allocation.audit().prepared(allocation.records)
    let values = prepared.rows.map { outcome[$0] }
    return data.comparisons.map { comparison in
      var record = make(comparison)
      record.method = Self.name
      let seed = data.plan.seed
      guard
        let test = RandomisationTest(
          values, prepared.sequence, prepared.rerandomiser, first: comparison.arm, second: 0,
          level: data.plan.level, draws: allocation.draws, seed: UInt64(seed),
          purpose: "randomisation-test/\(analysis.id.value)/\(comparison.difference)")
      else {
        record.warnings = ["an arm has no outcome data, or the design cannot have given these allocations"]
        return record
      }
      record.estimate = test.estimate
      record.low = test.low.isFinite ? test.low : nil
      record.high = test.high.isFinite ? test.high : nil
      record.level = test.level
      record.pValue = test.pValue
      record.n = test.n
      if !test.low.isFinite || !test.high.isFinite { record.warnings = ["too few draws for the limits"] }
      record.conventions = [
        .init("limits", "randomisation test inverted"), .init("re-drawn design", prepared.designText),
        .init("draws", String(test.draws)), .init("seed", String(seed)),
        .init("Monte-Carlo error of p", Self.short(test.pValueError)),
        .init(
          "Monte-Carlo error of the limits",
          [test.lowError, test.highError].map { $0.map(Self.short) ?? "-" }.joined(separator: ", ")),
      ].sorted()
      return record
    }
  }

  /// An error with two significant digits.
  private static func short(_ value: Double) -> String {
    guard value > 0 else { return "0" }
    var scale = 1.0
    while value * scale < 10 { scale *= 10 }
    while value * scale >= 100 { scale /= 10 }
    return ((value * scale).rounded() / scale).description
  }
}
