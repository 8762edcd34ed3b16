import LinearAlgebra

/// Evaluates the expressions of a model on all rows, chooses the rows, and hands out values on these.
struct FrameBuilder {
  let data: DataFrame
  /// The rows used; all until `chooseRows`.
  private(set) var rows: RowSelection
  private(set) var missingCount = 0
  private(set) var excludedCount = 0
  private(set) var filterMissingCount = 0
  /// An expression that is used.
  struct Entry {
    let expression: Expression
    /// Its value over all rows; where something is to be learnt, only the missing values of it count.
    let value: ExpressionValue
    /// Whether its value depends on which rows are used.
    let learns: Bool
    /// What was learnt while the rows were chosen.
    var learnt: [String: VariableBasis] = [:]
    /// Whether it is a number in every row, and a finite one; known once the rows are chosen.
    var isFinite = false
  }
  /// In the order in which they were required.
  private var entries: [Entry] = []
  /// The place of each by its text.
  private var places: [String: Int] = [:]
  /// The rows that fulfil the condition; nil for all.
  private var passing: [Bool]?

  init(data: DataFrame) {
    self.data = data
    rows = RowSelection(all: data.rowCount)
  }

  /// Leaves out rows for which a condition is false or missing.
  mutating func filter(by condition: Expression) throws(FormulaError) {
    do throws(FormulaError) {
      var evaluator = ExpressionEvaluator(data: data, purpose: .learning)
      let truths = try evaluator.truths(condition)
      excludedCount += truths.count(of: .no)
      filterMissingCount += truths.count(of: .missing)
      passing = truths.isYes
    } catch { throw error.within(condition.sourceText) }
  }

  /// Notes that an expression is used: a row where it is missing is dropped.
  mutating func require(_ expression: Expression) throws(FormulaError) {
    let key = expression.text
    guard places[key] == nil else { return }
    var evaluator = ExpressionEvaluator(data: data, purpose: .findingMissing)
    let columns = try evaluator.matrixColumns(expression)
    let value =
      if let columns { ExpressionValue.numeric(columns[0]) } else { try evaluator.value(expression) }
    places[key] = entries.count
    entries.append(Entry(expression: expression, value: value, learns: expression.learnsFromRows))
  }

  /// What is known of an expression; nil for one that was not required.
  func entry(_ expression: Expression) -> Entry? { places[expression.text].map { entries[$0] } }

  /// Notes the variables of the parts of a right side that are no terms.
  mutating func require(_ side: RightSide) throws(FormulaError) {
    for cluster in side.clusters { try require(cluster) }
    for effect in side.randomEffects {
      for variable in try effect.groupings().flatMap(\.variables) { try require(variable) }
      for variable in try Terms(of: effect.effects).variables { try require(variable) }
    }
    for covariance in side.covariances {
      for variable in [covariance.visit, covariance.subject, covariance.group].compactMap({ $0 }) {
        try require(variable)
      }
    }
  }

  /// Keeps the rows that fulfil the condition and miss nothing.
  ///
  /// - Throws: `FormulaError` of kind `noRows`.
  mutating func chooseRows() throws(FormulaError) {
    var complete = passing
    noteFiniteExpressions()
    for entry in entries where !entry.isFinite { Self.clear(&complete, missingIn: entry.value) }
    if var kept = complete {
      try dropMissingAfterLearning(&kept)
      rows = RowSelection(where: kept)
      let passed = data.rowCount - excludedCount - filterMissingCount
      missingCount = passed - rows.count
    } else {
      var kept = [Bool](repeating: true, count: entries.contains(where: \.learns) ? data.rowCount : 0)
      try dropMissingAfterLearning(&kept)
      if kept.contains(false) {
        rows = RowSelection(where: kept)
        missingCount = data.rowCount - rows.count
      }
    }
    guard rows.count > 0 else {
      throw FormulaError(
        .noRows,
        "no row is left: \(excludedCount) are excluded by the condition, for \(filterMissingCount) it is missing, and \(missingCount) miss a value"
      )
    }
  }

  /// Drops rows where a learnt transformation gives no number, such as `log(scale(x))`.
  ///
  /// What was learnt stays as it is: were it learnt again from fewer rows, the transformation could lose ever more.
  private mutating func dropMissingAfterLearning(_ kept: inout [Bool]) throws(FormulaError) {
    let suspects = entries.indices.filter { entries[$0].learns && !entries[$0].expression.isBasisAlone }
    guard !suspects.isEmpty else { return }
    let used = kept.indices.filter { kept[$0] }
    guard !used.isEmpty else { return }
    for place in suspects {
      var evaluator = ExpressionEvaluator(data: data, rows: used, purpose: .learning)
      let value = try evaluator.value(entries[place].expression)
      entries[place].learnt = evaluator.bases
      guard case .numeric(let values) = value else { continue }
      for (place, row) in used.enumerated() where values[place].isNaN { kept[row] = false }
    }
  }

