import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Two-part means")
struct TwoPartMeanTests {
  private let y: [Double] = [0, 0, 12, 40, 3, 0, 0, 7, 25, 60, 0, 18, 0, 5, 9]
  private let arm: [Double] = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
  private let x: [Double] = [2, 5, 3, 8, 4, 1, 6, 2, 7, 9, 3, 5, 4, 6, 8]

  private func fit(_ data: RegressionData) throws -> TwoPartMeanFit {
    try TwoPartMeanModel().fit(data, anyDesign: data.design, anyNames: data.columnNames)
  }

  /// The predictions with the second column set to 0 and to 1.
  private func settings(_ fit: TwoPartMeanFit, _ design: Matrix) -> [TwoPartMeanFit.Prediction] {
    [0.0, 1].map { value in
      var changed = design
      changed.setColumn(1, [Double](repeating: value, count: design.rows))
      return fit.prediction(anyDesign: changed, meanDesign: changed)
    }
  }

  @Test("Without covariates the means are the arms' own, and the errors those of means with divisor n")
  func byHand() throws {
    let data = regression(y, ["arm": arm])
    let fit = try fit(data)
    let all = fit.standardised(
      settings(fit, data.design), covariance: try fit.covariance(), isPopulation: false)
    let groups = [Array(y[0..<7]), Array(y[7...])]
    for (k, values) in groups.enumerated() {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      expectClose(all.means[k], mean, relative: 1e-10)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      expectClose(all.meanCovariance[k, k], squares / (n * n), relative: 1e-9)
      expectClose(all.shares[k], Double(values.count { $0 > 0 }) / n, relative: 1e-10)
    }
    expectClose(all.meanCovariance[0, 1], 0, absolute: 1e-9)
  }

  /// R 4.2.2: `glm(I(y > 0) ~ g + x, binomial)`, `glm(y ~ g + x, Gamma("log"), subset = y > 0)`, the stacked sandwich and
  /// numDeriv's Jacobian of the two means.
  @Test("With a covariate, against R")
  func reference() throws {
    // R stops iterating where the deviance changes by less than 1e-8 of itself.
    let data = regression(y, ["arm": arm, "x": x])
    let fit = try fit(data)
    #expect(fit.status == .ok && fit.positiveRows.count == 9)
    expectClose(
      fit.coefficients.map { $0! },
      [
        -2.262996482126933, 1.072591745930859, 0.464598048765326, 1.315139302228395, -0.098019563456591,
        0.266431001921201,
      ], relative: 1e-7)
    let covariance = try fit.covariance()
    expectClose(
      covariance.standardErrors,
      [
        1.361755203631251, 1.273147043826301, 0.235059178638361, 0.485960004130476, 0.335550106746058,
        0.061803865343407,
      ], relative: 1e-7)
    let predictions = settings(fit, data.design)
    let all = fit.standardised(predictions, covariance: covariance, isPopulation: false)
    expectClose(all.means, [10.582201231312, 12.150055216352], relative: 1e-7)
    expectClose(
      all.meanCovariance.diagonal.map { $0.squareRoot() }, [4.3263929688933, 3.1828098379607], relative: 1e-7)
    let rows = Standardisation(
      levels: ["0", "1"], estimates: all.means, covariance: all.meanCovariance, level: 0.95, measure: .mean
    ).rows
    expectClose(rows[2].standardError!, 5.2755262474993, relative: 1e-7)
    expectClose(rows[3].estimate, 1.1481595322909, relative: 1e-7)
    let population = fit.standardised(predictions, covariance: covariance, isPopulation: true)
    let c = population.meanCovariance
    expectClose((c[0, 0] + c[1, 1] - 2 * c[0, 1]).squareRoot(), 5.2795243423341, relative: 1e-7)
  }

  @Test("The order of the rows changes nothing; another unit of the outcome rescales the means")
  func invariance() throws {
    let data = regression(y, ["arm": arm, "x": x])
    let plain = try fit(data)
    let order = scrambled(15)
    let other = try fit(data.permuted(order))
    expectClose(other.coefficients.map { $0! }, plain.coefficients.map { $0! }, relative: 1e-9)
    expectClose(
      try other.covariance().matrix.storage, try plain.covariance().matrix.storage, relative: 1e-8)
    let scaled = try fit(regression(y.map { $0 * 1000 }, ["arm": arm, "x": x]))
    let means = { (fit: TwoPartMeanFit) in
      fit.standardised(settings(fit, data.design), covariance: try fit.covariance(), isPopulation: false)
        .means
    }
    expectClose(try means(scaled), try means(plain).map { $0 * 1000 }, relative: 1e-9)
  }

  @Test("Failures and separation")
  func failures() throws {
    #expect(throws: RegressionError.self) { try fit(regression([-1, 0, 2, 3], ["arm": [0, 0, 1, 1]])) }
    #expect(throws: RegressionError.self) { try fit(regression([1, 4, 2, 3], ["arm": [0, 0, 1, 1]])) }
    #expect(throws: RegressionError.self) { try fit(regression([0, 0, 0, 0], ["arm": [0, 0, 1, 1]])) }
    #expect(throws: RegressionError.self) { try fit(regression([0, .nan, 2, 0], ["arm": [0, 0, 1, 1]])) }
    let separated = try fit(regression([0, 0, 0, 2, 3, 5], ["arm": [0, 0, 0, 1, 1, 1]]))
    #expect(separated.status == .separated)
    #expect(separated.warnings.contains { $0.hasPrefix("any: separation") })
  }
}
