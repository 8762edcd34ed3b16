/// A right side taken apart: the fixed terms, and the parts that are no terms.
struct RightSide {
  /// A random effect as written, `(effects | groups)`.
  struct RandomEffect {
    let effects: Expression
    let groups: Expression
    /// False for `||`.
    let isCorrelated: Bool
  }

  /// A covariance term as written, `structure(visit | group / subject)`.
  struct Covariance {
    let structure: CovarianceTerm.Structure
    let visit: Expression
    let subject: Expression
    let group: Expression?
  }

  /// What is left for the design; nil where nothing is.
  private(set) var fixed: Expression?
  private(set) var randomEffects: [RandomEffect] = []
  private(set) var covariances: [Covariance] = []
  /// The arguments of `cluster()`.
  private(set) var clusters: [Expression] = []

  init(_ expression: Expression) throws(FormulaError) {
    fixed = try take(expression)
  }

  /// Takes the special parts out of a sum; what remains comes back.
  private mutating func take(_ expression: Expression) throws(FormulaError) -> Expression? {
    switch expression.node {
    case .infix("+", let left, let right):
      switch (try take(left), try take(right)) {
      case (let a?, let b?): return Expression(.infix("+", a, b), at: expression.position)
      case (let a, let b): return a ?? b
      }
    case .infix("-", let left, let right):
      guard let a = try take(left) else {
        return Expression(.prefix("-", right), at: expression.position)
      }
      return Expression(.infix("-", a, right), at: expression.position)
    case .group(let inner):
      if case .infix(let bar, let effects, let groups) = inner.node, bar == "|" || bar == "||" {
        randomEffects.append(
          RandomEffect(effects: effects, groups: groups, isCorrelated: bar == "|"))
        return nil
      }
      return try take(inner).map { Expression(.group($0), at: expression.position) }
    case .call(let function, let arguments):
      if function == "cluster" {
        guard arguments.count == 1 else {
          throw FormulaError(
            .unsuitable, "cluster() takes one variable", position: expression.position)
        }
        clusters.append(arguments[0].value)
        return nil
      }
      if let structure = CovarianceTerm.Structure(rawValue: function) {
        covariances.append(try Self.covariance(structure, arguments, expression))
        return nil
      }
      return expression
    default: return expression
    }
  }

  private static func covariance(
    _ structure: CovarianceTerm.Structure, _ arguments: [Expression.Argument], _ whole: Expression
  ) throws(FormulaError) -> Covariance {
    guard arguments.count == 1,
      case .infix("|", let visit, let right) = arguments[0].value.ungrouped.node
    else {
      throw FormulaError(
        .syntax,
        "\(structure.rawValue)() is written \(structure.rawValue)(visit | subject) or \(structure.rawValue)(visit | group / subject)",
        position: whole.position)
    }
    if case .infix("/", let group, let subject) = right.ungrouped.node {
      return Covariance(structure: structure, visit: visit, subject: subject, group: group)
    }
    return Covariance(structure: structure, visit: visit, subject: right, group: nil)
  }
}

extension RightSide.RandomEffect {
  /// A grouping factor: its name and the variables whose combinations make it.
  struct Factor {
    let name: String
    let variables: [Expression]
  }

  /// The grouping factors: `a/b` is b within a, and then a, as lme4 orders them.
  func groupings() throws(FormulaError) -> [Factor] { try Self.expand(groups) }

  private static func expand(_ expression: Expression) throws(FormulaError) -> [Factor] {
    switch expression.node {
    case .group(let inner): return try expand(inner)
    case .infix(":", let left, let right):
      let (a, b) = (try interaction(left), try interaction(right))
      return [Factor(name: "\(a.name):\(b.name)", variables: a.variables + b.variables)]
    case .infix("/", let left, let right):
      let outer = try expand(left)
      // a/b/c is c:(b:a), b:a, a: the innermost factor comes first in the name.
      let inner = try interaction(right)
      let within = outer[0].variables.count > 1 ? "(\(outer[0].name))" : outer[0].name
      return [
        Factor(name: "\(inner.name):\(within)", variables: inner.variables + outer[0].variables)
      ] + outer
    case .infix("+", let left, let right):
      return try expand(left) + expand(right)
    case .name, .call: return [Factor(name: expression.text, variables: [expression])]
    default:
      throw FormulaError(
        .syntax, "`\(expression.text)` is no grouping factor", position: expression.position)
    }
  }

  private static func interaction(_ expression: Expression) throws(FormulaError) -> Factor {
    let expanded = try expand(expression)
    guard expanded.count == 1 else {
      throw FormulaError(
        .syntax, "`\(expression.text)` is no single grouping factor", position: expression.position)
    }
    return expanded[0]
  }
}
