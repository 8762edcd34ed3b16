import Inference
import ModelFitting
import ModelFormula
import TestSupport
import Testing

/// A model of a regression with a response that suits it, for tests that hold for every one.
private struct Estimator: Sendable, CustomTestStringConvertible {
  let model: String
  let response: String
  var family: FitOptions.Family?

  var testDescription: String { family.map { "\(model) \($0.rawValue)" } ?? model }

  static let all: [Estimator] = [
    Estimator(model: "lm", response: "y"), Estimator(model: "glm", response: "b", family: .binomial),
    Estimator(model: "glm", response: "c", family: .poisson),
    Estimator(model: "glm", response: "y", family: .gaussian), Estimator(model: "negbin", response: "c"),
    Estimator(model: "firth", response: "b"), Estimator(model: "hurdle", response: "c"),
    Estimator(model: "zeroinfl", response: "c"), Estimator(model: "ordinal", response: "o"),
    Estimator(model: "quantile", response: "y"), Estimator(model: "gee", response: "b", family: .binomial),
    Estimator(model: "gee", response: "y", family: .gaussian), Estimator(model: "twopart", response: "m"),
  ]

  func fit(_ data: DataFrame, _ rightSide: String = "arm + x") throws -> ModelReport {
    var options = FitOptions()
    options.family = family
    if model == "gee" { options.id = "id" }
    if model == "twopart" { options.draws = 20 }
    return try ModelCatalogue.entry(model).fit(
      ModelRequest(formula: "\(response) ~ \(rightSide)", data: data, options: options))
  }
}

/// 63 made-up rows: 21 subjects of three rows, two arms, three sites, and a response for every model.
enum MadeUpRows {
  static let arm: [Int32] = [
    0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1,
    0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0,
  ]
  static let x: [Double] = [
    -0.01, -0.93, -0.32, -1.22, -0.84, -0.92, -2.32, 0.32, 0.45, -0.3, -1.45, 0.98, 0.35, -0.83, 1.18, -2.0,
    -1.91, 1.4, 0.11, -0.36, 0.38, 0.53, 0.46, 0.97, -0.65, -1.78, -0.21, -0.82, -2.12, -1.05, 1.68, -0.42,
    0.28, -0.38, 1.48, 0.07, -0.46, 1.67, -1.55, -0.66, -2.4, -0.02, 0.53, 1.67, -1.87, 0.94, -0.16, 0.49,
    -1.39, -0.03, -0.29, 0.39, -0.99, -0.93, -1.59, 0.53, -2.03, -0.55, 2.13, 0.3, -1.17, 0.27, 1.08,
  ]
  static let y: [Double] = [
    0.52, 0.41, -1.8, 0.48, 1.64, -2.15, -0.33, 1.33, 0.62, 1.38, 0.25, 1.3, 1.92, 0.83, 0.34, 0.35, -0.01,
    1.75, 1.34, 2.05, -1.49, 0.51, 1.0, 0.82, -0.13, -0.81, -1.77, -0.72, -0.88, 0.98, 1.43, 0.3, 1.71, 1.0,
    1.25, 0.2, 0.61, 0.36, -1.25, 0.43, 2.49, 0.24, 1.04, 2.6, -0.1, 0.36, -0.62, 0.66, -0.24, 0.28, -0.61,
    -2.48, -1.73, -0.53, 0.05, 1.62, 0.05, 2.08, -0.52, 0.69, 0.64, 0.87, 0.88,
  ]
  static let b: [Double] = [
    1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1,
  ]
  static let c: [Double] = [
    3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 4, 1, 1, 1, 0, 1, 0, 0, 4, 7, 3, 2, 0, 0,
    1, 0, 3, 0, 0, 3, 0, 1, 2, 0, 0, 0, 0, 0, 3, 0, 2, 0, 0, 2, 0, 1, 1, 0, 1, 0, 1, 0,
  ]
  static let o: [Int32] = [
    1, 1, 0, 1, 2, 0, 0, 2, 1, 2, 1, 2, 2, 1, 1, 1, 0, 2, 2, 2, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 2, 1, 2, 1, 2,
    1, 1, 1, 0, 1, 2, 1, 2, 2, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 2, 1, 2, 0, 1, 1, 1, 1,
  ]
  static let m: [Double] = [
    0, 0, 0, 1.8, 1.42, 3.67, 0, 0.94, 0, 0, 0, 6.49, 0, 0, 1.83, 0, 0, 2.23, 4.56, 0, 0, 0, 1.92, 0.67, 0,
    2.02, 0.65, 0.7, 1.73, 2.72, 6.56, 0, 1.55, 1.17, 3.44, 2.57, 1.71, 0, 0.54, 0, 0.98, 2.66, 0, 4.22, 0, 0,
    2.48, 4.48, 0, 2.33, 1.22, 0.83, 0, 1.46, 0.81, 3.03, 0.56, 0, 2.46, 2.18, 0, 0, 3.24,
  ]
  static let count = arm.count

