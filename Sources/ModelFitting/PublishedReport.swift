import HypothesisTests
import Serialisation

/// `hekta test ci-check` and `hekta test counts`: what published numbers say of each other.
enum PublishedReport {
  static func interval(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let options = request.options
    guard let estimate = options.estimate, let low = options.low, let high = options.high else {
      throw FitRequestError.notEstimable("the test ci-check needs --estimate, --low and --high as printed")
    }
    let published = try PublishedInterval(
      estimate: number(estimate, "--estimate"), low: number(low, "--low"), high: number(high, "--high"),
      scale: options.scale ?? .ratio, level: options.confidenceLevel)
    var report = HypothesisTestReport(
      result: TestResult(
        test: "ci-check", method: "agreement of a published \(published.scale.rawValue) with its limits",
        pValue: .nan))
    report.hasTest = false
    let short = HypothesisTestReport.short
    let range = published.midpointRange
    report.sections = [
      .init("estimate", .string(estimate)), .init("conf.low", .string(low)),
      .init("conf.high", .string(high)),
      .init("consistent", .bool(published.isConsistent)),
      .init("midpoint", .number(Optional(published.midpoint))),
      .init("midpoint.low", .number(Optional(range.low))),
      .init("midpoint.high", .number(Optional(range.high))),
      .init("implied.std.error", .number(Optional(published.impliedStandardError))),
      .init("implied.z", .number(Optional(published.impliedZ))),
      .init("implied.p.value", .number(Optional(published.impliedP))),
    ]
    let middle = published.scale == .ratio ? "geometric mean" : "mean"
    report.lines = [
      "printed: \(estimate) (\(low) to \(high))",
      "\(middle) of the limits: \(short(published.midpoint)), with rounding \(short(range.low)) to \(short(range.high))",
      published.isConsistent
        ? "the estimate agrees with its limits"
        : "the estimate does NOT agree with its limits: a misprint, or limits that are not symmetric",
      "implied standard error\(published.scale == .ratio ? " of the logarithm" : "") \(short(published.impliedStandardError)), z \(short(published.impliedZ)), p \(short(published.impliedP))",
    ]
    try addCrude(&report, published, options)
    return report
  }

  /// The crude contrasts of counts beside the published one.
  private static func addCrude(
    _ report: inout HypothesisTestReport, _ published: PublishedInterval, _ options: HypothesisTestOptions
  ) throws {
    guard options.events != nil || options.sizes != nil else { return }
    guard let x = options.events, let n = options.sizes, x.count == 2, n.count == 2 else {
      throw FitRequestError.notEstimable("--x and --n need two numbers each, such as --x 36,33 --n 91,96")
    }
    let sizes = try n.map { try wholeNumber($0, option: "--n") }
    let table = try TwoProportions(events: x[0], of: sizes[0], against: x[1], of: sizes[1])
    let level = options.confidenceLevel
    let contrasts: [(String, IntervalEstimate)] =
      published.scale == .ratio
      ? [
        ("risk ratio", try table.riskRatio(.katz, level: level)),
        ("odds ratio", try table.oddsRatio(.wald, level: level)),
      ]
      : [
        ("risk difference", try table.riskDifference(.wald, level: level)),
        ("risk difference", try table.riskDifference(.newcombe, level: level)),
      ]
    let short = HypothesisTestReport.short
    var rows: [JSONValue] = []
    for (name, crude) in contrasts {
      let agrees = published.agrees(with: crude)
      rows.append(
        .object([
          .init("measure", .string(name)), .init("estimate", .number(crude.estimate)),
          .init("conf.low", .number(Optional(crude.low))), .init("conf.high", .number(Optional(crude.high))),
          .init("method", .string(crude.method)), .init("agrees", .bool(agrees)),
        ]))
      if agrees { report.lines.append("the counts give the published numbers as a crude \(name)") }
    }
    if !contrasts.contains(where: { published.agrees(with: $0.1) }) {
      let crude = contrasts.map {
        "\($0.0) \(short($0.1.estimate ?? .nan)) (\(short($0.1.low)) to \(short($0.1.high)))"
      }
      report.lines.append(
        "crude differs from published: \(crude.joined(separator: ", ")); the published one is adjusted, or of other counts"
      )
    }
    report.sections.append(.init("crude", .array(rows)))
  }

  static func counts(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    guard let percentages = request.options.percentages, let n = request.options.sizes,
      percentages.count == n.count
    else {
      throw FitRequestError.notEstimable(
        "the test counts needs as many --percent as --n: --percent 39.6 --n 91")
    }
    var report = HypothesisTestReport(
      result: TestResult(test: "counts", method: "counts that print as a percentage", pValue: .nan))
    report.hasTest = false
    var rows: [JSONValue] = []
    for (text, size) in zip(percentages, n) {
      let total = try wholeNumber(size, option: "--n")
      let found = try number(text, "--percent").counts(of: total)
      rows.append(
        .object([
          .init("percent", .string(text)), .init("n", .integer(total)),
          .init("counts", .array(found.map { .integer($0) })),
        ]))
      report.lines.append(
        "\(text) % of \(total): "
          + (found.isEmpty ? "no whole count prints so" : found.map(String.init).joined(separator: ", ")))
    }
    report.sections = [.init("counts", .array(rows))]
    return report
  }

  private static func number(_ text: String, _ option: String) throws(FitRequestError) -> PublishedNumber {
    guard let number = PublishedNumber(text) else {
      throw .badValue(option: option, value: text, expected: "a decimal number as printed, such as 0.70")
    }
    return number
  }
}
