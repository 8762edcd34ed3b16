/// The character between the fields of a delimited file.
public enum Delimiter: UInt8, Sendable, Equatable, CaseIterable {
  case comma = 0x2c
  case semicolon = 0x3b
  case tab = 0x09

  /// The name for messages.
  public var name: String {
    switch self {
    case .comma: "comma"
    case .semicolon: "semicolon"
    case .tab: "tab"
    }
  }
}

/// How to read a delimited file. What is nil is decided by the file itself, with evidence, or stops the run.
public struct ReadingOptions: Sendable, Equatable {
  public var delimiter: Delimiter?
  /// The decimal mark. Where nil, a column in which every number is written with a point, or every one with a comma,
  /// is numeric; a column where that is not clear is an error.
  public var decimalMark: DecimalMark?
  /// Texts that stand for a missing value, beside the empty field and `NA`, which always do.
  public var missing: [String]
  public var encoding: TextEncoding?

  public init(
    delimiter: Delimiter? = nil, decimalMark: DecimalMark? = nil, missing: [String] = [],
    encoding: TextEncoding? = nil
  ) {
    self.delimiter = delimiter
    self.decimalMark = decimalMark
    self.missing = missing
    self.encoding = encoding
  }
}
