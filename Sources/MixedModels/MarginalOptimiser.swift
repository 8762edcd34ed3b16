import Glibc
import LinearAlgebra
import Optimisation

/// The maximum of a marginal likelihood: BFGS with the analytic gradient, then Newton steps with a differenced Hessian.
///
/// The likelihood does not change when a column of a covariance factor changes sign, so that the search is free of
/// bounds and signs are made positive at the end. A variance near zero is tried at zero.
struct MarginalOptimiser {
  /// The outcome of the search.
  struct Result {
    /// (β on the basis, θ, log k), diagonal elements of θ not negative.
    let psi: [Double]
    /// The inverse Hessian of −log L over the parameters that are not held at zero; zero rows for those.
    let covariance: Matrix
    let record: OptimisationRecord
    let isConverged: Bool
    let isSeparated: Bool
  }

  var likelihood: MarginalLikelihood
  /// Where log k is held once counts show no overdispersion.
  static let limitOfLogShape = log(1e8)

  private mutating func evaluate(_ psi: [Double]) -> MarginalLikelihood.Evaluation {
    likelihood.evaluate(psi)
  }

  mutating func optimise() throws -> Result {
    let start = try start()
    var search = QuasiNewton()
    // The curvature grows with the rows: this gradient promises a fall of some 1e-8, which the Newton steps take.
    search.gradientTolerance = 1e-5 * max(1, Double(likelihood.structure.rowCount).squareRoot())
    search.objectiveTolerance = 1e-14
    let first = search.minimise(from: start.psi, inverseHessian: start.inverseHessian) {
      let evaluation = evaluate($0)
      return (evaluation.value, evaluation.gradient)
    }
    guard first.objective.isFinite else { throw MixedModelError.undefinedAtStart }
    var best = try newton(from: canonical(first.solution), fixed: [])
    var evaluations = first.evaluations + best.evaluations
    var held: Set<Int> = []
    let shape = best.psi.count - 1
    if likelihood.likelihood.family.hasShape, best.psi[shape] > log(1e3) {
      // Log k runs off where the likelihood is that of Poisson counts: it is held where the two agree to 1e-8.
      var psi = best.psi
      psi[shape] = max(psi[shape], Self.limitOfLogShape)
      let trial = try newton(from: psi, fixed: [shape])
      evaluations += trial.evaluations
      if trial.value <= best.value + 1e-7 * (1 + abs(best.value)) {
        best = trial
        held.insert(shape)
      }
    }
    let offset = likelihood.fixedCount
    for (k, parameter) in likelihood.structure.layout.parameters.enumerated()
    where parameter.isDiagonal && abs(best.psi[offset + k]) < 0.1 {
      var psi = best.psi
      psi[offset + k] = 0
      let trial = try newton(from: psi, fixed: held.union([offset + k]))
      evaluations += trial.evaluations
      if trial.value <= best.value + 1e-9 * (1 + abs(best.value)),
        curvature(at: trial.psi, offset + k) >= 0
      {
        best = trial
        held.insert(offset + k)
      }
    }
    evaluations += try reduceRank(&best, &held)
    let record = OptimisationRecord(
      method: first.method + ", Newton", start: start.psi, solution: best.psi,
      objective: best.value, evaluations: evaluations,
      stop: best.isConverged ? .gradientTolerance : .noDescent)
    return Result(
      psi: best.psi, covariance: best.covariance, record: record, isConverged: best.isConverged,
      isSeparated: isSeparated(best))
  }

