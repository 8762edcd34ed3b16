import Inference
import LinearAlgebra
import TestSupport
import Testing

@Suite("Hypotheses of terms")
struct TermHypothesesTests {
  // A 2 × 2 layout with cells of 1, 2, 3 and 2 rows; columns: intercept, b (second level), d (second level), b:d.
  static let cells: [(b: Double, d: Double)] = [
    (0, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1), (1, 1), (1, 1),
  ]
  let treatment = Matrix(
    columns: [
      cells.map { _ in 1 }, cells.map(\.b), cells.map(\.d), cells.map { $0.b * $0.d },
    ])
  let sum = Matrix(
    columns: [
      cells.map { _ in 1 }, cells.map { 1 - 2 * $0.b }, cells.map { 1 - 2 * $0.d },
      cells.map { (1 - 2 * $0.b) * (1 - 2 * $0.d) },
    ])

  @Test("type III compares unweighted cell means")
  func typeIII() throws {
    // The cell means are μ₀₀ = i, μ₁₀ = i + b, μ₀₁ = i + d, μ₁₁ = i + b + d + bd. The unweighted difference between the
    // levels of b is b + bd/2; sum-to-zero coding halves it and turns its sign.
    let l = TermHypotheses.typeIII(design: treatment, sumToZero: try PivotedQR(of: sum), terms: [[1]])[0]
    expectClose(l.row(0), [0, -0.5, 0, -0.25], absolute: 1e-12)
  }

  @Test("type II ignores the interaction's margin by its cell counts")
  func typeII() throws {
    let terms = [
      ModelTerm(label: "b", variables: ["b"], columns: [1]),
      ModelTerm(label: "d", variables: ["d"], columns: [2]),
      ModelTerm(label: "b:d", variables: ["b", "d"], columns: [3]),
    ]
    let l = try TermHypotheses.typeII(design: treatment, term: terms[0], terms: terms).row(0)
    // b adjusted for d weighs the two strata of d by n₀n₁/(n₀+n₁): 1·2/3 and 3·2/5.
    let w0 = 2.0 / 3
    let w1 = 6.0 / 5
    expectClose(l[3] / l[1], w1 / (w0 + w1), relative: 1e-12)
    expectClose([l[0], l[2]], [0, 0], absolute: 1e-12)
  }

  @Test(
    "type II by a covariance is the Wald statistic of a term and what contains it, less that of what contains it"
  )
  func typeIIOfCovariance() throws {
    let terms = [
      ModelTerm(label: "b", variables: ["b"], columns: [1]),
      ModelTerm(label: "d", variables: ["d"], columns: [2]),
      ModelTerm(label: "b:d", variables: ["b", "d"], columns: [3]),
    ]
    let factor = Matrix(columns: [[3, 1, 0, 1], [0, 2, 1, -1], [0, 0, 1, 0.5], [0, 0, 0, 2]])
    let covariance = factor * factor.transposed()
    let estimates = [1, 2, -1, 3.0]
    func wald(_ rows: [Int]) throws -> Double {
      let b = rows.map { estimates[$0] }
      let v = covariance.selecting(rows: rows).selecting(columns: rows)
      return dot(b, try CholeskyFactor(of: v).solve(b))
    }
    for (term, place) in zip(terms, 1...) {
      let l = try TermHypotheses.typeII(covariance: covariance, term: term, terms: terms)
      let value = dot(l.row(0), estimates)
      let own = value * value / covariance.quadraticForm(l.row(0))
      expectClose(own, place == 3 ? try wald([3]) : try wald([place, 3]) - wald([3]), relative: 1e-12)
    }
  }

  @Test("an interaction contains its margins")
  func containment() {
    let a = ModelTerm(label: "a", variables: ["a"], columns: [])
    let ab = ModelTerm(label: "a:b", variables: ["a", "b"], columns: [])
    #expect(ab.contains(a))
    #expect(!a.contains(ab))
    #expect(!a.contains(a))
  }

  @Test("an effect contains those with the same covariates only, where asked as in SAS")
  func containmentOfEffects() {
    let a = ModelTerm(label: "a", variables: ["a"], columns: [])
    let x = ModelTerm(label: "x", variables: ["x"], covariates: ["x"], columns: [])
    let ax = ModelTerm(label: "a:x", variables: ["a", "x"], covariates: ["x"], columns: [])
    #expect(ax.contains(a))
    #expect(!ax.contains(a, by: .effects))
    #expect(ax.contains(x, by: .effects))
  }

  @Test("the same hypothesis on its own coefficients")
  func ownCoefficients() {
    let l = Matrix(rowMajor: [[0, 2, 0, 1], [0, 2, 4, 3]])
    let own = TermHypotheses.onOwnCoefficients(l, columns: [1, 2])
    expectClose(own.row(0), [0, 1, 0, 0.5], absolute: 1e-14)
    expectClose(own.row(1), [0, 0, 1, 0.5], absolute: 1e-14)
    // Columns that the rows do not determine, as with an empty cell, leave them as they are.
    #expect(TermHypotheses.onOwnCoefficients(l, columns: [0, 2]) == l)
  }
}
