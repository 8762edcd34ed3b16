import LinearAlgebra
import TestSupport
import Testing

@testable import MixedModels

@Suite("Fits that go wrong") struct PathologicalFitTests {
  func model(
    _ y: [Double], codes: [Int], x: [Double]? = nil, slopes: Bool = false
  ) -> LinearMixedModel {
    let one = [Double](repeating: 1, count: y.count)
    let design = Matrix(columns: x.map { [one, $0] } ?? [one], rows: y.count)
    let names = x == nil ? ["(Intercept)"] : ["(Intercept)", "x"]
    let levels = (0...codes.max()!).map { "g\($0)" }
    return LinearMixedModel(
      design: design, columnNames: names, response: y,
      terms: [
        slopes
          ? RandomEffectDesign(
            group: "g", columnNames: names, design: design, codes: codes, levels: levels)
          : .intercept(group: "g", codes: codes, levels: levels)
      ])
  }

  @Test("A response that is constant has no variance to estimate") func constantResponse() {
    #expect(throws: MixedModelError.noResidualVariation) {
      try model([2, 2, 2, 2, 2, 2], codes: [0, 0, 1, 1, 2, 2]).fit()
    }
    #expect(throws: MixedModelError.noResidualVariation) {
      try model([1, 3, 5, 7], codes: [0, 0, 1, 1], x: [0, 1, 2, 3]).fit()
    }
  }

  @Test("One observation a level cannot tell the variances apart") func oneObservationALevel() {
    #expect(
      throws: MixedModelError.tooManyRandomEffects(group: "g", randomEffects: 4, observations: 4)
    ) {
      try model([1, 2, 4, 3], codes: [0, 1, 2, 3]).fit()
    }
  }

  @Test(
    "A covariance with more parameters than observations is refused, and another taken where one is given")
  func tooManyVisits() throws {
    let y = [1.0, 2, 4, 3, 5, 2]
    var model = RepeatedMeasuresModel(
      design: Matrix(columns: [[Double](repeating: 1, count: 6)]), columnNames: ["(Intercept)"], response: y,
      subject: [0, 0, 1, 1, 2, 2], visit: [0, 1, 2, 3, 4, 5], visitCount: 6, structure: .us)
    #expect(
      throws: MixedModelError.tooManyCovarianceParameters(
        structure: "us", parameters: 21, visits: 6, observations: 6)
    ) {
      try model.fit()
    }
    model.fallback = [.cs]
    let fit = try model.fit()
    #expect(fit.structure == .cs && fit.attempts.count == 2)
  }

  @Test("A single level, no term, no weight, no row and a missing value are named") func refusals() {
    #expect(throws: MixedModelError.singleLevel(group: "g")) {
      try model([1, 2, 4, 3], codes: [0, 0, 0, 0]).fit()
    }
    #expect(throws: MixedModelError.notFinite("response")) {
      try model([1, .nan, 4, 3], codes: [0, 0, 1, 1]).fit()
    }
    var weighted = model([1, 2, 4, 3], codes: [0, 0, 1, 1])
    weighted.weights = [1, 0, 1, 1]
    #expect(throws: MixedModelError.nonPositiveWeight) { try weighted.fit() }
    weighted.weights = nil
    weighted.terms = []
    #expect(throws: MixedModelError.noRandomEffects) { try weighted.fit() }
    var likelihood = model([1, 2, 4, 3, 5, 5], codes: [0, 0, 1, 1, 2, 2])
    likelihood.estimation = .maximum
    likelihood.degreesOfFreedom = .kenwardRoger
    #expect(throws: MixedModelError.kenwardRogerNeedsREML) { try likelihood.fit() }
  }

  @Test("A perfect correlation is singular, and its limit a model with one factor") func perfectCorrelation()
    throws
  {
    // Every group's line passes through (−2, 0) but for small noise: intercept = 2 × slope.
    let slopes = [1.0, 2, 3, 4, 5]
    let noise = [0.1, -0.2, 0.15, -0.05]
    var y: [Double] = []
    var x: [Double] = []
    var codes: [Int] = []
    for (g, slope) in slopes.enumerated() {
      for i in 0..<4 {
        x.append(Double(i))
        y.append(slope * (2 + Double(i)) + noise[(i + g) % 4])
        codes.append(g)
      }
    }
    let fit = try model(y, codes: codes, x: x, slopes: true).fit()
    #expect(fit.status == .singular && fit.convergence.isConverged)
    expectClose(abs(fit.varianceComponents[2].sdOrCorrelation!), 1, absolute: 1e-8)
    expectClose(fit.theta[2], 0, absolute: 1e-8)
    #expect(fit.coefficientTable().allSatisfy { $0.df! > 2 && $0.df! < 20 })
  }

  @Test("Levels of one observation among others are no trouble") func singletons() throws {
    let fit = try model(
      [1, 2, 4, 3, 8, 7, 2, 9], codes: [0, 0, 1, 1, 2, 2, 3, 4]
    ).fit()
    #expect(fit.convergence.isConverged)
    #expect(fit.randomEffects[0].levels.count == 5)
  }

  @Test("Levels without observations are passed over") func emptyLevels() throws {
    let y: [Double] = [1, 2, 4, 3, 8, 7]
    let full = try model(y, codes: [0, 0, 1, 1, 2, 2]).fit()
    let gaps = try model(y, codes: [0, 0, 3, 3, 5, 5]).fit()
    #expect(gaps.randomEffects[0].levels == ["g0", "g3", "g5"])
    expectClose(gaps.logLikelihood, full.logLikelihood, relative: 1e-13)
  }

  /// Effects that come out perfectly correlated, where a search from equal variances ends in a minimum of the boundary
  /// that is not the lowest. lme4 1.1-31, `lmer(y ~ x + (x | g))` and `(x + z | g)`, bobyqa with calc.derivs = FALSE.
  @Test("The lowest of several minima on the boundary is found") func severalMinima() throws {
    let slope = try model(
      [
        1.19, 1.58, 1.15, 3.11, 2.55, 8.43, 0.71, 3.91, 2.6, 5.23, 3.57, 4.33, 6.89, 6.15, 2.48, 2.76, 6.6,
        5.21, 2.4, 4.02, 5.12, 6.6,
      ], codes: [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5],
      x: [1, 2, 3, 1, 2, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], slopes: true
    ).fit()
    #expect(slope.status == .singular)
    expectClose(-2 * slope.logLikelihood, 74.57803713, absolute: 1e-7)
    expectClose(slope.coefficients.compactMap { $0 }, [0.943709, 1.211604], relative: 2e-6)
    expectClose(slope.theta, [0.37035, 0.30574, 0], absolute: 2e-5)

    var quadratic = model(
      [
        3.24, 5.63, 8.69, 12.52, -0.05, -5.95, -16.08, -30.69, 2.62, 4.81, 0.55, -4.56, -7.21, -16.2, -41.55,
        -73.01, 2.76, 7.85, 16.65, 27.7, 1.16, 3.16, 3.53, 3.44,
      ], codes: (0..<24).map { $0 / 4 }, x: (0..<24).map { Double($0 % 4 + 1) }, slopes: true)
    let x = quadratic.design.column(1)
    quadratic.terms = [
      RandomEffectDesign(
        group: "g", columnNames: ["(Intercept)", "x", "z"],
        design: quadratic.design.appending(columnsOf: Matrix(columns: [x.map { $0 * $0 }], rows: 24)),
        codes: quadratic.terms[0].codes, levels: quadratic.terms[0].levels)
    ]
    let fit = try quadratic.fit()
    #expect(fit.status == .singular)
    expectClose(-2 * fit.logLikelihood, 116.5337836, absolute: 1e-6)
    expectClose(fit.coefficients.compactMap { $0 }, [0.3027729, 2.11569], relative: 2e-5)
    expectClose(fit.theta, [2.6309, -1.2935, 2.6749, 1.3075, -0.62947, 0], absolute: 2e-4)
  }

  @Test("A residual variance far below the others is found") func extremeRatio() throws {
    // Group means differ by hundreds, values inside a group by tenths.
    let y = (0..<15).map { i in Double([31, -120, 87, 4, 220][i / 3]) + 0.1 * Double((i * 7) % 5) }
    let fit = try model(y, codes: (0..<15).map { $0 / 3 }).fit()
    #expect(fit.status == .ok)
    // Balanced: MSW exactly.
    var within = 0.0
    for g in 0..<5 {
      let values = Array(y[(3 * g)..<(3 * g + 3)])
      let mean = values.reduce(0, +) / 3
      within += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    expectClose(fit.sigma * fit.sigma, within / 10, relative: 1e-6, because: "six digits cancel in r²")
  }
}
