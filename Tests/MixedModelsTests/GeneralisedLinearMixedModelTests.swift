import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import MixedModels

/// Incidence of bovine pleuropneumonia in 15 herds over four periods (Lesnoff et al. 2004; `cbpp` of R's lme4).
enum Herds {
  static let herd = [
    1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8, 9, 9, 9, 9,
    10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15,
  ]
  static let incidence: [Double] = [
    2, 3, 4, 0, 3, 1, 1, 8, 2, 0, 2, 2, 0, 2, 0, 5, 0, 0, 1, 3, 0, 0, 1, 8, 1, 3, 0, 12, 2, 0, 0, 0,
    1, 1, 0, 2, 0, 5, 3, 1, 2, 1, 0, 0, 1, 2, 0, 0, 11, 0, 0, 0, 1, 1, 1, 0,
  ]
  static let size: [Double] = [
    14, 12, 9, 5, 22, 18, 21, 22, 16, 16, 20, 10, 10, 9, 6, 18, 25, 24, 4, 17, 17, 18, 20, 16, 10,
    9, 5, 34, 9, 6, 8, 6, 22, 22, 18, 22, 25, 27, 22, 22, 10, 8, 6, 5, 21, 24, 19, 23, 19, 2, 3, 2,
    19, 15, 15, 15,
  ]
  static let period = [
    1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 1, 2, 3, 4,
    1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4,
  ]
  static var design: Matrix {
    Matrix(
      columns: [[Double](repeating: 1, count: 56)]
        + (2...4).map { p in period.map { $0 == p ? 1 : 0 } }, rows: 56)
  }

  /// cbind(incidence, size − incidence) ~ period + (1 | herd)
  static func model(
    _ link: ResponseFamily.BinomialLink = .logit, terms: [RandomEffectDesign]? = nil
  ) -> GeneralisedLinearMixedModel {
    GeneralisedLinearMixedModel(
      design: design, columnNames: ["(Intercept)", "period2", "period3", "period4"],
      response: zip(incidence, size).map { $0 / $1 }, family: .binomial(link),
      terms: terms ?? [herds], weights: size)
  }
  static var herds: RandomEffectDesign {
    .intercept(group: "herd", codes: herd.map { $0 - 1 }, levels: (1...15).map(String.init))
  }
  /// The same animals one by one.
  static var binary: GeneralisedLinearMixedModel {
    var rows: [Int] = []
    var response: [Double] = []
    for i in 0..<56 {
      for k in 0..<Int(size[i]) {
        rows.append(i)
        response.append(k < Int(incidence[i]) ? 1 : 0)
      }
    }
    return GeneralisedLinearMixedModel(
      design: design.selecting(rows: rows), columnNames: ["(Intercept)", "period2", "period3", "period4"],
      response: response, family: .binomial(.logit),
      terms: [
        .intercept(group: "herd", codes: rows.map { herd[$0] - 1 }, levels: (1...15).map(String.init))
      ])
  }
  /// Correlated intercepts and slopes of one grouping, for derivatives of vector quadrature.
  static var slopes: [RandomEffectDesign] {
    [
      RandomEffectDesign(
        group: "herd", columnNames: ["(Intercept)", "x"],
        design: Matrix(
          columns: [[Double](repeating: 1, count: 56), (0..<56).map { Double(($0 * 5) % 7) - 3 }],
          rows: 56), codes: herd.map { $0 - 1 }, levels: (1...15).map(String.init))
    ]
  }
  /// Two crossed groupings, one with slopes, for derivatives.
  static var crossed: [RandomEffectDesign] {
    [
      herds,
      RandomEffectDesign(
        group: "half", columnNames: ["(Intercept)", "x"],
        design: Matrix(
          columns: [[Double](repeating: 1, count: 56), (0..<56).map { Double(($0 * 5) % 7) - 3 }],
          rows: 56), codes: (0..<56).map { ($0 * 3) % 5 }, levels: ["a", "b", "c", "d", "e"]),
    ]
  }
}

