import TrialAnalysis

/// Regression models: a row a coefficient, the parts (crude, adjusted) side by side, then the tests of the model.
struct ModelView {
  /// The kinds of analysis shown so; several of one kind share a table and a figure.
  static let kinds: Set<AnalysisKind> = [.logistic, .linear, .counts, .cox, .generalisedMixedModel]

  let analyses: [CompletedAnalysis]
  let context: ReportContext
  let id: String
  let title: String

  /// The parts over all analyses of the table, in their order.
  private var variants: [String?] { analyses.flatMap { Records($0).variants }.unique }

  func table() -> Table {
    var table = Table(id: id, title: title, stubLabel: context.text(.term), columns: columns())
    for analysis in analyses {
      if analyses.count > 1 {
        table.rows.append(.heading(analysis.id, context.outcome(of: analysis)))
      }
      addEffects(of: analysis, to: &table)
      addStandardised(of: analysis, to: &table)
      addVariances(of: analysis, to: &table)
      addTests(of: analysis, to: &table)
      addSizes(of: analysis, to: &table)
    }
    table.generalNotes(analyses, context)
    return table
  }

  private func columns() -> [Table.Column] {
    let level = analyses.lazy.flatMap(\.results).compactMap(\.level).first
    let measures = analyses.flatMap(\.results).filter(Self.isCoefficient).map(\.measure).unique
    let name = measures.count == 1 ? Term.shortMeasure(measures[0]).map(context.text) : nil
    let heading = (name ?? context.text(.estimate)) + " (" + context.style.intervalName(level: level) + ")"
    return variants.flatMap { variant -> [Table.Column] in
      let span = variant.map { context.variant($0, in: analyses[0]) }
      let prefix = variant ?? "all"
      return [
        Table.Column(prefix + ".estimate", heading, spanner: span),
        Table.Column(prefix + ".p", context.text(.pValue), spanner: span),
      ]
    }
  }

  static func isEffect(_ record: Result) -> Bool {
    switch record.measure {
    case .coefficient, .oddsRatio, .hazardRatio, .rateRatio, .meanRatio, .riskRatio, .meanDifference,
      .riskDifference:
      true
    default: false
    }
  }

  /// True for an effect that is a coefficient of the model rather than averaged over its predictions.
  private static func isCoefficient(_ record: Result) -> Bool {
    isEffect(record) && record.term != "standardised" && record.term != "(Intercept)"
  }

