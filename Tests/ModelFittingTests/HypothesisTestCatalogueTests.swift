import HypothesisTests
import ModelFitting
import ModelFormula
import Serialisation
import TestSupport
import Testing

/// Ten rows: two arms, an outcome and a stratum.
private func table() -> DataFrame {
  DataFrame([
    ("arm", .categorical(["a", "a", "a", "a", "a", "b", "b", "b", "b", "b"])),
    ("y", .numeric([1, 2, 3, 4, .nan, 3, 4, 5, 10, 12])),
    ("event", .numeric([0, 0, 1, 1, 0, 0, 1, 1, 1, 1])),
    ("unit", .categorical(["u", "v", "u", "v", "u", "v", "u", "v", "u", "v"])),
    ("count", .numeric([2, 3, 1, 4, 2, 5, 3, 2, 1, 2])),
    ("three", .categorical(["p", "q", "r", "p", "q", "r", "p", "q", "r", "p"])),
  ])
}

private func run(
  _ test: String, _ formula: String? = nil, _ set: (inout HypothesisTestOptions) -> Void = { _ in }
) throws -> HypothesisTestReport {
  var options = HypothesisTestOptions()
  set(&options)
  return try HypothesisTestCatalogue.entry(test).report(
    HypothesisTestRequest(formula: formula, data: formula == nil ? nil : table(), options: options))
}

