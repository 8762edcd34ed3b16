import TrialAnalysis

/// The comparisons of a run beside what another software's conventions make of them; those that print differently are
/// marked.
struct ConventionsView {
  let context: ReportContext

  /// The table; nil where the plan asks for no second conventions.
  func table() -> Table? {
    guard let profile = context.run.also else { return nil }
    let name = ConventionWords.choice("profile", profile.rawValue, context.language)
    var table = Table(
      id: "conventions", title: context.pick("Under the conventions of ", "Med konvensjonene til ") + name,
      stubLabel: context.text(.quantity),
      columns: [
        Table.Column("here", context.text(.thisRun)), Table.Column("also", name),
        Table.Column("differs", context.pick("Prints differently", "Trykkes ulikt"), alignment: .centre),
      ])
    for analysis in context.run.analyses {
      let records = analysis.results.filter { $0.also != nil && ($0.contrast != nil || $0.measure == .test) }
      guard !records.isEmpty else { continue }
      table.rows.append(.heading(analysis.id, context.text(analysis.title)))
      for record in records { add(record, analysis, to: &table) }
    }
    guard !table.rows.isEmpty else { return nil }
    table.provenance = context.provenance([])
    return table
  }

  private func add(_ record: Result, _ analysis: CompletedAnalysis, to table: inout Table) {
    guard let also = record.also else { return }
    let isTest = record.measure == .test
    let format: CellFormat = isTest ? .pValue : context.effectFormat(record)
    let values = isTest ? [record.pValue] : [record.estimate, record.low, record.high]
    let others = isTest ? [also.pValue] : [also.estimate, also.low, also.high]
    let part = record.variant.map { ", " + context.variant($0, in: analysis).lowercased() } ?? ""
    let measure =
      isTest
      ? (record.term ?? record.method).map { context.testName($0, in: analysis) } ?? context.text(.test)
      : context.effectName(record, of: analysis)
    let differs =
      format.text(values, style: context.style) != format.text(others, style: context.style)
      && !record.isSuppressed
    let twin: Table.Cell =
      record.isSuppressed
      ? .text(ReportContext.suppressedMark) : Table.Cell(others, format, records: [record.id])
    table.rows.append(
      Table.Row(
        "also-" + record.id, measure + part + (record.contrast.map { ", " + $0 } ?? ""), indent: 1,
        cells: [
          table.cell(record, format, context, values: { _ in values }), twin, .text(differs ? "≠" : ""),
        ]))
  }
}
