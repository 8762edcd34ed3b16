import ArgumentParser
import Glibc
import Reruns
import TrialAnalysis
import TrialData
import TrialReport

/// `hekta vintages OLD NEW`: which participants' rows and outcomes differ between two states of a trial's files.
struct VintagesCommand: ParsableCommand {
  /// The forms of the comparison.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "vintages",
    abstract: "Says which participants' spells and outcomes changed between two extracts.",
    discussion: """
      OLD and NEW are each a folder, a store (its newest vintage) or STORE@VINTAGE; with --store they are names of vintages of \
      that store, and without them its vintages are listed. Each state is derived by its own plan unless --plan gives one for \
      both. Participants are named by their key; values only with --show-values.

      Examples:
        hekta vintages extract-2024 extract-2025
        hekta vintages 2024 2025 --store trial.sqlite

      Exit codes, as of a diff tool: 0 no participant differs · 5 some differ · 64 usage · 65 bad data · 66 no such input.
      """)

  @Argument(help: ArgumentHelp("The old state, then the new one.", valueName: "state"))
  var states: [String] = []

  @Option(help: ArgumentHelp("The store whose vintages are named.", valueName: "file"))
  var store: String?

  @Option(help: ArgumentHelp("The plan for both states (each one's own).", valueName: "file"))
  var plan: String?

  @Flag(help: "Name the values that differ. They are persons' data.")
  var showValues = false

  @Option(help: "The form of the comparison.")
  var format = Format.text

  @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var out: String?

  func validate() throws {
    guard states.count == 2 || (states.isEmpty && store != nil) else {
      throw ValidationError(
        "found \(states.count) states, expected OLD and NEW, or --store alone to list its vintages")
    }
  }

  func run() throws {
    if states.isEmpty, let store {
      try list(store)
      return
    }
    let names = states.map { state in store.map { "\($0)@\(state)" } ?? state }
    let prepared = try names.map { try Self.ingredients($0, plan: plan).prepare() }
    let comparison = VintageComparison(old: prepared[0], new: prepared[1])
    let view = VintageView(comparison, old: names[0], new: names[1], showsValues: showValues)
    try PersonLevelOutput.write(
      Array((format == .text ? view.text : view.json.text(indented: true)).utf8), to: out)
    if comparison.differs { throw ExitCode.resultsDiffer }
  }

  /// What a text names: a folder or a store that is there, or a store and a vintage behind an `@`.
  private static func ingredients(_ text: String, plan: String?) throws -> RunIngredients {
    var status = stat()
    if stat(text, &status) == 0 {
      return status.st_mode & S_IFMT == S_IFDIR
        ? try RunIngredients(directory: text, plan: plan)
        : try RunIngredients(VintageName(store: text), plan: plan)
    }
    guard let mark = text.lastIndex(of: "@"), mark > text.startIndex else {
      throw CommandFailure(.noInput, "\(text): no such folder or store")
    }
    return try RunIngredients(
      VintageName(store: String(text[..<mark]), name: String(text[text.index(after: mark)...])), plan: plan)
  }

  private func list(_ path: String) throws {
    let vintages = try TrialStore(existing: path).vintages()
    switch format {
    case .text:
      let lines = vintages.map { vintage in
        "\(vintage.name)  imported \(vintage.imported)\n"
          + vintage.files.map { "  \($0.file): \($0.rows) rows, sha256 \($0.sha256)\n" }.joined()
      }
      try Output.write(lines.joined(), to: out)
    case .json: try Output.write(VintageList(vintages).json.text(indented: true), to: out)
    }
  }
}
