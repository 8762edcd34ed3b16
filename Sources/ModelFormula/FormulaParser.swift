/// Parses tokens into expressions by R's operator precedence.
///
/// From loose to tight: `|`, `&`, `!`, comparisons, `+ -`, `* /`, `%in%`, `:`, sign, `^` (R language definition, section
/// 10.4.2).
struct FormulaParser {
  private let tokens: [FormulaToken]
  private var place = 0

  init(_ text: String) throws(FormulaError) { tokens = try FormulaLexer.tokens(of: text) }

  private static let signStrength = 13
  private static let notStrength = 7

  /// How tightly an infix operator binds.
  private static func strength(_ symbol: String) -> Int? {
    switch symbol {
    case "^": 14
    case ":": 12
    case "%in%", "%%", "%/%": 11
    case "*", "/": 10
    case "+", "-": 9
    case "==", "!=", "<", "<=", ">", ">=": 8
    case "&", "&&": 6
    case "|", "||": 5
    default: nil
    }
  }

  private var token: FormulaToken { tokens[place] }

  private func isSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

  /// Skips a symbol if it is next.
  mutating func accept(_ symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    place += 1
    return true
  }

  /// The expression that makes up the rest of the text.
  mutating func expressionToEnd() throws(FormulaError) -> Expression {
    let result = try expression()
    guard token.kind == .end else { throw unexpected("an operator or the end") }
    return result
  }

  /// An expression whose operators bind at least as tightly as `strength`.
  mutating func expression(_ strength: Int = 0) throws(FormulaError) -> Expression {
    var left = try operand()
    while case .symbol(let symbol) = token.kind, let own = Self.strength(symbol), own >= strength {
      let position = token.position
      place += 1
      // `^` groups to the right, all others to the left.
      let right = try expression(symbol == "^" ? own : own + 1)
      left = Expression(.infix(symbol, left, right), at: position)
      if own == 8, case .symbol(let next) = token.kind, Self.strength(next) == 8 {
        throw FormulaError(
          .syntax, "comparisons cannot be chained; join them by &", position: token.position)
      }
    }
    return left
  }

  private mutating func operand() throws(FormulaError) -> Expression {
    let start = token.position
    switch token.kind {
    case .number(let value, let isInteger):
      place += 1
      return Expression(.number(value, isInteger: isInteger), at: start)
    case .string(let text):
      place += 1
      return Expression(.string(text), at: start)
    case .name(let name):
      place += 1
      if accept("(") { return Expression(.call(name, try arguments()), at: start) }
      switch name {
      case "TRUE", "FALSE": return Expression(.logical(name == "TRUE"), at: start)
      case "NA": return Expression(.missing, at: start)
      default: return Expression(.name(name), at: start)
      }
    case .symbol("("):
      place += 1
      let inner = try expression()
      guard accept(")") else { throw unexpected("`)`") }
      return Expression(.group(inner), at: start)
    case .symbol(let symbol) where symbol == "-" || symbol == "+":
      place += 1
      return Expression(.prefix(symbol, try expression(Self.signStrength)), at: start)
    case .symbol("!"):
      place += 1
      return Expression(.prefix("!", try expression(Self.notStrength)), at: start)
    default:
      throw unexpected("a name, a number or `(`")
    }
  }

  private mutating func arguments() throws(FormulaError) -> [Expression.Argument] {
    var result: [Expression.Argument] = []
    if accept(")") { return result }
    repeat {
      var name: String?
      if case .name(let candidate) = token.kind, tokens[place + 1].kind == .symbol("=") {
        name = candidate
        place += 2
      }
      result.append(Expression.Argument(name: name, value: try expression()))
    } while accept(",")
    guard accept(")") else { throw unexpected("`,` or `)`") }
    return result
  }

  /// The error that something else was expected here.
  func unexpected(_ expected: String) -> FormulaError {
    let found =
      switch token.kind {
      case .number(let value, _): "the number \(numberText(value))"
      case .string(let text): "the text \"\(text)\""
      case .name(let name): "`\(name)`"
      case .symbol(let symbol): "`\(symbol)`"
      case .end: "the end"
      }
    return FormulaError(
      .syntax, "\(found) where \(expected) was expected", position: token.position)
  }
}
