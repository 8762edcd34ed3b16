import TrialAnalysis

/// Time to event: medians and probabilities by arm, and the curves with the numbers at risk from the same records.
struct SurvivalView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  private var records: Records { Records(analysis) }
  private var isCumulative: Bool { analysis.kind == .cumulativeIncidence }
  private var curveMeasure: Result.Measure { isCumulative ? .cumulativeIncidence : .survival }
  private var unit: String { analysis.timeUnit.map(context.text) ?? context.text(.days) }

  func table() -> Table {
    let arms = context.run.arms
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: "",
      columns: arms.map { Table.Column($0.code, context.text($0.label)) })
    for variant in records.variants {
      if let variant { table.rows.append(.heading(variant, context.variant(variant, in: analysis))) }
      addSizes(variant, to: &table)
      addMedians(variant, to: &table)
      addHorizons(variant, to: &table)
      addTests(variant, to: &table)
    }
    table.generalNotes([analysis], context)
    return table
  }

  private func row(
    _ name: String, _ label: String, _ format: CellFormat, to table: inout Table,
    record: (String) -> Result?, values: (Result) -> [Double?]
  ) {
    let found = context.run.arms.map { record($0.code) }
    guard found.contains(where: { $0 != nil }) else { return }
    let cells = found.map { table.cell($0, format, context, values: values) }
    table.rows.append(Table.Row(name, label, cells: cells))
  }

  /// The events of each arm; of each cause, where causes compete.
  private func addSizes(_ variant: String?, to table: inout Table) {
    let events = records.all.filter { $0.measure == .events && $0.time == nil && $0.variant == variant }
    for cause in events.map(\.term).unique {
      let label = cause.map { context.word($0, in: analysis) + ": " } ?? ""
      row(
        "events" + (cause.map { "=" + $0 } ?? ""), label + context.text(.eventsOfParticipants),
        .countOfTotal(decimals: context.run.rounding.percentDecimals), to: &table,
        record: { arm in events.first { $0.term == cause && $0.group == arm } },
        values: { [$0.estimate, $0.n.map(Double.init)] })
    }
  }

  private func addMedians(_ variant: String?, to table: inout Table) {
    let medians = context.run.arms.map { records.first(.medianTime, group: $0.code, variant: variant) }
    guard medians.contains(where: { $0 != nil }) else { return }
    let level = context.style.intervalName(level: medians.compactMap { $0?.level }.first)
    let cells = medians.map { record -> Table.Cell in
      guard let record, !record.isSuppressed else {
        return table.cell(record, .estimate(decimals: 0), context)
      }
      // A median that is not reached has no value; its lower limit may exist.
      let text = { (value: Double?) in
        value.map { context.style.number($0, decimals: min(1, Ticks.decimalsNeeded($0))) }
          ?? context.text(.notReached)
      }
      if record.estimate == nil, record.low == nil { return .text(context.text(.notReached)) }
      var cell = Table.Cell.text(
        text(record.estimate) + " (" + text(record.low) + context.style.intervalWord + text(record.high) + ")"
      )
      cell.values = [record.estimate, record.low, record.high]
      cell.records = [record.id]
      return cell
    }
    table.rows.append(
      Table.Row("median", context.text(.medianTime) + ", " + unit + " (" + level + ")", cells: cells))
  }

  private func addHorizons(_ variant: String?, to table: inout Table) {
    let horizons = records.all.filter {
      $0.measure == curveMeasure && $0.variant == variant && $0.term?.hasPrefix("horizon") == true
    }
    for key in horizons.map({ TermTime(term: $0.term ?? "", time: $0.time ?? 0) }).unique {
      let level = context.style.intervalName(level: horizons.compactMap(\.level).first)
      let cause = key.term.split(separator: "=", maxSplits: 1).dropFirst().first.map {
        context.word(String($0), in: analysis) + ", "
      }
      let label = (cause ?? "") + curveName + context.pick(" at ", " ved ") + time(key.time) + " " + unit
      row(
        "\(key.term)@\(key.time)", label + " (" + level + ")",
        .percentEstimate(decimals: context.run.rounding.percentDecimals), to: &table,
        record: { arm in horizons.first { $0.term == key.term && $0.time == key.time && $0.group == arm } },
        values: { [$0.estimate, $0.low, $0.high] })
    }
  }

  private struct TermTime: Hashable {
    var term: String
    var time: Double
  }

  private func addTests(_ variant: String?, to table: inout Table) {
    for test in records.of(.test, variant: variant) {
      let name = test.method.map { ConventionWords.method($0, context.language) } ?? context.text(.test)
      let cause = test.term.map { " (" + context.word($0, in: analysis) + ")" } ?? ""
      let text = context.statistic(test) + ", " + context.style.pPhrase(test.pValue)
      let cells = context.run.arms.indices.map {
        $0 == 0
          ? Table.Cell.text(test.isSuppressed ? ReportContext.suppressedMark : text, records: [test.id])
          : .blank
      }
      table.rows.append(Table.Row(test.id, name + cause, cells: cells))
    }
  }

  private var curveName: String { context.text(isCumulative ? .cumulativeIncidence : .withoutEvent) }

  private func time(_ value: Double) -> String {
    context.style.number(value, decimals: Ticks.decimalsNeeded(value))
  }

  // MARK: Figures

  /// One figure of each cause (of the one event, for Kaplan–Meier curves); only the first part of the analysis is drawn.
  ///
  /// - Parameter tests: records of tests to print over the curves, such as the log-rank test of another analysis.
  func figures(tests: [(CompletedAnalysis, Result)]) -> [Figure] {
    let variant = records.variants.first ?? nil
    let curves = records.all.filter {
      $0.measure == curveMeasure && $0.variant == variant && $0.term?.hasPrefix("curve") == true
        && !$0.isSuppressed
    }
    return curves.compactMap(\.term).unique.map { term in
      let cause = term.split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init)
      let own = tests.filter { $0.1.term == nil || $0.1.term == cause || $0.0.id != analysis.id }
      return figure(term: term, cause: cause, variant: variant, tests: own)
    }
  }

  private func figure(
    term: String, cause: String?, variant: String?, tests: [(CompletedAnalysis, Result)]
  ) -> Figure {
    let ofVariant = records.all.filter { $0.variant == variant }
    let horizon = ofVariant.filter { $0.term == "table" && $0.measure == .atRisk }.compactMap(\.time).unique
    let last = ofVariant.compactMap(\.time).max() ?? 1
    let times =
      horizon.isEmpty
      ? Ticks.times(to: last, unit: TimeUnit(analysis.timeUnit?.english ?? "days")).values : horizon.sorted()
    let curves = context.run.arms.compactMap { curve($0.code, term: term, ofVariant) }
    let tail = cause.map { ": " + context.word($0, in: analysis) } ?? ""
    let figure = CurveFigure(
      id: analysis.id + (cause.map { "-" + $0 } ?? ""), title: context.text(analysis.title) + tail,
      description: description(curves),
      curves: curves,
      verticalTitle: verticalTitle + tail,
      timeTitle: timeTitle(ofVariant) + " (" + unit + ")",
      atRiskTitle: context.text(.atRisk),
      remarks: tests.map(remark), timeTicks: times.map { Tick(value: $0, text: time($0)) },
      shareTicks: shareTicks(curves).map {
        Tick(value: $0, text: context.style.percent($0, decimals: 0))
      }, showsMedians: false)
    var drawn = figure.figure()
    drawn.notes = [bandNote(ofVariant.first { $0.measure == curveMeasure && $0.low != nil })]
    return drawn
  }

  /// The shares on the axis: the whole range of survival; of an incidence, what it and its limits reach, since a rare
  /// cause's curves would lie on the axis otherwise.
  private func shareTicks(_ curves: [CurveFigure.Curve]) -> [Double] {
    let highest = curves.flatMap(\.steps).map { max($0.estimate, $0.high ?? 0) }.max() ?? 1
    let top = isCumulative ? [0.1, 0.25, 0.5].first { highest <= $0 } ?? 1 : 1
    return (0...5).map { top * Double($0) / 5 }
  }

  /// What the axis counts from: randomisation, or a landmark.
  private func timeTitle(_ records: [Result]) -> String {
    guard let landmark = records.lazy.compactMap({ $0.convention("landmark") }).first else {
      return context.text(.timeSinceRandomisation)
    }
    return context.pick("Time since the landmark at ", "Tid siden landemerket ved ") + landmark
  }

  private var verticalTitle: String {
    context.text(isCumulative ? .cumulativeIncidence : .shareWithoutEvent)
      + (analysis.outcome == nil || isCumulative ? "" : ": " + context.outcome(of: analysis))
  }

  private func bandNote(_ record: Result?) -> String {
    guard let record else { return context.text(.censorMarkNote) }
    let limits = record.convention("limits").map {
      " (" + ConventionWords.choice("limits", $0, context.language) + ")"
    }
    return context.pick("Shaded: pointwise ", "Skravert: punktvise ")
      + context.style.intervalName(level: record.level)
      + (limits ?? "") + ". " + context.text(.censorMarkNote)
  }

  private func curve(_ arm: String, term: String, _ records: [Result]) -> CurveFigure.Curve? {
    let own = records.filter { $0.group == arm }
    let steps = own.filter { $0.measure == curveMeasure && $0.term == term && !$0.isSuppressed }.compactMap {
      record -> CurveFigure.Step? in
      guard let time = record.time, let estimate = record.estimate else { return nil }
      return CurveFigure.Step(time: time, estimate: estimate, low: record.low, high: record.high)
    }
    guard !steps.isEmpty else { return nil }
    let censored = own.filter {
      $0.measure == .censored && $0.term?.hasPrefix("curve") == true && $0.time != nil
    }
    let table = own.filter { $0.measure == .atRisk && $0.term == "table" && $0.time != nil }
    return CurveFigure.Curve(
      label: context.arm(arm), steps: steps.sorted { $0.time < $1.time },
      censored: censored.filter { ($0.estimate ?? 0) > 0 }.compactMap(\.time),
      atRisk: table.map {
        Tick(
          value: $0.time!,
          text: $0.isSuppressed ? ReportContext.suppressedMark : context.style.count($0.estimate))
      }, median: own.first { $0.measure == .medianTime }?.estimate)
  }

  private func remark(_ analysis: CompletedAnalysis, _ test: Result) -> String {
    if test.measure == .test {
      let name = test.method.map { ConventionWords.method($0, context.language) } ?? context.text(.test)
      return name + ": " + context.statistic(test) + ", " + context.style.pPhrase(test.pValue)
    }
    let parts = [test.variant.map { context.variant($0, in: analysis) }].compactMap { $0 }
    let name =
      (Term.measure(test.measure).map(context.text) ?? "")
      + (parts.isEmpty ? "" : " (" + parts[0].lowercased() + ")")
    return name + ": " + context.effectText(test)
  }

  private func description(_ curves: [CurveFigure.Curve]) -> String {
    curves.map { curve in
      let last = curve.steps.last
      return curve.label + ": " + context.style.percent(last?.estimate, decimals: 1)
        + context.pick(" at ", " ved ") + (last.map { time($0.time) } ?? "") + " " + unit
    }.joined(separator: "; ") + "."
  }
}

