import Testing

@testable import TrialAnalysis

@Suite("Suppression of small cells")
struct SmallCellsTests {
  /// The counts of a variable's levels by group, as records; a group nil is the total.
  private func table(_ counts: [(level: String, byGroup: [(String?, Int)])]) -> [Result] {
    counts.flatMap { row in
      row.byGroup.map { group, count in
        Result(
          analysis: "baseline", measure: .count, group: group, term: "sex=\(row.level)",
          estimate: Double(count),
          n: count)
      }
    }
  }

  private func hidden(_ results: [Result]) -> [Bool] { results.map(\.isSuppressed) }

  @Test("A floor of 0 or 1 hides nothing")
  func noFloor() {
    var results = table([("a", [("x", 1), ("y", 2), (nil, 3)]), ("b", [("x", 9), ("y", 8), (nil, 17)])])
    SmallCells(floor: 0).mark(&results)
    #expect(!hidden(results).contains(true))
    SmallCells(floor: 1).mark(&results)
    #expect(!hidden(results).contains(true))
  }

  @Test("A small cell takes others with it, until no line has exactly one hidden")
  func secondary() {
    var results = table([
      ("a", [("x", 3), ("y", 20), (nil, 23)]), ("b", [("x", 30), ("y", 25), (nil, 55)]),
      ("c", [("x", 40), ("y", 41), (nil, 81)]),
    ])
    SmallCells(floor: 5).mark(&results)
    // 3 is small; 20 goes so that 23 - 20 does not tell it; 30 and 25 go so that neither column tells.
    #expect(hidden(results) == [true, true, false, true, true, false, false, false, false])
    for line in [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8]] {
      #expect(line.count { results[$0].isSuppressed } != 1)
    }
  }

  @Test("Zeros are shown")
  func zeros() {
    var results = table([("a", [("x", 0), ("y", 20), (nil, 20)]), ("b", [("x", 30), ("y", 25), (nil, 55)])])
    SmallCells(floor: 5).mark(&results)
    #expect(!hidden(results).contains(true))
  }

  @Test("A hidden count hides its share, and a hidden risk all comparisons of its part")
  func dependents() {
    var share = Result(analysis: "b", measure: .share, group: "x", term: "sex=a", estimate: 0.1)
    share.n = 30
    var results = [
      Result(analysis: "b", measure: .count, group: "x", term: "sex=a", estimate: 3, n: 30), share,
      Result(analysis: "b", measure: .count, group: "x", term: "sex=b", estimate: 27, n: 30),
    ]
    SmallCells(floor: 5).mark(&results)
    #expect(hidden(results) == [true, true, true])

    var small = Result(analysis: "r", measure: .risk, group: "x", estimate: 0.02, n: 100)
    small.events = 2
    var large = Result(analysis: "r", measure: .risk, group: "y", estimate: 0.3, n: 100)
    large.events = 30
    var risks = [
      small, large, Result(analysis: "r", measure: .riskDifference, contrast: "x - y", estimate: -0.28),
    ]
    SmallCells(floor: 5).mark(&risks)
    #expect(hidden(risks) == [true, true, true])
  }
}
