import Glibc
import Optimisation
import Probability

/// The events in group 1 given all margins of a 2 × 2 table, for an odds ratio ψ: P(x) ∝ C(n₁, x) C(n₂, m − x) ψˣ.
///
/// Fisher's noncentral hypergeometric distribution, the reference of Fisher's exact test (R `fisher.test`).
struct NoncentralHypergeometric {
  /// The smallest number of events in group 1 that the margins allow.
  let lowest: Int
  /// The largest.
  let highest: Int
  private let logMass: [Double]

  /// The distribution given a table's margins.
  init(table: TwoProportions) {
    self.init(
      n1: table.first.total, n2: table.second.total,
      events: table.first.events + table.second.events)
  }

  /// The distribution of the events among n₁ of a total of `events` among n₁ + n₂.
  init(n1: Int, n2: Int, events: Int) {
    lowest = max(0, events - n2)
    highest = min(n1, events)
    let central = Hypergeometric(white: Double(n1), black: Double(n2), drawn: Double(events))
    logMass = (lowest...highest).map { central.density(Double($0), log: true) }
  }

  /// The sum of the events of group 1 over strata with one common odds ratio: the convolution of their distributions.
  ///
  /// The reference of the exact Cochran–Mantel–Haenszel test (R `mantelhaen.test(exact = TRUE)`).
  init(strata: [(n1: Int, n2: Int, events: Int)]) {
    var mass = [1.0]
    var start = 0
    for stratum in strata {
      let part = NoncentralHypergeometric(n1: stratum.n1, n2: stratum.n2, events: stratum.events)
      let p = part.probabilities(logOdds: 0)
      var sum = [Double](repeating: 0, count: mass.count + p.count - 1)
      for (i, a) in mass.enumerated() where a > 0 {
        for (j, b) in p.enumerated() { sum[i + j] += a * b }
      }
      mass = sum
      start += part.lowest
    }
    lowest = start
    highest = start + mass.count - 1
    logMass = mass.map { log($0) }
  }

  /// The p-value of ψ = 1.
  func pValue(observed x: Int, _ alternative: Alternative) -> Double {
    switch alternative {
    case .twoSided: twoSidedP(observed: x, logOdds: 0)
    case .less: min(1, tail(x, upper: false, logOdds: 0))
    case .greater: min(1, tail(x, upper: true, logOdds: 0))
    }
  }

  /// The probabilities of lowest … highest at a log odds ratio.
  func probabilities(logOdds: Double) -> [Double] {
    var weights = logMass
    for i in weights.indices { weights[i] += logOdds * Double(lowest + i) }
    let top = weights.max() ?? 0
    var sum = 0.0
    for i in weights.indices {
      weights[i] = exp(weights[i] - top)
      sum += weights[i]
    }
    for i in weights.indices { weights[i] /= sum }
    return weights
  }

  func mean(logOdds: Double) -> Double {
    probabilities(logOdds: logOdds).enumerated().reduce(0) { $0 + $1.element * Double(lowest + $1.offset) }
  }

  /// P(X ≤ x) or P(X ≥ x).
  func tail(_ x: Int, upper: Bool, logOdds: Double) -> Double {
    let p = probabilities(logOdds: logOdds)
    return upper
      ? p[max(0, x - lowest)...].reduce(0, +) : p[..<min(p.count, x - lowest + 1)].reduce(0, +)
  }

  /// The two-sided p-value of ψ = 1: the probability of all tables no more probable than the observed one.
  ///
  /// Tables within a relative 1e-7 count as equally probable, as in R.
  func twoSidedP(observed x: Int, logOdds: Double) -> Double {
    let p = probabilities(logOdds: logOdds)
    let bound = p[x - lowest] * (1 + 1e-7)
    return min(1, p.filter { $0 <= bound }.reduce(0, +))
  }

  /// The conditional maximum likelihood estimate: ψ with E(X) = x; 0 or infinite at the ends of the range.
  func oddsRatio(observed x: Int) -> Double {
    if lowest == highest { return .nan }
    if x == lowest { return 0 }
    if x == highest { return .infinity }
    let root = BracketedRoot.find(in: -80...80) { mean(logOdds: $0) - Double(x) }
    return root.map { exp($0) } ?? .nan
  }

  /// Limits of ψ by inversion of the one-sided tests, each at (1 − level)/2, or at 1 − level for one-sided limits.
  func limits(observed x: Int, level: Double, alternative: Alternative) -> (low: Double, high: Double) {
    let alpha = alternative == .twoSided ? (1 - level) / 2 : 1 - level
    var low = 0.0
    var high = Double.infinity
    if x > lowest, alternative != .less {
      low =
        BracketedRoot.find(in: -80...80) { tail(x, upper: true, logOdds: $0) - alpha }.map { exp($0) } ?? 0
    }
    if x < highest, alternative != .greater {
      high =
        BracketedRoot.find(in: -80...80) { tail(x, upper: false, logOdds: $0) - alpha }.map { exp($0) }
        ?? .infinity
    }
    return (low, high)
  }
}
