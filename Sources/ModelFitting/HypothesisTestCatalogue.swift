import HypothesisTests
import ModelFormula

/// The tests of `hekta test` by name.
public enum HypothesisTestCatalogue {
  /// One test: its name, what it is, how it is called, and how a request becomes a report.
  public struct Entry: Sendable {
    /// The name on the command line.
    public let name: String
    /// What it is, for the help text.
    public let summary: String
    /// An example of its formula, or of its options where it reads no table.
    public let example: String
    /// The options that have a meaning for it.
    let options: [String]
    let run: @Sendable (HypothesisTestRequest) throws -> HypothesisTestReport
  }

  /// The entry with a name.
  ///
  /// - Throws: `FitRequestError.unknownModel`, naming the nearest tests.
  public static func entry(_ name: String) throws(FitRequestError) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknownModel(
        name, nearest: nearest(to: name, among: entries.map(\.name)), all: entries.map(\.name))
    }
    return entry
  }

  /// All tests, in the order of the help text.
  public static let entries: [Entry] = [
    Entry(
      name: "t", summary: "Welch's, Student's and paired t tests",
      example: "'hours ~ arm', 'I(after - before) ~ 1'",
      options: data + ["--mu", "--alternative", "--var-equal"], run: HypothesisTestRuns.t),
    Entry(
      name: "wilcoxon", summary: "rank-sum and signed-rank tests with Hodges-Lehmann estimates",
      example: "'hours ~ arm' [--exact]",
      options: data + ["--mu", "--alternative", "--exact", "--correct"], run: HypothesisTestRuns.wilcoxon),
    Entry(
      name: "ks", summary: "two-sample Kolmogorov-Smirnov test", example: "'hours ~ arm'",
      options: data + ["--alternative", "--exact"], run: HypothesisTestRuns.ks),
    Entry(
      name: "kruskal", summary: "Kruskal-Wallis test of several groups", example: "'hours ~ unit'",
      options: data, run: HypothesisTestRuns.kruskal),
    Entry(
      name: "shapiro", summary: "Shapiro-Wilk test of normality", example: "'hours ~ 1'", options: data,
      run: HypothesisTestRuns.shapiro),
    Entry(
      name: "chisq", summary: "Pearson's chi-squared test of a table", example: "'employed ~ arm'",
      options: table + ["--correct"], run: HypothesisTestRuns.chisq),
    Entry(
      name: "fisher", summary: "Fisher's exact test of a table", example: "'employed ~ arm'",
      options: table + ["--alternative", "--odds-ratio-method"], run: HypothesisTestRuns.fisher),
    Entry(
      name: "mcnemar", summary: "McNemar's and Bowker's tests of paired categories",
      example: "'before ~ after' [--exact]", options: table + ["--correct", "--exact"],
      run: HypothesisTestRuns.mcnemar),
    Entry(
      name: "cmh", summary: "Cochran-Mantel-Haenszel tests of tables in strata",
      example: "'employed ~ arm | unit' [--exact]",
      options: table + ["--correct", "--exact", "--alternative"], run: HypothesisTestRuns.cmh),
    Entry(
      name: "binom", summary: "exact test and limits of one proportion", example: "--x 36 --n 91 --p 0.3",
      options: ["--x", "--n", "--p", "--alternative", "--two-sided"], run: HypothesisTestRuns.binom),
    Entry(
      name: "proportions",
      summary: "two risks: difference, ratio, odds ratio, number needed to treat; or one risk",
      example:
        "--x 36,33 --n 91,96 --method newcombe, or 'employed ~ arm', 'employed ~ arm | unit' --data FILE",
      options: table + [
        "--x", "--n", "--method", "--ratio-method", "--odds-ratio-method", "--risk-method", "--correct",
      ], run: ProportionsReport.run),
    Entry(
      name: "power", summary: "sample size, power or detectable difference: give two, get the third",
      example: "--design proportions --p1 0.35 --p2 0.55 --power 0.9",
      options: [
        "--design", "--p1", "--p2", "--delta", "--sd", "--hr", "--events", "--n", "--power", "--alpha",
        "--sided", "--ratio", "--dropout", "--event-share", "--paired", "--variance",
      ], run: PowerReport.run),
    Entry(
      name: "ci-check", summary: "does a published estimate agree with its own limits, and with the counts",
      example: "--estimate 1.28 --low 0.70 --high 2.35 [--scale difference] [--x 36,33 --n 91,96]",
      options: ["--estimate", "--low", "--high", "--scale", "--x", "--n"], run: PublishedReport.interval),
    Entry(
      name: "counts", summary: "the counts that a published percentage can stand for",
      example: "--percent 39.6 --n 91", options: ["--percent", "--n"], run: PublishedReport.counts),
  ]

  private static let data = ["--where"]
  private static let table = ["--where", "--weights"]
}

extension HypothesisTestCatalogue.Entry {
  /// Runs the test.
  ///
  /// - Throws: `FitRequestError` for an option without meaning here or a request that cannot be carried out,
  ///   `FormulaError`, or `HypothesisTestError` where the data leave nothing to test.
  public func report(_ request: HypothesisTestRequest) throws -> HypothesisTestReport {
    for option in request.options.given where !options.contains(option) {
      throw FitRequestError.optionWithoutMeaning(option: option, model: "the test \(name)")
    }
    var report = try report(request, under: request.options.conventions)
    if let other = request.options.alsoConventions {
      let second = try self.report(request, under: other)
      report.comparison = ConventionComparison(
        report.json, other: second.json, profile: other, conventions: second.conventions)
    }
    return report
  }

  private func report(
    _ request: HypothesisTestRequest, under profile: ConventionProfile?
  ) throws -> HypothesisTestReport {
    guard let profile else { return try run(request) }
    var report = try run(request.following(profile, test: name))
    report.conventions.insert(("profile", profile.rawValue), at: 0)
    return report
  }
}
