import Probability

/// Minimisation over prognostic factors: Pocock & Simon, Biometrics 31 (1975), 103, doi 10.2307/2529712.
///
/// A participant's imbalance under an arm is the sum, over the levels of the factors that the participant has, of the range
/// of the arms' numbers divided by their planned shares. The arm with the smallest imbalance is taken with the given
/// probability and the others share the rest by their planned shares; where several are smallest they share the given
/// probability, and where all are, the planned shares decide.
public struct Minimisation: Sendable, Equatable {
  /// For each factor the level of each participant, as a number from 0; −1 where missing.
  public let factors: [[Int]]
  /// The probability of the arm that balances best.
  public let probability: Double

  /// - Precondition: `probability` lies above 0 and is at most 1.
  public init(factors: [[Int]], probability: Double) {
    precondition(probability > 0 && probability <= 1, "a probability of \(probability)")
    self.factors = factors
    self.probability = probability
  }
}

/// The counts that minimisation goes by, as participants enter.
struct MinimisationState: Sendable {
  private let design: Minimisation
  private let shares: [Double]
  /// Where the counts of each factor begin.
  private let starts: [Int]
  private let size: Int

  init(_ design: Minimisation, _ arms: TrialArms) {
    self.design = design
    shares = arms.shares
    var starts: [Int] = []
    var next = 0
    for levels in design.factors {
      starts.append(next)
      next += ((levels.max() ?? -1) + 1) * arms.count
    }
    self.starts = starts
    size = next
  }

  /// Nobody entered yet.
  var emptyCounts: [Int] { [Int](repeating: 0, count: size) }

  /// The probability of each arm for the next participant.
  func probabilities(of participant: Int, _ counts: [Int]) -> [Double] {
    let k = shares.count
    var imbalance = [Double](repeating: 0, count: k)
    for (factor, start) in zip(design.factors, starts) where factor[participant] >= 0 {
      let place = start + factor[participant] * k
      for candidate in 0..<k {
        var (low, high) = (Double.infinity, -Double.infinity)
        for arm in 0..<k {
          let share = Double(counts[place + arm] + (arm == candidate ? 1 : 0)) / shares[arm]
          low = min(low, share)
          high = max(high, share)
        }
        imbalance[candidate] += high - low
      }
    }
    let least = imbalance.min() ?? 0
    let isBest = imbalance.map { $0 <= least + 1e-9 * max(1, abs(least)) }
    let best = zip(isBest, shares).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
    guard best < 1 - 1e-12 else { return shares }
    return zip(isBest, shares).map { isBest, share in
      isBest ? design.probability * share / best : (1 - design.probability) * share / (1 - best)
    }
  }

  func add(_ participant: Int, arm: Int, to counts: inout [Int]) {
    for (factor, start) in zip(design.factors, starts) where factor[participant] >= 0 {
      counts[start + factor[participant] * shares.count + arm] += 1
    }
  }
}
