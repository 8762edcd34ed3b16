import LinearAlgebra
import TestSupport
import Testing

@testable import MixedModels

@Suite("Linear mixed models") struct LinearMixedModelTests {
  // R 4.2.2, lme4 1.1.31: lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML =, devFunOnly = TRUE)(theta)
  @Test(
    "The criterion at a fixed θ is lme4's",
    arguments: [
      (LikelihoodEstimation.restricted, [1, 0, 1], 1773.680330616),
      (.restricted, [0.9, 0.1, 0.3], 1746.52792368196),
      (.maximum, [1, 0, 1], 1784.642296192447),
      (.maximum, [0.9, 0.1, 0.3], 1755.275572906621),
    ])
  func criterionAtFixedTheta(
    estimation: LikelihoodEstimation, theta: [Double], expected: Double
  ) throws {
    var model = SleepStudy.slopes()
    model.estimation = estimation
    expectClose(try model.objective(at: theta), expected, relative: 1e-13)
  }

  // lme4: lmer(Reaction ~ Days + (1 | Subject), weights = rep(c(1, 2, 0.5), 60), offset = rep(c(0, 10), 90))
  @Test("Weights and offset enter the criterion as in lme4") func weightsAndOffset() throws {
    var model = SleepStudy.intercepts()
    model.weights = (0..<180).map { [1, 2, 0.5][$0 % 3] }
    model.offset = (0..<180).map { [0, 10][$0 % 2] }
    expectClose(try model.objective(at: [0.7]), 1804.46532830331, relative: 1e-13)
  }

  @Test("Balanced one-way REML is the analysis of variance, exactly") func oneWayByHand() throws {
    // Four groups of three; MSB = 3 Σ (ȳᵢ − ȳ)² / 3, MSW pooled.
    let y: [Double] = [1, 2, 3, 4, 6, 5, 2, 2, 5, 9, 7, 8]
    let means: [Double] = [2, 5, 3, 8]
    let msb = 3 * means.reduce(0) { $0 + ($1 - 4.5) * ($1 - 4.5) } / 3
    let msw = (2.0 + 2 + 6 + 2) / 8
    let model = LinearMixedModel(
      design: Matrix(rows: 12, columns: 1, storage: [Double](repeating: 1, count: 12)),
      columnNames: ["(Intercept)"], response: y,
      terms: [
        .intercept(
          group: "g", codes: (0..<12).map { $0 / 3 }, levels: ["a", "b", "c", "d"])
      ])
    let fit = try model.fit()
    expectClose(fit.sigma * fit.sigma, msw, relative: 1e-9)
    expectClose(fit.varianceComponents[0].covariance, (msb - msw) / 3, relative: 1e-9)
    expectClose(fit.coefficients[0]!, 4.5, relative: 1e-14)
    let row = fit.coefficientTable()[0]
    expectClose(row.standardError!, (msb / 12).squareRoot(), relative: 1e-9)
    expectClose(row.df!, 3, relative: 1e-8, because: "the mean square between has 3 df")
    // The mode of a group shrinks its deviation by 3σ_b² / (3σ_b² + σ²) = 1 − MSW/MSB.
    expectClose(fit.randomEffects[0].estimates[0, 0], (1 - msw / msb) * -2.5, relative: 1e-9)
    var kenwardRoger = model
    kenwardRoger.degreesOfFreedom = .kenwardRoger
    let adjusted = try kenwardRoger.fit().coefficientTable()[0]
    expectClose(adjusted.df!, 3, relative: 1e-8)
    expectClose(adjusted.standardError!, (msb / 12).squareRoot(), relative: 1e-9)
  }