  static let table = DataFrame([
    ("id", .numeric((0..<count).map { Double($0 / 3) })),
    ("arm", .categorical(codes: arm, levels: ["a", "b"])),
    (
      "site", .categorical(codes: (0..<count).map { Int32(($0 * $0 + $0 / 3) % 3) }, levels: ["u", "v", "w"])
    ),
    ("x", .numeric(x)), ("y", .numeric(y)), ("b", .numeric(b)), ("c", .numeric(c)),
    ("o", .categorical(codes: o, levels: ["low", "middle", "high"])), ("m", .numeric(m)),
  ])

  /// The table with one column replaced.
  static func replacing(_ name: String, by column: Column) -> DataFrame {
    var changed = table
    changed[name] = column
    return changed
  }
}

@Suite("What holds for every regression model")
struct EstimatorInvarianceTests {
  private static let tolerance = 1e-6

  /// Compares estimates and errors, each multiplied by what a change of the data should have done to it.
  private func expectSame(
    _ found: ModelReport, _ expected: ModelReport, scale: (String) -> Double = { _ in 1 },
    _ because: String
  ) throws {
    #expect(found.status == .ok && expected.status == .ok)
    #expect(found.n == expected.n)
    for (a, b) in zip(found.coefficients, expected.coefficients) {
      let factor = scale(b.term)
      expectClose(
        try #require(a.estimate), try #require(b.estimate) * factor, relative: Self.tolerance,
        absolute: 1e-7 * abs(factor), because: "\(because): \(b.term)")
      expectClose(
        try #require(a.standardError), try #require(b.standardError) * abs(factor),
        relative: 10 * Self.tolerance, because: "\(because): the error of \(b.term)")
    }
  }

  @Test("the order of the rows changes last digits at most", arguments: Estimator.all)
  private func rowOrder(_ one: Estimator) throws {
    // Every first row of a subject, then the second ones: what belongs together lies apart, in its own order.
    let subjects = MadeUpRows.count / 3
    let order = (0..<3).flatMap { k in (0..<subjects).map { 3 * (($0 * 8) % subjects) + k } }
    try expectSame(one.fit(MadeUpRows.table.selecting(rows: order)), one.fit(MadeUpRows.table), "shuffled")
  }

  @Test("a covariate in another unit has a coefficient in that unit", arguments: Estimator.all)
  private func units(_ one: Estimator) throws {
    let scaled = MadeUpRows.replacing("x", by: .numeric(MadeUpRows.x.map { $0 * 250 }))
    try expectSame(
      one.fit(scaled), one.fit(MadeUpRows.table), scale: { $0.hasSuffix("x") ? 1.0 / 250 : 1 },
      "x in another unit")
  }

  @Test("the names of levels change names only; the other reference turns the sign", arguments: Estimator.all)
  private func labels(_ one: Estimator) throws {
    let plain = try one.fit(MadeUpRows.table)
    let named = try one.fit(
      MadeUpRows.replacing("arm", by: .categorical(codes: MadeUpRows.arm, levels: ["usual care", "IPS"])))
    try expectSame(named, plain, "other names")
    #expect(named.coefficients.contains { $0.term.hasSuffix("armIPS") })
    let turned = try one.fit(
      MadeUpRows.replacing("arm", by: .categorical(codes: MadeUpRows.arm.map { 1 - $0 }, levels: ["b", "a"])))
    for (a, b) in zip(turned.coefficients, plain.coefficients) where b.term.hasSuffix("armb") {
      expectClose(a.estimate!, -b.estimate!, relative: Self.tolerance, absolute: 1e-7)
      expectClose(a.standardError!, b.standardError!, relative: 10 * Self.tolerance)
    }
    for (a, b) in zip(turned.coefficients, plain.coefficients) where b.term.hasSuffix("x") {
      expectClose(a.estimate!, b.estimate!, relative: Self.tolerance, absolute: 1e-7)
    }
  }

  @Test("a row that misses a value is dropped and counted", arguments: Estimator.all)
  private func missing(_ one: Estimator) throws {
    var x = MadeUpRows.x
    x[4] = .nan
    let found = try one.fit(MadeUpRows.replacing("x", by: .numeric(x)))
    #expect(found.missing == 1)
    try expectSame(
      found, one.fit(MadeUpRows.table.selecting(rows: (0..<MadeUpRows.count).filter { $0 != 4 })),
      "a row less")
  }

