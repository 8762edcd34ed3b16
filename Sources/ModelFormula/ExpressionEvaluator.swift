import Glibc

/// Evaluates expressions over the rows of a table, a whole column at a time.
struct ExpressionEvaluator {
  /// What `poly`, `scale` and their like do.
  enum Purpose {
    /// Learn from these rows and keep what was learnt.
    case learning
    /// Use what was learnt before.
    case applying
    /// Pass their argument through: only missing values are looked for.
    case findingMissing
  }

  let data: DataFrame
  /// The rows to take, in this order; nil for all.
  let rows: [Int]?
  let purpose: Purpose
  /// What was learnt, by the text of the call.
  var bases: [String: VariableBasis] = [:]

  init(
    data: DataFrame, rows: [Int]? = nil, purpose: Purpose, bases: [String: VariableBasis] = [:]
  ) {
    self.data = data
    self.rows = rows
    self.purpose = purpose
    self.bases = bases
  }

  /// The number of rows that a value has.
  var rowCount: Int { rows?.count ?? data.rowCount }

  /// The value of an expression.
  mutating func value(_ expression: Expression) throws(FormulaError) -> ExpressionValue {
    switch expression.node {
    case .number(let value, _): return .number(value)
    case .logical(let value): return .number(value ? 1 : 0)
    case .missing: return .number(.nan)
    case .string(let text): return .text(text)
    case .group(let inner): return try value(inner)
    case .name(let name): return try column(name, expression)
    case .prefix(let symbol, let operand):
      let x = try numbers(operand)
      switch symbol {
      case "-": return x.map { -$0 }.asNumeric
      case "!": return x.map { $0.isNaN ? .nan : $0 == 0 ? 1 : 0 }.asLogical
      default: return x.asNumeric
      }
    case .infix(let symbol, let left, let right):
      return try infix(symbol, left, right, expression)
    case .call(let function, let arguments):
      return try call(function, arguments, expression)
    }
  }

  /// The column with a name, by the rows.
  private func column(_ name: String, _ expression: Expression) throws(FormulaError)
    -> ExpressionValue
  {
    guard let all = data[name] else {
      if name == "." {
        throw FormulaError(
          .syntax, "`.` stands for columns and cannot be computed with",
          position: expression.position)
      }
      if name == "T" || name == "F" { return .number(name == "T" ? 1 : 0) }
      if name == "pi" { return .number(.pi) }
      throw FormulaError(
        .unknownColumn, "there is no column `\(name)`", position: expression.position,
        suggestions: data.nearestNames(to: name))
    }
    switch rows.map(all.selecting) ?? all {
    case .numeric(let values): return .numeric(values)
    case .date(let days):
      return .numeric(days.map { $0 == Column.missingDay ? .nan : Double($0) })
    case .categorical(let codes, let levels):
      return .factor(codes: codes, levels: levels, numbers: nil)
    case .text(let texts):
      guard case .categorical(let codes, let levels) = Column.categorical(texts) else {
        preconditionFailure("texts that are not categories")
      }
      return .factor(codes: codes, levels: levels, numbers: nil)
    }
  }

  /// The numbers of an expression; an error where it is categorical or a text.
  mutating func numbers(_ expression: Expression) throws(FormulaError) -> NumericOperand {
    switch try value(expression) {
    case .number(let value): return .constant(value)
    case .numeric(let values), .logical(let values): return .rows(values)
    case let other:
      throw FormulaError(
        .wrongKind, "`\(expression.text)` is \(other.kindName) where numbers are needed",
        position: expression.position)
    }
  }

  /// The numbers of an expression, one a row.
  mutating func numericRows(_ expression: Expression) throws(FormulaError) -> [Double] {
    switch try numbers(expression) {
    case .constant(let value): return [Double](repeating: value, count: rowCount)
    case .rows(let values): return values
    }
  }

  private mutating func infix(
    _ symbol: String, _ left: Expression, _ right: Expression, _ whole: Expression
  ) throws(FormulaError) -> ExpressionValue {
    switch symbol {
    case "+", "-", "*", "/", "^", "%%", "%/%":
      let a = try numbers(left)
      return arithmetic(symbol, a, try numbers(right))!.asNumeric
    case "&", "&&", "|", "||":
      let a = try numbers(left)
      return conjunction(symbol, a, try numbers(right))!.asLogical
    case "==", "!=", "<", "<=", ">", ">=":
      let a = try value(left)
      return try compare(symbol, a, left, try value(right), right).asLogical
    case "%in%":
      let a = try value(left)
      return try membership(a, left, try value(right), right).asLogical
    default:
      throw FormulaError(
        .syntax, "`\(symbol)` cannot be computed with", position: whole.position)
    }
  }

