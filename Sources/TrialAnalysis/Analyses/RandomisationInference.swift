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
  ///   - set: the analysis set, of whose members those without an outcome are counted.
  ///   - make: a record of the comparison to fill.
  func records(_ outcome: [Double], set: String, make: (ArmComparison) -> Result) throws -> [Result] {
    let allocation = try TrialAllocation(data)
    let audit = allocation.audit()
    let prepared = audit.prepared(allocation.records)
    let name = analysis.outcome!.value
    let members = data.rows(in: set, file: nil)
    let codes = data.armCodes
    let effects = audit.effects(on: outcome, named: name, prepared)
    return data.comparisons.map { comparison in
      var record = make(comparison)
      record.method = Self.name
      let seed = data.plan.seed
      if let log = data.log {
        var records = allocation.records
        records.effects = [.init(name, .numeric(outcome))]
        log.add(
          LoggedAudit(
            records, audit, design: data.plan.randomisation ?? .unstated, variant: record.variant))
      }
      guard let test = effects.first(where: { $0.arm == comparison.arm })?.test else {
        record.warnings = ["an arm has no outcome data, or the design cannot have given these allocations"]
        return record
      }
      record.estimate = test.estimate
      record.low = test.low.isFinite ? test.low : nil
      record.high = test.high.isFinite ? test.high : nil
      record.level = test.level
      record.pValue = test.pValue
      record.n = test.n
      let compared = members.count { codes[$0] == 0 || Int(codes[$0]) == comparison.arm }
      record.dropped = compared - test.n
      if compared > test.n { record.droppedReason = "missing outcome" }
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
