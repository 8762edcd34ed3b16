import ArgumentParser
import Glibc
import Reruns
import Serialisation
import TrialAnalysis
import TrialData

/// `hekta check DIR`: holds the files against the codebook, and the plan against its own rules, without analysing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks a trial's files against their codebook, and the plan, without analysing.",
    discussion: """
      Every violation of every file is named in one run by file, line, column and rule; values only with --show-values. \
      Where one kind of violation fills pages, the first lines are followed by where the others are; --format json lists \
      each. Exit codes: 0 ok · 3 warnings under --strict · 65 violations · 66 a file is not there.
      """)

  @Argument(help: ArgumentHelp("The folder of the trial.", valueName: "dir"))
  var directory: String

  @Option(help: ArgumentHelp("The codebook (the plan's, or DIR/codebook.yml).", valueName: "file"))
  var codebook: String?

  @Option(help: ArgumentHelp("The folder of the CSV files (DIR).", valueName: "dir"))
  var data: String?

  @Option(help: "The form of the result; json lists every violation and warning by itself.")
  var format = Format.text

  @Flag(help: "End with exit code 3 where there are warnings.")
  var strict = false

  @Flag(help: "Name the values that break a rule. They are persons' data.")
  var showValues = false

  /// The forms of what was found.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  func run() throws {
    try Terminal.requireFolder(directory)
    do {
      let dataset = try checked()
      for warning in dataset.warnings.lines { Terminal.note("warning: \(warning)") }
      if format == .json {
        Terminal.print(json(dataset.files, [], warnings: dataset.warnings).text(indented: true))
      } else {
        tell(dataset)
      }
      if strict, !dataset.warnings.isEmpty {
        let count = dataset.warnings.count
        throw CommandFailure(.checkFailed, "\(count) warning\(count == 1 ? "" : "s") under --strict")
      }
    } catch let error as DataError {
      for warning in error.warnings.lines { Terminal.note("warning: \(warning)") }
      if format == .json {
        Terminal.print(
          json([], error.problems, warnings: error.warnings, omitted: error.omitted).text(indented: true))
      }
      throw error
    }
  }

  private func tell(_ dataset: TrialDataset) {
    for file in dataset.files {
      let provenance = file.provenance
      Terminal.print(
        "\(provenance.file): \(provenance.rows) rows, \(file.frame.names.count) columns, sha256 \(provenance.sha256)\n"
      )
    }
    for file in dataset.files { if let anonymity = Anonymity(file) { Terminal.print(anonymity.text + "\n") } }
  }

  /// `files`, each with its rows, columns, hash and anonymity, and `problems`, each with its severity; errors first.
  private func json(
    _ files: [TrialDataset.File], _ errors: [DataProblem], warnings: [DataProblem], omitted: Int = 0
  ) -> JSONValue {
    func record(_ problem: DataProblem, _ severity: String) -> JSONValue {
      .object([
        .init("severity", .string(severity)), .init("file", .string(problem.file)),
        .init("line", problem.line.map { .integer($0) } ?? .null), .init("column", .string(problem.column)),
        .init("rule", .string(problem.rule)), .init("found", .string(problem.found)),
        .init("expected", .string(problem.expected)),
      ])
    }
    let described = files.map { file -> JSONValue in
      let anonymity = Anonymity(file)
      return .object([
        .init("file", .string(file.provenance.file)), .init("rows", .integer(file.provenance.rows)),
        .init("columns", .integer(file.frame.names.count)), .init("sha256", .string(file.provenance.sha256)),
        .init("k", anonymity.map { .integer($0.smallest) } ?? .null),
      ])
    }
    return .object([
      .init("files", .array(described)),
      .init(
        "problems",
        .array(errors.map { record($0, "error") } + warnings.map { record($0, "warn") })),
      .init("omitted", .integer(omitted)),
    ])
  }

  /// The files, held against the codebook and the plan.
  private func checked() throws -> TrialDataset {
    let (plan, dataset) = try load()
    // Whether spells end before they start, and whether the columns are there that analyses name, only the plan tells.
    guard let plan else { return dataset }
    do {
      try PlanRunner(plan: plan, dataDirectory: data ?? directory).check(dataset)
      return dataset
    } catch let error as DataError { throw error.with(dataset.warnings) }
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
      if let faults { throw faults.with(dataset.warnings) }
      return (plan, dataset)
    } catch let error as DataError {
      guard let faults, faults.problems != error.problems else { throw error }
      throw DataError(
        faults.problems + error.problems, kind: error.kind, omitted: faults.omitted + error.omitted
      ).with(error.warnings)
    }
  }

  private func path(_ name: String) -> String { directory.appending(path: name) }
}

extension DataError {
  /// The same beside what deserves a second look.
  fileprivate func with(_ warnings: [DataProblem]) -> DataError {
    var error = self
    error.warnings = warnings
    return error
  }
}
