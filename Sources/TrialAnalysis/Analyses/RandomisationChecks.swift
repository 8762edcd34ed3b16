import HypothesisTests
import Inference
import ModelFormula
import Probability
import Randomisation
import TrialData

/// Checks of a randomisation: the allocation, the strata, balance at baseline, and outcomes missing by arm, then the audit of
/// the list against the design that the plan states.
///
/// Standardised differences and the omnibus test describe how well the allocation worked; they choose no covariates.
struct RandomisationChecks: AnalysisMethod {
  private let strata: [Placed<String>]
  private let outcomes: [Placed<String>]
  private let levels: CheckLevels

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    strata = mapping.names("strata")
    outcomes = mapping.names("outcomes")
    // p-values up to the alarm are a failed check, which `--strict` turns into exit code 3.
    levels = CheckLevels(
      warning: mapping.number("alpha") ?? 0.05, failure: mapping.number("alarm") ?? 0.001)
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var check = CheckRecords(analysis: analysis, data: data, alarm: levels.failure)
    try check.allocation()
    let planned = data.plan.randomisation?.strata ?? []
    let strata = (strata.isEmpty ? planned : strata)
    for variable in strata { try check.count(strataOf: variable) }
    for name in analysis.only.covariates {
      try check.balance(of: name)
      check.findings.variables.append(name.value)
    }
    try check.omnibus(analysis.only.covariates, strata: strata)
    for outcome in outcomes {
      try check.missing(outcome)
      check.findings.variables.append(outcome.value)
    }
    check.findings.variables += strata.map(\.value).filter { !check.findings.variables.contains($0) }
    let allocation = try TrialAllocation(
      data, strata: strata, baseline: analysis.only.covariates, outcomes: outcomes)
    let audit = allocation.audit(levels: levels)
    let design = data.plan.randomisation ?? .unstated
    data.log?.add(LoggedAudit(allocation.records, audit, design: design))
    // Joint balance of two arms of several is what the audit of these two says.
    if data.log != nil, data.arms.count > 2 {
      for comparison in data.comparisons {
        let pair = allocation.restricted(to: [comparison.control, comparison.code])
        data.log?.add(LoggedAudit(pair.records, pair.audit(levels: levels), design: design))
      }
    }
    let report = audit.report(allocation.records)
    check.findings.take(report, of: analysis, on: data)
    return check.findings
  }
}

/// Gathers the records of a randomisation check.
private struct CheckRecords {
  let analysis: AnalysisPlan
  let data: TrialFrames
  let alarm: Double
  var findings = AnalysisFindings()
  /// The rows of the set's participants, arm by arm.
  private let rows: [[Int]]

  init(analysis: AnalysisPlan, data: TrialFrames, alarm: Double) {
    self.analysis = analysis
    self.data = data
    self.alarm = alarm
    let codes = data.armCodes
    let members = data.rows(in: analysis.set.value, file: nil)
    rows = data.arms.indices.map { arm in members.filter { codes[$0] == Int32(arm) } }
  }

  private func record(
    _ measure: Result.Measure, _ term: String, group: String? = nil, contrast: String? = nil
  ) -> Result {
    analysis.record(measure, variant: analysis.only, of: data, group: group, contrast: contrast, term: term)
  }

  // MARK: Allocation

  mutating func allocation() throws {
    let counts = rows.map(\.count)
    let total = counts.reduce(0, +)
    let ratios = data.plan.arms.arms.map(\.ratio)
    for (arm, count) in zip(data.arms, counts) {
      var number = record(.count, "allocation", group: arm)
      number.estimate = Double(count)
      number.n = total
      findings.results.append(number)
      var share = record(.share, "allocation", group: arm)
      share.n = total
      share.events = count
      if total > 0 {
        share.take(
          try SingleProportion(events: count, total: total).interval(.clopperPearson, level: data.plan.level))
      }
      findings.results.append(share)
    }
    guard total > 0 else { return }
    var test = record(.test, "allocation")
    test.n = total
    test.conventions = [
      .init("planned allocation", ratios.map { $0.description }.joined(separator: ":"))
    ]
    let shares = ratios.map { $0 / ratios.reduce(0, +) }
    if counts.count == 2 {
      let exact = AllocationRatio.test(counts, shares: shares)
      test.estimate = Double(counts[1]) / Double(total)
      test.pValue = exact.pValue
      test.method = exact.method
    } else {
      let statistic = AllocationRatio.pearson(counts, shares)
      test.statistic = statistic
      test.df = Double(counts.count - 1)
      test.pValue = ChiSquared(df: test.df!).cdf(statistic, tail: .upper)
      test.method = "Pearson chi-squared"
    }
    findings.results.append(test)
  }

  // MARK: Strata

  mutating func count(strataOf variable: Placed<String>) throws {
    let (codes, levels) = try categories(variable)
    for (code, level) in levels.enumerated() {
      for arm in data.arms.indices {
        var number = record(.count, "stratum=\(variable.value)=\(level)", group: data.arms[arm])
        number.n = rows[arm].count
        number.estimate = Double(rows[arm].count { Int(codes[$0]) == code })
        findings.results.append(number)
      }
    }
  }