  // R 4.2.2, lme4 1.1.31, lmerTest 3.1.3: lmer(Reaction ~ Days + (Days | Subject), sleepstudy), nloptwrap with
  // xtol_abs = 1e-12, ftol_abs = 1e-14.
  @Test("Correlated slopes agree with lme4 and lmerTest") func correlatedSlopes() throws {
    let fit = try SleepStudy.slopes().fit()
    #expect(fit.status == .ok)
    expectClose(fit.remlCriterion!, 1743.6282719585, relative: 1e-13)
    expectClose(
      fit.theta, [0.966732893591, 0.015169067546, 0.230909592018], absolute: 1e-7,
      because: "lme4's θ is good to 1e-7")
    expectClose(fit.sigma, 25.5918157386, relative: 1e-8)
    let table = fit.coefficientTable()
    expectClose(table.map { $0.estimate! }, [251.4051048485, 10.4672859596], relative: 1e-11)
    expectClose(table.map { $0.standardError! }, [6.82455626155, 1.54578889289], relative: 1e-7)
    expectClose(table.map { $0.df! }, [17, 17], relative: 1e-8)
    expectClose(fit.aic, 1755.6282719585, relative: 1e-12)
    expectClose(fit.bic, 1774.78601306, relative: 1e-11)
    #expect(fit.varianceComponents.map(\.group) == ["Subject", "Subject", "Subject", "Residual"])
    #expect(fit.varianceComponents[2].term2 == "Days")
    expectClose(
      fit.varianceComponents.map { $0.sdOrCorrelation! },
      [24.7404500812, 5.9221330819, 0.0655513776, 25.5918157386], relative: 1e-6)
    expectClose(fit.randomEffects[0].estimates.row(0), [2.25856617160, 9.19897177661], relative: 1e-6)
    expectClose(
      fit.randomEffects[0].standardErrors.row(0), [12.07083665170, 2.30483697886], relative: 1e-6)
  }

  @Test("Uncorrelated terms share a grouping and keep their names") func uncorrelatedSlopes() throws {
    // Reference: lmer(Reaction ~ Days + (Days || Subject)).
    let fit = try SleepStudy.slopes(correlated: false).fit()
    expectClose(fit.remlCriterion!, 1743.66929358131, relative: 1e-13)
    let table = fit.coefficientTable()
    expectClose(table.map { $0.df! }, [18.1562039743, 18.1562043751], relative: 1e-7)
    #expect(fit.varianceComponents.map(\.term1) == ["(Intercept)", "Days", nil])
    expectClose(
      fit.varianceComponents.map(\.covariance), [627.569064533, 35.8581982308, 653.583815807],
      relative: 1e-7)
  }

  @Test("Maximum likelihood gives the deviance and no REML criterion") func maximumLikelihood() throws {
    var model = SleepStudy.intercepts()
    model.estimation = .maximum
    let fit = try model.fit()
    expectClose(fit.logLikelihood, -897.039321502613, relative: 1e-13)
    expectClose(fit.deviance!, 1794.078643005226, relative: 1e-13)
    #expect(fit.remlCriterion == nil)
    expectClose(fit.theta, [1.1656117986339], relative: 1e-7)
    expectClose(
      fit.coefficientTable().map { $0.df! }, [24.4905439361, 162.000000196], relative: 1e-7)
  }

  @Test("A variance that wants to be negative is zero, and the fit least squares") func zeroVariance() throws
  {
    // Every group has the same mean, so that the variation between groups is below its expectation.
    let y: [Double] = [1, 2, 3, 3, 1, 2, 2, 3, 1]
    let x: [Double] = [0, 1, 2, 2, 0, 1, 1, 2, 0]
    let z: [Double] = [0, 1, 0, 1, 0, 1, 0, 0, 1]
    let design = Matrix(columns: [[Double](repeating: 1, count: 9), zip(x, z).map { $0 * $1 }], rows: 9)
    let fit = try LinearMixedModel(
      design: design, columnNames: ["(Intercept)", "xz"], response: y,
      terms: [.intercept(group: "g", codes: (0..<9).map { $0 / 3 }, levels: ["a", "b", "c"])]
    ).fit()
    #expect(fit.status == .singular && fit.isSingular && fit.convergence.isConverged)
    #expect(fit.theta == [0])
    #expect(fit.randomEffects[0].estimates.storage.allSatisfy { $0 == 0 })
    let qr = try PivotedQR(of: design)
    let beta = qr.coefficients(for: y).map { $0! }
    expectClose(fit.coefficients.map { $0! }, beta, relative: 1e-12)
    let residual = zip(y, design * beta).map { $0 - $1 }
    let variance = dot(residual, residual) / 7
    expectClose(fit.sigma * fit.sigma, variance, relative: 1e-12)
    let table = fit.coefficientTable()
    expectClose(
      table.map { $0.standardError! }, qr.inverseGram().diagonal.map { (variance * $0).squareRoot() },
      relative: 1e-12)
    expectClose(table.map { $0.df! }, [7, 7], relative: 1e-9)
  }
}