  /// Tries every term of several effects with one dimension less where its covariance is nearly singular.
  ///
  /// Near perfect correlation the search turns in circles: the same covariance has many factors there.
  ///
  /// - Returns: the number of evaluations.
  private mutating func reduceRank(_ best: inout Point, _ held: inout Set<Int>) throws -> Int {
    let layout = likelihood.structure.layout
    let offset = likelihood.fixedCount
    let places = offset..<(offset + layout.parameters.count)
    var evaluations = 0
    for term in layout.terms where term.width > 1 {
      guard let (theta, zero) = try layout.reduced(Array(best.psi[places]), term: term) else { continue }
      var psi = best.psi
      psi.replaceSubrange(places, with: theta)
      let own = Set((0..<term.parameterCount).map { offset + term.firstParameter + $0 })
      let fixed = held.subtracting(own).union([offset + zero])
      let trial = try newton(from: psi, fixed: fixed)
      evaluations += trial.evaluations
      let slack = 1e-9 * (1 + abs(best.value))
      let isBetter =
        trial.value < best.value - slack || !best.isConverged && trial.value <= best.value + slack
      if isBetter, trial.isConverged, curvature(at: trial.psi, offset + zero) >= 0 {
        best = trial
        held = fixed
      }
    }
    return evaluations
  }

  /// Signs of factor columns such that their diagonal elements are not negative.
  private func canonical(_ psi: [Double]) -> [Double] {
    var psi = psi
    let parameters = likelihood.structure.layout.parameters
    let offset = likelihood.fixedCount
    for (k, diagonal) in parameters.enumerated() where diagonal.isDiagonal && psi[offset + k] < 0 {
      for (l, other) in parameters.enumerated()
      where other.block == diagonal.block && other.column == diagonal.column {
        psi[offset + l] = -psi[offset + l]
      }
    }
    return psi
  }

  // MARK: Start

