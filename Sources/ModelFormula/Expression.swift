/// A parsed R expression: part of a formula, or a condition on rows.
///
/// Two expressions are equal if they read the same, wherever they stand.
public struct Expression: Sendable, Equatable {
  /// The forms of an expression.
  public indirect enum Node: Sendable, Equatable {
    /// A number; written with an `L` where `isInteger`.
    case number(Double, isInteger: Bool)
    /// A text in quotes.
    case string(String)
    /// `TRUE` or `FALSE`.
    case logical(Bool)
    /// `NA`.
    case missing
    /// A column's name, or `.` for all columns that are not in the response.
    case name(String)
    /// A function of arguments.
    case call(String, [Argument])
    /// `-x`, `+x`, `!x`.
    case prefix(String, Expression)
    /// Two operands joined by an operator.
    case infix(String, Expression, Expression)
    /// An expression in parentheses.
    case group(Expression)
  }

  /// An argument of a call, with its name where it is given as `name = value`.
  public struct Argument: Sendable, Equatable {
    /// The name before `=`.
    public let name: String?
    /// The value.
    public let value: Expression
  }

  /// What it is.
  public let node: Node
  /// The place in the text it was parsed from, counted in Unicode scalars.
  public let position: Int
  /// The whole text, where the expression was parsed on its own.
  private var source: String?

  /// The text that errors point into.
  var sourceText: String { source ?? text }

  public static func == (a: Expression, b: Expression) -> Bool { a.node == b.node }

  /// Parses an expression on its own, such as a condition on rows.
  ///
  /// - Throws: `FormulaError` of kind `syntax`.
  public init(parsing text: String) throws(FormulaError) {
    do throws(FormulaError) {
      var parser = try FormulaParser(text)
      self = try parser.expressionToEnd()
      source = text
    } catch { throw error.within(text) }
  }

  init(_ node: Node, at position: Int) {
    self.node = node
    self.position = position
  }

  /// The expression without the parentheses around it.
  var ungrouped: Expression {
    if case .group(let inner) = node { inner.ungrouped } else { self }
  }

  /// The expression as R's `deparse` writes it; with this text R names terms.
  public var text: String {
    switch node {
    // R writes an integer constant of a formula in full and without its L.
    case .number(let value, let isInteger):
      isInteger && abs(value) < 1e15 ? String(Int(value)) : numberText(value)
    case .string(let value): Self.quoted(value, by: "\"")
    case .logical(let value): value ? "TRUE" : "FALSE"
    case .missing: "NA"
    case .name(let name): Self.nameText(name)
    case .call(let function, let arguments):
      Self.nameText(function) + "(" + arguments.map(\.text).joined(separator: ", ") + ")"
    case .prefix(let symbol, let operand): symbol + operand.text
    case .infix(let symbol, let left, let right):
      ["^", ":", "/", "%%", "%/%"].contains(symbol)
        ? left.text + symbol + right.text : left.text + " " + symbol + " " + right.text
    case .group(let inner): "(" + inner.text + ")"
    }
  }

  /// A name with backquotes where R needs them.
  public static func nameText(_ name: String) -> String {
    FormulaLexer.isSyntactic(name) ? name : quoted(name, by: "`")
  }

  private static func quoted(_ text: String, by mark: Character) -> String {
    var result = String(mark)
    for character in text {
      switch character {
      case mark, "\\": result += "\\" + String(character)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.append(character)
      }
    }
    return result + String(mark)
  }

  /// The names that occur in the expression, each once, in order of appearance; `.` is none.
  public var names: [String] {
    var found: [String] = []
    visit { if case .name(let name) = $0.node, name != ".", !found.contains(name) { found.append(name) } }
    return found
  }

  /// Calls a function with the expression and each part of it, outermost first.
  func visit(_ body: (Expression) -> Void) {
    body(self)
    switch node {
    case .call(_, let arguments): for argument in arguments { argument.value.visit(body) }
    case .prefix(_, let operand), .group(let operand): operand.visit(body)
    case .infix(_, let left, let right):
      left.visit(body)
      right.visit(body)
    default: break
    }
  }
}

extension Expression.Argument {
  /// The argument as R's `deparse` writes it.
  var text: String { name.map { Expression.nameText($0) + " = " + value.text } ?? value.text }
}
