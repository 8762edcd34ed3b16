import TrialAnalysis

extension ReportContext {
  /// The name of a variance, a correlation or a criterion of a mixed model: "Variance: participant, time".
  func varianceName(_ record: Result, in analysis: CompletedAnalysis) -> String {
    let term = record.term ?? ""
    switch record.measure {
    case .criterion:
      return record.convention("estimation").map { $0.lowercased() == "ml" } == true
        ? text(.deviance) : text(.remlCriterion)
    case .logLikelihood: return text(.logLikelihood)
    case .correlation:
      return text(.correlation) + ": " + (visitNames(term, in: analysis) ?? effectNames(term, in: analysis))
    default:
      if term == "Residual" { return text(.variance) + ": " + text(.residual) }
      return text(.variance) + ": " + (visitNames(term, in: analysis) ?? effectNames(term, in: analysis))
    }
  }

  /// "6 months, 12 months" for the visits of a covariance, behind the arm that has it; nil for random effects.
  private func visitNames(_ term: String, in analysis: CompletedAnalysis) -> String? {
    let parts = term.split(separator: ":").map(String.init)
    guard parts.contains(where: { $0.hasPrefix("visit=") }) else { return nil }
    return parts.map { part in
      guard part.hasPrefix("visit=") else { return arm(part) }
      let code = String(part.dropFirst("visit=".count))
      return analysis.words.first { $0.code == code }.map { text($0.label) } ?? code
    }.joined(separator: ", ")
  }

  /// "participant, intercept" for a random effect, or two of them.
  private func effectNames(_ term: String, in analysis: CompletedAnalysis) -> String {
    let parts = term.split(separator: ":", maxSplits: 1).map(String.init)
    let effects = parts.dropFirst().flatMap { $0.split(separator: ":").map(String.init) }
    return
      ([word(parts.first ?? term, in: analysis)]
      + effects.map { coefficient($0, in: analysis).lowercased() })
      .joined(separator: ", ")
  }
}
