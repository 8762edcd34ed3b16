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
    for term in terms.filter({ !$0.hasPrefix("stratum=") }) { addCheck(term, to: &table) }
    let strata = terms.filter { $0.hasPrefix("stratum=") }
    if !strata.isEmpty {
      table.rows.append(.heading("strata", context.text(.allocatedByStratum)))
      for term in strata { addCheck(term, to: &table) }
    }
    addDifferences(to: &table)
    table.generalNotes([analysis], context)
    return table
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
