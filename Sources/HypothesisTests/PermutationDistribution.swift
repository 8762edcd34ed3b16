/// The exact null distribution of a sum of scores, by the shift algorithm.
///
/// Streitberg & Röhmel, Exact distributions for permutation and rank tests: an introduction to some recently published
/// algorithms, Stat Softw Newsl 1986;12:10. Scores are whole numbers (twice the midranks), so ties cost nothing.
struct PermutationDistribution {
  /// The probability of each sum, from 0 upwards.
  private let mass: [Double]
  private let cumulative: [Double]

  /// The most additions a distribution may cost; beyond it an exact test is refused (some seconds of work).
  static let workLimit = 2e10

  /// The sum of the scores of `size` units drawn without replacement from all of them.
  ///
  /// Counts of subsets are built one score at a time: c(k, s) += c(k − 1, s − score).
  /// - Throws: `HypothesisTestError.argument` where the work is beyond `workLimit`.
  init(scores: [Int], choosing size: Int) throws(HypothesisTestError) {
    // Drawing the rest is the same as drawing these; the smaller side is cheaper.
    let total = scores.reduce(0, +)
    let chosen = min(size, scores.count - size)
    let top = scores.sorted(by: >).prefix(chosen).reduce(0, +)
    guard Double(scores.count) * Double(chosen) * Double(top) <= Self.workLimit else {
      throw .argument("too many observations for the exact distribution; use the normal approximation")
    }
    var counts = [Double](repeating: 0, count: (chosen + 1) * (top + 1))
    counts[0] = 1
    counts.withUnsafeMutableBufferPointer { c in
      for (drawn, score) in scores.enumerated() {
        for k in stride(from: min(chosen, drawn + 1), to: 0, by: -1) {
          let into = k * (top + 1)
          let from = into - (top + 1)
          guard score <= top else { continue }
          for s in stride(from: top, through: score, by: -1) where c[from + s - score] != 0 {
            c[into + s] += c[from + s - score]
          }
        }
      }
    }
    let row = Array(counts[(chosen * (top + 1))...])
    if chosen == size {
      self.init(counts: row)
    } else {
      var mirrored = [Double](repeating: 0, count: total + 1)
      for (s, count) in row.enumerated() where s <= total { mirrored[total - s] = count }
      self.init(counts: mirrored)
    }
  }

  /// The sum of a random half of the scores: each is in or out with probability ½.
  ///
  /// - Throws: `HypothesisTestError.argument` where the work is beyond `workLimit`.
  init(signing scores: [Int]) throws(HypothesisTestError) {
    let total = scores.reduce(0, +)
    guard Double(scores.count) * Double(total) <= Self.workLimit else {
      throw .argument("too many observations for the exact distribution; use the normal approximation")
    }
    var mass = [Double](repeating: 0, count: total + 1)
    mass[0] = 1
    var reach = 0
    mass.withUnsafeMutableBufferPointer { c in
      for score in scores {
        for s in stride(from: reach + score, through: 0, by: -1) {
          c[s] = 0.5 * (c[s] + (s >= score ? c[s - score] : 0))
        }
        reach += score
      }
    }
    self.init(counts: mass)
  }

  private init(counts: [Double]) {
    let total = counts.reduce(0, +)
    mass = counts.map { $0 / total }
    var sum = 0.0
    cumulative = mass.map {
      sum += $0
      return sum
    }
  }

  /// P(S ≤ s).
  func lower(_ s: Int) -> Double { s < 0 ? 0 : min(1, cumulative[min(s, mass.count - 1)]) }

  /// P(S ≥ s), summed from its own side.
  func upper(_ s: Int) -> Double {
    guard s < mass.count else { return 0 }
    var sum = 0.0
    for value in mass[max(0, s)...].reversed() { sum += value }
    return min(1, sum)
  }

  /// The smallest s with P(S ≤ s) ≥ p; a few ulps are allowed, as in R's quantiles.
  func quantile(_ p: Double) -> Int {
    let target = p - 10 * Double.ulpOfOne
    return cumulative.firstIndex { $0 >= target } ?? mass.count - 1
  }

  /// The p-value of an observed sum: both tails beyond the same distance from the mean (given doubled), or one tail.
  func pValue(_ s: Int, doubledMean: Int, _ alternative: Alternative) -> Double {
    switch alternative {
    case .less: return lower(s)
    case .greater: return upper(s)
    case .twoSided:
      let distance = abs(2 * s - doubledMean)
      if distance == 0 { return 1 }
      // s' ≤ (mean − distance)/2 and s' ≥ (mean + distance)/2, rounded inwards.
      let below = Int((Double(doubledMean - distance) / 2).rounded(.down))
      let above = Int((Double(doubledMean + distance) / 2).rounded(.up))
      return min(1, lower(below) + upper(above))
    }
  }
}
