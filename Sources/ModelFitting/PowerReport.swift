import HypothesisTests
import Serialisation

/// `hekta test power`: of size, power and effect, two give the third.
enum PowerReport {
  static func run(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    let options = request.options
    guard request.formula == nil else {
      throw FitRequestError.notEstimable("the test power takes no formula; it reads no table")
    }
    guard let design = options.design else {
      throw FitRequestError.notEstimable("the test power needs --design proportions, means or survival")
    }
    let shared = PowerDesign(
      alpha: options.alpha ?? 0.05, sides: options.sides ?? 2, ratio: options.ratio ?? 1)
    try refuseForeign(design, options)
    switch design {
    case .proportions: return try proportions(options, shared)
    case .means: return try means(options, shared)
    case .survival: return try survival(options, shared)
    }
  }

  private static func refuseForeign(_ design: HypothesisTestOptions.Design, _ options: HypothesisTestOptions)
    throws(FitRequestError)
  {
    let own: [String]
    switch design {
    case .proportions: own = ["--p1", "--p2", "--n", "--dropout", "--variance"]
    case .means: own = ["--delta", "--sd", "--n", "--paired", "--dropout"]
    case .survival: own = ["--hr", "--events", "--event-share", "--dropout"]
    }
    let shared = ["--design", "--power", "--alpha", "--sided", "--ratio"]
    for option in options.given where !(own + shared).contains(option) {
      throw .optionWithoutMeaning(option: option, model: "power --design \(design.rawValue)")
    }
  }

  /// Two of the three must be given.
  private static func missingOne(_ names: String) -> FitRequestError {
    .notEstimable("give two of \(names), and the third is computed")
  }

  private static func oneSize(_ options: HypothesisTestOptions) throws(FitRequestError) -> Double? {
    guard let sizes = options.sizes else { return nil }
    guard sizes.count == 1 else {
      throw .badValue(
        option: "--n", value: "\(sizes.count) numbers",
        expected: "the size of group 1; --ratio gives the other")
    }
    return sizes[0]
  }

  private static func proportions(_ options: HypothesisTestOptions, _ design: PowerDesign) throws
    -> HypothesisTestReport
  {
    let n = try oneSize(options)
    guard let p1 = options.p1 else {
      throw FitRequestError.notEstimable("--design proportions needs --p1, the risk in group 1")
    }
    var design = design
    design.poolsVariance = options.variance != .unpooled
    let solved: ProportionsPower
    switch (n, options.power, options.p2) {
    case (nil, let power?, let p2?): solved = try .size(p1: p1, p2: p2, power: power, design)
    case (let n?, nil, let p2?): solved = try .power(p1: p1, p2: p2, n: n, design)
    case (let n?, let power?, nil): solved = try .detectable(p1: p1, n: n, power: power, design)
    default: throw missingOne("--n, --power and --p2")
    }
    var report = start(
      "two proportions, normal approximation with \(design.poolsVariance ? "pooled variance under the null" : "each group's own variance")",
      design, options)
    let short = HypothesisTestReport.short
    report.sections += [
      .init("n", .number(Optional(solved.n))), .init("power", .number(Optional(solved.power))),
      .init("p1", .number(Optional(solved.p1))), .init("p2", .number(Optional(solved.p2))),
    ]
    report.lines = [
      "assumed risks: \(short(solved.p1)) in group 1 (the control group) and \(short(solved.p2)) in group 2, difference \(short(solved.p2 - solved.p1))"
    ]
    report.conventions.append(("assumed risk in group 1 (control)", short(solved.p1)))
    report.conventions.append(("variance", design.poolsVariance ? "pooled under the null" : "unpooled"))
    try addSizes(&report, solved.n, solved.power, design, options)
    return report
  }

