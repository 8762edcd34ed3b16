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
  private func lines(_ analysis: CompletedAnalysis) -> [String] {
    analysis.results.filter {
      $0.contrast != nil && $0.measure != .test && $0.measure.null != nil && $0.estimate != nil
        && $0.status.isUsable && !$0.isSuppressed && $0.measure != .standardisedDifference
    }.map { record in
      var name = context.effectName(record, of: analysis)
      if let variant = record.variant { name += ", " + context.variant(variant, in: analysis).lowercased() }
      if context.run.arms.count > 2, let contrast = record.contrast {
        name += ", " + context.contrast(contrast)
      }
      if let term = record.term, analysis.kind == .mixedModel {
        name += ", " + context.word(term, in: analysis)
      }
      var text = name + ": " + value(record)
      if let p = record.pValue { text += "; " + context.style.pPhrase(p) }
      return text
    }
  }

  private func value(_ record: Result) -> String {
    let format = context.effectFormat(record)
    let estimate = format.text([record.estimate], style: context.style)
    guard record.low != nil || record.high != nil else { return estimate }
    let full = format.text([record.estimate, record.low, record.high], style: context.style)
    // "5.2 (95% CI −8.5 to 18.7)": the interval says what it is.
    guard let bracket = full.firstIndex(of: "(") else { return full }
    return full[..<bracket] + "(" + context.style.intervalName(level: record.level) + " "
      + full[full.index(after: bracket)...]
  }
}
