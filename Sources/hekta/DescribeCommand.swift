import ArgumentParser
import ModelFormula
import TrialAnalysis

/// `hekta describe VAR… --data FILE.csv [--by VAR]`: the numbers of a table of characteristics.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract:
      "Describes variables of one CSV file, by groups: counts, means, quantiles, standardised differences.",
    discussion: """
      Examples:
        hekta describe age substance --data help_baseline.csv --by treat
        hekta describe CES_D --data help_followup.csv --by TREAT,TIME --format json
      """)

  @Argument(help: ArgumentHelp("The variables.", valueName: "var"))
  var variables: [String]

  @Option(help: ArgumentHelp("The CSV file.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("Grouping variables, comma-separated.", valueName: "vars"))
  var by: String?

  @Option(help: ArgumentHelp("The type of quantiles: 2 (SAS), 6 (SPSS) or 7 (R).", valueName: "type"))
  var quantiles = SampleDescription.Quantiles.type7

  @OptionGroup(title: "Data") var reading: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let groups = by?.split(separator: ",").map { String($0).trimmingBlanks } ?? []
    let columns = DataLoading.columns(
      formulas: [], conditions: [reading.filter].compactMap { $0 }, names: variables + groups)
    var table = try DataLoading.table(at: data, reading: reading, columns: columns)
    let description = try DataLoading.reportingProblems(in: data, of: table) {
      if let filter = reading.filter {
        let truth = try table.truth(of: Expression(parsing: filter))
        table = table.selecting(rows: truth.indices.filter { truth[$0] == 1 })
      }
      return try SampleDescription(variables, of: table, by: groups, quantiles: quantiles)
    }
    let tables = [description.table, description.contrastTable].compactMap { $0 }
    let text =
      switch output.format {
      case .text: tables.map(\.plain).joined(separator: "\n")
      case .json: description.json.text(indented: true)
      case .csv: description.table.csv
      case .markdown: tables.map(\.markdown).joined(separator: "\n")
      }
    try Output.write(text, to: output.out)
  }
}

extension SampleDescription.Quantiles: ExpressibleByArgument {}
