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
  /// The folder of the CSV files that the plan names; empty where they are a vintage's.
  public var dataDirectory: String
  /// The vintage of a store that holds the files, in place of a folder.
  public var vintage: VintageName?
  /// A seed in place of the plan's.
  public var seed: Int?
  /// A language in place of the plan's.
  public var language: Language?

  public init(
    plan: RunDocument, codebook: RunDocument, dataDirectory: String, vintage: VintageName? = nil,
    seed: Int? = nil, language: Language? = nil
  ) {
    self.plan = plan
    self.codebook = codebook
    self.dataDirectory = dataDirectory
    self.vintage = vintage
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

  /// The ingredients in a vintage of a store.
  ///
  /// - Parameter plan: the plan's path in place of the one that was imported with the files.
  /// - Throws: `DataError` where the store or the vintage is not there, or was imported without a plan.
  public init(
    _ vintage: VintageName, plan planPath: String? = nil, seed: Int? = nil, language: Language? = nil
  ) throws {
    let extract = try vintage.extract()
    var plan = try planPath.map { try RunDocument(path: $0) }
    if plan == nil { plan = extract.plan.map { RunDocument(path: $0.name, text: $0.text) } }
    guard let plan else {
      throw DataError([
        DataProblem(
          file: vintage.store, found: "a vintage without a plan",
          expected: "a plan of its own (--plan) expected")
      ])
    }
    self.init(
      plan: plan, codebook: RunDocument(path: extract.codebook.file, text: extract.codebookText),
      dataDirectory: "", vintage: VintageName(store: vintage.store, name: extract.vintage.name), seed: seed,
      language: language)
  }

  /// What the plan names, read, checked and derived.
  ///
  /// - Throws: `DataError` for a plan, a codebook or data with faults.
  public func prepare() throws -> PlanRunner.PreparedData {
    let runner = PlanRunner(
      plan: try PlanRunner.plan(text: plan.text, file: plan.path), dataDirectory: dataDirectory)
    if let vintage { return try runner.prepare(vintage.extract()) }
    return try runner.prepare(codebook: Codebook(yaml: codebook.text, file: codebook.path))
  }
}

/// A vintage of a store by the store's path and the vintage's name.
public struct VintageName: Sendable, Equatable {
  public var store: String
  /// The newest where nil.
  public var name: String?

  public init(store: String, name: String? = nil) {
    self.store = store
    self.name = name
  }

  /// Opens the store at the vintage.
  ///
  /// - Throws: `DataError` where there is no such store or vintage.
  public func extract() throws -> StoredExtract {
    let store = try TrialStore(existing: store)
    let vintages = try store.vintages()
    guard let vintage = name.map({ name in vintages.first { $0.name == name } }) ?? vintages.last else {
      throw DataError(
        [
          DataProblem(
            file: self.store, found: "no vintage '\(name ?? "")'",
            expected: DataProblem.expectation(insteadOf: name ?? "", among: vintages.map(\.name)))
        ], kind: .noSuchInput)
    }
    return try store.extract(vintage)
  }
}

extension String {
  /// The path of a file below this folder.
  package func appending(path name: String) -> String {
    name.hasPrefix("/") || isEmpty ? name : hasSuffix("/") ? self + name : "\(self)/\(name)"
  }
}
