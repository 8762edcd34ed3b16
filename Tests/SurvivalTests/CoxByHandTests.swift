import Glibc
import LinearAlgebra
import Survival
import TestSupport
import Testing

/// Six persons, small enough to write the likelihood down: times 1, 1+, 6, 6, 8+, 9 with x = 1, 1, 1, 0, 0, 0 (the data of
/// the validation appendix of Therneau & Grambsch). With r = e^β, at t = 1 the risk set weighs 3r + 3, at 6 (two events,
/// x = 1 and x = 0) r + 3, at 9 it is the one person who has the event.
@Suite("Cox models by hand")
struct CoxByHandTests {
  let x = Matrix(columns: [[1, 1, 1, 0, 0, 0]])

  func data() throws -> SurvivalData {
    try SurvivalData(
      time: [1, 1, 6, 6, 8, 9], event: [true, false, true, true, false, true])
  }

  /// log L, its derivative and the information in β, with r = e^β.
  func breslow(_ beta: Double) -> (logL: Double, score: Double, information: Double) {
    let r = exp(beta)
    return (
      2 * beta - log(3 * r + 3) - 2 * log(r + 3), 2 - r / (r + 1) - 2 * r / (r + 3),
      r / ((r + 1) * (r + 1)) + 6 * r / ((r + 3) * (r + 3))
    )
  }

  func efron(_ beta: Double) -> (logL: Double, score: Double, information: Double) {
    // The second tied event sees half of each tied person leave: r + 3 − (r + 1)/2.
    let r = exp(beta)
    return (
      2 * beta - log(3 * r + 3) - log(r + 3) - log((r + 5) / 2),
      2 - r / (r + 1) - r / (r + 3) - r / (r + 5),
      r / ((r + 1) * (r + 1)) + 3 * r / ((r + 3) * (r + 3)) + 5 * r / ((r + 5) * (r + 5))
    )
  }

  @Test(
    "likelihood, score test and information after 0, 1 and 2 Newton steps",
    arguments: [CoxTies.breslow, .efron])
  func iterations(_ ties: CoxTies) throws {
    let form = ties == .breslow ? breslow : efron
    var beta = 0.0
    for steps in 0...2 {
      var model = CoxModel(ties: ties)
      model.maximumIterations = steps
      let fit = try model.fit(data(), design: x)
      let (logL, score, information) = form(beta)
      expectClose(fit.coefficients[0]!, beta, absolute: 1e-14)
      expectClose(fit.logLikelihood, logL, relative: 1e-14)
      expectClose(fit.covariance.matrix[0, 0], 1 / information, relative: 1e-13)
      let (nullL, nullScore, nullInformation) = form(0)
      expectClose(fit.nullLogLikelihood, nullL, relative: 1e-14)
      expectClose(fit.scoreTest.statistic, nullScore * nullScore / nullInformation, relative: 1e-13)
      #expect(fit.status == .notConverged)
      beta += score / information
    }
  }

  @Test("Breslow's root is (3 + √33)/2")
  func breslowRoot() throws {
    let fit = try CoxModel(ties: .breslow).fit(data(), design: x)
    expectClose(exp(fit.coefficients[0]!), (3 + 33.0.squareRoot()) / 2, relative: 1e-12)
    #expect(fit.status == .ok)
  }

  @Test("Efron's root solves r³ − 23 r − 30 = 0")
  func efronRoot() throws {
    let fit = try CoxModel().fit(data(), design: x)
    // Three real roots; the positive one by the cosine formula.
    let r = 2 * (23.0 / 3).squareRoot() * cos(acos(1.5 * 30 / 23 * (3.0 / 23).squareRoot()) / 3)
    expectClose(exp(fit.coefficients[0]!), r, relative: 1e-12)
    expectClose(fit.logLikelihood, efron(log(r)).logL, relative: 1e-14)
  }

