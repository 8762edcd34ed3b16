import Probability

extension ContingencyTable {
  /// Pearson's χ² test of independence (R `chisq.test`, SAS `PROC FREQ CHISQ`).
  ///
  /// X² = Σ (|O − E| − c)²/E, with c = min(½, |O − E|) (Yates) in a 2 × 2 table where `continuityCorrection` is set,
  /// 0 otherwise; (r − 1)(c − 1) degrees of freedom.
  /// - Throws: `HypothesisTestError.table` for fewer than two rows or columns, or an empty one.
  public func chiSquaredTest(continuityCorrection: Bool = true) throws(HypothesisTestError) -> TestResult {
    try checkMargins()
    let expected = expected
    let corrected = continuityCorrection && isTwoByTwo
    var cells: [(distance: Double, expected: Double)] = []
    for (i, row) in counts.enumerated() {
      for (j, count) in row.enumerated() {
        cells.append((abs(Double(count) - expected[i][j]), expected[i][j]))
      }
    }
    let yates = corrected ? min(0.5, cells.map(\.distance).min()!) : 0
    let statistic = cells.reduce(0) { sum, cell in
      let d = cell.distance - yates
      return sum + d * d / cell.expected
    }
    let df = Double((rowCount - 1) * (columnCount - 1))
    var result = TestResult(
      test: "chisq",
      method: "Pearson chi-squared test" + (corrected ? " with Yates' continuity correction" : ""),
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper))
    result.statisticName = "X-squared"
    result.statistic = statistic
    result.df = df
    let small = cells.filter { $0.expected < 5 }.count
    if small > 0 {
      result.notes.append(
        "\(small) of \(cells.count) expected counts are below 5: the chi-squared p-value may be inaccurate")
    }
    return result
  }

  /// McNemar's test of marginal homogeneity in paired categories, Bowker's of symmetry beyond two (R `mcnemar.test`).
  ///
  /// X² = Σ over i < j of (|nᵢⱼ − nⱼᵢ| − c)²/(nᵢⱼ + nⱼᵢ), c = 1 in a 2 × 2 table where `continuityCorrection` is set
  /// and the two counts differ; r(r − 1)/2 degrees of freedom. A pair of cells that are both zero adds nothing to the
  /// statistic (R gives no value there) and keeps its degree of freedom. A 2 × 2 table also gets the conditional odds ratio n₁₂/n₂₁ with exact limits.
  /// - Throws: `HypothesisTestError.table` unless the table is square with at least two rows, or where no pair disagrees.
  public func mcNemarTest(continuityCorrection: Bool = true, exact: Bool = false, level: Double = 0.95)
    throws(HypothesisTestError) -> TestResult
  {
    try checkLevel(level)
    guard rowCount > 1, rowCount == columnCount else {
      throw .table("a table of \(rowCount) by \(columnCount); McNemar's test needs a square one")
    }
    guard !exact || rowCount == 2 else { throw .argument("the exact McNemar test is for 2 by 2 tables") }
    var statistic = 0.0
    var disagreements = 0
    let corrected = continuityCorrection && rowCount == 2 && counts[0][1] != counts[1][0]
    for i in 0..<rowCount {
      for j in (i + 1)..<max(i + 1, rowCount) where counts[i][j] + counts[j][i] > 0 {
        let d = abs(Double(counts[i][j] - counts[j][i])) - (corrected ? 1 : 0)
        statistic += d * d / Double(counts[i][j] + counts[j][i])
        disagreements += counts[i][j] + counts[j][i]
      }
    }
    guard disagreements > 0 else { throw .table("no pair disagrees: McNemar's test has nothing to compare") }
    let df = Double(rowCount * (rowCount - 1) / 2)
    var result = TestResult(
      test: "mcnemar",
      method: (rowCount == 2 ? "McNemar's test" : "McNemar-Bowker test of symmetry")
        + (exact ? ", exact binomial" : corrected ? " with continuity correction" : ""),
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper))
    result.statisticName = "X-squared"
    result.statistic = statistic
    result.df = df
    guard rowCount == 2 else { return result }
    let discordant = try SingleProportion(events: counts[0][1], total: counts[0][1] + counts[1][0])
    let binomial = try discordant.binomialTest(level: level)
    if exact {
      result.pValue = binomial.pValue
      result.statistic = nil
      result.statisticName = nil
      result.df = nil
    }
    let odds = { (p: Double) in p == 1 ? .infinity : p / (1 - p) }
    result.parameter = "conditional odds ratio"
    result.estimate = odds(discordant.proportion)
    result.low = odds(binomial.low ?? 0)
    result.high = odds(binomial.high ?? 1)
    result.level = level
    result.alternative = .twoSided
    result.null = 1
    return result
  }
}
