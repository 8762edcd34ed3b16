import Glibc
import Optimisation

extension TwoProportions {
  /// The limits where a signed statistic, falling in the contrast, passes +z and −z.
  ///
  /// Ratios are searched on the log scale between e⁻⁴⁵ and e⁴⁵; a limit beyond that is 0 or infinite.
  func inverted(_ scale: ContrastScale, z: Double, _ statistic: (Double) -> Double) -> (
    low: Double, high: Double
  ) {
    let floor = scale == .difference ? -1.0 : -45.0
    let ceiling = -floor
    let value = { (t: Double) in scale == .difference ? t : exp(t) }
    // At the very ends of a difference the statistic is 0/0 or infinite: step inside them.
    let inset = scale == .difference ? 1e-13 : 0
    func limit(_ target: Double, outside: Double) -> Double {
      let range = (floor + inset)...(ceiling - inset)
      if let root = BracketedRoot.find(in: range, { statistic(value($0)) - target }) {
        return value(root)
      }
      return scale == .difference ? outside : (outside < 0 ? 0 : .infinity)
    }
    return (limit(z, outside: floor), limit(-z, outside: ceiling))
  }

  /// Score limits of a contrast, with Miettinen and Nurminen's variance factor or without.
  func scoreLimits(_ scale: ContrastScale, z: Double, corrected: Bool) -> (low: Double, high: Double) {
    let k = corrected ? sampleSizeCorrection : 1
    return inverted(scale, z: z) { scoreStatistic(scale, $0, correction: k) }
  }

  /// Limits where twice the log-likelihood has fallen by z² from its maximum.
  func profileLimits(_ scale: ContrastScale, z: Double) -> (low: Double, high: Double) {
    let best = maximumLogLikelihood
    return inverted(scale, z: z) { theta in
      let root = max(0, 2 * (best - logLikelihood(constrained(scale, theta)))).squareRoot()
      return scoreStatistic(scale, theta, correction: 1) >= 0 ? root : -root
    }
  }
}
