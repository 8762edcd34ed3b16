import TrialData
import Yams

/// Reads a plan's YAML into a `Plan`.
///
/// Every fault is noted with its place, and only then does reading fail.
struct PlanReader {
  private let file: String
  private let problems = PlanProblems()

  private init(file: String) { self.file = file }

  /// Reads a plan from its text.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - file: its name, for messages.
  ///   - sha256: the hash of its bytes.
  /// - Throws: `PlanError` with every fault found.
  static func read(_ text: String, file: String, sha256: String) throws(PlanError) -> Plan {
    let start = PlanPosition(line: 1, column: 1, path: "")
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let YamlError.scanner(context, problem, mark, _), let YamlError.parser(context, problem, mark, _),
      let YamlError.composer(context, problem, mark, _)
    {
      let place = PlanPosition(line: mark.line, column: mark.column, path: "")
      let during = context.map { " (\($0.text))" } ?? ""
      throw PlanError(
        file: file, problems: [.init("not YAML: \(problem)\(during)", at: place)])
    } catch {
      throw PlanError(file: file, problems: [.init("not YAML: \(error)", at: start)])
    }
    guard let node else {
      throw PlanError(file: file, problems: [.init("found an empty file, expected a plan", at: start)])
    }
    let reader = PlanReader(file: file)
    let root = PlanMapping(node, at: start, problems: reader.problems)
    let plan = reader.plan(root, sha256: sha256)
    guard reader.problems.list.isEmpty, let plan else {
      throw PlanError(file: file, problems: reader.problems.list)
    }
    return plan
  }

  private func plan(_ root: PlanMapping, sha256: String) -> Plan? {
    let trial = trial(root)
    let language = root.choice("language", Language.self) ?? .english
    let seed = root.integer("seed") ?? 1
    let level = root.number("confidence-level") ?? 0.95
    if !(level > 0 && level < 1) {
      problems.note(
        "found \(level), expected a level between 0 and 1", at: root.place(of: "confidence-level"))
    }
    let rounding = rounding(root)
    let floor = suppressionFloor(root)
    let codebook = root.located("codebook")
    let files = files(root)
    let arms = arms(root)
    let window = window(root)
    let derivations = root.mappings("derive").compactMap { derivation($0) }
    let sets = sets(root)
    let estimands = root.mappings("estimands").map { estimand($0) }
    let analyses = AnalysisPlanReader(sets: sets, estimands: estimands, files: files, problems: problems)
      .analyses(root)
    let outputs = outputs(root, analyses: analyses)
    let published = root.mappings("published").map { self.published($0) }
    root.finish()
    guard let arms, !files.isEmpty else { return nil }
    return Plan(
      file: file, sha256: sha256, trial: trial, language: language, seed: seed, level: level,
      rounding: rounding,
      suppressionFloor: floor, codebook: codebook, files: files, arms: arms, window: window,
      derivations: derivations, sets: sets, estimands: estimands, analyses: analyses, outputs: outputs,
      published: published)
  }

  private func trial(_ root: PlanMapping) -> TrialPlan {
    guard let mapping = root.mapping("trial") else {
      problems.note("the key \"trial\" is required here", at: root.position)
      return TrialPlan(id: "", title: Label(""), isSimulated: false)
    }
    defer { mapping.finish() }
    return TrialPlan(
      id: mapping.requiredText("id").value, title: mapping.requiredLabel("title"),
      isSimulated: mapping.bool("simulated") ?? false, registration: mapping.text("registration"),
      source: mapping.label("source"))
  }

  private func rounding(_ root: PlanMapping) -> AnalysisRun.Rounding {
    var rounding = AnalysisRun.Rounding()
    guard let mapping = root.mapping("rounding") else { return rounding }
    defer { mapping.finish() }
    rounding.ties = mapping.choice("ties", AnalysisRun.Rounding.Ties.self) ?? rounding.ties
    rounding.percentDecimals = mapping.integer("percent") ?? rounding.percentDecimals
    rounding.meanDecimals = mapping.integer("mean") ?? rounding.meanDecimals
    rounding.ratioDecimals = mapping.integer("ratio") ?? rounding.ratioDecimals
    rounding.pDecimals = mapping.integer("p") ?? rounding.pDecimals
    return rounding
  }

  private func suppressionFloor(_ root: PlanMapping) -> Int {
    guard let mapping = root.mapping("suppression") else { return 0 }
    defer { mapping.finish() }
    return mapping.integer("floor") ?? 0
  }

  private func files(_ root: PlanMapping) -> [DataFilePlan] {
    guard root.has("data") else {
      problems.note("the key \"data\" is required here", at: root.position)
      return []
    }
    let files = root.namedMappings("data").map { name, mapping in
      let visits = mapping.mapping("visit").map { visit in
        defer { visit.finish() }
        return DataFilePlan.Visits(
          column: visit.requiredText("column"), unit: visit.label("unit"), labels: visit.labels("labels"))
      }
      defer { mapping.finish() }
      return DataFilePlan(
        name: name.value, file: mapping.requiredText("file"), key: mapping.requiredText("key"), visits: visits
      )
    }
    if files.isEmpty {
      problems.note("found no file, expected at least the participants'", at: root.place(of: "data"))
    }
    return files
  }

