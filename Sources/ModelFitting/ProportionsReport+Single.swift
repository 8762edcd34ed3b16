import HypothesisTests
import ModelFormula
import Serialisation

extension ProportionsReport {
  /// One risk with the limits of every method, or of those asked for.
  static func single(
    _ risk: SingleProportion, name: String, _ options: HypothesisTestOptions
  ) throws -> HypothesisTestReport {
    for (option, value) in [
      ("--method", options.method), ("--ratio-method", options.ratioMethod),
      ("--odds-ratio-method", options.oddsRatioMethod),
    ] where value != nil {
      throw FitRequestError.optionWithoutMeaning(
        option: option, model: "a single proportion (see --risk-method)")
    }
    let level = options.confidenceLevel
    let methods = options.riskMethods.isEmpty ? SingleProportion.Method.allCases : options.riskMethods
    let rows = try rows(of: risk, number: 1, name: name, methods, level: level)
    let first = try risk.interval(methods[0], level: level)
    var result = TestResult(test: "proportions", method: "one proportion", pValue: .nan)
    result.parameter = "risk"
    result.estimate = risk.proportion
    (result.low, result.high, result.level) = (first.low, first.high, level)
    result.notes = first.notes
    var report = HypothesisTestReport(result: result)
    report.hasTest = false
    report.n = risk.total
    report.sections = [.init("risk", .array(rows))]
    report.csvRows = rows
    report.lines = try methods.map { method in
      let interval = try risk.interval(method, level: level)
      return "risk: " + HypothesisTestReport.interval(interval.estimate, interval.low, interval.high, level)
        + " [\(interval.method)]"
    }
    return report
  }

  /// The rows of one group's risk, one a method.
  static func rows(
    of group: SingleProportion, number: Int, name: String, _ methods: [SingleProportion.Method], level: Double
  ) throws -> [JSONValue] {
    try methods.map { method in
      .object(
        [
          .init("group", .integer(number)), .init("label", .string(name)), .init("x", .integer(group.events)),
          .init("n", .integer(group.total)), .init("method", .string(method.rawValue)),
        ] + limits(try group.interval(method, level: level), withMethod: false))
    }
  }
}