  @Test("baseline hazard and martingale residuals at β = 0 are those of Nelson and Aalen")
  func residualsAtZero() throws {
    var model = CoxModel(ties: .breslow)
    model.maximumIterations = 0
    let fit = try model.fit(data(), design: x)
    expectClose(fit.baselineHazards()[0].cumulativeHazard, [1.0 / 6, 2.0 / 3, 5.0 / 3], relative: 1e-14)
    expectClose(
      fit.martingaleResiduals(), [5.0 / 6, -1.0 / 6, 1.0 / 3, 1.0 / 3, -2.0 / 3, -2.0 / 3], absolute: 1e-14)
    // Efron: at 6 the hazard is 1/4 + 1/3; the tied persons see 1/4 and half of 1/3.
    model.ties = .efron
    let tied = try model.fit(data(), design: x)
    expectClose(
      tied.baselineHazards()[0].cumulativeHazard, [1.0 / 6, 3.0 / 4, 7.0 / 4], relative: 1e-14)
    expectClose(
      tied.martingaleResiduals(),
      [5.0 / 6, -1.0 / 6, 5.0 / 12, 5.0 / 12, -3.0 / 4, -3.0 / 4], absolute: 1e-14)
  }

  @Test("Schoenfeld and score residuals at β = 0")
  func scoreResidualsAtZero() throws {
    var model = CoxModel(ties: .breslow)
    model.maximumIterations = 0
    let fit = try model.fit(data(), design: x)
    // Means of x over the risk sets: 1/2 at 1, 1/4 at 6, 0 at 9.
    expectClose(fit.schoenfeldResiduals().residuals.storage, [0.5, 0.75, -0.25, 0], absolute: 1e-14)
    // x_i − x̄ for events, less Σ (x_i − x̄_k) dH_k with dH = 1/6, 1/2, 1.
    let h = [0.5 / 6, 0.75 / 2]
    expectClose(
      fit.scoreResiduals().storage,
      [
        0.5 - h[0], -h[0], 0.75 - h[0] - h[1], -0.25 + 0.5 / 6 + 0.25 / 2, 0.5 / 6 + 0.25 / 2,
        0.5 / 6 + 0.25 / 2,
      ], absolute: 1e-14)
  }

  @Test("the exact likelihood of these data has no maximum: 2β − 2 log(3r + 3) rises for ever")
  func exactIsMonotone() throws {
    let fit = try CoxModel(ties: .exact).fit(data(), design: x)
    #expect(fit.status == .separated)
    #expect(fit.diverging == [0])
    expectClose(fit.nullLogLikelihood, -2 * log(6), relative: 1e-14)
    expectClose(fit.logLikelihood, -2 * log(3), absolute: 1e-5, because: "the supremum, nearly reached")
  }

  @Test("the exact likelihood with two tied events of four")
  func exactRoot() throws {
    // Times 1, 1, 2+, 3+ with x = 1, 0, 0, 0... the pairs: those with x = 1 weigh 3r, those without 3; log L = β − log(3r + 3)
    // rises for ever; with x = 0, 0 having the event and x = 1, 0 not it falls; both strata together: r/(r + 1) = 1/2.
    let data = try SurvivalData(
      time: [1, 1, 2, 3, 1, 1, 2, 3],
      event: [true, true, false, false, true, true, false, false])
    let fit = try CoxModel(ties: .exact).fit(
      data, design: Matrix(columns: [[1, 0, 0, 0, 0, 0, 1, 0]]), stratum: [0, 0, 0, 0, 1, 1, 1, 1],
      stratumCount: 2)
    // Stratum 1: β − log(3r + 3). Stratum 2: −log(3r + 3). Score 1 − 2r/(r + 1), information 2r/(r + 1)².
    expectClose(fit.coefficients[0]!, 0, absolute: 1e-12)
    expectClose(fit.logLikelihood, -2 * log(6), relative: 1e-14)
    expectClose(fit.covariance.matrix[0, 0], 2, relative: 1e-12)
  }

  @Test("start–stop times: r² − r − 4 = 0")
  func startStop() throws {
    // At risk (start < t ≤ stop): at 2 two of each x, at 3 two of each, at 4 one with x = 1 and two without, at 5 two without.
    let data = try SurvivalData(
      time: [3, 2, 4, 5, 5], entry: [0, 0, 1, 2, 0], event: [true, true, true, false, true])
    let fit = try CoxModel().fit(data, design: Matrix(columns: [[1, 0, 1, 0, 0]]))
    let r = (1 + 17.0.squareRoot()) / 2
    expectClose(exp(fit.coefficients[0]!), r, relative: 1e-12)
    expectClose(
      fit.logLikelihood, 2 * log(r) - 2 * log(2 * r + 2) - log(r + 2) - log(2), relative: 1e-14)
    let information = 2 * r / ((r + 1) * (r + 1)) + 2 * r / ((r + 2) * (r + 2))
    expectClose(fit.covariance.matrix[0, 0], 1 / information, relative: 1e-11)
  }
}
