import ModelFormula
import TestSupport
import Testing

@testable import TrialAnalysis

@Suite("Balance at baseline")
struct BalanceTests {
  @Test("With one binary variable d² is Pearson's chi-squared times (N - 1)/N")
  func oneBinary() throws {
    // 7 of 20 treated and 12 of 25 others: chi-squared of the table, by hand
    let x: [Double] = (0..<45).map { $0 < 7 || (20..<32).contains($0) ? 1 : 0 }
    let treated = (0..<45).map { $0 < 20 }
    let test = try #require(
      OmnibusBalanceTest([.numeric(x)], treated: treated, stratum: [Int](repeating: 0, count: 45)))
    let cross = Double(7 * 13 - 13 * 12)
    let pearson = 45 * cross * cross / Double(20 * 25 * 19 * 26)
    expectClose(test.statistic, pearson * 44 / 45, relative: 1e-12)
    #expect(test.df == 1)
  }

  @Test("d² does not depend on units, on row order, or on a column that repeats another")
  func invariance() throws {
    let age = (0..<30).map { Double(($0 * 17) % 23) }
    let score = (0..<30).map { Double(($0 * 29) % 31) }
    let treated = (0..<30).map { ($0 * 7) % 3 == 0 }
    let stratum = (0..<30).map { $0 % 2 }
    func test(_ columns: [[Double]], order: [Int] = Array(0..<30)) -> OmnibusBalanceTest? {
      OmnibusBalanceTest(
        columns.map { column in .numeric(order.map { column[$0] }) }, treated: order.map { treated[$0] },
        stratum: order.map { stratum[$0] })
    }
    let plain = try #require(test([age, score]))
    #expect(plain.df == 2)
    for other in [
      test([age.map { $0 * 1e6 + 5 }, score]), test([age, score], order: Array((0..<30).reversed())),
      test([age, score, zip(age, score).map { $0 - $1 }]),
    ] {
      expectClose(other?.statistic, plain.statistic, relative: 1e-9)
      #expect(other?.df == 2)
    }
  }

  @Test("Nothing is tested where no stratum holds both arms")
  func separateStrata() {
    let test = OmnibusBalanceTest(
      [.numeric([1, 2, 3, 4])], treated: [true, true, false, false], stratum: [0, 0, 1, 1])
    #expect(test == nil)
  }

  @Test("Standardised differences by hand")
  func differences() throws {
    // means 2 and 4, variances 1 and 4: -2 / sqrt(2.5)
    expectClose(
      StandardisedDifference.numeric([1, 2, 3], [2, 4, 6]), -2 / 2.5.squareRoot(), relative: 1e-14)
    expectClose(StandardisedDifference.binary(0.5, 0.2), 0.3 / 0.205.squareRoot(), relative: 1e-14)
    // With two levels the distance is the size of the binary difference.
    expectClose(
      StandardisedDifference.categorical([10, 10], [16, 4]), 0.3 / 0.205.squareRoot(), relative: 1e-12)
    #expect(StandardisedDifference.numeric([1, 1], [1, 1]) == 0)
    #expect(StandardisedDifference.numeric([1, 1], [2, 2]) == nil)
    #expect(StandardisedDifference.numeric([1], [2, 3]) == nil)
  }

  @Test("Quantiles of three definitions agree with R's quantile(type = )")
  func quantiles() {
    let summary = SampleSummary([3, 1, 4, 1, 5, 9, 2, 6, 5, 35])
    // quantile(c(3,1,4,1,5,9,2,6,5,35), c(.1,.25,.9), type = 7, 2, 6)
    let expected: [(SampleSummary.QuantileType, [Double])] = [
      (.type7, [1, 2.25, 11.6]), (.type2, [1, 2, 22]), (.type6, [1, 1.75, 32.4]),
    ]
    for (type, values) in expected {
      for (p, value) in zip([0.1, 0.25, 0.9], values) { expectClose(summary.quantile(p, type: type), value) }
    }
    #expect(SampleSummary([]).median == nil)
  }
}
