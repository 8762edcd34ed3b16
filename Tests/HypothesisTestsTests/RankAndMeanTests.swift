import HypothesisTests
import TestSupport
import Testing

/// Compares a result with R's: statistic, degrees of freedom, p, limits; NaN where R has none.
func expectReference(
  _ result: TestResult, _ name: String, relative: Double = 1e-10, limits: Double = 1e-10,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let r = try #require(reference[name], "no reference \(name)")
  func check(_ actual: Double?, _ expected: Double, _ relative: Double, _ absolute: Double = 0) throws {
    if expected.isNaN { return }
    expectClose(
      try #require(actual, sourceLocation: sourceLocation), expected, relative: relative, absolute: absolute,
      because: name, sourceLocation: sourceLocation)
  }
  try check(result.statistic, r[0], relative, 1e-13)
  try check(result.df, r[1], relative)
  try check(result.pValue, r[2], relative)
  try check(result.low, r[3], limits, limits)
  try check(result.high, r[4], limits, limits)
}

private let a = samples["woolA"]!
private let b = samples["woolB"]!
private let sleep1 = samples["sleep1"]!
private let fertility = samples["fertility"]!
private let agriculture = samples["agriculture"]!

@Test("t tests agree with R's t.test", arguments: Alternative.allCases)
func tTests(_ alternative: Alternative) throws {
  var test = TTest()
  test.alternative = alternative
  test.null = 1
  test.level = 0.9
  try expectReference(test.twoSample(a, b), "t.welch.\(alternative.rawValue)")
  test = TTest()
  test.alternative = alternative
  test.equalVariances = true
  try expectReference(test.twoSample(a, b), "t.pooled.\(alternative.rawValue)")
  test.null = 0.3
  try expectReference(test.oneSample(sleep1), "t.one.\(alternative.rawValue)")
}

@Test("Wilcoxon tests agree with R's wilcox.test", arguments: Alternative.allCases)
func wilcoxonTests(_ alternative: Alternative) throws {
  let name = alternative.rawValue
  // R closes in on the limits of the normal approximation by root finding to 1e-10 of a step.
  let near = 1e-9
  var test = WilcoxonTest()
  test.alternative = alternative
  test.exact = true
  test.level = 0.9
  let x = fertility.indices.map { fertility[$0] + Double($0 + 1) * 1e-4 }
  let y = agriculture.indices.map { agriculture[$0] + Double($0 + 1) * 1.7e-5 }
  try expectReference(test.rankSum(x, y), "wilcox.exact.\(name)", limits: 1e-12)
  test = WilcoxonTest()
  test.alternative = alternative
  test.exact = false
  try expectReference(test.rankSum(a, b), "wilcox.normal.\(name)", limits: near)
  try expectReference(test.signedRank(sleep1), "signed.normal.\(name)", limits: near)
  test.continuityCorrection = false
  test.null = 2
  try expectReference(test.rankSum(a, b), "wilcox.plain.\(name)", limits: near)
  test.null = 25
  test.level = 0.8
  try expectReference(test.signedRank(a), "signed.plain.\(name)", limits: near)
  test = WilcoxonTest()
  test.alternative = alternative
  test.null = 10
  let d = fertility.indices.map { fertility[$0] - agriculture[$0] + Double($0 + 1) * 1e-4 }
  let exact = try test.signedRank(d)
  #expect(exact.method.hasSuffix("exact"))
  try expectReference(exact, "signed.exact.\(name)", limits: 1e-12)
}

@Test("The exact rank-sum test counts every arrangement, ties included")
func exactWithTies() throws {
  // By hand: ranks of 1 1 2 | 2 3 are 1.5 1.5 3.5 3.5 5; the ten pairs of ranks for a first group of two.
  let ranks = [1.5, 1.5, 3.5, 3.5, 5]
  var sums: [Double] = []
  for i in 0..<5 { for j in (i + 1)..<5 { sums.append(ranks[i] + ranks[j]) } }
  var test = WilcoxonTest()
  test.exact = true
  let result = try test.rankSum([2, 3], [1, 1, 2])
  let observed = 3.5 + 5.0
  #expect(result.statistic == observed - 3)
  let distance = abs(observed - 6)
  expectClose(
    result.pValue, Double(sums.filter { abs($0 - 6) >= distance }.count) / 10, relative: 1e-14)
  test.alternative = .less
  expectClose(
    try test.rankSum([2, 3], [1, 1, 2]).pValue, Double(sums.filter { $0 <= observed }.count) / 10,
    relative: 1e-14)
}