@Suite("Generalised linear mixed models") struct GeneralisedLinearMixedModelTests {
  // R 4.2.2, glmmTMB 1.1.5: glmmTMB(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial(link)),
  // nlminb with rel.tol = 1e-14; Laplace's approximation with the observed information.
  @Test(
    "Laplace fits agree with glmmTMB",
    arguments: [
      (
        ResponseFamily.BinomialLink.logit, -92.0262818647616,
        [-1.398532466413988, -0.992332292860266, -1.128671297513957, -1.580313687092802],
        [0.232472050656550, 0.306642494971428, 0.326637808481493, 0.427436596684393],
        0.642261672234591
      ),
      (
        .probit, -92.5833377032345,
        [-0.831849997522625, -0.526596296838320, -0.615071573251883, -0.797944216833123],
        [0.125983789890757, 0.160252153085185, 0.169140881188142, 0.204431348017552],
        0.338634475943335
      ),
      (
        .cloglog, -91.7580020179889,
        [-1.532095597187037, -0.912990304633458, -1.031104657052535, -1.479419946234436],
        [0.210654901289613, 0.284028469576388, 0.305517129281065, 0.408337317972569],
        0.585898333264104
      ),
    ])
  func laplace(
    link: ResponseFamily.BinomialLink, logLikelihood: Double, estimates: [Double],
    errors: [Double], sd: Double
  ) throws {
    let fit = try Herds.model(link).fit()
    #expect(fit.status == .ok && fit.convergence.isConverged)
    expectClose(fit.logLikelihood, logLikelihood, relative: 1e-11)
    let table = fit.coefficientTable()
    expectClose(
      table.map { $0.estimate! }, estimates, absolute: 3e-6,
      because: "glmmTMB stops 1e-5 of a standard error short")
    expectClose(table.map { $0.standardError! }, errors, relative: 2e-6)
    expectClose(fit.varianceComponents[0].sdOrCorrelation!, sd, relative: 2e-6)
  }

  // R 4.2.2, lme4 1.1.31: glmer(…, tolPwrss = 1e-12, bobyqa with rhoend = 1e-10).
  @Test("Modes, deviance and information criteria agree with glmer") func modes() throws {
    let fit = try Herds.model().fit()
    expectClose(fit.aic, 194.052563742995, relative: 1e-8)
    expectClose(fit.bic, 204.17932219667, relative: 1e-8)
    expectClose(fit.conditionalDeviance, 73.4717247970148, relative: 1e-6)
    let modes = fit.randomEffects[0]
    expectClose(
      (0..<3).map { modes.estimates[$0, 0] },
      [0.590019971669730, -0.298897219434404, 0.406255526560382], relative: 1e-6)
    expectClose(
      (0..<3).map { modes.standardErrors[$0, 0] },
      [0.348265048746149, 0.365558192611952, 0.297318482245416], relative: 1e-6)
  }

  // R 4.2.2: the adaptive quadrature likelihood written out with statmod 1.5.0's nodes and maximised by Newton's method
  // on numDeriv's derivatives. glmer(nAGQ = 9) is 1e-5 of it.
  @Test("Nine quadrature points agree with the likelihood written out in R") func quadrature() throws {
    var model = Herds.model()
    model.quadraturePoints = 9
    let fit = try model.fit()
    expectClose(fit.logLikelihood, -91.9833717963345, relative: 1e-11)
    let table = fit.coefficientTable()
    expectClose(
      table.map { $0.estimate! },
      [-1.399230192629974, -0.991403876611635, -1.127819677221340, -1.579471016240307],
      relative: 1e-7)
    expectClose(
      table.map { $0.standardError! },
      [0.233511396207383, 0.306767969683678, 0.326768355700569, 0.427594481704402], relative: 1e-6)
    expectClose(fit.theta, [0.647517712039556], relative: 1e-7)
  }