/// The log-rank test with observed and expected events, and restricted means: small tables of time to event.
struct SurvivalComparisonView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  func table() -> Table {
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: "",
      columns: context.run.arms.map { Table.Column($0.code, context.text($0.label)) } + [
        Table.Column("estimate", context.text(analysis.kind == .logRank ? .test : .contrastWord)),
        Table.Column("p", context.text(.pValue)),
      ])
    let records = Records(analysis)
    for variant in records.variants {
      if let variant { table.rows.append(.heading(variant, context.variant(variant, in: analysis))) }
      addArms(records, variant, to: &table)
      for record in records.all where record.variant == variant && record.group == nil {
        let blanks = context.run.arms.map { _ in Table.Cell.blank }
        let isTest = record.measure == .test
        let label =
          isTest
          ? (record.method.map { ConventionWords.method($0, context.language) } ?? context.text(.test))
          : context.effectName(record, of: analysis)
        let middle =
          isTest
          ? Table.Cell.text(
            record.isSuppressed ? ReportContext.suppressedMark : context.statistic(record),
            records: [record.id])
          : table.cell(record, context.effectFormat(record), context)
        table.rows.append(
          Table.Row(
            record.id, label,
            cells: blanks + [
              middle,
              record.pValue == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] }),
            ]))
      }
    }
    table.generalNotes([analysis], context)
    return table
  }

  private func addArms(_ records: Records, _ variant: String?, to table: inout Table) {
    let byArm = records.all.filter { $0.variant == variant && $0.group != nil }
    for key in byArm.map({ ($0.measure.rawValue) + "|" + ($0.term ?? "") }).unique {
      let own = byArm.filter { $0.measure.rawValue + "|" + ($0.term ?? "") == key }
      let format: CellFormat =
        own[0].measure == .events
        ? .number(decimals: own[0].term == "expected" ? 1 : 0) : context.effectFormat(own[0])
      let cells = context.run.arms.map { arm in
        table.cell(own.first { $0.group == arm.code }, format, context)
      }
      table.rows.append(Table.Row(key, label(own[0]), cells: cells + [.blank, .blank]))
    }
  }

  private func label(_ record: Result) -> String {
    switch (record.measure, record.term) {
    case (.events, "observed"): return context.text(.observedEvents)
    case (.events, "expected"): return context.text(.expectedEvents)
    case (.restrictedMean, _):
      let unit = analysis.timeUnit.map(context.text) ?? context.text(.days)
      let time = record.time.map {
        " " + context.pick("to ", "til ") + context.style.number($0, decimals: Ticks.decimalsNeeded($0)) + " "
          + unit
      }
      return context.text(.restrictedMean) + (time ?? "")
    default: return Term.measure(record.measure).map(context.text) ?? record.measure.rawValue
    }
  }
}
