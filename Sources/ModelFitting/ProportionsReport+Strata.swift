import HypothesisTests
import ModelFormula
import Serialisation

extension ProportionsReport {
  /// The contrasts pooled over strata.
  static func pooled(
    _ strata: [(name: String, events: HypothesisTestData.GroupedEvents)], _ options: HypothesisTestOptions
  ) throws -> HypothesisTestReport {
    let method =
      try choice(options.method, "--method", StratifiedProportions.DifferenceMethod.self) ?? .mantelHaenszel
    for (option, value) in [
      ("--ratio-method", options.ratioMethod), ("--odds-ratio-method", options.oddsRatioMethod),
      ("--risk-method", options.riskMethods.first?.rawValue),
    ] where value != nil {
      throw FitRequestError.optionWithoutMeaning(option: option, model: "proportions in strata")
    }
    let level = options.confidenceLevel
    let all = try StratifiedProportions(strata.map(\.events.table))
    let difference = try all.riskDifference(method, level: level)
    let ratio = try all.riskRatio(level: level)
    var plain = MantelHaenszelTest()
    plain.continuityCorrection = options.correct ?? false
    plain.level = level
    let test = try all.mantelHaenszelTest(plain)
    let odds = IntervalEstimate(
      estimate: test.estimate, low: test.low ?? 0, high: test.high ?? .infinity, level: level,
      method: "Mantel-Haenszel, Robins-Breslow-Greenland variance")
    let names = strata[0].events.names
    var result = test
    result.test = "proportions"
    result.method = "two proportions in \(strata.count) strata, \(difference.method)"
    result.parameter = "risk difference, \(names.0) - \(names.1)"
    result.estimate = difference.estimate
    (result.low, result.high, result.null) = (difference.low, difference.high, 0)
    result.notes += ratio.notes
    var report = HypothesisTestReport(result: result)
    report.sections = [
      .init(
        "strata",
        .array(
          zip(strata, all.weights).map { stratum, weight in
            let t = stratum.events.table
            return .object([
              .init("stratum", .string(stratum.name)), .init("x1", .integer(t.first.events)),
              .init("n1", .integer(t.first.total)), .init("x2", .integer(t.second.events)),
              .init("n2", .integer(t.second.total)),
              .init("difference", .number(Optional(t.first.proportion - t.second.proportion))),
              .init("weight", .number(Optional(weight))),
            ])
          })),
      .init("difference", .object(limits(difference))), .init("ratio", .object(limits(ratio))),
      .init("oddsRatio", .object(limits(odds))),
    ]
    let (tests, notes) = stratifiedTests(all, mantelHaenszel: test, level: level)
    report.sections.append(.init("tests", .array(tests)))
    report.result.notes += notes
    let needed = NumberNeededToTreat(inverting: difference)
    if let needed { report.sections.append(.init("nnt", json(needed))) }
    report.csvRows = rows([], difference, ratio, odds)
    report.lines = lines(difference, ratio, odds, needed, names)
    report.conventions = [
      ("contrast", "\(names.0) against \(names.1)"), ("strata weights", "Mantel-Haenszel n1 n2/(n1 + n2)"),
      ("p.value", "Mantel-Haenszel \(plain.continuityCorrection ? "with" : "without") correction"),
    ]
    return report
  }

  /// The tests of no association and of equal odds ratios over strata; a test that the tables leave nothing for is a
  /// note.
  private static func stratifiedTests(
    _ all: StratifiedProportions, mantelHaenszel: TestResult, level: Double
  ) -> (rows: [JSONValue], notes: [String]) {
    var found = [("mantel-haenszel", mantelHaenszel)]
    var notes: [String] = []
    func add(_ name: String, _ test: () throws(HypothesisTestError) -> TestResult) {
      do { found.append((name, try test())) } catch { notes.append("no \(name) test: \(error.description)") }
    }
    var exact = MantelHaenszelTest()
    exact.exact = true
    exact.level = level
    add("cmh-exact") { () throws(HypothesisTestError) in try all.mantelHaenszelTest(exact) }
    add("breslow-day") { () throws(HypothesisTestError) in try all.homogeneityTest(tarone: false) }
    add("breslow-day-tarone") { () throws(HypothesisTestError) in try all.homogeneityTest() }
    let rows = found.map { name, test -> JSONValue in
      .object([
        .init("name", .string(name)), .init("method", .string(test.method)),
        .init("statistic", .number(test.statistic)), .init("df", .number(test.df)),
        .init("p.value", .number(Optional(test.pValue))),
      ])
    }
    return (rows, notes)
  }
}
