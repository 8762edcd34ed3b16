import ModelFitting
import TrialAnalysis
import TrialData

/// One run of a batch: a combination of options, its plan and everything that decides its numbers.
public struct BatchCell: Sendable {
  /// The option ids joined by `/`, in the order of the axes.
  public var id: String
  /// The option's id of each axis.
  public var options: [String]
  /// The hexadecimal SHA-256 of the version of the software, the plan, the codebook and the data files.
  public var hash: String
  /// The plan with the options' changes, as YAML.
  public var plan: String
  /// Where the data files are.
  public var dataDirectory: String
  /// The path of the codebook.
  public var codebook: String
  /// Why there is nothing to run, where the plan cannot be made.
  public var fault: String?

  /// The name of the cell's folder and plan: enough of the hash to be unique.
  public var name: String { String(hash.prefix(16)) }
}

/// The cells of a batch, in the order of the grid: the last axis varies fastest.
struct BatchGrid {
  let plan: BatchPlan
  /// The folder of the trial.
  private let trial: String
  private var texts: [String: String] = [:]
  // What every cell would read again, by path.
  private var trees: [String: PlanEdit] = [:]
  private var codebooks: [String: Codebook] = [:]
  private var digests: [String: String] = [:]

  init(_ plan: BatchPlan) {
    self.plan = plan
    trial = Self.path(plan.trial, in: Self.directory(of: plan.file))
  }

  /// Makes the cells; reads every plan, codebook and data file once.
  ///
  /// - Throws: `DataError` where a plan file, the trial's folder or a codebook cannot be read.
  mutating func cells() throws -> [BatchCell] { try plan.combinations().map { try cell($0) } }

  /// Where the plan of a combination is.
  func planPath(_ options: [BatchPlan.Option]) -> String {
    Self.path(options.compactMap(\.plan).last ?? "plan.yml", in: trial)
  }

  /// Where a folder of data that an option names is.
  func dataDirectory(_ name: String) -> String { Self.path(name, in: trial) }

  private mutating func cell(_ options: [BatchPlan.Option]) throws -> BatchCell {
    let planPath = self.planPath(options)
    let data = options.compactMap(\.data).last.map { dataDirectory($0.value) } ?? trial
    let original = try text(of: planPath)
    var cell = BatchCell(
      id: options.map(\.id).joined(separator: "/"), options: options.map(\.id), hash: "", plan: original,
      dataDirectory: data, codebook: Self.path(PlanRunner.defaultCodebook, in: trial))
    var files: [String] = []
    do {
      cell.plan = try edited(original, file: planPath, by: options)
      let plan = try PlanRunner.plan(text: cell.plan, file: "the plan of cell \(cell.id)")
      if let codebook = plan.codebook?.value { cell.codebook = Self.path(codebook, in: trial) }
      let codebook = try codebook(at: cell.codebook)
      files = plan.files.compactMap { codebook[$0.file.value]?.file }
    } catch let mismatch as PlanEdit.Mismatch {
      cell.fault = mismatch.description
    } catch let error as DataError {
      cell.fault = error.description
    }
    var ingredients = ["hekta \(Software.version)", "plan \(FileDigest.sha256(text: cell.plan))"]
    ingredients.append("codebook \(digest(of: cell.codebook))")
    ingredients += files.map { "data \($0) \(digest(of: Self.path($0, in: data)))" }
    if let fault = cell.fault { ingredients.append("fault \(fault)") }
    cell.hash = FileDigest.sha256(text: ingredients.joined(separator: "\n"))
    return cell
  }

  private mutating func codebook(at path: String) throws(DataError) -> Codebook {
    if let codebook = codebooks[path] { return codebook }
    let codebook = try Codebook(path: path)
    codebooks[path] = codebook
    return codebook
  }

  /// The text of a plan with what the batch and some options make of it.
  ///
  /// - Throws: `PlanEdit.Mismatch` where they do not fit it.
  mutating func edited(_ text: String, file: String, by options: [BatchPlan.Option]) throws -> String {
    var edit = try trees[file] ?? PlanEdit(text, file: file)
    if trees[file] == nil { trees[file] = edit }
    if let analyses = plan.analyses { try edit.keepAnalyses(analyses.map(\.value)) }
    edit.dropPublished()
    for option in options {
      if let filter = option.filter { edit.keepParticipants(where: filter) }
      if let covariates = option.covariates { try edit.setCovariates(covariates) }
      if let seed = option.seed { edit.set("seed", toText: String(seed)) }
      if let conventions = option.conventions { edit.set("conventions", toText: conventions.rawValue) }
      for setting in option.settings { try edit.set(path: setting.path.value, to: setting.value) }
    }
    return edit.text()
  }

  mutating func text(of path: String) throws -> String {
    if let text = texts[path] { return text }
    let text = try TextFile(path: path).text
    texts[path] = text
    return text
  }

  /// The hash of a file; of a file that is not there, the word for that: the run will say so.
  private mutating func digest(of path: String) -> String {
    if let digest = digests[path] { return digest }
    let digest = (try? FileDigest.sha256(path: path)) ?? "absent"
    digests[path] = digest
    return digest
  }

  static func path(_ name: String, in directory: String) -> String {
    if name.hasPrefix("/") || directory.isEmpty { return name }
    if name == "." { return directory }
    return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  private static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
