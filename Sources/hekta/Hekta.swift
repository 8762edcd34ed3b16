import ArgumentParser
import LinearAlgebra
import ModelFitting
import TrialData

/// The root command: `hekta SUBCOMMAND …`.
@main
struct Hekta: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hekta",
    abstract:
      "Analyses a randomised trial: from CSV exports and a written plan to checked, reproducible tables and figures.",
    discussion: """
      Exit codes: 0 ok · 3 a check failed under --strict · 4 a required model has no usable fit · 5 results differ \
      from the reference · 6 the disclosure gate is closed · 64 usage · 65 bad data, codebook or plan · 66 no such \
      input · 70 internal error · 73/74 cannot write.
      """,
    version: Software.version,
    subcommands: [
      AnalyzeCommand.self,
      VerifyCommand.self,
      DiffCommand.self,
      WhyCommand.self,
      InitCommand.self,
      SimulateCommand.self,
      RandomisationCommand.self,
      FitCommand.self,
      TestCommand.self,
      DescribeCommand.self,
      DeriveCommand.self,
      InspectCommand.self,
      CheckCommand.self,
      ImportCommand.self,
      VintagesCommand.self,
      BatchCommand.self,
      PowerCommand.self,
    ])

  static func main() {
    // In this order: OpenBLAS starts its threads anew where their number is set after they have ended.
    BLASThreads.useOne()
    BLASThreads.endIdle()
    do {
      var command = try parseAsRoot(CommandLineArguments.completed(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch let failure as CommandFailure {
      Terminal.error(failure.message)
      exit(withError: failure.code)
    } catch let error as DataError {
      Terminal.error(error.description)
      exit(withError: ExitCode(error.exitCode))
    } catch let error as OutputError {
      Terminal.error(error.description)
      exit(withError: ExitCode(error.exitCode))
    } catch {
      // What the parser of arguments throws has a code of its own; anything else nobody has foreseen.
      guard exitCode(for: error) == .failure else { exit(withError: error) }
      Terminal.error("internal error: \(error)")
      exit(withError: ExitCode.internalError)
    }
  }
}