  private func categories(_ name: Placed<String>) throws -> (codes: [Int32], levels: [String]) {
    switch try data.column(name, file: nil).asCategorical {
    case .categorical(let codes, let levels): (codes, levels)
    default:
      throw data.fault("'\(name.value)' has no levels", expected: "categories expected", at: name.place)
    }
  }

  // MARK: Balance

  mutating func balance(of name: Placed<String>) throws {
    let column = try data.column(name, file: nil)
    for comparison in data.comparisons {
      let first = rows[comparison.arm].filter { !column.isMissing(at: $0) }
      let second = rows[0].filter { !column.isMissing(at: $0) }
      func add(_ term: String, _ estimate: Double?, formula: String) {
        var difference = record(.standardisedDifference, term, contrast: comparison.difference)
        difference.estimate = estimate
        difference.n = first.count + second.count
        difference.dropped = rows[comparison.arm].count + rows[0].count - first.count - second.count
        if difference.dropped != 0 { difference.droppedReason = "missing value" }
        difference.conventions = [.init("standardised by", formula)]
        findings.results.append(difference)
      }
      switch column {
      case .numeric(let values):
        add(
          name.value, StandardisedDifference.numeric(first.map { values[$0] }, second.map { values[$0] }),
          formula: "square root of the averaged variances")
      case .categorical(let codes, let levels):
        func counts(_ rows: [Int]) -> [Int] {
          var counts = [Int](repeating: 0, count: levels.count)
          for row in rows { counts[Int(codes[row])] += 1 }
          return counts
        }
        let a = counts(first)
        let b = counts(second)
        let shares = levels.indices.map { level in
          StandardisedDifference.binary(
            Double(a[level]) / Double(first.count), Double(b[level]) / Double(second.count))
        }
        if levels.count == 2 {
          add(name.value, shares[1], formula: "square root of the averaged variances p(1 - p)")
        } else {
          add(
            name.value, StandardisedDifference.categorical(a, b),
            formula: "Mahalanobis distance of the levels")
          for (level, share) in zip(levels, shares) {
            add("\(name.value)=\(level)", share, formula: "square root of the averaged variances p(1 - p)")
          }
        }
      case .date, .text:
        throw data.fault(
          "'\(name.value)' holds dates or texts", expected: "numbers or categories expected", at: name.place)
      }
    }
  }

  mutating func omnibus(_ names: [Placed<String>], strata: [Placed<String>]) throws {
    let columns = try names.map { try data.column($0, file: nil) }
    let factors = try strata.map { try data.column($0, file: nil) }
    for comparison in data.comparisons {
      // In the order of the file, with the audit's names of strata, so that both have the same digits.
      let chosen = (rows[0] + rows[comparison.arm]).sorted()
      let codes = data.armCodes
      let names = chosen.map { row in AllocationRecords.stratum(row, of: factors) }
      let arms = TrialArms([comparison.control, comparison.code])
      let sequence = AllocationSequence(
        arms, arm: chosen.map { codes[$0] == 0 ? 0 : 1 }, stratum: strata.isEmpty ? nil : names)
      var test = record(.test, "balance", contrast: comparison.difference)
      test.method = "Hansen-Bowers d-squared"
      test.conventions = [
        .init("missing values", "mean and indicator"),
        .init("strata", strata.isEmpty ? "none" : strata.map(\.value).joined(separator: " x ")),
      ]
      if let balance = OmnibusBalance(columns.map { $0.selecting(rows: chosen) }, sequence) {
        test.statistic = balance.statistic
        test.df = Double(balance.df)
        test.pValue = balance.pValue
        test.n = balance.n
      } else {
        test.warnings = ["nothing varies between the arms in any stratum"]
      }
      findings.results.append(test)
    }
  }

  // MARK: Missing outcomes

  mutating func missing(_ outcome: Placed<String>) throws {
    let column = try data.column(outcome, file: nil)
    let counts = rows.map { rows in rows.count { column.isMissing(at: $0) } }
    let term = "missing-outcome=\(outcome.value)"
    for arm in data.arms.indices {
      var number = record(.count, term, group: data.arms[arm])
      number.estimate = Double(counts[arm])
      number.n = rows[arm].count
      number.outcome = outcome.value
      findings.results.append(number)
    }
    for comparison in data.comparisons
    where !rows[0].isEmpty && !rows[comparison.arm].isEmpty && counts[0] + counts[comparison.arm] > 0 {
      let arm = comparison.arm
      let table = try TwoProportions(
        events: counts[arm], of: rows[arm].count, against: counts[0], of: rows[0].count)
      let fisher = table.equalRisksTest(.fisher)
      var test = record(.test, term, contrast: comparison.difference)
      test.outcome = outcome.value
      test.n = rows[arm].count + rows[0].count
      test.events = counts[arm] + counts[0]
      test.pValue = fisher.pValue
      test.method = fisher.method
      // Missing outcomes tell of the follow-up, not of the randomisation: they warn, and fail no check.
      if fisher.pValue < alarm {
        findings.warnings.append("missing \(outcome.value) differs between the arms")
      }
      findings.results.append(test)
    }
  }
}