  @Test("Quadrature approaches the integral by brute force") func bruteForce() throws {
    let beta = [-1.2, -0.8, -1.0, -1.5]
    let sd = 0.9
    var total = 0.0
    let design = Herds.design
    for h in 1...15 {
      let rows = (0..<56).filter { Herds.herd[$0] == h }
      var integral = 0.0
      let step = 0.01
      for k in -900...900 {
        let u = Double(k) * step
        var value = -u * u / 2 - log(2 * Double.pi) / 2
        for i in rows {
          let eta = dot(design.row(i), beta) + sd * u
          let p = 1 / (1 + exp(-eta))
          let y = Herds.incidence[i]
          let m = Herds.size[i]
          value +=
            lgamma(m + 1) - lgamma(y + 1) - lgamma(m - y + 1) + y * log(p) + (m - y) * log(1 - p)
        }
        integral += exp(value) * step
      }
      total += log(integral)
    }
    var model = Herds.model()
    model.quadraturePoints = 31
    expectClose(try model.logLikelihood(coefficients: beta, theta: [sd]), total, relative: 1e-11)
    model.quadraturePoints = 1
    let laplace = try model.logLikelihood(coefficients: beta, theta: [sd])
    #expect(abs(laplace - total) > 0.01 && abs(laplace - total) < 0.5)
  }

  @Test("Gradients are those of the likelihood") func gradients() throws {
    var models: [(GeneralisedLinearMixedModel, [Double])] = []
    for link in ResponseFamily.BinomialLink.allCases {
      models.append((Herds.model(link), [-0.7, 0.3, 0.2, -0.4, 0.8]))
      models.append(
        (Herds.model(link, terms: Herds.crossed), [-0.7, 0.3, 0.2, -0.4, 0.8, 0.5, -0.2, 0.3]))
      models.append((Herds.model(link, terms: Herds.slopes), [-0.7, 0.3, 0.2, -0.4, 0.8, -0.3, 0.5]))
    }
    for family in [ResponseFamily.poisson, .negativeBinomial] {
      var model = Herds.model()
      model.family = family
      model.response = Herds.incidence
      model.weights = nil
      let shape = family == .poisson ? [] : [0.6]
      models.append((model, [0.1, 0.3, 0.2, -0.4, 0.8] + shape))
      model.terms = Herds.crossed
      models.append((model, [0.1, 0.3, 0.2, -0.4, 0.8, 0.5, -0.2, 0.3] + shape))
      model.terms = Herds.slopes
      models.append((model, [0.1, 0.3, 0.2, -0.4, 0.8, -0.3, 0.5] + shape))
    }
    models.append((Herds.binary, [-0.7, 0.3, 0.2, -0.4, 0.8]))
    for (model, psi) in models {
      for points in model.terms.count == 1 ? [1, 5] : [1] {
        var model = model
        model.quadraturePoints = points
        var likelihood = try model.prepared().likelihood
        let gradient = likelihood.evaluate(psi).gradient
        for j in psi.indices {
          func value(_ h: Double) -> Double {
            var moved = psi
            moved[j] += h
            return likelihood.evaluate(moved, gradient: false).value
          }
          let h = 1e-3
          let slope = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
          expectClose(
            gradient[j], slope, relative: 1e-8, absolute: 1e-8,
            because: "\(model.family), \(points) points, \(model.terms.count) terms, parameter \(j)")
        }
      }
    }
  }

  @Test("The order of rows and the units of covariates do not matter") func invariance() throws {
    let fit = try Herds.model().fit()
    let order = (0..<56).map { ($0 * 9 + 4) % 56 }
    var model = Herds.model()
    model.design = Herds.design.selecting(rows: order)
    for i in 0..<56 { model.design[i, 2] *= 1000 }
    model.response = order.map { Herds.incidence[$0] / Herds.size[$0] }
    model.weights = order.map { Herds.size[$0] }
    model.terms = [
      .intercept(
        group: "herd", codes: order.map { 15 - Herds.herd[$0] }, levels: (1...15).map(String.init))
    ]
    let other = try model.fit()
    expectClose(other.logLikelihood, fit.logLikelihood, relative: 1e-12)
    expectClose(other.coefficients[2]! * 1000, fit.coefficients[2]!, relative: 1e-6)
    expectClose(
      other.coefficientTable()[2].statistic!, fit.coefficientTable()[2].statistic!, relative: 1e-6)
  }

