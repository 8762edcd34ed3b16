import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Separation and other failures")
struct SeparationTests {
  @Test("Complete separation leaves every coefficient infinite")
  func complete() throws {
    let t = TestTable("separated")
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression(t.numbers("y"), ["x": t.numbers("x"), "z": t.numbers("z")]))
    #expect(fit.status == .separated)
    #expect(!fit.convergence.isConverged)
    #expect(fit.coefficients == [nil, nil, nil])
    #expect(fit.infiniteCoefficients.first { $0.term == "x" }?.sign == 1)
    #expect(fit.warnings.contains { $0.contains("separation") })
    #expect(fit.deviance == 0)
    #expect(fit.logLikelihood == 0)
  }

  @Test("An arm without events: its log odds ratio is −∞, the others keep their limits")
  func quasi() throws {
    // Arm b has no event; the arms a and c have 2 of 4 and 3 of 4.
    let y: [Double] = [1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0]
    let b = (0..<12).map { (4..<8).contains($0) ? 1.0 : 0 }
    let c = (0..<12).map { $0 >= 8 ? 1.0 : 0 }
    for link in [Link.logit, .probit, .cloglog, .cauchit, .log] {
      let fit = try GeneralisedLinearModel(family: .binomial, link: link).fit(
        regression(y, ["armb": b, "armc": c]))
      #expect(fit.status == .separated)
      #expect(fit.infiniteCoefficients.map(\.term) == ["armb"])
      #expect(fit.infiniteCoefficients.map(\.sign) == [-1])
      expectClose(fit.coefficients[0]!, link.linearPredictor(of: 0.5), absolute: 1e-9)
      expectClose(
        fit.coefficients[2]!, link.linearPredictor(of: 0.75) - link.linearPredictor(of: 0.5), relative: 1e-9)
      #expect(fit.covariance.standardErrors.allSatisfy { $0.isFinite && $0 < 5 })
    }
    let counts = try GeneralisedLinearModel(family: .poisson).fit(
      regression([3, 1, 2, 0, 0, 0, 0, 0, 5, 1, 0, 2], ["armb": b, "armc": c]))
    #expect(counts.status == .separated)
    #expect(counts.infiniteCoefficients.map(\.term) == ["armb"])
  }

  @Test("Overlap by a single row is no separation, whatever the units")
  func overlap() throws {
    for unit in [1e-6, 1, 1e6] {
      let x = (0..<20).map { Double($0) * unit }
      var y = (0..<20).map { $0 < 10 ? 0.0 : 1 }
      #expect(
        try GeneralisedLinearModel(family: .binomial).fit(regression(y, ["x": x])).status == .separated)
      y[9] = 1
      y[10] = 0
      #expect(try GeneralisedLinearModel(family: .binomial).fit(regression(y, ["x": x])).status == .ok)
    }
  }

  @Test("A response of one value")
  func constant() throws {
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression([0, 0, 0, 0], ["x": [1, 2, 3, 4]]))
    #expect(fit.status == .separated)
    let line = try LinearModel().fit(regression([3, 3, 3, 3], ["x": [1, 2, 3, 4]]))
    expectClose(line.coefficients[1]!, 0, absolute: 1e-14)
    #expect(line.rSquared.isNaN)
    #expect(line.fTest == nil)
  }

  @Test("Aliased columns have no coefficient; the first of a collinear set is kept")
  func aliased() throws {
    let x: [Double] = [1, 2, 3, 4, 5, 6]
    let y: [Double] = [0, 1, 0, 1, 0, 1]
    let data = regression(
      y, ["x": x, "twice": x.map { 2 * $0 + 1 }, "z": [1, 0, 0, 1, 1, 0], "empty": [0, 0, 0, 0, 0, 0]])
    let fit = try GeneralisedLinearModel(family: .binomial).fit(data)
    #expect(fit.coefficients.map { $0 == nil } == [false, false, true, false, true])
    let reduced = try GeneralisedLinearModel(family: .binomial).fit(
      regression(y, ["x": x, "z": [1, 0, 0, 1, 1, 0]]))
    expectClose(
      fit.coefficients.compactMap { $0 }, reduced.coefficients.map { $0! }, relative: 1e-8, absolute: 1e-9)
    #expect(fit.warnings.count == 2)
    #expect(fit.coefficientTable().map(\.term) == ["(Intercept)", "x", "twice", "z", "empty"])
    #expect(fit.coefficientTable()[2].standardError == nil)
    let line = try LinearModel().fit(data)
    #expect(line.coefficients.map { $0 == nil } == [false, false, true, false, true])
  }

  @Test("As many coefficients as rows: a fit without standard errors")
  func saturated() throws {
    let fit = try LinearModel().fit(regression([1, 4], ["x": [0, 1]]))
    expectClose(fit.coefficients.map { $0! }, [1, 3], relative: 1e-14)
    #expect(fit.sigma.isNaN)
    #expect(!fit.warnings.isEmpty)
    let wide = try LinearModel().fit(regression([1, 4], ["x": [0, 1], "z": [1, 5]]))
    #expect(wide.coefficients[2] == nil)
  }

  @Test("Data without meaning are refused with their place")
  func refused() {
    #expect(throws: RegressionError.notFinite(variable: "x", row: 1)) {
      try LinearModel().fit(regression([1, 2, 3], ["x": [1, .nan, 2]]))
    }
    #expect(throws: RegressionError.notFinite(variable: "response", row: 2)) {
      try LinearModel().fit(regression([1, 2, .infinity], ["x": [1, 3, 2]]))
    }
    #expect(throws: RegressionError.noRows) { try LinearModel().fit(regression([], ["x": []])) }
    #expect(throws: RegressionError.noRows) {
      try LinearModel().fit(regression([1, 2], ["x": [1, 2]], weights: [0, 0]))
    }
    #expect(throws: RegressionError.negativeWeight(row: 0)) {
      try LinearModel().fit(regression([1, 2], ["x": [1, 2]], weights: [-1, 0]))
    }
    #expect(throws: RegressionError.responseOutOfRange(row: 1, requirement: "between 0 and 1")) {
      try GeneralisedLinearModel(family: .binomial).fit(regression([0, 2], ["x": [1, 2]]))
    }
    #expect(throws: RegressionError.responseOutOfRange(row: 0, requirement: "positive")) {
      try GeneralisedLinearModel(family: .gamma).fit(regression([0, 2], ["x": [1, 2]]))
    }
    #expect(throws: RegressionError.unsuitableLink(link: "logit", family: "poisson")) {
      try GeneralisedLinearModel(family: .poisson, link: .logit)
    }
  }
}

