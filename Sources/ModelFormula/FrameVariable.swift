import LinearAlgebra

/// A variable of a design: what it is, what it learnt, and its values on the rows used.
struct FrameVariable: Sendable {
  /// How a variable is computed on any rows.
  struct Definition: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case numeric
      /// Several columns, numbered from 1 in their names.
      case matrix(columns: Int)
      case factor(levels: [String])
    }

    let expression: Expression
    let kind: Kind
    let bases: [String: VariableBasis]

    /// The text R names it by.
    var label: String { expression.text }
    var isFactor: Bool { levels != nil }
    var levels: [String]? { if case .factor(let levels) = kind { levels } else { nil } }

    /// The columns it brings into a term, coded by indicators of all levels or by contrasts.
    func width(indicators: Bool) -> Int {
      switch kind {
      case .numeric: 1
      case .matrix(let columns): columns
      case .factor(let levels): indicators ? levels.count : levels.count - 1
      }
    }
  }

  enum Values: Sendable {
    /// Numbers, either of all rows of the data or of the rows used alone.
    case numeric([Double], ofAllRows: Bool)
    /// The columns of a basis on the rows used.
    case matrix([[Double]])
    /// The codes on the rows used.
    case factor([Int32])

    /// True where the rows used are known to miss nothing and to be finite.
    var isScanned: Bool {
      switch self {
      case .numeric(_, let ofAllRows): ofAllRows
      case .matrix: false
      case .factor: true
      }
    }
  }

  let definition: Definition
  let values: Values
}

extension FrameVariable {
  /// Evaluates a variable on the rows used.
  ///
  /// - Parameters:
  ///   - allRows: its value over all rows of the data where nothing had to be learnt, else nil.
  ///   - isFinite: whether that value is known to be finite in every row.
  ///   - bases: what was learnt already.
  static func evaluate(
    _ expression: Expression, allRows: ExpressionValue?, isFinite: Bool, bases: [String: VariableBasis],
    data: DataFrame, rows: RowSelection
  ) throws(FormulaError) -> FrameVariable {
    if let allRows {
      return try make(
        expression, value: allRows, ofAllRows: true, isFinite: isFinite, bases: [:], data: data, rows: rows)
    }
    var evaluator = ExpressionEvaluator(data: data, rows: rows.listed, purpose: .learning, bases: bases)
    if let columns = try evaluator.matrixColumns(expression) {
      for column in columns {
        try requireFinite(column, ofAllRows: false, expression, data: data, rows: rows)
      }
      return FrameVariable(
        definition: Definition(
          expression: expression, kind: .matrix(columns: columns.count), bases: evaluator.bases),
        values: .matrix(columns))
    }
    let value = try evaluator.value(expression)
    return try make(
      expression, value: value, ofAllRows: false, bases: evaluator.bases, data: data, rows: rows)
  }

  private static func make(
    _ expression: Expression, value: ExpressionValue, ofAllRows: Bool, isFinite: Bool = false,
    bases: [String: VariableBasis], data: DataFrame, rows: RowSelection
  ) throws(FormulaError) -> FrameVariable {
    func defined(_ kind: Definition.Kind, _ values: Values) -> FrameVariable {
      FrameVariable(
        definition: Definition(expression: expression, kind: kind, bases: bases), values: values)
    }
    switch value {
    case .numeric(let numbers):
      if !isFinite { try requireFinite(numbers, ofAllRows: ofAllRows, expression, data: data, rows: rows) }
      return defined(.numeric, .numeric(numbers, ofAllRows: ofAllRows))
    case .number(let number):
      return defined(
        .numeric,
        .numeric([Double](repeating: number, count: rows.count), ofAllRows: false))
    case .logical(let truths):
      let codes = truths.map { $0.isNaN ? Column.missingCode : $0 == 0 ? 0 : 1 }
      let used = ofAllRows ? rows.gather(codes) : codes
      // A logical variable keeps both values in R even where one does not occur.
      return defined(.factor(levels: ["FALSE", "TRUE"]), .factor(used))
    case .factor(let codes, let levels, _):
      let grouping = Grouping(
        variable: "", codes: ofAllRows ? rows.gather(codes) : codes, levels: levels)
      return defined(.factor(levels: grouping.levels), .factor(grouping.codes))
    case .text, .list:
      throw FormulaError(
        .wrongKind, "`\(expression.text)` is \(value.kindName) where a variable is needed",
        position: expression.position)
    }
  }

  /// Refuses infinite values in the rows used, as R's `lm` does.
  private static func requireFinite(
    _ values: [Double], ofAllRows: Bool, _ expression: Expression, data: DataFrame,
    rows: RowSelection
  ) throws(FormulaError) {
    guard let place = rows.firstInfinite(values, ofAllRows: ofAllRows) else { return }
    let row = rows[place]
    let line = data.lines.map { "line \($0[row])" } ?? "row \(row + 1)"
    throw FormulaError(
      .notFinite, "`\(expression.text)` is infinite in \(line)", position: expression.position)
  }
}
