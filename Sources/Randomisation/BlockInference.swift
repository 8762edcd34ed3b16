import Glibc
import Probability

/// The block sizes that a list was drawn with, inferred from the list.
///
/// Candidates are one size, or two or three mixed, all multiples of the ratio's sum; half of the prior probability is spread
/// over the single sizes, half over the mixtures. The strata are one design, so their likelihoods are multiplied. Blocks are
/// inferred only where the prior-weighted likelihood exceeds that of a list without blocks (independent allocation, or all
/// orders of the same numbers) twentyfold: by Markov's inequality a list without blocks is then taken for one with blocks in
/// at most one case of twenty. In the same way a list is said to need edits only where designs with edits are twentyfold
/// likelier than every design without: a list that was kept well is then accused in at most one case of twenty.
public struct BlockInference: Sendable, Equatable {
  /// The block sizes of the design, ascending; empty where no block structure shows.
  public let sizes: [Int]
  /// The sizes of each stratum: those of the design, unless the stratum alone speaks clearly for others.
  public let stratumSizes: [[Int]]
  /// log of the prior-weighted likelihood of the block designs over that of a list without blocks.
  public let logEvidence: Double

  /// What the evidence has to exceed.
  public static let requiredLogEvidence = log(20.0)
  /// A stratum departs from the design's sizes where its own are so much likelier.
  private static let requiredLogDeparture = log(1000.0)

  /// Infers the sizes; nil where the ratio has no small whole numbers.
  public init?(_ sequence: AllocationSequence) {
    guard let ratio = sequence.arms.ratio, let unit = sequence.arms.blockUnit else { return nil }
    let lists = sequence.members.map { rows in rows.map { sequence.arm[$0] } }
    let longest = lists.map(\.count).max() ?? 0
    let candidates = Self.candidates(unit: unit, longest: longest)
    let patterns = candidates.map { sizes in
      lists.map { BlockPattern($0, ratio: ratio, sizes: sizes) }
    }
    let priors = candidates.map { sizes in
      let alike = candidates.count { ($0.count == 1) == (sizes.count == 1) }
      return -log(2 * Double(alike))
    }
    let edited = patterns.map { $0.map(\.logLikelihood) }
    let clean = patterns.map { $0.map(\.cleanLogLikelihood) }
    let withoutBlocks = Self.withoutBlocks(sequence, lists)
    func evidence(_ likelihoods: [[Double]]) -> (log: Double, best: Int) {
      let weights = zip(priors, likelihoods).map { $0 + $1.reduce(0, +) }
      let best = weights.indices.max { weights[$0] < weights[$1] } ?? 0
      return (Self.logSum(weights), best)
    }
    var likelihoods = edited
    var found = evidence(edited)
    let plain = max(withoutBlocks, clean.map { $0.reduce(0, +) }.max() ?? -.infinity)
    let needsEdits = patterns[found.best].contains { $0.edits > 0 }
    if needsEdits, found.log - plain < Self.requiredLogEvidence {
      likelihoods = clean
      found = evidence(clean)
    }
    logEvidence = found.log - withoutBlocks
    guard logEvidence >= Self.requiredLogEvidence else {
      sizes = []
      stratumSizes = lists.map { _ in [] }
      return
    }
    let best = found.best
    sizes = candidates[best]
    let required = Self.requiredLogDeparture + log(Double(lists.count))
    stratumSizes = lists.indices.map { stratum in
      let own = candidates.indices.max {
        priors[$0] + likelihoods[$0][stratum] < priors[$1] + likelihoods[$1][stratum]
      }!
      let gain = priors[own] + likelihoods[own][stratum] - likelihoods[best][stratum]
      return gain > required ? candidates[own] : candidates[best]
    }
  }

  private static func logSum(_ values: [Double]) -> Double {
    guard let largest = values.max(), largest > -.infinity else { return -.infinity }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
  }

  /// One size up to twelve units; two or three of the six smallest.
  private static func candidates(unit: Int, longest: Int) -> [[Int]] {
    let limit = max(unit, min(longest, 40))
    let single = (1...12).map { $0 * unit }.filter { $0 <= limit }
    let mixed = single.prefix(6)
    var result = single.map { [$0] }
    for i in mixed.indices {
      for j in mixed.indices where j > i {
        result.append([mixed[i], mixed[j]])
        for k in mixed.indices where k > j { result.append([mixed[i], mixed[j], mixed[k]]) }
      }
    }
    return result
  }

  /// The larger of the log-likelihoods of designs that leave no pattern.
  private static func withoutBlocks(_ sequence: AllocationSequence, _ lists: [[UInt8]]) -> Double {
    let arms = sequence.arms
    let simple = sequence.arm.reduce(0) { $0 + log(arms.shares[Int($1)]) }
    func order(_ counts: [Int]) -> Double {
      counts.reduce(-SpecialFunctions.logGamma(Double(counts.reduce(0, +)) + 1)) {
        $0 + SpecialFunctions.logGamma(Double($1) + 1)
      }
    }
    // Fixed numbers are a design only where they are the planned ones.
    func isPlanned(_ counts: [Int]) -> Bool {
      guard let ratio = arms.ratio else { return false }
      return counts.indices.allSatisfy { counts[$0] * ratio[0] == counts[0] * ratio[$0] }
    }
    var best = simple
    if isPlanned(sequence.counts) { best = max(best, order(sequence.counts)) }
    let strata = sequence.members.map { sequence.counts(of: $0) }
    if strata.allSatisfy(isPlanned) { best = max(best, strata.reduce(0) { $0 + order($1) }) }
    return best
  }
}
