extension Expression {
  /// True where `.` occurs, which stands for every other column: a reader must then convert them all.
  public var mentionsAllColumns: Bool {
    var found = false
    visit { if case .name(".") = $0.node { found = true } }
    return found
  }

  /// Checks that every name is a column's, before any row of the data is read.
  ///
  /// - Throws: `FormulaError` of kind `unknownColumn` that points at the first that is none, with the nearest columns.
  public func requireColumns(_ columns: [String]) throws(FormulaError) {
    let constants: Set<String> = [".", "T", "F", "pi"]
    var unknown: (name: String, position: Int)?
    visit { part in
      guard unknown == nil, case .name(let name) = part.node else { return }
      if !columns.contains(name), !constants.contains(name) { unknown = (name, part.position) }
    }
    guard let unknown else { return }
    throw FormulaError(
      .unknownColumn, "there is no column `\(unknown.name)`", source: sourceText, position: unknown.position,
      suggestions: nearest(to: unknown.name, among: columns))
  }
}

extension Formula {
  /// Checks that every name is a column's, before any row of the data is read.
  ///
  /// - Throws: `FormulaError` of kind `unknownColumn` that points at the first that is none, with the nearest columns.
  public func requireColumns(_ columns: [String]) throws(FormulaError) {
    for part in [response].compactMap({ $0 }) + parts {
      do throws(FormulaError) {
        try part.requireColumns(columns)
      } catch {
        // A part knows its place in the formula, not the formula.
        throw FormulaError(
          error.kind, error.message, source: text, position: error.position, suggestions: error.suggestions)
      }
    }
  }
}
