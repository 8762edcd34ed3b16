import HypothesisTests
import ModelFormula

/// What a call of `hekta test` asks for beyond the test and its formula; nil where an option is not given.
///
/// A test refuses an option that has no meaning for it, so that none is silently ignored.
public struct HypothesisTestOptions: Sendable {
  /// The confidence level of limits, between 0 and 1.
  public var confidenceLevel = 0.95
  /// The row filter, an expression over the columns.
  public var filter: String?
  /// The column of whole-number frequencies of a table's rows.
  public var weights: String?
  /// The value of the parameter under the null hypothesis.
  public var mu: Double?
  public var alternative: Alternative?
  /// Pool the variances of a t test.
  public var equalVariances: Bool?
  /// Use, or do not use, the exact distribution.
  public var exact: Bool?
  /// Use, or do not use, the continuity correction.
  public var correct: Bool?
  /// The method of a risk difference.
  public var method: String?
  /// The method of a risk ratio; by default the difference's companion.
  public var ratioMethod: String?
  /// The method of an odds ratio; by default the difference's companion, in Fisher's test the conditional estimate.
  public var oddsRatioMethod: String?
  /// The methods of single risks' limits, one row each; Wilson's and the exact ones where empty.
  public var riskMethods: [SingleProportion.Method] = []
  /// What "as extreme" means in a two-sided binomial test.
  public var twoSided: TwoSidedExact?
  /// The software whose defaults fill in what is left open; nil keeps the tests' own defaults.
  public var conventions: ConventionProfile?
  /// A second software whose numbers are set beside the first.
  public var alsoConventions: ConventionProfile?
  /// Numbers of events: one, or one a group.
  public var events: [Int]?
  /// Numbers of observations: one, or one a group; of a power calculation, the size of group 1.
  public var sizes: [Double]?
  /// The null probability of a binomial test.
  public var probability: Double?

  /// The design of a power calculation.
  public var design: Design?
  public var p1: Double?
  public var p2: Double?
  public var delta: Double?
  public var sd: Double?
  public var hazardRatio: Double?
  public var eventCount: Double?
  public var power: Double?
  public var alpha: Double?
  public var sides: Int?
  public var ratio: Double?
  public var dropout: Double?
  public var eventShare: Double?
  /// The variance under the null hypothesis of a power calculation of proportions.
  public var variance: Variance?
  /// One group, or pairs, in a power calculation of means.
  public var paired: Bool?

  /// A printed estimate, its limits and percentages, as printed.
  public var estimate: String?
  public var low: String?
  public var high: String?
  public var scale: PublishedInterval.Scale?
  public var percentages: [String]?

  public init() {}

  /// Variances under the null hypothesis of equal risks.
  public enum Variance: String, Sendable, CaseIterable { case pooled, unpooled }

  /// What a power calculation compares.
  public enum Design: String, Sendable, CaseIterable { case proportions, means, survival }

  /// The names, on the command line, of the options that are given.
  var given: [String] {
    var names: [String] = []
    func note(_ name: String, _ isGiven: Bool) { if isGiven { names.append(name) } }
    note("--where", filter != nil)
    note("--weights", weights != nil)
    note("--mu", mu != nil)
    note("--alternative", alternative != nil)
    note("--var-equal", equalVariances != nil)
    note("--exact", exact != nil)
    note("--correct", correct != nil)
    note("--method", method != nil)
    note("--ratio-method", ratioMethod != nil)
    note("--odds-ratio-method", oddsRatioMethod != nil)
    note("--risk-method", !riskMethods.isEmpty)
    note("--two-sided", twoSided != nil)
    note("--x", events != nil)
    note("--n", sizes != nil)
    note("--p", probability != nil)
    note("--design", design != nil)
    note("--p1", p1 != nil)
    note("--p2", p2 != nil)
    note("--delta", delta != nil)
    note("--sd", sd != nil)
    note("--hr", hazardRatio != nil)
    note("--events", eventCount != nil)
    note("--power", power != nil)
    note("--alpha", alpha != nil)
    note("--sided", sides != nil)
    note("--ratio", ratio != nil)
    note("--dropout", dropout != nil)
    note("--event-share", eventShare != nil)
    note("--variance", variance != nil)
    note("--paired", paired != nil)
    note("--estimate", estimate != nil)
    note("--low", low != nil)
    note("--high", high != nil)
    note("--scale", scale != nil)
    note("--percent", percentages != nil)
    return names
  }
}

/// A request to run one test: on the rows of a table, or on numbers given as options.
public struct HypothesisTestRequest: Sendable {
  /// The formula as written, where the test reads a table.
  public var formula: String?
  /// The table.
  public var data: DataFrame?
  public var options: HypothesisTestOptions

  public init(
    formula: String? = nil, data: DataFrame? = nil, options: HypothesisTestOptions = HypothesisTestOptions()
  ) {
    self.formula = formula
    self.data = data
    self.options = options
  }
}
