import TrialAnalysis
import TrialData

/// A document that decides a run, by its text: its plan or its codebook.
public struct RunDocument: Sendable, Equatable {
  /// Where it was read, for messages.
  public var path: String
  public var text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  /// Reads a document.
  ///
  /// - Throws: `DataError` where it is not there or no UTF-8.
  public init(path: String) throws(DataError) {
    self.init(path: path, text: try TextFile(path: path).text)
  }

  /// The hexadecimal SHA-256 of its bytes.
  public var sha256: String { FileDigest.sha256(text: text) }
}

/// Everything that decides the numbers of a run but the software and the machine.
///
/// Two runs with equal ingredients, of one version on one platform, write the same bytes; replacing one ingredient at a
/// time tells what a change came from.
public struct RunIngredients: Sendable, Equatable {
  public var plan: RunDocument
  public var codebook: RunDocument
  /// The folder of the CSV files that the plan names.
  public var dataDirectory: String
  /// A seed in place of the plan's.
  public var seed: Int?
  /// A language in place of the plan's.
  public var language: Language?

  public init(
    plan: RunDocument, codebook: RunDocument, dataDirectory: String, seed: Int? = nil,
    language: Language? = nil
  ) {
    self.plan = plan
    self.codebook = codebook
    self.dataDirectory = dataDirectory
    self.seed = seed
    self.language = language
  }

  /// The ingredients in a folder that holds `plan.yml`, the codebook that the plan names, and the CSV files.
  ///
  /// - Parameters:
  ///   - plan: the plan's path in place of the folder's `plan.yml`.
  ///   - data: the folder of the CSV files, where it is another.
  /// - Throws: `DataError` where the plan or the codebook is not there, or the plan has a fault.
  public init(
    directory: String, plan planPath: String? = nil, data: String? = nil, seed: Int? = nil,
    language: Language? = nil
  ) throws(DataError) {
    let plan = try RunDocument(path: planPath ?? directory.appending(path: "plan.yml"))
    let name = try PlanRunner.plan(text: plan.text, file: plan.path).codebook?.value
    self.init(
      plan: plan,
      codebook: try RunDocument(path: directory.appending(path: name ?? PlanRunner.defaultCodebook)),
      dataDirectory: data ?? directory, seed: seed, language: language)
  }
}

extension String {
  /// The path of a file below this folder.
  package func appending(path name: String) -> String {
    name.hasPrefix("/") || isEmpty ? name : hasSuffix("/") ? self + name : "\(self)/\(name)"
  }
}
