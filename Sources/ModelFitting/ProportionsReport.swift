import HypothesisTests
import ModelFormula
import Serialisation

/// `hekta test proportions`: two risks and every contrast of them.
enum ProportionsReport {
  static func run(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let options = request.options
    if let x = options.events, let n = options.sizes {
      guard request.formula == nil else {
        throw FitRequestError.notEstimable(
          "the test proportions takes either --x and --n or a formula, not both")
      }
      if x.count == 1, n.count == 1 {
        return try single(
          SingleProportion(events: x[0], total: wholeNumber(n[0], option: "--n")), name: "group 1", options)
      }
      guard x.count == 2, n.count == 2 else {
        throw FitRequestError.notEstimable(
          "--x and --n need one number each, or two, such as --x 36,33 --n 91,96")
      }
      let sizes = try n.map { try wholeNumber($0, option: "--n") }
      let table = try TwoProportions(events: x[0], of: sizes[0], against: x[1], of: sizes[1])
      var report = try crude(table, names: ("group 1", "group 2"), options)
      report.n = sizes[0] + sizes[1]
      return report
    }
    guard options.events == nil, options.sizes == nil else {
      throw FitRequestError.notEstimable("--x and --n belong together: --x 36,33 --n 91,96")
    }
    let data = try HypothesisTestData(request, test: "proportions")
    var report: HypothesisTestReport
    if try !data.isStratified && data.groupName() == nil {
      report = try single(data.singleProportion(), name: data.responseName, options)
      return data.completed(report)
    }
    let strata = try data.proportions()
    if data.isStratified {
      report = try pooled(strata.map { ($0.stratum ?? "", $0.events) }, options)
    } else {
      report = try crude(strata[0].events.table, names: strata[0].events.names, options)
    }
    return data.completed(report)
  }

  /// The ratio's and odds ratio's methods that go with a difference's.
  private static func companions(_ method: DifferenceMethod) -> (RatioMethod, OddsRatioMethod) {
    switch method {
    case .newcombe, .wald, .waldCorrected, .agrestiCaffo: (.katz, .wald)
    case .score: (.koopman, .score)
    case .miettinenNurminen: (.miettinenNurminen, .miettinenNurminen)
    case .exact: (.exact, .conditional)
    }
  }

