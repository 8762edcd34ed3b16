import Glibc
import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Cumulative link models")
struct OrdinalTests {
  private func wine(_ columns: KeyValuePairs<String, [Double]>, weights: [Double]? = nil) -> RegressionData {
    let t = TestTable("wine")
    return regression(t.numbers("rating").map { $0 - 1 }, columns, intercept: false, weights: weights)
  }
  private let levels = ["1", "2", "3", "4", "5"]

  @Test("Without covariates thresholds are the quantiles of the cumulative shares")
  func thresholds() throws {
    for link in OrdinalLink.allCases {
      let fit = try OrdinalModel(link: link).fit(
        regression([0, 0, 1, 1, 1, 2, 2, 2, 2, 2], [:], intercept: false), levels: ["a", "b", "c"])
      #expect(fit.terms == ["a|b", "b|c"])
      let expected: [Double] =
        switch link {
        case .logit: [log(0.25), 0]
        case .probit: [-0.841621233572914, 0]
        case .cloglog: [log(-log(0.8)), log(log(2))]
        case .loglog: [-log(-log(0.2)), -log(log(2))]
        case .cauchit: [-1.37638192047117, 0]
        }
      expectClose(fit.coefficients.map { $0! }, expected, relative: 1e-9, absolute: 1e-12)
      expectClose(fit.logLikelihood, 2 * log(0.2) + 3 * log(0.3) + 5 * log(0.5), relative: 1e-12)
    }
  }

  @Test("Two categories are a logistic regression with the sign turned")
  func binary() throws {
    let t = TestTable("birthwt")
    let x: KeyValuePairs<String, [Double]> = ["age": t.numbers("age"), "lwt": t.numbers("lwt")]
    let ordinal = try OrdinalModel().fit(
      regression(t.numbers("low"), x, intercept: false), levels: ["no", "yes"])
    let logistic = try GeneralisedLinearModel(family: .binomial).fit(regression(t.numbers("low"), x))
    expectClose(ordinal.coefficients[0]!, -logistic.coefficients[0]!, relative: 1e-9)
    expectClose(ordinal.coefficients[1]!, logistic.coefficients[1]!, relative: 1e-9)
    expectClose(ordinal.covariance.standardErrors, logistic.covariance.standardErrors, relative: 1e-8)
    expectClose(ordinal.logLikelihood, logistic.logLikelihood!, relative: 1e-12)
    let a = try ordinal.profileLimits(of: 1, level: 0.95)
    let b = try logistic.profileLimits(of: 2, level: 0.95)
    expectClose(a.low!, b.low!, relative: 1e-7)
    expectClose(a.high!, b.high!, relative: 1e-7)
  }

  /// R 4.2.2, ordinal 2022.11-16: `clm(…, control = clm.control(gradTol = 1e-10, relTol = 1e-12))`; for cauchit, where `clm`
  /// stops 0.016 below the maximum, Newton steps on the written-out likelihood (numDeriv).
  @Test("Bitterness of wine")
  func reference() throws {
    let t = TestTable("wine")
    let warm = t.indicator("temp", "warm")
    let yes = t.indicator("contact", "yes")
    let logit = try OrdinalModel().fit(
      wine(["tempwarm": warm, "contactyes": yes, "tempwarm:contactyes": zip(warm, yes).map { $0 * $1 }]),
      levels: levels)
    expectClose(
      logit.coefficients.map { $0! },
      [
        -1.411261964705567, 1.143553660397478, 3.377082486688010, 4.941982256307208, 2.321184260705274,
        1.347460426433521, 0.359548880191333,
      ], relative: 1e-9)
    expectClose(
      logit.covariance.standardErrors,
      [
        0.545353234292653, 0.509655528434886, 0.638161721182678, 0.750911260910647, 0.700947939442164,
        0.660355650191612, 0.923818848434147,
      ], relative: 1e-8)
    expectClose(logit.logLikelihood, -86.4162004195796, relative: 1e-12)
    expectClose(logit.aic, 186.832400839159, relative: 1e-12)

    let weighted: KeyValuePairs<OrdinalLink, ([Double], Double, Double)> = [
      .probit: (
        [
          -1.232389860950918, 0.374277790723261, 1.736983876649359, 2.675022298917639, 1.521407881538613,
          0.821385361468106,
        ], 0.0391586992614003, -4013.64051057392
      ),
      .cloglog: (
        [
          -2.678797951087890, -0.144447702379107, 1.498816174405450, 2.494414122260680, 1.750962925125285,
          0.826936730194159,
        ], 0.0424426884654959, -4026.59869804615
      ),
      .loglog: (
        [
          -0.660959096773503, 0.779607062915680, 2.126753882020743, 3.271290368511228, 1.441375322622937,
          0.875453915166410,
        ], 0.0412416891824998, -4116.98718591344
      ),
      .cauchit: (
        [
          -10.880210811885275, 0.122897733802104, 2.524639849314328, 3.994001716812732, 2.207418161290615,
          1.154212730004521,
        ], 0.0714300831600863, -4230.13689880878
      ),
    ]
    for (link, (estimates, lastError, logLik)) in weighted {
      let fit = try OrdinalModel(link: link).fit(
        wine(["tempwarm": warm, "contactyes": yes], weights: t.numbers("response")), levels: levels)
      expectClose(fit.coefficients.map { $0! }, estimates, relative: 1e-7)
      expectClose(fit.covariance.standardErrors.last!, lastError, relative: 1e-7)
      expectClose(fit.logLikelihood, logLik, relative: 1e-12)
    }
  }

  @Test("Separation, aliased slopes, an empty category")
  func failures() throws {
    let y: [Double] = [0, 0, 0, 1, 1, 1, 2, 2, 2]
    let x = (0..<9).map(Double.init)
    let separated = try OrdinalModel().fit(
      regression(y, ["x": x], intercept: false), levels: ["a", "b", "c"])
    #expect(separated.status == .separated)
    // Thresholds and slope run off together; no large number stands for infinity.
    #expect(separated.coefficients.allSatisfy { $0 == nil })
    #expect(separated.warnings[0].contains("x tends to +infinity"))
    let mixed: [Double] = [0, 1, 2, 1, 0, 2, 1, 0, 2]
    let aliased = try OrdinalModel().fit(
      regression(mixed, ["x": x, "twice": x.map { 2 * $0 - 5 }, "one": x.map { _ in 4 }], intercept: false),
      levels: ["a", "b", "c"])
    #expect(aliased.coefficients.map { $0 == nil } == [false, false, false, true, true])
    #expect(aliased.warnings.count == 2)
    #expect(throws: RegressionError.self) {
      try OrdinalModel().fit(regression(y, ["x": x], intercept: false), levels: ["a", "b", "c", "d"])
    }
  }
}
