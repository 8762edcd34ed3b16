import HypothesisTests
import ModelFitting
import ModelFormula
import TestSupport
import Testing

/// A test with a formula on made-up rows, for what holds for every one.
private struct TestOnRows: Sendable, CustomTestStringConvertible {
  let test: String
  let formula: String

  var testDescription: String { test }

  static let ofSamples = [
    TestOnRows(test: "t", formula: "y ~ arm"), TestOnRows(test: "wilcoxon", formula: "y ~ arm"),
    TestOnRows(test: "ks", formula: "y ~ arm"), TestOnRows(test: "kruskal", formula: "y ~ site"),
    TestOnRows(test: "shapiro", formula: "y ~ 1"),
  ]
  static let ofTables = [
    TestOnRows(test: "chisq", formula: "o ~ site"), TestOnRows(test: "fisher", formula: "b ~ arm"),
    TestOnRows(test: "cmh", formula: "b ~ arm | site"), TestOnRows(test: "proportions", formula: "b ~ arm"),
  ]

  func run(_ data: DataFrame) throws -> HypothesisTestReport {
    try HypothesisTestCatalogue.entry(test).report(HypothesisTestRequest(formula: formula, data: data))
  }
}

@Suite("What holds for every test")
struct HypothesisTestInvarianceTests {
  private func expectSame(
    _ a: HypothesisTestReport, _ b: HypothesisTestReport, scale: Double = 1, _ because: String
  ) {
    #expect(a.n == b.n)
    expectClose(a.result.pValue, b.result.pValue, relative: 1e-9, because: because)
    #expect((a.result.statistic == nil) == (b.result.statistic == nil))
    if let found = a.result.statistic, let expected = b.result.statistic {
      expectClose(found, expected, relative: 1e-9, absolute: 1e-12, because: because)
    }
    for (found, expected) in [
      (a.result.estimate, b.result.estimate), (a.result.low, b.result.low), (a.result.high, b.result.high),
    ] {
      #expect((found == nil) == (expected == nil))
      if let found, let expected, expected.isFinite {
        expectClose(found, expected * scale, relative: 1e-6, absolute: 1e-9, because: because)
      }
    }
  }

  @Test("the order of the rows changes nothing", arguments: TestOnRows.ofSamples + TestOnRows.ofTables)
  private func rowOrder(_ one: TestOnRows) throws {
    let order = (0..<MadeUpRows.count).map { ($0 * 20 + 7) % MadeUpRows.count }
    expectSame(
      try one.run(MadeUpRows.table.selecting(rows: order)), try one.run(MadeUpRows.table), "shuffled")
  }

  @Test("another unit changes estimates and limits only", arguments: TestOnRows.ofSamples)
  private func units(_ one: TestOnRows) throws {
    let scaled = MadeUpRows.replacing("y", by: .numeric(MadeUpRows.y.map { $0 * 64 }))
    expectSame(try one.run(scaled), try one.run(MadeUpRows.table), scale: 64, "in another unit")
  }

  @Test("names of levels change names only", arguments: TestOnRows.ofSamples + TestOnRows.ofTables)
  private func names(_ one: TestOnRows) throws {
    var named = MadeUpRows.table
    for (name, levels) in [
      ("arm", ["usual", "IPS"]), ("site", ["Oslo", "Bergen", "Bodø"]), ("o", ["1", "2", "3"]),
    ] {
      guard case .categorical(let codes, _)? = named[name] else { continue }
      named[name] = .categorical(codes: codes, levels: levels)
    }
    expectSame(try one.run(named), try one.run(MadeUpRows.table), "other names")
  }

  @Test(
    "groups the other way round: the same p", arguments: TestOnRows.ofSamples + TestOnRows.ofTables)
  private func turned(_ one: TestOnRows) throws {
    var data = MadeUpRows.table
    for (name, last) in [("arm", Int32(1)), ("site", 2)] {
      guard case .categorical(let codes, let levels)? = data[name] else { continue }
      data[name] = .categorical(codes: codes.map { last - $0 }, levels: levels.reversed())
    }
    expectClose(try one.run(data).result.pValue, try one.run(MadeUpRows.table).result.pValue, relative: 1e-9)
  }

  @Test("a row that misses a value is dropped and counted", arguments: TestOnRows.ofSamples)
  private func missing(_ one: TestOnRows) throws {
    var y = MadeUpRows.y
    y[5] = .nan
    let found = try one.run(MadeUpRows.replacing("y", by: .numeric(y)))
    #expect(found.missing == 1)
    let less = MadeUpRows.table.selecting(rows: (0..<MadeUpRows.count).filter { $0 != 5 })
    expectSame(found, try one.run(less), "a row less")
  }

