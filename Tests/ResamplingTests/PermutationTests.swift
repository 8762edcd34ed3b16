import Resampling
import TestSupport
import Testing

private let a = [12.1, 9.3, 15.2, 8.8, 11.0]
private let b = [7.1, 9.9, 6.4, 8.0, 10.2]
private let arms = [Bool](repeating: true, count: 5) + [Bool](repeating: false, count: 5)

@Test("All 252 assignments of ten participants: p as counted in R with combn()")
func exact() {
  var test = PermutationTest(seed: 1, purpose: "test")
  let result = test.differenceOfMeans(a + b, isFirst: arms)
  #expect(result.isExact && result.assignments == 252 && result.monteCarloError == 0)
  expectClose(result.pValue, 0.0634920634920635, relative: 1e-12)
  test.direction = .greater
  expectClose(test.differenceOfMeans(a + b, isFirst: arms).pValue, 0.0317460317460317, relative: 1e-12)
}

@Test("Random assignments near the exact p-value, and their error covers it")
func monteCarlo() {
  var test = PermutationTest(seed: 7, purpose: "test")
  test.enumerationLimit = 0
  test.replicates = 4000
  let result = test.differenceOfMeans(a + b, isFirst: arms)
  #expect(!result.isExact && result.assignments == 4000)
  #expect(
    result.monteCarloLimits.low < 0.0634920634920635 && result.monteCarloLimits.high > 0.0634920634920635)
  expectClose(result.pValue, 0.0634920634920635, absolute: 4 * result.monteCarloError)
  #expect(test.differenceOfMeans(a + b, isFirst: arms) == result)
  test.seed = 8
  #expect(test.differenceOfMeans(a + b, isFirst: arms).pValue != result.pValue)
}

@Test("Within blocks of two each pair is turned or not: 2⁵ assignments")
func blocks() {
  // Paired differences 5, -0.6, 8.8, 0.8, 0.8 (a against b in turn): the sign-flip distribution of their sum.
  let differences = zip(a, b).map { $0 - $1 }
  let observed = differences.reduce(0, +)
  let sums = (0..<32).map { signs in
    differences.indices.reduce(0.0) { $0 + (signs >> $1 & 1 == 1 ? 1 : -1) * differences[$1] }
  }
  let expected = Double(sums.filter { abs($0) >= abs(observed) - 1e-10 }.count) / 32
  let result = PermutationTest(seed: 1, purpose: "test").differenceOfMeans(
    a + b, isFirst: arms, strata: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
  #expect(result.assignments == 32)
  expectClose(result.pValue, expected, relative: 1e-14)
}

@Test("Equal outcomes give p = 1")
func constant() {
  let result = PermutationTest(seed: 1, purpose: "test").differenceOfMeans(
    [Double](repeating: 3, count: 10), isFirst: arms)
  #expect(result.pValue == 1 && result.observed == 0)
}
