import Glibc
import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Hurdle and zero-inflated counts")
struct TwoPartCountTests {
  private func intercepts(_ y: [Double], weights: [Double]? = nil) -> TwoPartCountData {
    let ones = Matrix(rows: y.count, columns: 1, repeating: 1)
    return TwoPartCountData(
      count: RegressionData(design: ones, columnNames: ["(Intercept)"], response: y, weights: weights),
      zeroDesign: ones, zeroNames: ["(Intercept)"])
  }

  private func publications(
    _ count: [String], _ zero: [String], offset: Bool = false
  ) -> TwoPartCountData {
    let t = TestTable("biochemists")
    func column(_ name: String) -> [Double] {
      name == "fem" ? t.indicator("fem", "Women") : t.numbers(name)
    }
    func design(_ names: [String]) -> Matrix {
      Matrix(columns: [[Double](repeating: 1, count: t.rowCount)] + names.map(column))
    }
    return TwoPartCountData(
      count: RegressionData(
        design: design(count), columnNames: ["(Intercept)"] + count, response: t.numbers("art"),
        offset: offset ? t.numbers("phd").map { log($0) } : nil),
      zeroDesign: design(zero), zeroNames: ["(Intercept)"] + zero)
  }

  @Test("Without covariates both Poisson models fit the zeros and the positive mean exactly")
  func closedForm() throws {
    let y: [Double] = [0, 0, 0, 0, 0, 1, 2, 2, 3, 5]
    let hurdle = try TwoPartCountModel(.hurdle, distribution: .poisson).fit(intercepts(y))
    let inflated = try TwoPartCountModel(.zeroInflated, distribution: .poisson).fit(intercepts(y))
    #expect(hurdle.terms == ["count_(Intercept)", "zero_(Intercept)"])
    expectClose(hurdle.coefficients[1]!, 0, absolute: 1e-12)
    let mu = exp(hurdle.coefficients[0]!)
    expectClose(mu / (1 - exp(-mu)), 13.0 / 5, relative: 1e-12)
    expectClose(inflated.coefficients[0]!, hurdle.coefficients[0]!, relative: 1e-9)
    let excess = 1 / (1 + exp(-inflated.coefficients[1]!))
    expectClose(excess + (1 - excess) * exp(-mu), 0.5, relative: 1e-10)
    expectClose(inflated.logLikelihood, hurdle.logLikelihood, relative: 1e-12)
  }

  @Test("A weight of two equals a row written twice")
  func weights() throws {
    let y: [Double] = [0, 0, 0, 1, 2, 2, 3, 7, 9]
    for kind in [TwoPartCountModel.Kind.hurdle, .zeroInflated] {
      let model = TwoPartCountModel(kind, distribution: .poisson)
      let a = try model.fit(intercepts(y, weights: [2, 1, 1, 1, 1, 1, 1, 2, 0]))
      let b = try model.fit(intercepts([0, 0, 0, 0, 1, 2, 2, 3, 7, 7]))
      expectClose(a.coefficients.map { $0! }, b.coefficients.map { $0! }, relative: 1e-9)
      expectClose(a.covariance.matrix.storage, b.covariance.matrix.storage, relative: 1e-9, absolute: 1e-14)
    }
  }

  /// R 4.2.2, pscl 1.5.5 polished by Newton steps on the written-out likelihood (numDeriv), which gives the standard errors.
  @Test("Publications of biochemists")
  func reference() throws {
    func check(
      _ fit: TwoPartCountFit, _ estimates: [Double], _ errors: [Double], logLik: Double, theta: Double? = nil,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(fit.status == .ok, sourceLocation: sourceLocation)
      expectClose(fit.coefficients.map { $0! }, estimates, relative: 1e-7, sourceLocation: sourceLocation)
      expectClose(
        fit.covariance.standardErrors, errors, relative: 1e-6, because: "numDeriv's Hessian",
        sourceLocation: sourceLocation)
      expectClose(fit.logLikelihood, logLik, relative: 1e-11, sourceLocation: sourceLocation)
      if let theta { expectClose(fit.theta!, theta, relative: 1e-7, sourceLocation: sourceLocation) }
    }
    check(
      try TwoPartCountModel(.hurdle, distribution: .negativeBinomial).fit(
        publications(["fem", "ment"], ["fem", "kid5"])),
      [
        0.324255774281249, -0.206208913349998, 0.023507151598920, 1.114281439801331, -0.355324841538512,
        -0.198951558184296,
      ],
      [
        0.09905033401163016, 0.09385909104878835, 0.00424986385632497, 0.12557667567391634,
        0.15276063585971830, 0.09732273781897159,
      ], logLik: -1585.25980154245, theta: 1.75676021753464)
    check(
      try TwoPartCountModel(.zeroInflated, distribution: .negativeBinomial).fit(
        publications(["fem", "ment"], ["ment"])),
      [
        0.4127883329545838, -0.1725134487004999, 0.0240648702653211, -0.7691801265811954, -0.6138705016156604,
      ],
      [
        0.06568376569116581, 0.06894269112947372, 0.00348549913210093, 0.34449414132417211,
        0.24051111671849007,
      ], logLik: -1558.4907309402, theta: 2.63812513538158)
    check(
      try TwoPartCountModel(.zeroInflated, distribution: .poisson).fit(
        publications(["fem", "kid5", "ment"], ["kid5"])),
      [
        0.6420165988958034, -0.2463695311917090, -0.1262992467239919, 0.0213528187546819,
        -1.6984985033847737, 0.0844568752155700,
      ],
      [
        0.05401759352016158, 0.05843409627869694, 0.04509694549186722, 0.00212077331252554,
        0.18074221736740378, 0.20416389270916313,
      ], logLik: -1622.70575370394)
    check(
      try TwoPartCountModel(.hurdle, distribution: .poisson).fit(
        publications(["fem", "ment"], ["fem"], offset: true)),
      [
        -0.4775037003927742, -0.2037283761582377, 0.0126196593332781, 0.9678781004416178, -0.2604449623459840,
      ],
      [
        0.05105477391329294, 0.06283210949017573, 0.00235245564532412, 0.10072853256299676,
        0.14452190556867500,
      ], logLik: -1700.32051606007)
  }

