extension ExpressionEvaluator {
  /// The categories of an expression: its own, or the distinct numbers in order.
  mutating func categories(_ expression: Expression) throws(FormulaError) -> (
    codes: [Int32], levels: [String], numbers: [Double]?
  ) {
    switch try value(expression) {
    case .factor(let codes, let levels, let numbers): return (codes, levels, numbers)
    case .logical(let values):
      return (values.map { $0.isNaN ? -1 : $0 == 0 ? 0 : 1 }, ["FALSE", "TRUE"], nil)
    case .numeric(let values):
      let (codes, numbers) = distinct(values)
      return (codes, numbers.map(numberText), numbers)
    case .number(let value):
      return ([Int32](repeating: 0, count: rowCount), [numberText(value)], [value])
    case .text(let text): return ([Int32](repeating: 0, count: rowCount), [text], nil)
    case .list:
      throw FormulaError(
        .wrongKind, "`\(expression.text)` is a list where a variable is needed",
        position: expression.position)
    }
  }

  /// `factor(x)` and `factor(x, levels = c(…))`.
  mutating func factor(_ arguments: [Expression.Argument], _ whole: Expression)
    throws(FormulaError) -> ExpressionValue
  {
    guard let first = arguments.first(where: { $0.name == nil || $0.name == "x" }),
      arguments.count <= 2
    else {
      throw FormulaError(
        .unsuitable, "factor() takes a variable and, at most, its levels", position: whole.position)
    }
    let (codes, levels, numbers) = try categories(first.value)
    guard let second = arguments.first(where: { $0 != first }) else {
      return .factor(codes: codes, levels: levels, numbers: numbers)
    }
    guard second.name == nil || second.name == "levels" else {
      throw FormulaError(
        .unsuitable, "factor() has no argument `\(second.name!)` here",
        position: second.value.position)
    }
    let order = try constantTexts(second.value)
    var place: [String: Int32] = [:]
    for (i, level) in order.enumerated() { place[level] = Int32(i) }
    let recoding = levels.map { place[$0] }
    // A level that is left out would make its rows missing without a word.
    if let lost = levels.indices.first(where: { recoding[$0] == nil && codes.contains(Int32($0)) }) {
      throw FormulaError(
        .unknownLevel, "the level `\(levels[lost])` is missing from the levels given",
        position: second.value.position, suggestions: nearest(to: levels[lost], among: order))
    }
    return .factor(
      codes: codes.map { $0 < 0 ? -1 : recoding[Int($0)] ?? -1 }, levels: order,
      numbers: numbers == nil ? nil : order.map { numberValue($0) ?? .nan })
  }

  /// The texts of a constant or of `c()` of constants; numbers as R writes them.
  private mutating func constantTexts(_ expression: Expression) throws(FormulaError) -> [String] {
    let list: [ExpressionValue] =
      switch try value(expression) {
      case .list(let items): items
      case let single: [single]
      }
    var texts: [String] = []
    for item in list {
      switch item {
      case .text(let text): texts.append(text)
      case .number(let number): texts.append(numberText(number))
      default:
        throw FormulaError(
          .wrongKind, "levels must be texts or numbers", position: expression.position)
      }
    }
    return texts
  }

  /// `strata(a, b)`: a category for each combination, `a=1, b=2`, or `x, y` of categories alone.
  mutating func strata(_ arguments: [Expression], _ whole: Expression) throws(FormulaError)
    -> ExpressionValue
  {
    let joined = try strataGrouping(arguments, whole)
    return .factor(codes: joined.codes, levels: joined.labels, numbers: nil)
  }

  /// The groups of one `strata()`, whose labels leave out the names of the variables where all are categorical (R's
  /// `shortlabel`).
  mutating func strataGrouping(_ arguments: [Expression], _ whole: Expression) throws(FormulaError)
    -> Grouping
  {
    guard !arguments.isEmpty else {
      throw FormulaError(.unsuitable, "strata() needs a variable", position: whole.position)
    }
    var isNamed = false
    for argument in arguments {
      guard case .factor = try value(argument) else {
        isNamed = true
        break
      }
    }
    var groupings: [Grouping] = []
    for argument in arguments {
      let (codes, levels, _) = try categories(argument)
      groupings.append(
        Grouping(variable: argument.text, codes: codes, levels: levels, isNamed: isNamed))
    }
    return Grouping.crossing(groupings)
  }

