/// A parsed model formula `response ~ right side | further right side`.
///
/// The grammar is Wilkinson and Rogers' in R's form (Symbolic description of factorial models for analysis of variance,
/// Applied Statistics 22, 1973, doi:10.2307/2346786; R `?formula`). A second right side after `|` serves hurdle and
/// zero-inflated models and stratified tests.
public struct Formula: Sendable, Equatable {
  /// The formula as written.
  public let text: String
  /// The left side, where there is one.
  public let response: Expression?
  /// The right sides; at least one.
  public let parts: [Expression]

  /// Parses a formula.
  ///
  /// - Throws: `FormulaError` of kind `syntax` that points at the place.
  public init(parsing text: String) throws(FormulaError) {
    do throws(FormulaError) {
      var parser = try FormulaParser(text)
      if parser.accept("~") {
        response = nil
      } else {
        response = try parser.expression()
        guard parser.accept("~") else { throw parser.unexpected("`~`") }
      }
      parts = Self.parts(of: try parser.expressionToEnd())
    } catch { throw error.within(text) }
    self.text = text
  }

  /// The expressions between bars that stand outside parentheses.
  private static func parts(of expression: Expression) -> [Expression] {
    if case .infix("|", let left, let right) = expression.node { return parts(of: left) + [right] }
    return [expression]
  }
}
