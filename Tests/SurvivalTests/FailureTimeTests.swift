import Glibc
import LinearAlgebra
import Survival
import TestSupport
import Testing

@Suite("Failure time and frailty models by hand, and their properties")
struct FailureTimeTests {
  let made = RandomSurvival(120, seed: 31)

  func design(_ made: RandomSurvival) -> Matrix {
    Matrix(rows: made.time.count, columns: 1, repeating: 1).appending(columnsOf: made.design)
  }

  @Test("the exponential rate is events over time at risk")
  func exponential() throws {
    let fit = try FailureTimeModel(.exponential).fit(
      made.data(), design: Matrix(rows: 120, columns: 1, repeating: 1))
    let events = Double(made.cause.count { $0 != 0 })
    let rate = events / made.time.reduce(0, +)
    expectClose(exp(-fit.coefficients[0]!), rate, relative: 1e-12)
    expectClose(fit.logLikelihood, events * log(rate) - events, relative: 1e-12)
    expectClose(fit.covariance.matrix[0, 0], 1 / events, relative: 1e-11)
    #expect(fit.coefficientTable(terms: ["(Intercept)"]).count == 1)
  }

  @Test("uncensored normal times are least squares with the variance over n")
  func gaussian() throws {
    let y = [3.1, 4.2, 2.8, 5.9, 6.1]
    let x = [1.0, 2, 1, 3, 4]
    let fit = try FailureTimeModel(.gaussian).fit(
      SurvivalData(time: y, event: [Bool](repeating: true, count: 5)),
      design: Matrix(columns: [[1, 1, 1, 1, 1], x]))
    let mx = x.reduce(0, +) / 5
    let my = y.reduce(0, +) / 5
    let sxx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / sxx
    let rss = zip(x, y).reduce(0) { sum, p in
      let e = p.1 - my - slope * (p.0 - mx)
      return sum + e * e
    }
    expectClose(fit.coefficients[1]!, slope, relative: 1e-12)
    expectClose(fit.scale, (rss / 5).squareRoot(), relative: 1e-12)
    expectClose(fit.covariance.matrix[1, 1], rss / 5 / sxx, relative: 1e-11)
    expectClose(fit.covariance.matrix[2, 2], 1.0 / 10, relative: 1e-11, because: "1/(2n) for log σ")
  }

  @Test("another unit of time moves the intercept by its logarithm", arguments: FailureDistribution.allCases)
  func unit(_ distribution: FailureDistribution) throws {
    let fit = try FailureTimeModel(distribution).fit(made.data(), design: design(made))
    let other = try FailureTimeModel(distribution).fit(
      SurvivalData(time: made.time.map { 30 * $0 }, event: made.cause.map { $0 != 0 }),
      design: design(made))
    let factor = distribution.isLogarithmic ? 1.0 : 30
    expectClose(other.coefficients[1]!, factor * fit.coefficients[1]!, relative: 1e-9)
    expectClose(other.scale, factor * fit.scale, relative: 1e-9)
    if distribution.isLogarithmic {
      expectClose(other.coefficients[0]!, fit.coefficients[0]! + log(30), relative: 1e-9)
    }
    let events = Double(fit.eventCount)
    expectClose(other.logLikelihood, fit.logLikelihood - events * log(30), relative: 1e-11)
    let permuted = try FailureTimeModel(distribution).fit(
      made.permuted().data(), design: design(made.permuted()))
    expectClose(permuted.coefficients.map { $0! }, fit.coefficients.map { $0! }, relative: 1e-9)
  }

  @Test("weight 2 is a duplicated row", arguments: FailureDistribution.allCases)
  func duplicated(_ distribution: FailureDistribution) throws {
    let weights = made.time.indices.map { $0 % 3 == 0 ? 2.0 : 1 }
    let rows = made.time.indices.flatMap { $0 % 3 == 0 ? [$0, $0] : [$0] }
    let a = try FailureTimeModel(distribution).fit(made.data(), design: design(made), weights: weights)
    let b = try FailureTimeModel(distribution).fit(
      made.data().selecting(rows: rows), design: design(made).selecting(rows: rows))
    expectClose(a.coefficients.map { $0! }, b.coefficients.map { $0! }, relative: 1e-9)
    expectClose(a.covariance.matrix.storage, b.covariance.matrix.storage, relative: 1e-8, absolute: 1e-14)
    expectClose(a.nullLogLikelihood!, b.nullLogLikelihood!, relative: 1e-11)
  }

  @Test("a group without events has an infinite coefficient")
  func separated() throws {
    let fit = try FailureTimeModel(.weibull).fit(
      SurvivalData(time: [1, 2, 3, 4, 5, 6, 7, 8], event: (0..<8).map { $0 < 4 }),
      design: Matrix(columns: [
        [1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1],
      ]))
    #expect(fit.status == .separated)
    #expect(fit.diverging == [1])
  }

  @Test("frailties against R", arguments: ["gamma", "gaussian", "gamma-few", "gaussian-few"])
  func frailty(_ name: String) throws {
    let kidney = Table("kidney.csv")
    let diseases = ["AN", "GN", "Other", "PKD"]
    let group =
      name.hasSuffix("few")
      ? (kidney.words("disease").map { Int32(diseases.firstIndex(of: $0)!) }, 4) : codes(kidney["id"])
    let data = try SurvivalData(time: kidney["time"], event: kidney["status"].map { $0 == 1 })
    let fit = try FrailtyModel(name.hasPrefix("gamma") ? .gamma : .gaussian).fit(
      data, design: kidney.design(["age", "sex"]), group: group.0, groupCount: group.1)
    let r = Reference("frailty-\(name)")
    // R stops where its likelihood no longer changes by 1e-11, which leaves its θ some 1e-6 off.
    expectReference([fit.variance], r["theta"], relative: 1e-4, "θ")
    expectReference(fit.coefficients.map { $0! }, r["coef"], relative: 2e-5, "coef")
    expectReference(fit.covariance.standardErrors, r["se"], relative: 2e-5, "se")
    if let integrated = fit.integratedLogLikelihood {
      expectReference([integrated], r["c"], relative: 1e-8, "integrated log-likelihood")
    }
    #expect(fit.status == .ok)
  }
}
