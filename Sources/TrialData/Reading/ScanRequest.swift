import ModelFormula

/// How the fields of a column are taken in one pass over a file.
enum FieldKind: Sendable {
  /// As numbers; a field that is neither a number nor missing marks the column as failed.
  case number
  /// As days, written `YYYY-MM-DD`; a field that is neither a day nor missing marks the column as failed.
  case day
  /// As codes of distinct texts, exactly as written.
  case text
  /// As words that are the same where the texts are, for identifiers that are only compared; see `TextKey`.
  case key
}

/// One column of a pass: where it stands, and how it is taken.
struct ColumnRequest: Sendable {
  let position: Int
  let kind: FieldKind
}

/// What there is to know of the fields of a column beyond their values.
struct FieldTraits: OptionSet, Sendable {
  let rawValue: UInt8

  /// Some field is neither missing nor of the kind that was asked for.
  static let failed = FieldTraits(rawValue: 1)
  /// Some number has a decimal mark.
  static let hasMark = FieldTraits(rawValue: 2)
  /// Some number is written as identifiers are; see `DecimalNumber.isIdentifier`.
  static let isIdentifier = FieldTraits(rawValue: 4)
}

/// What a pass found in one column.
enum ScannedColumn: Sendable {
  /// Missing is NaN.
  case numbers([Double], FieldTraits)
  /// Missing is `Column.missingDay`.
  case days([Int32], FieldTraits)
  /// Codes into the distinct texts in order of their first appearance.
  case codes([Int32], ByteDictionary)
  case keys(KeyedTexts)

  /// The codes of a column of texts.
  ///
  /// - Precondition: the column was asked for as texts.
  var texts: (codes: [Int32], dictionary: ByteDictionary) {
    guard case .codes(let codes, let dictionary) = self else { preconditionFailure("no column of texts") }
    return (codes, dictionary)
  }

  /// Gives up the codes of a column of texts, so that whoever takes them can change them in place; nil for any other column.
  mutating func takeTexts() -> (codes: [Int32], dictionary: ByteDictionary)? {
    guard case .codes(let codes, let dictionary) = self else { return nil }
    self = .codes([], ByteDictionary())
    return (codes, dictionary)
  }

  /// A column of words.
  ///
  /// - Precondition: the column was asked for as words.
  var keys: KeyedTexts {
    guard case .keys(let texts) = self else { preconditionFailure("no column of words") }
    return texts
  }
}
