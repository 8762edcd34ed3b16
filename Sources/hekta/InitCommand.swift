import ArgumentParser
import Glibc
import TrialData
import TrialSimulation

/// `hekta init DIR`: a commented plan and codebook to start from.
struct InitCommand: ParsableCommand {
  /// The templates there are.
  enum Trial: String, ExpressibleByArgument, CaseIterable { case hekta, blank }

  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented plan and codebook to start from.",
    discussion: """
      Examples:
        hekta init my-trial --trial blank
        hekta init demo                      # the plan of an employment trial

      Other files of the folder are left alone.
      """)

  @Argument(help: ArgumentHelp("The folder; made where it is not there.", valueName: "dir"))
  var directory: String

  @Option(help: "The trial whose plan is the template.")
  var trial = Trial.hekta

  @Flag(help: "Replace plan.yml and codebook.yml if they exist.")
  var force = false

  func run() throws {
    let files =
      switch trial {
      case .hekta: [("plan.yml", TrialTemplate.plan), ("codebook.yml", TrialTemplate.codebook)]
      case .blank: [("plan.yml", TrialTemplate.blankPlan), ("codebook.yml", TrialTemplate.blankCodebook)]
      }
    try AtomicOutput.makeDirectory(directory)
    let base = directory.hasSuffix("/") ? directory : directory + "/"
    if !force {
      for (name, _) in files where access(base + name, F_OK) == 0 {
        throw CommandFailure(.cannotCreate, "\(base)\(name): the file exists (--force replaces it)")
      }
    }
    for (name, text) in files { try AtomicOutput.write(text, to: base + name) }
  }
}