  /// A comparison of two values, whatever their types.
  mutating func compare(
    _ symbol: String, _ a: ExpressionValue, _ left: Expression, _ b: ExpressionValue,
    _ right: Expression
  ) throws(FormulaError) -> NumericOperand {
    let isEquality = symbol == "==" || symbol == "!="
    switch (a, b) {
    case (.factor(let codes, let levels, _), .factor(let others, let otherLevels, _)):
      guard isEquality else { break }
      var place: [String: Int32] = [:]
      for (i, level) in levels.enumerated() { place[level] = Int32(i) }
      let recoding = otherLevels.map { place[$0] ?? -2 }
      let wanted = symbol == "==" ? 1.0 : 0.0
      return .rows(
        codes.indices.map { i in
          codes[i] < 0 || others[i] < 0
            ? .nan : codes[i] == recoding[Int(others[i])] ? wanted : 1 - wanted
        })
    case (.factor(let codes, let levels, _), .text), (.factor(let codes, let levels, _), .number):
      if isEquality, let isEqual = Self.levels(levels, equalTo: b) {
        let wanted = symbol == "==" ? 1.0 : 0.0
        let table = isEqual.map { $0 ? wanted : 1 - wanted }
        return .rows(codes.map { $0 < 0 ? .nan : table[Int($0)] })
      }
      if case .number(let number) = b, let numbers = Self.numbers(of: levels) {
        return comparison(
          symbol, .rows(codes.map { $0 < 0 ? .nan : numbers[Int($0)] }), .constant(number))!
      }
    case (.text, .factor), (.number, .factor):
      return try compare(Self.mirrored(symbol), b, right, a, left)
    case (.text(let x), .text(let y)) where isEquality:
      return .constant((x == y) == (symbol == "==") ? 1 : 0)
    case (.text(let text), _):
      if let number = constant(text, comparedWith: right) {
        return comparison(symbol, .constant(number), try numbers(right))!
      }
    case (_, .text(let text)):
      if let number = constant(text, comparedWith: left) {
        return comparison(symbol, try numbers(left), .constant(number))!
      }
    default:
      let x = try numbers(left)
      return comparison(symbol, x, try numbers(right))!
    }
    throw FormulaError(
      .wrongKind,
      "`\(left.text)` is \(a.kindName) and `\(right.text)` is \(b.kindName): they cannot be compared by \(symbol)",
      position: left.position)
  }

  /// `x %in% c(…)`: false where x is missing, as in R.
  mutating func membership(
    _ a: ExpressionValue, _ left: Expression, _ b: ExpressionValue, _ right: Expression
  ) throws(FormulaError) -> NumericOperand {
    let items: [ExpressionValue] = if case .list(let list) = b { list } else { [b] }
    var result = NumericOperand.constant(0)
    for item in items {
      switch item {
      case .text, .number: break
      default:
        throw FormulaError(
          .wrongKind, "%in% needs c() of texts or numbers", position: right.position)
      }
      let equal: NumericOperand
      switch (a, item) {
      case (.numeric(let values), .number(let number)), (.logical(let values), .number(let number)):
        equal = comparison("==", .rows(values), .constant(number))!
      default: equal = try compare("==", a, left, item, right)
      }
      result = .zip(result, equal) { $0 == 1 || $1 == 1 ? 1 : 0 }
    }
    return result
  }

  /// Which levels are one text, or one number as it is written; nil for any other value.
  static func levels(_ levels: [String], equalTo value: ExpressionValue) -> [Bool]? {
    let text: String
    switch value {
    case .text(let own): text = own
    case .number(let number): text = numberText(number)
    default: return nil
    }
    return levels.map { $0 == text }
  }

  private static func numbers(of levels: [String]) -> [Double]? {
    let numbers = levels.compactMap(numberValue)
    return numbers.count == levels.count ? numbers : nil
  }

  private static func mirrored(_ symbol: String) -> String {
    switch symbol {
    case "<": ">"
    case "<=": ">="
    case ">": "<"
    case ">=": "<="
    default: symbol
    }
  }

  /// A text that is compared with numbers: a number in quotes, or a day for a column of dates.
  private func constant(_ text: String, comparedWith other: Expression) -> Double? {
    if case .name(let name) = other.ungrouped.node, case .date = data[name] {
      return CalendarDay(iso: text).map { Double($0.number) }
    }
    return numberValue(text)
  }
}
