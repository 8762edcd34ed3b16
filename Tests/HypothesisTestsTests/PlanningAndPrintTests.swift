import HypothesisTests
import TestSupport
import Testing

@Test("Sample sizes of two proportions agree with R's power.prop.test")
func proportionsPower() throws {
  let design = PowerDesign()
  expectClose(
    try ProportionsPower.size(p1: 0.5, p2: 0.75, power: 0.9, design).n, reference["power.prop.n"]![0],
    relative: 1e-9)
  expectClose(
    try ProportionsPower.power(p1: 0.15, p2: 0.3, n: 100, PowerDesign(alpha: 0.01)).power,
    reference["power.prop.power"]![0], relative: 1e-10)
  expectClose(
    try ProportionsPower.detectable(p1: 0.344, n: 100, power: 0.9, design).p2, reference["power.prop.p2"]![0],
    relative: 1e-9)
  expectClose(
    try ProportionsPower.size(p1: 0.2, p2: 0.1, power: 0.8, PowerDesign(sides: 1)).n,
    reference["power.prop.one"]![0], relative: 1e-9)
}

@Test(
  "A 20-point difference at 90 % power: the table of sizes by control rate",
  arguments: [
    (0.05, 64.9, 61.7), (0.09, 78.8, 75.6), (0.10, 82.0, 78.8), (0.12, 88.1, 84.9), (0.15, 96.4, 93.3),
    (0.19, 106.1, 102.9), (0.20, 108.2, 105.1), (0.25, 117.4, 114.3), (0.30, 124.0, 120.8),
    (0.344, 127.6, 124.4), (0.40, 129.3, 126.1),
  ])
func twentyPoints(_ control: Double, _ pooled: Double, _ unpooled: Double) throws {
  var design = PowerDesign()
  let size = try ProportionsPower.size(p1: control, p2: control + 0.2, power: 0.9, design)
  expectClose(size.n, pooled, absolute: 0.05)
  design.poolsVariance = false
  let own = try ProportionsPower.size(p1: control, p2: control + 0.2, power: 0.9, design)
  expectClose(own.n, unpooled, absolute: 0.05)
  expectClose(
    try ProportionsPower.power(p1: control, p2: control + 0.2, n: own.n, design).power, 0.9, relative: 1e-10)
}

@Test("Sizes of t tests agree with R's power.t.test")
func meansPower() throws {
  expectClose(
    try MeansPower.size(delta: 8, sd: 15, power: 0.8, PowerDesign()).n, reference["power.t.n"]![0],
    relative: 1e-9)
  expectClose(
    try MeansPower.detectable(sd: 2, n: 40, power: 0.9, PowerDesign(sides: 1)).delta,
    reference["power.t.delta"]![0], relative: 1e-9)
  expectClose(
    try MeansPower.power(delta: 1.3, sd: 2.1, n: 17, PowerDesign(alpha: 0.01)).power,
    reference["power.t.power"]![0], relative: 1e-10)
  expectClose(
    try MeansPower.size(delta: 1, sd: 2, power: 0.85, groups: .one, PowerDesign()).n,
    reference["power.t.paired"]![0], relative: 1e-9)
}

@Test("The three questions of a design answer each other, with unequal arms too")
func powerRoundTrip() throws {
  let design = PowerDesign(alpha: 0.05, sides: 2, ratio: 1.7)
  let proportions = try ProportionsPower.size(p1: 0.3, p2: 0.45, power: 0.85, design)
  expectClose(
    try ProportionsPower.power(p1: 0.3, p2: 0.45, n: proportions.n, design).power, 0.85, relative: 1e-12)
  expectClose(
    try ProportionsPower.detectable(p1: 0.3, n: proportions.n, power: 0.85, design).p2, 0.45, relative: 1e-10)
  let means = try MeansPower.size(delta: 3, sd: 7, power: 0.85, design)
  expectClose(try MeansPower.power(delta: 3, sd: 7, n: means.n, design).power, 0.85, relative: 1e-10)
  expectClose(try MeansPower.detectable(sd: 7, n: means.n, power: 0.85, design).delta, 3, relative: 1e-9)
  let events = try SurvivalPower.events(hazardRatio: 0.65, power: 0.85, design)
  expectClose(
    try SurvivalPower.power(hazardRatio: 0.65, events: events.events, design).power, 0.85, relative: 1e-12)
  expectClose(
    try SurvivalPower.detectable(events: events.events, power: 0.85, design).hazardRatio, 0.65,
    relative: 1e-12)
  expectClose(try events.participants(eventShare: 0.4), events.events / 0.4, relative: 1e-15)
  expectClose(try enrolment(for: 90, dropout: 0.1), 100, relative: 1e-15)
}

