/// One term of a right side: a main effect or an interaction.
public struct Term: Sendable, Equatable {
  /// R's label: the variables joined by colons.
  public let label: String
  /// The variables, as places in `Terms.variables`, ascending.
  public let variables: [Int]
  /// For each variable, true where a factor enters with a column for every level, because the term that would remain
  /// without it is not in the model; false where it enters by contrasts.
  public internal(set) var indicators: [Bool]

  /// The number of variables.
  public var order: Int { variables.count }
}

/// The terms of a right side, expanded and ordered as R's `terms` does.
public struct Terms: Sendable, Equatable {
  /// The expressions that make up the terms, in order of first appearance; offsets are apart.
  public let variables: [Expression]
  /// True where the model has an intercept.
  public let hasIntercept: Bool
  /// The terms, by order and then by appearance.
  public internal(set) var terms: [Term]
  /// The expressions inside `offset()`.
  public let offsets: [Expression]
  /// The variables of terms that `-` took out again; like R, a row that misses one is dropped.
  let removed: [Expression]

  /// The labels of the terms.
  public var labels: [String] { terms.map(\.label) }

  /// Expands a right side.
  ///
  /// - Parameters:
  ///   - rightSide: the expression; nil is the intercept alone.
  ///   - response: a term equal to it is left out, as in R.
  ///   - columns: what `.` stands for.
  /// - Throws: `FormulaError` of kind `syntax`.
  public init(
    of rightSide: Expression?, response: Expression? = nil, columns: [String] = []
  ) throws(FormulaError) {
    var algebra = TermAlgebra(columns: columns)
    let sets =
      try rightSide.map { expression throws(FormulaError) in
        try algebra.terms(of: expression)
      } ?? []
    hasIntercept = algebra.hasIntercept
    let all = algebra.variables
    let offsetPlaces = Set(all.indices.filter { all[$0].offsetArgument != nil })
    let responsePlace = response.flatMap { all.firstIndex(of: $0) }
    let kept = sets.filter { set in
      !set.contains(where: offsetPlaces.contains) && set != responsePlace.map { [$0] }
    }
    let ordered = kept.enumerated().sorted {
      ($0.element.count, $0.offset) < ($1.element.count, $1.offset)
    }.map(\.element)
    // Only the variables that are left in a term, numbered anew.
    let used = all.indices.filter { place in ordered.contains { $0.contains(place) } }
    var renumbered = [Int](repeating: -1, count: all.count)
    for (new, old) in used.enumerated() { renumbered[old] = new }
    variables = used.map { all[$0] }
    offsets = all.compactMap(\.offsetArgument)
    removed = all.indices.filter { !used.contains($0) && !offsetPlaces.contains($0) }.map {
      all[$0]
    }
    terms = Self.coded(ordered.map { set in set.map { renumbered[$0] } }, variables: variables)
  }

  private init(variables: [Expression], hasIntercept: Bool, terms: [Term], offsets: [Expression]) {
    removed = []
    self.variables = variables
    self.hasIntercept = hasIntercept
    self.terms = terms
    self.offsets = offsets
  }

  /// The terms without those that are a stratum alone.
  var withoutStrata: Terms {
    keeping { term in
      !(term.order == 1 && variables[term.variables[0]].strataArguments != nil)
    }
  }

  /// The intercept and each term on its own, as the effects of `||` are independent.
  var separated: [Terms] {
    let alone = terms.map { term in
      var own = keeping { $0 == term }
      own.terms[0].indicators = own.terms[0].indicators.map { _ in false }
      return Terms(
        variables: own.variables, hasIntercept: false, terms: own.terms, offsets: [])
    }
    let intercept = Terms(variables: [], hasIntercept: true, terms: [], offsets: [])
    return (hasIntercept ? [intercept] : []) + alone
  }

  private func keeping(_ isKept: (Term) -> Bool) -> Terms {
    let kept = terms.filter(isKept)
    let used = variables.indices.filter { place in kept.contains { $0.variables.contains(place) } }
    return Terms(
      variables: used.map { variables[$0] }, hasIntercept: hasIntercept,
      terms: kept.map { term in
        Term(
          label: term.label, variables: term.variables.map { used.firstIndex(of: $0)! },
          indicators: term.indicators)
      }, offsets: offsets)
  }

  /// Decides for each variable of each term between contrasts and indicators.
  ///
  /// A factor enters by contrasts if an earlier term holds all the other variables of its term (Chambers & Hastie,
  /// Statistical Models in S, 1992, page 38).
  private static func coded(_ sets: [[Int]], variables: [Expression]) -> [Term] {
    // The terms that hold each variable, so that only these are searched.
    var holders = [[Int]](repeating: [], count: variables.count)
    for (place, set) in sets.enumerated() { for variable in set { holders[variable].append(place) } }
    func isHeldBefore(_ place: Int, _ margin: [Int]) -> Bool {
      holders[margin[0]].contains { earlier in
        earlier < place && margin.dropFirst().allSatisfy(sets[earlier].contains)
      }
    }
    return sets.enumerated().map { place, set in
      let indicators = set.map { variable in
        let margin = set.filter { $0 != variable }
        return !margin.isEmpty && !isHeldBefore(place, margin)
      }
      return Term(
        label: set.map { variables[$0].text }.joined(separator: ":"), variables: set,
        indicators: indicators)
    }
  }

