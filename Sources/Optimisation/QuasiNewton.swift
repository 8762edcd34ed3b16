import LinearAlgebra

/// Unconstrained minimisation with an analytic gradient by BFGS and a line search that meets the Wolfe conditions.
///
/// Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 6.1 and 3.5–3.6. The gradient's scale is the user's:
/// parametrise so that a unit step is a sensible one (log standard deviations, centred and scaled covariates).
public struct QuasiNewton: Sendable {
  /// Stop when the largest gradient element falls below this.
  public var gradientTolerance = 1e-8
  /// Stop when a step changes the objective by less than this share of 1 + |objective|.
  public var objectiveTolerance = 1e-14
  /// The limit of iterations.
  public var maximumIterations = 500

  public init() {}

  /// Minimises an objective.
  ///
  /// - Parameters:
  ///   - start: the first parameters; the objective must be finite there.
  ///   - inverseHessian: a first guess at the inverse Hessian, if there is one.
  ///   - objective: the value and the gradient at a point; a value that is not finite marks a point outside the domain.
  public func minimise(
    from start: [Double], inverseHessian: Matrix? = nil,
    _ objective: ([Double]) -> (value: Double, gradient: [Double])
  ) -> OptimisationRecord {
    let n = start.count
    var x = start
    var evaluations = 1
    var (f, g) = objective(x)
    var h = inverseHessian ?? .identity(n)
    var scaled = inverseHessian != nil
    func record(_ stop: OptimisationRecord.Stop) -> OptimisationRecord {
      OptimisationRecord(
        method: "BFGS", start: start, solution: x, objective: f, evaluations: evaluations,
        stop: stop)
    }
    guard f.isFinite, g.allSatisfy(\.isFinite) else { return record(.failed) }
    for _ in 0..<maximumIterations {
      if (g.map(abs).max() ?? 0) < gradientTolerance { return record(.gradientTolerance) }
      var direction = (h * g).map { -$0 }
      var slope = dot(direction, g)
      if !(slope < 0) {
        h = .identity(n)
        scaled = false
        direction = g.map { -$0 }
        slope = dot(direction, g)
      }
      let first = scaled ? 1 : min(1, 1 / (g.map(abs).reduce(0, +)))
      guard
        let step = lineSearch(
          from: x, value: f, slope: slope, direction: direction, first: first,
          evaluations: &evaluations, objective)
      else {
        // With a fresh Hessian there is nothing left to try.
        if (g.map(abs).max() ?? 0) < gradientTolerance * 1e4 { return record(.roundoff) }
        if !scaled { return record(.noDescent) }
        h = .identity(n)
        scaled = false
        continue
      }
      let s = zip(step.point, x).map { $0 - $1 }
      let y = zip(step.gradient, g).map { $0 - $1 }
      let change = f - step.value
      x = step.point
      f = step.value
      g = step.gradient
      let curvature = dot(s, y)
      if curvature > 1e-14 * dot(y, y).squareRoot() * dot(s, s).squareRoot() {
        if !scaled {
          h = (curvature / dot(y, y)) * .identity(n)
          scaled = true
        }
        update(&h, s: s, y: y, curvature: curvature)
      }
      if abs(change) <= objectiveTolerance * (1 + abs(f)),
        (g.map(abs).max() ?? 0) < gradientTolerance * 1e3
      {
        return record(.objectiveTolerance)
      }
    }
    return record(.limitReached)
  }

  /// H ← (I − ρ s y') H (I − ρ y s') + ρ s s'.
  private func update(_ h: inout Matrix, s: [Double], y: [Double], curvature: Double) {
    let hy = h * y
    let factor = (1 + dot(y, hy) / curvature) / curvature
    for j in 0..<s.count {
      for i in 0..<s.count {
        h[i, j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature
      }
    }
  }

  private struct Point {
    var step: Double
    var point: [Double]
    var value: Double
    var gradient: [Double]
    var slope: Double
  }

  /// A step along a direction of descent that meets the strong Wolfe conditions (c₁ = 1e-4, c₂ = 0.9), by bracketing
  /// and bisection with quadratic interpolation; the best sufficient decrease where curvature cannot be met.
  private func lineSearch(
    from x: [Double], value f0: Double, slope slope0: Double, direction: [Double], first: Double,
    evaluations: inout Int, _ objective: ([Double]) -> (value: Double, gradient: [Double])
  ) -> (point: [Double], value: Double, gradient: [Double])? {
    func evaluate(_ step: Double, _ evaluations: inout Int) -> Point {
      let point = zip(x, direction).map { $0 + step * $1 }
      evaluations += 1
      let (value, gradient) = objective(point)
      let usable = value.isFinite && gradient.allSatisfy(\.isFinite)
      return Point(
        step: step, point: point, value: usable ? value : .infinity, gradient: gradient,
        slope: usable ? dot(gradient, direction) : .nan)
    }
    var low = 0.0
    var lowValue = f0
    var lowSlope = slope0
    var high: Double?
    var step = first
    var best: Point?
    for _ in 0..<60 {
      let trial = evaluate(step, &evaluations)
      let decreases = trial.value <= f0 + 1e-4 * step * slope0
      if decreases, trial.value < best?.value ?? .infinity { best = trial }
      if !decreases || trial.value >= lowValue && low > 0 {
        high = step
        let curvature = trial.value - lowValue - lowSlope * (step - low)
        let minimiser =
          curvature > 0 && trial.value.isFinite
          ? low - lowSlope * (step - low) * (step - low) / (2 * curvature) : .nan
        let width = step - low
        step =
          minimiser > low + 0.1 * width && minimiser < step - 0.1 * width
          ? minimiser : low + width / 2
      } else if abs(trial.slope) <= -0.9 * slope0 {
        return (trial.point, trial.value, trial.gradient)
      } else if trial.slope > 0 {
        high = step
        step = low + (step - low) / 2
      } else {
        low = step
        lowValue = trial.value
        lowSlope = trial.slope
        step = high.map { (low + $0) / 2 } ?? 2 * step
      }
      if let high, high - low < 1e-16 * max(1, high) { break }
    }
    guard let best, best.value < f0 else { return nil }
    return (best.point, best.value, best.gradient)
  }
}
