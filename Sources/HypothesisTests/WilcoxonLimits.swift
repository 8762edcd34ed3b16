import Probability

/// Limits of a shift or a location by inversion of the Wilcoxon tests (Hollander, Wolfe & Chicken, Nonparametric
/// Statistical Methods, 3rd ed., sections 3.3 and 4.3; R `wilcox.test(conf.int = TRUE)`).
extension WilcoxonTest {
  private func tail(_ level: Double) -> Double { alternative == .twoSided ? (1 - level) / 2 : 1 - level }

  /// Limits at the q-th pair from below and from above, q the null distribution's quantile.
  ///
  /// - Parameters:
  ///   - quantile: the smallest count of pairs with at least a probability at or below it.
  ///   - below: the probability of fewer pairs than a count.
  func setExactLimits(
    _ result: inout TestResult, _ pairs: OrderedPairs, quantile: (Double) -> Int, below: (Int) -> Double
  ) {
    let alpha = tail(level)
    let rank = min(max(quantile(alpha), 1), pairs.count)
    result.low = alternative == .less ? -.infinity : pairs.ordered(rank)
    result.high = alternative == .greater ? .infinity : pairs.ordered(pairs.count + 1 - rank)
    let missed = below(rank)
    // So few values that even the outermost pairs leave more than the level allows.
    if missed > alpha * (1 + 1e-9) {
      note(&result, attained: 1 - missed * (alternative == .twoSided ? 2 : 1))
    }
  }

  /// Limits where the test of a shift d turns: the statistic at d counts the pairs above d.
  ///
  /// The standardised count falls by steps at the pairs, so each limit is the pair at which it passes the normal
  /// quantile, the value that R's root finding closes in on.
  func setAsymptoticLimits(
    _ result: inout TestResult, _ pairs: OrderedPairs, sd: Double, level attained: Double
  ) {
    guard sd > 0 else {
      result.notes.append("no limits: the samples do not vary within themselves")
      return
    }
    let deviate = Normal().quantile(tail(attained), tail: .upper)
    /// The first pair after which the standardised count of larger pairs is below a target.
    func turning(_ target: Double) -> Double {
      var low = 1
      var high = pairs.count
      while low < high {
        let k = (low + high) / 2
        let centred = Double(pairs.count - k) - Double(pairs.count) / 2
        if (centred - correction(centred)) / sd < target { high = k } else { low = k + 1 }
      }
      return pairs.ordered(low)
    }
    result.low = alternative == .less ? -.infinity : turning(deviate)
    result.high = alternative == .greater ? .infinity : turning(-deviate)
    if attained < level { note(&result, attained: attained) }
  }

  /// The level that a signed-rank test of these values can reach, as R lowers it: the share left out is doubled until
  /// the tests of the smallest and of the largest value reject; nil where none does. (R 4.2 asks half the share of the
  /// one-sided `less`, and so lowers its level further than the limit needs; here both directions ask the same.)
  func attainableLevel(_ x: [Double], _ deviation: (Int, Double) -> Double) -> Double? {
    guard let smallest = x.min(), let largest = x.max() else { return nil }
    func standardised(_ location: Double) -> Double? {
      let d = x.map { $0 - location }.filter { $0 != 0 }
      let ranks = Ranks(d.map(abs))
      let n = Double(d.count)
      let sd = deviation(d.count, ranks.tieSum)
      guard sd > 0 else { return nil }
      let sum = zip(d, ranks.doubled).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
      let centred = Double(sum) / 2 - n * (n + 1) / 4
      return (centred - correction(centred)) / sd
    }
    guard let below = standardised(smallest), let above = standardised(largest) else { return nil }
    var left = 1 - level
    while left < 1 {
      let deviate = Normal().quantile(tail(1 - left), tail: .upper)
      let lowHolds = alternative == .less || below >= deviate
      let highHolds = alternative == .greater || above <= -deviate
      if lowHolds && highHolds { return 1 - left }
      left *= 2
    }
    return nil
  }

  private func note(_ result: inout TestResult, attained: Double) {
    result.level = attained
    result.notes.append(
      "so few or so equal values cannot give limits at \(level): these are at \((attained * 1000).rounded() / 1000)"
    )
  }
}
