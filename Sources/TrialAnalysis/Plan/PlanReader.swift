import ModelFitting
import TrialData

/// Reads a plan's YAML into a `Plan`.
///
/// Every fault is noted with its place, and only then does reading fail.
struct PlanReader {
  private let file: String
  private let faults: YAMLFaults

  /// Reads a plan from its text.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - file: its name, for messages.
  ///   - sha256: the hash of its bytes.
  /// - Throws: `DataError` with every fault found.
  static func read(_ text: String, file: String, sha256: String) throws(DataError) -> Plan {
    let faults = YAMLFaults(file: file)
    let root = try YAMLMapping.root(of: text, faults: faults)
    let plan = PlanReader(file: file, faults: faults).plan(root, sha256: sha256)
    try faults.throwIfAny()
    guard let plan else { preconditionFailure("a plan without a fault that cannot be read") }
    return plan
  }

  private func plan(_ root: YAMLMapping, sha256: String) -> Plan? {
    let trial = trial(root)
    let language = root.choice("language", Language.self) ?? .english
    let seed = root.integer("seed", atLeast: 0) ?? 1
    let level = root.number("confidence-level") ?? 0.95
    if !(level > 0 && level < 1) {
      faults.note(
        "found '\(level)'", expected: "a level between 0 and 1 expected",
        at: root.place(of: "confidence-level"))
    }
    let profile = root.choice("conventions", ConventionProfile.self)
    let rounding = rounding(root, profile: profile)
    let floor = suppressionFloor(root)
    let codebook = root.text("codebook")
    let files = files(root)
    let arms = arms(root)
    let window = window(root)
    let randomisation = root.mapping("randomisation").map { RandomisationPlan($0, arms: arms) }
    let derivations = root.mappings("derive").compactMap { derivation($0) }
    let sets = sets(root)
    let estimands = root.mappings("estimands").map { estimand($0) }
    func analysesUnder(_ profile: ConventionProfile?) -> [AnalysisPlan] {
      AnalysisPlanReader(
        sets: sets, estimands: estimands, files: files, derivations: derivations, profile: profile,
        faults: faults
      ).analyses(root)
    }
    let analyses = analysesUnder(profile)
    let outputs = outputs(root, analyses: analyses)
    let published = root.mappings("published").map { self.published($0) }
    let simulation = SimulationPlan(root)
    let verification = root.mapping("verify").map { VerificationPlan($0) } ?? VerificationPlan()
    let second = root.choice("also", ConventionProfile.self)
    root.finish()
    // What is wrong in the analyses has been noted once already.
    let also = second.flatMap { second in
      faults.problems.isEmpty ? AlsoPlan(profile: second, analyses: analysesUnder(second)) : nil
    }
    guard let arms, !files.isEmpty else { return nil }
    return Plan(
      file: file, sha256: sha256, trial: trial, language: language, seed: seed, level: level,
      rounding: rounding, conventions: profile, also: also,
      suppressionFloor: floor, codebook: codebook, files: files, arms: arms, window: window,
      randomisation: randomisation,
      derivations: derivations, sets: sets, estimands: estimands, analyses: analyses, outputs: outputs,
      published: published, simulation: simulation, verification: verification)
  }

  private func trial(_ root: YAMLMapping) -> TrialPlan {
    guard let mapping = root.mapping("trial") else {
      root.require("trial")
      return TrialPlan(id: "", title: Label(""), isSimulated: false)
    }
    defer { mapping.finish() }
    return TrialPlan(
      id: mapping.required("id").value, title: mapping.requiredLabel("title"),
      isSimulated: mapping.bool("simulated") ?? false, registration: mapping.text("registration")?.value,
      source: mapping.label("source"))
  }

