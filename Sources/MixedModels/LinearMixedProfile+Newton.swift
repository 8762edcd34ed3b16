import Glibc
import Inference
import LinearAlgebra

/// Profile limits by Newton's method on the equations that a limit solves, with the exact derivatives of the likelihood.
///
/// A search without derivatives needs hundreds of evaluations a limit; here it is five to ten. Where an iterate leaves
/// the covariances that exist, or the method does not converge, there is no answer and the search has to do it: that is
/// so where the limit, or the fit, lies on the boundary. Venzon & Moolgavkar, Appl. Statist. 37 (1988) 87–94,
/// doi 10.2307/2347496.
struct ProfileNewton {
  let criterion: LinearMixedCriterion
  /// θ̂ and σ̂², and the least −2 log L.
  let theta: [Double]
  let variance: Double
  let deviance: Double
  let critical: Double
  private var layout: RandomEffectsLayout { criterion.layout }

  /// −2 log L with its derivatives in (g, τ), g the relative covariances and τ = log σ².
  private struct Point {
    let value: Double
    let gradient: [Double]
    let hessian: Matrix
  }

  private var isInside: Bool {
    zip(layout.parameters, theta).allSatisfy { !$0.isDiagonal || $1 > 0.02 }
  }

  private func point(_ x: [Double]) -> Point? {
    let m = theta.count
    guard let theta = layout.theta(ofCovariances: Array(x[0..<m])),
      let solution = try? criterion.solution(at: theta)
    else { return nil }
    // What the solution gives at its own σ²; r²/σ² and the quadratic forms scale with it.
    let ratio = solution.variance / exp(x[m])
    let n = Double(criterion.observationCount)
    var gradient = [Double](repeating: 0, count: m + 1)
    var hessian = Matrix(rows: m + 1, columns: m + 1)
    for a in 0..<m {
      let explained = ratio * (solution.covarianceTraces[a] - solution.covarianceGradient[a])
      gradient[a] = solution.covarianceTraces[a] - explained
      hessian[a, m] = explained
      hessian[m, a] = explained
      for b in 0..<m {
        let trace = solution.sums.traceOfProducts[a, b]
        hessian[a, b] = ratio * (solution.covarianceHessian[a, b] + trace) - trace
      }
    }
    let rest = solution.rss / exp(x[m])
    gradient[m] = n - rest
    hessian[m, m] = rest
    let value = criterion.value(of: solution) + n * (x[m] - log(solution.rss / n)) + rest - n
    return Point(value: value, gradient: gradient, hessian: hessian)
  }

  /// The limit of a function of (g, τ): where it is largest or smallest among the points whose −2 log L has risen by the
  /// critical amount.
  func limit(_ side: ProfileLimit.Side, of function: ([Double], Double) -> Double?) -> Double? {
    guard isInside else { return nil }
    let m = theta.count
    func h(_ x: [Double]) -> Double? {
      layout.theta(ofCovariances: Array(x[0..<m])).flatMap { function($0, exp(x[m] / 2)) }
    }
    var x = layout.relativeCovariances(theta) + [log(variance)]
    let estimate = h(x)
    guard let estimate, let first = point(x), let (slope, _) = derivatives(of: h, at: x),
      let factor = try? CholeskyFactor(of: first.hessian)
    else { return nil }
    let direction = factor.solve(slope)
    let curvature = dot(slope, direction)
    guard curvature > 0 else { return nil }
    let distance = side.rawValue * (2 * critical / curvature).squareRoot()
    guard let start = inside(x, direction.map { distance * $0 }) else { return nil }
    x = start
    var multiplier = 1 / distance
    for _ in 0..<20 {
      guard let here = point(x), let (a, second) = derivatives(of: h, at: x) else { return nil }
      let gap = here.value - deviance - critical
      var system = Matrix(rows: m + 2, columns: m + 2)
      var right = [Double](repeating: 0, count: m + 2)
      for i in 0...m {
        for j in 0...m { system[i, j] = multiplier * here.hessian[i, j] - second[i, j] }
        system[i, m + 1] = here.gradient[i]
        system[m + 1, i] = here.gradient[i]
        right[i] = a[i] - multiplier * here.gradient[i]
      }
      right[m + 1] = -gap
      guard let step = try? LUFactor(of: system).solve(right), step.allSatisfy(\.isFinite) else { return nil }
      let move = Array(step[0...m])
      // What the limit still changes by, in its own unit.
      if abs(dot(a, move)) < 1e-9 * abs(dot(a, direction) * distance) + 1e-14 * abs(estimate), abs(gap) < 1e-6
      {
        guard let last = h(zip(x, move).map { $0 + $1 }), (last - estimate) * side.rawValue > 0 else {
          return nil
        }
        return last
      }
      guard let next = inside(x, move) else { return nil }
      x = next
      multiplier += step[m + 1]
    }
    return nil
  }