@Suite("The catalogue of tests")
struct HypothesisTestCatalogueTests {
  @Test("a measurement given for a group is refused without showing its values")
  func manyGroups() throws {
    let weights = (0..<12).map { 60.125 + Double($0) }
    let data = DataFrame([("y", .numeric((0..<12).map(Double.init))), ("weight", .numeric(weights))])
    let error = try #require(throws: FormulaError.self) {
      try HypothesisTestCatalogue.entry("t").report(
        HypothesisTestRequest(formula: "y ~ weight", data: data, options: HypothesisTestOptions()))
    }
    #expect(error.description.contains("there are 12 groups;") && !error.description.contains("60.125"))
  }

  @Test("rows are counted, groups described in the order of their levels, the first against the second")
  func samples() throws {
    let report = try run("t", "y ~ arm")
    #expect(report.n == 9 && report.missing == 1)
    #expect(report.samples.map(\.name) == ["a", "b"] && report.samples.map(\.n) == [4, 5])
    expectClose(try #require(report.result.estimate), 2.5 - 6.8, relative: 1e-14)
    let text = report.text
    #expect(text.contains("9 rows used, 1 dropped for missing values"))
    #expect(text.contains("difference of means, a - b: -4.3 (95 % CI"))
  }

  @Test("a table's rows are the response and its columns the groups; weights are frequencies")
  func tables() throws {
    let report = try run("chisq", "event ~ arm") { $0.weights = "count" }
    let table = try #require(report.tables.first?.table)
    #expect(
      table.counts == [[7, 5], [5, 8]] && table.rowLabels == ["0", "1"] && table.columnLabels == ["a", "b"])
    #expect(report.text.contains("event by arm"))
  }

  @Test("proportions of a table are those of its counts, and group 1 is the first level")
  func proportions() throws {
    let report = try run("proportions", "event ~ arm")
    let counts = try run("proportions") {
      $0.events = [2, 4]
      $0.sizes = [5, 5]
    }
    #expect(report.json["difference"] == counts.json["difference"])
    #expect(report.json["oddsRatio"] == counts.json["oddsRatio"])
    #expect(report.json["risk"]?.elements.first?["label"]?.text == "a")
    let strata = try run("proportions", "event ~ arm | unit")
    #expect(strata.json["strata"]?.elements.count == 2)
    #expect(strata.result.method.contains("Mantel-Haenszel"))
  }

  @Test("an infinite limit is null, and an infinite estimate a warning too")
  func infinite() throws {
    let report = try run("proportions") {
      $0.events = [3, 0]
      $0.sizes = [8, 9]
    }
    #expect(report.json["ratio"]?["estimate"] == .null && report.json["ratio"]?["conf.high"] == .null)
    #expect(report.warnings.contains { $0.contains("no events in group 2") })
    let less = try run("t", "y ~ arm") { $0.alternative = .less }
    #expect(less.json["conf.low"] == .null && less.json["conf.high"]?.double != nil)
  }

  @Test("a number needed to treat whose limits pass through infinity says so")
  func throughInfinity() throws {
    let report = try run("proportions") {
      $0.events = [36, 33]
      $0.sizes = [91, 96]
    }
    let needed = try #require(report.json["nnt"])
    #expect(needed["throughInfinity"] == true && needed["conf.low"] == .null)
    expectClose(try #require(needed["moreEvents"]?.double), 1 / 0.1867, relative: 1e-3)
    #expect(report.text.contains("through infinity"))
  }

  @Test("no test takes an option it has no use for", arguments: HypothesisTestCatalogue.entries.map(\.name))
  func refusal(test: String) throws {
    // No test has a use for both.
    #expect(throws: FitRequestError.self) {
      try run(test, nil) {
        $0.mu = 1
        $0.percentages = ["5"]
      }
    }
  }

  @Test("requests that make no test are refused with a reason")
  func refused() {
    #expect(throws: FormulaError.self) { try run("t", "y ~ three") }
    #expect(throws: FormulaError.self) { try run("t", "y ~ arm + cluster(unit)") }
    #expect(throws: FormulaError.self) { try run("kruskal", "y ~ arm + strata(unit)") }
    #expect(throws: FormulaError.self) { try run("t", "three ~ arm") }
    #expect(throws: FormulaError.self) { try run("cmh", "event ~ arm") }
    #expect(throws: FormulaError.self) { try run("chisq", "event ~ arm | unit") }
    #expect(throws: FormulaError.self) { try run("proportions", "y ~ arm") }
    #expect(throws: FitRequestError.self) { try run("t") }
    #expect(throws: FitRequestError.self) { try run("binom") { $0.events = [1, 2] } }
    #expect(throws: FitRequestError.self) { try run("power") { $0.design = .means } }
    #expect(throws: FitRequestError.self) {
      try run("power") {
        $0.design = .survival
        $0.hazardRatio = 0.7
        $0.power = 0.9
        $0.sizes = [100]
      }
    }
    #expect(throws: HypothesisTestError.self) {
      try run("proportions") {
        $0.events = [5, 1]
        $0.sizes = [4, 4]
      }
    }
  }

  @Test("a published odds ratio is checked against itself and against the counts")
  func published() throws {
    let report = try run("ci-check") {
      $0.estimate = "1.28"
      $0.low = "0.70"
      $0.high = "2.35"
      $0.events = [36, 33]
      $0.sizes = [91, 96]
    }
    #expect(report.json["consistent"] == true)
    #expect(report.json["crude"]?.elements.allSatisfy { $0["agrees"] == false } == true)
    #expect(report.text.contains("crude differs from published"))
    let seed = try run("ci-check") {
      $0.estimate = "10.39"
      $0.low = "2.79"
      $0.high = "38.68"
      $0.events = [22, 3]
      $0.sizes = [46, 37]
    }
    #expect(seed.text.contains("the counts give the published numbers as a crude odds ratio"))
    let misprint = try run("ci-check") {
      $0.estimate = "2.81"
      $0.low = "1.98"
      $0.high = "7.37"
    }
    #expect(misprint.json["consistent"] == false)
  }

  @Test("the order of the rows changes nothing", arguments: ["t", "wilcoxon", "ks"])
  func rowOrder(test: String) throws {
    let forward = try run(test, "y ~ arm").result
    let turned = table().selecting(rows: Array((0..<10).reversed()))
    let backward = try HypothesisTestCatalogue.entry(test).report(
      HypothesisTestRequest(formula: "y ~ arm", data: turned)
    ).result
    expectClose(backward.pValue, forward.pValue, relative: 1e-12)
    #expect(backward.statisticName == forward.statisticName)
  }
}
