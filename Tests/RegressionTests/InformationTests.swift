import Inference
import Regression
import TestSupport
import Testing

/// Observed information: R 4.2.2, the inverse of numDeriv's Hessian of the log-likelihood at glm's or glm.nb's estimates.
@Suite("Observed information and dispersion")
struct InformationTests {
  @Test(
    "Binary regressions with links that are not canonical",
    arguments: [
      (Link.probit, [0.59646575465037, 0.01976621907536, 0.00353429580645, 0.19686318263541]),
      (.cloglog, [0.84224939615233, 0.02685402970799, 0.00526150645187, 0.26434884833519]),
    ])
  func links(link: Link, errors: [Double]) throws {
    let t = TestTable("birthwt")
    let fit = try GeneralisedLinearModel(family: .binomial, link: link).fit(
      regression(
        t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt"), "smoke": t.numbers("smoke")]))
    expectClose(
      try fit.observedInformationCovariance().standardErrors, errors, relative: 1e-7,
      because: "numerical derivatives")
  }

  @Test("With the canonical link it is the expected information")
  func canonical() throws {
    let t = TestTable("birthwt")
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression(t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt")]))
    expectClose(
      try fit.observedInformationCovariance().matrix.storage, fit.covariance.matrix.storage, relative: 1e-9)
  }

  @Test("A negative binomial regression, coefficients and theta together")
  func negativeBinomial() throws {
    let t = TestTable("epil")
    let fit = try NegativeBinomialModel().fit(
      regression(
        t.numbers("y"),
        ["trt": t.indicator("trt", "progabide"), "lbase": t.numbers("lbase"), "lage": t.numbers("lage")]))
    expectClose(
      try fit.observedInformationCovariance().standardErrors,
      [0.0729168070809, 0.1012202841343, 0.0646903354036, 0.2341774483675], relative: 1e-8)
  }

  /// `MASS::gamma.shape`: 1/0.0018582817071 times (the inverse link); maximum likelihood of shape and coefficients.
  @Test("The dispersion of gamma and Gaussian models by maximum likelihood")
  func dispersion() throws {
    let t = TestTable("clotting")
    let u = t.numbers("u").map { logarithm($0) }
    let inverse = try GeneralisedLinearModel(family: .gamma).fit(regression(t.numbers("lot1"), ["u": u]))
    expectClose(try #require(inverse.maximumLikelihoodDispersion), 0.0018582817071, relative: 1e-9)
    let log = try GeneralisedLinearModel(family: .gamma, link: .log).fit(
      regression(t.numbers("lot1"), ["u": u]))
    expectClose(
      try log.observedInformationCovariance(dispersion: log.maximumLikelihoodDispersion).standardErrors,
      [0.1547303059812, 0.0447535558649], relative: 1e-7, because: "numerical derivatives")
    let gaussian = try GeneralisedLinearModel(family: .gaussian).fit(
      regression([1, 2, 4, 3], ["x": [0, 1, 2, 5]]))
    expectClose(gaussian.maximumLikelihoodDispersion!, gaussian.deviance / 4, relative: 1e-14)
    #expect(
      try GeneralisedLinearModel(family: .poisson).fit(regression([1, 2, 4, 3], ["x": [0, 1, 2, 5]]))
        .maximumLikelihoodDispersion == nil)
  }

  /// R `MASS::gamma.shape` needs logarithms of the concentration.
  private func logarithm(_ x: Double) -> Double { Link.log.linearPredictor(of: x) }
}