  private static func means(_ options: HypothesisTestOptions, _ design: PowerDesign) throws
    -> HypothesisTestReport
  {
    let n = try oneSize(options)
    let sd = options.sd ?? 1
    let groups: MeansPower.Groups = options.paired == true ? .one : .two
    let solved: MeansPower
    switch (n, options.power, options.delta) {
    case (nil, let power?, let delta?):
      solved = try .size(delta: delta, sd: sd, power: power, groups: groups, design)
    case (let n?, nil, let delta?): solved = try .power(delta: delta, sd: sd, n: n, groups: groups, design)
    case (let n?, let power?, nil):
      solved = try .detectable(sd: sd, n: n, power: power, groups: groups, design)
    default: throw missingOne("--n, --power and --delta")
    }
    var report = start(
      groups == .one ? "t test of pairs or one sample" : "two-sample t test", design, options)
    let short = HypothesisTestReport.short
    report.sections += [
      .init("n", .number(Optional(solved.n))), .init("power", .number(Optional(solved.power))),
      .init("delta", .number(Optional(solved.delta))), .init("sd", .number(Optional(solved.sd))),
    ]
    report.lines = ["difference \(short(solved.delta)), standard deviation \(short(sd))"]
    try addSizes(&report, solved.n, solved.power, design, options, oneGroup: groups == .one)
    return report
  }

  private static func survival(_ options: HypothesisTestOptions, _ design: PowerDesign) throws
    -> HypothesisTestReport
  {
    let solved: SurvivalPower
    switch (options.eventCount, options.power, options.hazardRatio) {
    case (nil, let power?, let ratio?): solved = try .events(hazardRatio: ratio, power: power, design)
    case (let events?, nil, let ratio?): solved = try .power(hazardRatio: ratio, events: events, design)
    case (let events?, let power?, nil): solved = try .detectable(events: events, power: power, design)
    default: throw missingOne("--events, --power and --hr")
    }
    var report = start("log-rank test, Schoenfeld's formula", design, options)
    let short = HypothesisTestReport.short
    report.sections += [
      .init("events", .number(Optional(solved.events))), .init("power", .number(Optional(solved.power))),
      .init("hr", .number(Optional(solved.hazardRatio))),
    ]
    report.lines = [
      "hazard ratio \(short(solved.hazardRatio)), \(short(solved.events)) events in both groups, so \(Int(solved.events.rounded(.up)))",
      "power \(short(solved.power))",
    ]
    if let share = options.eventShare {
      let participants = try enrolment(
        for: solved.participants(eventShare: share), dropout: options.dropout ?? 0)
      report.sections.append(.init("n.total", .number(Optional(participants))))
      report.lines.append(
        "with an event in a share of \(short(share))\(options.dropout.map { " and \(short($0)) lost" } ?? ""): \(Int(participants.rounded(.up))) participants"
      )
    } else if options.dropout != nil {
      throw FitRequestError.notEstimable("--dropout of a survival design needs --event-share")
    }
    return report
  }

  private static func start(_ method: String, _ design: PowerDesign, _ options: HypothesisTestOptions)
    -> HypothesisTestReport
  {
    var report = HypothesisTestReport(result: TestResult(test: "power", method: method, pValue: .nan))
    report.hasTest = false
    report.sections = [
      .init("design", .string(options.design?.rawValue)), .init("alpha", .number(Optional(design.alpha))),
      .init("sided", .integer(design.sides)), .init("ratio", .number(Optional(design.ratio))),
    ]
    report.conventions = [
      (
        "level",
        "\(HypothesisTestReport.short(design.alpha)), \(design.sides == 2 ? "two-sided" : "one-sided")"
      ),
      ("sizes", "not rounded"),
    ]
    return report
  }

  private static func addSizes(
    _ report: inout HypothesisTestReport, _ n: Double, _ power: Double, _ design: PowerDesign,
    _ options: HypothesisTestOptions, oneGroup: Bool = false
  ) throws {
    let n1 = try enrolment(for: n, dropout: options.dropout ?? 0)
    let first = Int(n1.rounded(.up))
    let second = oneGroup ? 0 : Int((n1 * design.ratio).rounded(.up))
    report.sections.append(.init("n.enrolled", .integer(first + second)))
    let short = HypothesisTestReport.short
    report.lines.append("power \(short(power))")
    report.lines.append(
      oneGroup
        ? "\(short(n)) in the group, so \(first)"
        : "\(short(n)) in group 1 and \(short(n * design.ratio)) in group 2, so \(first) + \(second) = \(first + second)"
    )
    if let dropout = options.dropout {
      report.lines[report.lines.count - 1] += " enrolled with a share of \(short(dropout)) lost"
    }
  }
}
