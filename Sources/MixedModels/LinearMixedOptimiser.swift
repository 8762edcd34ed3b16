import Glibc
import LinearAlgebra
import Optimisation

/// The search for θ: BOBYQA from lme4's start, then Newton's method with exact derivatives, with variances tested at zero.
///
/// Where an evaluation is dear, as with large crossed groupings, average information takes the place of BOBYQA.
/// lme4 stops where its derivative-free search does, some 1e-5 short of the optimum in θ; the Newton steps end at the
/// rounding error of the gradient. A diagonal element of Λ that comes out small is set to exactly zero where the
/// criterion there is no higher and curves upwards, so that a fit on the boundary is one.
struct LinearMixedOptimiser {
  /// The outcome of the search.
  struct Result {
    let solution: LinearMixedSolution
    let record: OptimisationRecord
    /// The diagonal parameters at zero.
    let atZero: Set<Int>
    let isConverged: Bool
    let newtonSteps: Int
  }

  let criterion: LinearMixedCriterion
  /// The largest share that the criterion may be expected to fall by at the end, (1 + |f|) times this.
  var tolerance = 1e-13
  var maximumNewtonSteps = 50
  /// A diagonal element of Λ below this is tried at zero.
  var nearZero = 0.05
  /// Whether the search begins by average information; nil for where an evaluation is dear.
  var usesInformation: Bool?
  /// A last step of less is not worth the evaluation; more where one is dear.
  var smallestStep: Double { criterion.isDense ? 3e-8 : 1e-9 }

  func optimise() throws(MixedModelError) -> Result {
    let layout = criterion.layout
    if usesInformation ?? criterion.isDense,
      let first = AverageInformationSearch(criterion: criterion).minimise()
    {
      do {
        return try polish(first)
      } catch {
        throw .linearAlgebra(error)
      }
    }
    guard criterion.value(at: layout.start).isFinite else { throw .undefinedAtStart }
    let first = search(from: layout.start)
    guard first.objective.isFinite else { throw .undefinedAtStart }
    do {
      let found = try polish(first)
      let isSuspect = !found.isConverged || !found.atZero.isEmpty && layout.terms.contains { $0.width > 1 }
      return isSuspect ? try searchedAgain(found) : found
    } catch {
      throw .linearAlgebra(error)
    }
  }

  private func search(from start: [Double], step: Double? = nil) -> OptimisationRecord {
    var search = BOBYQA(
      lower: criterion.layout.lowerBounds, upper: [Double](repeating: .infinity, count: start.count))
    search.relativeObjectiveTolerance = 0
    search.absoluteObjectiveTolerance = 1e-8
    search.absoluteParameterTolerance = 1e-7
    search.initialStep = step.map { [Double](repeating: $0, count: start.count) }
    return search.minimise(from: start) { criterion.value(at: $0) }
  }

  /// A fit on the boundary, or none, against the ends of searches from elsewhere; the lowest criterion wins.
  ///
  /// With several effects a level the criterion may have minima of its own on the boundary, and at a zero of the factor's
  /// diagonal the same covariance has many factors, of which one may lead further down.
  private func searchedAgain(_ found: Result) throws(LinearAlgebraError) -> Result {
    let layout = criterion.layout
    var best = found
    func consider(_ record: OptimisationRecord?) {
      guard let record, record.objective.isFinite, let other = try? polish(record) else { return }
      let slack = 1e-9 * (1 + abs(best.record.objective))
      let isLower = other.record.objective < best.record.objective - slack
      let isSounder =
        other.isConverged && !best.isConverged && other.record.objective <= best.record.objective + slack
      if isLower || isSounder { best = other }
    }
    consider(AverageInformationSearch(criterion: criterion).minimise())
    consider(search(from: layout.interior(best.solution.theta)))
    // Each escape lowers the criterion, so that this ends.
    for _ in layout.parameters where !best.atZero.isEmpty {
      let value = best.record.objective
      for start in try layout.escapes(from: best.solution) { consider(search(from: start, step: 0.05)) }
      if !(best.record.objective < value) { break }
    }
    return best
  }

  private struct Polished {
    var solution: LinearMixedSolution
    var value: Double
    var steps: Int
    var isConverged: Bool
  }

