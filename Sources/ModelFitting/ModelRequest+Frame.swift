import ModelFormula

extension ModelRequest {
  /// Evaluates the request's formula, filter and weights on its table.
  ///
  /// - Parameter groupings: columns that options name (clusters, subjects, a frailty); rows that miss one are dropped.
  /// - Throws: `FormulaError`.
  public func frame(groupings: [String?] = []) throws(FormulaError) -> ModelFrame {
    let condition = try options.filter.map { text throws(FormulaError) in try Expression(parsing: text) }
    var names: [String] = []
    for name in groupings + [options.cluster] {
      if let name, !names.contains(name) { names.append(name) }
    }
    return try ModelFrame(
      Formula(parsing: formula), data: data, where: condition, weights: options.weights,
      groupings: names)
  }

  /// The report of a model on this request's rows, before anything is estimated.
  func report(model: String, frame: ModelFrame) -> ModelReport {
    var report = ModelReport(
      model: model, formula: formula, n: frame.rowCount, missing: frame.missingCount,
      filterMissing: options.filter == nil ? nil : frame.filterMissingCount)
    report.rows = frame.rows
    return report
  }
}