  // R 4.2.2, lme4 1.1.31: glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial) with
  // tolPwrss = 1e-13, optim on its deviance; the covariance from numDeriv::hessian; for each period the mean over rows of
  // integrate(plogis(eta + theta * z) * dnorm(z)), standard errors with numDeriv::jacobian.
  @Test("Standardised risks are integrated over the herds") func marginalRisks() throws {
    let fit = try Herds.model().fit()
    let designs = (1...4).map { period -> Matrix in
      Matrix(
        columns: [[Double](repeating: 1, count: 56)]
          + (2...4).map { [Double](repeating: $0 == period ? 1 : 0, count: 56) }, rows: 56)
    }
    let ones = Matrix(columns: [[Double](repeating: 1, count: 56)], rows: 56)
    let (means, covariance) = fit.marginalMeans(
      designs: designs, randomDesigns: designs.map { _ in [ones] }, offset: nil)
    expectClose(
      means, [0.2160929437152, 0.0970426082409, 0.0861183025431, 0.0573003456383], relative: 1e-5)
    expectClose(
      covariance.diagonal.map { $0.squareRoot() },
      [0.0364300229262, 0.0269348434728, 0.0257839110511, 0.0231590704218], relative: 1e-4)
    let difference = (covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]).squareRoot()
    expectClose(difference, 0.0356828759504, relative: 1e-4)
  }

  @Test("A mean over random effects has the derivatives of its integral", arguments: [0.0, 0.3, 4, 60])
  func marginalMean(variance: Double) throws {
    var families: [ResponseFamily] = ResponseFamily.BinomialLink.allCases.map { .binomial($0) }
    families.append(.poisson)
    for family in families where family != .poisson || variance < 10 {
      let mean = MarginalMean(family: family)
      let eta = -0.7
      let value = mean(eta, variance: variance)
      // Simpson's rule on 20 000 intervals, far beyond the steps of the function's own rule.
      let s = variance.squareRoot()
      let h = 26.0 / 20_000
      var sum = 0.0
      for k in 0...20_000 {
        let z = -13 + Double(k) * h
        let weight = k == 0 || k == 20_000 ? 1.0 : k % 2 == 1 ? 4 : 2
        sum += weight * family.mean(eta + s * z) * exp(-z * z / 2)
      }
      expectClose(
        value.mean, sum * h / 3 / (2 * Double.pi).squareRoot(), relative: 1e-10, because: "\(family)")
      let step = 1e-4
      let inPredictor =
        (mean(eta + step, variance: variance).mean - mean(eta - step, variance: variance).mean) / (2 * step)
      expectClose(value.inPredictor, inPredictor, relative: 1e-6, because: "\(family)")
      guard variance > 0 else { continue }
      let width = 1e-4 * variance
      let inVariance =
        (mean(eta, variance: variance + width).mean - mean(eta, variance: variance - width).mean)
        / (2 * width)
      expectClose(value.inVariance, inVariance, relative: 1e-5, absolute: 1e-9, because: "\(family)")
    }
  }

  @Test("Binary rows and their counts have one likelihood up to its constant") func expansion() throws {
    let fit = try Herds.model().fit()
    let model = Herds.binary
    let other = try model.fit()
    expectClose(
      other.coefficients.map { $0! }, fit.coefficients.map { $0! }, relative: 1e-6)
    expectClose(
      other.coefficientTable().map { $0.standardError! },
      fit.coefficientTable().map { $0.standardError! }, relative: 1e-6)
  }

  @Test("Groups that differ less than chance allows have a variance of zero") func zeroVariance() throws {
    // The same share of successes in every group.
    let response: [Double] = [3, 5, 3, 5, 3, 5, 3, 5].map { $0 / 10 }
    let x: [Double] = [0, 1, 0, 1, 0, 1, 0, 1]
    let fit = try GeneralisedLinearMixedModel(
      design: Matrix(columns: [[Double](repeating: 1, count: 8), x], rows: 8),
      columnNames: ["(Intercept)", "x"], response: response, family: .binomial(.logit),
      terms: [.intercept(group: "g", codes: [0, 0, 1, 1, 2, 2, 3, 3], levels: ["a", "b", "c", "d"])],
      weights: [Double](repeating: 10, count: 8)
    ).fit()
    #expect(fit.status == .singular && fit.isSingular && fit.convergence.isConverged)
    #expect(fit.theta == [0])
    // Then it is logistic regression in closed form: log odds of 12/40 and 20/40.
    expectClose(fit.coefficients[0]!, log(12.0 / 28), relative: 1e-8)
    expectClose(fit.coefficients[1]!, -log(12.0 / 28), relative: 1e-8)
    let table = fit.coefficientTable()
    expectClose(table[0].standardError!, (1.0 / 12 + 1.0 / 28).squareRoot(), relative: 1e-6)
    expectClose(
      table[1].standardError!, (1.0 / 12 + 1.0 / 28 + 2.0 / 20).squareRoot(), relative: 1e-6)
  }

  @Test("A covariate that predicts the outcome perfectly is separation") func separation() throws {
    let x: [Double] = (0..<40).map { $0 % 2 == 0 ? 0 : 1 }
    let y: [Double] = (0..<40).map { i in i % 2 == 1 ? 1 : (i % 6 == 0 ? 1 : 0) }
    let fit = try GeneralisedLinearMixedModel(
      design: Matrix(columns: [[Double](repeating: 1, count: 40), x], rows: 40),
      columnNames: ["(Intercept)", "x"], response: y, family: .binomial(.logit),
      terms: [
        .intercept(group: "g", codes: (0..<40).map { $0 / 5 }, levels: (0..<8).map { "g\($0)" })
      ]
    ).fit()
    #expect(fit.status == .separated && !fit.status.isUsable)
    #expect(!fit.warnings.isEmpty)
  }

  @Test("Counts without overdispersion put the negative binomial at its limit") func noOverdispersion()
    throws
  {
    // Less spread than a Poisson variable has.
    let y: [Double] = (0..<30).map { [4, 5, 6][($0 * 2) % 3] }
    let fit = try GeneralisedLinearMixedModel(
      design: Matrix(rows: 30, columns: 1, storage: [Double](repeating: 1, count: 30)),
      columnNames: ["(Intercept)"], response: y, family: .negativeBinomial,
      terms: [
        .intercept(group: "g", codes: (0..<30).map { $0 / 5 }, levels: (0..<6).map { "g\($0)" })
      ]
    ).fit()
    #expect(fit.status == .singular || fit.status == .boundary)
    #expect(fit.shape! > 1e5)
    expectClose(fit.coefficients[0]!, log(5), relative: 1e-6)
  }

  @Test("Responses outside the family and quadrature over two groupings are refused") func refusals() {
    var model = Herds.model()
    model.response[3] = 1.2
    #expect(throws: MixedModelError.self) { try model.fit() }
    model = Herds.model()
    model.family = .poisson
    model.weights = nil
    #expect(throws: MixedModelError.self) { try model.fit() }
    model = Herds.model(terms: Herds.crossed)
    model.quadraturePoints = 5
    #expect(throws: MixedModelError.quadratureNeedsOneGrouping) { try model.fit() }
  }

  @Test("Perfectly correlated effects, one of them small, are found and named") func reducedRank() throws {
    // Ten people asked for up to six months; no meaning.
    let y: [Double] = [
      1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1,
      0, 1,
      1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0,
    ]
    let month = [0.17, 0.33, 0.5, 0.67, 0.83, 1]
    let asked = [
      [0, 1, 2, 4], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [1, 2, 3, 5], [0, 1, 2, 3, 4, 5],
    ]
    let x = asked.flatMap { $0.map { month[$0] } }
    let design = Matrix(columns: [[Double](repeating: 1, count: 54), x], rows: 54)
    let codes = asked.indices.flatMap { [Int](repeating: $0, count: asked[$0].count) }
    let fit = try GeneralisedLinearMixedModel(
      design: design, columnNames: ["(Intercept)", "x"], response: y, family: .binomial(.logit),
      terms: [
        RandomEffectDesign(
          group: "g", columnNames: ["(Intercept)", "x"], design: design, codes: codes,
          levels: (1...10).map(String.init))
      ]
    ).fit()
    // lme4 1.1-31, glmer(y ~ x + (x | g), binomial, tolPwrss = 1e-13): its deviance function minimised by nlm over a
    // correlation of one.
    #expect(fit.status == .singular)
    expectClose(fit.logLikelihood, -35.33936185, absolute: 2e-8)
    expectClose(fit.coefficients.compactMap { $0 }, [0.11431909510, 0.74112598515], relative: 1e-4)
    expectClose(fit.theta, [0.01755881742, 1.19199163416, 0], absolute: 1e-4)
  }
}
