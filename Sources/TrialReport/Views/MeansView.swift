import TrialAnalysis

/// Continuous and count outcomes: what each arm looks like, then the differences; a figure of a skewed outcome.
struct MeansView {
  let analyses: [CompletedAnalysis]
  let context: ReportContext
  let id: String
  let title: String

  func table() -> Table {
    let level = analyses.lazy.flatMap(\.results).compactMap(\.level).first
    var table = Table(
      id: id, title: title, stubLabel: context.text(.outcome),
      columns: context.run.arms.map {
        Table.Column($0.code, context.text($0.label), spanner: context.text(.armSpanner))
      }
        + [
          Table.Column(
            "estimate", context.text(.contrastWord) + " (" + context.style.intervalName(level: level) + ")"),
          Table.Column("p", context.text(.pValue)),
        ])
    for analysis in analyses { add(analysis, to: &table) }
    table.generalNotes(analyses, context)
    return table
  }

  private func add(_ analysis: CompletedAnalysis, to table: inout Table) {
    let records = Records(analysis)
    table.rows.append(.heading(analysis.id, context.outcome(of: analysis)))
    let spread =
      records.of(.standardDeviation).compactMap(\.estimate).max()
      ?? records.of(.mean).compactMap(context.halfWidth).max()
    let decimals = context.decimals(forSpread: spread)
    let descriptive = records.all.filter { $0.group != nil }
    let variant = descriptive.first?.variant
    func row(
      _ name: String, _ label: String, _ measures: [Result.Measure], term: String? = nil, _ format: CellFormat
    ) {
      let found = context.run.arms.map { arm in
        measures.map { measure in
          descriptive.first {
            $0.measure == measure && $0.group == arm.code && $0.variant == variant && $0.term == term
          }
        }
      }
      guard found.contains(where: { $0[0] != nil }) else { return }
      let cells = found.map { parts in
        table.cell(parts.compactMap { $0 }, values: parts.map { $0?.estimate }, format, context)
      }
      table.rows.append(
        Table.Row(analysis.id + "/" + name, label, indent: 1, cells: cells + [.blank, .blank]))
    }
    addParticipants(descriptive, analysis, to: &table)
    row("mean", context.text(.meanSD), [.mean, .standardDeviation], .meanSD(decimals: decimals))
    row(
      "median", context.text(.medianQuartiles), [.median, .lowerQuartile, .upperQuartile],
      .medianQuartiles(decimals: max(0, decimals - 1)))
    row(
      "zero", context.text(.shareZero), [.share], term: "zero",
      .percent(decimals: context.run.rounding.percentDecimals))
    row(
      "standardised", context.text(.standardisedMean), [.mean], term: "standardised",
      .estimate(decimals: decimals))
    for record in records.all where record.contrast != nil || record.measure == .test {
      addComparison(record, analysis, decimals: decimals, to: &table)
    }
  }

  private func addParticipants(_ records: [Result], _ analysis: CompletedAnalysis, to table: inout Table) {
    let found = context.run.arms.map { arm in records.first { $0.group == arm.code && $0.n != nil } }
    guard found.contains(where: { $0 != nil }) else { return }
    let cells = found.map { table.cell($0, .count, context, values: { [$0.n.map(Double.init)] }) }
    table.rows.append(
      Table.Row(analysis.id + "/n", context.text(.participants), indent: 1, cells: cells + [.blank, .blank]))
  }

  private func addComparison(
    _ record: Result, _ analysis: CompletedAnalysis, decimals: Int, to table: inout Table
  ) {
    let blanks = context.run.arms.map { _ in Table.Cell.blank }
    let part = record.variant.map { context.variant($0, in: analysis) }
    let measure =
      record.measure == .test
      ? (record.term ?? record.method).map { context.testName($0, in: analysis) } ?? context.text(.test)
      : context.effectName(record, of: analysis)
    let format: CellFormat =
      record.measure == .meanDifference || record.measure == .coefficient
      ? .estimate(decimals: decimals) : context.effectFormat(record)
    let middle: Table.Cell =
      record.measure == .test ? .blank : table.cell(record, format, context)
    let p: Table.Cell =
      record.pValue == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] })
    table.rows.append(
      Table.Row(
        record.id, measure + (part.map { ", " + $0.lowercased() } ?? ""), indent: 1,
        cells: blanks + [middle, p]))
  }

  /// The distribution of one outcome in each arm; nil where there are no bins.
  func figure() -> Figure? {
    guard let analysis = analyses.first else { return nil }
    let bins = analysis.results.filter { $0.measure == .count && $0.term == "bin" && $0.time != nil }
    let zeros = analysis.results.filter { $0.measure == .count && $0.term == "bin-zero" }
    let edges = bins.compactMap(\.time).unique.sorted()
    guard edges.count > 1, !(bins + zeros).contains(where: \.isSuppressed) else { return nil }
    let width = edges[1] - edges[0]
    let highest = (bins + zeros).compactMap(\.estimate).max() ?? 1
    let values = Ticks.covering(edges[0], edges.last! + width)
    let counts = Ticks.covering(0, highest, count: 4)
    // Zero is a value like any other where hardly anybody has it.
    let hasZeros = zeros.contains { ($0.estimate ?? 0) > 0 }
    let style = context.style
    let panels = context.run.arms.map { arm in
      DistributionFigure.Panel(
        label: context.text(arm.label), zero: hasZeros ? zeros.first { $0.group == arm.code }?.estimate : nil,
        bins: bins.filter { $0.group == arm.code }.map {
          DistributionFigure.Bin(low: $0.time!, count: $0.estimate ?? 0)
        })
    }
    let figure = DistributionFigure(
      id: analysis.id, title: context.outcome(of: analysis), description: description(panels, width: width),
      panels: panels, binWidth: width, valueTitle: context.outcome(of: analysis),
      countTitle: context.text(.numberOfParticipants), zeroTitle: context.text(.zero),
      valueTicks: values.values.map { Tick(value: $0, text: style.number($0, decimals: values.decimals)) },
      countTicks: counts.values.filter { $0 == $0.rounded() }.map { Tick(value: $0, text: style.count($0)) },
      countText: { style.count($0) })
    return figure.figure()
  }

  private func description(_ panels: [DistributionFigure.Panel], width: Double) -> String {
    panels.map { panel in
      let zero = panel.zero.map { context.text(.zero) + " " + context.style.count($0) + ", " } ?? ""
      return panel.label + ": " + zero
        + panel.bins.map { context.style.count($0.low) + "+ " + context.style.count($0.count) }
        .joined(separator: ", ")
    }.joined(separator: "; ") + "."
  }
}
