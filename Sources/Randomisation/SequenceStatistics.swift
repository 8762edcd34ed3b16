import LinearAlgebra

/// What a sequence of allocations shows of its order: imbalance on the way, runs, and how much could be guessed.
struct SequenceStatistics: Sendable {
  private let shares: [Double]
  /// The planned ratio in whole numbers, or shares in parts of a million where there are none.
  private let ratio: [Int]
  private let members: [[Int]]

  init(_ sequence: AllocationSequence) {
    shares = sequence.arms.shares
    ratio = sequence.arms.ratio ?? sequence.arms.shares.map { Int(($0 * 1e6).rounded()) }
    members = sequence.members
  }

  /// The largest distance, over the sequence and the arms, between an arm's number so far and its planned share of all so
  /// far, with the position where it is reached.
  func largestImbalance(_ arm: UnsafeBufferPointer<UInt8>) -> (value: Double, position: Int) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: shares.count) { counts in
      counts.initialize(repeating: 0)
      var (value, place) = (0.0, 0)
      for i in 0..<arm.count {
        counts[Int(arm[i])] += 1
        for a in 0..<shares.count {
          let distance = abs(Double(counts[a]) - Double(i + 1) * shares[a])
          if distance > value + 1e-9 { (value, place) = (distance, i) }
        }
      }
      return (value, place)
    }
  }

  /// The number of runs of one arm, summed over the strata.
  func runs(_ arm: UnsafeBufferPointer<UInt8>) -> Int {
    var runs = 0
    for rows in members {
      var last: UInt8?
      for row in rows where arm[row] != last {
        runs += 1
        last = arm[row]
      }
    }
    return runs
  }

  /// The longest run, as positions of its stratum.
  func longestRun(_ arm: [UInt8]) -> [Int] {
    var longest: [Int] = []
    for rows in members {
      var run: [Int] = []
      for row in rows {
        if let last = run.last, arm[last] != arm[row] { run = [] }
        run.append(row)
        if run.count > longest.count { longest = run }
      }
    }
    return longest
  }

  /// The expected number of correct guesses by the convergence strategy: in each stratum the arm furthest behind its planned
  /// share is guessed, one of those tied at random (Blackwell & Hodges, Annals of Mathematical Statistics 28 (1957), 449,
  /// doi 10.1214/aoms/1177706973).
  func correctGuesses(_ arm: UnsafeBufferPointer<UInt8>) -> Double {
    let k = ratio.count
    let unit = ratio.reduce(0, +)
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: k) { counts in
      var correct = 0.0
      for rows in members {
        counts.initialize(repeating: 0)
        for (i, row) in rows.enumerated() {
          var (most, ties) = (Int.min, 0)
          for a in 0..<k {
            // In parts of the unit, so that ties are exact.
            let behind = i * ratio[a] - counts[a] * unit
            if behind > most { (most, ties) = (behind, 0) }
            if behind == most { ties += 1 }
          }
          let own = Int(arm[row])
          if i * ratio[own] - counts[own] * unit == most { correct += 1 / Double(ties) }
          counts[own] += 1
        }
      }
      return correct
    }
  }
}

/// Whether baseline variables go with what could be foreseen of the allocation: Berger and Exner's test of selection bias.
///
/// An investigator who sees earlier allocations and knows the blocks can foresee part of the next, and enrol accordingly;
/// then baseline variables depend on the reverse propensity score. The statistic is n·R² of the regression of the score on
/// all baseline variables, centred within strata, summed over the arms beyond the first. Berger & Exner, Controlled Clinical
/// Trials 20 (1999), 319, regress a response; baseline variables, which no treatment can change, take its place here.
struct ForesightStatistic: Sendable {
  private let basis: [Double]
  private let rank: Int
  private let armCount: Int
  private let members: [[Int]]
  private let rerandomiser: Rerandomiser

  init?(_ matrix: BaselineMatrix, _ sequence: AllocationSequence, _ rerandomiser: Rerandomiser) {
    // Gram–Schmidt twice over: the columns are few and scaled.
    var orthonormal: [[Double]] = []
    for column in matrix.centred(within: sequence.members) {
      let length = dot(column, column)
      var rest = column
      for _ in 0..<2 {
        for q in orthonormal {
          let projection = dot(q, rest)
          for i in rest.indices { rest[i] -= projection * q[i] }
        }
      }
      let left = dot(rest, rest)
      guard left > 1e-9 * length, left > 0 else { continue }
      let norm = left.squareRoot()
      orthonormal.append(rest.map { $0 / norm })
    }
    guard !orthonormal.isEmpty else { return nil }
    basis = orthonormal.flatMap { $0 }
    rank = orthonormal.count
    armCount = sequence.arms.count
    members = sequence.members
    self.rerandomiser = rerandomiser
  }

  /// The number of values that `value(_:room:)` needs room for.
  func roomNeeded(_ n: Int) -> Int { (armCount - 1) * n }

  /// The statistic of an allocation; 0 where nothing could be foreseen.
  func value(_ arm: UnsafeBufferPointer<UInt8>, room: UnsafeMutableBufferPointer<Double>) -> Double {
    let n = arm.count
    rerandomiser.foresight(arm, into: room)
    return basis.withUnsafeBufferPointer { basis in
      var total = 0.0
      for a in 0..<(armCount - 1) {
        let score = UnsafeMutableBufferPointer(rebasing: room[(a * n)..<((a + 1) * n)])
        for rows in members where !rows.isEmpty {
          var mean = 0.0
          for row in rows { mean += score[row] }
          mean /= Double(rows.count)
          for row in rows { score[row] -= mean }
        }
        var squares = 0.0
        for i in 0..<n { squares += score[i] * score[i] }
        guard squares > 1e-12 else { continue }
        var explained = 0.0
        for r in 0..<rank {
          var projection = 0.0
          for i in 0..<n { projection += basis[r * n + i] * score[i] }
          explained += projection * projection
        }
        total += Double(n) * explained / squares
      }
      return total
    }
  }
}
