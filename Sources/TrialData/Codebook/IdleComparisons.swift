import ModelFormula

extension Expression {
  /// A column beside a constant on the other side of a comparison.
  private struct Comparison {
    let column: String
    let isEquality: Bool
    let constants: [Node]
  }

  /// The columns that the expression compares with a constant by `==`, `!=` or `%in%`, and the constant as a level reads.
  package var comparedTexts: [(column: String, text: String)] {
    comparisons.filter(\.isEquality).flatMap { comparison in
      comparison.constants.compactMap { constant in
        switch constant {
        case .string(let text): (comparison.column, text)
        case .number(let value, _): (comparison.column, NumberWriter.text(value))
        default: nil
        }
      }
    }
  }

  /// The columns that the expression compares with a number.
  fileprivate var columnsBesideNumbers: [String] {
    comparisons.filter { $0.constants.contains { if case .number = $0 { true } else { false } } }.map(
      \.column)
  }

  private var comparisons: [Comparison] {
    switch node {
    case .group(let inner), .prefix(_, let inner): return inner.comparisons
    case .call(_, let arguments): return arguments.flatMap(\.value.comparisons)
    case .infix(let symbol, let left, let right):
      let isEquality = ["==", "!=", "%in%"].contains(symbol)
      guard isEquality || ["<", "<=", ">", ">="].contains(symbol) else {
        return left.comparisons + right.comparisons
      }
      let own = [(left, right), (right, left)].compactMap { side, other -> Comparison? in
        guard case .name(let column) = side.node else { return nil }
        return Comparison(column: column, isEquality: isEquality, constants: other.constants)
      }
      return own + left.comparisons + right.comparisons
    default: return []
    }
  }

  private var constants: [Node] {
    switch node {
    case .string, .number: [node]
    case .group(let inner): inner.constants
    case .call("c", let arguments): arguments.flatMap(\.value.constants)
    default: []
    }
  }
}

extension CodebookFile {
  /// What makes an expression hold for nobody, or for everybody, without a word: a level that the codebook does not give its
  /// column, and a date compared with a number (of days since 1970, as it would be).
  package func idleComparisons(in expression: Expression) -> [(found: String, expected: String)] {
    let levels = expression.comparedTexts.compactMap { column, text -> (found: String, expected: String)? in
      guard let levels = self[column]?.levels.map(\.value), !levels.isEmpty, !levels.contains(text) else {
        return nil
      }
      return (
        "'\(text)' is no level of '\(column)'", DataProblem.expectation(insteadOf: text, among: levels)
      )
    }
    let dates = expression.columnsBesideNumbers.filter { self[$0]?.type == .date }
    return levels
      + dates.map {
        ("the date '\($0)' beside a number", "a date in quotes, such as \"2021-12-31\", expected")
      }
  }
}
