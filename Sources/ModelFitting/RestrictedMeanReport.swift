import Inference
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit rmst`: restricted mean survival times (R `survRM2::rmst2`).
  static let restrictedMean = Entry(
    "rmst", "restricted mean survival time, difference and ratio", fit: RestrictedMeanReport.make)
}

/// From a request to restricted means of each group and their contrasts with the first.
enum RestrictedMeanReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [.tau, .pseudo, .link, .cluster, .anova, .marginalMeans, .exponentiate], timeRows: true, for: "rmst")
    guard options.taus.count == 1, let tau = options.taus.first else {
      throw FitRequestError.badValue(
        option: "--tau", value: options.taus.map(numberText).joined(separator: ","),
        expected: "one horizon: a restricted mean has no default")
    }
    let survival = try SurvivalRequest(
      request, model: "rmst", taking: options.survival.pseudo ? [.strata, .cluster] : [.strata])
    if options.survival.pseudo { return try PseudoMeanReport.make(survival, tau: tau, options) }
    for option in options.given where option != .tau && !SurvivalOptions.rowOptions.contains(option) {
      throw FitRequestError.optionWithoutMeaning(option: option.rawValue, model: "rmst without --pseudo")
    }
    let groups = try survival.frame.parts[0].grouping()
    let means = try survival.run(options) { () throws(SurvivalError) in
      var means: [RestrictedMean] = []
      for curve in try KaplanMeier().fit(
        survival.data, group: groups?.codes, groupCount: groups?.count ?? 1)
      {
        means.append(try RestrictedMean(curve, tau: tau))
      }
      return means
    }
    var report = survival.report
    let level = options.confidenceLevel
    let labels = groups?.levels ?? ["all"]
    report.conventions += [
      ("tau", numberText(tau)), ("variance", "Greenwood"), ("ratio limits", "log scale"),
    ]
    report.sections.append(
      .init(
        "groups",
        .array(
          zip(labels, means).map { label, mean in
            let limits = mean.interval(level: level)
            return [
              "group": .string(label), "n": .integer(mean.count),
              "rmst": .number(Optional(mean.estimate)),
              "std.error": .number(Optional(mean.standardError)),
              "conf.low": .number(Optional(limits.low)), "conf.high": .number(Optional(limits.high)),
              "lost": .number(Optional(mean.timeLost)), "tau": .number(Optional(tau)),
            ]
          })))
    var contrasts: [JSONValue] = []
    for (label, mean) in zip(labels, means).dropFirst() {
      for (name, row) in [
        ("difference", RestrictedMean.difference(mean, minus: means[0], level: level)),
        ("ratio", RestrictedMean.ratio(mean, over: means[0], level: level)),
        ("ratio of time lost", RestrictedMean.ratioOfTimeLost(mean, over: means[0], level: level)),
      ] {
        contrasts.append([
          "contrast": .string(name), "group": .string(label), "reference": .string(labels[0]),
          "estimate": .number(row.estimate), "std.error": .number(row.standardError),
          "statistic": .number(row.statistic), "p.value": .number(row.pValue),
          "conf.low": .number(row.low), "conf.high": .number(row.high),
        ])
      }
    }
    if !contrasts.isEmpty { report.sections.append(.init("contrasts", .array(contrasts))) }
    return report
  }
}