  /// Risks standardised over the participants and their comparisons, under a heading of their own.
  private func addStandardised(of analysis: CompletedAnalysis, to table: inout Table) {
    let all = analysis.results.filter { $0.term == "standardised" }
    guard !all.isEmpty else { return }
    table.rows.append(.heading(analysis.id + "/standardised", context.text(.standardisedHeading)))
    let keys = all.map { Key(term: $0.group, contrast: $0.contrast, measure: $0.measure) }.unique
    for key in keys {
      let rows = all.filter {
        $0.group == key.term && $0.contrast == key.contrast && $0.measure == key.measure
      }
      var cells: [Table.Cell] = []
      for variant in variants {
        let record = rows.first { $0.variant == variant }
        cells.append(record.map { table.cell($0, context.effectFormat($0), context) } ?? .blank)
        cells.append(
          record?.pValue == nil || record?.contrast == nil
            ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] }))
      }
      let name = Term.measure(key.measure).map(context.text) ?? key.measure.rawValue
      let whose = key.term.map { ": " + context.arm($0) } ?? ""
      let compared = context.run.arms.count > 2 ? key.contrast.map { ", " + context.contrast($0) } ?? "" : ""
      table.rows.append(Table.Row(rows[0].id, name + whose + compared, indent: 1, cells: cells))
    }
  }

  /// The variances of random effects, where the model has them.
  private func addVariances(of analysis: CompletedAnalysis, to table: inout Table) {
    let all = analysis.results.filter { [.varianceComponent, .correlation].contains($0.measure) }
    guard !all.isEmpty else { return }
    table.rows.append(.heading(analysis.id + "/variances", context.text(.varianceHeading)))
    for key in all.map({ Key(term: $0.term, contrast: nil, measure: $0.measure) }).unique {
      let rows = all.filter { $0.term == key.term && $0.measure == key.measure }
      let cells = variants.flatMap { variant -> [Table.Cell] in
        guard let record = rows.first(where: { $0.variant == variant }) else { return [.blank, .blank] }
        return [
          table.cell(record, .number(decimals: 2), context, values: { [$0.estimate] }), .blank,
        ]
      }
      table.rows.append(
        Table.Row(rows[0].id, context.varianceName(rows[0], in: analysis), indent: 1, cells: cells))
    }
  }

  private func addEffects(of analysis: CompletedAnalysis, to table: inout Table) {
    let effects = analysis.results.filter(Self.isCoefficient)
    // One row a coefficient, wherever it occurs; a contrast without a term is a row of its own.
    let keys = effects.map {
      Key(term: $0.term, contrast: $0.term == nil ? $0.contrast : nil, measure: $0.measure)
    }
    let decimals = context.decimals(forHalfWidths: effects.map(context.halfWidth))
    for key in keys.unique {
      let rows = effects.filter {
        $0.term == key.term && (key.term != nil || $0.contrast == key.contrast) && $0.measure == key.measure
      }
      var cells: [Table.Cell] = []
      for variant in variants {
        let record = rows.first { $0.variant == variant }
        var format = record.map(context.effectFormat) ?? .number(decimals: 2)
        if case .estimate = format, record?.measure == .coefficient || record?.measure == .meanDifference {
          format = .estimate(decimals: decimals)
        }
        cells.append(record == nil ? .blank : table.cell(record, format, context))
        cells.append(record == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] }))
      }
      table.rows.append(
        Table.Row(
          rows[0].id, label(rows[0], analysis, alone: keys.unique.filter { $0.term == key.term }.count == 1),
          indent: analyses.count > 1 ? 1 : 0, cells: cells))
    }
  }

  private struct Key: Hashable {
    var term: String?
    var contrast: String?
    var measure: Result.Measure
  }

  private func label(_ record: Result, _ analysis: CompletedAnalysis, alone: Bool) -> String {
    let measure = alone ? "" : Term.measure(record.measure).map { ", " + context.text($0) } ?? ""
    if let contrast = record.contrast { return context.contrast(contrast) + measure }
    return context.coefficient(record.term ?? record.measure.rawValue, in: analysis) + measure
  }

  private func addTests(of analysis: CompletedAnalysis, to table: inout Table) {
    let tests = analysis.results.filter { $0.measure == .test }
    let terms = tests.map { $0.term ?? $0.method ?? "" }.unique
    let assumption = terms.filter { $0.hasPrefix("proportional-hazards") }.sorted { a, b in
      a == "proportional-hazards" && b != a
    }
    var rest = terms.filter { !$0.hasPrefix("proportional-hazards") }
    if !assumption.isEmpty { rest.append("") }
    for term in rest + assumption {
      if term.isEmpty {
        table.rows.append(.heading(analysis.id + "/proportional-hazards", context.text(.proportionalHeading)))
        continue
      }
      let rows = tests.filter { ($0.term ?? $0.method ?? "") == term }
      var cells: [Table.Cell] = []
      for variant in variants {
        guard let record = rows.first(where: { $0.variant == variant }) else {
          cells += [.blank, .blank]
          continue
        }
        cells.append(record.isSuppressed ? .blank : .text(context.statistic(record), records: [record.id]))
        cells.append(table.cell(record, .pValue, context, values: { [$0.pValue] }))
      }
      table.rows.append(
        Table.Row(
          rows[0].id, testLabel(term, analysis),
          indent: analyses.count > 1 || term.hasPrefix("proportional-hazards") ? 1 : 0, cells: cells))
    }
  }

  /// The name of a test; of a test of proportional hazards only what it is about, as its heading says the rest.
  private func testLabel(_ term: String, _ analysis: CompletedAnalysis) -> String {
    if term == "proportional-hazards" { return context.text(.allTerms) }
    guard term.hasPrefix("proportional-hazards=") else { return context.testName(term, in: analysis) }
    return context.coefficient(String(term.dropFirst("proportional-hazards=".count)), in: analysis)
  }

  /// The participants that a model of several rows each uses, by arm.
  private static func isParticipants(_ record: Result) -> Bool {
    record.measure == .count && record.term == "participants"
  }

  /// How many participants and events each part rests on; of several rows each, how many rows too.
  private func addSizes(of analysis: CompletedAnalysis, to table: inout Table) {
    let counts = analysis.results.filter(Self.isParticipants)
    var cells: [Table.Cell] = []
    var any = false
    for variant in variants {
      let record = analysis.results.first {
        $0.variant == variant && $0.n != nil && !$0.isSuppressed && !Self.isParticipants($0)
      }
      let n = record?.n.map { context.style.count(Double($0)) }
      let events = record?.events.map {
        "; " + context.style.count(Double($0)) + " " + context.text(.eventsWord)
      }
      any = any || n != nil
      cells += [n.map { .text($0 + (events ?? ""), records: [record!.id]) } ?? .blank, .blank]
    }
    guard any else { return }
    let indent = analyses.count > 1 ? 1 : 0
    table.rows.append(
      Table.Row(
        analysis.id + "/n", context.text(counts.isEmpty ? .participants : .observations), indent: indent,
        cells: cells))
    guard !counts.isEmpty else { return }
    let sums = variants.flatMap { variant -> [Table.Cell] in
      let own = counts.filter { $0.variant == variant }
      guard !own.isEmpty else { return [.blank, .blank] }
      let text =
        own.contains(where: \.isSuppressed)
        ? ReportContext.suppressedMark : context.style.count(own.compactMap(\.estimate).reduce(0, +))
      return [.text(text, records: own.map(\.id)), .blank]
    }
    table.rows.append(
      Table.Row(analysis.id + "/participants", context.text(.participants), indent: indent, cells: sums))
  }

  /// The forest plot of the effects; nil where there are fewer than two rows or they differ in scale.
  func figure() -> Figure? {
    let all = analyses.flatMap { analysis in
      analysis.results.filter {
        Self.isCoefficient($0) && !$0.isSuppressed && $0.low != nil && $0.high != nil
      }.map {
        (analysis, $0)
      }
    }
    guard let first = all.first, all.count > 1, all.allSatisfy({ $0.1.measure == first.1.measure }),
      let null = first.1.measure.null
    else { return nil }
    var rows: [EffectFigure.Row] = []
    for analysis in analyses {
      for variant in variants {
        let own = all.filter { $0.0.id == analysis.id && $0.1.variant == variant }
        guard !own.isEmpty else { continue }
        let heading = [
          analyses.count > 1 ? context.outcome(of: analysis) : nil,
          variant.map { context.variant($0, in: analysis) },
        ].compactMap { $0 }.joined(separator: " – ")
        if !heading.isEmpty { rows.append(EffectFigure.Row(label: heading, isHeading: true)) }
        rows += own.map { row($0.1, analysis) }
      }
    }
    return EffectFigure.forest(
      id: id, title: title, rows: rows, measure: first.1.measure, null: null, level: first.1.level,
      context: context)
  }

  private func row(_ record: Result, _ analysis: CompletedAnalysis) -> EffectFigure.Row {
    let values = [record.estimate, record.low, record.high]
    return EffectFigure.Row(
      label: label(record, analysis, alone: true), estimate: record.estimate, low: record.low,
      high: record.high,
      text: context.effectFormat(record).text(values, style: context.style))
  }
}

