import Resampling
import TestSupport
import Testing

@Suite("Bootstrap samples of units")
struct BootstrapSamplesTests {
  private let units = [0, 0, 1, 2, 2, 2, 3, 4, 4]
  private let arms = [0, 0, 0, 1, 1, 1, 0, 1, 1]

  private func samples(_ replicates: Int, seed: UInt64 = 3) -> BootstrapSamples {
    BootstrapSamples(
      rowCount: units.count, units: units, strata: arms, replicates: replicates, seed: seed, purpose: "test")
  }

  @Test("Units come with all their rows, and every stratum keeps its number of units")
  func wholeUnits() {
    for replicate in 0..<50 {
      let sample = samples(50).sample(replicate)
      var drawn: [Int: [Int]] = [:]
      for (row, unit) in zip(sample.rows, sample.units) { drawn[unit, default: []].append(row) }
      #expect(drawn.count == 5)
      for rows in drawn.values { #expect(rows == units.indices.filter { units[$0] == units[rows[0]] }) }
      #expect(drawn.values.count { arms[$0[0]] == 0 } == 3)
    }
  }

  @Test("Replicates shared out to threads are those drawn one by one, in order")
  func threads() {
    let statistic: @Sendable (BootstrapSamples.Sample) -> [Double] = { sample in
      [Double(sample.rows.reduce(0, +)), Double(sample.units.count)]
    }
    let all = samples(1000).replicates(of: statistic)
    #expect(all == (0..<1000).map { statistic(samples(1000).sample($0)) })
    #expect(Array(all.prefix(10)) == samples(10).replicates(of: statistic))
    #expect(samples(10, seed: 4).replicates(of: statistic) != Array(all.prefix(10)))
  }

  /// A mean without one value differs from the mean by (x − x̄)/(n − 1), so that the influences are the deviations:
  /// the acceleration is Σ(x − x̄)³/n³, signed and summed over the strata, over 6 (Σ(x − x̄)²/n²)^(3/2).
  @Test("The acceleration of a difference of means is its closed form")
  func acceleration() throws {
    let x = [1.0, 4, 2, 9, 3, 3, 8, 0, 1, 2, 2]
    let arms = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    let samples = BootstrapSamples(
      rowCount: 11, units: nil, strata: arms, replicates: 2, seed: 1, purpose: "test")
    let statistic: @Sendable (BootstrapSamples.Sample) -> [Double] = { sample in
      let a = sample.rows.filter { arms[$0] == 0 }.map { x[$0] }
      let b = sample.rows.filter { arms[$0] == 1 }.map { x[$0] }
      return [a.reduce(0, +) / Double(a.count) - b.reduce(0, +) / Double(b.count)]
    }
    let estimate = statistic(.init(rows: Array(0..<11), units: Array(0..<11)))[0]
    let jackknife = samples.jackknife(of: statistic).map { $0[0] }
    let found = try #require(samples.acceleration(estimate, jackknife: jackknife))
    var (cubes, squares) = (0.0, 0.0)
    for (values, sign) in [(Array(x[..<6]), 1.0), (Array(x[6...]), -1.0)] {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      for value in values {
        let l = sign * (value - mean)
        cubes += l * l * l / (n * n * n)
        squares += l * l / (n * n)
      }
    }
    expectClose(found, cubes / (6 * squares * squares.squareRoot()), relative: 1e-12)
  }
}
