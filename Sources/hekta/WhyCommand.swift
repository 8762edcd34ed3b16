import ArgumentParser
import Reruns
import Serialisation
import TrialData

/// `hekta why RUN ID|TABLE:ROW:COLUMN`: where a number comes from, and the command that gives it again.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract:
      "Tells where a number comes from: data, rows, filter, formula, method, and the command that refits it.",
    discussion: """
      RUN is a folder that hekta analyze wrote. A number is named by the id of its record (results.json) or by the cell \
      of a table that shows it; rows and columns go by name, by label or by number from 1 (#2 where a name is a number). Where the data are at hand, \
      the analysis is carried out once more, and --frame writes the table that it read (persons' data, for the owner \
      alone), so that the command line shown gives the same digits.

      Examples:
        hekta why report 'linkage-cox.crude/yes / no/armyes:hazard-ratio'
        hekta why report 'linkage-cox:Age, years:Adjusted: HR (95% CI)' --frame frame.csv
      """)

  /// The forms an origin can be printed in.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var directory: String

  @Argument(help: ArgumentHelp("A record's id, or TABLE:ROW:COLUMN.", valueName: "number"))
  var reference: String

  @Option(help: ArgumentHelp("The folder of the CSV files (where the run had them).", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("Write the table that the refitting command reads.", valueName: "file"))
  var frame: String?

  @Option(help: "The form of the result.")
  var format = Format.text

  func run() throws {
    let folder = try RunFolder(path: directory)
    let origins: [NumberOrigin]
    do {
      origins = try NumberOrigin.trace(reference, in: folder, data: data)
    } catch let error as ReferenceError {
      throw CommandFailure(.usage, error.description)
    }
    if let frame {
      let tables = origins.compactMap { $0.refit?.frame }
      guard let table = tables.first else {
        throw CommandFailure(
          .usage,
          origins.allSatisfy { $0.origin == nil }
            ? "--frame: the data of the run are not at hand (--data names their folder)"
            : "--frame: the command that gives this number again takes counts, or there is none; see hekta why without it"
        )
      }
      guard tables.allSatisfy({ $0 == table }) else {
        throw CommandFailure(
          .usage, "--frame: the cell's numbers come from several tables; name one of its records")
      }
      try AtomicOutput.write(table, to: frame)
    }
    let name = frame ?? "frame.csv"
    switch format {
    case .text: Terminal.print(origins.map { $0.text(frame: name) }.joined(separator: "\n"))
    case .json: Terminal.print(JSONValue.array(origins.map { $0.json(frame: name) }).text(indented: true))
    }
  }
}
