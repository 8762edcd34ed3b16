import LinearAlgebra
import ModelFormula
import Probability

/// A test of whether the arms differ in baseline variables jointly, in the way that randomisation would let them.
///
/// u holds, for every arm but the first, the sums over its participants of the variables centred at their stratum's mean;
/// over all allocations that keep each stratum's numbers u has mean 0 and covariance
/// V = Σₛ (diag(nₐ) − nₐn_b/N)ₛ ⊗ Sₛ, where Sₛ is the covariance of the variables in stratum s (divisor N − 1). The
/// statistic is d² = u′V⁻u, asymptotically χ² on the rank of V under randomisation. With two arms it is that of Hansen &
/// Bowers, Statistical Science 23 (2008), 219, doi 10.1214/08-STS254, as computed by `RItools::balanceTest` without
/// clusters.
public struct OmnibusBalance: Sendable, Equatable {
  /// d².
  public let statistic: Double
  /// The rank of the covariance.
  public let df: Int
  /// From the χ² distribution.
  public let pValue: Double
  /// Participants in strata that hold at least two arms.
  public let n: Int

  /// Tests the balance of variables between arms; nil where no stratum holds two arms, or nothing varies.
  ///
  /// - Parameters:
  ///   - variables: baseline variables, in the order of the sequence.
  ///   - sequence: the allocations.
  public init?(_ variables: [Column], _ sequence: AllocationSequence) {
    let strata = sequence.members.map { sequence.counts(of: $0) }
    let mixed = strata.indices.filter { stratum in strata[stratum].count { $0 > 0 } > 1 }
    let n = mixed.reduce(0) { $0 + sequence.members[$1].count }
    guard n > 0 else { return nil }
    let form = BalanceForm(
      BaselineMatrix(variables), sequence, counts: strata.map { $0.map(Double.init) })
    guard let form, form.rank > 0 else { return nil }
    statistic = form.statistic(sequence.arm)
    df = form.rank
    pValue = ChiSquared(df: Double(form.rank)).cdf(statistic, tail: .upper)
    self.n = n
  }
}

/// d² as a function of the allocation, prepared for many allocations of the same participants.
struct BalanceForm: Sendable {
  /// The number of arms beside the first.
  private let armCount: Int
  private let width: Int
  /// Participant by participant, the centred variables.
  private let rows: [Double]
  /// `rank` × (armCount·width), row by row: V^(−1/2).
  private let whitener: [Double]
  let rank: Int

  /// Eigenvalues of the covariance below this share of the largest are dependencies.
  private static let rankTolerance = 1e-9

  /// - Parameter counts: for each stratum the participants by arm that V supposes.
  init?(_ matrix: BaselineMatrix, _ sequence: AllocationSequence, counts: [[Double]]) {
    let x = matrix.centred(within: sequence.members)
    let width = x.count
    let armCount = sequence.arms.count - 1
    guard width > 0 else { return nil }
    var v = Matrix(rows: armCount * width, columns: armCount * width)
    for (members, counts) in zip(sequence.members, counts) where members.count > 1 {
      let n = counts.reduce(0, +)
      for j in 0..<width {
        for k in 0...j {
          let s = members.reduce(0) { $0 + x[j][$1] * x[k][$1] } / Double(members.count - 1)
          for a in 0..<armCount {
            for b in 0..<armCount {
              let share = (a == b ? counts[a + 1] : 0) - counts[a + 1] * counts[b + 1] / n
              v[a * width + j, b * width + k] += share * s
              if j != k { v[a * width + k, b * width + j] += share * s }
            }
          }
        }
      }
    }
    guard let eigen = try? SymmetricEigen(of: v), let largest = eigen.values.last, largest > 0 else {
      return nil
    }
    var whitener: [Double] = []
    var rank = 0
    for (j, value) in eigen.values.enumerated() where value > Self.rankTolerance * largest {
      whitener += eigen.vectors.column(j).map { $0 / value.squareRoot() }
      rank += 1
    }
    self.armCount = armCount
    self.width = width
    self.whitener = whitener
    self.rank = rank
    rows = (0..<sequence.count).flatMap { row in x.map { $0[row] } }
  }

  /// The number of values that `statistic(_:sums:)` needs room for.
  var roomNeeded: Int { armCount * width }

  func statistic(_ arm: [UInt8]) -> Double {
    var room = [Double](repeating: 0, count: roomNeeded)
    return arm.withUnsafeBufferPointer { arm in
      room.withUnsafeMutableBufferPointer { statistic(arm, sums: $0) }
    }
  }

  /// d² of an allocation, with room for the sums.
  func statistic(_ arm: UnsafeBufferPointer<UInt8>, sums: UnsafeMutableBufferPointer<Double>) -> Double {
    sums.update(repeating: 0)
    rows.withUnsafeBufferPointer { rows in
      for i in 0..<arm.count where arm[i] > 0 {
        let start = (Int(arm[i]) - 1) * width
        for j in 0..<width { sums[start + j] += rows[i * width + j] }
      }
    }
    let length = armCount * width
    return whitener.withUnsafeBufferPointer { whitener in
      var total = 0.0
      for r in 0..<rank {
        var projection = 0.0
        for j in 0..<length { projection += whitener[r * length + j] * sums[j] }
        total += projection * projection
      }
      return total
    }
  }
}
