import ModelFitting
import ModelFormula
import Resampling
import TestSupport
import Testing

/// Bootstraps of the rows of `MadeUpRows`-like tables: days of work by arm, with many zeros.
@Suite("Bootstrap of a model's coefficients")
struct ModelBootstrapTests {
  private let days = [0.0, 0, 0, 12, 31, 44, 58, 0, 7, 90, 0, 0, 5, 0, 0, 17, 22, 0]
  private let arm = [Int32](repeating: 1, count: 10) + [Int32](repeating: 0, count: 8)

  private func table(_ order: [Int]? = nil) -> DataFrame {
    let order = order ?? Array(days.indices)
    return DataFrame(
      [
        ("days", .numeric(order.map { days[$0] })),
        ("arm", .categorical(codes: order.map { arm[$0] }, levels: ["usual", "IPS"])),
        ("age", .numeric(order.map { Double(20 + $0 * 7 % 23) })),
      ], rowCount: order.count)
  }

  private func rows(
    _ formula: String, _ data: DataFrame, model: String = "lm", draws: Int = 400, seed: UInt64 = 7
  ) throws -> [(estimate: Double, error: Double, low: Double, high: Double)] {
    var options = FitOptions()
    options.bootstrap = .init(draws: draws, seed: seed, stratum: "arm")
    if model == "glm" { options.family = .poisson }
    let request = ModelRequest(formula: formula, data: data, options: options)
    let report = try ModelCatalogue.entry(model).fitWhole(request)
    return report.section("bootstrap").map { row in
      func number(_ name: String) -> Double { row[name]?.double ?? .nan }
      return (number("estimate"), number("std.error"), number("conf.low"), number("conf.high"))
    }
  }

  @Test("the error of a difference of means is what the variances of the two samples give")
  func difference() throws {
    func plugIn(_ code: Int32) -> Double {
      let own = days.indices.filter { arm[$0] == code }.map { days[$0] }
      let mean = own.reduce(0, +) / Double(own.count)
      let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return squares / Double(own.count * own.count)
    }
    let row = try rows("days ~ arm", table(), draws: 20_000)[1]
    // Of 20 000 samples the standard error has a relative error of about 0.5 %.
    expectClose(row.error, (plugIn(0) + plugIn(1)).squareRoot(), relative: 0.02)
    expectClose(row.estimate, 24.2 - 5.5, relative: 1e-13)
    #expect(row.low < row.estimate && row.estimate < row.high)
  }

  @Test(
    "samples depend on what the rows say, not on their order",
    arguments: [("lm", "days ~ arm"), ("lm", "days ~ arm + age"), ("glm", "days ~ arm + age")])
  func order(model: String, formula: String) throws {
    let shuffled = days.indices.map { $0 * 5 % days.count }
    #expect(Set(shuffled).count == days.count)
    let plain = try rows(formula, table(), model: model)
    let other = try rows(formula, table(shuffled), model: model)
    for (a, b) in zip(plain, other) {
      expectClose([a.error, a.low, a.high], [b.error, b.low, b.high], relative: 1e-9)
    }
    #expect(try rows(formula, table(), model: model, seed: 8)[1].error != plain[1].error)
  }

  @Test("the options as arguments")
  func arguments() {
    var options = FitOptions()
    options.bootstrap = .init(draws: 50, seed: 3, unit: "id", stratum: "arm", limits: .bca)
    #expect(
      options.arguments == [
        "--bootstrap", "50", "--resample", "id", "--resample-within", "arm", "--bootstrap-seed", "3",
        "--bootstrap-limits", "bca",
      ])
  }
}
