import Inference
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit km`: Kaplan–Meier curves (R `survival::survfit`).
  static let kaplanMeier = Entry("km", "Kaplan-Meier curves", fit: KaplanMeierReport.make)
}

/// From a request to Kaplan–Meier curves.
enum KaplanMeierReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.survivalLimits, .times, .weights], for: "km")
    let survival = try SurvivalRequest(request, model: "km")
    let groups = try survival.frame.parts[0].grouping()
    let limits = Survival.SurvivalLimits(rawValue: (options.survivalLimits ?? .log).rawValue)!
    let curves = try survival.run(options) { () throws(SurvivalError) in
      try KaplanMeier(limits: limits, level: options.confidenceLevel).fit(
        survival.data, group: groups?.codes, groupCount: groups?.count ?? 1,
        weights: survival.frame.weights)
    }
    var report = survival.report
    report.conventions = [
      ("limits", limits.rawValue), ("variance", "Greenwood"), ("median", QuantileRule.midpoint.rawValue),
      ("ties", "events before censorings"),
    ]
    report.fit = [
      .init("events", .number(Optional(curves.reduce(0) { $0 + $1.eventCount })))
    ]
    let labels = groups?.labels ?? ["all"]
    report.sections.append(
      .init(
        "strata",
        .array(zip(labels, curves).map { stratum($0, $1, times: options.times.sorted()) })))
    for (label, curve) in zip(labels, curves) where curve.eventCount == 0 {
      report.warnings.append("no event in stratum \(label)")
    }
    return report
  }

  private static func stratum(_ label: String, _ curve: SurvivalCurve, times: [Double]) -> JSONValue {
    let median = curve.median()
    var members: [JSONValue.Member] = [
      .init("stratum", .string(label)), .init("n", .integer(curve.count)),
      .init("events", .number(Optional(curve.eventCount))), .init("median", .number(median.estimate)),
      .init("median.low", .number(median.low)), .init("median.high", .number(median.high)),
      .init("curve", .array(curve.time.indices.map { row(curve, $0) })),
    ]
    if !times.isEmpty {
      members.append(
        .init(
          "at",
          .array(
            times.map { time in
              let at = curve.at(time)
              var row: [JSONValue.Member] = [
                .init("time", .number(Optional(at.time))), .init("n.risk", .number(Optional(at.atRisk))),
                .init("events", .number(Optional(at.eventsSoFar))),
                .init("surv", .number(Optional(at.survival))),
                .init("std.err", .number(Optional(at.standardError))),
                .init("conf.low", .number(Optional(at.low))),
                .init("conf.high", .number(Optional(at.high))),
              ]
              if at.isBeyond { row.append(.init("beyond", true)) }
              return .object(row)
            })))
    }
    return .object(members)
  }

  private static func row(_ curve: SurvivalCurve, _ j: Int) -> JSONValue {
    .object([
      .init("time", .number(Optional(curve.time[j]))),
      .init("n.risk", .number(Optional(curve.atRisk[j]))),
      .init("n.event", .number(Optional(curve.events[j]))),
      .init("n.censor", .number(Optional(curve.censored[j]))),
      .init("surv", .number(Optional(curve.survival[j]))),
      .init("std.err", .number(Optional(curve.standardError[j]))),
      .init("conf.low", .number(Optional(curve.low[j]))),
      .init("conf.high", .number(Optional(curve.high[j]))),
      .init("cumhaz", .number(Optional(curve.cumulativeHazard[j]))),
    ])
  }
}
