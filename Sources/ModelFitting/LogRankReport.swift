import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit logrank`: the log-rank test and its G-rho family (R `survival::survdiff`).
  static let logRank = Entry("logrank", "log-rank and G-rho tests, stratified", fit: LogRankReport.make)
}

/// From a request to a log-rank test.
enum LogRankReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.rho], for: "logrank")
    let survival = try SurvivalRequest(request, model: "logrank")
    guard let groups = try survival.frame.parts[0].termGrouping() else {
      throw FitRequestError.notEstimable(
        "logrank needs a variable that makes the groups: Surv(time, event) ~ group")
    }
    let strata = survival.frame.strata
    let rho = options.rho ?? 0
    let test = try survival.run(options) { () throws(SurvivalError) in
      try LogRankTest(rho: rho).test(
        survival.data, group: groups.codes, groupCount: groups.count, stratum: strata?.codes,
        stratumCount: strata?.count ?? 1)
    }
    var report = survival.report
    report.conventions = [
      ("rho", numberText(rho)), ("strata", strata?.variables.joined(separator: ", ") ?? "none"),
      ("variance", "hypergeometric"),
    ]
    report.tests = [
      .init(
        name: rho == 0 ? "log-rank" : "G-rho", statistic: test.statistic, df: test.df, pValue: test.pValue)
    ]
    report.sections.append(
      .init(
        "groups",
        .array(
          zip(groups.levels, test.groups).map { label, group in
            [
              "group": .string(label), "n": .integer(group.count),
              "observed": .number(Optional(group.observed)),
              "expected": .number(Optional(group.expected)),
            ]
          })))
    return report
  }
}
