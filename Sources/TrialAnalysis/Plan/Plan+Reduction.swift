import TrialData

extension Plan {
  /// The plan with some of its analyses alone, and without the derivations that nothing left in it names.
  ///
  /// For runs that are repeated thousands of times: tables, figures and published values are dropped too.
  ///
  /// - Parameter ids: of `analysisIDs`; those the plan does not have are passed over.
  public func reduced(to ids: [String]) -> Plan {
    var plan = self
    plan.analyses = analyses.compactMap { analysis in
      if ids.contains(analysis.id.value) { return analysis }
      var part = analysis
      part.variants = analysis.variants.filter { variant in
        analysis.id(of: variant).map(ids.contains) ?? false
      }
      return part.variants.isEmpty ? nil : part
    }
    let files = Set(plan.analyses.compactMap { $0.file?.value })
    plan.outputs = []
    plan.published = []
    var named = Set(plan.analyses.flatMap(\.namedColumns))
    for exclusion in sets.flatMap(\.exclusions) { named.formUnion(Self.names(in: exclusion.condition.value)) }
    // From the last on: a derivation may be there for a later one alone.
    var kept: [DerivationPlan] = []
    for step in derivations.reversed() {
      switch step {
      case .column(let name, _, let expression, _):
        guard named.contains(name.value) else { continue }
        named.formUnion(Self.names(in: expression.value))
      case .atVisit(let name, _, let column, _, _):
        guard named.contains(name.value) else { continue }
        named.insert(column.value)
      case .total(let total):
        guard named.contains(total.name.value) else { continue }
      case .employment(let employment):
        kept.append(.employment(employment.reduced(to: named, files: files)))
        continue
      case .scores: break
      }
      kept.append(step)
    }
    plan.derivations = kept.reversed()
    return plan
  }

  /// The ids of the analyses and, as their records have them, of the models within them: `job-cox`, `job-cox.adjusted`.
  public var analysisIDs: [String] {
    analyses.flatMap { analysis in [analysis.id.value] + analysis.variants.compactMap(analysis.id(of:)) }
  }

  /// The data files, by the plan's names, that its derivations and analyses read.
  public var filesInUse: Set<String> {
    var names: Set<String> = [participants.name]
    for analysis in analyses { if let file = analysis.file { names.insert(file.value) } }
    for step in derivations {
      switch step {
      case .column(_, let file, _, _): if let file { names.insert(file.value) }
      case .atVisit(_, let file, _, _, _): names.insert(file.value)
      case .total(let total): names.insert(total.file.value)
      case .scores(let file): names.insert(file.value)
      case .employment(let employment):
        names.insert(employment.spells.value)
        names.formUnion([employment.pay?.file.value, employment.absences?.file.value].compactMap { $0 })
      }
    }
    return names
  }

  /// Everything in an expression that may be a name.
  private static func names(in expression: String) -> [String] {
    expression.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }.map(String.init)
  }
}

extension EmploymentPlan {
  /// Without the definitions, the pay and the months that no name asks for.
  fileprivate func reduced(to named: Set<String>, files: Set<String>) -> EmploymentPlan {
    var plan = self
    plan.definitions = definitions.filter { named.contains($0.criterion.variable) }
    if !named.contains("earnings"), !plan.definitions.contains(where: \.criterion.needsEarnings) {
      plan.pay = nil
    }
    if let monthly, !files.contains(monthly.name.value) { plan.monthly = nil }
    return plan
  }
}

extension AnalysisPlan {
  /// The id of one of several models.
  fileprivate func id(of variant: Variant) -> String? { variant.id.map { "\(id.value).\($0)" } }

  /// Every name in the analysis that may be a column's.
  fileprivate var namedColumns: [String] {
    let plain =
      [outcome, time].compactMap { $0?.value } + variants.flatMap(\.covariates).map(\.value)
      + variants.compactMap { $0.outcome?.value }
    let formula = (method as? MixedModelAnalysis)?.formula.value ?? ""
    return plain + method.columns.map(\.value)
      + formula.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }.map(String.init)
  }
}
