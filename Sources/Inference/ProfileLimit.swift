import Glibc

/// Confidence limits where a profile has risen by a critical amount.
///
/// With D(x) the deviance (−2 log L) minimised over all other parameters at a fixed x, the limits of level 1 − α solve
/// D(x) − D(x̂) = χ²₁(1 − α) (Venzon & Moolgavkar, Appl. Statist. 37 (1988), doi 10.2307/2347496). The equation is solved
/// for √(D(x) − D(x̂)), which is nearly linear, by Brent's method; R's `confint` interpolates the same curve by a spline.
public enum ProfileLimit {
  /// Which limit is sought.
  public enum Side: Double, Sendable {
    /// Below the estimate.
    case lower = -1
    /// Above the estimate.
    case upper = 1
  }

  /// Finds one limit.
  ///
  /// - Parameters:
  ///   - estimate: x̂.
  ///   - standardError: a first idea of the curve's scale.
  ///   - critical: the rise of the deviance at the limit.
  ///   - rise: D(x) − D(x̂) at a point; a value that is not finite marks a point outside the parameter's range.
  /// - Returns: the limit to about twelve digits of a standard error; nil where the curve stays below the critical value
  ///   out to 2²⁰ standard errors, so that the limit is infinite.
  /// - Throws: what `rise` throws.
  public static func find<E: Error>(
    _ side: Side, estimate: Double, standardError: Double, critical: Double,
    rise: (Double) throws(E) -> Double
  ) throws(E) -> Double? {
    guard standardError > 0, standardError.isFinite else { return nil }
    let target = critical.squareRoot()
    func gap(_ x: Double) throws(E) -> Double {
      let value = try rise(x)
      return value.isFinite ? max(value, 0).squareRoot() - target : .infinity
    }
    // The first guess is the Wald limit; after that the distance doubles until the limit is passed.
    var inside = estimate
    var insideGap = -target
    var distance = target * standardError
    var outside = estimate
    var outsideGap = -target
    for _ in 0..<22 {
      outside = estimate + side.rawValue * distance
      outsideGap = try gap(outside)
      if outsideGap >= 0 { break }
      inside = outside
      insideGap = outsideGap
      distance *= 2
    }
    guard outsideGap >= 0 else { return nil }
    // Out of range: step back until the curve exists, so that interpolation has two finite ends.
    for _ in 0..<60 where !outsideGap.isFinite {
      let middle = (inside + outside) / 2
      let value = try gap(middle)
      if value < 0 {
        inside = middle
        insideGap = value
      } else {
        outside = middle
        outsideGap = value
      }
    }
    guard outsideGap.isFinite else { return outside }
    return try brent(inside, insideGap, outside, outsideGap, tolerance: 1e-13 * standardError, gap)
  }

  /// The root of a function between two points of opposite sign.
  ///
  /// Brent, Algorithms for Minimization without Derivatives (1973), chapter 4: inverse quadratic interpolation, guarded
  /// by bisection. R: `uniroot`.
  static func brent<E: Error>(
    _ first: Double, _ firstValue: Double, _ second: Double, _ secondValue: Double, tolerance: Double,
    _ function: (Double) throws(E) -> Double
  ) throws(E) -> Double {
    var a = first
    var fa = firstValue
    var b = second
    var fb = secondValue
    var c = a
    var fc = fa
    var step = b - a
    var before = step
    for _ in 0..<200 {
      if (fb > 0) == (fc > 0) {
        c = a
        fc = fa
        step = b - a
        before = step
      }
      if abs(fc) < abs(fb) { (a, fa, b, fb, c, fc) = (b, fb, c, fc, b, fb) }
      let limit = 2 * Double.ulpOfOne * abs(b) + tolerance / 2
      let half = (c - b) / 2
      if abs(half) <= limit || fb == 0 { return b }
      if abs(before) >= limit, abs(fa) > abs(fb) {
        let s = fb / fa
        var p: Double
        var q: Double
        if a == c {
          p = 2 * half * s
          q = 1 - s
        } else {
          let t = fa / fc
          let r = fb / fc
          p = s * (2 * half * t * (t - r) - (b - a) * (r - 1))
          q = (t - 1) * (r - 1) * (s - 1)
        }
        if p > 0 { q = -q } else { p = -p }
        if 2 * p < min(3 * half * q - abs(limit * q), abs(before * q)) {
          before = step
          step = p / q
        } else {
          step = half
          before = half
        }
      } else {
        step = half
        before = half
      }
      a = b
      fa = fb
      b += abs(step) > limit ? step : (half > 0 ? limit : -limit)
      fb = try function(b)
    }
    return b
  }
}