  @Test("one level, an infinite value and no row are refused by name", arguments: Estimator.all)
  private func refused(_ one: Estimator) throws {
    func kind(_ data: DataFrame) -> FormulaError.Kind? {
      do {
        _ = try one.fit(data)
        return nil
      } catch { return (error as? FormulaError)?.kind }
    }
    let codes = [Int32](repeating: 0, count: MadeUpRows.count)
    #expect(
      kind(MadeUpRows.replacing("arm", by: .categorical(codes: codes, levels: ["a", "b"]))) == .unsuitable)
    var x = MadeUpRows.x
    x[7] = .infinity
    #expect(kind(MadeUpRows.replacing("x", by: .numeric(x))) == .notFinite)
    #expect(kind(MadeUpRows.replacing("x", by: .numeric(x.map { _ in .nan }))) == .noRows)
  }

  @Test(
    "an empty cell has no coefficient, and the others are those of the cells that are",
    arguments: Estimator.all)
  private func emptyCell(_ one: Estimator) throws {
    let filled = (0..<MadeUpRows.count).filter { !(MadeUpRows.arm[$0] == 1 && ($0 * $0 + $0 / 3) % 3 == 2) }
    let data = MadeUpRows.table.selecting(rows: filled)
    let found = try one.fit(data, "arm * site")
    // One of the five cells left has no more zeros than its counts explain.
    #expect(found.status == (one.model == "zeroinfl" ? .boundary : .ok))
    for coefficient in found.coefficients {
      let isEmpty = coefficient.term.hasSuffix("armb:sitew")
      #expect((coefficient.estimate == nil) == isEmpty, "\(coefficient.term)")
      #expect((coefficient.standardError == nil) == isEmpty, "\(coefficient.term)")
    }
    #expect(found.warnings.contains { $0.contains("armb:sitew is not estimable") })
  }

  /// How a fit ends: with a status, or refused because there is nothing to estimate.
  private enum Outcome: Equatable {
    case fitted(FitStatus)
    case refused
  }

  private func outcome(_ one: Estimator, _ data: DataFrame) -> (Outcome, ModelReport?) {
    do {
      let report = try one.fit(data)
      return (.fitted(report.status), report)
    } catch { return (.refused, nil) }
  }

  @Test("a response of one value says so, or is refused", arguments: Estimator.all)
  private func constant(_ one: Estimator) throws {
    let expected: [String: Outcome] = [
      "lm": .fitted(.ok), "glm binomial": .fitted(.separated), "glm poisson": .fitted(.ok),
      "glm gaussian": .fitted(.ok), "negbin": .fitted(.boundary), "firth": .fitted(.ok), "hurdle": .refused,
      "zeroinfl": .refused, "ordinal": .refused, "quantile": .refused,
      "gee binomial": .fitted(.separated), "gee gaussian": .refused, "twopart": .refused,
    ]
    var data = MadeUpRows.table
    for (name, value) in [("y", 2.0), ("b", 1), ("c", 3), ("m", 5)] {
      data[name] = .numeric([Double](repeating: value, count: MadeUpRows.count))
    }
    data["o"] = .categorical(codes: MadeUpRows.o.map { _ in 1 }, levels: ["low", "middle", "high"])
    let (found, report) = outcome(one, data)
    #expect(found == expected[one.testDescription])
    guard let report else { return }
    switch one.testDescription {
    case "lm", "glm gaussian":
      #expect(report.warnings.contains { $0.contains("essentially perfect") })
      expectClose(report.coefficients[0].estimate!, 2, relative: 1e-12)
      expectClose(report.coefficients[1].estimate!, 0, absolute: 1e-12)
    case "glm poisson": expectClose(report.coefficients[0].estimate!, 1.0986122886681098, relative: 1e-9)
    case "glm binomial", "gee binomial": #expect(report.coefficients.allSatisfy { $0.estimate == nil })
    default: break
    }
  }

  @Test("as many coefficients as rows: no standard error that could be believed", arguments: Estimator.all)
  private func saturated(_ one: Estimator) throws {
    let data = DataFrame([
      ("id", .numeric([1, 2, 3])), ("arm", .categorical(["a", "b", "a"])), ("x", .numeric([1, 2, 4])),
      ("y", .numeric([1, 3, 2])), ("b", .numeric([1, 0, 1])), ("c", .numeric([2, 0, 1])),
      ("o", .categorical(["1", "2", "3"])), ("m", .numeric([0, 2, 1])),
    ])
    let expected: [String: Outcome] = [
      "lm": .fitted(.ok), "glm binomial": .fitted(.separated), "glm poisson": .fitted(.separated),
      "glm gaussian": .fitted(.ok), "negbin": .fitted(.separated), "firth": .fitted(.ok),
      "hurdle": .fitted(.boundary), "zeroinfl": .fitted(.boundary), "ordinal": .fitted(.separated),
      "quantile": .refused, "gee binomial": .fitted(.separated), "gee gaussian": .refused,
      "twopart": .fitted(.separated),
    ]
    let (found, report) = outcome(one, data)
    #expect(found == expected[one.testDescription])
    guard let report else { return }
    // Whatever was printed is either without errors or under a status that is not ok; and it is said.
    #expect(!report.warnings.isEmpty)
    if report.status == .ok {
      // Firth's penalty gives finite errors even here.
      #expect(
        one.testDescription == "firth"
          || report.coefficients.allSatisfy { !($0.standardError?.isFinite ?? false) })
      #expect(report.warnings.contains { $0.contains("no residual degrees of freedom") })
    }
  }
}
