import ModelFitting
import ModelFormula
import Serialisation
import TrialData

/// Cumulative incidence by arm where causes compete (Aalen–Johansen): the curves, the incidence at stated times, the events
/// of each cause, and Gray's test of each.
///
/// The outcome holds 0 for censored and 1, 2, … for the causes.
struct CumulativeIncidenceCurves: AnalysisMethod {
  private let axis: [Double]
  private let horizons: [Double]
  private let limits: FitOptions.SurvivalLimits
  private let causes: [(name: Placed<String>, label: Label)]

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    axis = mapping.numbers("axis")
    horizons = mapping.numbers("times")
    limits = mapping.choice("limits", FitOptions.SurvivalLimits.self) ?? .log
    causes = mapping.labels("causes")
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    findings.variables = [analysis.outcome!.value]
    findings.words = causes.map { .init($0.name.value, $0.label) }
    for variant in analysis.variants {
      let step = ModelStep(analysis: analysis, variant: variant, data: data, method: "Aalen-Johansen")
      let formula = "\(SurvivalFormula.response(analysis)) ~ \(TrialFrames.armColumn)"
      do {
        var frame = try data.frame([data.armName, analysis.time!], set: variant.set.value, file: nil)
        let rows = data.rows(in: variant.set.value, file: nil)
        frame[analysis.outcome!.value] = try data.column(analysis.outcome!, file: nil).selecting(rows: rows)
        var options = FitOptions()
        options.survivalLimits = limits
        options.times = horizons
        let report = try step.fit("cuminc", formula, frame, options: options)
        // The curves from 0 to the end of follow-up, and the table under the axis.
        options.times = Set(axis + horizons + [0] + followUp(frame, step).map(\.last)).sorted()
        step.note("cuminc", formula, frame, options: options)
        findings.results +=
          curves(report, frame, step) + censorings(report, frame, step) + table(frame, step)
          + tests(report, step)
        findings.warnings += report.warnings
      } catch let failure as ModelStep.Failure {
        findings.results.append(step.failed(.cumulativeIncidence, formula, failure))
        findings.warnings.append(failure.message)
      }
    }
    return findings
  }

  private static func cause(_ row: JSONValue) -> String {
    row["cause"]?.double.map { String(Int($0)) } ?? ""
  }

  /// How follow-up ended in one arm: its last time, its size, the events of each cause, and the censored at each time.
  private struct FollowUp {
    var last = 0.0
    var size = 0
    var events: [String: Int] = [:]
    var censored: [Double: Int] = [:]
  }

  private func followUp(_ frame: DataFrame, _ step: ModelStep) -> [FollowUp] {
    var arms = [FollowUp](repeating: FollowUp(), count: step.data.arms.count)
    guard case .categorical(let codes, _)? = frame[TrialFrames.armColumn],
      case .numeric(let times)? = frame[step.analysis.time!.value],
      let causes = frame[step.analysis.outcome!.value].map(Self.causes)
    else { return arms }
    for i in codes.indices where codes[i] >= 0 && !times[i].isNaN {
      guard let cause = causes[i] else { continue }
      arms[Int(codes[i])].last = max(arms[Int(codes[i])].last, times[i])
      arms[Int(codes[i])].size += 1
      if cause > 0 {
        arms[Int(codes[i])].events[String(cause), default: 0] += 1
      } else {
        arms[Int(codes[i])].censored[times[i], default: 0] += 1
      }
    }
    return arms
  }

  /// The cause of each row, 0 where censored, nil where missing, as the model reads the column: a number that is only 1
  /// or 2 counts from 1, and of categories the first is censoring.
  private static func causes(_ column: Column) -> [Int?] {
    switch column {
    case .numeric(let values):
      let known = Set(values.filter { !$0.isNaN })
      let least = known.isSubset(of: [1, 2]) && known.contains(2) ? 1 : 0
      return values.map { $0.isNaN ? nil : Int($0) - least }
    case .categorical(let codes, _): return codes.map { $0 < 0 ? nil : Int($0) }
    case .text, .date: return [Int?](repeating: nil, count: column.count)
    }
  }

  private func curves(_ report: ModelReport, _ frame: DataFrame, _ step: ModelStep) -> [Result] {
    let followUp = followUp(frame, step)
    return report.section("curves").flatMap { curve -> [Result] in
      let arm = step.arm(named: curve["group"]?.text)
      let cause = Self.cause(curve)
      let own = arm.flatMap { step.data.arms.firstIndex(of: $0) }.map { followUp[$0] } ?? FollowUp()
      func ofArm(_ measure: Result.Measure, _ term: String, at time: Double? = nil) -> Result {
        var record = step.record(measure, from: report, group: arm, term: term, time: time)
        record.n = own.size
        record.events = own.events[cause] ?? 0
        return record
      }
      func incidence(_ term: String, _ point: JSONValue) -> Result {
        var record = ofArm(.cumulativeIncidence, term, at: point["time"]?.double)
        record.estimate = point["est"]?.double
        record.standardError = point["var"]?.double.map { $0.squareRoot() }
        record.low = point["conf.low"]?.double
        record.high = point["conf.high"]?.double
        if record.low != nil { record.level = step.data.plan.level }
        if point["beyond"] == true {
          record.warnings.append("beyond the last time: the last value is carried forward")
        }
        return record
      }
      var events = ofArm(.events, cause)
      events.estimate = Double(own.events[cause] ?? 0)
      // From 0 at time 0 to the end of follow-up, over which the last value holds.
      var steps = [ofArm(.cumulativeIncidence, "curve=\(cause)", at: 0)]
      steps[0].estimate = 0
      steps += (curve["curve"]?.elements ?? []).filter { $0["time"]?.double != 0 }
        .map { incidence("curve=\(cause)", $0) }
      if var end = steps.last, let time = end.time, time < own.last {
        end.time = own.last
        steps.append(end)
      }
      for i in steps.indices { steps[i].events = nil }
      return [events] + (curve["at"]?.elements ?? []).map { incidence("horizon=\(cause)", $0) } + steps
    }
  }

  /// One record a time of censoring and arm, which the curves of all causes share.
  private func censorings(_ report: ModelReport, _ frame: DataFrame, _ step: ModelStep) -> [Result] {
    zip(step.data.arms, followUp(frame, step)).flatMap { arm, own in
      own.censored.sorted { $0.key < $1.key }.map { time, count in
        var record = step.record(.censored, from: report, group: arm, term: "curve", time: time)
        record.estimate = Double(count)
        record.n = own.size
        record.events = nil
        return record
      }
    }
  }

  /// Numbers at risk just before the times of the table under the axis.
  private func table(_ frame: DataFrame, _ step: ModelStep) -> [Result] {
    guard case .categorical(let codes, _)? = frame[TrialFrames.armColumn],
      case .numeric(let times)? = frame[step.analysis.time!.value],
      let events = frame[step.analysis.outcome!.value]
    else { return [] }
    return step.data.arms.enumerated().flatMap { arm, code in
      axis.map { time in
        var record = step.analysis.record(
          .atRisk, variant: step.variant, of: step.data, group: code, term: "table", time: time)
        record.estimate = Double(
          codes.indices.count { Int(codes[$0]) == arm && times[$0] >= time && !events.isMissing(at: $0) })
        return record
      }
    }
  }

  /// Gray's tests, each with its cause as term.
  private func tests(_ report: ModelReport, _ step: ModelStep) -> [Result] {
    step.tests(from: report).map { test in
      var test = test
      test.method = "Gray's test"
      test.term = test.term?.split(separator: " ").last.map(String.init)
      return test
    }
  }
}
