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
    var variance = 0.0
    var changes = [Double](repeating: 0, count: clusters?.count ?? 0)
    for part in count.parts {
      for (place, row) in part.rows.enumerated() {
        let weight = sets.weights?[Int(row)] ?? 1
        let change = weight * (part.balance[place] - somers * part.pairs[place]) / (2 * all)
        if let clusters {
          changes[Int(clusters.codes[Int(sets.order[Int(row)])])] += change
        } else {
          variance += change * change
        }
      }
    }
    if clusters != nil { variance = changes.reduce(0) { $0 + $1 * $1 } }
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
