import ArgumentParser
import Glibc
import Reruns
import TrialAnalysis
import TrialData

/// `hekta verify PUBLISHED_DIR`: reruns what was published and names every number that changed.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reruns a published plan and compares every record, table and figure with what was published.",
    discussion: """
      PUBLISHED_DIR is a folder that hekta analyze wrote (--compact for one to keep in a repository). Numbers count as \
      the same where they print alike, or by the tolerance that the plan's key 'verify' gives their kind. Each \
      difference is printed as table:row:column old → new; any ends with exit code 5.

      Example:
        hekta verify Fixtures/published/help --data Fixtures/help
      """)

  @Argument(help: ArgumentHelp("The folder of the published results.", valueName: "published-dir"))
  var directory: String

  @Option(help: ArgumentHelp("The folder of the CSV files (where the run had them).", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("A plan in place of the published copy.", valueName: "file"))
  var plan: String?

  @Option(help: ArgumentHelp("A codebook in place of the published copy.", valueName: "file"))
  var codebook: String?

  @Flag(help: "Demand every bit of every record.")
  var exact = false

  @Flag(help: "Write annotations for GitHub Actions, and a Markdown summary to $GITHUB_STEP_SUMMARY.")
  var github = false

  @Option(help: ArgumentHelp("How many analyses run at a time (one a core).", valueName: "number"))
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: found \(jobs), expected a number from 1") }
  }

  func run() throws {
    let folder = try RunFolder(path: directory)
    guard let place = folder.expectedDataPlace(given: data) else {
      let files = folder.inputs.map(\.file).joined(separator: ", ")
      throw CommandFailure(
        .noInput,
        "\(data ?? directory): no data files of the published run (\(files)); --data names their folder")
    }
    var ingredients = folder.ingredients(data: place)
    if let plan { ingredients.plan = try RunDocument(path: plan) }
    if let codebook { ingredients.codebook = try RunDocument(path: codebook) }
    let run = try TrialRun.carryOut(ingredients, jobs: jobs ?? RunRecord.cores) { done, count, id in
      Terminal.progress("[\(done)/\(count)] \(id)")
    }
    Terminal.progress("")
    var verification = try Verification(folder, against: run, isExact: exact)
    if plan == nil, case .folder(let trial) = place { verification.noteTrialPlan(in: trial) }
    Terminal.print(github ? verification.annotations : verification.text)
    if !github { for note in verification.notes { Terminal.note(note) } }
    Terminal.note(verification.verdict)
    if github { try summarise(verification) }
    if !verification.agrees { throw ExitCode.resultsDiffer }
  }

  /// Adds the summary to the file that the workflow names; without one it goes to standard error.
  private func summarise(_ verification: Verification) throws {
    guard let variable = getenv("GITHUB_STEP_SUMMARY"), variable.pointee != 0 else {
      Terminal.note(verification.markdown)
      return
    }
    let path = String(cString: variable)
    guard let file = fopen(path, "a") else {
      throw CommandFailure(.cannotCreate, "\(path): \(String(cString: strerror(errno)))")
    }
    fputs(verification.markdown, file)
    guard fclose(file) == 0 else { throw CommandFailure(.writeError, "\(path): cannot be written to") }
  }
}
