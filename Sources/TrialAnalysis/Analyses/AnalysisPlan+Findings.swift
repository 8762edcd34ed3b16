extension AnalysisPlan {
  /// Carries the analysis out: at once, or part by part where the parts have outcomes of their own.
  func findings(on data: TrialFrames) throws -> AnalysisFindings {
    guard variants.contains(where: { $0.outcome != nil }) else { return try method.run(self, on: data) }
    var findings = AnalysisFindings()
    for variant in variants {
      var part = self
      part.variants = [variant]
      part.outcome = variant.outcome ?? outcome
      let own = try method.run(part, on: data)
      findings.results += own.results
      findings.variables += own.variables.filter { !findings.variables.contains($0) }
      findings.words = own.words
      findings.warnings += own.warnings.map { "\(variant.label.english): \($0)" }
      findings.failedChecks += own.failedChecks
    }
    return findings
  }
}
