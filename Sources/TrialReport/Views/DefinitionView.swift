import TrialAnalysis

/// One outcome by several definitions: a row a definition, so that the eye sees whether the answer hangs on the choice.
struct DefinitionView {
  let analysis: CompletedAnalysis
  let context: ReportContext
  let id: String
  let title: String

  func table() -> Table {
    let records = Records(analysis)
    let measures = measures(records)
    let level = analysis.results.lazy.compactMap(\.level).first
    let arms = analysis.kind == .risk ? context.run.arms : []
    var table = Table(
      id: id, title: title, stubLabel: context.text(.definition),
      columns: arms.map {
        Table.Column(
          $0.code, context.text($0.label) + context.text(.fractionSuffix), spanner: context.text(.armSpanner))
      }
        + measures.map { measure in
          Table.Column(
            measure.rawValue,
            (Term.measure(measure).map(context.text) ?? measure.rawValue)
              + " (\(context.style.intervalName(level: level)))")
        } + [Table.Column("p", context.text(.pValue))])
    for variant in records.variants {
      add(variant, records, measures, arms: arms, to: &table)
    }
    table.generalNotes([analysis], context)
    return table
  }

  /// The measures shown: an absolute and a relative one where there are both.
  private func measures(_ records: Records) -> [Result.Measure] {
    [.riskDifference, .oddsRatio].filter { measure in
      records.all.contains { $0.measure == measure && $0.contrast != nil }
    }
  }

  private func add(
    _ variant: String?, _ records: Records, _ measures: [Result.Measure], arms: [AnalysisRun.Arm],
    to table: inout Table
  ) {
    let decimals = context.run.rounding.percentDecimals
    let own = Records(records.all.filter { $0.variant == variant })
    let risks = arms.map { arm in
      table.cell(
        own.first(.risk, group: arm.code), .countOfTotal(decimals: decimals), context,
        values: { [$0.events.map(Double.init), $0.n.map(Double.init)] })
    }
    let label = variant.map { context.variant($0, in: analysis) } ?? context.text(analysis.title)
    // Each arm against the control; with more than two arms the comparisons after the first have lines of their own.
    let others = context.run.arms.dropFirst()
    for (i, arm) in others.enumerated() {
      let mine = own.all.filter { $0.contrast?.hasPrefix(arm.code + " ") == true }
      let effects = measures.map { measure in
        let record = mine.first { $0.measure == measure }
        return record.map { table.cell($0, context.effectFormat($0), context) } ?? .absent
      }
      let test = mine.first { $0.pValue != nil && ($0.measure == .test || $0.measure == .oddsRatio) }
      let p = test.map { table.cell($0, .pValue, context, values: { [$0.pValue] }) } ?? .absent
      let name =
        i == 0 ? label + (others.count > 1 ? " – " + context.text(arm.label) : "") : context.text(arm.label)
      table.rows.append(
        Table.Row(
          analysis.id + (variant.map { "." + $0 } ?? "") + "." + arm.code, name, indent: i == 0 ? 0 : 1,
          cells: (i == 0 ? risks : risks.map { _ in .blank }) + effects + [p]))
    }
  }
}