  @Test(
    "a response of one value, and one group, leave nothing to test",
    arguments: TestOnRows.ofSamples + TestOnRows.ofTables)
  private func nothingToTest(_ one: TestOnRows) throws {
    let count = MadeUpRows.count
    var constant = MadeUpRows.replacing("y", by: .numeric([Double](repeating: 2, count: count)))
    constant["b"] = .numeric([Double](repeating: 1, count: count))
    constant["o"] = .categorical(codes: MadeUpRows.o.map { _ in 1 }, levels: ["low", "middle", "high"])
    switch one.test {
    case "ks", "proportions":
      // Two samples of one value are as near as can be, and two risks of 1 equal.
      #expect(try one.run(constant).result.pValue == 1)
    default: #expect(throws: (any Error).self) { try one.run(constant) }
    }
    var single = MadeUpRows.table
    single["arm"] = .categorical(codes: [Int32](repeating: 0, count: count), levels: ["a", "b"])
    single["site"] = .categorical(codes: [Int32](repeating: 0, count: count), levels: ["u", "v", "w"])
    guard one.test != "shapiro" else { return }
    #expect(throws: (any Error).self) { try one.run(single) }
  }

  /// Two ratings of the same rows: by their levels' numbers.
  private func ratings(
    _ before: [Int32], _ after: [Int32], labels: [String] = ["no", "yes"], afterLabels: [String]? = nil
  ) -> DataFrame {
    DataFrame([
      ("before", .categorical(codes: before, levels: labels)),
      ("after", .categorical(codes: after, levels: afterLabels ?? labels)),
    ])
  }

  private func mcNemar(_ data: DataFrame, formula: String = "before ~ after") throws -> HypothesisTestReport {
    try HypothesisTestCatalogue.entry("mcnemar").report(
      HypothesisTestRequest(formula: formula, data: data))
  }

  @Test("McNemar's test: rows in any order, other names, levels turned, sides exchanged, pairs that agree")
  func pairs() throws {
    let before = MadeUpRows.b.map { Int32($0) }
    let after = MadeUpRows.c.map { Int32(min($0, 1)) }
    let found = try mcNemar(ratings(before, after))
    let count = before.count
    let order = (0..<count).map { ($0 * 20 + 7) % count }
    expectSame(try mcNemar(ratings(before, after).selecting(rows: order)), found, "shuffled")
    expectSame(try mcNemar(ratings(before, after, labels: ["0", "1"])), found, "other names")
    expectSame(
      try mcNemar(ratings(before, after, afterLabels: ["0", "1"])), found,
      "sides without a common name are paired by their order")
    let turned = try mcNemar(ratings(before.map { 1 - $0 }, after.map { 1 - $0 }, labels: ["yes", "no"]))
    #expect(turned.result.statistic == found.result.statistic)
    #expect(turned.result.pValue == found.result.pValue)
    let exchanged = try mcNemar(ratings(before, after), formula: "after ~ before")
    #expect(exchanged.result.pValue == found.result.pValue)
    expectClose(exchanged.result.estimate!, 1 / found.result.estimate!, relative: 1e-12)
    let agreeing = try mcNemar(ratings(before + [0, 1, 1], after + [0, 1, 1]))
    #expect(agreeing.n! == found.n! + 3 && agreeing.result.statistic == found.result.statistic)
    // Three levels: Bowker's test knows no order of them either.
    let site = (0..<count).map { Int32(($0 * $0 + $0 / 3) % 3) }
    let three = try mcNemar(ratings(MadeUpRows.o, site, labels: ["u", "v", "w"]))
    let back = try mcNemar(
      ratings(MadeUpRows.o.map { 2 - $0 }, site.map { 2 - $0 }, labels: ["w", "v", "u"]))
    expectClose(back.result.statistic!, three.result.statistic!, relative: 1e-12)
    #expect(three.result.df == 3)
  }

  @Test(
    "McNemar's test: a pair that misses a value is dropped and counted; pairs that all agree test nothing")
  func incompletePairs() throws {
    var before = MadeUpRows.b.map { Int32($0) }
    let after = MadeUpRows.c.map { Int32(min($0, 1)) }
    let less = try mcNemar(
      ratings(before, after).selecting(rows: (0..<before.count).filter { $0 != 5 }))
    before[5] = -1
    let found = try mcNemar(ratings(before, after))
    #expect(found.missing == 1)
    expectSame(found, less, "a pair less")
    #expect(throws: (any Error).self) { try mcNemar(ratings(after, after)) }
  }
}
