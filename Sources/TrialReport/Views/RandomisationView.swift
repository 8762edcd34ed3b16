import TrialAnalysis

/// Checks of the randomisation: allocation, balance, missing outcomes, and a love plot of baseline differences.
struct RandomisationView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  private var records: Records { Records(analysis) }

  func table() -> Table {
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: context.text(.check),
      columns: context.run.arms.map { Table.Column($0.code, context.text($0.label)) } + [
        Table.Column("test", context.text(.test), alignment: .leading),
        Table.Column("statistic", context.text(.statistic)),
        Table.Column("df", context.text(.degreesOfFreedom)),
        Table.Column("p", context.text(.pValue)),
      ])
    let terms = records.terms([.count, .test])
    let own = ["stratum=", "check=", "blocks="]
    for term in terms.filter({ term in !own.contains(where: term.hasPrefix) }) { addCheck(term, to: &table) }
    let strata = terms.filter { $0.hasPrefix("stratum=") }
    if !strata.isEmpty {
      table.rows.append(.heading("strata", context.text(.allocatedByStratum)))
      for term in strata { addCheck(term, to: &table) }
    }
    addDifferences(to: &table)
    table.generalNotes([analysis], context)
    return table
  }

  /// The audit of the list: each check with its verdict, what was found and what the design gives on average; nil without
  /// one.
  func auditTable() -> Table? {
    let checks = records.of(.test).filter { $0.term?.hasPrefix("check=") == true }
    guard !checks.isEmpty else { return nil }
    var table = Table(
      id: analysis.id + "-audit", title: context.text(.auditTitle), stubLabel: context.text(.check),
      columns: [
        Table.Column("verdict", context.text(.verdict), alignment: .leading),
        Table.Column("found", context.text(.found)), Table.Column("expected", context.text(.expected)),
        Table.Column("p", context.text(.pValue)),
        Table.Column("lines", context.text(.lines), alignment: .leading),
      ])
    for check in checks {
      let id = String(check.term!.dropFirst("check=".count))
      let expected = check.convention("expected").flatMap(Double.init)
      let isShare = id == "predictability"
      func cell(_ value: Double?) -> Table.Cell {
        guard let value else { return .blank }
        let whole = value == value.rounded()
        var cell = Table.Cell(
          [value], isShare ? .percent(decimals: 1) : .number(decimals: whole ? 0 : 2), records: [check.id])
        if check.isSuppressed { cell = .text(ReportContext.suppressedMark) }
        return cell
      }
      table.rows.append(
        Table.Row(
          id, context.text(Term.check(id)),
          cells: [
            .text(context.text(Term.verdict(check.convention("verdict") ?? ""))), cell(check.statistic),
            cell(expected),
            check.pValue == nil ? .blank : table.cell(check, .pValue, context, values: { [$0.pValue] }),
            .text(
              lines(check.convention("lines") ?? ""),
              records: check.convention("lines").map { _ in [check.id] } ?? []),
          ]))
    }
    addDesign(checks, to: &table)
    table.provenance = context.provenance([analysis])
    return table
  }

  /// At most six lines of the file; the records hold all.
  private func lines(_ list: String) -> String {
    let all = list.components(separatedBy: ", ").filter { !$0.isEmpty }
    guard all.count > 6 else { return list }
    return all.prefix(5).joined(separator: ", ") + ", … (\(all.count))"
  }

  private func addDesign(_ checks: [Result], to table: inout Table) {
    if let drawn = checks.first(where: { $0.convention("re-drawn design") != nil }) {
      let design = ConventionWords.choice(
        "re-drawn design", drawn.convention("re-drawn design")!, context.language)
      let draws = drawn.convention("draws").flatMap(Double.init).map { context.style.count($0) } ?? ""
      table.note(
        "design",
        context.pick(
          "Expected values and p-values come from \(draws) draws of the design: \(design).",
          "Forventede verdier og p-verdier er fra \(draws) trekninger av designet: \(design)."))
    }
    let blocks = records.all.filter { $0.term?.hasPrefix("blocks=") == true }
    let sizes = blocks.compactMap { $0.convention("block sizes") }.unique
    if !blocks.isEmpty {
      let complete = context.style.count(blocks.reduce(0) { $0 + ($1.estimate ?? 0) })
      table.note(
        "blocks",
        context.pick(
          "Blocks of \(sizes.joined(separator: "; ")): \(complete) complete.",
          "Blokker på \(sizes.joined(separator: "; ")): \(complete) fullstendige."))
    }
  }

  /// The standardised differences as a note, unless the table of baseline characteristics shows them.
  private func addDifferences(to table: inout Table) {
    guard !context.run.analyses.contains(where: { $0.kind == .baseline && $0.failure == nil }),
      !differences.isEmpty
    else { return }
    let items = differences.map { context.variable($0.term ?? "", in: analysis) + " " + value($0) }
    table.note("smd-list", context.text(.largestDifferences) + ": " + items.joined(separator: "; ") + ".")
  }

  /// The differences of whole variables; those of single levels stand in the records.
  private var differences: [Result] {
    records.of(.standardisedDifference).filter { $0.term?.contains("=") != true }
  }

  private func value(_ record: Result) -> String {
    record.isSuppressed ? ReportContext.suppressedMark : context.style.number(record.estimate, decimals: 2)
  }

  private func label(_ term: String) -> String {
    if let own = analysis.words.first(where: { $0.code == term }) { return context.text(own.label) }
    let parts = term.split(separator: "=", maxSplits: 2).map(String.init)
    switch parts[0] {
    case "allocation": return context.text(.allocation)
    case "balance": return context.text(.omnibusBalance)
    case "missing-outcome":
      let outcome = parts.count > 1 ? ": " + context.variable(parts[1], in: analysis) : ""
      return context.text(.missingOutcome) + outcome
    case "stratum" where parts.count == 3:
      return context.variable(parts[1], in: analysis) + ": "
        + context.level(parts[2], of: parts[1], in: analysis)
    default: return context.word(term, in: analysis)
    }
  }

  private func addCheck(_ term: String, to table: inout Table) {
    let counts = context.run.arms.map { arm -> Table.Cell in
      guard let record = records.first(.count, term: term, group: arm.code) else { return .blank }
      return table.cell(
        record, .countOfTotal(decimals: context.run.rounding.percentDecimals), context,
        values: { [$0.estimate, $0.n.map(Double.init)] })
    }
    let tests = records.of(.test, term: term)
    for (i, test) in (tests.isEmpty ? [nil] : tests.map(Optional.some)).enumerated() {
      var cells = i == 0 ? counts : counts.map { _ in .blank }
      cells.append(.text(test?.method.map { ConventionWords.method($0, context.language) } ?? ""))
      cells.append(
        test == nil || test?.statistic == nil
          ? .blank : table.cell(test, .number(decimals: 2), context, values: { [$0.statistic] }))
      cells.append(
        test?.df == nil ? .blank : table.cell(test, .degreesOfFreedom, context, values: { [$0.df] }))
      cells.append(test == nil ? .blank : table.cell(test, .pValue, context, values: { [$0.pValue] }))
      let indent = term.hasPrefix("stratum=") || i > 0 ? 1 : 0
      table.rows.append(Table.Row(term, i == 0 ? label(term) : "", indent: indent, cells: cells))
    }
  }

  /// The love plot; nil where there are no differences.
  func figure() -> Figure? {
    let differences = differences.filter { !$0.isSuppressed && $0.estimate != nil }
    guard !differences.isEmpty else { return nil }
    let widest = differences.map { abs($0.estimate!) }.max() ?? 0
    let reach = max(0.25, (widest * 10 + 0.5).rounded(.up) / 10)
    let ticks = Ticks.covering(-reach, reach, count: 5)
    var figure = EffectFigure(
      id: analysis.id, title: context.text(.loveTitle), description: "",
      rows: differences.map {
        EffectFigure.Row(
          label: context.variable($0.term ?? "", in: analysis), estimate: $0.estimate, low: nil, high: nil,
          text: context.style.number($0.estimate, decimals: 2))
      },
      axisTitle: context.text(.standardisedDifference), sides: nil,
      textTitle: "",
      ticks: ticks.values.map {
        Tick(value: $0, text: context.style.number($0, decimals: ticks.decimals))
      }, isLogarithmic: false, null: 0)
    figure.guides = [-0.1, 0.1]
    figure.description = figure.rows.map { $0.label + " " + $0.text }.joined(separator: "; ") + "."
    var drawn = figure.figure()
    let guide = context.style.number(0.1, decimals: 1)
    drawn.notes = [context.pick("Dashed: ±\(guide).", "Stiplet: ±\(guide).")]
    if let contrast = differences[0].contrast { drawn.notes.insert(context.contrast(contrast) + ".", at: 0) }
    return drawn
  }
}
