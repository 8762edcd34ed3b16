import TrialAnalysis

/// Values printed elsewhere beside those of this run; a comparison for the reader's eye, not a test.
struct PublishedView {
  let context: ReportContext

  /// The table; nil where the plan names no published values.
  func table() -> Table? {
    let run = context.run
    guard !run.published.isEmpty else { return nil }
    var table = Table(
      id: "published", title: context.text(.publishedTitle), stubLabel: context.text(.quantity),
      columns: [
        Table.Column("published", context.text(.published)),
        Table.Column("here", context.text(run.isSimulated ? .thisRunSimulated : .thisRun)),
      ])
    let byID = Dictionary(run.results.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for (i, value) in run.published.enumerated() {
      let source = table.note("source-" + value.source, value.source)
      var printed = Result(analysis: "", measure: value.measure, estimate: value.estimate)
      printed.low = value.low
      printed.high = value.high
      let own = value.resultID.flatMap { byID[$0] }
      let format = context.effectFormat(own ?? printed)
      let percent = run.rounding.percentDecimals
      let cellFormat: CellFormat =
        value.measure == .risk || value.measure == .share ? .percentEstimate(decimals: percent) : format
      table.rows.append(
        Table.Row(
          "published-\(i + 1)", context.text(value.label),
          cells: [
            Table.Cell([value.estimate, value.low, value.high], cellFormat, notes: [source]),
            table.cell(own, cellFormat, context),
          ]))
    }
    if run.isSimulated { table.note("simulated", context.text(.simulatedNote)) }
    table.provenance = context.provenance([])
    return table
  }
}
