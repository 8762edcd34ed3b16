import TrialAnalysis

/// The primary analyses in a few lines: what each arm reached, and how they compare.
struct KeyResultView {
  let context: ReportContext

  func blocks() -> [ReportDocument.Block] {
    let primary = context.run.analyses.filter { $0.role == .primary && $0.failure == nil }
    let described = primary.filter { !lines($0).isEmpty }
    return described.map {
      .keyResult(KeyResult(title: context.text($0.title), arms: arms($0), lines: lines($0)))
    }
  }

  private func arms(_ analysis: CompletedAnalysis) -> [KeyResult.ArmValue] {
    guard analysis.kind == .risk else { return [] }
    let records = Records(analysis)
    let variant = records.variants.first ?? nil
    return context.run.arms.compactMap { arm in
      guard let risk = records.first(.risk, group: arm.code, variant: variant), !risk.isSuppressed else {
        return nil
      }
      let detail =
        risk.events != nil && risk.n != nil
        ? context.style.count(Double(risk.events!)) + context.pick(" of ", " av ")
          + context.style.count(Double(risk.n!))
        : ""
      return KeyResult.ArmValue(
        label: context.text(arm.label),
        value: context.style.percent(risk.estimate, decimals: context.run.rounding.percentDecimals),
        detail: detail)
    }
  }

  /// The comparisons of the arms, a line each: name, estimate with limits, p-value.
  ///
  /// Of a binary outcome the absolute and relative effects of the first part with its test; of a model the effect that it
  /// is about, in each of its parts. The rest stands in the tables.
  private func lines(_ analysis: CompletedAnalysis) -> [String] {
    let effects = analysis.results.filter {
      $0.contrast != nil && $0.measure.null != nil && $0.estimate != nil && $0.status.isUsable
        && !$0.isSuppressed
        && $0.measure != .standardisedDifference
    }
    guard let first = effects.first else { return [] }
    if analysis.kind == .risk {
      let tests = analysis.results.filter {
        $0.measure == .test && $0.variant == first.variant && $0.pValue != nil && !$0.isSuppressed
      }
      return effects.filter { $0.variant == first.variant }.map { line($0, analysis, named: false) }
        + tests.map { test in
          let name = test.method.map { ConventionWords.method($0, context.language) } ?? context.text(.test)
          return name + whose(test) + ": " + context.style.pPhrase(test.pValue)
        }
    }
    return effects.filter { $0.measure == first.measure && $0.term != "standardised" }.map {
      line($0, analysis, named: true)
    }
  }

  private func line(_ record: Result, _ analysis: CompletedAnalysis, named: Bool) -> String {
    var name = context.effectName(record, of: analysis) + whose(record)
    if named, let variant = record.variant {
      name += ", " + context.variant(variant, in: analysis).lowercasedFirst
    }
    if [.mixedModel, .repeatedMeasures].contains(analysis.kind), let time = record.time {
      let visit = context.style.number(time, decimals: Ticks.decimalsNeeded(time))
      name += ", " + visit + (analysis.timeUnit.map { " " + context.text($0) } ?? "")
    }
    let p = record.pValue.map { "; " + context.style.pPhrase($0) } ?? ""
    return name + ": " + context.effectText(record) + p
  }

  /// Which arms are compared, where there are more than two.
  private func whose(_ record: Result) -> String {
    guard context.run.arms.count > 2, let contrast = record.contrast else { return "" }
    return ", " + context.contrast(contrast)
  }
}

extension ReportContext {
  /// An effect in a sentence: "5.2 (95% CI −8.5 to 18.7)".
  func effectText(_ record: Result) -> String {
    let full = effectFormat(record).text([record.estimate, record.low, record.high], style: style)
    guard record.low != nil || record.high != nil, let bracket = full.firstIndex(of: "(") else { return full }
    return full[..<bracket] + "(" + style.intervalName(level: record.level) + " "
      + full[full.index(after: bracket)...]
  }
}
