import Glibc
import LinearAlgebra
import Probability

/// Tests of association between rows and columns within strata (R `mantelhaen.test`, SAS `PROC FREQ CMH`).
///
/// Mantel & Haenszel, J Natl Cancer Inst 1959;22:719. General association beyond 2 × 2: Landis, Heyman & Koch, Int Stat
/// Rev 1978;46:237, doi 10.2307/1402373. Limits of the common odds ratio: Robins, Breslow & Greenland, Biometrics
/// 1986;42:311, doi 10.2307/2531052.
public struct MantelHaenszelTest: Sendable {
  /// Use the continuity correction of ½ in 2 × 2 × K tables (where Σ(O − E) is at least ½).
  public var continuityCorrection = true
  /// Use the exact conditional distribution (2 × 2 × K only).
  public var exact = false
  /// The direction, for 2 × 2 × K tables.
  public var alternative = Alternative.twoSided
  public var level = 0.95

  public init() {}

  /// Tests tables of one shape, one a stratum. Strata with fewer than two observations carry nothing and are left out.
  ///
  /// - Throws: `HypothesisTestError.table` for tables of different shapes, fewer than two rows or columns, no usable
  ///   stratum, or margins that leave nothing to test.
  public func test(_ tables: [ContingencyTable]) throws(HypothesisTestError) -> TestResult {
    try checkLevel(level)
    guard let first = tables.first,
      tables.allSatisfy({ $0.rowCount == first.rowCount && $0.columnCount == first.columnCount })
    else { throw .table("the strata need tables of one shape") }
    guard first.rowCount > 1, first.columnCount > 1 else {
      throw .table("tables of \(first.rowCount) by \(first.columnCount); at least 2 by 2 is needed")
    }
    let used = tables.filter { $0.total > 1 }
    guard !used.isEmpty else { throw .tooFew(what: "strata with two observations", count: 0, needed: 1) }
    var result: TestResult
    if first.isTwoByTwo {
      result = exact ? try exactTest(used) : try classicTest(used)
      result.level = level
      result.alternative = alternative
      result.null = 1
    } else {
      guard !exact else { throw .argument("the exact test is for 2 by 2 tables in strata") }
      result = try generalTest(used)
    }
    if used.count < tables.count {
      result.notes.append("\(tables.count - used.count) strata with fewer than two observations are left out")
    }
    return result
  }

  private func classicTest(_ tables: [ContingencyTable]) throws(HypothesisTestError) -> TestResult {
    var (delta, variance) = (0.0, 0.0)
    for table in tables {
      let (r, c, n) = (
        table.rowTotals.map(Double.init), table.columnTotals.map(Double.init), Double(table.total)
      )
      delta += Double(table.counts[0][0]) - r[0] * c[0] / n
      variance += r[0] * r[1] * c[0] * c[1] / (n * n * (n - 1))
    }
    guard variance > 0 else { throw .table("every stratum has an empty row or column: nothing to test") }
    let yates = continuityCorrection && abs(delta) >= 0.5 ? 0.5 : 0
    let distance = abs(delta) - yates
    let statistic = distance * distance / variance
    let z = delta < 0 ? -statistic.squareRoot() : statistic.squareRoot()
    var result = TestResult(
      test: "cmh",
      method: "Mantel-Haenszel test \(yates > 0 ? "with" : "without") continuity correction", pValue: 0)
    switch alternative {
    case .twoSided: result.pValue = ChiSquared(df: 1).cdf(statistic, tail: .upper)
    case .less: result.pValue = Normal().cdf(z)
    case .greater: result.pValue = Normal().cdf(z, tail: .upper)
    }
    result.statisticName = "X-squared"
    result.statistic = statistic
    result.df = 1
    setCommonOddsRatio(&result, tables)
    return result
  }

