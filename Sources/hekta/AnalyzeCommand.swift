import ArgumentParser
import Glibc
import Reruns
import Serialisation
import TrialAnalysis
import TrialData

/// `hekta analyze DIR --out OUT`: carries a plan out and writes its report.
struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Carries out the plan of a trial: report, tables, figures and every number with its origin.",
    discussion: """
      DIR holds plan.yml, codebook.yml and the CSV files. OUT is made whole or not at all: report.html, tables/, \
      figures/, results.json, results.sqlite and run.json, the only file that differs between two runs. With --store \
      the plan, codebook and files are those of a vintage that hekta import kept; the numbers are the same.

      Examples:
        hekta analyze Fixtures/help --out report
        hekta analyze --store trial.sqlite --vintage 2024 --out report
      """)

  @Argument(help: ArgumentHelp("The folder of the trial.", valueName: "dir"))
  var directory: String?

  @Option(help: ArgumentHelp("The store to take the trial from, in place of DIR.", valueName: "file"))
  var store: String?

  @Option(help: ArgumentHelp("The store's vintage (the newest).", valueName: "name"))
  var vintage: String?

  @Option(help: ArgumentHelp("The plan (DIR/plan.yml, or the vintage's).", valueName: "file"))
  var plan: String?

  @Option(help: ArgumentHelp("The folder of the CSV files (DIR).", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"))
  var out: String

  @Option(help: ArgumentHelp("The report's language, en or nb (the plan's).", valueName: "language"))
  var lang: Language?

  @Option(help: ArgumentHelp("How many analyses run at a time (one a core).", valueName: "number"))
  var jobs: Int?

  @Flag(help: "End with exit code 3 where a check of the randomisation or the data fails.")
  var strict = false

  @Option(help: ArgumentHelp("A seed in place of the plan's.", valueName: "number"))
  var seed: Int?

  @Flag(help: "Replace OUT if it exists.")
  var force = false

  @Flag(
    help: """
      Write what a repository keeps for hekta verify: results.json, tables as CSV and JSON, figures, and a run.json \
      without times and machine.
      """)
  var compact = false

  func validate() throws {
    guard (directory == nil) != (store == nil) else {
      throw ValidationError("expected DIR or --store FILE\(directory == nil ? "" : ", not both")")
    }
    if vintage != nil, store == nil { throw ValidationError("--vintage needs --store") }
    if data != nil, store != nil { throw ValidationError("--data and --store exclude each other") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs: found \(jobs), expected a number from 1") }
    if let seed, seed < 0 { throw ValidationError("--seed: found \(seed), expected a number from 0") }
  }

  func run() throws {
    var clock = RunClock()
    if let directory { try Terminal.requireFolder(directory) }
    let run: TrialRun
    do {
      let output = try OutputDirectory(out, replacing: force)
      let ingredients = try ingredients()
      clock.mark("plan")
      run = try TrialRun.carryOut(ingredients, jobs: jobs ?? RunRecord.cores) { done, count, id in
        Terminal.progress("[\(done)/\(count)] \(id)")
      }
      clock.mark("data and analyses")
      Terminal.progress("writing \(out)")
      let record = RunRecord(run, arguments: arguments, clock: compact ? nil : clock)
      try run.write(to: output, record: record, extent: compact ? .compact : .whole)
      try output.commit()
      Terminal.progress("")
    } catch {
      Terminal.progress("")
      throw error
    }
    tell(run.outcome)
    try judge(run.outcome)
  }

  private func ingredients() throws -> RunIngredients {
    if let store {
      return try RunIngredients(
        VintageName(store: store, name: vintage), plan: plan, seed: seed, language: lang)
    }
    return try RunIngredients(directory: directory!, plan: plan, data: data, seed: seed, language: lang)
  }

  /// The command's arguments for `run.json`.
  private var arguments: [JSONValue.Member] {
    [
      .init("command", "analyze"), .init("dir", .string(directory)), .init("store", .string(store)),
      .init("vintage", .string(vintage)), .init("plan", .string(plan)),
      .init("data", .string(data)), .init("lang", .string(lang?.rawValue)), .init("strict", .bool(strict)),
      .init("seed", seed.map { .integer($0) } ?? .null),
    ] + (compact ? [] : [.init("out", .string(out)), .init("jobs", jobs.map { .integer($0) } ?? .null)])
  }

  /// What the reader must know beside the numbers, on standard error.
  private func tell(_ outcome: PlanRunner.Outcome) {
    for warning in outcome.run.warnings { Terminal.note("warning: \(warning)") }
    for analysis in outcome.run.analyses {
      for warning in analysis.warnings { Terminal.note("warning: \(analysis.id): \(warning)") }
    }
    for check in outcome.failedChecks { Terminal.note("\(strict ? "failed" : "warning"): \(check)") }
    if Terminal.isInteractive { Terminal.note(compact ? out : "\(out)/report.html") }
  }

  /// Ends with the contract's exit code; the report is there to be read in any case.
  private func judge(_ outcome: PlanRunner.Outcome) throws {
    if strict, !outcome.failedChecks.isEmpty { throw ExitCode.checkFailed }
    if !outcome.withoutFit.isEmpty {
      throw CommandFailure(
        .noUsableFit,
        "no usable fit of \(outcome.withoutFit.joined(separator: ", ")), which the plan requires")
    }
  }
}

extension Language: ExpressibleByArgument {}
