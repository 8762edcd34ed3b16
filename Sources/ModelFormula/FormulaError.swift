/// Why a formula, a condition or a column option cannot be used with the data.
///
/// It belongs to the caller's request rather than to a fit: on the command line every kind but `noRows` and `notFinite`
/// is a usage error.
public struct FormulaError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What sort of fault it is.
  public enum Kind: Sendable, Equatable {
    /// The text is not a formula or an expression.
    case syntax
    /// A name that is no column of the data.
    case unknownColumn
    /// A level that the variable does not have.
    case unknownLevel
    /// A function that formulas do not offer.
    case unknownFunction
    /// A variable of a type that cannot stand where it does, such as a categorical response of `lm`.
    case wrongKind
    /// A well-formed request without meaning, such as `poly(x, 0)`.
    case unsuitable
    /// No row is left after filtering and dropping.
    case noRows
    /// An expression is infinite in a row that is used, such as `log(0)`.
    case notFinite
  }

  /// What sort of fault it is.
  public let kind: Kind
  /// One sentence: what was found and what was expected.
  public let message: String
  /// The formula or condition, where the fault lies in one; empty where it lies in an option.
  public let source: String?
  /// The place of the fault in `source`, counted in Unicode scalars from 0.
  public let position: Int?
  /// The nearest existing names or levels, nearest first.
  public let suggestions: [String]

  /// Makes an error.
  public init(
    _ kind: Kind, _ message: String, source: String? = nil, position: Int? = nil,
    suggestions: [String] = []
  ) {
    self.kind = kind
    self.message = message
    self.source = source
    self.position = position
    self.suggestions = suggestions
  }

  /// The same error with the text it arose in, unless it knows it already.
  func within(_ text: String) -> FormulaError {
    guard source == nil else { return self }
    return FormulaError(
      kind, message, source: text, position: position, suggestions: suggestions)
  }

  /// The message, the nearest names, and the formula with a caret under the place.
  public var description: String {
    var text = message
    if !suggestions.isEmpty {
      text += "; did you mean " + suggestions.map { "`\($0)`" }.joined(separator: ", ") + "?"
    }
    if let source, !source.isEmpty {
      text += "\n  \(source)"
      if let position {
        text += "\n  " + String(repeating: " ", count: position) + "^"
      }
    }
    return text
  }
}
