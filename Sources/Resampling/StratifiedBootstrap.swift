import Glibc
import Probability

/// A bootstrap of rows, drawn with replacement inside strata (the arms, as a rule), so that their sizes stay.
///
/// The rows of a replicate come from a stream of its own, keyed by the seed, the purpose, the replicate and the stratum;
/// they depend neither on the other replicates nor on which thread draws them. R `boot::boot(strata = …)`.
public struct StratifiedBootstrap: Sendable {
  /// The rows of each stratum.
  public let strata: [[Int]]
  /// The number of replicates.
  public let replicateCount: Int
  private let seed: UInt64
  private let purpose: String

  /// Prepares a bootstrap.
  ///
  /// - Parameters:
  ///   - strata: the rows of each stratum; empty ones are allowed.
  ///   - replicates: how many replicates, at least 2.
  ///   - seed: the run's seed.
  ///   - purpose: what the replicates are for; other purposes draw other rows.
  public init(strata: [[Int]], replicates: Int, seed: UInt64, purpose: String) {
    precondition(replicates > 1 && strata.contains { !$0.isEmpty }, "a bootstrap of nothing")
    self.strata = strata
    replicateCount = replicates
    self.seed = seed
    self.purpose = purpose
  }

  /// Prepares a bootstrap of rows by their stratum's code; the rows of a stratum keep their order.
  public init(codes: [Int], replicates: Int, seed: UInt64, purpose: String) {
    var strata = [[Int]](repeating: [], count: (codes.max() ?? -1) + 1)
    for (row, code) in codes.enumerated() { strata[code].append(row) }
    self.init(strata: strata, replicates: replicates, seed: seed, purpose: purpose)
  }

  /// The rows of one replicate, stratum after stratum, with repetitions.
  public func rows(ofReplicate replicate: Int) -> [Int] {
    var drawn: [Int] = []
    drawn.reserveCapacity(strata.reduce(0) { $0 + $1.count })
    for (number, stratum) in strata.enumerated() where !stratum.isEmpty {
      var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate, unit: number)
      for _ in stratum.indices { drawn.append(stratum[stream.integer(below: stratum.count)]) }
    }
    return drawn
  }

  /// The distribution of a statistic of rows.
  ///
  /// The acceleration is Σᵢnᵢ⁻³Σⱼlᵢⱼ³ / (6(Σᵢnᵢ⁻²Σⱼlᵢⱼ²)^{3/2}) over strata i, with the jackknife's influence values
  /// lᵢⱼ = (nᵢ − 1)(θ̂ − θ̂₋ᵢⱼ) (Davison & Hinkley, section 5.3 and its extension to several samples).
  /// - Parameters:
  ///   - acceleration: whether it is computed, at the cost of one evaluation a row.
  ///   - statistic: the estimate from rows, which may repeat; a value that is not finite marks a replicate as failed.
  public func distribution(
    acceleration: Bool = true, of statistic: ([Int]) throws -> Double
  ) rethrows -> BootstrapDistribution {
    let all = strata.flatMap { $0 }
    let estimate = try statistic(all)
    let replicates = try (0..<replicateCount).map { try statistic(rows(ofReplicate: $0)) }
    return BootstrapDistribution(
      estimate: estimate, replicates: replicates,
      acceleration: acceleration ? try self.acceleration(estimate, all, statistic) : nil)
  }

  private func acceleration(_ estimate: Double, _ all: [Int], _ statistic: ([Int]) throws -> Double) rethrows
    -> Double?
  {
    var (cubes, squares) = (0.0, 0.0)
    var start = 0
    for stratum in strata {
      let n = Double(stratum.count)
      for place in stratum.indices where stratum.count > 1 {
        var rest = all
        rest.remove(at: start + place)
        let influence = (n - 1) * (estimate - (try statistic(rest)))
        cubes += influence * influence * influence / (n * n * n)
        squares += influence * influence / (n * n)
      }
      start += stratum.count
    }
    guard squares > 0, squares.isFinite, cubes.isFinite else { return nil }
    return cubes / (6 * squares * squares.squareRoot())
  }
}
