import ArgumentParser
import Glibc
import ModelFitting
import Reruns
import TrialAnalysis
import TrialData

/// `hekta import DIR --store FILE`: keeps a state of a trial's files in a store.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Checks a trial's files and keeps them, as read and as values, as a vintage of a store.",
    discussion: """
      The store is one SQLite file that its owner alone may read. Each import adds a vintage and changes none; the same files, \
      codebook and plan a second time add nothing. Columns that the codebook does not declare are not kept. An import that is \
      stopped at any moment leaves the store as it was; a second one waits for the first.

      Examples:
        hekta import extract-2024 --store trial.sqlite --vintage 2024
        hekta analyze --store trial.sqlite --vintage 2024 --out report
      """)

  @Argument(help: ArgumentHelp("The folder of the trial.", valueName: "dir"))
  var directory: String

  @Option(help: ArgumentHelp("The store; made where it is not there.", valueName: "file"))
  var store: String

  @Option(help: ArgumentHelp("The vintage's name (its number).", valueName: "name"))
  var vintage: String?

  @Option(
    help: ArgumentHelp(
      "The plan to keep with the files (DIR/plan.yml, where there is one).", valueName: "file"))
  var plan: String?

  @Option(help: ArgumentHelp("The codebook (the plan's, or DIR/codebook.yml).", valueName: "file"))
  var codebook: String?

  @Option(help: ArgumentHelp("The folder of the CSV files (DIR).", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("How long to wait for another import into the store.", valueName: "seconds"))
  var wait = 60.0

  @Flag(help: "Name the values that break a rule. They are persons' data.")
  var showValues = false

  func validate() throws {
    if let vintage {
      let isPlain = vintage.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || $0.properties.numericType != nil
            || "._-".unicodeScalars.contains($0))
      }
      guard isPlain, !vintage.isEmpty, vintage.utf8.count <= 100 else {
        throw ValidationError(
          "--vintage: found \"\(vintage)\", expected letters, digits, points, hyphens and underscores")
      }
    }
    guard (0...86_400).contains(wait) else {
      throw ValidationError("--wait: found \(wait), expected seconds from 0 to 86400")
    }
  }

  func run() throws {
    try Terminal.requireFolder(directory)
    let extract = try extract()
    let outcome = try TrialStore(forImport: store, wait: wait).add(
      extract, named: vintage, at: RunClock().startText, software: Software.version)
    for warning in extract.dataset.warnings.lines { Terminal.note("warning: \(warning)") }
    switch outcome {
    case .added(let name):
      Terminal.print("\(store): vintage \(name) added\n")
      for file in extract.dataset.files {
        Terminal.print(
          "  \(file.provenance.file): \(file.provenance.rows) rows, sha256 \(file.provenance.sha256)\n")
      }
    case .alreadyThere(let name):
      Terminal.print("\(store): nothing added; vintage \(name) holds the same files, codebook and plan\n")
    case .nameTaken(let name):
      throw CommandFailure(
        .usage, "\(store): vintage \"\(name)\" is there with other contents; choose another --vintage")
    }
  }

  private func extract() throws -> TrialExtract {
    let planDocument = try planDocument()
    // A plan that cannot be read back is refused now.
    let written = try planDocument.map { try PlanRunner.plan(text: $0.text, file: $0.name) }
    let codebookName = written?.codebook?.value ?? PlanRunner.defaultCodebook
    let path = codebook ?? directory.appending(path: codebookName)
    let text = try TextFile(path: path).text
    let dataset = try TrialDataset.load(
      directory: data ?? directory, codebook: Codebook(yaml: text, file: path), showValues: showValues,
      keepingRaw: true)
    if let written { try PlanRunner(plan: written, dataDirectory: data ?? directory).check(dataset) }
    return TrialExtract(
      dataset: dataset, codebook: TrialExtract.Document(name: codebookName, text: text), plan: planDocument)
  }

  private func planDocument() throws -> TrialExtract.Document? {
    let path = plan ?? directory.appending(path: "plan.yml")
    if plan == nil, access(path, F_OK) != 0 { return nil }
    return TrialExtract.Document(
      name: path.split(separator: "/").last.map(String.init) ?? path, text: try TextFile(path: path).text)
  }
}