@Test("Limits that so few values cannot give are given at the level they can, and named")
func unattainable() throws {
  // R 4.2.2: wilcox.test(c(48.9, 53.2, 59.6, 44.3, 65.1), exact = FALSE, conf.int = TRUE): 80 % limits.
  var test = WilcoxonTest()
  test.exact = false
  let few = [48.9, 53.2, 59.6, 44.3, 65.1]
  let result = try test.signedRank(few)
  expectClose([result.level!, result.low!, result.high!], [0.8, 48.7499848, 59.6000510], absolute: 1e-4)
  #expect(result.notes.count == 1)
  test.exact = true
  let exact = try test.signedRank(few)
  // Two-sided, the outermost pairs leave 2/32.
  expectClose([exact.level!, exact.low!, exact.high!], [1 - 2.0 / 32, 44.3, 65.1], absolute: 1e-12)
}

@Test("Birth weights of non-smokers and smokers: SAS 9.4's exact and asymptotic rank-sum test with ties")
func birthWeights() throws {
  // PROC NPAR1WAY HL, EXACT WILCOXON HL, as printed by the CAMIS project (psiaims.github.io/CAMIS, rank-sum page).
  let none = [3.99, 3.89, 3.60, 3.73, 3.31, 3.70, 4.08, 3.61, 3.83, 3.41, 4.13, 3.36, 3.54, 3.51, 2.71]
  let smoking = [3.18, 2.74, 2.90, 3.27, 3.65, 3.42, 3.23, 2.86, 3.60, 3.65, 3.69, 3.53, 2.38, 2.34]
  var test = WilcoxonTest()
  let normal = try test.rankSum(none, smoking)
  expectClose([normal.pValue, normal.low!, normal.high!], [0.01, 0.09, 0.77], absolute: 0.00005)
  test.exact = true
  let exact = try test.rankSum(none, smoking)
  expectClose([exact.pValue, exact.low!, exact.high!], [0.0082, 0.10, 0.76], absolute: 0.00005)
  expectClose(exact.estimate!, 0.425, absolute: 1e-12)
}

@Test("The exact signed-rank test counts every choice of signs, ties included")
func exactSignedWithTies() throws {
  // |d| = 1 1 2 3: ranks 1.5 1.5 3 4, and 16 choices of signs.
  let ranks = [1.5, 1.5, 3, 4]
  let sums = (0..<16).map { signs in
    ranks.indices.reduce(0.0) { $0 + (signs >> $1 & 1 == 1 ? ranks[$1] : 0) }
  }
  var test = WilcoxonTest()
  test.exact = true
  let result = try test.signedRank([1, -1, 2, 3])
  #expect(result.statistic == 8.5)
  expectClose(result.pValue, Double(sums.filter { abs($0 - 5) >= 3.5 }.count) / 16, relative: 1e-14)
}

@Test("Hodges-Lehmann estimates are medians of pairs, shift with the data and change sign with the groups")
func hodgesLehmann() throws {
  let test = WilcoxonTest()
  let differences = a.flatMap { x in b.map { x - $0 } }.sorted()
  let n = differences.count
  let median = n % 2 == 1 ? differences[n / 2] : (differences[n / 2 - 1] + differences[n / 2]) / 2
  let result = try test.rankSum(a, b)
  #expect(result.estimate == median)
  let shifted = try test.rankSum(a.map { $0 + 7 }, b)
  expectClose(shifted.estimate!, median + 7, absolute: 1e-12)
  let reversed = try test.rankSum(b, a)
  expectClose(
    [reversed.estimate!, reversed.low!, reversed.high!], [-median, -result.high!, -result.low!],
    absolute: 1e-12)
  expectClose(reversed.pValue, result.pValue, relative: 1e-13)
  let walsh = sleep1.indices.flatMap { i in (i..<sleep1.count).map { (sleep1[i] + sleep1[$0]) / 2 } }.sorted()
  let one = try test.signedRank(sleep1)
  expectClose(one.estimate!, (walsh[27] + walsh[27]) / 2, absolute: 0.2)
  #expect(
    one.estimate
      == (walsh.count % 2 == 1
        ? walsh[walsh.count / 2] : (walsh[walsh.count / 2 - 1] + walsh[walsh.count / 2]) / 2))
}