  /// β without random effects, unit variances, a moment estimate of k; and the curvatures there.
  private mutating func start() throws -> (psi: [Double], inverseHessian: Matrix) {
    let p = likelihood.fixedCount
    let n = likelihood.structure.rowCount
    var beta = [Double](repeating: 0, count: p)
    var derivatives = FamilyDerivatives(count: n)
    var shape = 1.0
    func eta(_ beta: [Double]) -> [Double] {
      zip(likelihood.basis * beta, likelihood.offset).map { $0 + $1 }
    }
    func value(_ beta: [Double]) -> Double {
      -likelihood.likelihood.evaluate(eta(beta), 0..<n, shape: shape, into: &derivatives)
    }
    var current = value(beta)
    guard current.isFinite else { throw MixedModelError.undefinedAtStart }
    var information = Matrix.identity(p)
    for _ in 0..<25 where p > 0 {
      information = likelihood.basis.gram(weights: derivatives.information)
      let gradient = likelihood.basis.transposedTimes(derivatives.score)
      guard let factor = try? CholeskyFactor(of: information) else { break }
      let step = factor.solve(gradient)
      var scale = 1.0
      var moved = zip(beta, step).map { $0 + scale * $1 }
      var next = value(moved)
      while !(next <= current), scale > 1e-8 {
        scale /= 2
        moved = zip(beta, step).map { $0 + scale * $1 }
        next = value(moved)
      }
      guard next <= current else {
        _ = value(beta)
        break
      }
      let change = current - next
      beta = moved
      current = next
      if change < 1e-6 * (1 + abs(current)) { break }
    }
    if likelihood.likelihood.family.hasShape {
      let fitted = eta(beta).map { exp($0) }
      let excess = zip(likelihood.likelihood.response, fitted).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1) - $1.1
      }
      let squares = fitted.reduce(0) { $0 + $1 * $1 }
      shape = min(max(squares / max(excess, 1e-3 * squares), 0.2), 20)
    }
    let layout = likelihood.structure.layout
    let psi = beta + layout.start + (likelihood.likelihood.family.hasShape ? [log(shape)] : [])
    // The information of β without random effects is too large by about 1 + the share of their variance.
    var inverse = Matrix.diagonal(
      psi.indices.map { j in
        j < p + layout.parameters.count && j >= p
          ? 1 / Double(layout.blocks[layout.parameters[j - p].block].levels.count)
          : 10 / Double(n)
      })
    if p > 0, let factor = try? CholeskyFactor(of: information) {
      let block = factor.inverse()
      for i in 0..<p {
        for j in 0..<p { inverse[i, j] = 2 * block[i, j] }
      }
    }
    return (psi, inverse)
  }

  // MARK: Newton

  private struct Point {
    var psi: [Double]
    var value: Double
    var gradient: [Double]
    var covariance: Matrix
    var smallestCurvature: Double
    var isConverged: Bool
    var evaluations: Int
  }

  private mutating func newton(from start: [Double], fixed: Set<Int>) throws -> Point {
    let free = start.indices.filter { !fixed.contains($0) }
    let first = evaluate(start)
    guard first.value.isFinite else { throw MixedModelError.undefinedAtStart }
    var point = Point(
      psi: start, value: first.value, gradient: first.gradient,
      covariance: Matrix(rows: start.count, columns: start.count), smallestCurvature: 0,
      isConverged: false, evaluations: 1)
    for _ in 0..<30 {
      let hessian = hessian(at: point.psi, free: free)
      point.evaluations += 2 * free.count
      let eigen = try SymmetricEigen(of: hessian)
      let largest = eigen.values.map(abs).max() ?? 0
      point.smallestCurvature = eigen.values.first ?? 0
      let inverse = eigen.mapped { abs($0) > 1e-12 * largest ? 1 / abs($0) : 0 }
      for (i, a) in free.enumerated() {
        for (j, b) in free.enumerated() { point.covariance[a, b] = inverse[i, j] }
      }
      let g = free.map { point.gradient[$0] }
      let step = (inverse * g).map { -$0 }
      let decrement = -dot(step, g) / 2
      let goal = 1e-12 * (1 + abs(point.value))
      var scale = 1.0
      var next: MarginalLikelihood.Evaluation?
      var psi = point.psi
      while scale > 1e-8 {
        psi = point.psi
        for (i, k) in free.enumerated() { psi[k] += scale * step[i] }
        let trial = evaluate(psi)
        point.evaluations += 1
        if trial.value.isFinite, trial.value <= point.value + 10 * goal {
          next = trial
          break
        }
        scale /= 2
      }
      guard let next else {
        point.isConverged = decrement < 1e-7
        return point
      }
      point.psi = psi
      point.value = next.value
      point.gradient = next.gradient
      // A full step from so near ends at rounding error, and the Hessian has not moved.
      if decrement < goal {
        point.psi = canonical(point.psi)
        point.isConverged = eigen.values.first.map { $0 > 0 } ?? true
        return point
      }
    }
    return point
  }

  /// The Hessian of −log L over the free parameters, by central differences of the gradient.
  private mutating func hessian(at psi: [Double], free: [Int]) -> Matrix {
    var result = Matrix(rows: free.count, columns: free.count)
    let h = 1e-4
    for (j, k) in free.enumerated() {
      var up = psi
      var down = psi
      up[k] += h
      down[k] -= h
      let above = evaluate(up).gradient
      let below = evaluate(down).gradient
      for (i, l) in free.enumerated() { result[i, j] = (above[l] - below[l]) / (2 * h) }
    }
    return result.symmetrised()
  }

  private mutating func curvature(at psi: [Double], _ k: Int) -> Double {
    var up = psi
    let h = 1e-3
    up[k] += h
    // The gradient at zero is zero by symmetry.
    return evaluate(up).gradient[k] / h
  }

  /// True where linear predictors of the fixed effects ran off although the likelihood hardly changes any more.
  private func isSeparated(_ point: Point) -> Bool {
    let eta = likelihood.basis * Array(point.psi[0..<likelihood.fixedCount])
    switch likelihood.likelihood.family {
    case .binomial: return eta.contains { abs($0) > 15 } && point.smallestCurvature < 1e-3
    case .poisson, .negativeBinomial:
      return eta.contains { $0 < -15 } && point.smallestCurvature < 1e-3
    }
  }
}
