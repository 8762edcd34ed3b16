import HypothesisTests
import ModelFormula
import TrialData

/// The risks of a binary outcome by arm and their absolute and relative comparisons (CONSORT 2025, item 26).
struct Risk: AnalysisMethod {
  private let limits: SingleProportion.Method
  private let difference: DifferenceMethod
  private let ratio: RatioMethod
  private let oddsRatio: OddsRatioMethod
  private let test: EqualRisksMethod
  private let givesNumberNeeded: Bool
  private let inference: InferenceMethod

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    limits =
      mapping.choice("risk-limits", SingleProportion.Method.self) ?? header.profile?.riskLimits ?? .wilson
    difference =
      mapping.choice("difference", DifferenceMethod.self) ?? header.profile?.difference ?? .newcombe
    ratio = mapping.choice("ratio", RatioMethod.self) ?? .katz
    oddsRatio = mapping.choice("odds-ratio", OddsRatioMethod.self) ?? header.profile?.oddsRatio ?? .wald
    test = mapping.choice("test", EqualRisksMethod.self) ?? header.profile?.equalRisks ?? .pearson
    givesNumberNeeded = mapping.bool("nnt") ?? false
    inference = mapping.choice("method", InferenceMethod.self) ?? .standard
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = analysis.outcome.map { [$0.value] } ?? []
    let events = try data.event(analysis)
    for variant in analysis.variants {
      let table = RiskTable(events: events, variant: variant, data: data)
      for arm in data.arms.indices {
        try findings.results.append(risk(of: arm, in: table, analysis, variant, data))
      }
      for comparison in data.comparisons {
        guard table.total[0] > 0, table.total[comparison.arm] > 0 else {
          findings.warnings.append("no outcome data in an arm: the risks cannot be compared")
          continue
        }
        findings.results += try compare(table, comparison, analysis, variant, data)
      }
      if inference == .randomisationTest {
        findings.results += try randomisationTest(events, analysis, variant, data)
      }
    }
    return findings
  }

  private func risk(
    of arm: Int, in table: RiskTable, _ analysis: AnalysisPlan, _ variant: AnalysisPlan.Variant,
    _ data: TrialFrames
  ) throws -> Result {
    var record = analysis.record(.risk, variant: variant, of: data, group: data.arms[arm])
    record.n = table.total[arm]
    record.events = table.events[arm]
    record.dropped = table.dropped[arm]
    if table.dropped[arm] > 0 { record.droppedReason = "missing outcome" }
    record.conventions = [.missing(variant.missing)]
    guard table.total[arm] > 0 else {
      record.warnings = ["no outcome data in this arm"]
      return record
    }
    let interval = try SingleProportion(events: table.events[arm], total: table.total[arm])
      .interval(limits, level: data.plan.level)
    record.take(interval)
    return record
  }

  private func compare(
    _ table: RiskTable, _ comparison: ArmComparison, _ analysis: AnalysisPlan,
    _ variant: AnalysisPlan.Variant,
    _ data: TrialFrames
  ) throws -> [Result] {
    let arm = comparison.arm
    let proportions = try TwoProportions(
      events: table.events[arm], of: table.total[arm], against: table.events[0], of: table.total[0])
    func record(_ measure: Result.Measure, _ contrast: String, term: String? = nil) -> Result {
      var record = analysis.record(measure, variant: variant, of: data, contrast: contrast, term: term)
      record.n = table.total[0] + table.total[arm]
      record.events = table.events[0] + table.events[arm]
      record.dropped = table.dropped[0] + table.dropped[arm]
      if record.dropped != 0 { record.droppedReason = "missing outcome" }
      record.conventions = [.missing(variant.missing)]
      return record
    }
    let level = data.plan.level
    let interval = try proportions.riskDifference(difference, level: level)
    var absolute = record(.riskDifference, comparison.difference)
    absolute.take(interval)
    var relative = record(.riskRatio, comparison.ratio)
    relative.take(try proportions.riskRatio(ratio, level: level))
    var odds = record(.oddsRatio, comparison.ratio)
    odds.take(try proportions.oddsRatio(oddsRatio, level: level))
    var results = [absolute, relative, odds]
    if givesNumberNeeded, let needed = NumberNeededToTreat(inverting: interval) {
      var number = record(.numberNeededToTreat, comparison.difference)
      number.take(needed)
      results.append(number)
    }
    let equal = proportions.equalRisksTest(test)
    var tested = record(.test, comparison.difference, term: "equal-risks")
    tested.statistic = equal.statistic
    tested.df = equal.df
    tested.pValue = equal.pValue
    tested.method = equal.method
    tested.warnings = equal.notes
    return results + [tested]
  }

  /// The risk difference under draws of the trial's own design; its limits suppose one effect on every participant's risk.
  private func randomisationTest(
    _ events: [Double], _ analysis: AnalysisPlan, _ variant: AnalysisPlan.Variant, _ data: TrialFrames
  ) throws -> [Result] {
    var outcome = [Double](repeating: .nan, count: data.participants.rowCount)
    for row in data.rows(in: variant.set.value, file: nil) {
      outcome[row] = variant.missing.applied(to: events[row])
    }
    let inference = RandomisationInference(analysis: analysis, data: data)
    return try inference.records(outcome, set: variant.set.value) { comparison in
      analysis.record(
        .riskDifference, variant: variant, of: data, contrast: comparison.difference,
        term: RandomisationInference.name)
    }
  }
}

/// The counts of a binary outcome by arm.
struct RiskTable: Sendable {
  private(set) var events: [Int]
  private(set) var total: [Int]
  /// Members of the set whose outcome is missing and left out.
  private(set) var dropped: [Int]

  init(events outcome: [Double], variant: AnalysisPlan.Variant, data: TrialFrames) {
    let zeros = [Int](repeating: 0, count: data.arms.count)
    (events, total, dropped) = (zeros, zeros, zeros)
    let codes = data.armCodes
    for row in data.rows(in: variant.set.value, file: nil) {
      let arm = Int(codes[row])
      let value = variant.missing.applied(to: outcome[row])
      if value.isNaN {
        dropped[arm] += 1
      } else {
        total[arm] += 1
        if value == 1 { events[arm] += 1 }
      }
    }
  }
}

extension Result {
  /// Takes over an interval estimate with its method, its level and what there is to note.
  mutating func take(_ interval: IntervalEstimate) {
    estimate = interval.estimate.flatMap { $0.isFinite ? $0 : nil }
    low = interval.low
    high = interval.high.isFinite ? interval.high : nil
    level = interval.level
    method = interval.method
    warnings += interval.notes
    conventions = (conventions + [Convention("limits", interval.method)]).sorted()
  }

  /// Takes over a number needed to treat; limits through infinity are told in words, because an interval would mislead.
  mutating func take(_ needed: NumberNeededToTreat) {
    estimate = needed.estimate.isFinite ? needed.estimate : nil
    level = needed.level
    method = needed.method
    conventions = (conventions + [Convention("limits", "inverted from the risk difference")]).sorted()
    switch needed.limits {
    case .finite(let low, let high):
      self.low = low
      self.high = high.isFinite ? high : nil
    case .throughInfinity(let fewer, let more):
      func tenths(_ value: Double) -> String { ((value * 10).rounded() / 10).description }
      warnings.append(
        "the limits pass through infinity: from \(tenths(fewer)) with fewer events to \(tenths(more)) with more events"
      )
    }
  }
}
