import LinearAlgebra
import ModelFormula
import TestSupport
import Testing

@Suite("Model frames")
struct ModelFrameTests {
  /// Ten rows with a missing value in each of four columns.
  private let data = DataFrame([
    ("y", .numeric([1, 2, 3, 4, .nan, 6, 7, 8, 9, 10])),
    ("x", .numeric([0, 1, 0, 2, 3, .nan, 5, 1, 2, 4])),
    ("g", .categorical(["b", "a", "c", "a", "b", "b", nil, "a", "b", "b"])),
    ("site", .numeric([10, 9, 10, 9, 100, 10, 9, 10, 9, 10])),
    ("w", .numeric([1, 1, 2, 2, 1, 1, 1, .nan, 1, 3])),
    ("stop", .numeric([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])),
    ("status", .numeric([1, 2, 2, 1, 1, 2, 1, 2, 2, 1])),
    ("day", .date([0, 1, 2, 3, 4, 5, 6, 7, 8, Column.missingDay])),
    ("name", .text(["p", "q", "p", "q", "p", "q", "p", "q", "r", "r"])),
  ])

  private func frame(
    _ formula: String, where condition: String? = nil, weights: String? = nil,
    groupings: [String] = []
  ) throws -> ModelFrame {
    try ModelFrame(
      Formula(parsing: formula), data: data,
      where: condition.map { try Expression(parsing: $0) }, weights: weights, groupings: groupings)
  }

  @Test("rows that miss a used value are dropped and counted")
  func missing() throws {
    #expect(try frame("y ~ 1").rows.elementsEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]))
    let both = try frame("y ~ x + g", weights: "w")
    #expect(both.rows.elementsEqual([0, 1, 2, 3, 8, 9]))
    #expect(both.missingCount == 4)
    #expect(both.weights == [1, 1, 2, 2, 1, 3])
    #expect(try frame("y ~ 1", groupings: ["g"]).rows.elementsEqual([0, 1, 2, 3, 5, 7, 8, 9]))
    #expect(try frame("y ~ (1 | g)").missingCount == 2)
    #expect(try frame("y ~ us(x | g)").missingCount == 3)
    #expect(try frame("log(y - 3.5) ~ offset(x)").rows.elementsEqual([3, 6, 7, 8, 9]))
  }

