import ModelFitting
import TrialData

/// Reads the analyses of a plan.
struct AnalysisPlanReader {
  let sets: [AnalysisSetPlan]
  let estimands: [AnalysisRun.Estimand]
  let files: [DataFilePlan]
  let derivations: [DerivationPlan]
  /// Whose defaults the analyses take.
  let profile: ConventionProfile?
  let faults: YAMLFaults

  func analyses(_ root: YAMLMapping) -> [AnalysisPlan] {
    var analyses: [AnalysisPlan] = []
    for mapping in root.mappings("analyses") {
      guard let analysis = analysis(mapping) else { continue }
      if analyses.contains(where: { $0.id.value == analysis.id.value }) {
        faults.note(
          "the analysis '\(analysis.id.value)' twice", expected: "distinct ids expected",
          at: analysis.id.place)
      }
      analyses.append(analysis)
    }
    root.require("analyses")
    return analyses
  }

  private func analysis(_ mapping: YAMLMapping) -> AnalysisPlan? {
    let id = mapping.required("id")
    if id.value.contains(where: { !($0.isASCII && ($0.isLetter || $0.isNumber)) && $0 != "-" && $0 != "_" }) {
      // The id names files and is the first part of every record's name.
      faults.note(
        "found '\(id.value)'", expected: "the letters a to z, digits, - and _ expected", at: id.place)
    }
    _ = mapping.required("kind")
    guard let kind = mapping.choice("kind", AnalysisKind.self) else { return nil }
    let set = mapping.text("set") ?? Placed(value: sets[0].id.value, place: mapping.place)
    checkSet(set, mapping)
    let covariates = mapping.names("covariates")
    let missing = mapping.choice("missing", AnalysisPlan.MissingOutcome.self) ?? .exclude
    let outcome = mapping.text("outcome")
    var analysis = AnalysisPlan(
      id: id, kind: kind, role: mapping.choice("role", CompletedAnalysis.Role.self) ?? kind.defaultRole,
      title: mapping.requiredLabel("title"), estimand: estimand(mapping), file: file(mapping), set: set,
      outcome: outcome, event: mapping.text("event"), time: mapping.text("time"),
      timeUnit: mapping.label("time-unit"),
      variants: variants(mapping, set: set, covariates: covariates, missing: missing, kind: kind),
      isRequired: mapping.bool("required") ?? false, note: mapping.label("note"),
      method: kind.method.init(
        mapping, header: AnalysisHeader(kind: kind, outcome: outcome, profile: profile)))
    if kind.takesDefinitions, mapping.has("definitions") {
      analysis.variants = definitions(mapping, set: set, covariates: covariates, missing: missing)
      analysis.isByDefinition = true
    }
    for key in kind.requiredKeys where !mapping.has(key) {
      if key == "outcome", analysis.isByDefinition { continue }
      faults.note(
        "no '\(key)'", expected: "a value for '\(key)' expected in an analysis of kind \(kind.rawValue)",
        at: mapping.place)
    }
    if analysis.variants.contains(where: { $0.missing == .multipleImputation }), kind != .linear {
      faults.note(
        "missing: multiple-imputation in an analysis of kind \(kind.rawValue)",
        expected: "it in kind linear only expected", at: mapping.place(of: "missing"))
    }
    refuseCovariates(analysis, mapping)
    mapping.finish()
    return analysis
  }

  /// Refuses covariates where the kind has no use for them: crude and adjusted parts would be the same numbers twice.
  private func refuseCovariates(_ analysis: AnalysisPlan, _ mapping: YAMLMapping) {
    guard analysis.kind.isCrude, let first = analysis.variants.lazy.flatMap(\.covariates).first else {
      return
    }
    faults.note(
      "covariates in an analysis of kind \(analysis.kind.rawValue), which adjusts for none",
      expected: "none expected (kinds cox and rmst adjust; logrank takes strata)",
      at: mapping.has("covariates") ? mapping.place(of: "covariates") : first.place)
  }

  private func estimand(_ mapping: YAMLMapping) -> Placed<String>? {
    guard let name = mapping.text("estimand") else { return nil }
    if !estimands.contains(where: { $0.id == name.value }) {
      mapping.noteUnknown(name, among: estimands.map(\.id))
    }
    return name
  }

  private func file(_ mapping: YAMLMapping) -> Placed<String>? {
    guard let name = mapping.text("data") else { return nil }
    let names = files.map(\.name) + derivations.compactMap(\.monthlyFile)
    if !names.contains(name.value) { mapping.noteUnknown(name, among: names) }
    return name
  }

  private func checkSet(_ set: Placed<String>, _ mapping: YAMLMapping) {
    if !sets.contains(where: { $0.id.value == set.value }) {
      mapping.noteUnknown(set, among: sets.map(\.id.value))
    }
  }