  private func polish(_ first: OptimisationRecord) throws(LinearAlgebraError) -> Result {
    let parameters = criterion.layout.parameters
    var best = try newton(from: first.solution, fixed: [])
    var steps = best.steps
    var atZero: Set<Int> = []
    for k in parameters.indices where parameters[k].isDiagonal {
      // Both the search's end and the polished point may be the one near the boundary.
      guard min(best.solution.theta[k], first.solution[k]) < nearZero else { continue }
      var start = best.solution.theta
      start[k] = 0
      let trial = try newton(from: start, fixed: atZero.union([k]))
      steps += trial.steps
      let slack = 1e-9 * (1 + abs(best.value))
      if trial.value <= best.value + slack, trial.solution.hessian[k, k] >= 0 {
        best = trial
        atZero.insert(k)
      }
    }
    let record = OptimisationRecord(
      method: first.method + ", Newton", start: first.start, solution: best.solution.theta,
      objective: best.value, evaluations: first.evaluations + steps,
      stop: best.isConverged ? .gradientTolerance : .noDescent)
    return Result(
      solution: best.solution, record: record, atZero: atZero, isConverged: best.isConverged,
      newtonSteps: steps)
  }

  /// Newton's method on the criterion profiled over σ, the fixed parameters held where they are.
  private func newton(from start: [Double], fixed: Set<Int>) throws(LinearAlgebraError) -> Polished {
    let m = start.count
    let free = (0..<m).filter { !fixed.contains($0) }
    let first = try criterion.solution(at: start)
    var current = Polished(
      solution: first, value: criterion.value(of: first), steps: 0, isConverged: free.isEmpty)
    guard !free.isEmpty else { return current }
    while current.steps < maximumNewtonSteps {
      let (step, decrement) = try newtonStep(current.solution, free: free)
      if decrement < tolerance * (1 + abs(current.value)) {
        // The criterion no longer tells points apart, the gradient does: one more step, for the last digits.
        let theta = moved(current.solution.theta, by: step, scale: 1, free: free)
        if step.contains(where: { abs($0) > smallestStep }), let solution = try? criterion.solution(at: theta)
        {
          current.solution = solution
        }
        current.isConverged = true
        return current
      }
      var scale = 1.0
      var accepted = false
      while scale > 1e-10 {
        let theta = moved(current.solution.theta, by: step, scale: scale, free: free)
        let value = criterion.value(at: theta)
        // Near the optimum the criterion's own rounding hides a decrease, the more so the smaller the residual variance.
        let slack = (decrement < 1e-7 ? 1e-8 : 1e-12) * (1 + abs(current.value))
        if value.isFinite, value <= current.value + slack {
          let solution = try criterion.solution(at: theta)
          current = Polished(
            solution: solution, value: value, steps: current.steps + 1, isConverged: false)
          accepted = true
          break
        }
        scale /= 2
      }
      if !accepted {
        current.isConverged = decrement < 1e-8
        return current
      }
    }
    let (_, decrement) = try newtonStep(current.solution, free: free)
    current.isConverged = decrement < 1e-8
    return current
  }

  private func moved(
    _ theta: [Double], by step: [Double], scale: Double, free: [Int]
  ) -> [Double] {
    var theta = theta
    for (i, k) in free.enumerated() {
      theta[k] += scale * step[i]
      if criterion.layout.parameters[k].isDiagonal { theta[k] = max(theta[k], 0) }
    }
    return theta
  }

  /// −|H|⁻¹g over the free parameters, H profiled over σ, and the expected decrease g'|H|⁻¹g / 2.
  private func newtonStep(
    _ solution: LinearMixedSolution, free: [Int]
  ) throws(LinearAlgebraError) -> (step: [Double], decrement: Double) {
    let m = solution.theta.count
    let h = solution.hessian
    var profiled = Matrix(rows: free.count, columns: free.count)
    for (i, a) in free.enumerated() {
      for (j, b) in free.enumerated() {
        profiled[i, j] = h[a, b] - h[a, m] * h[b, m] / h[m, m]
      }
    }
    let g = free.map { solution.gradient[$0] }
    let eigen = try SymmetricEigen(of: profiled)
    let largest = eigen.values.map(abs).max() ?? 0
    // Where a curvature vanishes (a factor and its sign, a redundant direction) no step is taken along it.
    let inverse = eigen.mapped { abs($0) > 1e-12 * largest ? 1 / abs($0) : 0 }
    let step = (inverse * g).map { -$0 }
    return (step, -dot(step, g) / 2)
  }
}