  @Test("a false condition excludes a row, a missing one drops it apart")
  func filter() throws {
    let some = try frame("y ~ g", where: "x > 0 & y != 9")
    #expect(some.rows.elementsEqual([1, 3, 7, 9]))
    #expect(some.excludedCount == 3)  // x = 0 twice, and y = 9
    #expect(some.filterMissingCount == 2)  // y is missing in one, x in another
    #expect(some.missingCount == 1)  // g
    #expect(try frame("y ~ 1", where: "x < 1 | y > 8").rows.elementsEqual([0, 2, 8, 9]))
    #expect(try frame("y ~ 1", where: "g %in% c(\"a\", 'c')").rows.elementsEqual([1, 2, 3, 7]))
    // Numbers among numbers, and among the levels of a factor.
    #expect(
      try frame("y ~ 1", where: "x %in% c(0, 2)").rows.elementsEqual(
        frame("y ~ 1", where: "x == 0 | x == 2").rows))
    #expect(try frame("y ~ 1", where: "g != \"a\"").filterMissingCount == 1)
    #expect(try frame("y ~ 1", where: "!is.na(g) & site == 9").rows.elementsEqual([1, 3, 8]))
    #expect(try frame("y ~ 1", where: "day >= \"1970-01-07\"").rows.elementsEqual([6, 7, 8]))
    #expect(try frame("y ~ 1", where: "name == 'r'").rows.elementsEqual([8, 9]))
    #expect(try frame("y ~ 1", where: "x > mean(x)").rows.elementsEqual([6, 9]))
  }

  @Test("a filter that leaves no row is an error")
  func nothingLeft() throws {
    let error = try #require(throws: FormulaError.self) { try frame("y ~ x", where: "g == 'zz'") }
    #expect(error.kind == .noRows)
  }

  @Test("levels without rows are dropped")
  func unusedLevels() throws {
    let part = try frame("y ~ g", where: "g != 'b'").design()
    #expect(part.columnNames == ["(Intercept)", "gc"])
    let variable = try #require(part.schema.variables.first)
    #expect(variable.label == "g" && variable.levels == ["a", "c"] && variable.columns == ["g"])
  }

  @Test("a factor with one level cannot be contrasted, but can group")
  func oneLevel() throws {
    let single = try frame("y ~ g", where: "g == 'b'")
    let error = try #require(throws: FormulaError.self) { try single.design() }
    #expect(error.kind == .unsuitable)
    #expect(try single.parts[0].grouping()?.labels == ["g=b"])
  }

  @Test("an identifier taken for a factor is refused before its columns are made, but can group")
  func tooWide() throws {
    let count = DesignSchema.mostColumns + 2
    let data = DataFrame(
      [
        ("y", .numeric((0..<count).map(Double.init))),
        ("id", .categorical(codes: (0..<count).map(Int32.init), levels: (0..<count).map { "p\($0)" })),
        ("k", .numeric((0..<count).map { Double($0 / 80) })),
        ("h", .categorical(codes: (0..<count).map { Int32($0 % 80) }, levels: (0..<80).map { "h\($0)" })),
      ])
    func frame(_ text: String) throws -> ModelFrame { try ModelFrame(Formula(parsing: text), data: data) }
    let error = try #require(throws: FormulaError.self) { try frame("y ~ id").design() }
    #expect(error.kind == .unsuitable && error.message.contains("`id` has \(count) levels"))
    #expect(throws: FormulaError.self) { try frame("y ~ h*factor(k)").design() }
    #expect(try frame("y ~ h").design().columnNames.count == 80)
    #expect(try frame("y ~ (1 | id)").randomEffects.count == 1)
  }

  @Test("responses of each kind")
  func responses() throws {
    #expect(try frame("log(y) ~ 1", where: "y == 1").numericResponse() == [0])
    #expect(try frame("I(y - x) ~ 1", where: "y < 4").numericResponse() == [1, 1, 3])
    let (codes, levels) = try frame("g ~ 1", where: "y < 5").categoricalResponse()
    #expect(codes == [1, 0, 2, 0] && levels == ["a", "b", "c"])
    #expect(try frame("I(x > 1) ~ 1", where: "y < 5").binomialResponse().share == [0, 0, 0, 1])
    #expect(try frame("g ~ 1", where: "g != 'c' & y < 5").binomialResponse().share == [1, 0, 0])
    let (share, trials) = try frame("cbind(x, y - x) ~ 1", where: "y < 4").binomialResponse()
    #expect(share == [0, 0.5, 0] && trials == [1, 2, 3])
  }

  @Test("a status of 1 and 2 alone means 2 = event, whatever rows are chosen")
  func survival() throws {
    let all = try frame("Surv(stop, status) ~ 1").survivalResponse()
    #expect(all.status == [0, 1, 1, 0, 0, 1, 0, 1, 1, 0])
    #expect(all.start == nil && all.stop == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    let censored = try frame("Surv(stop, status) ~ 1", where: "status == 1").survivalResponse()
    #expect(censored.status == [0, 0, 0, 0, 0])
    #expect(try frame("Surv(stop, status == 2) ~ 1").survivalResponse().status == all.status)
    #expect(try frame("Surv(event = status, time = stop) ~ 1").survivalResponse() == all)
    let named = try frame("Surv(x, event = status, time2 = stop) ~ 1").survivalResponse()
    #expect(try frame("Surv(x, stop, status) ~ 1").survivalResponse() == named)
    let counting = try frame("Surv(x, stop, status) ~ 1")
    #expect(try counting.survivalResponse().start == [0, 1, 0, 2, 3, 5, 1, 2, 4])
    let causes = try frame("Surv(stop, g) ~ 1", where: "y != 2").survivalResponse(singleCause: false)
    #expect(causes.status == [1, 2, 0, 1, 0, 1, 1])
    #expect(causes.statusLevels == ["a", "b", "c"])
    #expect(!causes.hasSingleCause)
    #expect(try frame("Surv(stop) ~ 1").survivalResponse().status == [Int32](repeating: 1, count: 10))
  }

  @Test(
    "a response of the wrong kind names the kinds that fit",
    arguments: [
      ("g ~ 1", "numeric"), ("y ~ 1", "binomial"), ("g ~ 1", "binomial"), ("y ~ 1", "categorical"),
      ("y ~ 1", "survival"), ("Surv(stop, g) ~ 1", "survival"), ("cbind(x, y) ~ 1", "numeric"),
    ])
  func wrongResponse(formula: String, kind: String) throws {
    let frame = try frame(formula)
    let error = try #require(throws: FormulaError.self) {
      switch kind {
      case "numeric": _ = try frame.numericResponse()
      case "binomial": _ = try frame.binomialResponse()
      case "categorical": _ = try frame.categoricalResponse()
      default: _ = try frame.survivalResponse()
      }
    }
    #expect(error.kind == .wrongKind)
    #expect(error.source == formula && error.position == 0)
  }

  @Test(
    "faults are found with their kind, place and nearest names",
    arguments: [
      ("y ~ x + sitte", FormulaError.Kind.unknownColumn, 8, ["site"]),
      ("yy ~ x", .unknownColumn, 0, ["y"]), ("y ~ lag(x)", .unknownFunction, 4, ["log"]),
      ("y ~ log(g)", .wrongKind, 8, []), ("y ~ I(x + g)", .wrongKind, 10, []),
      ("y ~ poly(x, 0)", .unsuitable, 4, []), ("y ~ poly(x, 9)", .unsuitable, 4, []),
      ("y ~ ns(x, dff = 2)", .unsuitable, 16, ["df"]), ("y ~ bs(x, 2)", .unsuitable, 4, []),
      ("y ~ I(poly(x, 2))", .unsuitable, 6, []), ("y ~ 3", .syntax, 4, []),
      ("y ~ x^z", .syntax, 6, []), ("y ~ x | g | 2", .syntax, 12, []),
      ("y ~ x * (1 | g)", .syntax, 11, []), ("log(x) ~ 1", .notFinite, 0, []),
      ("y ~ factor(g, levels = c('a', 'b'))", .unknownLevel, 23, []),
      ("y ~ us(x)", .syntax, 4, []), ("y ~ x + cluster(g) + cluster(x)", .unsuitable, 29, []),
      ("y ~ Surv(x, y)", .syntax, 4, []), ("y ~ 'x'", .syntax, 4, []),
      ("Surv(stop, site - 9.5) ~ 1", .wrongKind, 16, []), ("cbind(x, g) ~ 1", .wrongKind, 9, []),
      ("poly(x, 2) ~ 1", .wrongKind, 0, []), ("Surv(stop, evnt = y) ~ 1", .unsuitable, 0, ["event"]),
      ("Surv(event = y) ~ 1", .unsuitable, 0, []), ("cbind(x) ~ 1", .unsuitable, 0, []),
      ("y ~ I(g > 'a')", .wrongKind, 6, []),
    ])
  func faults(formula: String, kind: FormulaError.Kind, position: Int, near: [String]) throws {
    let error = try #require(throws: FormulaError.self) { try frame(formula) }
    #expect(error.kind == kind, "\(error)")
    #expect(error.position == position, "\(error)")
    #expect(error.suggestions.prefix(near.count).elementsEqual(near), "\(error)")
    #expect(near.isEmpty == error.suggestions.isEmpty, "\(error)")
    #expect(error.source == formula)
  }

  @Test("a spline over a range whose square is no number is refused", arguments: [1e-200, 1e200])
  func rangeOfSpline(size: Double) throws {
    let data = DataFrame([("y", .numeric([1, 2, 3, 5])), ("x", .numeric([0, 1, 2, 4].map { $0 * size }))])
    let error = try #require(throws: FormulaError.self) {
      try ModelFrame(Formula(parsing: "y ~ ns(x, 2)"), data: data)
    }
    #expect(error.kind == .unsuitable && error.position == 4)
  }

  @Test("a fault in the condition points into the condition as written")
  func conditionFault() throws {
    let error = try #require(throws: FormulaError.self) { try frame("y ~ x", where: "x>1  &  stie == 9") }
    #expect(error.source == "x>1  &  stie == 9" && error.position == 8)
    #expect(error.suggestions.first == "site")
  }

  @Test("an unknown column in an option has no place in the formula")
  func optionFault() throws {
    let error = try #require(throws: FormulaError.self) { try frame("y ~ x", weights: "ww") }
    #expect(error.kind == .unknownColumn)
    #expect(error.description == "there is no column `ww`; did you mean `w`?")
  }

  @Test("strata and clusters leave the design and group the rows")
  func strata() throws {
    let frame = try frame("y ~ x + strata(site, g) + cluster(name)")
    #expect(try frame.design(intercept: .implied).columnNames == ["x"])
    let strata = try #require(frame.strata)
    #expect(strata.labels == ["site=9, g=a", "site=9, g=b", "site=10, g=a", "site=10, g=b", "site=10, g=c"])
    #expect(strata.codes == [3, 0, 4, 0, 2, 1, 3])
    #expect(frame.cluster?.levels == ["p", "q", "r"])
    #expect(frame.cluster?.variables == ["name"])
    let interaction = try self.frame("y ~ x*strata(g)").design(intercept: .implied)
    #expect(interaction.columnNames == ["x", "x:strata(g)b", "x:strata(g)c"])
    // R's `shortlabel`: categories alone stand without the names of their variables.
    let categories = try self.frame("y ~ x + strata(g) + strata(site)")
    #expect(categories.strata?.labels.first == "a, site=9")
    let short = try self.frame("y ~ x + strata(g, name)")
    #expect(short.strata?.labels.first == "a, q")
    #expect(try self.frame("y ~ strata(g)").parts[0].grouping()?.labels.first == "strata(g)=a")
    #expect(try self.frame("y ~ g").parts[0].grouping()?.labels.first == "g=a")
    #expect(try self.frame("y ~ g + strata(site)").parts[0].grouping()?.variables == ["g", "strata(site)"])
  }

  @Test("an implied intercept codes factors as if it were there")
  func impliedIntercept() throws {
    #expect(try frame("y ~ g + x").design(intercept: .implied).columnNames == ["gb", "gc", "x"])
    #expect(try frame("y ~ 0 + g").design(intercept: .implied).columnNames == ["gb", "gc"])
  }

  @Test("random effects expand as in lme4")
  func randomEffects() throws {
    func effects(_ formula: String) throws -> [[String]] {
      try frame(formula).randomEffects.map { [$0.grouping.name] + $0.design.columnNames }
    }
    #expect(try effects("y ~ x + (x | g)") == [["g", "(Intercept)", "x"]])
    #expect(try effects("y ~ (x || g)") == [["g", "(Intercept)"], ["g", "x"]])
    #expect(try effects("y ~ (0 + x | g) + (1 | site)") == [["g", "x"], ["site", "(Intercept)"]])
    #expect(try effects("y ~ (1 | site/g)") == [["g:site", "(Intercept)"], ["site", "(Intercept)"]])
    #expect(
      try effects("y ~ (1 | site/g/name)")
        == [["name:(g:site)", "(Intercept)"], ["g:site", "(Intercept)"], ["site", "(Intercept)"]])
    #expect(try effects("y ~ (1 | site:g)") == [["site:g", "(Intercept)"]])
    #expect(
      try effects("y ~ (x + I(x^2) | factor(site))") == [["factor(site)", "(Intercept)", "x", "I(x^2)"]])
    #expect(try effects("y ~ (g || site)") == [["site", "(Intercept)"], ["site", "ga", "gb", "gc"]])
    let nested = try frame("y ~ (1 | site/g)").randomEffects[0].grouping
    #expect(nested.levels == ["a:9", "a:10", "b:9", "b:10", "c:10"])
    #expect(try frame("y ~ (1 | g)").design().columnNames == ["(Intercept)"])
    #expect(try frame("y ~ 0 + (1 | g) + x").design().columnNames == ["x"])
  }

  @Test("covariance terms name visit, subject and group")
  func covariance() throws {
    let term = try #require(try frame("y ~ x + ar1h(site | g/name)").covariance)
    #expect(term.structure == .ar1h)
    #expect(term.visit.levels == ["9", "10"])
    #expect(term.subject.name == "name" && term.group?.name == "g")
    #expect(try frame("y ~ us(factor(site) | name)").covariance?.group == nil)
  }

  @Test("predictors give the values of a reference grid")
  func predictors() throws {
    let part = try frame("y ~ g*log(x + 1) + factor(site)", where: "y > 1").parts[0]
    #expect(part.predictors.map(\.name) == ["g", "x", "site"])
    #expect(part.predictors[0].levels == ["a", "b", "c"])
    #expect(part.predictors[1].mean == 10.0 / 6)
    #expect(part.predictors[2].levels == ["9", "10"])
    #expect(part.predictors[2].gridValues == .numeric([9, 10]))
    var grid = DataFrame([("site", part.predictors[2].gridValues)])
    grid["g"] = .categorical(codes: [0, 2], levels: ["a", "b", "c"])
    grid["x"] = .numeric([1, .nan])
    let rows = try part.design().schema.matrix(for: grid)
    #expect(rows.row(0)[0...2] == [1, 0, 0] && rows[1, 2] == 1)
    #expect(rows[1, 3].isNaN)
  }

  @Test("new data with another level, or without a column, are refused")
  func newData() throws {
    let schema = try frame("y ~ g + offset(scale(x))").design().schema
    let other = DataFrame([("g", .categorical(["a", "bb"])), ("x", .numeric([2, 3]))])
    let error = try #require(throws: FormulaError.self) { try schema.matrix(for: other) }
    #expect(error.kind == .unknownLevel && error.suggestions.first == "b")
    let without = try #require(throws: FormulaError.self) {
      try schema.matrix(for: DataFrame([("h", .numeric([1]))]))
    }
    #expect(without.kind == .unknownColumn)
    // R 4.2.2: x <- c(0,1,0,2,1,2,4); (c(2, 3) - mean(x)) / sd(x)
    expectClose(
      try #require(try schema.offset(for: other)), [0.4089589059545982, 1.1246369913751451],
      relative: 1e-14)
  }

  @Test("the order of rows changes no value")
  func rowOrder() throws {
    let order = [3, 9, 0, 2, 1, 8, 7, 6, 5, 4]
    let formula = try Formula(parsing: "y ~ poly(x, 2) + g + factor(site)")
    let plain = try ModelFrame(formula, data: data)
    let shuffled = try ModelFrame(formula, data: data.selecting(rows: order))
    let a = try plain.design().matrix
    let b = try shuffled.design().matrix
    for (i, row) in shuffled.rows.enumerated() {
      let original = try #require(plain.rows.firstIndex(of: order[row]))
      expectClose(b.row(i), a.row(original), absolute: 1e-14)
    }
  }

  @Test("a transformation that loses rows counts them and keeps what it learnt")
  func nestedLearning() throws {
    let frame = try frame("name ~ sqrt(scale(x))")
    #expect(Array(frame.rows) == [3, 4, 6, 8, 9])
    #expect(frame.missingCount == 5)
    // x <- c(0, 1, 0, 2, 3, 5, 1, 2, 4); (2 - mean(x)) / sd(x) is 0 in exact arithmetic.
    #expect(try frame.design().matrix[0, 1] == 0)
  }
}
