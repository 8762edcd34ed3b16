import LinearAlgebra

/// A log-likelihood with its derivatives at one value of the coefficients.
struct LikelihoodDerivatives: Sendable {
  /// log L.
  var logLikelihood: Double
  /// ∂ log L / ∂β, p.
  var score: [Double]
  /// −∂² log L / ∂β∂β', p × p.
  var information: Matrix

  /// True where likelihood, score and information are finite.
  var isFinite: Bool {
    logLikelihood.isFinite && score.allSatisfy(\.isFinite) && information.isFinite
  }
}

/// Newton's method on a concave log-likelihood, with step halving and a watch for likelihoods that rise for ever.
struct NewtonAscent {
  /// Where and how the iteration ended.
  struct Outcome {
    var b: [Double]
    var derivatives: LikelihoodDerivatives
    var iterations: Int
    var isConverged: Bool
    /// The coefficients that run off to infinity.
    var diverging: [Int] = []
  }

  let tolerance: Double
  let maximumIterations: Int
  let evaluate: ([Double]) -> LikelihoodDerivatives

  /// Maximises from a start at which the derivatives are known.
  ///
  /// In a monotone likelihood each step moves a coefficient by about as much as the one before, while the likelihood
  /// approaches its supremum: where the promised gain is below 1e-6 and the steps do not shrink, the coefficients that
  /// still move (by more than a twentieth on the scale of mean absolute deviations) are diverging.
  func maximise(from start: [Double], at first: LikelihoodDerivatives) -> Outcome {
    var current = Outcome(b: start, derivatives: first, iterations: 0, isConverged: start.isEmpty)
    var previousStep = Double.infinity
    while !current.isConverged, current.iterations < maximumIterations {
      guard let factor = try? CholeskyFactor(of: current.derivatives.information) else {
        current.diverging = Self.flattened(current.derivatives.information, first.information)
        return current
      }
      let step = factor.solve(current.derivatives.score)
      let gain = dot(step, current.derivatives.score)
      let length = step.lazy.map(abs).max() ?? 0
      if gain < 1e-6, length > 0.05, length > 0.3 * previousStep {
        current.diverging = step.indices.filter { abs(step[$0]) > 0.05 }
        return current
      }
      guard let next = advance(current, by: step) else { return current }
      previousStep = length
      current.b = next.b
      current.derivatives = next.derivatives
      current.iterations += 1
      current.isConverged = gain <= tolerance
    }
    return current
  }

  /// The full step, or the first of its halves that does not lower the likelihood; nil where none does.
  private func advance(
    _ current: Outcome, by step: [Double]
  ) -> (b: [Double], derivatives: LikelihoodDerivatives)? {
    let before = current.derivatives.logLikelihood
    var share = 1.0
    for _ in 0..<40 {
      let b = zip(current.b, step).map { $0 + share * $1 }
      let derivatives = evaluate(b)
      // Near the maximum the likelihood is flat to rounding error, which must not count as a fall.
      if derivatives.isFinite, derivatives.logLikelihood >= before - 1e-11 * (1 + abs(before)) {
        return (b, derivatives)
      }
      share /= 2
    }
    return nil
  }

  /// The coefficients about which the information has all but gone since the start.
  private static func flattened(_ information: Matrix, _ first: Matrix) -> [Int] {
    (0..<information.rows).filter { information[$0, $0] < 1e-6 * first[$0, $0] }
  }
}
