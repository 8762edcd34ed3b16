import Glibc
import Serialisation
import TrialAnalysis
import TrialData
import TrialReport

/// A folder of results as `hekta analyze` left it, or the part of one that was published.
public struct RunFolder: Sendable {
  public let path: String
  /// The contents of `run.json`.
  public let record: JSONValue
  public let plan: RunDocument
  public let codebook: RunDocument
  /// The texts that can be compared, by their path below the folder: `results.json`, tables, figures, the page.
  public let files: [String: String]

  /// Reads a folder.
  ///
  /// - Throws: `DataError` of kind `noSuchInput` where a part of a run is not there; of kind `badData` where one cannot be
  ///   parsed.
  public init(path: String) throws(DataError) {
    self.path = path
    record = try Self.json(path.appending(path: RunRecord.fileName))
    guard record["plan"]?["sha256"]?.text != nil, let inputs = record["data"]?["files"],
      !inputs.elements.isEmpty
    else {
      throw DataError([
        DataProblem(
          file: path.appending(path: RunRecord.fileName), found: "no record of a run",
          expected: "the hashes of plan and data expected, as hekta analyze writes them")
      ])
    }
    plan = try RunDocument(path: path.appending(path: record["plan"]?["file"]?.text ?? TrialRun.planName))
    codebook = try RunDocument(
      path: path.appending(path: record["codebook"]?["file"]?.text ?? PlanRunner.defaultCodebook))
    var names = ["results.json", "report.html"].filter { access(path.appending(path: $0), R_OK) == 0 }
    for folder in ["tables", "figures"] {
      names += FolderContents.names(of: path.appending(path: folder)).filter { !$0.hasPrefix(".") }.map {
        "\(folder)/\($0)"
      }.filter { !Self.isFolder(path.appending(path: $0)) }
    }
    var files: [String: String] = [:]
    for name in names { files[name] = try TextFile(path: path.appending(path: name)).text }
    self.files = files
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func json(_ path: String) throws(DataError) -> JSONValue {
    let text = try TextFile(path: path).text
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw DataError([DataProblem(file: path, found: "\(error)", expected: "JSON expected")])
    }
  }

  /// A data file of the run.
  public struct Input: Sendable, Equatable {
    public var file: String
    public var sha256: String
  }

  /// The data files that the run read, in the plan's order.
  public var inputs: [Input] {
    (record["data"]?["files"]?.elements ?? []).compactMap { input in
      guard let file = input["file"]?.text, let sha256 = input["sha256"]?.text else { return nil }
      return Input(file: file, sha256: sha256)
    }
  }

  public var softwareVersion: String { record["software"]?["version"]?.text ?? "" }
  /// The seed that was in force.
  public var seed: Int? { record["seed"]?.double.map { Int($0) } }
  /// The language of its texts.
  public var language: Language? { record["language"]?.text.flatMap(Language.init(rawValue:)) }

  // MARK: Data

  /// Where the data of a run are.
  public enum DataPlace: Sendable, Equatable {
    case folder(String)
    case vintage(VintageName)
  }

  /// Where the very data of the run are: in a folder that the caller names, or where the record says they were.
  ///
  /// - Returns: nil where no such place holds every file with the recorded bytes.
  public func dataPlace(given: String? = nil) -> DataPlace? {
    candidates(given: given).first { place in
      inputs.allSatisfy { Self.sha256(of: $0.file, in: place) == $0.sha256 }
    }
  }

  /// Where the data are expected, whatever they hold now; nil where none of the files is there.
  public func expectedDataPlace(given: String? = nil) -> DataPlace? {
    candidates(given: given).first { place in
      inputs.contains { Self.sha256(of: $0.file, in: place) != nil }
    }
  }

  private static func sha256(of file: String, in place: DataPlace) -> String? {
    switch place {
    case .folder(let directory): try? FileDigest.sha256(path: directory.appending(path: file))
    case .vintage(let name): (try? name.extract().dataset())?[file]?.provenance.sha256
    }
  }

  private func candidates(given: String?) -> [DataPlace] {
    if let given { return [.folder(given)] }
    let start = record["workingDirectory"]?.text
    func paths(_ recorded: String) -> [String] {
      [start.map { $0.appending(path: recorded) }, recorded].compactMap { $0 }
    }
    if let store = record["data"]?["store"]?.text {
      let vintage = record["data"]?["vintage"]?.text
      return paths(store).map { .vintage(VintageName(store: $0, name: vintage)) }
    }
    guard let recorded = record["data"]?["directory"]?.text else { return [] }
    return paths(recorded).map { .folder($0) }
  }

  /// What a rerun of this folder is made of.
  public func ingredients(data place: DataPlace) -> RunIngredients {
    var ingredients = RunIngredients(
      plan: plan, codebook: codebook, dataDirectory: "", seed: seed, language: language)
    switch place {
    case .folder(let directory): ingredients.dataDirectory = directory
    case .vintage(let name): ingredients.vintage = name
    }
    return ingredients
  }
}
