import ArgumentParser
import TrialData

/// `hekta derive …`: from raw exports to analysis variables.
struct DeriveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "derive", abstract: "Makes analysis variables from raw exports.",
    subcommands: [DeriveEmploymentCommand.self, DeriveScoresCommand.self])
}

/// Where tables with one row a person go: standard output, or a file that its owner alone may read.
enum PersonLevelOutput {
  static func write(_ bytes: [UInt8], to path: String?) throws {
    guard let path else {
      Terminal.print(bytes)
      return
    }
    try Output.requireNoInput(path)
    try AtomicOutput.write(bytes, to: path)
  }
}

/// `hekta derive scores`: a file with the scores of its codebook's scales.
struct DeriveScoresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scores",
    abstract: "Adds the scores of a codebook's scales to a file.",
    discussion: """
      A scale is described in the codebook under its file: an instrument (\
      \(Instrument.allCases.map(\.rawValue).joined(separator: ", "))) with its item columns, or score, items, range, \
      reversed, minimum-answered, bands and cut-offs. The file's own columns come out as written, then for each scale the \
      score, the number of answered items, the band, the cut-offs and the sums of its parts (IPS-25: staffing, \
      organisation, services).
      """)

  @Option(help: ArgumentHelp("The CSV file.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The codebook that describes it.", valueName: "file"))
  var codebook: String

  @Flag(help: "Name the values that the codebook does not allow. They are persons' data.")
  var showValues = false

  @Option(help: "The form of the table.")
  var format = DeriveEmploymentCommand.Format.csv

  @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var out: String?

  func run() throws {
    let table = try ScoreTable(path: data, codebook: Codebook(path: codebook), showValues: showValues)
    try PersonLevelOutput.write(
      format == .csv ? table.csv : Array(table.json.text(indented: true).utf8), to: out)
    for warning in table.warnings.lines { Terminal.note("warning: \(warning)") }
  }
}
