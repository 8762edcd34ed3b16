import LinearAlgebra
import Optimisation

/// A search for the relative covariances by the average of observed and expected information.
///
/// The average needs no traces of products, so that a step costs one factorisation and one inverse of the rest's matrix;
/// near the optimum it is all but the Hessian. Far above the optimum it is too small, and the steps it gives too long:
/// there (tr PV_a)² / levels, a lower bound of the expected information that is exact in balanced data, is used. The
/// steps are taken in the covariances themselves, where one step of the expected information ends at the optimum of
/// balanced data. Gilmour, Thompson & Cullis, Biometrics 1995;51:1440–1450, doi 10.2307/2533274.
struct AverageInformationSearch {
  let criterion: LinearMixedCriterion
  /// The search ends where the criterion may be expected to fall by less than this share of it; the step is then taken, and
  /// leaves errors of some hundredths of it.
  var tolerance = 1e-15
  var maximumEvaluations = 60

  private struct Point {
    let solution: LinearMixedSolution
    let value: Double
  }

  /// Searches from moments or equal unit variances; nil where the criterion ceases to fall before the end.
  func minimise() -> OptimisationRecord? {
    let layout = criterion.layout
    var evaluations = 0
    func point(_ theta: [Double]) -> Point? {
      evaluations += 1
      guard let solution = try? criterion.solution(at: theta, isAveraged: true) else { return nil }
      let value = criterion.value(of: solution)
      return value.isFinite ? Point(solution: solution, value: value) : nil
    }
    let start = criterion.start
    guard var current = point(start) else { return nil }
    var previous: Point?
    while evaluations < maximumEvaluations {
      guard let step = step(at: current, after: previous) else { return nil }
      let decrement = -dot(step, current.solution.covarianceGradient) / 2
      let isNearZero = zip(layout.parameters, current.solution.theta).contains { $0.isDiagonal && $1 < 1e-3 }
      if decrement < tolerance * (1 + abs(current.value)) || isNearZero {
        return OptimisationRecord(
          method: "average information", start: start,
          solution: isNearZero ? current.solution.theta : moved(current.solution.theta, by: step),
          objective: current.value, evaluations: evaluations, stop: .gradientTolerance)
      }
      var scale = 1.0
      var next: Point?
      while next == nil, scale > 0.01 {
        if let trial = point(moved(current.solution.theta, by: step.map { scale * $0 })),
          trial.value <= current.value + 1e-11 * (1 + abs(current.value))
        {
          next = trial
        }
        scale /= 4
      }
      guard let next else { return nil }
      previous = current
      current = next
    }
    return nil
  }

  /// −M⁻¹ times the gradient, M the information of the covariances profiled over σ².
  private func step(at point: Point, after previous: Point?) -> [Double]? {
    let solution = point.solution
    let m = solution.theta.count
    let h = solution.covarianceHessian
    let scale = scale(solution)
    var information = Matrix(rows: m, columns: m)
    for a in 0..<m {
      for b in 0..<m { information[a, b] = scale[a] * scale[b] * h[a, b] - h[a, m] * h[b, m] / h[m, m] }
    }
    if let previous { addSecant(from: previous.solution, to: solution, &information) }
    let root = information.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    guard let eigen = try? SymmetricEigen(of: information.sandwiched(by: .diagonal(root))) else { return nil }
    let largest = eigen.values.map(abs).max() ?? 0
    let inverse = eigen.mapped { abs($0) > 1e-10 * largest ? 1 / abs($0) : 0 }
      .sandwiched(by: .diagonal(root))
    return (inverse * solution.covarianceGradient).map { -$0 }
  }

  /// For each covariance the factor that raises its information to the lower bound of the expected one.
  private func scale(_ solution: LinearMixedSolution) -> [Double] {
    let layout = criterion.layout
    var ofVariance: [Int: Double] = [:]
    func key(_ block: Int, _ row: Int) -> Int { block * 1000 + row }
    for (a, parameter) in layout.parameters.enumerated() where parameter.isDiagonal {
      let levels = Double(layout.blocks[parameter.block].levels.count)
      let bound = solution.covarianceTraces[a] * solution.covarianceTraces[a] / levels
      let average = solution.covarianceHessian[a, a]
      ofVariance[key(parameter.block, parameter.row)] = average > 0 ? max(1, bound / average).squareRoot() : 1
    }
    return layout.parameters.map { parameter in
      (ofVariance[key(parameter.block, parameter.row)]! * ofVariance[key(parameter.block, parameter.column)]!)
        .squareRoot()
    }
  }

  /// The BFGS update: near the end, the information along the last step is what the gradients say.
  private func addSecant(
    from previous: LinearMixedSolution, to current: LinearMixedSolution, _ information: inout Matrix
  ) {
    let before = relativeCovariances(previous.theta)
    let after = relativeCovariances(current.theta)
    guard zip(before, after).allSatisfy({ abs($0 - $1) < 0.1 * abs($1) + 1e-12 }) else { return }
    let s = zip(after, before).map { $0 - $1 }
    let y = zip(current.covarianceGradient, previous.covarianceGradient).map { $0 - $1 }
    let ms = information * s
    let sms = dot(s, ms)
    let sy = dot(s, y)
    guard sms > 0, sy > 0.2 * sms else { return }
    for a in s.indices {
      for b in s.indices { information[a, b] += y[a] * y[b] / sy - ms[a] * ms[b] / sms }
    }
  }

  /// The distinct elements of ΛΛ', in the order of the parameters.
  private func relativeCovariances(_ theta: [Double]) -> [Double] {
    criterion.layout.relativeCovariances(theta)
  }

  /// θ after a step in the covariances, shortened term by term so that no variance falls to less than a tenth.
  private func moved(_ theta: [Double], by step: [Double]) -> [Double] {
    let layout = criterion.layout
    var result = theta
    for term in layout.terms {
      let q = term.width
      var factor = Matrix(rows: q, columns: q)
      var change = Matrix(rows: q, columns: q)
      var k = term.firstParameter
      for column in 0..<q {
        for row in column..<q {
          factor[row, column] = theta[k]
          change[row, column] = step[k]
          change[column, row] = step[k]
          k += 1
        }
      }
      let covariance = Matrix.product(factor, factor, transposeSecond: true)
      var scale = 1.0
      while scale > 1e-6, (try? CholeskyFactor(of: 0.9 * covariance + scale * change)) == nil { scale *= 0.7 }
      guard let root = try? CholeskyFactor(of: covariance + scale * change) else { continue }
      k = term.firstParameter
      for column in 0..<q {
        for row in column..<q {
          result[k] = root.lower[row, column]
          k += 1
        }
      }
    }
    return result
  }
}
