import Inference
import Serialisation
import TrialAnalysis
import TrialData
import TrialReport

/// Carries one cell of a batch out and leaves its folder behind, whatever happens to the analysis.
enum CellRun {
  /// Runs a cell.
  ///
  /// A plan that does not fit the data and every other fault of the inputs is the cell's result, with its reason.
  ///
  /// - Throws: `OutputError` where the cell's folder cannot be written: a fault of the place, not of the cell.
  static func run(_ cell: BatchDirectory.Cell, in directory: BatchDirectory) throws {
    if let fault = cell.fault {
      return try fail(cell, in: directory, reason: fault)
    }
    let run: AnalysisRun
    do {
      let plan = try PlanRunner.plan(path: directory.planPath(cell))
      run = try PlanRunner(plan: plan, dataDirectory: cell.dataDirectory).run(codebook: cell.codebook).run
    } catch let error as OutputError {
      throw error
    } catch {
      return try fail(cell, in: directory, reason: withoutPaths("\(error)", cell, directory))
    }
    let output = try OutputDirectory(directory.cellPath(cell), replacing: true, tidying: false)
    let results = run.resultsJSON()
    try output.write(results.text(indented: true), to: "results.json")
    try ResultStore.write(results, to: output.path(for: "results.sqlite"))
    try output.write(outcome(of: run, cell).json.text(indented: true) + "\n", to: "cell.json")
    try output.commit()
  }

  /// Records that a cell has no results.
  static func fail(_ cell: BatchDirectory.Cell, in directory: BatchDirectory, reason: String) throws {
    let output = try OutputDirectory(directory.cellPath(cell), replacing: true, tidying: false)
    let outcome = CellOutcome(hash: cell.hash, status: CellOutcome.failed, reason: reason)
    try output.write(outcome.json.text(indented: true) + "\n", to: "cell.json")
    try output.commit()
  }

  private static func outcome(of run: AnalysisRun, _ cell: BatchDirectory.Cell) -> CellOutcome {
    let analyses = run.analyses.map {
      CellOutcome.Analysis(id: $0.id, status: $0.status.rawValue, failure: $0.failure)
    }
    let order: [FitStatus] = [.ok, .boundary, .singular, .separated, .notConverged]
    let worst = run.analyses.compactMap { order.firstIndex(of: $0.status) }.max() ?? 0
    let reasons = run.analyses.compactMap { analysis in
      reasonWithoutFit(analysis).map { "\(analysis.id): \($0)" }
    }
    // A cell without one number to read has failed, however orderly: nobody looks for it among the others' statuses.
    let isFailure = !run.analyses.isEmpty && reasons.count == run.analyses.count
    return CellOutcome(
      hash: cell.hash, status: isFailure ? CellOutcome.failed : order[worst].rawValue,
      reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "), analyses: analyses)
  }

  /// Why an analysis has no number that may be read as usual; nil where it has one.
  private static func reasonWithoutFit(_ analysis: CompletedAnalysis) -> String? {
    if let failure = analysis.failure { return failure }
    if analysis.results.contains(where: \.status.isUsable) { return nil }
    let warning = analysis.results.lazy.flatMap(\.warnings).first
    let words = warning ?? "no usable fit (\(analysis.status.rawValue))"
    return words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// A message without this machine's folders: they belong to no result.
  private static func withoutPaths(
    _ message: String, _ cell: BatchDirectory.Cell, _ directory: BatchDirectory
  ) -> String {
    var message = message
    for path in [cell.dataDirectory, directory.path] where !path.isEmpty {
      let prefix = path.hasSuffix("/") ? path : path + "/"
      message = message.split(separator: prefix, omittingEmptySubsequences: false).joined()
    }
    return message
  }
}
