import Serialisation
import TrialAnalysis
import TrialData
import TrialReport

/// One plan carried out on one set of data: what `hekta analyze` writes, what a batch repeats, what `verify` and `diff`
/// compare.
///
///     let run = try TrialRun.carryOut(RunIngredients(directory: "Fixtures/help"))
///     run.outcome.run.results          // every record
public struct TrialRun: Sendable {
  public let ingredients: RunIngredients
  /// The records, and what decides the exit code.
  public let outcome: PlanRunner.Outcome

  /// Carries the plan of the ingredients out.
  ///
  /// - Parameters:
  ///   - jobs: how many analyses run at a time; it changes no number.
  ///   - progress: told of each analysis that is done: how many are, of how many, and its id.
  /// - Throws: `DataError` for a plan, a codebook or data with faults. An analysis that the data give no answer to is no
  ///   error: its records say so.
  public static func carryOut(
    _ ingredients: RunIngredients, jobs: Int = 1, progress: (@Sendable (Int, Int, String) -> Void)? = nil
  ) throws -> TrialRun {
    let plan = try PlanRunner.plan(text: ingredients.plan.text, file: ingredients.plan.path)
    var outcome = try PlanRunner(plan: plan, dataDirectory: ingredients.dataDirectory).run(
      on: ingredients.prepare(),
      options: PlanRunner.Options(jobs: jobs, seed: ingredients.seed, progress: progress))
    if let language = ingredients.language { outcome.run.language = language }
    return TrialRun(ingredients: ingredients, outcome: outcome)
  }

  /// How much of a run is written.
  public enum Extent: Sendable {
    /// Every file of the contract.
    case whole
    /// What a repository keeps to compare later runs with: `results.json`, each table as CSV and JSON, the figures.
    case compact
  }

  /// Every file of the run but its record and its database, in a fixed order; computed before anything is written.
  ///
  /// The plan and the codebook are among them, so that a folder of results names all that it was made of but the data.
  public func files(_ extent: Extent = .whole) -> [ReportWriter.File] {
    let report = ReportWriter.files(outcome.run).filter { file in
      switch extent {
      case .whole: true
      case .compact: !file.path.hasSuffix(".html") && !file.path.hasSuffix(".md")
      }
    }
    return report + [
      ReportWriter.File(path: Self.planName, text: ingredients.plan.text),
      ReportWriter.File(path: codebookName, text: ingredients.codebook.text),
    ]
  }

  /// Writes the files of the run into an output that the caller commits, its record `run.json` among them.
  ///
  /// - Parameter record: what `run.json` says; see `RunRecord`.
  /// - Throws: `OutputError`; the place of the output is then untouched.
  public func write(
    to output: OutputDirectory, record: RunRecord, extent: Extent = .whole
  ) throws(OutputError) {
    for file in files(extent) { try output.write(file.text, to: file.path) }
    if extent == .whole {
      try ResultStore.write(outcome.run.resultsJSON(), to: output.path(for: "results.sqlite"))
    }
    try output.write(record.json.text(indented: true), to: RunRecord.fileName)
  }

  /// The name of the plan's copy.
  public static let planName = "plan.yml"

  /// The name of the codebook's copy: the plan's own name for it, so that the copies are themselves a folder to analyse.
  public var codebookName: String {
    let name = outcome.run.codebookFile
    let isInside = !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
    return isInside ? name : PlanRunner.defaultCodebook
  }
}