  private func rounding(_ root: YAMLMapping, profile: ConventionProfile?) -> AnalysisRun.Rounding {
    var rounding = AnalysisRun.Rounding()
    if let profile { rounding.ties = profile.roundingTies }
    guard let mapping = root.mapping("rounding") else { return rounding }
    defer { mapping.finish() }
    rounding.ties = mapping.choice("ties", AnalysisRun.Rounding.Ties.self) ?? rounding.ties
    rounding.percentDecimals = mapping.integer("percent", atLeast: 0) ?? rounding.percentDecimals
    rounding.meanDecimals = mapping.integer("mean", atLeast: 0) ?? rounding.meanDecimals
    rounding.ratioDecimals = mapping.integer("ratio", atLeast: 0) ?? rounding.ratioDecimals
    rounding.pDecimals = mapping.integer("p", atLeast: 0) ?? rounding.pDecimals
    return rounding
  }

  private func suppressionFloor(_ root: YAMLMapping) -> Int {
    guard let mapping = root.mapping("suppression") else { return 0 }
    defer { mapping.finish() }
    return mapping.integer("floor", atLeast: 0) ?? 0
  }

  private func files(_ root: YAMLMapping) -> [DataFilePlan] {
    root.require("data")
    let files = root.namedMappings("data").map { name, mapping in
      let visits = mapping.mapping("visit").map { visit in
        defer { visit.finish() }
        return DataFilePlan.Visits(
          column: visit.required("column"), unit: visit.label("unit"), labels: visit.labels("labels"))
      }
      defer { mapping.finish() }
      let isLinked = mapping.bool("linked") ?? true
      let key = isLinked ? mapping.required("key") : mapping.text("key")
      return DataFilePlan(
        name: name.value, file: mapping.required("file"), key: key ?? Placed(value: "", place: mapping.place),
        visits: visits, isLinked: isLinked)
    }
    if files.isEmpty, root.has("data") {
      faults.note("no files", expected: "at least the participants' expected", at: root.place(of: "data"))
    }
    return files
  }

  private func arms(_ root: YAMLMapping) -> ArmPlan? {
    guard let mapping = root.mapping("arms") else {
      root.require("arms")
      return nil
    }
    let column = mapping.required("column")
    let label = mapping.label("label") ?? Label("Arm", nb: "Arm")
    let control = mapping.required("control")
    var arms = mapping.mappings("levels").map { level in
      defer { level.finish() }
      let code = level.required("value")
      return ArmPlan.Arm(
        code: code, label: level.label("label") ?? Label(code.value), ratio: level.number("ratio") ?? 1)
    }
    mapping.finish()
    if arms.count < 2 {
      faults.note("\(arms.count) arms", expected: "at least two under 'levels' expected", at: mapping.place)
      return nil
    }
    guard let first = arms.firstIndex(where: { $0.code.value == control.value }) else {
      mapping.noteUnknown(control, among: arms.map(\.code.value))
      return nil
    }
    arms.insert(arms.remove(at: first), at: 0)
    return ArmPlan(column: column, arms: arms, label: label)
  }

  private func window(_ root: YAMLMapping) -> WindowPlan? {
    guard let mapping = root.mapping("window") else { return nil }
    defer { mapping.finish() }
    let months = mapping.integer("months", atLeast: 1)
    let days = mapping.integer("days", atLeast: 1)
    switch (months, days) {
    case (let months?, nil): return .months(months)
    case (nil, let days?): return .days(days)
    default:
      faults.note(
        "\(months == nil ? "neither" : "both") of months and days", expected: "one of them expected",
        at: mapping.place)
      return nil
    }
  }