@Suite("Invariance of generalised linear models")
struct GeneralisedLinearModelProperties {
  private var data: RegressionData {
    let t = TestTable("birthwt")
    return regression(
      t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt"), "smoke": t.numbers("smoke")])
  }

  @Test("The order of rows changes the last digits at most")
  func rowOrder() throws {
    let model = try GeneralisedLinearModel(family: .binomial)
    let a = try model.fit(data)
    let b = try model.fit(data.permuted(scrambled(188) + [188]))
    expectClose(a.coefficients.map { $0! }, b.coefficients.map { $0! }, relative: 1e-11)
    expectClose(a.covariance.matrix.storage, b.covariance.matrix.storage, relative: 1e-10, absolute: 1e-16)
  }

  @Test("A covariate in another unit has a coefficient in that unit, with the same test")
  func units() throws {
    let model = try GeneralisedLinearModel(family: .binomial, link: .probit)
    let a = try model.fit(data)
    var scaled = data
    for i in 0..<scaled.rowCount { scaled.design[i, 2] = scaled.design[i, 2] * 1e5 + 3e6 }
    let b = try model.fit(scaled)
    expectClose(b.coefficients[2]! * 1e5, a.coefficients[2]!, relative: 1e-8)
    expectClose(b.coefficientTable()[2].statistic!, a.coefficientTable()[2].statistic!, relative: 1e-8)
    expectClose(b.deviance, a.deviance, relative: 1e-12)
  }

  @Test("No coefficient near the estimate has a smaller deviance")
  func maximum() throws {
    let model = try GeneralisedLinearModel(family: .binomial, link: .cloglog)
    let fit = try model.fit(data)
    for j in 0..<4 {
      for sign in [-1.0, 1] {
        var moved = data
        let shift = sign * 0.01 * fit.covariance.standardErrors[j]
        moved.design = data.design.selecting(columns: (0..<4).filter { $0 != j })
        moved.columnNames.remove(at: j)
        moved.offset = data.design.column(j).map { $0 * (fit.coefficients[j]! + shift) }
        #expect(try model.fit(moved).deviance > fit.deviance)
      }
    }
  }

  @Test("A badly conditioned design goes through QR and agrees with its centred form")
  func conditioning() throws {
    let t = TestTable("birthwt")
    let year = t.numbers("age").map { $0 + 2000 }
    let model = try GeneralisedLinearModel(family: .binomial)
    let raw = try model.fit(
      regression(t.numbers("low"), ["year": year, "square": year.map { $0 * $0 }]))
    let age = t.numbers("age").map { $0 - 20 }
    let centred = try model.fit(
      regression(t.numbers("low"), ["age": age, "square": age.map { $0 * $0 }]))
    expectClose(raw.coefficients[2]!, centred.coefficients[2]!, relative: 1e-5)
    expectClose(raw.deviance, centred.deviance, relative: 1e-10)
    expectClose(
      raw.covariance.standardErrors[2], centred.covariance.standardErrors[2], relative: 1e-5)
  }
}
