import ModelFormula

extension ModelRequest {
  /// A part of a formula beside the terms of its first right side.
  public enum FormulaPart: Sendable {
    case strata
    case cluster
    case offset
    case randomEffects
    case covariance
    case secondSide
  }

  /// Evaluates the request's formula, filter and weights on its table.
  ///
  /// - Parameters:
  ///   - groupings: columns that options name (clusters, subjects, a frailty); rows that miss one are dropped.
  ///   - parts: what the model has a use for; a formula with another part is refused, not fitted without it.
  /// - Throws: `FormulaError`.
  public func frame(
    groupings: [String?] = [], taking parts: Set<FormulaPart> = [.offset]
  ) throws(FormulaError) -> ModelFrame {
    let condition = try options.filter.map { text throws(FormulaError) in try Expression(parsing: text) }
    var names: [String] = []
    for name in groupings + [options.cluster] {
      if let name, !names.contains(name) { names.append(name) }
    }
    let frame = try ModelFrame(
      Formula(parsing: formula), data: data, where: condition, weights: options.weights,
      groupings: names)
    try frame.refuse(beyond: parts, formula)
    return frame
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

extension ModelFrame {
  /// Refuses a formula with a part that nothing would use: a fit without it would be another model's.
  func refuse(beyond parts: Set<ModelRequest.FormulaPart>, _ formula: String) throws(FormulaError) {
    func unused(_ part: String, _ advice: String = "") -> FormulaError {
      FormulaError(.unsuitable, "\(part) has no meaning for this model or test\(advice)", source: formula)
    }
    if let strata, !parts.contains(.strata) {
      throw unused("strata()", "; as a covariate write factor(\(strata.variables[0]))")
    }
    if let cluster, !parts.contains(.cluster) {
      throw unused("cluster()", "; models with a sandwich take --cluster \(cluster.name)")
    }
    if !parts.contains(.offset), self.parts.contains(where: { $0.offset != nil }) { throw unused("offset()") }
    if !parts.contains(.randomEffects), !randomEffects.isEmpty {
      throw unused("a random effect", "; lmm and glmm take those")
    }
    if !parts.contains(.covariance), covariance != nil {
      throw unused("a covariance over visits", "; mmrm takes one")
    }
    if !parts.contains(.secondSide), self.parts.count > 1 { throw unused("a second right side after |") }
  }
}