  /// x after a step, shortened where the covariances would not exist.
  private func inside(_ x: [Double], _ step: [Double]) -> [Double]? {
    var scale = 1.0
    while scale > 0.05 {
      let moved = zip(x, step).map { $0 + scale * $1 }
      if let theta = layout.theta(ofCovariances: Array(moved[0..<theta.count])),
        zip(layout.parameters, theta).allSatisfy({ !$0.isDiagonal || $1 > 0.01 })
      {
        return moved
      }
      scale /= 2
    }
    return nil
  }

  /// Gradient and Hessian by differences: the function costs nothing beside the likelihood.
  private func derivatives(
    of h: ([Double]) -> Double?, at x: [Double]
  ) -> (gradient: [Double], hessian: Matrix)? {
    let m = x.count
    let steps = x.indices.map { $0 == m - 1 ? 1e-4 : 1e-4 * max(abs(x[$0]), 0.01) }
    func moved(_ i: Int, _ a: Double, _ j: Int, _ b: Double) -> Double? {
      var y = x
      y[i] += a * steps[i]
      y[j] += b * steps[j]
      return h(y)
    }
    guard let centre = h(x) else { return nil }
    var gradient = [Double](repeating: 0, count: m)
    var hessian = Matrix(rows: m, columns: m)
    for i in 0..<m {
      guard let up = moved(i, 1, i, 0), let down = moved(i, -1, i, 0) else { return nil }
      gradient[i] = (up - down) / (2 * steps[i])
      hessian[i, i] = (up - 2 * centre + down) / (steps[i] * steps[i])
      for j in 0..<i {
        guard let a = moved(i, 1, j, 1), let b = moved(i, 1, j, -1), let c = moved(i, -1, j, 1),
          let d = moved(i, -1, j, -1)
        else { return nil }
        hessian[i, j] = (a - b - c + d) / (4 * steps[i] * steps[j])
        hessian[j, i] = hessian[i, j]
      }
    }
    return (gradient, hessian)
  }

  /// The limit of a contrast a'β on the basis.
  ///
  /// Held at v it raises r² by (v − a'β̂)²/s, s = a'Ca. For given θ the v whose −2 log L has risen by the critical amount
  /// is known in closed form; θ then moves by the Hessian at the estimate, which is near enough for a factor of ten or
  /// more a step.
  func limit(_ side: ProfileLimit.Side, ofContrast contrast: [Double]) -> Double? {
    guard isInside, let start = try? criterion.solution(at: theta) else { return nil }
    let m = theta.count
    let n = Double(criterion.observationCount)
    var profiled = Matrix(rows: m, columns: m)
    for a in 0..<m {
      for b in 0..<m {
        profiled[a, b] = start.hessian[a, b] - start.hessian[a, m] * start.hessian[b, m] / start.hessian[m, m]
      }
    }
    guard let factor = try? CholeskyFactor(of: profiled) else { return nil }
    var current = start
    var previous = Double.nan
    for _ in 0..<30 {
      let scaled = current.unscaledCovariance * contrast
      let s = dot(contrast, scaled)
      let rise = deviance + critical - criterion.value(of: current)
      guard rise > 0 else { return nil }
      let square = s * current.rss * expm1(rise / n)
      let gap = side.rawValue * square.squareRoot()
      let value = dot(contrast, current.beta) + gap
      if abs(value - previous) < 1e-10 * abs(gap) { return value }
      previous = value
      // ∂(gap²/s) = 2 gap a'C w/s − gap² a'CY_XX Ca/s², w the X part of Y d.
      let gradient = (0..<m).map { a -> Double in
        let y = current.sums.first[a] * current.direction
        let w = Array(y[0..<contrast.count])
        let own = current.sums.first[a].selecting(rows: Array(0..<contrast.count)).selecting(
          columns: Array(0..<contrast.count))
        let change = 2 * gap * dot(scaled, w) / s - gap * gap * own.quadraticForm(scaled) / (s * s)
        return current.covarianceTraces[a] + n * (change - dot(current.direction, y))
          / (current.rss + square / s)
      }
      let step = factor.solve(current.jacobian.transposedTimes(gradient))
      let theta = zip(current.theta, step).map { $0 - $1 }
      guard zip(layout.parameters, theta).allSatisfy({ !$0.isDiagonal || $1 > 0.01 }),
        let next = try? criterion.solution(at: theta, isAveraged: true)
      else { return nil }
      current = next
    }
    return nil
  }
}

extension RandomEffectsLayout {
  /// θ of given relative covariances; nil where they are not positive definite.
  func theta(ofCovariances g: [Double]) -> [Double]? {
    var result = g
    for term in terms {
      let q = term.width
      var covariance = Matrix(rows: q, columns: q)
      var k = term.firstParameter
      for column in 0..<q {
        for row in column..<q {
          covariance[row, column] = g[k]
          covariance[column, row] = g[k]
          k += 1
        }
      }
      guard let factor = try? CholeskyFactor(of: covariance) else { return nil }
      k = term.firstParameter
      for column in 0..<q {
        for row in column..<q {
          result[k] = factor.lower[row, column]
          k += 1
        }
      }
    }
    return result
  }
}
