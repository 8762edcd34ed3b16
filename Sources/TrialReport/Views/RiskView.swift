import TrialAnalysis

/// A binary outcome: the risk in each arm, then the comparisons, absolute and relative (CONSORT 2025, item 26).
struct RiskView {
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
            "estimate", context.text(.estimate) + " (" + context.style.intervalName(level: level) + ")"),
          Table.Column("p", context.text(.pValue)),
        ])
    for analysis in analyses { add(analysis, to: &table) }
    table.generalNotes(analyses, context)
    return table
  }

  private func add(_ analysis: CompletedAnalysis, to table: inout Table) {
    let records = Records(analysis)
    for variant in records.variants {
      let name = [context.outcome(of: analysis), variant.map { context.variant($0, in: analysis) }]
        .compactMap { $0 }.joined(separator: " – ")
      let decimals = context.run.rounding.percentDecimals
      let risks = context.run.arms.map { arm in
        table.cell(
          records.first(.risk, group: arm.code, variant: variant), .countOfTotal(decimals: decimals), context,
          values: { [$0.events.map(Double.init), $0.n.map(Double.init)] })
      }
      table.rows.append(
        Table.Row(
          analysis.id + (variant.map { "." + $0 } ?? ""), name + context.text(.fractionSuffix),
          cells: risks + [.blank, .blank]))
      addLimits(records, variant, to: &table)
      for record in records.all where record.variant == variant && record.contrast != nil {
        addEffect(record, analysis, to: &table)
      }
      for record in records.of(.test, variant: variant) {
        let label = record.method.map { ConventionWords.method($0, context.language) } ?? context.text(.test)
        table.rows.append(
          Table.Row(
            record.id, label, indent: 1,
            cells: risks.map { _ in .blank } + [
              .blank, table.cell(record, .pValue, context, values: { [$0.pValue] }),
            ]))
      }
    }
  }

  /// The limits of each arm's risk.
  private func addLimits(_ records: Records, _ variant: String?, to table: inout Table) {
    let risks = context.run.arms.map { records.first(.risk, group: $0.code, variant: variant) }
    guard risks.contains(where: { $0?.low != nil }) else { return }
    let cells = risks.map { record in
      table.cell(
        record, .interval(decimals: context.run.rounding.percentDecimals), context,
        values: { [$0.low.map(NumberStyle.hundredfold), $0.high.map(NumberStyle.hundredfold)] })
    }
    table.rows.append(
      Table.Row(
        "limits", context.style.intervalName(level: risks.compactMap { $0?.level }.first) + " (%)", indent: 1,
        cells: cells + [.blank, .blank]))
  }

  private func addEffect(_ record: Result, _ analysis: CompletedAnalysis, to table: inout Table) {
    guard record.measure != .test else { return }
    let isDrawn = record.method == "randomisation-test"
    let name =
      context.effectName(record, of: analysis)
      + (isDrawn ? ", " + ConventionWords.method(record.method!, context.language).lowercasedFirst : "")
    let effect = table.cell(record, context.effectFormat(record), context)
    let p: Table.Cell =
      record.pValue == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] })
    table.rows.append(
      Table.Row(record.id, name, indent: 1, cells: context.run.arms.map { _ in .blank } + [effect, p]))
  }
}

extension ReportContext {
  /// The name of what an effect measures: "Risk difference, percentage points".
  func effectName(_ record: Result, of analysis: CompletedAnalysis) -> String {
    Term.measure(record.measure).map(text) ?? record.measure.rawValue
  }

  /// How an effect is written, by what it measures.
  func effectFormat(_ record: Result) -> CellFormat {
    switch record.measure {
    case .risk, .share, .survival, .cumulativeIncidence:
      return .percentEstimate(decimals: run.rounding.percentDecimals)
    case .riskDifference: return .percentPoints(decimals: run.rounding.percentDecimals)
    case .riskRatio, .oddsRatio, .hazardRatio, .meanRatio, .rateRatio, .restrictedMeanRatio:
      return .estimate(decimals: run.rounding.ratioDecimals)
    case .numberNeededToTreat: return .estimate(decimals: 1)
    case .count, .events, .censored, .atRisk: return .count
    case .standardisedDifference, .correlation: return .estimate(decimals: 2)
    default:
      return .estimate(decimals: decimals(forHalfWidths: [halfWidth(record)]))
    }
  }

  /// Half the width of a record's interval, or twice its standard error where it has no limits.
  func halfWidth(_ record: Result) -> Double? {
    if let low = record.low, let high = record.high { return (high - low) / 2 }
    return record.standardError.map { 2 * $0 } ?? record.estimate.map { abs($0) / 10 }
  }
}
