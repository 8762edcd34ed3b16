import ArgumentParser
import Glibc
import TrialData
import TrialSimulation

/// `hekta simulate DIR --trial hekta --seed N`: a whole anonymised export of a simulated trial, with its plan and codebook.
struct SimulateCommand: ParsableCommand {
  /// The trials that can be simulated.
  enum Trial: String, ExpressibleByArgument, CaseIterable { case hekta }

  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Writes the CSV export of a simulated trial with its plan and codebook.",
    discussion: """
      Example:
        hekta simulate demo --trial hekta --seed 1 && hekta analyze demo --out report

      The same seed gives the same bytes. No row describes a person.
      """)

  @Argument(help: ArgumentHelp("The folder to make.", valueName: "dir"))
  var directory: String

  @Option(help: "The trial whose shape the export has.")
  var trial = Trial.hekta

  @Option(help: ArgumentHelp("The seed.", valueName: "number"))
  var seed: UInt64 = 20_200_301

  @Option(
    name: .customLong("n"), help: ArgumentHelp("The number of participants randomised.", valueName: "number"))
  var participants = 202

  @Flag(help: "Replace the folder if it exists.")
  var force = false

  func validate() throws {
    guard (2...1_000_000).contains(participants) else {
      throw ValidationError("--n: found \(participants), expected a number from 2 to 1000000")
    }
  }

  func run() throws {
    var model = EmploymentTrialModel()
    model.participants = participants
    let export = SimulatedExport(model, seed: seed)
    let files =
      export.files + [("plan.yml", TrialTemplate.plan), ("codebook.yml", TrialTemplate.codebook)]
    do throws(OutputError) {
      let output = try OutputDirectory(directory, replacing: force)
      for (name, text) in files { try output.write(text, to: name) }
      try output.commit()
    } catch {
      throw CommandFailure(ExitCode(error.exitCode), error.description)
    }
    Terminal.note(
      "\(directory): \(participants) simulated participants (seed \(seed)); analyse them with hekta analyze \(directory) --out report"
    )
  }
}
