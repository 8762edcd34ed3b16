import HypothesisTests
import ModelFormula

extension HypothesisTestData {
  /// Events and observations of two groups.
  struct GroupedEvents {
    /// The groups' names, first and second level.
    let names: (String, String)
    let table: TwoProportions
  }

  /// A binary response without groups, `y ~ 1`.
  ///
  /// - Throws: `FormulaError` for other responses; `HypothesisTestError` without rows.
  func singleProportion() throws -> SingleProportion {
    let response = try frame.binomialResponse()
    let count = try events(response, Array(0..<frame.rowCount))
    return try SingleProportion(events: count.events, total: count.total)
  }

  /// The events and observations among rows.
  private func events(
    _ response: (share: [Double], trials: [Double]?), _ rows: [Int]
  ) throws -> (events: Int, total: Int) {
    var (events, total) = (0, 0)
    for row in rows {
      let trials = response.trials?[row] ?? 1
      let successes = response.share[row] * trials
      let weight = frame.weights?[row] ?? 1
      for value in [trials * weight, successes * weight] where abs(value - value.rounded()) > 1e-9 {
        throw FormulaError(
          .wrongKind, "the outcome must be 0 or 1 (or whole counts), so that events can be counted",
          source: formula)
      }
      events += Int((successes * weight).rounded())
      total += Int((trials * weight).rounded())
    }
    return (events, total)
  }

  /// A binary response (0/1, or two levels of which the second is the event) by two groups, in each stratum.
  ///
  /// - Throws: `FormulaError` for other responses or numbers of groups; `HypothesisTestError` where a group is empty.
  func proportions() throws -> [(stratum: String?, events: GroupedEvents)] {
    let response = try frame.binomialResponse()
    guard let grouping = try frame.parts[0].grouping(), grouping.count == 2 else {
      throw FormulaError(
        .unsuitable, "two proportions need a variable with two groups: outcome ~ group", source: formula)
    }
    let names = (grouping.levels[0], grouping.levels[1])
    func table(_ rows: [Int]) throws -> TwoProportions {
      let byGroup = try (0..<2).map { group in
        try events(response, rows.filter { grouping.codes[$0] == Int32(group) })
      }
      return try TwoProportions(
        events: byGroup[0].events, of: byGroup[0].total, against: byGroup[1].events, of: byGroup[1].total)
    }
    guard isStratified else {
      return [(nil, GroupedEvents(names: names, table: try table(Array(0..<frame.rowCount))))]
    }
    guard let strata = try frame.parts[1].grouping() else {
      throw FormulaError(.unsuitable, "the strata after | must be a variable", source: formula)
    }
    return try zip(strata.levels, strata.rowsByGroup).map { name, rows in
      (name, GroupedEvents(names: names, table: try table(rows)))
    }
  }
}
