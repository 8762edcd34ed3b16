import LinearAlgebra
import Probability

/// Bootstrap samples of units (participants, or rows), drawn with replacement inside strata, and a statistic of each.
///
/// The units of a replicate come from streams keyed by seed, purpose, replicate and stratum, and replicates are shared
/// out to threads by number: the replicates are the same on one thread and on many. R `boot::boot(strata = …)`.
public struct BootstrapSamples: Sendable {
  /// One replicate's rows.
  public struct Sample: Sendable {
    /// The rows of the units drawn, with repetitions.
    public var rows: [Int]
    /// For each of them the number of its draw: a unit drawn twice is two units.
    public var units: [Int]

    public init(rows: [Int], units: [Int]) {
      self.rows = rows
      self.units = units
    }
  }

  private let unitRows: [[Int]]
  private let draws: StratifiedBootstrap

  /// Prepares the samples.
  ///
  /// - Parameters:
  ///   - units: the unit of each row, 0 ..< count; nil where every row is one.
  ///   - strata: the stratum of each row, the same in all rows of a unit; nil for one stratum.
  ///   - rowCount: the number of rows.
  public init(
    rowCount: Int, units: [Int]?, strata: [Int]?, replicates: Int, seed: UInt64, purpose: String
  ) {
    var unitRows = [[Int]](repeating: [], count: (units?.max() ?? rowCount - 1) + 1)
    for row in 0..<rowCount { unitRows[units?[row] ?? row].append(row) }
    unitRows.removeAll(where: \.isEmpty)
    self.unitRows = unitRows
    draws = StratifiedBootstrap(
      codes: unitRows.map { strata?[$0[0]] ?? 0 }, replicates: replicates, seed: seed, purpose: purpose)
  }

  /// The number of units.
  public var unitCount: Int { unitRows.count }

  /// The rows of a replicate.
  public func sample(_ replicate: Int) -> Sample {
    let drawn = draws.rows(ofReplicate: replicate)
    var sample = Sample(rows: [], units: [])
    sample.rows.reserveCapacity(drawn.count)
    sample.units.reserveCapacity(drawn.count)
    for (place, unit) in drawn.enumerated() {
      for row in unitRows[unit] {
        sample.rows.append(row)
        sample.units.append(place)
      }
    }
    return sample
  }

  /// The rows without one unit, for the jackknife; units keep their own numbers.
  public func sample(without left: Int) -> Sample {
    var sample = Sample(rows: [], units: [])
    for (unit, rows) in unitRows.enumerated() where unit != left {
      sample.rows += rows
      sample.units += [Int](repeating: unit < left ? unit : unit - 1, count: rows.count)
    }
    return sample
  }

  /// Computes a vector for every replicate.
  ///
  /// - Parameters:
  ///   - progress: told now and then, from one thread, how many replicates are done.
  ///   - statistic: the values of a sample; called by several threads at a time.
  /// - Returns: one vector a replicate, in their order.
  public func replicates(
    progress: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil,
    of statistic: @escaping @Sendable (Sample) -> [Double]
  ) -> [[Double]] {
    run(draws.replicateCount, progress: progress) { statistic(sample($0)) }
  }

  /// Computes a vector for every sample that leaves one unit out.
  public func jackknife(of statistic: @escaping @Sendable (Sample) -> [Double]) -> [[Double]] {
    run(unitCount, progress: nil) { statistic(sample(without: $0)) }
  }

  /// The acceleration of BCa limits, Σᵢnᵢ⁻³Σⱼlᵢⱼ³ / (6 (Σᵢnᵢ⁻²Σⱼlᵢⱼ²)^(3/2)) over strata i with the influences
  /// lᵢⱼ = (nᵢ − 1)(θ̂ − θ̂₋ᵢⱼ) of their units (Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 5.3).
  ///
  /// - Parameters:
  ///   - estimate: θ̂.
  ///   - jackknife: the estimates without each unit, as `jackknife(of:)` returns them.
  /// - Returns: nil where some estimate is not finite or none varies.
  public func acceleration(_ estimate: Double, jackknife: [Double]) -> Double? {
    var (cubes, squares) = (0.0, 0.0)
    for stratum in draws.strata where stratum.count > 1 {
      let n = Double(stratum.count)
      for unit in stratum {
        let influence = (n - 1) * (estimate - jackknife[unit])
        squares += influence * influence / (n * n)
        cubes += influence * influence * influence / (n * n * n)
      }
    }
    guard squares > 0, squares.isFinite, cubes.isFinite else { return nil }
    return cubes / (6 * squares * squares.squareRoot())
  }

  private func run(
    _ count: Int, progress: (@Sendable (Int, Int) -> Void)?, _ body: @escaping @Sendable (Int) -> [Double]
  ) -> [[Double]] {
    // Twenty blocks to a thread at least, so that one that is held up does not keep the others waiting.
    let block = max(1, min(16, count / 40))
    let blocks = (count + block - 1) / block
    let parts = ThreadSlots<[[Double]]>(count: blocks)
    let queue = BlockQueue(count: blocks)
    parallelLoop(min(coreCount, blocks)) { thread in
      while let k = queue.next() {
        let replicates = k * block..<min((k + 1) * block, count)
        parts[k] = replicates.map(body)
        if thread == 0 { progress?(replicates.upperBound, count) }
      }
    }
    return (0..<blocks).flatMap { parts[$0]! }
  }
}
