import ArgumentParser
import Reruns

/// `hekta diff RUN_A RUN_B`: every changed number with its cause.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two runs: every changed record, cell and figure with its cause.",
    discussion: """
      RUN_A and RUN_B are folders that hekta analyze wrote. Where the data of both are at hand, causes are found by \
      reruns in which one ingredient at a time is replaced: a data file, the codebook, a key of the plan, the seed; else \
      by hashes. What reruns do not explain comes from the software's version, the platform or BLAS. Changed rows of data \
      are named by key, line and column, never by value. Nothing is printed where nothing changed; a change ends with \
      exit code 5.

      Example:
        hekta diff report-january report-march
      """)

  /// The forms a difference can be printed in.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("The first run's folder.", valueName: "run-a"))
  var first: String

  @Argument(help: ArgumentHelp("The second run's folder.", valueName: "run-b"))
  var second: String

  @Option(help: ArgumentHelp("The data of the first run (where it had them).", valueName: "dir"))
  var dataA: String?

  @Option(help: ArgumentHelp("The data of the second run (where it had them).", valueName: "dir"))
  var dataB: String?

  @Flag(help: "Compare hashes alone; carry nothing out.")
  var noRerun = false

  @Option(help: "The form of the result.")
  var format = Format.text

  @Option(help: ArgumentHelp("How many analyses run at a time (one a core).", valueName: "number"))
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: found \(jobs), expected a number from 1") }
  }

  func run() throws {
    var options = RunDifference.Options()
    options.oldData = dataA
    options.newData = dataB
    options.jobs = jobs ?? RunRecord.cores
    options.reruns = !noRerun
    options.progress = { Terminal.progress("rerun \($0)") }
    let difference = try RunDifference(RunFolder(path: first), RunFolder(path: second), options: options)
    Terminal.progress("")
    guard !difference.changes.isEmpty else { return }
    switch format {
    case .text: Terminal.print(difference.text)
    case .json: Terminal.print(difference.json.text(indented: true))
    }
    Terminal.note(difference.verdict)
    throw ExitCode.resultsDiffer
  }
}
