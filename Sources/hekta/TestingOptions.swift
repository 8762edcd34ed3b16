import ArgumentParser
import HypothesisTests
import ModelFitting

extension Alternative: ExpressibleByArgument {}
extension SingleProportion.Method: ExpressibleByArgument {}
extension TwoSidedExact: ExpressibleByArgument {}
extension PublishedInterval.Scale: ExpressibleByArgument {}
extension HypothesisTestOptions.Design: ExpressibleByArgument {}
extension HypothesisTestOptions.Variance: ExpressibleByArgument {}

/// The options of `hekta test` for tests and counts; a test refuses those it has no use for.
struct TestingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Tables: the column of whole-number frequencies.", valueName: "var"))
  var weights: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The value under the null hypothesis.", valueName: "number"))
  var mu: Double?

  @Option(help: "The alternative hypothesis; two.sided by default.")
  var alternative: Alternative?

  @Flag(name: .customLong("var-equal"), help: "t: pool the variances (Student) instead of Welch.")
  var equalVariances = false

  @Flag(inversion: .prefixedNo, help: "Use the exact distribution; by default where R does.")
  var exact: Bool?

  @Flag(inversion: .prefixedNo, help: "Use the continuity correction; on by default (off in proportions).")
  var correct: Bool?

  @Option(
    help: ArgumentHelp(
      "proportions: newcombe, wald, wald-corrected, score, miettinen-nurminen, agresti-caffo, exact; with strata also mantel-haenszel.",
      valueName: "method"))
  var method: String?

  @Option(
    help: ArgumentHelp("proportions: katz, koopman, miettinen-nurminen, exact.", valueName: "method"))
  var ratioMethod: String?

  @Option(
    help: ArgumentHelp(
      "proportions: wald, profile, conditional, score, miettinen-nurminen; fisher: conditional, sample.",
      valueName: "method"))
  var oddsRatioMethod: String?

  @Option(
    name: .customLong("risk-method"),
    help: ArgumentHelp("proportions: the limits of each risk (repeatable).", valueName: "method"))
  var riskMethods: [SingleProportion.Method] = []

  @Option(help: ArgumentHelp("binom: what counts as extreme in a two-sided test.", valueName: "kind"))
  var twoSided: TwoSidedExact?

  @Option(name: .customLong("x"), help: ArgumentHelp("Numbers of events: a or a,b.", valueName: "counts"))
  var events: String?

  @Option(
    name: .customLong("n"),
    help: ArgumentHelp("Numbers of observations: c or c,d; power: the size of group 1.", valueName: "sizes"))
  var sizes: String?

  @Option(
    name: .customLong("p"),
    help: ArgumentHelp("binom: the null probability; 0.5 by default.", valueName: "number"))
  var probability: Double?

  /// Fills the fields of the request.
  func apply(to options: inout HypothesisTestOptions) throws {
    options.weights = weights
    options.mu = mu
    options.alternative = alternative
    options.equalVariances = equalVariances ? true : nil
    options.exact = exact
    options.correct = correct
    options.method = method
    options.ratioMethod = ratioMethod
    options.oddsRatioMethod = oddsRatioMethod
    options.riskMethods = riskMethods
    options.twoSided = twoSided
    options.events = try list(events, "--x", "whole numbers, such as 36,33") { Int($0) }
    options.sizes = try list(sizes, "--n", "numbers, such as 91,96") { Double($0) }
    options.probability = probability
  }

  private func list<T>(_ text: String?, _ option: String, _ expected: String, _ read: (String) -> T?) throws
    -> [T]?
  {
    guard let text else { return nil }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let value = read(String(part)) else {
        throw ValidationError("\(option): found \"\(text)\", expected \(expected)")
      }
      return value
    }
  }
}

/// The options of `hekta test power`.
struct PowerOptions: ParsableArguments {
  @Option(help: "What is compared.")
  var design: HypothesisTestOptions.Design?
  @Option(help: ArgumentHelp("The risk in group 1.", valueName: "risk"))
  var p1: Double?
  @Option(help: ArgumentHelp("The risk in group 2.", valueName: "risk"))
  var p2: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("The difference of means.", valueName: "number"))
  var delta: Double?
  @Option(help: ArgumentHelp("The standard deviation; 1 by default.", valueName: "number"))
  var sd: Double?
  @Option(name: .customLong("hr"), help: ArgumentHelp("The hazard ratio.", valueName: "ratio"))
  var hazardRatio: Double?
  @Option(
    name: .customLong("events"),
    help: ArgumentHelp("The number of events in both groups.", valueName: "number"))
  var eventCount: Double?
  @Option(help: ArgumentHelp("The power, such as 0.9.", valueName: "probability"))
  var power: Double?
  @Option(help: ArgumentHelp("The significance level; 0.05 by default.", valueName: "probability"))
  var alpha: Double?
  @Option(name: .customLong("sided"), help: ArgumentHelp("1 or 2 sides; 2 by default.", valueName: "count"))
  var sides: Int?
  @Option(help: ArgumentHelp("The size of group 2 over that of group 1; 1 by default.", valueName: "ratio"))
  var ratio: Double?
  @Option(help: ArgumentHelp("The share of participants lost.", valueName: "share"))
  var dropout: Double?
  @Option(
    name: .customLong("event-share"),
    help: ArgumentHelp("The share of participants with an event.", valueName: "share"))
  var eventShare: Double?
  @Option(help: "proportions: the variance under the null hypothesis; pooled by default.")
  var variance: HypothesisTestOptions.Variance?
  @Flag(help: "means: one group, or pairs (--sd is then that of the differences).")
  var paired = false

  /// Fills the fields of the request.
  func apply(to options: inout HypothesisTestOptions) {
    options.design = design
    options.p1 = p1
    options.p2 = p2
    options.delta = delta
    options.sd = sd
    options.hazardRatio = hazardRatio
    options.eventCount = eventCount
    options.power = power
    options.alpha = alpha
    options.sides = sides
    options.ratio = ratio
    options.dropout = dropout
    options.eventShare = eventShare
    options.variance = variance
    options.paired = paired ? true : nil
  }
}

/// The options of `hekta test ci-check` and `counts`: numbers as printed, so that their decimals count.
struct PublishedOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("A printed estimate.", valueName: "number"))
  var estimate: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Its printed lower limit.", valueName: "number"))
  var low: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Its printed upper limit.", valueName: "number"))
  var high: String?
  @Option(help: "The scale on which the limits are symmetric; ratio by default.")
  var scale: PublishedInterval.Scale?
  @Option(
    name: .customLong("percent"), help: ArgumentHelp("Printed percentages: a or a,b.", valueName: "numbers"))
  var percentages: String?

  /// Fills the fields of the request.
  func apply(to options: inout HypothesisTestOptions) {
    options.estimate = estimate
    options.low = low
    options.high = high
    options.scale = scale
    options.percentages = percentages.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
