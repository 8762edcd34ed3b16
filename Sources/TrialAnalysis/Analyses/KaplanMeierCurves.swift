import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// Kaplan–Meier curves by arm: every step, the survival at stated times, medians, and the numbers at risk under the axis.
struct KaplanMeierCurves: AnalysisMethod {
  private let limits: FitOptions.SurvivalLimits?
  private let horizons: [Double]
  private let axis: [Double]
  private let rule: SurvivalOptions.QuantileRule?
  private let landmark: Double?

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    limits = mapping.choice("limits", FitOptions.SurvivalLimits.self)
    horizons = mapping.numbers("times")
    axis = mapping.numbers("axis")
    rule = mapping.choice("quantile-rule", SurvivalOptions.QuantileRule.self)
    landmark = mapping.number("landmark")
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: "Kaplan-Meier")
      let formula = "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)"
      do {
        var options = FitOptions()
        options.survivalLimits = limits
        options.times = horizons
        options.survival.quantileRule = rule
        options.survival.landmark = landmark
        let frame = try step.frame(binaryOutcome: true, [analysis.time!])
        let report = try step.fit("km", formula, frame, options: options)
        options.times = Set(axis + [0]).sorted()
        step.note("km", formula, frame, options: options)
        for (arm, code) in data.arms.enumerated() {
          guard let stratum = Self.stratum(code, in: report) else {
            findings.warnings.append("no participant with a known time in the arm \(code)")
            continue
          }
          let dropped = Self.dropped(arm, analysis: analysis, frame: frame)
          let curve = Curve(step: step, report: report, arm: code, dropped: dropped, stratum: stratum)
          findings.results += curve.summary + curve.horizons(report) + curve.steps + curve.table(axis)
        }
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.survival, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private static func stratum(_ code: String, in report: ModelReport) -> JSONValue? {
    report.section("strata").first { isArm(code, $0["stratum"]?.text) }
  }

  /// True for the name that a stratum of the arm has, `arm=<code>`.
  fileprivate static func isArm(_ code: String, _ name: String?) -> Bool {
    name == "\(TrialFrames.armColumn)=\(code)" || name == code
  }

  /// The members of the set in an arm whose time or event is missing.
  private static func dropped(_ arm: Int, analysis: AnalysisPlan, frame: DataFrame) -> Int {
    guard case .categorical(let codes, _)? = frame[TrialFrames.armColumn],
      case .numeric(let events)? = frame[analysis.outcome!.value],
      case .numeric(let times)? = frame[analysis.time!.value]
    else { return 0 }
    return codes.indices.count { codes[$0] == Int32(arm) && (events[$0].isNaN || times[$0].isNaN) }
  }
}

/// One arm's curve as records.
private struct Curve {
  let step: ModelStep
  let report: ModelReport
  let arm: String
  let dropped: Int
  let stratum: JSONValue

  private struct Step {
    let time, atRisk, events, censored: Double
    let row: JSONValue

    init(_ row: JSONValue) {
      time = row["time"]?.double ?? .nan
      atRisk = row["n.risk"]?.double ?? 0
      events = row["n.event"]?.double ?? 0
      censored = row["n.censor"]?.double ?? 0
      self.row = row
    }
  }

  private var curve: [Step] { (stratum["curve"]?.elements ?? []).map(Step.init) }
  private var size: Int { Int(stratum["n"]?.double ?? 0) }
  private var eventCount: Int { Int(stratum["events"]?.double ?? 0) }

  private func record(_ measure: Result.Measure, term: String? = nil, time: Double? = nil) -> Result {
    var record = step.record(measure, from: report, group: arm, term: term, time: time)
    record.n = size
    record.drop(dropped, "missing time or event", beforeLandmark: step.beforeLandmark(of: arm, report))
    record.events = eventCount
    return record
  }

  /// The number of events and the median time; a median that is not reached has no estimate.
  var summary: [Result] {
    var events = record(.events)
    events.estimate = Double(eventCount)
    var median = record(.medianTime)
    median.estimate = stratum["median"]?.double
    median.low = stratum["median.low"]?.double
    median.high = stratum["median.high"]?.double
    median.level = step.data.plan.level
    return [events, median]
  }

  /// Survival at the plan's times.
  func horizons(_ report: ModelReport) -> [Result] {
    let rows = report.section("at") + (stratum["at"]?.elements ?? [])
    return rows.filter { $0["stratum"] == nil || KaplanMeierCurves.isArm(arm, $0["stratum"]?.text) }.map {
      row in
      var record = survival(row, term: "horizon", time: row["time"]?.double ?? .nan)
      if row["beyond"] == true {
        record.warnings.append("beyond the last time: the last value is carried forward")
      }
      return record
    }
  }

  private func survival(_ row: JSONValue, term: String, time: Double) -> Result {
    var record = record(.survival, term: term, time: time)
    record.take(row, level: step.data.plan.level)
    record.estimate = row["surv"]?.double ?? row["estimate"]?.double
    record.standardError = row["std.err"]?.double
    return record
  }

  /// The curve from time 0, one record a step with the number at risk just before it, and one a time of censoring.
  var steps: [Result] {
    var start = record(.survival, term: "curve", time: 0)
    start.estimate = 1
    start.standardError = 0
    start.low = 1
    start.high = 1
    start.level = step.data.plan.level
    start.events = 0
    var results = curve.first?.time == 0 ? [] : [start]
    for point in curve where point.events > 0 || point.time == 0 {
      var record = survival(point.row, term: "curve", time: point.time)
      record.n = Int(point.atRisk)
      record.events = Int(point.events)
      results.append(record)
    }
    for point in curve where point.censored > 0 {
      var record = record(.censored, term: "curve", time: point.time)
      record.estimate = point.censored
      record.n = Int(point.atRisk)
      record.events = nil
      results.append(record)
    }
    return results
  }

  /// Numbers at risk just before, and events up to, the times of the table under the axis.
  func table(_ axis: [Double]) -> [Result] {
    axis.flatMap { time in
      var atRisk = record(.atRisk, term: "table", time: time)
      atRisk.estimate = curve.first { $0.time >= time }?.atRisk ?? 0
      var events = record(.events, term: "table", time: time)
      events.estimate = curve.filter { $0.time <= time }.reduce(0) { $0 + $1.events }
      return [atRisk, events]
    }
  }
}
