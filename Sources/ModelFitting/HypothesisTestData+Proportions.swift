import HypothesisTests
import ModelFormula

extension HypothesisTestData {
  /// Events and observations of two groups.
  struct GroupedEvents {
    /// The groups' names, first and second level.
    let names: (String, String)
    let table: TwoProportions
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
      var events = [0, 0]
      var totals = [0, 0]
      for row in rows {
        let group = Int(grouping.codes[row])
        let trials = response.trials?[row] ?? 1
        let successes = response.share[row] * trials
        let weight = frame.weights?[row] ?? 1
        for value in [trials * weight, successes * weight] where abs(value - value.rounded()) > 1e-9 {
          throw FormulaError(
            .wrongKind, "the outcome must be 0 or 1 (or whole counts), so that events can be counted",
            source: formula)
        }
        events[group] += Int((successes * weight).rounded())
        totals[group] += Int((trials * weight).rounded())
      }
      return try TwoProportions(events: events[0], of: totals[0], against: events[1], of: totals[1])
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
