import LinearAlgebra

/// The profile of a log-likelihood in one coefficient, on the kernel's scale.
struct LikelihoodProfile {
  let evaluate: ([Double]) -> LikelihoodDerivatives
  /// The coefficient that is held.
  let fixed: Int
  let best: [Double]
  let top: Double
  /// How far the log-likelihood falls at a limit.
  let drop: Double

  /// The likelihood and its slope with the coefficient held at a value, the others maximised from a start.
  func at(_ value: Double, from start: [Double]) -> (b: [Double], excess: Double, slope: Double) {
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
      let (found, excess, slope) = at(value, from: b)
      b = found
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
