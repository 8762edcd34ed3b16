/// A text for readers, in English and in Norwegian bokmål.
public struct Wording: Sendable, Equatable {
  public var english: String
  /// The English text where there is no other.
  public var norwegian: String

  public init(_ english: String, nb norwegian: String? = nil) {
    self.english = english
    self.norwegian = norwegian ?? english
  }
}

/// What a trial's files hold: the declared columns, their types, units, levels, ranges and missing codes, the keys that link
/// the files, and the rules that rows must obey.
///
/// It is read from `codebook.yml` (docs/codebook.schema.json); see `CodebookReader`.
public struct Codebook: Sendable {
  /// The codebook's file as given.
  public var file: String
  /// Hexadecimal SHA-256 of its bytes.
  public var sha256: String
  public var title: Wording?
  public var files: [CodebookFile]

  /// The description of a file by its short name or its file name.
  public subscript(name: String) -> CodebookFile? { files.first { $0.name == name || $0.file == name } }
}

extension Codebook {
  /// The description of a file wherever it lies: the one with its name, or the only one there is.
  ///
  /// - Throws: `DataError` where neither helps.
  public func description(ofFileAt path: String) throws(DataError) -> CodebookFile {
    let name = AtomicOutput.split(path).name
    if let file = files.first(where: { AtomicOutput.split($0.file).name == name }) { return file }
    if files.count == 1 { return files[0] }
    throw DataError([
      DataProblem(
        file: self.file, found: "no description of a file '\(name)'",
        expected: "one of \(files.map { "'\($0.file)'" }.joined(separator: ", ")) expected")
    ])
  }
}

/// The description of one file.
public struct CodebookFile: Sendable {
  /// A reference from this file's rows to those of another.
  public struct Link: Sendable, Equatable {
    /// The columns here.
    public var columns: [String]
    /// The short name of the other file.
    public var target: String
    /// The columns there; the target's key where the codebook does not say.
    public var targetColumns: [String]
    public var severity: Severity
  }

  /// The short name by which a plan calls it; the file's name without its ending where the codebook does not say.
  public var name: String
  /// The file's name below the data directory.
  public var file: String
  public var label: Wording?
  public var reading: ReadingOptions
  public var dateOrder: DateOrder?
  public var thousandsMark: ThousandsMark?
  /// The columns whose values together name a row; empty where rows have no name.
  public var key: [String]
  public var links: [Link]
  public var columns: [CodebookColumn]
  public var rules: [CodebookRule]
  public var scales: [Scale]

  /// The description of a column.
  public subscript(name: String) -> CodebookColumn? { columns.first { $0.name == name } }
}

/// Whether a breach stops the run.
public enum Severity: String, Sendable, Equatable, CaseIterable {
  case error
  case warn
}

/// The mark between groups of three digits.
public enum ThousandsMark: String, Sendable, Equatable, CaseIterable {
  /// A blank, a no-break space (U+00A0) or a narrow one (U+202F).
  case blank
  case point
  case comma
  case apostrophe
}

/// Why a value is missing.
public enum MissingKind: String, Sendable, Equatable, CaseIterable {
  /// The question was not put.
  case notAsked = "not-asked"
  /// The person did not want to answer.
  case refused
  /// The question does not apply to the person.
  case notApplicable = "not-applicable"
  /// Nobody knows why; an empty field is of this kind unless the codebook says otherwise.
  case unknown
}

/// The description of one column.
public struct CodebookColumn: Sendable {
  /// What the values of a column are.
  public enum ValueType: String, Sendable, Equatable, CaseIterable {
    case numeric
    case integer
    case categorical
    case date
    /// Free text; screened for what names a person.
    case text
    /// An identifier: kept as written, never printed.
    case id
  }

  /// One value of a categorical column.
  public struct Level: Sendable, Equatable {
    /// As it stands in the file.
    public var value: String
    public var label: Wording
  }

  public var name: String
  public var label: Wording
  public var type: ValueType
  public var unit: Wording?
  /// In order; the first is the reference.
  public var levels: [Level]
  /// Inclusive limits; of dates as days since 1 January 1970.
  public var minimum: Double?
  public var maximum: Double?
  /// The texts that stand for a missing value, by kind.
  public var missing: [String: MissingKind]
  public var isUnique: Bool
  /// No value may be missing, by a code or an empty field.
  public var isRequired: Bool
  /// The column may be absent from the file.
  public var isOptional: Bool
  /// What a breach of range, uniqueness or presence is; a value of another type is always an error.
  public var severity: Severity
  /// Where the column differs from its file.
  public var decimalMark: DecimalMark?
  public var thousandsMark: ThousandsMark?
  public var dateOrder: DateOrder?
  /// What the privacy screen may find here, because a person has looked and found it harmless.
  public var allowed: Set<IdentifyingContent>
  /// Others may know the value, and with further ones the person.
  public var isQuasiIdentifier: Bool
}
