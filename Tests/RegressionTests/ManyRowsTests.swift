import LinearAlgebra
import Regression
import TestSupport
import Testing

/// Made-up numbers in [0, 1), the same at every run.
private struct Numbers {
  var state: UInt64 = 20_260_101
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
}

@Suite("Regressions of many rows")
struct ManyRowsTests {
  private let n = 20_000

  /// Three covariates on very different scales, one of them nearly the sum of the others where asked.
  private func data(collinear: Double? = nil) -> RegressionData {
    var numbers = Numbers()
    var columns = [[Double]](repeating: [], count: 4)
    var y: [Double] = []
    var weights: [Double] = []
    var offset: [Double] = []
    for _ in 0..<n {
      let a = numbers.next()
      let b = 1e4 + 50 * numbers.next()
      let c = collinear.map { a + 0.001 * b + $0 * numbers.next() } ?? (1e-3 * numbers.next())
      for (j, x) in [1, a, b, c].enumerated() { columns[j].append(x) }
      y.append(3 + 2 * a - 0.1 * b + 40 * c + numbers.next() - 0.5)
      weights.append(0.5 + numbers.next())
      offset.append(numbers.next())
    }
    return RegressionData(
      design: Matrix(columns: columns), columnNames: ["(Intercept)", "a", "b", "c"], response: y,
      weights: weights, offset: offset)
  }

  @Test("Refined normal equations give the digits of the QR decomposition", arguments: [nil, 1e-2])
  func normalEquations(collinear: Double?) throws {
    var byQR = LinearModel()
    byQR.normalEquationRows = .max
    let expected = try byQR.fit(data(collinear: collinear))
    let found = try LinearModel().fit(data(collinear: collinear))
    expectClose(found.coefficients.map { $0! }, expected.coefficients.map { $0! }, relative: 1e-10)
    expectClose(found.residualSumOfSquares, expected.residualSumOfSquares, relative: 1e-12)
    expectClose(found.covariance.standardErrors, expected.covariance.standardErrors, relative: 1e-8)
    expectClose(found.logLikelihood, expected.logLikelihood, relative: 1e-13)
    expectClose(found.rSquared, expected.rSquared, relative: 1e-12)
    expectClose(found.leverages(), expected.leverages(), relative: 1e-7)
    expectClose(found.residuals, expected.residuals, absolute: 1e-9)
  }

  @Test("An aliased column and a perfect fit fall back on the QR decomposition")
  func fallBack() throws {
    let aliased = try LinearModel().fit(data(collinear: 0))
    #expect(aliased.coefficients[3] == nil)
    #expect(aliased.estimableColumns == [0, 1, 2])
    var perfect = data()
    perfect.weights = nil
    perfect.offset = nil
    perfect.response = perfect.design * [1, 2, 3, 4]
    let fit = try LinearModel().fit(perfect)
    expectClose(fit.coefficients.map { $0! }, [1, 2, 3, 4], relative: 1e-6)
    #expect(fit.warnings.contains { $0.contains("essentially perfect") })
  }

  @Test("A GEE of subjects whose rows lie apart is that of subjects whose rows lie together")
  func scatteredSubjects() throws {
    var numbers = Numbers()
    let subjects = 4000
    var rows: [(subject: Int, x: Double, y: Double)] = []
    for subject in 0..<subjects {
      let level = numbers.next()
      for _ in 0..<5 {
        let x = numbers.next()
        rows.append((subject, x, level + x + numbers.next() > 1.6 ? 1 : 0))
      }
    }
    func fit(_ rows: [(subject: Int, x: Double, y: Double)]) throws -> GEEFit {
      try GEEModel(mean: try GeneralisedLinearModel(family: .binomial), correlation: .exchangeable).fit(
        RegressionData(
          design: Matrix(columns: [rows.map { _ in 1 }, rows.map(\.x)]), columnNames: ["(Intercept)", "x"],
          response: rows.map(\.y)), subjects: rows.map(\.subject))
    }
    let together = try fit(rows)
    // Every fifth row, then the next ones: the rows of a subject keep their order.
    let apart = try fit((0..<5).flatMap { k in (0..<subjects).map { rows[5 * $0 + k] } })
    expectClose(apart.coefficients.map { $0! }, together.coefficients.map { $0! }, relative: 1e-12)
    expectClose(apart.covariance.standardErrors, together.covariance.standardErrors, relative: 1e-11)
    expectClose(apart.alpha, together.alpha, relative: 1e-11)
    #expect(together.status == .ok)
  }
}