@Test("Schoenfeld's events for a hazard ratio of 0.7 at 90 % power")
func schoenfeld() throws {
  // 4 (1.959964 + 1.281552)²/(log 0.7)².
  expectClose(
    try SurvivalPower.events(hazardRatio: 0.7, power: 0.9, PowerDesign()).events, 330.37791396381,
    relative: 1e-10)
}

@Test("Designs that cannot be met are refused")
func impossibleDesigns() {
  #expect(throws: HypothesisTestError.self) {
    try ProportionsPower.size(p1: 0.3, p2: 0.3, power: 0.9, PowerDesign())
  }
  #expect(throws: HypothesisTestError.self) {
    try ProportionsPower.detectable(p1: 0.9, n: 5, power: 0.99, PowerDesign())
  }
  #expect(throws: HypothesisTestError.self) {
    try MeansPower.size(delta: 0, sd: 1, power: 0.9, PowerDesign())
  }
  #expect(throws: HypothesisTestError.self) {
    try SurvivalPower.events(hazardRatio: 0.7, power: 0.9, PowerDesign(alpha: 0))
  }
}

/// Three strata, checked in R 4.2.2: sums written out from the papers' formulas, the score limits by uniroot() with risks
/// constrained by one-dimensional maximisation, the odds ratio by mantelhaen.test(correct = FALSE).
@Test("Stratified differences, ratios and odds ratios agree with R")
func stratified() throws {
  let strata = try StratifiedProportions([
    TwoProportions(events: 15, of: 40, against: 10, of: 38),
    TwoProportions(events: 8, of: 25, against: 9, of: 30),
    TwoProportions(events: 20, of: 31, against: 12, of: 33),
  ])
  func check(_ method: StratifiedProportions.DifferenceMethod, _ low: Double, _ high: Double) throws {
    let result = try strata.riskDifference(method)
    expectClose(
      [result.estimate!, result.low, result.high], [0.141570132024828, low, high], relative: 1e-9,
      because: method.title)
  }
  try check(.mantelHaenszel, 0.00887654213751338, 0.27426372191214299)
  try check(.miettinenNurminen, 0.00726533016986138, 0.27215473457637113)
  try check(.newcombe, 0.00609873022492921, 0.27039745384050073)
  let ratio = try strata.riskRatio()
  expectClose(
    [ratio.estimate!, ratio.low, ratio.high], [1.46250617870262, 1.01509847311194, 2.10711017640105],
    relative: 1e-12)
  var plain = MantelHaenszelTest()
  plain.continuityCorrection = false
  let odds = try strata.mantelHaenszelTest(plain)
  expectClose(
    [odds.estimate!, odds.low!, odds.high!, odds.pValue],
    [1.8636885219198065, 1.0315086633576696, 3.3672377461470480, 0.0388374119865372], relative: 1e-12)
}

@Test("One stratum is no stratification")
func oneStratum() throws {
  let table = try TwoProportions(events: 15, of: 40, against: 10, of: 38)
  let strata = try StratifiedProportions([table])
  let score = try strata.riskDifference(.miettinenNurminen)
  let plain = try table.riskDifference(.miettinenNurminen)
  expectClose([score.low, score.high], [plain.low, plain.high], absolute: 1e-11)
  let newcombe = try strata.riskDifference(.newcombe)
  let hybrid = try table.riskDifference(.newcombe)
  // With one stratum each Wilson limit solves (p − L)² = z²L(1 − L)/n, Newcombe's own distance.
  expectClose([newcombe.low, newcombe.high], [hybrid.low, hybrid.high], absolute: 1e-11)
}

