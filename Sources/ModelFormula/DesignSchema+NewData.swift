import LinearAlgebra

extension DesignSchema {
  /// The same columns for other rows, with the levels, knots and scales of the rows the model was fitted to.
  ///
  /// - Returns: a matrix with a row for each row of `data`; a row with a missing value has NaN in the columns concerned.
  /// - Throws: `FormulaError` of kind `unknownColumn`, `unknownLevel` where a category was not in the fitted rows, or
  ///   `wrongKind` where a column has changed its type. R: `model.matrix(delete.response(terms(fit)), newdata, xlev = …)`.
  public func matrix(for data: DataFrame) throws(FormulaError) -> Matrix {
    let rows = RowSelection(all: data.rowCount)
    var values: [FrameVariable.Values] = []
    for definition in definitions { values.append(try definition.values(on: data)) }
    return columns(values, rows: rows).matrix
  }

  /// The sum of the offsets for other rows; nil where the formula has none.
  ///
  /// - Throws: `FormulaError` as `matrix(for:)`.
  public func offset(for data: DataFrame) throws(FormulaError) -> [Double]? {
    guard !offsetDefinitions.isEmpty else { return nil }
    var sum = [Double](repeating: 0, count: data.rowCount)
    for definition in offsetDefinitions {
      guard case .numeric(let values, _) = try definition.values(on: data) else {
        preconditionFailure("the offset \(definition.label) is not numeric")
      }
      for i in sum.indices { sum[i] += values[i] }
    }
    return sum
  }
}

extension FrameVariable.Definition {
  /// The values on other data.
  func values(on data: DataFrame) throws(FormulaError) -> FrameVariable.Values {
    var evaluator = ExpressionEvaluator(data: data, purpose: .applying, bases: bases)
    switch kind {
    case .matrix:
      guard let columns = try evaluator.matrixColumns(expression) else {
        preconditionFailure("\(label) is no basis")
      }
      return .matrix(columns)
    case .numeric:
      return .numeric(try evaluator.numericRows(expression), ofAllRows: true)
    case .factor(let levels):
      let (codes, found, _) = try evaluator.categories(expression)
      if found == levels { return .factor(codes) }
      var place: [String: Int32] = [:]
      for (i, level) in levels.enumerated() { place[level] = Int32(i) }
      let placeOfCode = found.map { place[$0] }
      let used = usedLevels(codes, count: found.count).kept
      if let unseen = used.first(where: { placeOfCode[$0] == nil }) {
        throw FormulaError(
          .unknownLevel,
          "`\(label)` has the level `\(found[unseen])`, which the model has not seen",
          suggestions: nearest(to: found[unseen], among: levels))
      }
      return .factor(codes.map { $0 < 0 ? -1 : placeOfCode[Int($0)]! })
    }
  }
}
