import LinearAlgebra
import Probability

extension CoxFit {
  /// Confidence limits of one coefficient from the profile of the partial likelihood.
  ///
  /// The limits are where twice the drop of the likelihood, maximised over the other coefficients, reaches the χ²₁
  /// quantile. Venzon & Moolgavkar (1988), doi:10.2307/2347496. SAS `PROC PHREG` `RISKLIMITS=PL`.
  ///
  /// - Parameter column: an estimable column of the design.
  /// - Returns: a limit is nil where the likelihood never falls that far (an infinite limit).
  public func profileLimits(column: Int, level: Double = 0.95) -> (low: Double?, high: Double?) {
    guard let j = estimable.firstIndex(of: column), status == .ok else { return (nil, nil) }
    let profile = CoxProfile(
      evaluate: CoxModel.likelihood(sets, ties), fixed: j, best: scaled, top: logLikelihood,
      drop: ChiSquared(df: 1).quantile(1 - level, tail: .upper) / 2)
    let step = Normal().quantile((1 - level) / 2, tail: .upper) * modelCovariance[j, j].squareRoot()
    let scale = sets.scale[j]
    return (
      profile.limit(firstStep: -step * scale).map { $0 / scale },
      profile.limit(firstStep: step * scale).map { $0 / scale }
    )
  }
}

/// The profile of a partial likelihood in one coefficient, on the kernel's scale.
private struct CoxProfile {
  let evaluate: ([Double]) -> LikelihoodDerivatives
  /// The coefficient that is held.
  let fixed: Int
  let best: [Double]
  let top: Double
  /// How far the log-likelihood falls at a limit.
  let drop: Double

  /// The likelihood and its slope with the coefficient held at a value, the others maximised from a start.
  private func profile(at value: Double, from start: [Double]) -> (b: [Double], excess: Double, slope: Double)
  {
    let free = best.indices.filter { $0 != fixed }
    func full(_ b: [Double]) -> [Double] {
      var all = best
      all[fixed] = value
      for (a, i) in free.enumerated() { all[i] = b[a] }
      return all
    }
    func restricted(_ b: [Double]) -> LikelihoodDerivatives {
      let d = evaluate(full(b))
      return LikelihoodDerivatives(
        logLikelihood: d.logLikelihood, score: free.map { d.score[$0] },
        information: d.information.selecting(columns: free).selecting(rows: free))
    }
    let begin = free.map { start[$0] }
    let outcome = NewtonAscent(tolerance: 1e-12, maximumIterations: 50, evaluate: restricted)
      .maximise(from: begin, at: restricted(begin))
    let b = full(outcome.b)
    let d = evaluate(b)
    return (b, d.logLikelihood - (top - drop), d.score[fixed])
  }

  /// Newton's method on the profile, kept between the estimate and the first value found beyond the limit.
  func limit(firstStep: Double) -> Double? {
    var inside = best[fixed]
    var outside: Double?
    var value = inside + firstStep
    var b = best
    for _ in 0..<80 {
      let (at, excess, slope) = profile(at: value, from: b)
      b = at
      if abs(excess) < 1e-9 { return value }
      if excess > 0 { inside = value } else { outside = value }
      var next = value - excess / slope
      if let outside {
        let (low, high) = (min(inside, outside), max(inside, outside))
        if !(next > low && next < high) { next = (inside + outside) / 2 }
      } else {
        // Not yet beyond the limit: at most double the distance, and give up where eleven doublings bring no fall.
        let farthest = best[fixed] + 2 * (value - best[fixed])
        if !(abs(next - best[fixed]) > abs(value - best[fixed]))
          || abs(next - best[fixed]) > abs(farthest - best[fixed])
        {
          next = farthest
        }
        if abs(next - best[fixed]) > 2048 * abs(firstStep) { return nil }
      }
      value = next
    }
    return nil
  }
}
