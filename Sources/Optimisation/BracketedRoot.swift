/// A root of a continuous function of one variable between two points where it has opposite signs (R `uniroot`).
///
/// Brent, Algorithms for Minimization without Derivatives, Prentice-Hall 1973, chapter 4: inverse quadratic
/// interpolation and the secant where they help, bisection where they do not. The answer lies within
/// 2ε|x| + tolerance of a change of sign, ε the spacing of doubles at 1.
public enum BracketedRoot {
  /// The root of `function` in `interval`; nil where the function has one sign at both ends, or no value there.
  ///
  /// - Parameters:
  ///   - interval: the two ends. An end where the function is zero is the root.
  ///   - tolerance: how far from the change of sign the answer may lie, in the unit of x.
  ///   - maximumEvaluations: after so many evaluations the best point so far is given.
  ///   - function: a continuous function; infinite values of either sign are allowed.
  public static func find(
    in interval: ClosedRange<Double>, tolerance: Double = 1e-13, maximumEvaluations: Int = 400,
    _ function: (Double) throws -> Double
  ) rethrows -> Double? {
    // a is the previous iterate, b the current one (the smaller |f|), c the point across the root from b.
    var a = interval.lowerBound
    var b = interval.upperBound
    var fa = try function(a)
    var fb = try function(b)
    if fa == 0 { return a }
    if fb == 0 { return b }
    guard !fa.isNaN, !fb.isNaN, (fa < 0) != (fb < 0) else { return nil }
    var c = a
    var fc = fa
    var step = b - a
    var previousStep = step
    for _ in 2..<max(3, maximumEvaluations) {
      if (fb < 0) == (fc < 0) {
        (c, fc) = (a, fa)
        step = b - a
        previousStep = step
      }
      if abs(fc) < abs(fb) {
        (a, b, c) = (b, c, b)
        (fa, fb, fc) = (fb, fc, fb)
      }
      let reach = 2 * Double.ulpOfOne * abs(b) + 0.5 * tolerance
      let half = 0.5 * (c - b)
      if abs(half) <= reach || fb == 0 { return b }
      if abs(previousStep) >= reach, abs(fa) > abs(fb), fa.isFinite, fc.isFinite {
        let proposal = interpolated(a, b, c, fa, fb, fc)
        // Accepted only where it falls well inside the bracket and shrinks faster than bisection did before last.
        if abs(proposal) < min(1.5 * abs(half) - 0.5 * reach, 0.5 * abs(previousStep)),
          (proposal < 0) == (half < 0)
        {
          previousStep = step
          step = proposal
        } else {
          step = half
          previousStep = half
        }
      } else {
        step = half
        previousStep = half
      }
      (a, fa) = (b, fb)
      b += abs(step) > reach ? step : (half > 0 ? reach : -reach)
      fb = try function(b)
      if fb.isNaN { return nil }
    }
    return b
  }

  /// The step from b to the zero of the interpolation through the two or three points.
  private static func interpolated(
    _ a: Double, _ b: Double, _ c: Double, _ fa: Double, _ fb: Double, _ fc: Double
  ) -> Double {
    let s = fb / fa
    if a == c { return (c - b) * s / (s - 1) }
    let q = fa / fc
    let r = fb / fc
    let numerator = s * ((c - b) * q * (q - r) - (b - a) * (r - 1))
    let denominator = (q - 1) * (r - 1) * (s - 1)
    return -numerator / denominator
  }
}