  /// Without an intercept, the first factor of the first term that has one takes a column for every level.
  mutating func adjustForAbsentIntercept(isFactor: [Bool]) {
    for place in terms.indices {
      if let first = terms[place].variables.firstIndex(where: { isFactor[$0] }) {
        terms[place].indicators[first] = true
        return
      }
    }
  }
}

extension Expression {
  /// The argument, if this is a call of `offset` with one.
  var offsetArgument: Expression? {
    guard case .call("offset", let arguments) = node, arguments.count == 1 else { return nil }
    return arguments[0].value
  }
}

/// Expands `+ - * / : ^ %in%` into sets of variables.
///
/// A set is an ascending list of places in `variables`; a list of sets has no repeats and keeps the order of appearance.
private struct TermAlgebra {
  var variables: [Expression] = []
  var hasIntercept = true
  private let columns: [String]

  init(columns: [String]) { self.columns = columns }

  mutating func terms(of expression: Expression) throws(FormulaError) -> [[Int]] {
    switch expression.node {
    case .number(let value, _): return try constant(value, expression, adding: true)
    case .group(let inner): return try terms(of: inner)
    case .prefix("+", let operand): return try terms(of: operand)
    case .prefix("-", let operand):
      _ = try removing(operand, from: [])
      return []
    case .name("."): return columns.map { [place(of: Expression(.name($0), at: expression.position))] }
    case .infix(let symbol, let left, let right): return try combine(symbol, left, right, expression)
    case .name: return [[place(of: expression)]]
    case .call(let function, _):
      if ["Surv", "cbind"].contains(function) {
        throw FormulaError(
          .syntax, "`\(function)()` belongs on the left side", position: expression.position)
      }
      return [[place(of: expression)]]
    case .prefix("!", _): return [[place(of: expression)]]
    case .prefix, .string, .logical, .missing:
      throw FormulaError(
        .syntax, "`\(expression.text)` is not a term; a computation needs I()",
        position: expression.position)
    }
  }

  private mutating func place(of variable: Expression) -> Int {
    if let known = variables.firstIndex(of: variable) { return known }
    variables.append(variable)
    return variables.count - 1
  }

  private mutating func constant(_ value: Double, _ expression: Expression, adding: Bool)
    throws(FormulaError) -> [[Int]]
  {
    guard value == 0 || value == 1 else {
      throw FormulaError(
        .syntax, "the number \(expression.text) cannot be a term; only 0 and 1 can",
        position: expression.position)
    }
    hasIntercept = (value == 1) == adding
    return []
  }

  private mutating func combine(
    _ symbol: String, _ left: Expression, _ right: Expression, _ whole: Expression
  ) throws(FormulaError) -> [[Int]] {
    switch symbol {
    case "+":
      let a = try terms(of: left)
      return Self.distinct(a + (try terms(of: right)))
    case "-": return try removing(right, from: try terms(of: left))
    case ":":
      let a = try terms(of: left)
      return Self.product(a, try terms(of: right))
    case "*":
      let a = try terms(of: left)
      let b = try terms(of: right)
      return Self.distinct(a + b + Self.product(a, b))
    case "/":
      let a = try terms(of: left)
      let b = try terms(of: right)
      return Self.distinct(a + Self.product([Self.union(a)], b))
    case "%in%":
      let a = try terms(of: left)
      return Self.product(a, [Self.union(try terms(of: right))])
    case "^":
      guard case .number(let power, _) = right.ungrouped.node, power >= 1, power <= 20,
        power == power.rounded()
      else {
        throw FormulaError(
          .syntax, "the power of a term must be a whole number; a computed power needs I()",
          position: right.position)
      }
      let a = try terms(of: left)
      var result = a
      for _ in 1..<Int(power) { result = Self.distinct(Self.product(result, a)) }
      return result
    case "|", "||":
      throw FormulaError(
        .syntax, "a random effect stands in parentheses, such as (1 | group)",
        position: whole.position)
    default:
      // A comparison or a remainder is a variable of its own, as in R.
      return [[place(of: whole)]]
    }
  }

  private mutating func removing(_ expression: Expression, from sets: [[Int]])
    throws(FormulaError) -> [[Int]]
  {
    if case .number(let value, _) = expression.ungrouped.node {
      _ = try constant(value, expression, adding: false)
      return sets
    }
    let before = hasIntercept
    let removed = try terms(of: expression)
    // `- (1 + x)` takes the intercept away as well; a plain `- x` leaves it.
    hasIntercept = before && !Self.mentionsIntercept(expression)
    return sets.filter { !removed.contains($0) }
  }

  private static func mentionsIntercept(_ expression: Expression) -> Bool {
    switch expression.ungrouped.node {
    case .number(let value, _): value == 1
    case .infix("+", let left, let right): mentionsIntercept(left) || mentionsIntercept(right)
    default: false
    }
  }

  private static func union(_ sets: [[Int]]) -> [Int] { Set(sets.joined()).sorted() }

  private static func product(_ a: [[Int]], _ b: [[Int]]) -> [[Int]] {
    distinct(a.flatMap { x in b.map { y in (x + y.filter { !x.contains($0) }).sorted() } })
  }

  private static func distinct(_ sets: [[Int]]) -> [[Int]] {
    // A few are compared sooner than hashed.
    if sets.count <= 16 {
      return sets.indices.filter { place in !sets[..<place].contains(sets[place]) }.map { sets[$0] }
    }
    var seen: Set<[Int]> = []
    return sets.filter { seen.insert($0).inserted }
  }
}