  /// Finds the numeric expressions without a missing or infinite value: one pass over all, on every core.
  private mutating func noteFiniteExpressions() {
    let numeric = entries.indices.compactMap { place -> (place: Int, values: [Double])? in
      switch entries[place].value {
      case .numeric(let values), .logical(let values): (place, values)
      case .factor, .number, .text, .list: nil
      }
    }
    guard data.rowCount * numeric.count > 1 << 18 else {
      for (place, values) in numeric {
        entries[place].isFinite = values.withUnsafeBufferPointer { allFinite($0) }
      }
      return
    }
    let isFinite = ThreadSlots<Bool>(count: numeric.count)
    let queue = BlockQueue(count: numeric.count)
    parallelLoop(coreCount) { _ in
      while let k = queue.next() {
        isFinite[k] = numeric[k].values.withUnsafeBufferPointer { allFinite($0) }
      }
    }
    for k in numeric.indices { entries[numeric[k].place].isFinite = isFinite[k]! }
  }

  private static func clear(_ complete: inout [Bool]?, missingIn value: ExpressionValue) {
    switch value {
    case .numeric(let values), .logical(let values):
      let isMissing = anyBlock(rows: values.count) { rows in
        values.withUnsafeBufferPointer { x in
          var missing = 0
          for i in rows { missing |= x[i] == x[i] ? 0 : 1 }
          return missing != 0
        }
      }
      guard isMissing else { return }
      var kept = complete ?? [Bool](repeating: true, count: values.count)
      for (row, x) in values.enumerated() where x.isNaN { kept[row] = false }
      complete = kept
    case .factor(let codes, _, _):
      let isMissing = anyBlock(rows: codes.count) { rows in
        codes.withUnsafeBufferPointer { codes in
          var signs: Int32 = 0
          for i in rows { signs |= codes[i] }
          return signs < 0
        }
      }
      guard isMissing else { return }
      var kept = complete ?? [Bool](repeating: true, count: codes.count)
      for (row, code) in codes.enumerated() where code < 0 { kept[row] = false }
      complete = kept
    case .number, .text, .list: break
    }
  }

  /// A variable on the rows used.
  func variable(_ expression: Expression) throws(FormulaError) -> FrameVariable {
    let entry = entry(expression)
    return try FrameVariable.evaluate(
      expression, allRows: entry.flatMap { $0.learns ? nil : $0.value }, isFinite: entry?.isFinite ?? false,
      bases: entry?.learnt ?? [:], data: data, rows: rows)
  }

  /// The groups by one or several variables.
  func grouping(_ expressions: [Expression]) throws(FormulaError) -> Grouping {
    var groupings: [Grouping] = []
    for expression in expressions {
      // The categories of a column are sorted once for all rows; levels that no row used has are dropped.
      if case .name = expression.node, case .factor(let codes, let levels, _)? = entry(expression)?.value {
        groupings.append(
          Grouping(variable: expression.text, codes: rows.gather(codes), levels: levels))
        continue
      }
      // Only the rows used are sorted into groups; their numbers decide the order.
      var evaluator = ExpressionEvaluator(data: data, rows: rows.listed, purpose: .learning)
      let (codes, levels, _) = try evaluator.categories(expression)
      groupings.append(Grouping(variable: expression.text, codes: codes, levels: levels))
    }
    return Grouping.crossing(groupings)
  }

  /// The groups by the variables of one `strata()`.
  func strataGrouping(_ arguments: [Expression], of whole: Expression) throws(FormulaError) -> Grouping {
    var evaluator = ExpressionEvaluator(data: data, rows: rows.listed, purpose: .learning)
    return try evaluator.strataGrouping(arguments, whole)
  }

  /// The weights in a column.
  func weights(_ name: String) throws(FormulaError) -> [Double] {
    let values = try numbers(Expression(.name(name), at: 0))
    guard values.allSatisfy({ $0 >= 0 }) else {
      throw FormulaError(.wrongKind, "the weights `\(name)` are negative in some row", source: "")
    }
    return values
  }
}

extension Expression {
  /// True for a call such as `poly(x, 2)` or `scale(x)`, which is missing just where its argument is.
  var isBasisAlone: Bool {
    guard case .call(let function, let arguments) = node else { return false }
    return
      (BasisCall.matrixFunctions.contains(function)
      || BasisCall.summaryFunctions.contains(function))
      && !arguments.contains { $0.value.learnsFromRows }
  }

  /// True where the value on a row depends on the other rows.
  var learnsFromRows: Bool {
    var found = false
    visit {
      if case .call(let function, _) = $0.node {
        found =
          found || BasisCall.matrixFunctions.contains(function)
          || BasisCall.summaryFunctions.contains(function)
      }
    }
    return found
  }
}