  private func arms(_ root: PlanMapping) -> ArmPlan? {
    guard let mapping = root.mapping("arms") else {
      problems.note("the key \"arms\" is required here", at: root.position)
      return nil
    }
    let column = mapping.requiredText("column")
    let label = mapping.label("label") ?? Label("Arm", nb: "Arm")
    let control = mapping.requiredText("control")
    var arms = mapping.mappings("levels").map { level in
      defer { level.finish() }
      let code = level.requiredText("value")
      return ArmPlan.Arm(
        code: code, label: level.label("label") ?? Label(code.value), ratio: level.number("ratio") ?? 1)
    }
    mapping.finish()
    if arms.count < 2 {
      problems.note("found \(arms.count) arms, expected at least two under \"levels\"", at: mapping.position)
      return nil
    }
    guard let first = arms.firstIndex(where: { $0.code.value == control.value }) else {
      mapping.noteUnknown(control, what: "arm", among: arms.map(\.code.value))
      return nil
    }
    arms.insert(arms.remove(at: first), at: 0)
    return ArmPlan(column: column, arms: arms, label: label)
  }

  private func window(_ root: PlanMapping) -> WindowPlan? {
    guard let mapping = root.mapping("window") else { return nil }
    defer { mapping.finish() }
    let months = mapping.integer("months", atLeast: 1)
    let days = mapping.integer("days", atLeast: 1)
    switch (months, days) {
    case (let months?, nil): return .months(months)
    case (nil, let days?): return .days(days)
    default:
      problems.note("expected either months or days", at: mapping.position)
      return nil
    }
  }

  private func derivation(_ mapping: PlanMapping) -> DerivationPlan? {
    defer { mapping.finish() }
    if let employment = mapping.mapping("employment") { return .employment(self.employment(employment)) }
    if let scores = mapping.located("scores") { return .scores(file: scores) }
    let name = mapping.requiredText("column")
    let label = mapping.label("label")
    let file = mapping.located("data")
    if let expression = mapping.located("expression") {
      return .column(name: name, file: file, expression: expression, label: label)
    }
    if mapping.has("value") || mapping.has("visit") {
      return .atVisit(
        name: name, file: file ?? mapping.requiredText("data"), column: mapping.requiredText("value"),
        visit: mapping.requiredText("visit"), label: label)
    }
    if let column = mapping.located("sum") {
      return .total(
        TotalPlan(
          name: name, file: file ?? mapping.requiredText("data"), column: column,
          month: mapping.requiredText("month"), inclusionDate: mapping.requiredText("inclusion-date"),
          edges: mapping.choice("edges", TotalPlan.Edges.self) ?? .whole, label: label))
    }
    problems.note(
      "expected employment, scores, or a column with its expression, with its value and visit, or with its sum and month",
      at: mapping.position)
    return nil
  }

  private func employment(_ mapping: PlanMapping) -> EmploymentPlan {
    defer { mapping.finish() }
    return EmploymentPlan(
      spells: mapping.requiredText("spells"), inclusionDate: mapping.requiredText("inclusion-date"),
      preExisting: mapping.choice("pre-existing", EmploymentDefinition.PreExisting.self) ?? .exclude,
      sustainedDays: mapping.integer("sustained-days", atLeast: 1) ?? 91,
      fullWeekDefault: mapping.number("full-week-default") ?? 37.5, types: mapping.texts("types"),
      extractDate: mapping.located("extract-date"))
  }

  private func sets(_ root: PlanMapping) -> [AnalysisSetPlan] {
    var sets: [AnalysisSetPlan] = []
    for mapping in root.mappings("sets") {
      let id = mapping.requiredText("id")
      if sets.contains(where: { $0.id.value == id.value }) {
        problems.note("there is a set \"\(id.value)\" already", at: id.position)
      }
      let from = mapping.located("from")
      if let from, !sets.contains(where: { $0.id.value == from.value }) {
        mapping.noteUnknown(from, what: "set (of those above)", among: sets.map(\.id.value))
      }
      let exclusions = mapping.mappings("exclude").map { exclusion in
        defer { exclusion.finish() }
        return AnalysisSetPlan.Exclusion(
          id: exclusion.requiredText("id").value, reason: exclusion.requiredLabel("reason"),
          condition: exclusion.requiredText("where"))
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
          id: Located("randomised", at: place), label: Label("All randomised", nb: "Alle randomiserte"),
          from: nil,
          exclusions: [])
      ]
    }
    return sets
  }

  private func estimand(_ mapping: PlanMapping) -> AnalysisRun.Estimand {
    defer { mapping.finish() }
    let id = mapping.requiredText("id").value
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

  private func outputs(_ root: PlanMapping, analyses: [AnalysisPlan]) -> [OutputPlan] {
    let ids = analyses.map(\.id.value)
    return [("tables", AnalysisRun.Output.Form.table), ("figures", .figure)].flatMap { key, form in
      root.mappings(key).map { mapping in
        defer { mapping.finish() }
        let shown = mapping.texts("of")
        for id in shown where !ids.contains(id.value) {
          mapping.noteUnknown(id, what: "analysis", among: ids)
        }
        return OutputPlan(
          form: form, id: mapping.requiredText("id").value, analyses: shown, title: mapping.label("title"))
      }
    }
  }

  private func published(_ mapping: PlanMapping) -> PublishedPlan {
    defer { mapping.finish() }
    let measure = mapping.choice("measure", Result.Measure.self)
    if !mapping.has("measure") { problems.note("the key \"measure\" is required here", at: mapping.position) }
    let estimate = mapping.number("estimate")
    if !mapping.has("estimate") {
      problems.note("the key \"estimate\" is required here", at: mapping.position)
    }
    return PublishedPlan(
      label: mapping.requiredLabel("label"), measure: measure ?? .count, estimate: estimate ?? 0,
      low: mapping.number("low"), high: mapping.number("high"), source: mapping.requiredText("source").value,
      beside: mapping.located("beside"))
  }
}
