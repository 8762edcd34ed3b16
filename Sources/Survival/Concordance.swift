/// Harrell's concordance: how often, of two persons of whom one is seen to have the event first, that one had the higher
/// predicted risk.
///
/// A pair is comparable where i has the event at t while j is under observation and has no event at t; ties in the
/// predictor count one half. C = (concordant + ties/2)/pairs, summed over strata. The standard error is the infinitesimal
/// jackknife, the root of Σ (w ∂C/∂w)². R `survival::concordance(…, reverse = TRUE)` and `summary(coxph)$concordance`.
/// Therneau & Atkinson, Concordance (vignette of survival).
public struct Concordance: Sendable, Equatable {
  /// C, between 0 and 1; NaN without a comparable pair.
  public let estimate: Double
  /// The standard error of C.
  public let standardError: Double
  /// The (weighted) number of pairs in which the earlier event had the higher risk.
  public let concordant: Double
  /// The number of pairs in which it had the lower risk.
  public let discordant: Double
  /// The number of comparable pairs with equal risks.
  public let tied: Double

  /// Counts pairs.
  ///
  /// - Parameters:
  ///   - sets: the sorted data.
  ///   - predictor: the predicted risk of each row given; equal numbers are ties.
  ///   - clusters: codes in 0 ..< `count` whose rows vary together; nil for independent rows.
  /// - Complexity: O(n log n).
  init(_ sets: CoxRiskSets, predictor: [Double], clusters: (codes: [Int32], count: Int)? = nil) {
    let count = PairCount(sets, predictor: predictor)
    let pairs = count.concordant + count.discordant + count.tied
    let somers = (count.concordant - count.discordant) / pairs
    estimate = (somers + 1) / 2
    concordant = count.concordant
    discordant = count.discordant
    tied = count.tied
    var changes = [Double](repeating: 0, count: clusters?.count ?? sets.order.count)
    for i in sets.order.indices {
      let w = sets.weights?[i] ?? 1
      let change = w * (count.balance[i] - somers * count.pairs[i]) / (2 * pairs)
      changes[clusters.map { Int($0.codes[Int(sets.order[i])]) } ?? i] += change
    }
    standardError = changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// The pairs of each row and their balance of concordant over discordant, by one sweep over the predictor.
///
/// Row j can be compared with the events at event times `lower ... last`, the last being that before its own event where
/// it has one. Going up the predictor, one tree over event times holds the rows passed (added over their interval, read
/// at an event's time: those at risk with a lower predictor) and another the events passed (added at their time, read over
/// a row's interval). Event times are numbered through all strata, so that strata never meet. With times in days the
/// trees are small enough for the first-level cache.
private struct PairCount {
  var concordant = 0.0
  var discordant = 0.0
  var tied = 0.0
  /// Weighted concordant less discordant pairs of each kept row.
  var balance: [Double]
  /// Weighted comparable pairs of each kept row.
  var pairs: [Double]

  init(_ sets: CoxRiskSets, predictor: [Double]) {
    let n = sets.order.count
    let times = sets.eventTimeCount
    let rank = DistinctTimes(sets.order.map { predictor[Int($0)] }, nil, tolerance: nil)
    let order = countingOrder(rank.ranks, bound: rank.values.count)
    balance = [Double](repeating: 0, count: n)
    pairs = balance
    let totals = Self.totals(sets)
    var atRisk = PrefixTree(times + 1)
    var events = PrefixTree(times + 1)
    func weight(_ i: Int) -> Double { sets.weights?[i] ?? 1 }
    func last(_ i: Int) -> Int { Int(sets.upper[i]) - (sets.isEvent[i] ? 2 : 1) }
    /// Those at risk at an event's time, and the events in a row's interval, among the rows passed so far.
    func passed(_ i: Int) -> (atRisk: Double, events: Double) {
      (
        sets.isEvent[i] ? atRisk.prefix(Int(sets.upper[i]) - 1) : 0,
        events.prefix(last(i)) - events.prefix(Int(sets.lower[i]) - 1)
      )
    }
    var below = [(atRisk: Double, events: Double)](repeating: (0, 0), count: 1)
    var start = 0
    while start < n {
      var end = start + 1
      while end < n, rank.ranks[Int(order[end])] == rank.ranks[Int(order[start])] { end += 1 }
      if below.count < end - start { below += Array(repeating: (0, 0), count: end - start) }
      for position in start..<end { below[position - start] = passed(Int(order[position])) }
      for position in start..<end {
        let i = Int(order[position])
        if last(i) >= Int(sets.lower[i]) {
          atRisk.add(weight(i), at: Int(sets.lower[i]))
          atRisk.add(-weight(i), at: last(i) + 1)
        }
        if sets.isEvent[i] { events.add(weight(i), at: Int(sets.upper[i]) - 1) }
      }
      for position in start..<end {
        let i = Int(order[position])
        let before = below[position - start]
        // A row does not compare with itself, so that nothing is equal to one that is alone.
        let now = end == start + 1 ? before : passed(i)
        if sets.isEvent[i] {
          let all = totals.atRisk[Int(sets.upper[i]) - 1]
          concordant += weight(i) * before.atRisk
          discordant += weight(i) * (all - now.atRisk)
          tied += weight(i) * (now.atRisk - before.atRisk)
          balance[i] += before.atRisk - (all - now.atRisk)
          pairs[i] += all
        }
        let all = totals.events[last(i) + 1] - totals.events[Int(sets.lower[i])]
        balance[i] += (all - now.events) - before.events
        pairs[i] += all
      }
      start = end
    }
  }

  /// The weight at risk at each event time without its own events, and the events before each event time.
  private static func totals(_ sets: CoxRiskSets) -> (atRisk: [Double], events: [Double]) {
    var atRisk = [Double](repeating: 0, count: sets.eventTimeCount + 1)
    var events = atRisk
    for i in sets.order.indices {
      let w = sets.weights?[i] ?? 1
      atRisk[Int(sets.lower[i])] += w
      atRisk[Int(sets.upper[i]) - (sets.isEvent[i] ? 1 : 0)] -= w
      if sets.isEvent[i] { events[Int(sets.upper[i])] += w }
    }
    for k in 1..<atRisk.count {
      atRisk[k] += atRisk[k - 1]
      events[k] += events[k - 1]
    }
    return (atRisk, events)
  }
}

/// Sums over the places up to one, each update and sum in O(log n) (Fenwick 1994, doi:10.1002/spe.4380240306).
private struct PrefixTree {
  private var sums: [Double]

  init(_ count: Int) { sums = [Double](repeating: 0, count: count + 1) }

  mutating func add(_ weight: Double, at place: Int) {
    var i = place + 1
    while i < sums.count {
      sums[i] += weight
      i += i & -i
    }
  }

  /// The sum over places 0 … `place`; 0 for −1.
  func prefix(_ place: Int) -> Double {
    var sum = 0.0
    var i = place + 1
    while i > 0 {
      sum += sums[i]
      i -= i & -i
    }
    return sum
  }
}

extension CoxFit {
  /// The concordance of the linear predictor with the event times, within strata.
  ///
  /// - Parameter clusters: codes in 0 ..< count of rows that vary together, for the standard error.
  public func concordance(clusters: (codes: [Int32], count: Int)? = nil) -> Concordance {
    Concordance(sets, predictor: linearPredictors, clusters: clusters)
  }
}
