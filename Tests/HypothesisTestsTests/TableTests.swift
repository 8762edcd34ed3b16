import HypothesisTests
import TestSupport
import Testing

/// HairEyeColor of R: hair (Black, Brown, Red, Blond) by eye colour (Brown, Blue, Hazel, Green).
private let hairMale = [[32, 11, 10, 3], [53, 50, 25, 15], [10, 10, 7, 7], [3, 30, 5, 8]]
private let hairFemale = [[36, 9, 5, 2], [66, 34, 29, 14], [16, 7, 7, 7], [4, 64, 5, 8]]

/// UCBAdmissions of R: admitted and rejected by sex in six departments.
private let admissions = [
  [[512, 89], [313, 19]], [[353, 17], [207, 8]], [[120, 202], [205, 391]], [[138, 131], [279, 244]],
  [[53, 94], [138, 299]], [[22, 24], [351, 317]],
]

@Test("Chi-squared tests agree with R's chisq.test")
func chiSquared() throws {
  let hair = try ContingencyTable(hairFemale).chiSquaredTest()
  try expectReference(hair, "chisq.hair")
  #expect(hair.notes.count == 1)
  let a = try ContingencyTable(admissions[0])
  try expectReference(a.chiSquaredTest(), "chisq.yates")
  try expectReference(a.chiSquaredTest(continuityCorrection: false), "chisq.plain")
}

@Test("McNemar's and Bowker's tests agree with R's mcnemar.test")
func mcNemar() throws {
  // Approval ratings, Agresti 1990, page 350.
  let approval = try ContingencyTable([[794, 150], [86, 570]])
  let result = try approval.mcNemarTest()
  try expectReference(result, "mcnemar")
  expectClose(result.estimate!, 150.0 / 86, relative: 1e-14)
  try expectReference(approval.mcNemarTest(continuityCorrection: false), "mcnemar.plain")
  try expectReference(ContingencyTable([[10, 6, 1], [4, 12, 9], [3, 5, 8]]).mcNemarTest(), "bowker")
  // Exact: 2 P(X ≤ 1), X binomial(6, ½).
  let small = try ContingencyTable([[5, 1], [5, 9]]).mcNemarTest(exact: true)
  expectClose(small.pValue, 2 * 7.0 / 64, relative: 1e-12)
  #expect(throws: HypothesisTestError.self) { try ContingencyTable([[3, 0], [0, 4]]).mcNemarTest() }
}

/// R 4.2.2: `fisher.test(x, workspace = 2e7)$p.value` of carData's Womenlf (work by region, 263 women) and of MASS's birthwt
/// (race by visits to a physician). R merges paths that are near each other, hence the tolerance.
@Test("Fisher's test of larger tables agrees with R's fisher.test")
func fisherOfLargerTables() throws {
  let work = [[6, 7, 27, 8, 18], [20, 14, 64, 17, 40], [4, 8, 17, 6, 7]]
  expectClose(try ContingencyTable(work).fisherTest().pValue, 0.729668748764318, relative: 1e-7)
  let visits = [[43, 29, 18, 4, 2, 0], [14, 6, 4, 1, 1, 0], [43, 12, 8, 2, 1, 1]]
  let found = try ContingencyTable(visits).fisherTest().pValue
  expectClose(found, 0.419504992434375, relative: 1e-7)
  // Neither the order of rows or columns nor which side is which matters.
  let turned = (0..<6).map { j in (0..<3).map { visits[2 - $0][(j + 2) % 6] } }
  expectClose(try ContingencyTable(turned).fisherTest().pValue, found, relative: 1e-12)
}

@Test("A table too large for Fisher's test is refused, not computed for ever")
func fisherRefused() {
  let even = [[Int]](repeating: [Int](repeating: 40, count: 12), count: 9)
  #expect(throws: HypothesisTestError.self) { try ContingencyTable(even).fisherTest() }
}

