import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit logrank`: the log-rank test and its family (R `survival::survdiff`, SAS `PROC LIFETEST`).
  static let logRank = Entry(
    "logrank", "log-rank test and its weighted family, MaxCombo, trend, stratified", fit: LogRankReport.make)
}

/// From a request to a test of the log-rank family.
enum LogRankReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [.rho, .logRankTest, .exponents, .trend, .scores, .alternative], timeRows: true, for: "logrank")
    let survival = try SurvivalRequest(request, model: "logrank", taking: [.strata])
    guard let groups = try survival.frame.parts[0].termGrouping() else {
      throw FitRequestError.notEstimable(
        "logrank needs a variable that makes the groups: Surv(time, event) ~ group")
    }
    if options.survival.test == .maxcombo { return try maxCombo(survival, groups, options) }
    guard options.survival.alternative == nil else {
      throw FitRequestError.optionWithoutMeaning(
        option: "--alternative", model: "logrank without --kind maxcombo")
    }
    let strata = survival.frame.strata
    let weight = try weight(options)
    let scores = try scores(options, groups)
    let test = try survival.run(options) { () throws(SurvivalError) in
      try LogRankTest(weight: weight, trendScores: scores).test(
        survival.data, group: groups.codes, groupCount: groups.count, stratum: strata?.codes,
        stratumCount: strata?.count ?? 1)
    }
    var report = survival.report
    report.conventions += [
      ("weights", weight.name), ("strata", strata?.variables.joined(separator: ", ") ?? "none"),
      ("variance", "hypergeometric"),
    ]
    if case .flemingHarrington(let p, let q) = weight {
      report.conventions.append(
        q == 0 ? ("rho", numberText(p)) : ("p, q", "\(numberText(p)), \(numberText(q))"))
    } else if weight == .logRank {
      report.conventions.append(("rho", "0"))
    }
    if let scores {
      report.conventions.append(("trend scores", scores.map(numberText).joined(separator: ", ")))
    }
    report.tests = [
      .init(
        name: weight.name + (scores == nil ? "" : " trend"), statistic: test.statistic, df: test.df,
        pValue: test.pValue)
    ]
    report.sections.append(
      .init(
        "groups",
        .array(
          zip(groups.levels, test.groups).enumerated().map { number, pair in
            let (label, group) = pair
            // The observed events are weighted where the test weighs them.
            let events = groups.codes.indices.count {
              Int(groups.codes[$0]) == number && survival.data.cause[$0] != 0
            }
            return [
              "group": .string(label), "n": .integer(group.count), "events": .integer(events),
              "observed": .number(Optional(group.observed)),
              "expected": .number(Optional(group.expected)),
            ]
          })))
    return report
  }

  /// The weights that the options ask for.
  private static func weight(_ options: FitOptions) throws -> LogRankWeight {
    let exponents = options.survival.exponents
    if let rho = options.rho {
      guard options.survival.test == nil, exponents.isEmpty else {
        throw FitRequestError.badValue(
          option: "--rho", value: numberText(rho), expected: "no --kind and no --fh: rho is a kind by itself")
      }
      return rho == 0 ? .logRank : .flemingHarrington(p: rho, q: 0)
    }
    let kind = options.survival.test ?? (exponents.isEmpty ? .logrank : .flemingHarrington)
    guard (kind == .flemingHarrington) == (exponents.count == 1), exponents.count < 2 else {
      throw FitRequestError.badValue(
        option: "--fh", value: "\(exponents.count) pairs",
        expected: "one pair p,q with --kind fleming-harrington; several with --kind maxcombo only")
    }
    switch kind {
    case .logrank, .maxcombo: return .logRank
    case .gehan: return .gehan
    case .taroneWare: return .taroneWare
    case .peto: return .peto
    case .modifiedPeto: return .modifiedPeto
    case .flemingHarrington: return .flemingHarrington(p: exponents[0].p, q: exponents[0].q)
    }
  }

  private static func scores(_ options: FitOptions, _ groups: Grouping) throws -> [Double]? {
    let given = options.survival.scores
    guard options.survival.trend || !given.isEmpty else { return nil }
    guard given.isEmpty || given.count == groups.count, Set(given).count != 1 else {
      throw FitRequestError.badValue(
        option: "--scores", value: given.map(numberText).joined(separator: ","),
        expected:
          "\(groups.count) numbers, not all equal, one a group: \(groups.levels.joined(separator: ", "))")
    }
    return given.isEmpty ? (1...groups.count).map(Double.init) : given
  }

  // MARK: MaxCombo

  private static func maxCombo(
    _ survival: SurvivalRequest, _ groups: Grouping, _ options: FitOptions
  ) throws -> ModelReport {
    guard options.rho == nil, !options.survival.trend, options.survival.scores.isEmpty else {
      throw FitRequestError.optionWithoutMeaning(
        option: "--rho, --trend or --scores", model: "logrank with --kind maxcombo")
    }
    let strata = survival.frame.strata
    let given = options.survival.exponents.map { LogRankWeight.flemingHarrington(p: $0.p, q: $0.q) }
    let weights = given.isEmpty ? MaxComboTest.usualWeights : given
    let alternative = MaxComboTest.Alternative(
      rawValue: (options.survival.alternative ?? .twoSided).rawValue)!
    let test = try survival.run(options) { () throws(SurvivalError) in
      try MaxComboTest(weights: weights, alternative: alternative).test(
        survival.data, group: groups.codes, groupCount: groups.count, stratum: strata?.codes,
        stratumCount: strata?.count ?? 1)
    }
    let names = weights.map { weight in
      if case .flemingHarrington(let p, let q) = weight {
        "FH(\(numberText(p)), \(numberText(q)))"
      } else {
        weight.name
      }
    }
    var report = survival.report
    report.conventions += [
      ("weights", names.joined(separator: " ")), ("alternative", alternative.rawValue),
      ("strata", strata?.variables.joined(separator: ", ") ?? "none"),
      ("p", "joint normal distribution of the weighted statistics"),
    ]
    report.tests = [.init(name: "MaxCombo", statistic: test.statistic, df: nil, pValue: test.pValue)]
    report.sections.append(
      .init(
        "components",
        .array(
          names.indices.map { i in
            [
              "weight": .string(names[i]), "statistic": .number(Optional(test.statistics[i])),
              "p.value": .number(Optional(test.pValues[i])), "best": .bool(i == test.best),
            ]
          })))
    report.sections.append(
      .init(
        "correlation",
        .array(names.indices.map { i in .numbers(names.indices.map { test.correlation[i, $0] }) })))
    return report
  }
}