@Test("Row order changes nothing")
func rowOrder() throws {
  #expect(try WilcoxonTest().rankSum(a.reversed(), b) == WilcoxonTest().rankSum(a, b))
  #expect(try KolmogorovSmirnovTest().twoSample(a.reversed(), b) == KolmogorovSmirnovTest().twoSample(a, b))
  expectClose(
    try TTest().twoSample(a.reversed(), b).pValue, try TTest().twoSample(a, b).pValue, relative: 1e-13)
}

@Test("Kolmogorov-Smirnov tests agree with R 4.2's ks.test", arguments: Alternative.allCases)
func kolmogorovSmirnov(_ alternative: Alternative) throws {
  var test = KolmogorovSmirnovTest()
  test.alternative = alternative
  try expectReference(test.twoSample(fertility, agriculture), "ks.default.\(alternative.rawValue)")
  test.exact = true
  try expectReference(test.twoSample(a, b), "ks.exact.\(alternative.rawValue)")
  test.exact = false
  try expectReference(test.twoSample(a, b), "ks.asymptotic.\(alternative.rawValue)")
}

@Test("Shapiro-Wilk agrees with R's shapiro.test")
func shapiroWilk() throws {
  for name in ["fertility", "ozone", "sleep1", "woolA"] {
    try expectReference(ShapiroWilkTest.test(samples[name]!), "shapiro.\(name)", relative: 1e-9)
  }
  try expectReference(ShapiroWilkTest.test([1, 2, 4]), "shapiro.three", relative: 1e-9)
  try expectReference(ShapiroWilkTest.test([9, 8, 4, 2, 1]), "shapiro.five", relative: 1e-9)
}

@Test("Kruskal-Wallis agrees with R's kruskal.test on InsectSprays")
func kruskalWallis() throws {
  let sprays: [[Double]] = [
    [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13], [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4], [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4], [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
  ]
  try expectReference(KruskalWallisTest.test(sprays), "kruskal")
  // With two groups it is the rank-sum test squared, without correction.
  var rankSum = WilcoxonTest()
  rankSum.exact = false
  rankSum.continuityCorrection = false
  expectClose(
    try KruskalWallisTest.test([a, b]).pValue, try rankSum.rankSum(a, b).pValue, relative: 1e-11)
}

@Test("Samples that cannot be tested are refused, not answered")
func refused() {
  #expect(throws: HypothesisTestError.tooFew(what: "observations", count: 1, needed: 2)) {
    try TTest().oneSample([1])
  }
  #expect(throws: HypothesisTestError.constant("the sample")) { try TTest().oneSample([2, 2, 2]) }
  #expect(throws: HypothesisTestError.self) { try TTest().twoSample([1, 2], [3]) }
  #expect(throws: HypothesisTestError.self) { try TTest().twoSample([1, .nan], [3, 4]) }
  #expect(throws: HypothesisTestError.self) { try WilcoxonTest().rankSum([], [1]) }
  #expect(throws: HypothesisTestError.self) { try WilcoxonTest().signedRank([0, 0]) }
  #expect(throws: HypothesisTestError.self) { try WilcoxonTest().rankSum([1, 1], [1, 1, 1]) }
  #expect(throws: HypothesisTestError.self) { try ShapiroWilkTest.test([1, 1, 1]) }
  #expect(throws: HypothesisTestError.self) { try KruskalWallisTest.test([[1, 2]]) }
}
