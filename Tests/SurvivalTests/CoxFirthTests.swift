import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

@Suite("Cox models with Firth's penalty")
struct CoxFirthTests {
  @Test("two persons: r/(r + 1) = 3/4 where the likelihood alone rises for ever")
  func byHand() throws {
    // Log L = β − log(r + 1), I = r/(r + 1)²: penalised 3β/2 − 2 log(r + 1), largest at r = 3.
    let data = try SurvivalData(time: [1, 2], event: [true, true])
    let x = Matrix(columns: [[1, 0]])
    #expect(try CoxModel().fit(data, design: x).status == .separated)
    for ties in [CoxTies.efron, .breslow] {
      var model = CoxModel(ties: ties)
      model.penalty = .firth
      let fit = try model.fit(data, design: x)
      #expect(fit.status == .ok)
      expectClose(fit.coefficients[0]!, log(3), relative: 1e-7)
      expectClose(fit.modelCovariance[0, 0], 16.0 / 3, relative: 1e-6)
      expectClose(fit.logLikelihood, 1.5 * log(3) - 2 * log(4), relative: 1e-12)
      expectClose(fit.nullLogLikelihood, -2 * log(2), relative: 1e-12)
      let test = try #require(fit.likelihoodRatioTest(column: 0))
      expectClose(test.statistic, 2 * (fit.logLikelihood - fit.nullLogLikelihood), relative: 1e-8)
    }
  }

  @Test(
    "the penalised score is the derivative of the penalised likelihood",
    arguments: [CoxTies.efron, .breslow])
  func score(ties: CoxTies) throws {
    let data = try SurvivalData(
      time: [2, 3, 3, 4, 5, 5, 6, 8, 3, 7], entry: [0, 0, 1, 0, 2, 3, 0, 4, 0, 3],
      event: [true, true, true, false, true, true, false, true, true, true])
    let x = Matrix(columns: [[1, 0, 1, 0, 1, 0, 1, 0, 0, 1], [0.3, 1, -2, 0.5, 0, 1.5, 2, -1, 0.2, 0.9]])
    let sets = CoxRiskSets(
      data, design: x, stratum: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1], stratumCount: 2,
      weights: [1, 2, 1, 1, 1.5, 1, 1, 1, 2, 1], offset: nil)
    let likelihood = CoxFirthLikelihood(sets, ties: ties)
    for b in [[0.0, 0.0], [0.4, -0.3]] {
      let score = likelihood.evaluate(at: b).score
      for j in 0..<2 {
        let h = 1e-4
        func moved(_ step: Double) -> Double {
          var b = b
          b[j] += step
          return likelihood.evaluate(at: b).logLikelihood
        }
        let slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
        expectClose(score[j], slope, absolute: 1e-8)
      }
    }
  }

  @Test("no penalty for the exact likelihood of ties")
  func exact() throws {
    var model = CoxModel(ties: .exact)
    model.penalty = .firth
    let data = try SurvivalData(time: [1, 2, 3], event: [true, true, true])
    let refused = #expect(throws: SurvivalError.self) {
      try model.fit(data, design: Matrix(columns: [[1, 0, 1]]))
    }
    #expect(refused?.description.contains("Firth") == true)
  }
}
