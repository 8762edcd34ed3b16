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
    let kept = sets.order.map { predictor[Int($0)] }
    let place = DistinctTimes(kept, nil, tolerance: nil).ranks
    let distinct = Int(place.max() ?? 0) + 1
    let byPredictor = countingOrder(place, bound: distinct)
    var local = place
    var size = [Int](repeating: 0, count: sets.strata.count)
    var last = [Int32](repeating: -1, count: sets.strata.count)
    var stratumOf = [Int32](repeating: 0, count: sets.order.count)
    for (s, stratum) in sets.strata.enumerated() { for i in stratum.rows { stratumOf[i] = Int32(s) } }
    for i in byPredictor {
      let s = Int(stratumOf[Int(i)])
      if place[Int(i)] != last[s] {
        last[s] = place[Int(i)]
        size[s] += 1
      }
      local[Int(i)] = Int32(size[s] - 1)
    }
    var count = PairCount(sets, place: local)
    for (s, stratum) in sets.strata.enumerated() { count.add(stratum, distinct: size[s]) }
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

/// The pairs of each row and their balance of concordant over discordant, by two sweeps over a tree of ranks.
private struct PairCount {
  let sets: CoxRiskSets
  /// The place of each kept row's predictor within its stratum.
  let place: [Int32]
  var concordant = 0.0
  var discordant = 0.0
  var tied = 0.0
  /// Weighted concordant less discordant pairs of each kept row.
  var balance: [Double]
  /// Weighted comparable pairs of each kept row.
  var pairs: [Double]
  /// Kept rows by stratum and the first event time they are at risk at; empty where nobody enters late.
  private let byEntry: [Int32]

  init(_ sets: CoxRiskSets, place: [Int32]) {
    self.sets = sets
    self.place = place
    balance = [Double](repeating: 0, count: place.count)
    pairs = balance
    // Event times are numbered stratum by stratum, so this order keeps strata together.
    byEntry = sets.hasEntries ? countingOrder(sets.lower, bound: sets.eventTimeCount) : []
  }

  mutating func add(_ stratum: CoxRiskSets.Stratum, distinct: Int) {
    sweepRiskSets(stratum, distinct)
    sweepEvents(stratum, distinct)
  }

  /// Backwards in time: each event against those who stay at risk.
  private mutating func sweepRiskSets(_ stratum: CoxRiskSets.Stratum, _ distinct: Int) {
    var tree = RankTree(distinct)
    var i = stratum.rows.upperBound - 1
    var e = stratum.rows.upperBound - 1
    for k in stratum.events.reversed() {
      if !byEntry.isEmpty {
        while e >= stratum.rows.lowerBound, Int(sets.lower[Int(byEntry[e])]) > k {
          let row = Int(byEntry[e])
          tree.add(-(sets.weights?[row] ?? 1), at: Int(place[row]))
          e -= 1
        }
      }
      let end = i
      while i >= stratum.rows.lowerBound, Int(sets.upper[i]) == k + 1 {
        if !sets.isEvent[i] { tree.add(sets.weights?[i] ?? 1, at: Int(place[i])) }
        i -= 1
      }
      for row in (i + 1)..<max(end + 1, i + 1) where sets.isEvent[row] {
        let (below, equal, above) = tree.split(at: Int(place[row]))
        let w = sets.weights?[row] ?? 1
        concordant += w * below
        discordant += w * above
        tied += w * equal
        balance[row] += below - above
        pairs[row] += below + equal + above
      }
      for row in (i + 1)..<max(end + 1, i + 1) where sets.isEvent[row] {
        tree.add(sets.weights?[row] ?? 1, at: Int(place[row]))
      }
    }
  }

  /// Forwards in time: each row against the events while it was at risk, its own time apart if it ends in one.
  private mutating func sweepEvents(_ stratum: CoxRiskSets.Stratum, _ distinct: Int) {
    var tree = RankTree(distinct)
    var i = stratum.rows.lowerBound
    var e = stratum.rows.lowerBound
    for k in stratum.events {
      if !byEntry.isEmpty {
        while e < stratum.rows.upperBound, Int(sets.lower[Int(byEntry[e])]) <= k {
          if Int(sets.lower[Int(byEntry[e])]) > stratum.events.lowerBound {
            count(Int(byEntry[e]), tree, sign: -1)
          }
          e += 1
        }
      }
      let start = i
      while i < stratum.rows.upperBound, Int(sets.upper[i]) == k + 1 {
        if sets.isEvent[i] { count(i, tree, sign: 1) }
        i += 1
      }
      for row in start..<i where sets.isEvent[row] {
        tree.add(sets.weights?[row] ?? 1, at: Int(place[row]))
      }
      for row in start..<i where !sets.isEvent[row] { count(row, tree, sign: 1) }
    }
  }

  private mutating func count(_ row: Int, _ tree: RankTree, sign: Double) {
    let (below, equal, above) = tree.split(at: Int(place[row]))
    balance[row] += sign * (above - below)
    pairs[row] += sign * (below + equal + above)
  }
}

/// Sums of weights by rank, each update and prefix sum in O(log n) (Fenwick 1994, doi:10.1002/spe.4380240306).
private struct RankTree {
  private var sums: [Double]
  private var single: [Double]
  private var total = 0.0

  init(_ count: Int) {
    sums = [Double](repeating: 0, count: count + 1)
    single = [Double](repeating: 0, count: count)
  }

  mutating func add(_ weight: Double, at place: Int) {
    total += weight
    single[place] += weight
    var i = place + 1
    while i < sums.count {
      sums[i] += weight
      i += i & -i
    }
  }

  /// The weights below, at and above a place.
  func split(at place: Int) -> (below: Double, equal: Double, above: Double) {
    var below = 0.0
    var i = place
    while i > 0 {
      below += sums[i]
      i -= i & -i
    }
    return (below, single[place], total - below - single[place])
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