@Test("Mantel-Haenszel tests agree with R's mantelhaen.test", arguments: Alternative.allCases)
func mantelHaenszel(_ alternative: Alternative) throws {
  let tables = try admissions.map { try ContingencyTable($0) }
  var test = MantelHaenszelTest()
  test.alternative = alternative
  let result = try test.test(tables)
  try expectReference(result, "cmh.\(alternative.rawValue)")
  expectClose(result.estimate!, reference["cmh.\(alternative.rawValue)"]![5], relative: 1e-12)
  test.exact = true
  let exact = try test.test(tables)
  let r = reference["cmh.exact.\(alternative.rawValue)"]!
  // R finds these roots to 1e-4 of themselves.
  expectClose([exact.statistic!, exact.pValue], Array(r[0..<2]), relative: 1e-9)
  expectClose([exact.low!, exact.high!, exact.estimate!], Array(r[2...]), relative: 3e-4)
}

@Test("The general Mantel-Haenszel test agrees with R; without correction it joins the 2 x 2 one")
func generalMantelHaenszel() throws {
  let tables = try [ContingencyTable(hairMale), ContingencyTable(hairFemale)]
  try expectReference(MantelHaenszelTest().test(tables), "cmh.general")
  var plain = MantelHaenszelTest()
  plain.continuityCorrection = false
  let small = try admissions.map { try ContingencyTable($0) }
  try expectReference(plain.test(small), "cmh.plain")
  // A stratum of one observation carries nothing.
  let more = try plain.test(small + [ContingencyTable([[1, 0], [0, 0]])])
  #expect(try more.statistic == plain.test(small).statistic && more.notes.count == 1)
}

@Test("Fisher's exact test of larger tables agrees with R's fisher.test")
func freemanHalton() throws {
  let jobs = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]
  expectClose(try ContingencyTable(jobs).fisherTest().pValue, reference["fisher.jobs"]![0], relative: 1e-8)
  let three = [[6, 0, 1], [3, 4, 5], [2, 8, 2]]
  expectClose(try ContingencyTable(three).fisherTest().pValue, reference["fisher.hair"]![0], relative: 1e-8)
  let wide = [[3, 0, 2, 6, 4], [5, 7, 2, 1, 4]]
  expectClose(try ContingencyTable(wide).fisherTest().pValue, reference["fisher.wide"]![0], relative: 1e-8)
  let tall = (0..<5).map { j in wide.map { $0[j] } }
  expectClose(try ContingencyTable(tall).fisherTest().pValue, reference["fisher.wide"]![0], relative: 1e-8)
}

@Test("Fisher's exact test of the lady tasting tea")
func teaTasting() throws {
  // Agresti 2002, page 91: three of four cups right; one-sided p is 17/70, conditional odds ratio 6.408309 in R.
  let tea = try ContingencyTable([[3, 1], [1, 3]]).fisherTest(alternative: .greater)
  expectClose(tea.pValue, 17.0 / 70, relative: 1e-12)
  expectClose(tea.estimate!, 6.408309, absolute: 5e-4)
  expectClose(tea.low!, 0.3135693, absolute: 5e-6)
  #expect(tea.high == .infinity)
  #expect(throws: HypothesisTestError.self) { try ContingencyTable([[3, 1], [0, 0]]).fisherTest() }
}

@Test("Exact binomial tests agree with R's binom.test", arguments: Alternative.allCases)
func binomial(_ alternative: Alternative) throws {
  for (x, n, p) in [(7, 20, 0.3), (63, 228, 0.19), (0, 15, 0.5), (12, 12, 0.8), (3, 10, 0.3)] {
    let result = try SingleProportion(events: x, total: n).binomialTest(
      null: p, alternative: alternative, level: 0.9)
    let r = reference["binom.\(x).\(n).\(alternative.rawValue)"]!
    expectClose([result.pValue, result.low!, result.high!], r, relative: 1e-11, because: "\(x) of \(n)")
  }
}
