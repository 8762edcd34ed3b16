import Randomisation

extension AnalysisFindings {
  /// Takes over an audit: one record a check, its verdict and rows among the conventions; what warns or fails in words too.
  ///
  /// Terms are `check=<id>`; a stratum's blocks are `blocks=<stratum>` with the number of complete blocks.
  mutating func take(_ report: RandomisationReport, of analysis: AnalysisPlan, on data: TrialFrames) {
    for check in report.checks {
      var record = analysis.record(
        .test, variant: analysis.only, of: data, term: "check=\(check.id.rawValue)")
      record.statistic = check.statistic
      record.df = check.df
      record.pValue = check.pValue
      record.n = report.flow.randomised
      record.method = check.pValue == nil ? nil : Self.method(check.id)
      record.conventions = Self.conventions(check, report).sorted()
      results.append(record)
      let line = "\(check.id.rawValue): \(check.message)"
      switch check.status {
      case .warn: warnings.append(line)
      case .fail: failedChecks.append("\(analysis.id.value): \(line)")
      case .pass, .notApplicable: break
      }
    }
    for stratum in report.blocks where !stratum.sizes.isEmpty {
      let name = stratum.name.isEmpty ? "all" : stratum.name
      var record = analysis.record(.count, variant: analysis.only, of: data, term: "blocks=\(name)")
      record.estimate = Double(stratum.complete)
      record.conventions = [.init("block sizes", stratum.sizes.map(String.init).joined(separator: ", "))]
      results.append(record)
    }
  }

  private static func conventions(
    _ check: RandomisationCheck, _ report: RandomisationReport
  ) -> [Result.Convention] {
    var conventions = [Result.Convention("verdict", check.status.rawValue)]
    if !check.rows.isEmpty {
      conventions.append(.init("lines", check.rows.map(String.init).joined(separator: ", ")))
    }
    if let p = check.pValue, let expected = expected(check.id, report.drawn) {
      conventions.append(.init("re-drawn design", report.designText))
      conventions.append(.init("draws", String(report.drawn.draws)))
      conventions.append(.init("seed", String(report.seed)))
      conventions.append(.init("expected", expected.description))
      conventions.append(.init("Monte-Carlo error", report.drawn.monteCarloError(p).description))
    }
    return conventions
  }

  /// What the design gives on average, for the checks that rest on draws of it.
  private static func expected(_ id: RandomisationCheck.ID, _ drawn: Rerandomisation) -> Double? {
    switch id {
    case .allocationOverTime: drawn.imbalance.expected
    case .runs: drawn.runs.expected
    case .predictability: drawn.guesses.expected
    case .selectionBias: drawn.foresight?.expected
    case .balanceOmnibus: drawn.balance?.expected
    default: nil
    }
  }

  private static func method(_ id: RandomisationCheck.ID) -> String {
    switch id {
    case .allocationRatio, .allocationByStratum: "exact multinomial"
    case .missingByArm: "Fisher's exact"
    default: "re-randomisation"
    }
  }
}
