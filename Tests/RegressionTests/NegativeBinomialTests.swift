import Glibc
import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Negative binomial regression")
struct NegativeBinomialTests {
  /// R 4.2.2, MASS 7.3-58: `glm.nb` with the alternation of `theta.ml`'s equation and `glm` continued for 150 rounds;
  /// the standard errors of the observed information by `numDeriv::hessian`.
  @Test("Seizure counts agree with glm.nb run to convergence")
  func epilepsy() throws {
    let t = TestTable("epil")
    let treated = t.indicator("trt", "progabide")
    let base = t.numbers("lbase")
    let fit = try NegativeBinomialModel().fit(
      regression(
        t.numbers("y"),
        [
          "trtprogabide": treated, "lbase": base, "lage": t.numbers("lage"), "V4": t.numbers("V4"),
          "trtprogabide:lbase": zip(treated, base).map { $0 * $1 },
        ]))
    #expect(fit.status == .ok)
    expectClose(
      fit.regression.coefficients.map { $0! },
      [
        1.923866212386168, -0.285680497642613, 0.899921876703883, 0.556633972605893, -0.149855016980975,
        0.354284711014863,
      ], relative: 1e-9)
    expectClose(
      fit.regression.covariance.standardErrors,
      [
        0.0752549728923051, 0.1002789291597190, 0.0879326460407311, 0.2308094970844154, 0.1131115913312166,
        0.1377626176546596,
      ], relative: 1e-9)
    expectClose(
      [fit.theta, fit.thetaStandardError, fit.logLikelihood],
      [2.771583165819454, 0.393017237750751, -647.178886439872940], relative: 1e-9)
    expectClose(
      [fit.regression.deviance, fit.regression.nullDeviance], [267.029633977623178, 607.607290627684961],
      relative: 1e-9)
    expectClose(fit.aic, -2 * fit.logLikelihood + 14, relative: 1e-14)
    expectClose(
      try fit.observedInformationCovariance().standardErrors,
      [
        0.0759282235117572, 0.1006277573692443, 0.0858825058603259, 0.2387238684571047, 0.1134041597229545,
        0.1321122069916976,
      ], relative: 1e-6, because: "numDeriv's Hessian is good to about 1e-7")
  }

  @Test("Offset and prior weights")
  func weighted() throws {
    let t = TestTable("epil")
    let fit = try NegativeBinomialModel().fit(
      regression(
        t.numbers("y"), ["trtprogabide": t.indicator("trt", "progabide"), "lage": t.numbers("lage")],
        weights: t.numbers("period"), offset: t.numbers("lbase")))
    expectClose(
      fit.regression.coefficients.map { $0! }, [1.860010704986629, -0.230133330801430, 0.236791473141367],
      relative: 1e-9)
    expectClose(
      fit.regression.covariance.standardErrors,
      [0.0450052971452680, 0.0631442366891344, 0.1407305331552703], relative: 1e-9)
    expectClose(
      [fit.theta, fit.thetaStandardError, fit.logLikelihood],
      [2.624121251586309, 0.231278393423422, -1613.578266142078746], relative: 1e-9)
    expectClose(
      try fit.observedInformationCovariance().standardErrors,
      [0.0453687487666187, 0.0633748567273855, 0.1456927267186268], relative: 1e-6)
  }

  @Test("Counts that vary less than Poisson's have an infinite size")
  func underdispersed() throws {
    let fit = try NegativeBinomialModel().fit(
      regression([2, 3, 2, 3, 4, 5, 4, 5], ["x": [0, 0, 0, 0, 1, 1, 1, 1]]))
    #expect(fit.status == .boundary)
    #expect(fit.theta == .infinity)
    expectClose(fit.regression.coefficients[0]!, log(2.5), relative: 1e-9)
    #expect(!fit.warnings.isEmpty)
  }

  @Test("An arm without events is a separated fit")
  func separated() throws {
    let fit = try NegativeBinomialModel().fit(
      regression([2, 9, 0, 3, 0, 0, 0, 0], ["x": [0, 0, 0, 0, 1, 1, 1, 1]]))
    #expect(fit.status == .separated)
    #expect(fit.regression.coefficients[1] == nil)
  }
}

@Suite("Firth's logistic regression")
struct FirthTests {
  @Test("A 2 × 2 table: Firth adds a half to every cell")
  func twoByTwo() throws {
    // 3 of 10 against 0 of 10.
    let y = (0..<20).map { $0 < 3 ? 1.0 : 0 }
    let x = (0..<20).map { $0 < 10 ? 0.0 : 1 }
    let fit = try FirthModel().fit(regression(y, ["x": x]))
    expectClose(fit.coefficients[0]!, log(3.5 / 7.5), relative: 1e-10)
    expectClose(fit.coefficients[1]!, log(0.5 / 10.5) - log(3.5 / 7.5), relative: 1e-10)
    // The same data as shares of successes.
    let grouped = try FirthModel().fit(regression([0.3, 0], ["x": [0, 1]], weights: [10, 10]))
    expectClose(fit.coefficients.map { $0! }, grouped.coefficients.map { $0! }, relative: 1e-10)
    expectClose(fit.penalisedLogLikelihood, grouped.penalisedLogLikelihood, relative: 1e-10)
  }