  private func derivation(_ mapping: YAMLMapping) -> DerivationPlan? {
    defer { mapping.finish() }
    if let employment = mapping.mapping("employment") { return .employment(EmploymentPlan(employment)) }
    if let scores = mapping.text("scores") { return .scores(file: scores) }
    let name = mapping.required("column")
    let label = mapping.label("label")
    let file = mapping.text("data")
    if let expression = mapping.text("expression") {
      return .column(name: name, file: file, expression: expression, label: label)
    }
    if mapping.has("value") || mapping.has("visit") {
      return .atVisit(
        name: name, file: file ?? mapping.required("data"), column: mapping.required("value"),
        visit: mapping.required("visit"), label: label)
    }
    if let column = mapping.text("sum") {
      return .total(
        TotalPlan(
          name: name, file: file ?? mapping.required("data"), column: column,
          month: mapping.required("month"), inclusionDate: mapping.required("inclusion-date"),
          edges: mapping.choice("edges", EdgeMonths.self) ?? .whole, label: label))
    }
    faults.note(
      "nothing to derive",
      expected:
        "employment, scores, or a column with its expression, its value and visit, or its sum and month expected",
      at: mapping.place)
    return nil
  }

  private func sets(_ root: YAMLMapping) -> [AnalysisSetPlan] {
    var sets: [AnalysisSetPlan] = []
    for mapping in root.mappings("sets") {
      let id = mapping.required("id")
      if sets.contains(where: { $0.id.value == id.value }) {
        faults.note("the set '\(id.value)' twice", expected: "distinct ids expected", at: id.place)
      }
      let from = mapping.text("from")
      if let from, !sets.contains(where: { $0.id.value == from.value }) {
        faults.note(
          "no set '\(from.value)' above",
          expected: DataProblem.expectation(insteadOf: from.value, among: sets.map(\.id.value)),
          at: from.place)
      }
      let exclusions = mapping.mappings("exclude").map { exclusion in
        defer { exclusion.finish() }
        return AnalysisSetPlan.Exclusion(
          id: exclusion.required("id").value, reason: exclusion.requiredLabel("reason"),
          condition: exclusion.required("where"))
      }
      sets.append(
        AnalysisSetPlan(
          id: id, label: mapping.label("label") ?? Label(id.value), from: from, exclusions: exclusions))
      mapping.finish()
    }
    if sets.isEmpty {
      let place = root.place(of: "sets")
      sets = [
        AnalysisSetPlan(
          id: Placed(value: "randomised", place: place),
          label: Label("All randomised", nb: "Alle randomiserte"),
          from: nil,
          exclusions: [])
      ]
    }
    return sets
  }

  private func estimand(_ mapping: YAMLMapping) -> AnalysisRun.Estimand {
    defer { mapping.finish() }
    let id = mapping.required("id").value
    var estimand = AnalysisRun.Estimand(id: id, label: mapping.label("label") ?? Label(id))
    estimand.treatment = mapping.label("treatment")
    estimand.population = mapping.label("population")
    estimand.variable = mapping.label("variable")
    estimand.intercurrentEvents = mapping.mappings("intercurrent-events").map { event in
      defer { event.finish() }
      return AnalysisRun.Estimand.IntercurrentEvent(
        event: event.requiredLabel("event"), strategy: event.requiredLabel("strategy"))
    }
    estimand.summary = mapping.label("summary")
    return estimand
  }

  private func outputs(_ root: YAMLMapping, analyses: [AnalysisPlan]) -> [OutputPlan] {
    let ids = analyses.map(\.id.value)
    return [("tables", AnalysisRun.Output.Form.table), ("figures", .figure)].flatMap { key, form in
      root.mappings(key).map { mapping in
        defer { mapping.finish() }
        let shown = mapping.names("of")
        for id in shown where !ids.contains(id.value) {
          mapping.noteUnknown(id, among: ids)
        }
        return OutputPlan(
          form: form, id: mapping.required("id").value, analyses: shown, title: mapping.label("title"))
      }
    }
  }

  private func published(_ mapping: YAMLMapping) -> PublishedPlan {
    defer { mapping.finish() }
    let measure = mapping.choice("measure", Result.Measure.self)
    let estimate = mapping.number("estimate")
    mapping.require("measure", "estimate")
    return PublishedPlan(
      label: mapping.requiredLabel("label"), measure: measure ?? .count, estimate: estimate ?? 0,
      low: mapping.number("low"), high: mapping.number("high"), source: mapping.required("source").value,
      beside: mapping.text("beside"))
  }
}
