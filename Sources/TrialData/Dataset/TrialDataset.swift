import ModelFormula

/// The files of a trial as its codebook describes them: typed, checked and linked.
public struct TrialDataset: Sendable {
  /// Where a file's data came from.
  public struct Provenance: Sendable, Equatable {
    /// The file's name below the data directory.
    public var file: String
    /// Hexadecimal SHA-256 of its bytes.
    public var sha256: String
    /// Rows of data, without the header.
    public var rows: Int
    /// What was decided or declared about its form.
    public var encoding: EncodingEvidence
    public var delimiter: Delimiter
  }

  /// The texts of a column as they stand in the file, as codes into the distinct ones.
  public struct RawColumn: Sendable {
    public var name: String
    /// For each row the place of its text in `texts`.
    public var codes: [Int32]
    public var texts: [String]
  }

  /// One checked file.
  public struct File: Sendable {
    public var codebook: CodebookFile
    /// The declared columns in the codebook's order; rows in the file's.
    public var frame: DataFrame
    public var provenance: Provenance
    /// For each column with missing values, why each is missing, by row.
    public var missing: [String: [Int: MissingKind]]
    /// The declared columns as they stand in the file, in the order of `frame`; nil where they were not asked for.
    public var raw: [RawColumn]?

    public var name: String { codebook.name }

    /// How many values of a column are missing, by kind.
    public func missingCounts(of column: String) -> [MissingKind: Int] {
      (missing[column] ?? [:]).values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
  }

  public var codebook: Codebook
  /// In the codebook's order.
  public var files: [File]
  /// What deserves a second look and stops nothing.
  public var warnings: [DataProblem]

  /// The file with a short name or a file name.
  public subscript(name: String) -> File? { files.first { $0.name == name || $0.codebook.file == name } }

  /// Reads and checks one file, without its links.
  ///
  /// - Throws: `DataError` with every violation.
  public static func load(
    path: String, description: CodebookFile, showValues: Bool = false
  ) throws(DataError) -> (file: File, warnings: [DataProblem]) {
    let result = try CodebookFileReader(path: path, description: description, showValues: showValues).read()
    try result.problems.throwIfAny()
    var file = result.file
    file.raw = nil
    return (file, result.warnings.problems)
  }

  /// Reads and checks the files that a codebook describes.
  ///
  /// - Parameters:
  ///   - directory: where the files are.
  ///   - files: the short names of the files to read; all where nil.
  ///   - showValues: true to name the values that broke a rule. They are a person's data.
  ///   - keepingRaw: true to keep the texts of the files beside the values.
  /// - Throws: `DataError` with every violation in every file; of kind `noSuchInput` where a file is not there.
  public static func load(
    directory: String, codebook: Codebook, files: [String]? = nil, showValues: Bool = false,
    keepingRaw: Bool = false
  ) throws(DataError) -> TrialDataset {
    var problems: [DataProblem] = []
    var omitted = 0
    var kind = DataError.Kind.badData
    var loaded: [File] = []
    var warnings: [DataProblem] = []
    for description in codebook.files where files?.contains(description.name) ?? true {
      do {
        let path =
          directory.hasSuffix("/") || directory.isEmpty
          ? directory + description.file : "\(directory)/\(description.file)"
        let reader = try CodebookFileReader(path: path, description: description, showValues: showValues)
        let result = try reader.read()
        problems += result.problems.problems
        omitted += result.problems.omitted
        warnings += result.warnings.problems
        loaded.append(result.file)
        if !keepingRaw { loaded[loaded.count - 1].raw = nil }
      } catch {
        problems += error.problems
        omitted += error.omitted
        if error.kind == .noSuchInput { kind = .noSuchInput }
      }
    }
    let links = LinkCheck(files: loaded, directory: directory, showValues: showValues).violations()
    problems += links.filter { $0.severity == .error }.map(\.problem)
    warnings += links.filter { $0.severity == .warn }.map(\.problem)
    if !problems.isEmpty {
      var error = DataError(problems, kind: kind, omitted: omitted)
      error.warnings = warnings
      throw error
    }
    return TrialDataset(codebook: codebook, files: loaded, warnings: warnings)
  }
}
