import LinearAlgebra
import ModelFormula
import Probability

/// The distribution of an allocation's statistics over draws of the same design.
///
/// Replicate b draws its allocation from a stream keyed by the seed and b, so that the distribution does not depend on
/// threads or on what else is drawn. A p-value is (1 + hits)/(1 + draws), which is valid for any number of draws
/// (Davison & Hinkley, Bootstrap Methods and their Application, Cambridge 1997, section 4.2).
public struct Rerandomisation: Sendable, Equatable {
  /// A statistic with its place among the draws.
  public struct Statistic: Sendable, Equatable {
    public let observed: Double
    /// The mean over the draws.
    public let expected: Double
    /// The probability of a value at least as large.
    public let upper: Double
    /// The probability of a value at most as large.
    public let lower: Double

    /// Twice the smaller tail, at most 1.
    public var twoSided: Double { min(1, 2 * min(upper, lower)) }

    init(_ observed: Double, _ draws: [Double]) {
      self.observed = observed
      let slack = 1e-9 * max(1, abs(observed))
      let count = Double(draws.count)
      expected = draws.reduce(0, +) / max(1, count)
      upper = Double(1 + draws.count { $0 >= observed - slack }) / (count + 1)
      lower = Double(1 + draws.count { $0 <= observed + slack }) / (count + 1)
    }
  }

  public let draws: Int
  /// The largest imbalance on the way.
  public let imbalance: Statistic
  /// The runs of one arm, summed over strata.
  public let runs: Statistic
  /// The share of allocations guessed by the convergence strategy.
  public let guesses: Statistic
  /// d²; nil without baseline variables.
  public let balance: Statistic?
  /// How far baseline variables go with what could be foreseen; nil without baseline variables, or where the design lets
  /// nothing be foreseen.
  public let foresight: Statistic?

  /// The Monte-Carlo standard error of a p-value.
  public func monteCarloError(_ p: Double) -> Double { (p * (1 - p) / Double(max(1, draws))).squareRoot() }

  /// Draws the design again and again.
  ///
  /// - Parameters:
  ///   - sequence: the trial's allocations.
  ///   - rerandomiser: the design.
  ///   - baseline: baseline variables in the order of the sequence.
  ///   - draws: how many.
  ///   - seed: the run's seed.
  ///   - threads: how many threads share the work; no number depends on it.
  public init(
    _ sequence: AllocationSequence, _ rerandomiser: Rerandomiser, baseline: [Column], draws: Int,
    seed: UInt64, threads: Int = 1
  ) {
    let matrix = BaselineMatrix(baseline)
    let counts = sequence.members.map { rows -> [Double] in
      rerandomiser.keepsNumbers
        ? sequence.counts(of: rows).map(Double.init)
        : sequence.arms.shares.map { $0 * Double(rows.count) }
    }
    let work = DrawWork(
      statistics: SequenceStatistics(sequence), balance: BalanceForm(matrix, sequence, counts: counts),
      foresight: ForesightStatistic(matrix, sequence, rerandomiser), rerandomiser: rerandomiser,
      observed: sequence.arm, draws: draws, seed: seed)
    let workers = max(1, min(threads, draws / 256))
    let slots = ThreadSlots<[Double]>(count: workers)
    parallelLoop(workers) { worker in
      slots[worker] = work.run((draws * worker / workers)..<(draws * (worker + 1) / workers))
    }
    let values = (0..<workers).flatMap { slots[$0] ?? [] }
    let own = work.observedValues()
    func statistic(_ k: Int, scale: Double = 1) -> Statistic {
      Statistic(own[k] * scale, (0..<draws).map { values[$0 * DrawWork.width + k] * scale })
    }
    self.draws = draws
    imbalance = statistic(0)
    runs = statistic(1)
    guesses = statistic(2, scale: 1 / Double(max(1, sequence.count)))
    balance = work.balance == nil ? nil : statistic(3)
    // Where nothing can be foreseen every draw gives 0.
    let foreseen = work.foresight == nil ? nil : statistic(4)
    foresight = foreseen.flatMap { $0.observed == 0 && $0.expected == 0 ? nil : $0 }
  }
}

/// What one draw computes: five numbers a replicate.
private struct DrawWork: Sendable {
  static let width = 5
  let statistics: SequenceStatistics
  let balance: BalanceForm?
  let foresight: ForesightStatistic?
  let rerandomiser: Rerandomiser
  let observed: [UInt8]
  let draws: Int
  let seed: UInt64

  func observedValues() -> [Double] {
    var values = [Double](repeating: 0, count: Self.width)
    withRoom { sums, scores, _ in
      observed.withUnsafeBufferPointer { arm in
        values.withUnsafeMutableBufferPointer { measure(arm, into: $0, sums: sums, scores: scores) }
      }
    }
    return values
  }

  func run(_ replicates: Range<Int>) -> [Double] {
    var values = [Double](repeating: 0, count: replicates.count * Self.width)
    var arm = observed
    withRoom { sums, scores, room in
      values.withUnsafeMutableBufferPointer { values in
        arm.withUnsafeMutableBufferPointer { arm in
          for (i, replicate) in replicates.enumerated() {
            var stream = RandomStream(seed: seed, purpose: "rerandomisation", replicate: replicate)
            rerandomiser.draw(&stream, into: arm, room: room)
            let place = (i * Self.width)..<((i + 1) * Self.width)
            measure(
              UnsafeBufferPointer(arm), into: UnsafeMutableBufferPointer(rebasing: values[place]), sums: sums,
              scores: scores)
          }
        }
      }
    }
    return values
  }

  private func withRoom(
    _ body: (
      UnsafeMutableBufferPointer<Double>, UnsafeMutableBufferPointer<Double>,
      UnsafeMutableBufferPointer<UInt8>
    ) -> Void
  ) {
    var sums = [Double](repeating: 0, count: balance?.roomNeeded ?? 0)
    var scores = [Double](repeating: 0, count: foresight?.roomNeeded(observed.count) ?? 0)
    var room = [UInt8](repeating: 0, count: rerandomiser.roomNeeded)
    sums.withUnsafeMutableBufferPointer { sums in
      scores.withUnsafeMutableBufferPointer { scores in
        room.withUnsafeMutableBufferPointer { body(sums, scores, $0) }
      }
    }
  }

  private func measure(
    _ arm: UnsafeBufferPointer<UInt8>, into values: UnsafeMutableBufferPointer<Double>,
    sums: UnsafeMutableBufferPointer<Double>, scores: UnsafeMutableBufferPointer<Double>
  ) {
    values[0] = statistics.largestImbalance(arm).value
    values[1] = Double(statistics.runs(arm))
    values[2] = statistics.correctGuesses(arm)
    values[3] = balance?.statistic(arm, sums: sums) ?? 0
    values[4] = foresight?.value(arm, room: scores) ?? 0
  }
}
