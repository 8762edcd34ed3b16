import Resampling
import TestSupport
import Testing

@Suite("Bootstrap of a difference of means")
struct BootstrapDifferenceTests {
  private let first = [0.0, 0, 0, 12, 31, 44, 58, 0, 7, 90]
  private let second = [0.0, 0, 5, 0, 0, 17, 22, 0]

  private func bootstrap(_ a: [Double], _ b: [Double], replicates: Int = 4000, seed: UInt64 = 7)
    -> BootstrapDifference
  {
    BootstrapDifference(a, b, replicates: replicates, seed: seed, purpose: "test")
  }

  @Test("The standard error approaches the one that the plug-in variances give")
  func standardError() {
    func plugIn(_ x: [Double]) -> Double {
      let mean = x.reduce(0, +) / Double(x.count)
      return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count) / Double(x.count)
    }
    let exact = (plugIn(first) + plugIn(second)).squareRoot()
    let result = bootstrap(first, second, replicates: 20_000)
    // Of 20 000 replicates the standard error has a relative error of about 0.5 %.
    expectClose(result.standardError, exact, relative: 0.02)
    expectClose(result.estimate, 24.2 - 5.5, relative: 1e-14)
    let limits = result.percentileLimits(level: 0.95)
    #expect(limits.low < result.estimate && result.estimate < limits.high)
  }

  @Test("Replicates depend on seed and purpose, not on the order of the rows or the number of replicates")
  func streams() {
    let result = bootstrap(first, second)
    #expect(bootstrap(first.reversed(), second) == result)
    #expect(bootstrap(first, second, seed: 8).replicates != result.replicates)
    #expect(
      BootstrapDifference(first, second, replicates: 4000, seed: 7, purpose: "other").replicates
        != result.replicates)
  }

  @Test("Groups without spread have a distribution without spread")
  func degenerate() {
    let result = bootstrap([2, 2, 2], [1, 1])
    #expect(result.standardError == 0)
    #expect(result.percentileLimits(level: 0.9).low == 1)
  }
}
