import LinearAlgebra

/// Minimisation with an analytic gradient and Hessian by damped Newton steps.
///
/// Where the Hessian is not positive definite its eigenvalues are replaced by their magnitudes, so that every step goes
/// down; a step that does not lower the objective enough is halved (Nocedal & Wright, Numerical Optimization, 2nd ed.,
/// section 3.4). The parametrisation should make a unit step a sensible one.
public struct NewtonMethod: Sendable {
  /// The objective and its derivatives at a point.
  public struct Derivatives: Sendable {
    public var value: Double
    public var gradient: [Double]
    public var hessian: Matrix

    public init(value: Double, gradient: [Double], hessian: Matrix) {
      self.value = value
      self.gradient = gradient
      self.hessian = hessian
    }

    var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) && hessian.isFinite }
  }

  /// Stop when g'H⁻¹g falls below this: for a log-likelihood, a step of this many squared standard errors.
  public var decrementTolerance = 1e-20
  /// A decrement below this that no longer falls is rounding error, and stops too.
  public var roundingLevel = 1e-13
  /// The longest step of any one parameter.
  public var longestStep = 5.0
  /// The limit of iterations.
  public var maximumIterations = 300

  public init() {}

  /// Minimises an objective.
  ///
  /// - Parameter objective: the derivatives at a point; nil, or a value that is not finite, outside the domain.
  /// - Returns: what was done, and the derivatives at the solution (nil where the start is outside the domain).
  public func minimise(
    from start: [Double], _ objective: ([Double]) -> Derivatives?
  ) -> (record: OptimisationRecord, derivatives: Derivatives?) {
    var x = start
    var evaluations = 1
    guard var current = objective(x), current.isFinite else {
      return (record(start, start, .nan, evaluations, .failed), nil)
    }
    var previous = Double.infinity
    for _ in 0..<maximumIterations {
      guard let eigen = try? SymmetricEigen(of: current.hessian) else {
        return (record(start, x, current.value, evaluations, .failed), current)
      }
      var step = Self.step(eigen, current.gradient)
      let decrement = -dot(step, current.gradient)
      let isConvex = (eigen.values.first ?? 1) > 0
      if isConvex, decrement <= decrementTolerance || (decrement <= roundingLevel && decrement > previous / 4)
      {
        return (record(start, x, current.value, evaluations, .gradientTolerance), current)
      }
      previous = isConvex ? decrement : .infinity
      let longest = step.reduce(0) { max($0, abs($1)) }
      if longest > longestStep { step = step.map { $0 * longestStep / longest } }
      guard
        let next = descend(
          from: x, current, step, isNear: isConvex && decrement < 1e-10, &evaluations, objective)
      else {
        let stop: OptimisationRecord.Stop = isConvex && decrement <= roundingLevel ? .roundoff : .noDescent
        return (record(start, x, current.value, evaluations, stop), current)
      }
      (x, current) = next
    }
    return (record(start, x, current.value, evaluations, .limitReached), current)
  }

  /// −|H|⁻¹g, |H| having the magnitudes of H's eigenvalues, none below a rounding share of the largest.
  private static func step(_ eigen: SymmetricEigen, _ gradient: [Double]) -> [Double] {
    let largest = eigen.values.reduce(0) { max($0, abs($1)) }
    var projected = eigen.vectors.transposedTimes(gradient)
    for k in projected.indices {
      projected[k] = -projected[k] / max(abs(eigen.values[k]), 1e-14 * largest, .leastNormalMagnitude)
    }
    return eigen.vectors * projected
  }

  private func descend(
    from x: [Double], _ current: Derivatives, _ step: [Double], isNear: Bool, _ evaluations: inout Int,
    _ objective: ([Double]) -> Derivatives?
  ) -> ([Double], Derivatives)? {
    let slope = dot(step, current.gradient)
    var factor = 1.0
    for _ in 0..<50 {
      let point = x.indices.map { x[$0] + factor * step[$0] }
      evaluations += 1
      if let next = objective(point), next.isFinite {
        // Near the minimum the objective changes by less than its own rounding error.
        let allowed = isNear ? 1e-12 * (1 + abs(current.value)) : 1e-4 * factor * slope
        if next.value <= current.value + allowed { return (point, next) }
      }
      factor /= 2
    }
    return nil
  }

  private func record(
    _ start: [Double], _ solution: [Double], _ value: Double, _ evaluations: Int,
    _ stop: OptimisationRecord.Stop
  ) -> OptimisationRecord {
    OptimisationRecord(
      method: "Newton", start: start, solution: solution, objective: value, evaluations: evaluations,
      stop: stop)
  }
}
