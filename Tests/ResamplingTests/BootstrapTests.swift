import Glibc
import Resampling
import TestSupport
import Testing

private let hours = [4.1, 7.3, 0.2, 15.8, 9.9, 3.3, 2.1, 30.5, 6.4, 1.2, 8.8, 12.1]
private let controls = [1.1, 0.4, 5.2, 3.3, 9.1, 0.0, 2.2, 14.0, 0.7]

/// 999 fixed numbers in place of replicates, and what boot 1.3-28.1 (R 4.2.2) makes of them: boot:::norm.inter for the
/// quantiles, its bca formula with a = 0.04, empinf(type = "jack") for the acceleration.
private let fixed: [Double] = (1...999).map { (i: Int) -> Double in
  let k = Double(i)
  return sin(k * 1.7) * 3 + cos(k * 0.3) * 2 + 5
}

@Test("Limits of given replicates agree with R's boot.ci")
func limitsAgree() throws {
  let distribution = BootstrapDistribution(estimate: 5.2, replicates: fixed, acceleration: 0.04)
  func check(_ kind: BootstrapDistribution.Limits, _ low: Double, _ high: Double) throws {
    let limits = try #require(distribution.limits(kind))
    expectClose([limits.low, limits.high], [low, high], relative: 1e-11, because: kind.rawValue)
  }
  try check(.percentile, 0.34435980447059222, 9.60331149824707531)
  try check(.basic, 0.796688501752925, 10.055640195529408)
  try check(.bca, 0.635330847647121, 9.766690187360242)
  expectClose(
    [distribution.quantile(0.05), distribution.quantile(0.95)], [0.69736927774139268, 9.26772265354247793],
    relative: 1e-11)
  expectClose(
    [distribution.bias, distribution.standardError], [-0.204483235109034, 2.55252324834705], relative: 1e-11)
}

@Test("The acceleration is the jackknife's, in one sample and in two")
func acceleration() throws {
  let one = StratifiedBootstrap(strata: [Array(hours.indices)], replicates: 20, seed: 1, purpose: "test")
  let distribution = one.distribution { rows in rows.reduce(0) { $0 + hours[$1] } / Double(rows.count) }
  expectClose(try #require(distribution.acceleration), 0.0758829378471078, relative: 1e-10)
  let both = hours + controls
  let two = StratifiedBootstrap(
    codes: [Int](repeating: 0, count: 12) + [Int](repeating: 1, count: 9), replicates: 20, seed: 1,
    purpose: "test")
  let difference = two.distribution { rows in
    let a = rows.filter { $0 < 12 }
    let b = rows.filter { $0 >= 12 }
    return a.reduce(0) { $0 + both[$1] } / Double(a.count) - b.reduce(0) { $0 + both[$1] } / Double(b.count)
  }
  expectClose(try #require(difference.acceleration), 0.0345002318949637, relative: 1e-10)
}

@Test("A replicate keeps the size of each stratum and depends on its number alone")
func replicates() {
  let bootstrap = StratifiedBootstrap(codes: [0, 1, 0, 1, 1, 2, 0], replicates: 50, seed: 9, purpose: "rows")
  for replicate in [0, 7, 49] {
    let rows = bootstrap.rows(ofReplicate: replicate)
    #expect(rows.count == 7)
    #expect(
      rows.prefix(3).allSatisfy { [0, 2, 6].contains($0) }
        && rows.dropFirst(3).prefix(3).allSatisfy { [1, 3, 4].contains($0) })
    #expect(rows.last == 5)
    let longer = StratifiedBootstrap(codes: [0, 1, 0, 1, 1, 2, 0], replicates: 500, seed: 9, purpose: "rows")
    #expect(longer.rows(ofReplicate: replicate) == rows)
  }
  #expect(bootstrap.rows(ofReplicate: 1) != bootstrap.rows(ofReplicate: 2))
  let other = StratifiedBootstrap(codes: [0, 1, 0, 1, 1, 2, 0], replicates: 50, seed: 9, purpose: "other")
  #expect((0..<50).contains { other.rows(ofReplicate: $0) != bootstrap.rows(ofReplicate: $0) })
}

@Test("Failed replicates are counted, and BCa limits need replicates on both sides")
func failures() {
  let some = BootstrapDistribution(estimate: 1, replicates: [0.5, .nan, 2, .infinity, 3], acceleration: 0)
  #expect(some.failed == 2 && some.replicates == [0.5, 2, 3])
  let oneSided = BootstrapDistribution(estimate: 0, replicates: [1, 2, 3], acceleration: 0)
  #expect(oneSided.limits(.bca) == nil)
  #expect(BootstrapDistribution(estimate: 2, replicates: [1, 2, 3]).limits(.bca) == nil)
}