extension EffectFigure {
  /// A forest plot with an axis chosen for its measure: logarithmic for ratios, linear for differences.
  static func forest(
    id: String, title: String, rows: [Row], measure: Result.Measure, null: Double, level: Double?,
    context: ReportContext
  ) -> Figure {
    let values = rows.flatMap { [$0.estimate, $0.low, $0.high] }.compactMap { $0 } + [null]
    let isRatio = null == 1
    let ticks: Ticks
    if isRatio {
      // Beyond a hundredfold an axis only shows how little is known; the arrow says the same.
      let finite = values.filter { $0 > 0 && $0.isFinite }
      ticks = .ratios(max(finite.min() ?? 0.5, 0.01), min(finite.max() ?? 2, 100))
    } else {
      let finite = values.filter(\.isFinite)
      ticks = .covering(finite.min() ?? -1, finite.max() ?? 1)
    }
    let name = Term.measure(measure).map(context.text) ?? measure.rawValue
    let suffix = isRatio ? " (" + context.text(.logScale) + ")" : ""
    var figure = EffectFigure(
      id: id, title: title, description: "", rows: rows, axisTitle: name + suffix, sides: nil,
      textTitle: context.text(.estimate) + " (" + context.style.intervalName(level: level) + ")",
      ticks: ticks.values.map {
        Tick(
          value: $0,
          text: context.style.number($0, decimals: isRatio ? Ticks.decimalsNeeded($0) : ticks.decimals))
      },
      isLogarithmic: isRatio, null: null)
    figure.description =
      rows.filter { !$0.isHeading }.map { $0.label + " " + $0.text }.joined(separator: "; ") + "."
    return figure.figure()
  }
}

extension ReportContext {
  /// A test statistic with its degrees of freedom: "χ² = 83.55, df = 1" or "F = 2.31, df = 4, 1080.2".
  func statistic(_ record: Result) -> String {
    guard let value = record.statistic else { return "" }
    let symbol = record.df2 != nil ? "F" : ConventionWords.symbol(record)
    var text = symbol + " = " + style.number(value, decimals: 2)
    let dfs = [record.df, record.df2].compactMap { $0 }.map {
      CellFormat.degreesOfFreedom.text([$0], style: style)
    }
    if !dfs.isEmpty {
      text +=
        pick(", ", "; ") + self.text(Term.degreesOfFreedom) + " = " + dfs.joined(separator: pick(", ", "; "))
    }
    return text
  }

  /// The name of a test of a model.
  func testName(_ term: String, in analysis: CompletedAnalysis) -> String {
    let parts = term.split(separator: "=", maxSplits: 1).map(String.init)
    let name = ConventionWords.method(parts.first ?? term, language)
    return parts.count > 1 ? name + ": " + coefficient(parts[1], in: analysis) : name
  }
}
