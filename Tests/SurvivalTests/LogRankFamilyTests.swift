import Glibc
import LinearAlgebra
import Probability
import TestSupport
import Testing

@testable import Survival

@Suite("The log-rank family")
struct LogRankFamilyTests {
  // Group 0: 1, 3+, 4; group 1: 2, 4, 5+. At risk (0, 1): 1 (3, 3), 2 (2, 3), 4 (1, 2).
  let data = try! SurvivalData(
    time: [1, 3, 4, 2, 4, 5], event: [true, false, true, true, true, false])
  let group: [Int32] = [0, 0, 0, 1, 1, 1]

  private static let weights: [(LogRankWeight, [Double])] = [
    (.logRank, [1, 1, 1]), (.gehan, [6, 5, 3]), (.taroneWare, [sqrt(6), sqrt(5), sqrt(3)]),
    (.peto, [6.0 / 7, 5.0 / 7, 5.0 / 14]), (.modifiedPeto, [36.0 / 49, 25.0 / 42, 15.0 / 56]),
    (.flemingHarrington(p: 1, q: 0), [1, 5.0 / 6, 2.0 / 3]),
    (.flemingHarrington(p: 0, q: 1), [0, 1.0 / 6, 1.0 / 3]),
    (.flemingHarrington(p: 1, q: 1), [0, 5.0 / 36, 2.0 / 9]),
  ]

  @Test("each weight by hand", arguments: weights)
  func byHand(weight: LogRankWeight, w: [Double]) throws {
    let test = try LogRankTest(weight: weight).test(data, group: group, groupCount: 2)
    // Expected in group 0: 3/6, 2/5, 2·1/3; variances Y0 Y1 d (Y − d)/(Y² (Y − 1)): 1/4, 6/25, 2/9.
    let u = w[0] * 0.5 - w[1] * 0.4 + w[2] * (1 - 2.0 / 3)
    let v = w[0] * w[0] / 4 + w[1] * w[1] * 6 / 25 + w[2] * w[2] * 2 / 9
    expectClose(test.difference[0], u, absolute: 1e-14)
    expectClose(test.statistic, u * u / v, relative: 1e-12)
  }

  @Test("with two groups the trend is the test, whatever the scores")
  func trend() throws {
    let plain = try LogRankTest().test(data, group: group, groupCount: 2)
    for scores in [[1.0, 2], [-3, 10]] {
      let trend = try LogRankTest(trendScores: scores).test(data, group: group, groupCount: 2)
      expectClose(trend.statistic, plain.statistic, relative: 1e-12)
      #expect(trend.df == 1)
    }
  }

  @Test("MaxCombo of one weight is that weight's test")
  func single() throws {
    let plain = try LogRankTest().test(data, group: group, groupCount: 2)
    let combo = try MaxComboTest(weights: [.logRank]).test(data, group: group, groupCount: 2)
    expectClose(combo.pValue, plain.pValue, relative: 1e-10)
    expectClose(combo.statistic * combo.statistic, plain.statistic, relative: 1e-12)
    let less = try MaxComboTest(weights: [.logRank], alternative: .less).test(
      data, group: group, groupCount: 2)
    let greater = try MaxComboTest(weights: [.logRank], alternative: .greater).test(
      data, group: group, groupCount: 2)
    expectClose(less.pValue + greater.pValue, 1, relative: 1e-10)
  }

  @Test("MaxCombo lies between its best weight and Bonferroni, and needs two groups")
  func bounds() throws {
    let combo = try MaxComboTest().test(data, group: group, groupCount: 2)
    #expect(combo.pValue >= combo.pValues.min()! && combo.pValue <= 4 * combo.pValues.min()!)
    #expect(throws: SurvivalError.self) {
      try MaxComboTest().test(data, group: [0, 1, 2, 0, 1, 2], groupCount: 3)
    }
  }

  @Test("boxes of the multivariate normal whose probability is known")
  func boxes() {
    let one = Normal().cdf(1.5) - Normal().cdf(-1.5)
    expectClose(
      MultivariateNormalBox(.identity(3)).probability(low: -1.5, high: 1.5), one * one * one, relative: 1e-10)
    // Variables that are the same are one variable.
    let same = Matrix(rows: 3, columns: 3, repeating: 1)
    expectClose(MultivariateNormalBox(same).probability(low: -1.5, high: 1.5), one, relative: 1e-12)
    for rho in [-0.7, 0.2, 0.95] {
      let pair = Matrix(rowMajor: [[1, rho], [rho, 1]])
      expectClose(
        MultivariateNormalBox(pair).probability(low: -.infinity, high: 0), 0.25 + asin(rho) / (2 * Double.pi),
        absolute: 1e-8)
    }
    // Three orthants: (1/8) + (asin ρ12 + asin ρ13 + asin ρ23)/(4π), here with a singular correlation.
    let half = 0.5.squareRoot()
    let singular = Matrix(rowMajor: [[1, 0, half], [0, 1, half], [half, half, 1]])
    expectClose(
      MultivariateNormalBox(singular).probability(low: -.infinity, high: 0),
      0.125 + 2 * asin(half) / (4 * Double.pi), absolute: 1e-6)
  }
}