  @Test("Units of a covariate and the order of rows leave the likelihood alone")
  func invariance() throws {
    let model = TwoPartCountModel(.zeroInflated, distribution: .negativeBinomial)
    let data = publications(["fem", "ment"], ["ment"])
    let plain = try model.fit(data)
    var moved = data
    for i in 0..<data.count.rowCount {
      moved.count.design[i, 2] = 1e4 * moved.count.design[i, 2] + 1e6
      moved.zeroDesign[i, 1] *= 1e-3
    }
    let rescaled = try model.fit(moved)
    expectClose(rescaled.logLikelihood, plain.logLikelihood, relative: 1e-11)
    expectClose(rescaled.coefficients[2]! * 1e4, plain.coefficients[2]!, relative: 1e-6)
    expectClose(rescaled.coefficients[4]! * 1e-3, plain.coefficients[4]!, relative: 1e-6)
  }

  @Test("No excess zeros, no zeros, broken counts")
  func failures() throws {
    let many = (0..<60).map { Double([1, 2, 1, 3, 2, 1, 0, 4, 2, 1][$0 % 10]) }
    let fit = try TwoPartCountModel(.zeroInflated, distribution: .poisson).fit(intercepts(many))
    #expect(fit.status == .boundary)
    #expect(!fit.warnings.isEmpty)
    #expect(throws: RegressionError.self) {
      try TwoPartCountModel(.hurdle, distribution: .poisson).fit(intercepts([1, 2, 3]))
    }
    #expect(throws: RegressionError.constantResponse) {
      try TwoPartCountModel(.hurdle, distribution: .poisson).fit(intercepts([0, 0, 0]))
    }
    #expect(throws: RegressionError.responseOutOfRange(row: 1, requirement: "a whole number from 0")) {
      try TwoPartCountModel(.hurdle, distribution: .poisson).fit(intercepts([0, 1.5, 2]))
    }
  }

  private func biochemists(_ kind: TwoPartCountModel.Kind, _ distribution: CountDistribution) throws
    -> TwoPartCountFit
  {
    let t = TestTable("biochemists")
    let count = regression(
      t.numbers("art"),
      ["femWomen": t.indicator("fem", "Women"), "kid5": t.numbers("kid5"), "ment": t.numbers("ment")])
    return try TwoPartCountModel(kind, distribution: distribution).fit(
      TwoPartCountData(count: count, zeroDesign: count.design, zeroNames: count.columnNames))
  }

  /// R 4.2.2, pscl 1.5.5 and sandwich 3.0-2: `sandwich(fit)`, `predict(fit, type = "response")` of rows 1, 200 and 500.
  @Test("Sandwich errors and mean outcomes, as pscl and sandwich have them")
  func sandwichAndMeans() throws {
    let hurdle = try biochemists(.hurdle, .negativeBinomial)
    expectClose(
      hurdle.sandwich(clusters: nil, scalesByResidualDF: false).standardErrors,
      [
        0.13210000249275, 0.09237404456565, 0.06574734927830, 0.00469030918209, 0.15178823800787,
        0.15510470514963, 0.09939341122266, 0.01361701475481,
      ], relative: 2e-4, because: "pscl's Hessian is numerical")
    let rows = [0, 199, 499]
    let t = TestTable("biochemists")
    let design = regression(
      t.numbers("art"),
      ["femWomen": t.indicator("fem", "Women"), "kid5": t.numbers("kid5"), "ment": t.numbers("ment")]
    ).design.selecting(rows: rows)
    // Errors: numDeriv's Jacobian of the means with vcov(fit), of the negative binomial with the Hessian of all parameters.
    let expected: [(TwoPartCountModel.Kind, CountDistribution, [Double], [Double]?)] = [
      (
        .hurdle, .poisson, [1.87902273237, 0.78992719571, 1.17407360847],
        [0.0913606811632, 0.102099430698, 0.0748064587285]
      ),
      (
        .hurdle, .negativeBinomial, [1.852956235584, 0.784683815854, 1.172073047945],
        [0.107320824128, 0.106536010405, 0.0820475687703]
      ),
      (
        .zeroInflated, .poisson, [1.903873127568, 0.754943372364, 1.181548155236],
        [0.0945991483264, 0.117070680415, 0.0751995353277]
      ),
      (.zeroInflated, .negativeBinomial, [1.886075369069, 0.384885501077, 1.292368429802], nil),
    ]
    for (kind, distribution, means, errors) in expected {
      let fit = try biochemists(kind, distribution)
      let found = fit.means(countDesign: design, zeroDesign: design, covariance: fit.fullCovariance)
      expectClose(
        found.map { $0!.mean }, means, relative: 1e-6, because: "pscl stops at 1e-15 of the likelihood")
      if let errors {
        expectClose(found.map { $0!.error }, errors, relative: 2e-4, because: "pscl's Hessian is numerical")
      }
    }
  }
}
