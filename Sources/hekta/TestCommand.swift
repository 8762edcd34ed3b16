import ArgumentParser
import HypothesisTests
import ModelFitting
import ModelFormula

/// `hekta test TEST ['FORMULA'] [--data FILE.csv]`: one test on one file, or on counts.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract:
      "Runs one hypothesis test, compares two proportions, plans a sample size or checks a published interval.",
    discussion: """
      Examples:
        hekta test t 'hours ~ arm' --data trial.csv
        hekta test proportions --x 36,33 --n 91,96 --method newcombe
        hekta test power --design proportions --p1 0.15 --p2 0.35 --power 0.9 --dropout 0.1

      Tests:
      \(HypothesisTestCatalogue.entries.map { "  \($0.name): \($0.summary)\n      \($0.example)" }.joined(separator: "\n"))
      """)

  @Argument(help: ArgumentHelp("The test.", valueName: "test"))
  var test: String

  @Argument(help: ArgumentHelp("The formula, where the test reads a table.", valueName: "formula"))
  var formula: String?

  @Option(help: ArgumentHelp("The CSV file.", valueName: "file"))
  var data: String?

  @OptionGroup(title: "Data") var reading: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Conventions") var profile: ConventionOptions
  @OptionGroup(title: "Tests") var testing: TestingOptions
  @OptionGroup(title: "Power") var planning: PowerOptions
  @OptionGroup(title: "Published numbers") var published: PublishedOptions

  func run() throws {
    let entry = try usage { try HypothesisTestCatalogue.entry(test) }
    var options = HypothesisTestOptions()
    options.confidenceLevel = output.confidenceLevel
    options.filter = reading.filter
    options.conventions = profile.conventions
    options.alsoConventions = profile.also
    try testing.apply(to: &options)
    planning.apply(to: &options)
    published.apply(to: &options)
    guard (formula == nil) == (data == nil) else {
      throw CommandFailure(
        .usage,
        formula == nil
          ? "--data needs a formula, such as \(entry.example)" : "a formula needs --data FILE.csv")
    }
    var request = HypothesisTestRequest(formula: formula, options: options)
    if let data, let formula {
      let columns = DataLoading.columns(
        formulas: [formula], conditions: [reading.filter].compactMap { $0 }, names: [testing.weights])
      request.data = try DataLoading.table(at: data, reading: reading, columns: columns)
    }
    let report = try DataLoading.reportingProblems(in: data ?? "", of: request.data ?? DataFrame([])) {
      do {
        return try entry.report(request)
      } catch let error as HypothesisTestError {
        if case .argument = error { throw CommandFailure(.usage, error.description) }
        throw CommandFailure(
          data == nil ? .usage : .badData, (data.map { $0 + ": " } ?? "") + error.description)
      }
    }
    let text =
      switch output.format {
      case .text: report.text
      case .json: report.json.text(indented: true)
      case .csv: report.csv
      case .markdown: report.markdown
      }
    try Output.write(text, to: output.out)
    for warning in report.warnings { Terminal.note("warning: \(warning)") }
  }
}
