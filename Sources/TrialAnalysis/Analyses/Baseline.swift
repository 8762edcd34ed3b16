import HypothesisTests
import ModelFormula
import TrialData

/// The table of participants' characteristics at baseline, by arm and in all.
///
/// There are no tests (CONSORT 2025, item 25) unless the plan insists with `p-values: true`.
struct Baseline: AnalysisMethod {
  private let quantiles: SampleSummary.QuantileType
  private let isTested: Bool

  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    quantiles =
      mapping.choice("quantiles", SampleSummary.QuantileType.self) ?? header.profile?.quantiles ?? .type7
    isTested = mapping.bool("p-values") ?? false
  }

  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings {
    var findings = AnalysisFindings()
    let rows = data.rows(in: analysis.set.value, file: nil)
    let codes = data.armCodes
    // The arms one by one, then all together.
    let groups: [BaselineTable.Group] =
      data.arms.indices.map { arm in (data.arms[arm], rows.filter { codes[$0] == Int32(arm) }) } + [
        (nil, rows)
      ]
    var table = BaselineTable(analysis: analysis, data: data, quantiles: quantiles)
    for group in groups {
      table.note(.count, "participants", group, Double(group.rows.count), n: group.rows.count)
    }
    for name in analysis.only.covariates {
      let column = try data.column(name, file: nil)
      findings.variables.append(name.value)
      for group in groups { try table.describe(name, column, in: group) }
      if isTested { table.test(name, column, in: groups.filter { $0.code != nil }) }
    }
    findings.results = table.results
    return findings
  }
}

/// Gathers the records of a baseline table.
private struct BaselineTable {
  typealias Group = (code: String?, rows: [Int])

  let analysis: AnalysisPlan
  let data: TrialFrames
  let quantiles: SampleSummary.QuantileType
  var results: [Result] = []

  init(analysis: AnalysisPlan, data: TrialFrames, quantiles: SampleSummary.QuantileType) {
    self.analysis = analysis
    self.data = data
    self.quantiles = quantiles
  }

  mutating func note(
    _ measure: Result.Measure, _ term: String, _ group: Group, _ estimate: Double?, n: Int
  ) {
    var record = analysis.record(measure, variant: analysis.only, of: data, group: group.code, term: term)
    record.estimate = estimate
    record.n = n
    if n < group.rows.count {
      record.dropped = group.rows.count - n
      record.droppedReason = "missing value"
    }
    switch measure {
    case .median, .lowerQuartile, .upperQuartile:
      record.conventions = [.init("quantile type", quantiles.rawValue)]
    default: break
    }
    results.append(record)
  }

  mutating func describe(_ name: Placed<String>, _ column: Column, in group: Group) throws {
    let known = group.rows.filter { !column.isMissing(at: $0) }
    switch column {
    case .numeric(let values): describe(name.value, known.map { values[$0] }, in: group)
    case .categorical(let codes, let levels):
      var counts = [Int](repeating: 0, count: levels.count)
      for row in known { counts[Int(codes[row])] += 1 }
      for (level, count) in zip(levels, counts) {
        let term = "\(name.value)=\(level)"
        note(.count, term, group, Double(count), n: known.count)
        note(.share, term, group, known.isEmpty ? nil : Double(count) / Double(known.count), n: known.count)
      }
    case .date, .text:
      throw data.fault(
        "'\(name.value)' holds dates or texts", expected: "numbers or categories expected", at: name.place)
    }
    note(.count, "\(name.value)=", group, Double(group.rows.count - known.count), n: group.rows.count)
  }

  /// Kruskal and Wallis's test of a numeric variable, Pearson's of a category; none where an arm has no value.
  mutating func test(_ name: Placed<String>, _ column: Column, in groups: [Group]) {
    let known = groups.map { group in group.rows.filter { !column.isMissing(at: $0) } }
    var result: TestResult?
    var method = ""
    switch column {
    case .numeric(let values):
      method = "Kruskal-Wallis"
      result = try? KruskalWallisTest.test(known.map { rows in rows.map { values[$0] } })
    case .categorical(let codes, let levels):
      method = "Pearson chi-squared"
      let counts = known.map { rows in
        levels.indices.map { level in rows.count { Int(codes[$0]) == level } }
      }
      let present = levels.indices.filter { level in counts.contains { $0[level] > 0 } }
      result = try? ContingencyTable(counts.map { row in present.map { row[$0] } }).chiSquaredTest(
        continuityCorrection: false)
    case .date, .text: break
    }
    guard let result else { return }
    var record = analysis.record(.test, variant: analysis.only, of: data, term: name.value)
    record.method = method
    record.statistic = result.statistic
    record.df = result.df
    record.pValue = result.pValue
    record.n = known.reduce(0) { $0 + $1.count }
    results.append(record)
  }

  private mutating func describe(_ name: String, _ values: [Double], in group: Group) {
    let summary = SampleSummary(values)
    let measures: [(Result.Measure, Double?)] = [
      (.count, Double(values.count)), (.mean, values.isEmpty ? nil : summary.mean),
      (.standardDeviation, summary.standardDeviation),
      (.median, summary.quantile(0.5, type: quantiles)),
      (.lowerQuartile, summary.quantile(0.25, type: quantiles)),
      (.upperQuartile, summary.quantile(0.75, type: quantiles)), (.minimum, summary.minimum),
      (.maximum, summary.maximum),
    ]
    for (measure, estimate) in measures { note(measure, name, group, estimate, n: values.count) }
  }
}
