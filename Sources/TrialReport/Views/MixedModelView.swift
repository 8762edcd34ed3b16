import TrialAnalysis

/// A mixed model of a repeated score: means and differences by visit, the model itself, and the figure of the means.
struct MixedModelView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  private var records: Records { Records(analysis) }
  private var variants: [String?] { records.variants }

  /// A visit: by its number where visits have one, else by its name.
  private struct Visit: Hashable {
    var name: String
    var number: Double?

    init(_ record: Result) {
      number = record.time
      name = record.time.map { $0 == $0.rounded() ? String(Int($0)) : $0.description } ?? record.term ?? ""
    }
  }

  /// Visits in the order of their numbers, else of the records.
  private var visits: [Visit] {
    let all = records.all.filter { [.marginalMean, .meanDifference, .mean].contains($0.measure) }.map(
      Visit.init
    ).unique
    guard all.allSatisfy({ $0.number != nil }) else { return all }
    return all.sorted { $0.number! < $1.number! }
  }

  /// The first record of a measure at a visit.
  private func record(
    _ measure: Result.Measure, _ visit: Visit, group: String? = nil, variant: String?? = nil
  ) -> Result? {
    records.of(measure, group: group, variant: variant).first { Visit($0) == visit }
  }

  /// The comparisons of arms, one or, with more than two arms, several.
  private var contrasts: [String] { records.of(.meanDifference).compactMap(\.contrast).unique }

  private var decimals: Int {
    context.decimals(forHalfWidths: records.of(.marginalMean).map(context.halfWidth)) > 1
      ? max(1, context.run.rounding.meanDecimals)
      : max(0, context.run.rounding.meanDecimals)
  }

  private func label(_ visit: Visit) -> String {
    if let word = analysis.words.first(where: { $0.code == visit.name }) { return context.text(word.label) }
    let named = context.level(visit.name, of: "visit", in: analysis)
    guard named == visit.name, let number = visit.number else { return named }
    let unit = analysis.timeUnit.map { " " + context.text($0) } ?? ""
    return context.style.number(number, decimals: Ticks.decimalsNeeded(number)) + unit
  }

  /// Means an arm and differences between the arms, a row a visit.
  func visitTable() -> Table? {
    guard !records.of(.marginalMean).isEmpty else { return nil }
    let level = records.all.compactMap(\.level).first
    let interval = context.style.intervalName(level: level)
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: context.text(.visit),
      columns: context.run.arms.flatMap { arm in
        [
          Table.Column(arm.code + ".n", "n", spanner: context.text(arm.label)),
          Table.Column(
            arm.code + ".mean", context.text(.mean) + " (" + interval + ")", spanner: context.text(arm.label)),
        ]
      }
        + contrasts.flatMap { contrast in
          let span = contrasts.count > 1 ? context.contrast(contrast) : context.text(.difference)
          return [
            Table.Column(
              contrast, context.text(.difference) + " (" + interval + ")",
              spanner: contrasts.count > 1 ? span : nil),
            Table.Column(contrast + ".p", context.text(.pValue), spanner: contrasts.count > 1 ? span : nil),
          ]
        })
    for variant in variants where !records.of(.marginalMean, variant: variant).isEmpty {
      if variants.count > 1, let variant {
        table.rows.append(.heading(variant, context.variant(variant, in: analysis)))
      }
      for visit in visits { addVisit(visit, variant, to: &table) }
      for test in records.of(.test, variant: variant) {
        var cells = table.columns.map { _ in Table.Cell.blank }
        cells[cells.count - 2] = .text(
          test.isSuppressed ? ReportContext.suppressedMark : context.statistic(test), records: [test.id])
        cells[cells.count - 1] = table.cell(test, .pValue, context, values: { [$0.pValue] })
        table.rows.append(
          Table.Row(test.id, context.testName(test.term ?? test.method ?? "", in: analysis), cells: cells))
      }
    }
    table.generalNotes([analysis], context)
    return table
  }

  private func addVisit(_ visit: Visit, _ variant: String?, to table: inout Table) {
    var cells: [Table.Cell] = []
    for arm in context.run.arms {
      let observed = record(.mean, visit, group: arm.code)
      let mean = record(.marginalMean, visit, group: arm.code, variant: variant)
      cells.append(
        observed == nil && mean?.n == nil
          ? .blank : table.cell(observed ?? mean, .count, context, values: { [$0.n.map(Double.init)] }))
      cells.append(table.cell(mean, .estimate(decimals: decimals), context))
    }
    for contrast in contrasts {
      let difference = records.of(.meanDifference, variant: variant).first {
        $0.contrast == contrast && Visit($0) == visit
      }
      cells.append(
        difference == nil ? .blank : table.cell(difference, .estimate(decimals: decimals), context))
      cells.append(
        difference == nil ? .blank : table.cell(difference, .pValue, context, values: { [$0.pValue] }))
    }
    table.rows.append(Table.Row(visit.name, label(visit), cells: cells))
  }

  /// Fixed effects with their degrees of freedom, then variances and the criterion.
  func modelTable() -> Table? {
    let effects = records.of(.coefficient)
    guard !effects.isEmpty else { return nil }
    let level = effects.compactMap(\.level).first
    var table = Table(
      id: analysis.id + "-model", title: context.text(analysis.title) + ": " + context.text(.modelWord),
      stubLabel: context.text(.term),
      columns: [
        Table.Column(
          "estimate", context.text(.estimate) + " (" + context.style.intervalName(level: level) + ")"),
        Table.Column("se", context.text(.standardError)),
        Table.Column("df", context.text(.degreesOfFreedom)),
        Table.Column("statistic", effects.contains { $0.df != nil } ? "t" : "z"),
        Table.Column("p", context.text(.pValue)),
      ])
    let digits = context.decimals(forHalfWidths: effects.map(context.halfWidth))
    for variant in variants {
      if variants.count > 1, let variant {
        table.rows.append(.heading(variant, context.variant(variant, in: analysis)))
      }
      for record in effects where record.variant == variant {
        table.rows.append(
          Table.Row(
            record.id, context.coefficient(record.term ?? "", in: analysis),
            cells: [
              table.cell(record, .estimate(decimals: digits), context),
              table.cell(record, .number(decimals: digits), context, values: { [$0.standardError] }),
              record.df == nil ? .blank : table.cell(record, .degreesOfFreedom, context, values: { [$0.df] }),
              table.cell(record, .number(decimals: 2), context, values: { [$0.statistic] }),
              table.cell(record, .pValue, context, values: { [$0.pValue] }),
            ]))
      }
      addVariances(variant, to: &table)
    }
    table.generalNotes([analysis], context)
    return table
  }

  private func addVariances(_ variant: String?, to table: inout Table) {
    let parts = records.all.filter {
      $0.variant == variant
        && [.varianceComponent, .correlation, .criterion, .logLikelihood].contains($0.measure)
    }
    guard !parts.isEmpty else { return }
    table.rows.append(.heading("variances" + (variant ?? ""), context.text(.varianceHeading)))
    for record in parts {
      var cells = table.columns.map { _ in Table.Cell.blank }
      cells[0] = table.cell(record, .number(decimals: 2), context, values: { [$0.estimate] })
      table.rows.append(
        Table.Row(record.id, context.varianceName(record, in: analysis), indent: 1, cells: cells))
    }
  }

  /// The means by visit; nil where there are none.
  func figure() -> Figure? {
    let variant = variants.first { !records.of(.marginalMean, variant: $0).isEmpty } ?? nil
    let means = records.of(.marginalMean, variant: variant).filter { !$0.isSuppressed && $0.estimate != nil }
    guard !means.isEmpty else { return nil }
    let positions = Dictionary(
      uniqueKeysWithValues: visits.enumerated().map { i, visit in (visit, visit.number ?? Double(i)) })
    let values = means.flatMap { [$0.estimate, $0.low, $0.high] }.compactMap { $0 }
    let ticks = Ticks.covering(values.min() ?? 0, values.max() ?? 1)
    let series = context.run.arms.map { arm in
      let own = means.filter { $0.group == arm.code }
      return MeanFigure.Series(
        label: context.text(arm.label),
        means: visits.compactMap { visit in
          own.first { Visit($0) == visit }.map {
            MeanFigure.Mean(visit: positions[visit]!, estimate: $0.estimate!, low: $0.low, high: $0.high)
          }
        },
        counts: visits.compactMap { visit in
          guard let seen = record(.mean, visit, group: arm.code) ?? own.first(where: { Visit($0) == visit }),
            let n = seen.n
          else { return nil }
          return Tick(
            value: positions[visit]!,
            text: seen.isSuppressed ? ReportContext.suppressedMark : context.style.count(Double(n)))
        })
    }
    let interval = context.style.intervalName(level: means.compactMap(\.level).first)
    let figure = MeanFigure(
      id: analysis.id, title: context.text(analysis.title), description: description(series), series: series,
      verticalTitle: context.text(.estimatedMean) + ": " + context.outcome(of: analysis),
      visitTitle: context.text(.visit) + (analysis.timeUnit.map { " (" + context.text($0) + ")" } ?? ""),
      countTitle: context.text(.participantsWithValue), remarks: [],
      visitTicks: visits.map { Tick(value: positions[$0]!, text: axisText($0)) },
      valueTicks: ticks.values.map {
        Tick(value: $0, text: context.style.number($0, decimals: ticks.decimals))
      })
    var drawn = figure.figure()
    drawn.notes = [context.pick("Bars: \(interval).", "Linjer: \(interval).")]
    return drawn
  }

  /// The number of a visit where the axis has a unit, else its name.
  private func axisText(_ visit: Visit) -> String {
    guard analysis.timeUnit != nil, let number = visit.number else { return label(visit) }
    return context.style.number(number, decimals: Ticks.decimalsNeeded(number))
  }

  private func description(_ series: [MeanFigure.Series]) -> String {
    series.map { one in
      one.label + ": "
        + one.means.map {
          context.style.number($0.estimate, decimals: decimals) + context.pick(" at ", " ved ")
            + context.style.number($0.visit, decimals: Ticks.decimalsNeeded($0.visit))
        }.joined(separator: ", ")
    }.joined(separator: "; ") + "."
  }
}
