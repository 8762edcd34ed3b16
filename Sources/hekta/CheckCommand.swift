import ArgumentParser
import Glibc
import Reruns
import TrialAnalysis
import TrialData

/// `hekta check DIR`: holds the files against the codebook, and the plan against its own rules, without analysing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks a trial's files against their codebook, and the plan, without analysing.",
    discussion: """
      Every violation of every file is named in one run by file, line, column and rule; values only with --show-values. \
      Exit codes: 0 ok · 3 warnings under --strict · 65 violations · 66 a file is not there.
      """)

  @Argument(help: ArgumentHelp("The folder of the trial.", valueName: "dir"))
  var directory: String

  @Option(help: ArgumentHelp("The codebook (the plan's, or DIR/codebook.yml).", valueName: "file"))
  var codebook: String?

  @Option(help: ArgumentHelp("The folder of the CSV files (DIR).", valueName: "dir"))
  var data: String?

  @Flag(help: "End with exit code 3 where there are warnings.")
  var strict = false

  @Flag(help: "Name the values that break a rule. They are persons' data.")
  var showValues = false

  func run() throws {
    try Terminal.requireFolder(directory)
    let (plan, dataset) = try load()
    // Whether spells end before they start, and whether the columns are there that analyses name, only the plan tells.
    if let plan { try PlanRunner(plan: plan, dataDirectory: data ?? directory).check(dataset) }
    for file in dataset.files {
      let provenance = file.provenance
      Terminal.print(
        "\(provenance.file): \(provenance.rows) rows, \(file.frame.names.count) columns, sha256 \(provenance.sha256)\n"
      )
    }
    for file in dataset.files { if let anonymity = Anonymity(file) { Terminal.print(anonymity.text + "\n") } }
    if strict, !dataset.warnings.isEmpty {
      let count = dataset.warnings.count
      throw CommandFailure(.checkFailed, "\(count) warning\(count == 1 ? "" : "s") under --strict")
    }
  }

  /// The plan, where the folder has one, and the files.
  ///
  /// - Throws: the faults of both together.
  private func load() throws -> (Plan?, TrialDataset) {
    var faults: DataError?
    var plan: Plan?
    if access(path("plan.yml"), F_OK) == 0 {
      do { plan = try PlanRunner.plan(path: path("plan.yml")) } catch let error as DataError {
        faults = error
      }
    }
    let named = plan?.codebook?.value ?? PlanRunner.defaultCodebook
    do {
      let book = try Codebook(path: codebook ?? path(named))
      let dataset = try TrialDataset.load(
        directory: data ?? directory, codebook: book, showValues: showValues)
      for warning in dataset.warnings { Terminal.note("warning: \(warning)") }
      if let faults { throw faults }
      return (plan, dataset)
    } catch let error as DataError {
      for warning in error.warnings { Terminal.note("warning: \(warning)") }
      guard let faults, faults != error else { throw error }
      throw DataError(
        faults.problems + error.problems, kind: error.kind, omitted: faults.omitted + error.omitted)
    }
  }

  private func path(_ name: String) -> String { directory.appending(path: name) }
}