  /// Mantel and Haenszel's common odds ratio Σ(ad/n)/Σ(bc/n) with Robins, Breslow and Greenland's limits.
  private func setCommonOddsRatio(_ result: inout TestResult, _ tables: [ContingencyTable]) {
    var (r, s, pr, cross, qs) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for table in tables {
      let n = Double(table.total)
      let (a, b) = (Double(table.counts[0][0]), Double(table.counts[0][1]))
      let (c, d) = (Double(table.counts[1][0]), Double(table.counts[1][1]))
      let (ri, si) = (a * d / n, b * c / n)
      let (pi, qi) = ((a + d) / n, (b + c) / n)
      r += ri
      s += si
      pr += pi * ri
      cross += pi * si + qi * ri
      qs += qi * si
    }
    result.parameter = "common odds ratio (Mantel-Haenszel)"
    guard r > 0 || s > 0 else { return }
    guard r > 0, s > 0 else {
      result.estimate = r > 0 ? .infinity : 0
      result.notes.append("a zero cell in every informative stratum: the common odds ratio has no limits")
      return
    }
    let sd = (pr / (2 * r * r) + cross / (2 * r * s) + qs / (2 * s * s)).squareRoot()
    let alpha = alternative == .twoSided ? (1 - level) / 2 : 1 - level
    let factor = exp(Normal().quantile(alpha, tail: .upper) * sd)
    result.estimate = r / s
    result.low = alternative == .less ? 0 : r / s / factor
    result.high = alternative == .greater ? .infinity : r / s * factor
  }

  private func exactTest(_ tables: [ContingencyTable]) throws(HypothesisTestError) -> TestResult {
    let distribution = NoncentralHypergeometric(
      strata: tables.map { table in
        (table.columnTotals[0], table.columnTotals[1], table.rowTotals[0])
      })
    guard distribution.lowest < distribution.highest else {
      throw .table("every stratum has an empty row or column: nothing to test")
    }
    let x = tables.reduce(0) { $0 + $1.counts[0][0] }
    let limits = distribution.limits(observed: x, level: level, alternative: alternative)
    var result = TestResult(
      test: "cmh", method: "exact conditional test of independence in 2 x 2 x K tables",
      pValue: distribution.pValue(observed: x, alternative))
    result.statisticName = "S"
    result.statistic = Double(x)
    result.parameter = "common odds ratio (conditional maximum likelihood)"
    result.estimate = distribution.oddsRatio(observed: x)
    (result.low, result.high) = (limits.low, limits.high)
    return result
  }

  /// (n − m)'V⁻¹(n − m) over all cells but the last row and column, summed over strata.
  private func generalTest(_ tables: [ContingencyTable]) throws(HypothesisTestError) -> TestResult {
    let (rows, columns) = (tables[0].rowCount - 1, tables[0].columnCount - 1)
    let df = rows * columns
    var distance = [Double](repeating: 0, count: df)
    var covariance = Matrix(rows: df, columns: df)
    for table in tables {
      let n = Double(table.total)
      let r = table.rowTotals.map { Double($0) / n }
      let c = table.columnTotals.map { Double($0) / n }
      for j in 0..<columns {
        for i in 0..<rows {
          distance[i + j * rows] += Double(table.counts[i][j]) - n * r[i] * c[j]
          for l in 0..<columns {
            for k in 0..<rows {
              covariance[i + j * rows, k + l * rows] +=
                n * n / (n - 1) * r[i] * ((i == k ? 1 : 0) - r[k]) * c[j] * ((j == l ? 1 : 0) - c[l])
            }
          }
        }
      }
    }
    // A pivot lost to rounding is as good as none.
    guard let factor = try? CholeskyFactor(of: covariance),
      (0..<df).allSatisfy({ factor.lower[$0, $0] * factor.lower[$0, $0] > 1e-10 * covariance[$0, $0] })
    else {
      throw .table("a row or column is empty in every stratum, or strata leave nothing to compare")
    }
    let statistic = dot(distance, factor.solve(distance))
    var result = TestResult(
      test: "cmh", method: "Cochran-Mantel-Haenszel test of general association",
      pValue: ChiSquared(df: Double(df)).cdf(statistic, tail: .upper))
    result.statisticName = "M-squared"
    result.statistic = statistic
    result.df = Double(df)
    return result
  }
}