  /// Where one row decides a coefficient the penalty doubles the curvature, and plain scoring swings for ever.
  @Test("A level of one row: a half to every cell, in few steps")
  func singleRow() throws {
    // Events: 2 of 4, 3 of 4 and 0 of 1.
    let y: [Double] = [0, 1, 1, 0, 1, 0, 1, 1, 0]
    let b: [Double] = [0, 0, 0, 0, 1, 1, 1, 1, 0]
    let c: [Double] = [0, 0, 0, 0, 0, 0, 0, 0, 1]
    let fit = try FirthModel().fit(regression(y, ["b": b, "c": c]))
    #expect(fit.status == .ok && fit.convergence.iterations < 40)
    expectClose(fit.coefficients[0]!, 0, absolute: 1e-10)
    expectClose(fit.coefficients[1]!, log(3.5 / 1.5), relative: 1e-10)
    expectClose(fit.coefficients[2]!, log(0.5 / 1.5), relative: 1e-10)
    let limits = try fit.profileLimits(of: 2, level: 0.95)
    #expect(limits.low! < -4 && limits.high! > 1)
  }

  /// R 4.2.2: Jeffreys-penalised likelihood maximised by Fisher scoring to 1e-13, the limits by `uniroot`.
  @Test("Ordinary and separated data")
  func reference() throws {
    let t = TestTable("birthwt")
    let births = try FirthModel().fit(
      regression(
        t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt"), "smoke": t.numbers("smoke")]))
    expectClose(
      births.coefficients.map { $0! },
      [1.2604494744982149, -0.0373135069833251, -0.0113940764109636, 0.6612861461874004], relative: 1e-9)
    expectClose(
      births.covariance.standardErrors,
      [1.00252867993537387, 0.03246006835164372, 0.00603374454771466, 0.32427748866794637], relative: 1e-9)
    expectClose(births.penalisedLogLikelihood, -99.9559999995952, relative: 1e-11)
    let table = try births.coefficientTable()
    expectClose(
      table.map { $0.statistic! },
      [1.657242712174877, 1.3796019734462277, 4.049027609521488102, 4.230963104451831], relative: 1e-8)
    expectClose(
      table.map { $0.low! },
      [-0.643890998479955, -0.1024427364258706, -0.023985169389186770, 0.031244768110353], relative: 1e-8)
    expectClose(
      table.map { $0.high! },
      [3.282917183417717, 0.0244520357762829, -0.000281589195282698, 1.296004015088327], relative: 1e-8)

    let s = TestTable("separated")
    let separated = try FirthModel().fit(
      regression(s.numbers("y"), ["x": s.numbers("x"), "z": s.numbers("z")]))
    #expect(separated.status == .ok)
    expectClose(
      separated.coefficients.map { $0! }, [-5.727001825415744, 0.816585815887387, -0.156525680613522],
      relative: 1e-9)
    let limits = try separated.coefficientTable()
    expectClose(
      limits.map { $0.low! }, [-49.58947288412579, 0.214327918667038, -10.5128246370113878], relative: 1e-7)
    expectClose(
      limits.map { $0.high! }, [-1.30865149799755, 7.369936739654793, 4.0198853024499561], relative: 1e-7)
    expectClose(
      limits.map { $0.statistic! }, [8.65093507195370, 10.503424720985965, 0.0150034460945911], relative: 1e-7
    )
  }

  @Test("Units and collinearity leave test and limits alone")
  func invariance() throws {
    let t = TestTable("birthwt")
    let plain = try FirthModel().fit(
      regression(t.numbers("low"), ["age": t.numbers("age"), "smoke": t.numbers("smoke")]))
    let moved = try FirthModel().fit(
      regression(
        t.numbers("low"),
        [
          "year": t.numbers("age").map { 1e4 * $0 + 2e6 }, "twice": t.numbers("age").map { 2 * $0 },
          "smoke": t.numbers("smoke"),
        ]))
    #expect(moved.coefficients[2] == nil)
    let a = try plain.coefficientTable()
    let b = try moved.coefficientTable()
    expectClose(b[1].statistic!, a[1].statistic!, relative: 1e-7)
    expectClose(b[1].low! * 1e4, a[1].low!, relative: 1e-7)
    expectClose(b[3].high!, a[2].high!, relative: 1e-7)
  }
}