private func published(_ estimate: String, _ low: String, _ high: String) throws -> PublishedInterval {
  try PublishedInterval(
    estimate: #require(PublishedNumber(estimate)), low: #require(PublishedNumber(low)),
    high: #require(PublishedNumber(high)))
}

@Test("Two printed risk ratios of Probyn 2021 (doi 10.1017/s1463423621000827) disagree with their limits")
func inconsistentPrint() throws {
  let spinal = try published("2.81", "1.98", "7.37")
  #expect(!spinal.isConsistent)
  expectClose(spinal.midpoint, 3.82, absolute: 0.005)
  let substance = try published("1.85", "0.65", "5.41")
  #expect(!substance.isConsistent)
  expectClose(substance.midpoint, 1.875, absolute: 0.0005)
}

@Test(
  "Other printed ratios agree with their limits",
  arguments: [
    ("2.46", "1.16", "5.22"), ("1.38", "1.00", "1.89"), ("10.39", "2.79", "38.68"), ("3.40", "1.17", "9.91"),
    ("2.42", "1.13", "5.16"), ("1.34", "0.86", "2.10"), ("1.28", "0.70", "2.35"),
  ])
func consistentPrint(_ estimate: String, _ low: String, _ high: String) throws {
  #expect(try published(estimate, low, high).isConsistent)
}

@Test("IPS-SUD (doi 10.1111/add.70155): what the printed odds ratio and hours imply")
func impliedInference() throws {
  let odds = try published("1.28", "0.70", "2.35")
  expectClose(
    [odds.impliedStandardError, odds.impliedZ, odds.impliedP], [0.309, 0.80, 0.42], absolute: 0.005)
  let crude = try TwoProportions(events: 36, of: 91, against: 33, of: 96).oddsRatio(.wald)
  #expect(!odds.agrees(with: crude))
  let hours = try PublishedInterval(
    estimate: #require(PublishedNumber("330")), low: #require(PublishedNumber("25")),
    high: #require(PublishedNumber("635")), scale: .difference)
  #expect(hours.isConsistent && hours.midpoint == 330)
  expectClose(
    [hours.impliedStandardError, hours.impliedZ, hours.impliedP], [155.6, 2.12, 0.034], absolute: 0.05)
}

@Test("Killackey 2019 (doi 10.1192/bjp.2018.191): OR 3.40 (1.17-9.91) implies z 2.25, p 0.025")
func killackey() throws {
  let odds = try published("3.40", "1.17", "9.91")
  expectClose([odds.impliedZ, odds.impliedP], [2.25, 0.025], absolute: 0.005)
}

@Test("Counts follow from percentages")
func countsFromPercentages() throws {
  func counts(_ percent: String, _ n: Int) throws -> [Int] {
    try #require(PublishedNumber(percent)).counts(of: n)
  }
  #expect(try counts("39.6", 91) == [36])
  #expect(try counts("34.4", 96) == [33])
  #expect(try counts("36.6", 227) == [83])
  #expect(try counts("27.1", 181) == [49])
  #expect(
    try counts("50", 3).isEmpty && counts("33", 3) == [1] && counts("0", 5) == [0] && counts("100", 5) == [5])
}

@Test("Reme 2019 (doi 10.5271/sjweh.3753): no split of 410 gives the printed percentages, some of 408 do")
func noSplit() throws {
  let first = try [#require(PublishedNumber("36.6")), #require(PublishedNumber("37.4"))]
  let second = try [#require(PublishedNumber("27.1"))]
  #expect(ArmSplit.all(total: 410, first: first, second: second).isEmpty)
  let splits = ArmSplit.all(total: 408, first: first, second: second)
  // 131 + 277 fits too, far from the 1:1 of the allocation.
  #expect(
    splits == [ArmSplit(n1: 131, n2: 277), ArmSplit(n1: 227, n2: 181), ArmSplit(n1: 238, n2: 170)])
}

@Test("Numbers that are not printed decimals are refused")
func notANumber() {
  #expect(PublishedNumber("1e3") == nil && PublishedNumber("abc") == nil && PublishedNumber("") == nil)
  #expect(PublishedNumber("0.70")?.decimals == 2 && PublishedNumber("-3")?.decimals == 0)
}
