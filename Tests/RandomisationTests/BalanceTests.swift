import ModelFormula
import TestSupport
import Testing

@testable import Randomisation

@Suite("Balance at baseline")
struct BalanceTests {
  private func sequence(_ treated: [Bool], stratum: [Int]? = nil) -> AllocationSequence {
    AllocationSequence(
      TrialArms(["control", "treated"]), arm: treated.map { $0 ? 1 : 0 }, stratum: stratum?.map(String.init))
  }

  @Test("With one binary variable d² is Pearson's chi-squared times (N - 1)/N")
  func oneBinary() throws {
    // 7 of 20 treated and 12 of 25 others: chi-squared of the table, by hand
    let x: [Double] = (0..<45).map { $0 < 7 || (20..<32).contains($0) ? 1 : 0 }
    let test = try #require(OmnibusBalance([.numeric(x)], sequence((0..<45).map { $0 < 20 })))
    let cross = Double(7 * 13 - 13 * 12)
    let pearson = 45 * cross * cross / Double(20 * 25 * 19 * 26)
    expectClose(test.statistic, pearson * 44 / 45, relative: 1e-12)
    #expect(test.df == 1)
  }

  @Test("With one variable and three arms d² is the Kruskal-Wallis form of its values")
  func threeArms() throws {
    let x = (0..<30).map { Double(($0 * 17) % 31) }
    let arm = (0..<30).map { ($0 * 7) % 3 }
    let test = try #require(
      OmnibusBalance([.numeric(x)], AllocationSequence(TrialArms(["a", "b", "c"]), arm: arm)))
    let mean = x.reduce(0, +) / 30
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 29
    let between = (0..<3).reduce(0.0) { sum, a in
      let own = x.indices.filter { arm[$0] == a }.map { x[$0] }
      let difference = own.reduce(0, +) / Double(own.count) - mean
      return sum + Double(own.count) * difference * difference
    }
    expectClose(test.statistic, between / variance, relative: 1e-12)
    #expect(test.df == 2)
  }

  @Test("d² does not depend on units, on row order, or on a column that repeats another")
  func invariance() throws {
    let age = (0..<30).map { Double(($0 * 17) % 23) }
    let score = (0..<30).map { Double(($0 * 29) % 31) }
    let treated = (0..<30).map { ($0 * 7) % 3 == 0 }
    let stratum = (0..<30).map { $0 % 2 }
    func test(_ columns: [[Double]], order: [Int] = Array(0..<30)) -> OmnibusBalance? {
      OmnibusBalance(
        columns.map { column in .numeric(order.map { column[$0] }) },
        sequence(order.map { treated[$0] }, stratum: order.map { stratum[$0] }))
    }
    let plain = try #require(test([age, score]))
    #expect(plain.df == 2)
    for other in [
      test([age.map { $0 * 1e6 + 5 }, score]), test([age, score], order: Array((0..<30).reversed())),
      test([age, score, zip(age, score).map { $0 - $1 }]),
    ] {
      let other = try #require(other)
      expectClose(other.statistic, plain.statistic, relative: 1e-9)
      #expect(other.df == 2)
    }
  }

  @Test("Nothing is tested where no stratum holds both arms")
  func separateStrata() {
    let test = OmnibusBalance(
      [.numeric([1, 2, 3, 4])], sequence([true, true, false, false], stratum: [0, 0, 1, 1]))
    #expect(test == nil)
  }

  @Test("Standardised differences by hand")
  func differences() throws {
    // means 2 and 4, variances 1 and 4: -2 / sqrt(2.5)
    expectClose(
      try #require(StandardisedDifference.numeric([1, 2, 3], [2, 4, 6])), -2 / 2.5.squareRoot(),
      relative: 1e-14)
    expectClose(
      try #require(StandardisedDifference.binary(0.5, 0.2)), 0.3 / 0.205.squareRoot(), relative: 1e-14)
    // With two levels the distance is the size of the binary difference.
    expectClose(
      try #require(StandardisedDifference.categorical([10, 10], [16, 4])), 0.3 / 0.205.squareRoot(),
      relative: 1e-12)
    #expect(StandardisedDifference.numeric([1, 1], [1, 1]) == 0)
    #expect(StandardisedDifference.numeric([1, 1], [2, 2]) == nil)
    #expect(StandardisedDifference.numeric([1], [2, 3]) == nil)
  }

  @Test("The exact test of the ratio agrees with R")
  func ratio() {
    // R 4.2.2: binom.test(36, 100)$p.value
    expectClose(
      AllocationRatio.test([64, 36], shares: [0.5, 0.5]).pValue, 0.0066371205159261046, relative: 1e-12)
    // R 4.2.2: the sum of dmultinom over all divisions no more probable than (10, 14, 24) under 1:1:2
    let three = AllocationRatio.test([10, 14, 24], shares: [0.25, 0.25, 0.5])
    expectClose(three.pValue, 0.72923213627529537, relative: 1e-10)
    #expect(three.method == "exact multinomial")
    #expect(AllocationRatio.test([0, 0], shares: [0.5, 0.5]).pValue == 1)
  }

  @Test("Ratios come down to their lowest terms")
  func lowestTerms() {
    #expect(TrialArms(["a", "b"], ratio: [4, 2]).ratio == [2, 1])
    #expect(TrialArms(["a", "b"], ratio: [1.5, 1]).ratio == [3, 2])
    #expect(TrialArms(["a", "b", "c"], ratio: [1, 1, 2]).blockUnit == 4)
    #expect(TrialArms(["a", "b"], ratio: [1, 2.0.squareRoot()]).ratio == nil)
  }
}