  /// A part for each definition of employment that the key `definitions` names; for all of the plan's where it is `all`.
  private func definitions(
    _ mapping: YAMLMapping, set: Placed<String>, covariates: [Placed<String>],
    missing: AnalysisPlan.MissingOutcome
  ) -> [AnalysisPlan.Variant] {
    let known = derivations.flatMap(\.definitions)
    var wanted = mapping.names("definitions")
    if mapping.has("variants") {
      faults.note(
        "variants beside definitions", expected: "one of them expected", at: mapping.place(of: "variants"))
    }
    if known.isEmpty {
      faults.note(
        "no definitions of employment in the plan",
        expected: "'definitions' under 'employment' expected", at: mapping.place(of: "definitions"))
      return []
    }
    if wanted.map(\.value) == ["all"] {
      wanted = known.map { Placed(value: $0.id.value, place: wanted[0].place) }
    }
    return wanted.compactMap { name in
      guard let definition = known.first(where: { $0.id.value == name.value }) else {
        mapping.noteUnknown(name, among: ["all"] + known.map(\.id.value))
        return nil
      }
      return AnalysisPlan.Variant(
        id: name.value, label: definition.label, set: set, covariates: covariates, missing: missing,
        outcome: Placed(value: definition.criterion.variable, place: name.place))
    }
  }

  /// The variants as written; crude and adjusted where covariates are given without any; else the only part.
  private func variants(
    _ mapping: YAMLMapping, set: Placed<String>, covariates: [Placed<String>],
    missing: AnalysisPlan.MissingOutcome, kind: AnalysisKind
  ) -> [AnalysisPlan.Variant] {
    var variants: [AnalysisPlan.Variant] = []
    for part in mapping.mappings("variants") {
      let id = part.required("id")
      if variants.contains(where: { $0.id == id.value }) {
        faults.note("the variant '\(id.value)' twice", expected: "distinct ids expected", at: id.place)
      }
      let own = part.text("set")
      if let own { checkSet(own, part) }
      variants.append(
        AnalysisPlan.Variant(
          id: id.value, label: part.label("label") ?? Label(id.value), set: own ?? set,
          covariates: part.has("covariates") ? part.names("covariates") : [],
          missing: part.choice("missing", AnalysisPlan.MissingOutcome.self) ?? missing))
      part.finish()
    }
    if !variants.isEmpty { return variants }
    if covariates.isEmpty || !kind.isComparison {
      return [
        AnalysisPlan.Variant(id: nil, label: Label(""), set: set, covariates: covariates, missing: missing)
      ]
    }
    return [
      AnalysisPlan.Variant(
        id: "crude", label: Label("Crude", nb: "Ujustert"), set: set, covariates: [], missing: missing),
      AnalysisPlan.Variant(
        id: "adjusted", label: Label("Adjusted", nb: "Justert"), set: set, covariates: covariates,
        missing: missing),
    ]
  }
}

extension DerivationPlan {
  /// The definitions of employment that a step makes.
  fileprivate var definitions: [EmploymentPlan.Definition] {
    if case .employment(let plan) = self { plan.definitions } else { [] }
  }

  /// The name of the file of months that a step makes.
  fileprivate var monthlyFile: String? {
    if case .employment(let plan) = self { plan.monthly?.name.value } else { nil }
  }
}

extension AnalysisKind {
  /// True for the kinds of a binary outcome, which can be had by several definitions.
  var takesDefinitions: Bool {
    switch self {
    case .risk, .logistic: true
    default: false
    }
  }

  /// The role an analysis has where the plan names none.
  var defaultRole: CompletedAnalysis.Role {
    switch self {
    case .flow, .randomisation, .baseline: .descriptive
    default: .secondary
    }
  }

  /// True where covariates are adjusted for rather than described.
  var isComparison: Bool {
    switch self {
    case .flow, .randomisation, .baseline: false
    default: true
    }
  }

  /// True where arms are compared without any adjustment.
  var isCrude: Bool {
    switch self {
    case .kaplanMeier, .logRank, .cumulativeIncidence, .meanCumulative: true
    default: false
    }
  }

  /// The keys an analysis of this kind cannot do without, besides `id`, `kind` and `title`.
  var requiredKeys: [String] {
    switch self {
    case .flow: []
    case .randomisation, .baseline: ["covariates"]
    case .kaplanMeier, .logRank, .cox, .cumulativeIncidence, .restrictedMean, .meanCumulative:
      ["time", "outcome"]
    case .mixedModel, .repeatedMeasures, .generalisedMixedModel: ["formula"]
    default: ["outcome"]
    }
  }
}
