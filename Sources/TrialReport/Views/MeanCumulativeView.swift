import TrialAnalysis

/// Recurrent events: the mean number by arm at stated times with the arms' comparisons, and the curves with the numbers at
/// risk from the same records.
struct MeanCumulativeView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  private var records: Records { Records(analysis) }
  private var unit: String { analysis.timeUnit.map(context.text) ?? context.text(.days) }

  private func time(_ value: Double) -> String {
    context.style.number(value, decimals: Ticks.decimalsNeeded(value))
  }

  // MARK: Table

  func table() -> Table {
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: "",
      columns: context.run.arms.map { Table.Column($0.code, context.text($0.label)) } + [
        Table.Column("estimate", context.text(.contrastWord)), Table.Column("p", context.text(.pValue)),
      ])
    for variant in records.variants {
      if let variant { table.rows.append(.heading(variant, context.variant(variant, in: analysis))) }
      let own = records.all.filter { $0.variant == variant }
      let events = context.run.arms.map { arm in
        own.first { $0.measure == .events && $0.time == nil && $0.group == arm.code }
      }
      addRow("participants", context.pick("Participants", "Deltakere"), events, to: &table) { record in
        [record.n.map(Double.init)]
      }
      addRow("events", context.pick("Events", "Hendelser"), events, to: &table) { [$0.estimate] }
      for horizon in own.filter({ $0.measure == .meanCumulative && $0.term == "horizon" }).compactMap(\.time)
        .unique
      {
        addMeans(own, at: horizon, to: &table)
      }
    }
    table.generalNotes([analysis], context)
    return table
  }

  private func addRow(
    _ name: String, _ label: String, _ found: [Result?], to table: inout Table,
    values: @escaping (Result) -> [Double?]
  ) {
    guard found.contains(where: { $0 != nil }) else { return }
    let cells = found.map { table.cell($0, .count, context, values: values) }
    table.rows.append(Table.Row(name, label, cells: cells + [.blank, .blank]))
  }

  /// The means at a time, and the arms' difference and ratio.
  private func addMeans(_ own: [Result], at horizon: Double, to table: inout Table) {
    let means = context.run.arms.map { arm in
      own.first {
        $0.measure == .meanCumulative && $0.term == "horizon" && $0.time == horizon && $0.group == arm.code
      }
    }
    let level = context.style.intervalName(level: means.compactMap { $0?.level }.first)
    let label =
      context.text(.meanCumulative) + context.pick(" to ", " til ") + time(horizon) + " " + unit
    let cells = means.map { table.cell($0, .estimate(decimals: decimals), context) }
    table.rows.append(
      Table.Row("mean@\(horizon)", label + " (" + level + ")", cells: cells + [.blank, .blank]))
    for record in own where record.contrast != nil && record.time == horizon {
      let name = context.effectName(record, of: analysis)
      let format: CellFormat =
        record.measure == .meanRatio ? context.effectFormat(record) : .estimate(decimals: decimals)
      table.rows.append(
        Table.Row(
          record.id, name, indent: 1,
          cells: context.run.arms.map { _ in .blank } + [
            table.cell(record, format, context),
            record.pValue == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] }),
          ]))
    }
  }

  /// Mean numbers of events are small: two decimals, whatever means of measurements have.
  private var decimals: Int { max(2, context.run.rounding.meanDecimals) }

  // MARK: Figure

  /// The curves of the first part.
  func figure() -> Figure? {
    let variant = records.variants.first ?? nil
    let own = records.all.filter { $0.variant == variant }
    let curves = context.run.arms.compactMap { curve($0.code, own) }
    guard !curves.isEmpty else { return nil }
    let steps = curves.flatMap(\.steps)
    let highest = steps.map { $0.high ?? $0.estimate }.max() ?? 1
    let ticks = Ticks.covering(0, highest > 0 ? highest : 1)
    let horizon = own.filter { $0.term == "table" && $0.measure == .atRisk }.compactMap(\.time).unique
    let times =
      horizon.isEmpty
      ? Ticks.times(
        to: steps.map(\.time).max() ?? 1, unit: TimeUnit(analysis.timeUnit?.english ?? "days")
      ).values : horizon.sorted()
    var drawn = CurveFigure(
      id: analysis.id, title: context.text(analysis.title), description: description(curves), curves: curves,
      verticalTitle: context.text(.meanCumulative)
        + (analysis.outcome == nil ? "" : ": " + context.outcome(of: analysis)),
      timeTitle: context.text(.timeSinceRandomisation) + " (" + unit + ")",
      atRiskTitle: context.text(.atRisk),
      remarks: own.filter { $0.contrast != nil && !$0.isSuppressed }.map(remark),
      timeTicks: times.map { Tick(value: $0, text: time($0)) },
      shareTicks: ticks.values.map {
        Tick(value: $0, text: context.style.number($0, decimals: ticks.decimals))
      }, showsMedians: false
    ).figure()
    let banded = own.first { $0.measure == .meanCumulative && $0.low != nil }
    drawn.notes = [
      context.pick("Shaded: pointwise ", "Skravert: punktvise ")
        + context.style.intervalName(level: banded?.level)
        + context.pick(
          " (log scale; variance robust by participant).", " (log-skala; varians robust etter deltaker).")
    ]
    return drawn
  }

  private func curve(_ arm: String, _ own: [Result]) -> CurveFigure.Curve? {
    let steps = own.filter { $0.measure == .meanCumulative && $0.term == "curve" && $0.group == arm }
      .compactMap { record -> CurveFigure.Step? in
        guard let time = record.time, let estimate = record.estimate, !record.isSuppressed else { return nil }
        return CurveFigure.Step(time: time, estimate: estimate, low: record.low, high: record.high)
      }
    guard !steps.isEmpty else { return nil }
    let table = own.filter {
      $0.measure == .atRisk && $0.term == "table" && $0.group == arm && $0.time != nil
    }
    return CurveFigure.Curve(
      label: context.arm(arm), steps: steps.sorted { $0.time < $1.time }, censored: [],
      atRisk: table.map {
        Tick(
          value: $0.time!,
          text: $0.isSuppressed ? ReportContext.suppressedMark : context.style.count($0.estimate))
      }, median: nil)
  }

  private func remark(_ record: Result) -> String {
    context.effectName(record, of: analysis) + context.pick(" at ", " ved ")
      + (record.time.map(time) ?? "") + " " + unit + ": " + context.effectText(record)
  }

  private func description(_ curves: [CurveFigure.Curve]) -> String {
    curves.map { curve in
      let last = curve.steps.last
      return curve.label + ": " + (last.map { context.style.number($0.estimate, decimals: 2) } ?? "")
        + context.pick(" at ", " ved ") + (last.map { time($0.time) } ?? "") + " " + unit
    }.joined(separator: "; ") + "."
  }
}
