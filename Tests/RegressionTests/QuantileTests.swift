import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Quantile regression")
struct QuantileTests {
  @Test("A median without covariates is an observation")
  func median() throws {
    let fit = try QuantileModel(tau: 0.5).fit(regression([7, 1, 3, 9, 4], [:]))
    #expect(fit.coefficients == [4])
    #expect(fit.isUnique)
    // Of an even number every value between the middle two will do, and the fit says so.
    let even = try QuantileModel(tau: 0.5, standardError: .identical).fit(
      regression((1...12).map(Double.init), [:]))
    #expect(!even.isUnique)
    #expect(even.coefficients[0]! >= 6 && even.coefficients[0]! <= 7)
    #expect(even.warnings.contains { $0.contains("not unique") })
  }

  @Test("The objective is not lower at any other line through two observations")
  func optimal() throws {
    let t = TestTable("engel")
    let x = Array(t.numbers("income")[0..<25])
    let y = Array(t.numbers("foodexp")[0..<25])
    for tau in [0.1, 0.37, 0.5, 0.8] {
      let fit = try QuantileModel(tau: tau).fit(regression(y, ["income": x]))
      for i in 0..<25 {
        for j in 0..<i where x[i] != x[j] {
          let slope = (y[i] - y[j]) / (x[i] - x[j])
          let intercept = y[i] - slope * x[i]
          var objective = 0.0
          for k in 0..<25 {
            let r = y[k] - intercept - slope * x[k]
            objective += abs(r) < 1e-9 ? 0 : r * (r < 0 ? tau - 1 : tau)
          }
          #expect(objective >= fit.objective - 1e-9)
        }
      }
    }
  }

  /// R 4.2.2, quantreg 5.94: `summary(rq(…), se = , covariance = TRUE)`.
  @Test("Engel's food expenditure", arguments: [0.1, 0.5, 0.9])
  func engel(tau: Double) throws {
    let reference: [Double: ([Double], nid: [Double], iid: [Double])] = [
      0.1: (
        [110.1415742049483981, 0.4017657593034805], [29.3976787976088794, 0.0402401676685387],
        [17.8638309088362490, 0.0160830580215662]
      ),
      0.5: (
        [81.4822474169362181, 0.5601805512094196], [19.2506602521060017, 0.0282772096838576],
        [13.2390797180804309, 0.0119193295292952]
      ),
      0.9: (
        [67.3508720801297471, 0.6862994803719054], [22.3953831454532057, 0.0284907223757292],
        [20.5673981916209172, 0.0185171176415958]
      ),
    ]
    let t = TestTable("engel")
    let data = regression(t.numbers("foodexp"), ["income": t.numbers("income")])
    let expected = reference[tau]!
    let nid = try QuantileModel(tau: tau).fit(data)
    expectClose(nid.coefficients.map { $0! }, expected.0, relative: 1e-10)
    expectClose(nid.covariance.standardErrors, expected.nid, relative: 1e-9)
    let iid = try QuantileModel(tau: tau, standardError: .identical).fit(data)
    expectClose(iid.covariance.standardErrors, expected.iid, relative: 1e-9)
    #expect(nid.reference == .t(233))
  }

  @Test("Weights multiply a row's share of the objective")
  func weights() throws {
    let t = TestTable("engel")
    let weights = (1...t.rowCount).map { Double($0 % 3 + 1) }
    let fit = try QuantileModel(tau: 0.5).fit(
      regression(t.numbers("foodexp"), ["income": t.numbers("income")], weights: weights))
    expectClose(fit.coefficients.map { $0! }, [76.4564368534062027, 0.5657993731684036], relative: 1e-10)
    expectClose(
      fit.covariance.standardErrors, [21.9249490349146896, 0.0315980367895281], relative: 1e-9)
  }

  @Test("Ties everywhere: R's solution among those that fit as well")
  func ties() throws {
    let t = TestTable("warpbreaks")
    let b = t.indicator("wool", "B")
    let l = t.indicator("tension", "L")
    let m = t.indicator("tension", "M")
    // R sorts the levels of tension as H, L, M.
    let fit = try QuantileModel(tau: 0.5, standardError: .identical).fit(
      regression(
        t.numbers("breaks"),
        ["B": b, "L": l, "M": m, "B:L": zip(b, l).map { $0 * $1 }, "B:M": zip(b, m).map { $0 * $1 }]))
    expectClose(fit.coefficients.map { $0! }, [24, -7, 27, -3, -15, 14], absolute: 1e-12)
    expectClose(
      fit.covariance.standardErrors,
      [4, 5.65685424949238, 5.65685424949238, 5.65685424949238, 8, 8], relative: 1e-10)
    let quartile = try QuantileModel(tau: 0.25).fit(regression(t.numbers("breaks"), ["B": b]))
    expectClose(quartile.coefficients.map { $0! }, [18, -1], absolute: 1e-12)
  }

  @Test("The bootstrap repeats itself and follows its seed")
  func bootstrap() throws {
    let t = TestTable("engel")
    let data = regression(t.numbers("foodexp"), ["income": t.numbers("income")])
    func errors(_ seed: UInt64) throws -> [Double] {
      try QuantileModel(tau: 0.5, standardError: .bootstrap(replicates: 60, seed: seed)).fit(data)
        .covariance.standardErrors
    }
    #expect(try errors(1) == errors(1))
    #expect(try errors(1) != errors(2))
    // Near the sandwich's 0.028, to the precision of sixty replicates.
    expectClose(try errors(1)[1], 0.028, relative: 0.5)
  }

  @Test("Shifting and scaling the response moves the coefficients with it")
  func equivariance() throws {
    let t = TestTable("engel")
    let x = t.numbers("income")
    let a = try QuantileModel(tau: 0.3).fit(regression(t.numbers("foodexp"), ["income": x]))
    let b = try QuantileModel(tau: 0.7).fit(
      regression(zip(t.numbers("foodexp"), x).map { -2 * $0 + 0.25 * $1 }, ["income": x]))
    expectClose(b.coefficients[0]!, -2 * a.coefficients[0]!, relative: 1e-9)
    expectClose(b.coefficients[1]!, 0.25 - 2 * a.coefficients[1]!, relative: 1e-9)
  }

  @Test("What cannot be fitted is refused")
  func refused() {
    #expect(throws: RegressionError.self) { try QuantileModel(tau: 1) }
    #expect(throws: RegressionError.tooFewRows(rows: 2, coefficients: 2)) {
      try QuantileModel(tau: 0.5).fit(regression([1, 2], ["x": [0, 1]]))
    }
    #expect(throws: RegressionError.notFinite(variable: "response", row: 0)) {
      try QuantileModel(tau: 0.5).fit(regression([.nan, 2, 3], ["x": [0, 1, 2]]))
    }
  }

  @Test("where rows beside tau tell nothing apart the estimates stand without errors, which a warning says")
  func withoutSparsity() throws {
    let data = regression(
      [Double](repeating: 0, count: 60) + [5, 7], ["x": (0..<62).map { Double($0 % 2) }])
    let fit = try QuantileModel(tau: 0.5).fit(data)
    #expect(fit.coefficients == [0, 0])
    #expect(fit.covariance.standardErrors.allSatisfy { $0.isNaN })
    #expect(fit.warnings.contains { $0.contains("no standard errors") })
  }
}
