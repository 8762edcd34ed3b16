import ArgumentParser
import Glibc
import TrialData

/// `hekta inspect FILE…`: how files read without a codebook, and on what evidence.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Says how CSV files read and why: encoding, delimiter, and every column's type, marks and missing values.",
    discussion: """
      What can be read in several ways is shown with all of them, and the command ends with exit code 65. With --codebook a \
      codebook is drafted for a person to complete.
      """)

  @Argument(help: ArgumentHelp("The CSV files.", valueName: "file"))
  var files: [String]

  @Option(help: ArgumentHelp("Draft a codebook here.", valueName: "file"))
  var codebook: String?

  @Flag(help: "Replace the codebook if it exists.")
  var force = false

  func validate() throws {
    if force, codebook == nil { throw ValidationError("--force has no meaning without --codebook") }
  }

  func run() throws {
    if let codebook, !force, access(codebook, F_OK) == 0 {
      // A codebook that a person has completed is not to be had again.
      throw CommandFailure(.cannotCreate, "\(codebook): the file exists (--force replaces it)")
    }
    var certificates: [ImportCertificate] = []
    var problems: [DataProblem] = []
    var kind = DataError.Kind.badData
    for file in files {
      do {
        certificates.append(try ImportCertificate(path: file))
      } catch {
        problems += error.problems
        if error.kind == .noSuchInput { kind = .noSuchInput }
      }
    }
    Terminal.print(certificates.map(\.text).joined(separator: "\n"))
    if let codebook { try AtomicOutput.write(CodebookDraft(certificates).yaml, to: codebook) }
    problems += certificates.flatMap { $0.ambiguities + $0.privacy }
    if !problems.isEmpty { throw DataError(problems, kind: kind) }
  }
}
