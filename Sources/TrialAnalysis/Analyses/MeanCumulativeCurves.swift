import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// The mean number of recurrent events by arm (mean cumulative function) with robust limits, and the arms' differences and
/// ratios at stated times.
///
/// The file holds each participant's time in rows, (start, time], each ending in an event or not.
struct MeanCumulativeCurves: AnalysisMethod {
  private let start: Placed<String>?
  private let horizons: [Double]
  private let axis: [Double]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    start = mapping.text("start")
    horizons = mapping.numbers("times")
    axis = mapping.numbers("axis")
  }

  var columns: [Placed<String>] { [start].compactMap { $0 } }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    for variant in analysis.variants {
      let step = ModelStep(
        analysis: analysis, variant: variant, data: data, method: "mean cumulative function")
      let formula = "\(SurvivalFormula.response(analysis, start: start)) ~ \(TrialFrames.armColumn)"
      do {
        var options = FitOptions()
        options.times = horizons
        options.id = SurvivalFormula.person
        var frame = try step.frame(binaryOutcome: true, [analysis.time!] + columns)
        frame[SurvivalFormula.person] = .numeric(
          data.persons(in: variant.set.value, file: analysis.file?.value).map(Double.init))
        let report = try step.fit("mcf", formula, frame, options: options)
        options.times = Set(axis + horizons + [0]).sorted()
        step.note("mcf", formula, frame, options: options)
        for (arm, code) in data.arms.enumerated() {
          guard
            let stratum = report.section("strata").first(where: {
              step.arm(named: $0["stratum"]?.text) == code
            })
          else {
            findings.warnings.append("no participant with time under observation in the arm \(code)")
            continue
          }
          let curve = Curve(step: step, report: report, arm: code, stratum: stratum)
          findings.results += curve.summary + curve.horizons + curve.steps
          findings.results += axis.map { curve.atRisk($0, of: arm, in: frame, start: start) }
        }
        findings.results += contrasts(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.meanDifference, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private func contrasts(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    report.section("contrasts").compactMap { row in
      let arm = step.arm(named: row["group"]?.text)
      let isRatio = row["contrast"]?.text == "ratio"
      guard let comparison = step.data.comparisons.first(where: { $0.code == arm }) else { return nil }
      var record = step.record(
        isRatio ? .meanRatio : .meanDifference, from: report,
        contrast: isRatio ? comparison.ratio : comparison.difference, term: "horizon",
        time: row["time"]?.double)
      record.take(row, level: step.data.plan.level)
      record.n = report.figure("persons").map { Int($0) }
      return record
    }
  }
}

/// One arm's curve as records.
private struct Curve {
  let step: ModelStep
  let report: ModelReport
  let arm: String
  let stratum: JSONValue

  private func record(_ measure: Result.Measure, term: String? = nil, time: Double? = nil) -> Result {
    var record = step.record(measure, from: report, group: arm, term: term, time: time)
    record.n = stratum["n"]?.double.map { Int($0) }
    record.events = stratum["events"]?.double.map { Int($0) }
    return record
  }

  private func mean(_ row: JSONValue, term: String) -> Result {
    var record = record(.meanCumulative, term: term, time: row["time"]?.double)
    record.take(row, level: step.data.plan.level)
    record.estimate = row["mcf"]?.double
    record.standardError = row["std.err"]?.double
    return record
  }

  /// The number of events of the arm's participants.
  var summary: [Result] {
    var events = record(.events)
    events.estimate = stratum["events"]?.double
    return [events]
  }

  /// The mean number at the plan's times.
  var horizons: [Result] {
    (stratum["at"]?.elements ?? []).map { row in
      var record = mean(row, term: "horizon")
      if row["beyond"] == true {
        record.warnings.append("beyond the last time: the last value is carried forward")
      }
      return record
    }
  }

  /// The curve from time 0, one record a time with an event.
  var steps: [Result] {
    var origin = record(.meanCumulative, term: "curve", time: 0)
    (origin.estimate, origin.low, origin.high, origin.events) = (0, 0, 0, 0)
    origin.level = step.data.plan.level
    let points = (stratum["curve"]?.elements ?? []).map { row -> Result in
      var record = mean(row, term: "curve")
      record.n = row["n.risk"]?.double.map { Int($0) }
      record.events = row["n.event"]?.double.map { Int($0) }
      return record
    }
    return (points.first?.time == 0 ? [] : [origin]) + points
  }

  /// The participants under observation just before a time of the table under the axis; at time 0 those observed from it on.
  func atRisk(_ time: Double, of arm: Int, in frame: DataFrame, start: Placed<String>?) -> Result {
    var record = record(.atRisk, term: "table", time: time)
    guard case .categorical(let arms, _)? = frame[TrialFrames.armColumn],
      case .numeric(let persons)? = frame[SurvivalFormula.person],
      case .numeric(let stops)? = frame[step.analysis.time!.value],
      case .numeric(let events)? = frame[step.analysis.outcome!.value]
    else { return record }
    var starts = [Double](repeating: 0, count: stops.count)
    if let start, case .numeric(let values)? = frame[start.value] { starts = values }
    var seen: Set<Double> = []
    for i in stops.indices where Int(arms[i]) == arm && !events[i].isNaN {
      let isAtRisk = time == 0 ? starts[i] <= 0 : starts[i] < time && stops[i] >= time
      if isAtRisk { seen.insert(persons[i]) }
    }
    record.estimate = Double(seen.count)
    return record
  }
}
