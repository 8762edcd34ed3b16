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
    let all = count.concordant + count.discordant + count.tied
    let somers = (count.concordant - count.discordant) / all
    estimate = (somers + 1) / 2
    concordant = count.concordant
    discordant = count.discordant
    tied = count.tied
    let pairs = count.pairs(sets)
    func change(_ i: Int) -> Double {
      (sets.weights?[i] ?? 1) * (count.balance[i] - somers * pairs[i]) / (2 * all)
    }
    var variance = 0.0
    if let clusters {
      var changes = [Double](repeating: 0, count: clusters.count)
      for i in sets.order.indices { changes[Int(clusters.codes[Int(sets.order[i])])] += change(i) }
      variance = changes.reduce(0) { $0 + $1 * $1 }
    } else {
      for i in sets.order.indices {
        let own = change(i)
        variance += own * own
      }
    }
    standardError = variance.squareRoot()
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
