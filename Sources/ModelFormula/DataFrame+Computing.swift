extension DataFrame {
  /// The truth of a condition for every row: 1, 0, or NaN where it is missing, by R's three-valued logic.
  ///
  /// - Throws: `FormulaError` that points into the condition.
  public func truth(of condition: Expression) throws(FormulaError) -> [Double] {
    do throws(FormulaError) {
      var evaluator = ExpressionEvaluator(data: self, purpose: .learning)
      return try evaluator.numericRows(condition).map { $0.isNaN ? .nan : $0 == 0 ? 0 : 1 }
    } catch { throw error.within(condition.sourceText) }
  }

  /// The column that an expression comes to: numbers (truth as 1 and 0), or categories.
  ///
  /// - Throws: `FormulaError` that points into the expression.
  public func computing(_ expression: Expression) throws(FormulaError) -> Column {
    do throws(FormulaError) {
      var evaluator = ExpressionEvaluator(data: self, purpose: .learning)
      if case .factor(let codes, let levels, _) = try evaluator.value(expression) {
        return .categorical(codes: codes, levels: levels)
      }
      return .numeric(try evaluator.numericRows(expression))
    } catch { throw error.within(expression.sourceText) }
  }
}
