import Glibc
import LinearAlgebra

/// The cumulative baseline hazard of one stratum.
public struct BaselineHazard: Sendable, Equatable {
  /// The caller's code of the stratum.
  public let stratum: Int
  /// The event times, ascending.
  public let time: [Double]
  /// H_0(t) just after each event time.
  public let cumulativeHazard: [Double]
}

extension CoxFit {
  /// The covariate values at which R's `coxph` centres: the weighted mean of each column, but 0 for a column that holds
  /// only −1, 0 and 1.
  public var centres: [Double] {
    let total = weights?.reduce(0, +) ?? Double(count)
    return (0..<design.columns).map { j in
      var sum = 0.0
      var onlyIndicators = true
      for i in 0..<count {
        let x = design.storage[i + j * count]
        onlyIndicators = onlyIndicators && (x == 0 || x == 1 || x == -1)
        sum += (weights?[i] ?? 1) * x
      }
      return onlyIndicators ? 0 : sum / total
    }
  }

  /// The weighted mean of the offsets, at which curves stand where no offset is given; 0 without offsets.
  public var meanOffset: Double {
    guard let offset else { return 0 }
    guard let weights else { return offset.reduce(0, +) / Double(count) }
    return zip(weights, offset).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
  }

  /// The cumulative hazard H_0(t) = Σ Σ_l m/(S0 − (l/d)E0) (Efron) or Σ d/S0 (Breslow, exact) of each stratum with events.
  ///
  /// - Parameter centered: at `centres` instead of at covariate 0. An offset is at its mean in both. R
  ///   `basehaz(fit, centered = )`, whose default is the centred one.
  public func baselineHazards(centered: Bool = false) -> [BaselineHazard] {
    let kernel = CoxPartialLikelihood(sets, ties: ties == .exact ? .breslow : ties)
    _ = kernel.evaluate(at: scaled)
    let beta = estimates
    let reference = centered ? estimable.map { centres[$0] } : [Double](repeating: 0, count: beta.count)
    let meanOffset = self.meanOffset
    return sets.strata.enumerated().map { s, stratum in
      // The kernel's risks are exp(β'(x − mean of the stratum) + offset − shift).
      var log = meanOffset - kernel.shift[s]
      for a in beta.indices { log += beta[a] * (reference[a] - sets.means[s, a]) }
      let factor = exp(log)
      var sum = 0.0
      let hazard = stratum.events.map { k -> Double in
        sum += kernel.hazard[k] * factor
        return sum
      }
      return BaselineHazard(
        stratum: Int(stratum.code),
        time: stratum.events.map { data.distinctTimes[Int(sets.eventRank[$0])] }, cumulativeHazard: hazard)
    }
  }
}