  private mutating func call(
    _ function: String, _ arguments: [Expression.Argument], _ whole: Expression
  ) throws(FormulaError) -> ExpressionValue {
    if BasisCall.summaryFunctions.contains(function) {
      return try summary(BasisCall(function: function, arguments: arguments, position: whole.position), whole)
    }
    if BasisCall.matrixFunctions.contains(function) {
      throw FormulaError(
        .unsuitable, "\(function)() makes several columns and must be a term of its own",
        position: whole.position)
    }
    let places = arguments.map(\.value)
    func require(_ counts: ClosedRange<Int>) throws(FormulaError) {
      guard counts.contains(places.count) else {
        throw FormulaError(
          .unsuitable,
          "\(function)() takes \(counts.lowerBound)"
            + (counts.count > 1 ? " to \(counts.upperBound)" : "")
            + " argument\(counts == 1...1 ? "" : "s"), not \(places.count)", position: whole.position)
      }
    }
    switch function {
    case "I", "as.numeric", "as.integer", "as.vector":
      try require(1...1)
      let inner = try value(places[0])
      if function != "as.integer" && function != "as.numeric" { return inner }
      let x = try numbers(places[0])
      return function == "as.integer" ? x.map { $0.rounded(.towardZero) }.asNumeric : x.asNumeric
    case "c":
      if places.count == 1 { return try value(places[0]) }
      var list: [ExpressionValue] = []
      for place in places { list.append(try value(place)) }
      return .list(list)
    case "log":
      try require(1...2)
      let x = try numbers(places[0])
      guard places.count == 2 else { return x.map { log($0) }.asNumeric }
      return NumericOperand.zip(x, try numbers(places[1])) { log($0) / log($1) }.asNumeric
    case "round":
      try require(1...2)
      let x = try numbers(places[0])
      let digits = places.count == 2 ? try numbers(places[1]) : .constant(0)
      return NumericOperand.zip(x, digits) {
        let power = pow(10, $1)
        return ($0 * power).rounded(.toNearestOrEven) / power
      }.asNumeric
    case "pmin", "pmax":
      try require(1...99)
      var result = try numbers(places[0])
      for place in places.dropFirst() {
        let other = try numbers(place)
        result =
          function == "pmin"
          ? .zip(result, other) { $0.isNaN || $1.isNaN ? .nan : min($0, $1) }
          : .zip(result, other) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
      }
      return result.asNumeric
    case "ifelse":
      try require(3...3)
      let test = try numbers(places[0])
      let yes = try numbers(places[1])
      let no = try numbers(places[2])
      let chosen = NumericOperand.zip(test, yes) { $0.isNaN ? .nan : $0 != 0 ? $1 : 0 }
      let other = NumericOperand.zip(test, no) { $0.isNaN ? .nan : $0 != 0 ? 0 : $1 }
      return NumericOperand.zip(chosen, other) { $0 + $1 }.asNumeric
    case "is.na":
      try require(1...1)
      switch try value(places[0]) {
      case .factor(let codes, _, _): return .logical(codes.map { $0 < 0 ? 1 : 0 })
      default: return try numbers(places[0]).map { $0.isNaN ? 1 : 0 }.asLogical
      }
    case "factor", "as.factor":
      return try factor(arguments, whole)
    case "strata":
      return try strata(places, whole)
    default:
      if places.count == 1, let result = elementwiseFunction(function, try numbers(places[0])) {
        return result.asNumeric
      }
      throw FormulaError(
        .unknownFunction,
        "formulas do not offer \(function)() of \(places.count) argument\(places.count == 1 ? "" : "s")",
        position: whole.position, suggestions: nearest(to: function, among: Self.functionNames))
    }
  }

  /// The functions that a formula may call, for suggestions.
  private static let functionNames = [
    "I", "log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "abs", "sin", "cos", "tan", "round",
    "floor", "ceiling", "trunc", "sign", "pmin", "pmax", "ifelse", "is.na", "factor", "poly", "ns",
    "bs", "scale", "mean", "sd", "median", "offset", "strata", "cluster", "Surv", "cbind", "plogis",
    "qlogis", "us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh",
  ]

  private mutating func summary(_ call: BasisCall, _ whole: Expression) throws(FormulaError)
    -> ExpressionValue
  {
    let points = try numericRows(call.argument)
    if purpose == .findingMissing { return .numeric(points) }
    let basis = try basis(of: call, whole, over: points)
    if case .summary(let value) = basis { return .number(value) }
    return .numeric(basis.columns(at: points)[0])
  }

  /// What a call learnt before, or learns now.
  private mutating func basis(of call: BasisCall, _ whole: Expression, over points: [Double])
    throws(FormulaError) -> VariableBasis
  {
    let key = whole.text
    if let known = bases[key] { return known }
    precondition(purpose == .learning, "\(key) was not learnt")
    let learnt = try call.basis(over: points)
    bases[key] = learnt
    return learnt
  }

  /// The columns of `poly()`, `ns()` or `bs()`; nil for any other expression.
  mutating func matrixColumns(_ expression: Expression) throws(FormulaError) -> [[Double]]? {
    guard case .call(let function, let arguments) = expression.node,
      BasisCall.matrixFunctions.contains(function)
    else { return nil }
    let call = try BasisCall(
      function: function, arguments: arguments, position: expression.position)
    let points = try numericRows(call.argument)
    if purpose == .findingMissing { return [points] }
    return try basis(of: call, expression, over: points).columns(at: points)
  }
}
