import Glibc
import LinearAlgebra
import Optimisation
import TestSupport
import Testing

/// Rosenbrock's valley, (1 − x)² + 100 (y − x²)², with its gradient; the minimum is at (1, 1).
private func rosenbrock(_ p: [Double]) -> (value: Double, gradient: [Double]) {
  let u = 1 - p[0]
  let v = p[1] - p[0] * p[0]
  return (u * u + 100 * v * v, [-2 * u - 400 * p[0] * v, 200 * v])
}

@Suite("BOBYQA")
struct BOBYQATests {
  @Test("finds the end of Rosenbrock's valley")
  func valley() {
    let bounds = [Double](repeating: .infinity, count: 2)
    let record = BOBYQA(lower: bounds.map { -$0 }, upper: bounds).minimise(from: [-1.2, 1]) {
      rosenbrock($0).value
    }
    #expect(record.isConverged)
    expectClose(record.solution, [1, 1], absolute: 1e-4)
    #expect(record.objective == rosenbrock(record.solution).value)
    #expect(record.start == [-1.2, 1] && record.evaluations > 10)
  }

  @Test("one parameter, and a minimum on a bound")
  func bounds() {
    let inner = BOBYQA(lower: [0], upper: [.infinity]).minimise(from: [1]) {
      ($0[0] - 0.3) * ($0[0] - 0.3)
    }
    expectClose(inner.solution[0], 0.3, absolute: 1e-6)
    let edge = BOBYQA(lower: [0, -5], upper: [3, 5]).minimise(from: [1, 1]) {
      ($0[0] + 1) * ($0[0] + 1) + ($0[1] - 2) * ($0[1] - 2)
    }
    #expect(edge.solution[0] == 0)
    expectClose(edge.solution[1], 2, absolute: 1e-6)
  }

  @Test("a start outside the bounds is moved onto them")
  func clamped() {
    let record = BOBYQA(lower: [0, 0], upper: [1, 1]).minimise(from: [-3, 9]) {
      ($0[0] - 0.5) * ($0[0] - 0.5) + ($0[1] - 0.25) * ($0[1] - 0.25)
    }
    expectClose(record.solution, [0.5, 0.25], absolute: 1e-6)
  }

  @Test("points without a value are avoided")
  func holes() {
    let record = BOBYQA(lower: [-10, -10], upper: [10, 10]).minimise(from: [1, 1]) { p in
      p[0] <= 0 ? .nan : p[0] - log(p[0]) + p[1] * p[1]
    }
    expectClose(record.solution, [1, 0], absolute: 1e-4)
    let nowhere = BOBYQA(lower: [-1, -1], upper: [1, 1]).minimise(from: [0, 0]) { _ in .nan }
    #expect(nowhere.stop == .failed && !nowhere.isConverged)
  }

  @Test("the limit of evaluations is kept and told")
  func limit() {
    var optimiser = BOBYQA(lower: [-9, -9], upper: [9, 9])
    optimiser.maximumEvaluations = 15
    let record = optimiser.minimise(from: [-1.2, 1]) { rosenbrock($0).value }
    #expect(record.stop == .limitReached && !record.isConverged)
    #expect(record.evaluations <= 16)
  }
}

@Suite("Quasi-Newton")
struct QuasiNewtonTests {
  @Test("finds the end of Rosenbrock's valley")
  func valley() {
    let record = QuasiNewton().minimise(from: [-1.2, 1], rosenbrock)
    #expect(record.isConverged)
    expectClose(record.solution, [1, 1], absolute: 1e-7)
  }

  @Test("a quadratic of many parameters with a bad scale")
  func quadratic() {
    let scales = (0..<20).map { pow(10, Double($0) / 5) }
    let record = QuasiNewton().minimise(from: [Double](repeating: 1, count: 20)) { p in
      var value = 0.0
      var gradient = p
      for i in 0..<20 {
        let d = p[i] - Double(i)
        value += 0.5 * scales[i] * d * d
        gradient[i] = scales[i] * d
      }
      return (value, gradient)
    }
    #expect(record.isConverged)
    expectClose(record.solution, (0..<20).map(Double.init), absolute: 1e-7)
  }

  @Test("a given inverse Hessian makes a quadratic take one step")
  func givenHessian() {
    let inverse = Matrix(rowMajor: [[0.5, 0], [0, 0.125]])
    let record = QuasiNewton().minimise(from: [3, -2], inverseHessian: inverse) { p in
      (p[0] * p[0] + 4 * p[1] * p[1], [2 * p[0], 8 * p[1]])
    }
    #expect(record.evaluations == 2 && record.solution == [0, 0])
  }

  @Test("the edge of the domain is backed away from")
  func domain() {
    // −log x + x has its minimum at 1; the first long step leaves the domain.
    let record = QuasiNewton().minimise(from: [1e-3]) { p in
      p[0] <= 0 ? (.nan, [.nan]) : (p[0] - log(p[0]), [1 - 1 / p[0]])
    }
    #expect(record.isConverged)
    expectClose(record.solution[0], 1, absolute: 1e-7)
  }

  @Test("a start outside the domain fails, an unbounded objective does not converge")
  func failures() {
    #expect(QuasiNewton().minimise(from: [0]) { _ in (.nan, [0]) }.stop == .failed)
    let slide = QuasiNewton().minimise(from: [0]) { p in (-p[0], [-1]) }
    #expect(!slide.isConverged)
  }

  @Test("a start at the minimum needs one evaluation")
  func alreadyThere() {
    let record = QuasiNewton().minimise(from: [1, 1], rosenbrock)
    #expect(record.stop == .gradientTolerance && record.evaluations == 1)
  }
}

@Suite("Newton's method")
struct NewtonMethodTests {
  /// Rosenbrock's function, whose Hessian is indefinite on the way to (1, 1).
  private func rosenbrock(_ x: [Double]) -> NewtonMethod.Derivatives? {
    let a = x[1] - x[0] * x[0]
    return NewtonMethod.Derivatives(
      value: 100 * a * a + (1 - x[0]) * (1 - x[0]),
      gradient: [-400 * a * x[0] - 2 * (1 - x[0]), 200 * a],
      hessian: Matrix(rowMajor: [[1200 * x[0] * x[0] - 400 * x[1] + 2, -400 * x[0]], [-400 * x[0], 200]]))
  }

  @Test("A curved valley is followed to its minimum, also from where the Hessian is indefinite")
  func valley() {
    for start in [[-1.2, 1], [0, 5], [3, -4]] {
      let (record, derivatives) = NewtonMethod().minimise(from: start, rosenbrock)
      #expect(record.isConverged)
      expectClose(record.solution, [1, 1], absolute: 1e-9)
      #expect(derivatives != nil)
    }
  }

  @Test("A step out of the domain is shortened; a start outside it fails")
  func domain() {
    // x − log x on x > 0 has its minimum at 1.
    func objective(_ x: [Double]) -> NewtonMethod.Derivatives? {
      guard x[0] > 0 else { return nil }
      return NewtonMethod.Derivatives(
        value: x[0] - log(x[0]), gradient: [1 - 1 / x[0]],
        hessian: Matrix(rows: 1, columns: 1, repeating: 1 / (x[0] * x[0])))
    }
    let (record, _) = NewtonMethod().minimise(from: [8], objective)
    expectClose(record.solution[0], 1, absolute: 1e-9)
    #expect(NewtonMethod().minimise(from: [-1], objective).record.stop == .failed)
  }
}
