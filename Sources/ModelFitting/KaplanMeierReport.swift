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
    try options.allow(
      [.survivalLimits, .times, .weights, .robust, .cluster, .quantiles, .quantileRule, .id],
      timeRows: true, for: "km")
    let survival = try SurvivalRequest(
      request, model: "km", groupings: [options.id], taking: [.strata, .cluster])
    let persons = options.id.map { survival.frame.grouping($0) }
    let groups = try survival.frame.parts[0].grouping()
    let limits = Survival.SurvivalLimits(rawValue: (options.survivalLimits ?? .log).rawValue)!
    var estimator = KaplanMeier(limits: limits, level: options.confidenceLevel)
    let named: String
    (estimator.variance, named) = try variance(survival, options, persons)
    let rule = Self.rule(options)
    let model = estimator
    let curves = try survival.run(options) { () throws(SurvivalError) in
      try model.fit(
        survival.data, group: groups?.codes, groupCount: groups?.count ?? 1,
        weights: survival.frame.weights,
        continues: try persons.map { persons throws(SurvivalError) in
          try survival.data.continues(person: persons.codes, in: groups?.codes)
        })
    }
    var report = survival.report
    report.conventions += [
      ("limits", limits.rawValue), ("variance", named), ("median", rule.rawValue),
      ("ties", "events before censorings"),
    ]
    if let persons { report.conventions.append(("persons", "\(persons.count) by \(persons.name)")) }
    report.fit = [
      .init("events", .number(Optional(curves.reduce(0) { $0 + $1.eventCount })))
    ]
    let labels = groups?.labels ?? ["all"]
    report.sections.append(
      .init(
        "strata",
        .array(zip(labels, curves).map { stratum($0, $1, rule: rule, options) })))
    if curves.count > 1, !options.times.isEmpty {
      report.sections.append(.init("differences", .array(differences(labels, curves, options))))
      report.conventions.append(("differences", "against \(labels[0]), plain limits"))
    }
    for (label, curve) in zip(labels, curves) where curve.eventCount == 0 {
      report.warnings.append("no event in stratum \(label)")
    }
    return report
  }

  /// Greenwood's variance, or the infinitesimal jackknife's where clusters, several events of a person or weights that are
  /// no counts ask for it (R `survfit`'s default); by person where persons are known.
  private static func variance(
    _ survival: SurvivalRequest, _ options: FitOptions, _ persons: Grouping?
  ) throws -> (KaplanMeier.Variance, String) {
    let frame = survival.frame
    let clusters = try CoxModelReport.clusters(frame, options)
    var (variance, named) = try CoxModelReport.variance(frame, options, clusters)
    if let persons, clusters == nil {
      let isRobust = variance != .modelBased || hasSeveralEvents(persons, survival.data)
      if isRobust { (variance, named) = try CoxModelReport.variance(frame, options, persons) }
    }
    switch variance {
    case .modelBased: return (.greenwood, "Greenwood")
    case .robust:
      return (
        .robust(clusters: nil, count: 0),
        "infinitesimal jackknife by row"
          + (options.robust == nil ? ", since weights are not whole numbers" : "")
      )
    case .clustered(let codes, let count):
      return (
        .robust(clusters: codes, count: count),
        named.replacingPrefix("sandwich", by: "infinitesimal jackknife")
      )
    }
  }

  private static func hasSeveralEvents(_ persons: Grouping, _ data: SurvivalData) -> Bool {
    var seen = [Bool](repeating: false, count: persons.count)
    for (person, cause) in zip(persons.codes, data.cause) where cause != 0 {
      if seen[Int(person)] { return true }
      seen[Int(person)] = true
    }
    return false
  }

  private static func rule(_ options: FitOptions) -> QuantileRule {
    switch options.survival.quantileRule {
    case nil, .r?: .midpoint
    case .sas?: .midpointBetweenEvents
    case .first?: .first
    case .below?: .below
    }
  }

  /// Differences in survival at the times asked for, each stratum less the first.
  private static func differences(
    _ labels: [String], _ curves: [SurvivalCurve], _ options: FitOptions
  ) -> [JSONValue] {
    zip(labels, curves).dropFirst().flatMap { label, curve in
      options.times.sorted().map { time in
        let row = SurvivalCurve.difference(curve, minus: curves[0], at: time, level: options.confidenceLevel)
        return [
          "stratum": .string(label), "reference": .string(labels[0]), "time": .number(Optional(time)),
          "estimate": .number(row.estimate), "std.error": .number(row.standardError),
          "statistic": .number(row.statistic), "p.value": .number(row.pValue),
          "conf.low": .number(row.low), "conf.high": .number(row.high),
        ]
      }
    }
  }

  private static func stratum(
    _ label: String, _ curve: SurvivalCurve, rule: QuantileRule, _ options: FitOptions
  ) -> JSONValue {
    let median = curve.median(rule: rule)
    var members: [JSONValue.Member] = [
      .init("stratum", .string(label)), .init("n", .integer(curve.count)),
      .init("events", .number(Optional(curve.eventCount))), .init("median", .number(median.estimate)),
      .init("median.low", .number(median.low)),
      .init("median.high", .number(median.high)),
      .init("curve", .records(records(curve))),
    ]
    if !options.survival.quantiles.isEmpty {
      members.append(
        .init(
          "quantiles",
          .array(
            options.survival.quantiles.sorted().map { p in
              let quantile = curve.quantile(p, rule: rule)
              return [
                "p": .number(Optional(p)), "time": .number(quantile.estimate),
                "conf.low": .number(quantile.low), "conf.high": .number(quantile.high),
              ]
            })))
    }
    members += options.atTimes { time in
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
    }
    return .object(members)
  }

  /// The points of a curve.
  private static func records(_ curve: SurvivalCurve) -> JSONRecords {
    JSONRecords(
      count: curve.time.count,
      [
        ("time", .numbers(curve.time)), ("n.risk", .numbers(curve.atRisk)),
        ("n.event", .numbers(curve.events)), ("n.censor", .numbers(curve.censored)),
        ("surv", .numbers(curve.survival)), ("std.err", .numbers(curve.standardError)),
        ("conf.low", .numbers(curve.low)), ("conf.high", .numbers(curve.high)),
        ("cumhaz", .numbers(curve.cumulativeHazard)),
      ])
  }
}

extension String {
  /// The text with another beginning, where it begins so.
  fileprivate func replacingPrefix(_ prefix: String, by other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