  /// A method by its name.
  static func choice<T: RawRepresentable<String> & CaseIterable>(
    _ text: String?, _ option: String, _ type: T.Type
  ) throws(FitRequestError) -> T? {
    guard let text else { return nil }
    guard let choice = T(rawValue: text) else {
      throw .badValue(
        option: option, value: text, expected: T.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  private static func crude(
    _ table: TwoProportions, names: (String, String), _ options: HypothesisTestOptions
  ) throws -> HypothesisTestReport {
    let method = try choice(options.method, "--method", DifferenceMethod.self) ?? .newcombe
    let level = options.confidenceLevel
    let companions = companions(method)
    let ratioMethod = try choice(options.ratioMethod, "--ratio-method", RatioMethod.self) ?? companions.0
    let oddsMethod =
      try choice(options.oddsRatioMethod, "--odds-ratio-method", OddsRatioMethod.self) ?? companions.1
    let difference = try table.riskDifference(method, level: level)
    let ratio = try table.riskRatio(ratioMethod, level: level)
    let odds = try table.oddsRatio(oddsMethod, level: level)
    let corrects = options.correct ?? false

    var result = table.equalRisksTest(corrects ? .yates : .pearson)
    result.test = "proportions"
    result.method = "two proportions, \(difference.method) limits of the difference"
    result.parameter = "risk difference, \(names.0) - \(names.1)"
    result.estimate = difference.estimate
    (result.low, result.high, result.level) = (difference.low, difference.high, level)
    result.null = 0
    result.notes += difference.notes + ratio.notes + odds.notes
    var report = HypothesisTestReport(result: result)
    var risks: [JSONValue] = []
    for (i, group) in [table.first, table.second].enumerated() {
      let methods = options.riskMethods.isEmpty ? [.wilson, .clopperPearson] : options.riskMethods
      risks += try rows(of: group, number: i + 1, name: i == 0 ? names.0 : names.1, methods, level: level)
    }
    report.sections = [
      .init("events", .integer(table.first.events + table.second.events)),
      .init("risk", .array(risks)), .init("difference", .object(limits(difference))),
      .init("ratio", .object(limits(ratio))), .init("oddsRatio", .object(limits(odds))),
    ]
    let needed = NumberNeededToTreat(inverting: difference)
    if let needed { report.sections.append(.init("nnt", json(needed))) }
    report.sections.append(.init("tests", .array(tests(table))))
    report.csvRows = rows(risks, difference, ratio, odds)
    report.lines = lines(difference, ratio, odds, needed, names)
    report.conventions = [
      ("contrast", "\(names.0) against \(names.1)"), ("difference", difference.method),
      ("ratio", ratio.method),
      ("odds ratio", odds.method),
      ("p.value", corrects ? "chi-squared with Yates' correction" : "Pearson chi-squared without correction"),
    ]
    return report
  }

  static func limits(_ interval: IntervalEstimate, withMethod: Bool = true) -> [JSONValue.Member] {
    [
      .init("estimate", .number(interval.estimate)), .init("conf.low", .number(Optional(interval.low))),
      .init("conf.high", .number(Optional(interval.high))),
    ] + (withMethod ? [.init("method", .string(interval.method))] : [])
  }

  static func json(_ needed: NumberNeededToTreat) -> JSONValue {
    var members: [JSONValue.Member] = [.init("estimate", .number(Optional(needed.estimate)))]
    switch needed.limits {
    case .finite(let low, let high):
      members += [.init("conf.low", .number(Optional(low))), .init("conf.high", .number(Optional(high)))]
    case .throughInfinity(let fewer, let more):
      members += [
        .init("conf.low", .null), .init("conf.high", .null), .init("throughInfinity", true),
        .init("fewerEvents", .number(Optional(fewer))), .init("moreEvents", .number(Optional(more))),
      ]
    }
    members.append(.init("firstHasMoreEvents", .bool(needed.firstHasMore)))
    return .object(members)
  }

  private static func tests(_ table: TwoProportions) -> [JSONValue] {
    // The unconditional test grows with the groups; beyond this it says nothing that the others do not.
    let methods = EqualRisksMethod.allCases.filter {
      $0 != .exact || table.first.total + table.second.total <= 2000
    }
    return methods.map { method in
      let test = table.equalRisksTest(method)
      return .object([
        .init("name", .string(method.rawValue)), .init("method", .string(test.method)),
        .init("statistic", .number(test.statistic)), .init("df", .number(test.df)),
        .init("p.value", .number(Optional(test.pValue))),
      ])
    }
  }

  /// One row a risk and contrast.
  static func rows(
    _ risks: [JSONValue], _ difference: IntervalEstimate, _ ratio: IntervalEstimate, _ odds: IntervalEstimate
  ) -> [JSONValue] {
    let contrasts = [("difference", difference), ("ratio", ratio), ("oddsRatio", odds)]
    return risks.map { .object([.init("measure", "risk")] + $0.members) }
      + contrasts.map { .object([.init("measure", .string($0.0))] + limits($0.1)) }
  }

  static func lines(
    _ difference: IntervalEstimate, _ ratio: IntervalEstimate, _ odds: IntervalEstimate,
    _ needed: NumberNeededToTreat?, _ names: (String, String)
  ) -> [String] {
    func line(_ name: String, _ interval: IntervalEstimate) -> String {
      name + ": "
        + HypothesisTestReport.interval(interval.estimate, interval.low, interval.high, interval.level)
        + " [\(interval.method)]"
    }
    var lines = [
      line("risk difference, \(names.0) - \(names.1)", difference),
      line("risk ratio, \(names.0) / \(names.1)", ratio), line("odds ratio, \(names.0) / \(names.1)", odds),
    ]
    if let needed {
      let short = HypothesisTestReport.short
      var text = "number needed to treat: \(short(needed.estimate))"
      switch needed.limits {
      case .finite(let low, let high): text += " (\(short(low)) to \(short(high)))"
      case .throughInfinity(let fewer, let more):
        text +=
          ", from \(short(fewer)) for one event fewer in \(names.0) through infinity to \(short(more)) for one more"
      }
      lines.append(text)
    }
    return lines
  }
}
