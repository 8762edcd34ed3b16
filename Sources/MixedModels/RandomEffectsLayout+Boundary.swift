import Glibc
import LinearAlgebra

/// Points from which a search goes on where it has ended with a singular relative covariance.
extension RandomEffectsLayout {
  /// θ of covariances halfway to uncorrelated effects, none of which has a variance below a twentieth of the residual one.
  func interior(_ theta: [Double]) -> [Double] {
    var result = theta
    for term in terms {
      let factor = factor(of: term, theta)
      let covariance = Matrix.product(factor, factor, transposeSecond: true)
      var inside = 0.5 * covariance
      for i in 0..<term.width { inside[i, i] = max(covariance[i, i], 0.05) }
      if let root = try? CholeskyFactor(of: inside) { write(root.lower, of: term, to: &result) }
    }
    return result
  }

  /// For every zero on the diagonal of a factor the θ of the same covariance from which raising it lowers the criterion.
  ///
  /// With L_jj = 0 the columns from j on hold, in the rows B below j, any B R with R orthogonal. The derivative in L_jj is
  /// 2 Σᵢ M_ji L_ij, M = ∂f/∂(ΛΛ'), steepest with column j = −B B'm / |B'm|, m = M_j· below j. Where B'm = 0 for all j the
  /// point is stationary in the covariance itself.
  func escapes(from solution: LinearMixedSolution) throws(LinearAlgebraError) -> [[Double]] {
    var starts: [[Double]] = []
    for term in terms where term.width > 1 {
      let q = term.width
      let factor = factor(of: term, solution.theta)
      for j in 0..<(q - 1) where factor[j, j] == 0 {
        let below = Array((j + 1)..<q)
        let b = factor.selecting(rows: below).selecting(columns: Array(j..<q))
        let m = below.map { 0.5 * solution.covarianceGradient[parameter(of: term, row: $0, column: j)] }
        let descent = b.transposedTimes(m)
        let length = dot(descent, descent).squareRoot()
        guard length > 1e-6 else { continue }
        let column = b * descent.map { -$0 / length }
        var rest = Matrix.product(b, b, transposeSecond: true)
        for x in below.indices {
          for y in below.indices { rest[x, y] -= column[x] * column[y] }
        }
        var moved = factor
        moved[j, j] = 0.01
        let root = Self.semidefiniteFactor(of: rest)
        for (x, row) in below.enumerated() {
          moved[row, j] = column[x]
          for y in below.indices { moved[row, j + 1 + y] = root[x, y] }
        }
        var theta = solution.theta
        write(moved, of: term, to: &theta)
        starts.append(theta)
      }
    }
    return starts
  }

  /// θ of the nearest covariance of a term that has one dimension less, written with a zero last column, and the index of
  /// its last diagonal element; nil where the term's covariance is far from singular.
  func reduced(_ theta: [Double], term: Term) throws(LinearAlgebraError) -> (theta: [Double], zero: Int)? {
    let q = term.width
    guard q > 1 else { return nil }
    let factor = factor(of: term, theta)
    let eigen = try SymmetricEigen(of: Matrix.product(factor, factor, transposeSecond: true))
    guard let largest = eigen.values.last, largest > 0, eigen.values[0] < 0.05 * largest else { return nil }
    var root = Matrix(rows: q, columns: q)
    for k in 1..<q {
      let length = max(eigen.values[k], 0).squareRoot()
      for i in 0..<q { root[i, k - 1] = length * eigen.vectors[i, k] }
    }
    // Plane rotations of pairs of columns make it lower triangular.
    for i in 0..<(q - 1) {
      for k in (i + 1)..<q {
        let length = hypot(root[i, i], root[i, k])
        guard length > 0 else { continue }
        let (c, s) = (root[i, i] / length, root[i, k] / length)
        for row in 0..<q {
          let (a, b) = (root[row, i], root[row, k])
          root[row, i] = c * a + s * b
          root[row, k] = c * b - s * a
        }
      }
    }
    root[q - 1, q - 1] = 0
    var result = theta
    write(root, of: term, to: &result)
    return (result, parameter(of: term, row: q - 1, column: q - 1))
  }

  /// A term's factor on the layout's scale.
  private func factor(of term: Term, _ theta: [Double]) -> Matrix {
    var factor = Matrix(rows: term.width, columns: term.width)
    for column in 0..<term.width {
      for row in column..<term.width {
        factor[row, column] = theta[parameter(of: term, row: row, column: column)]
      }
    }
    return factor
  }

  private func write(_ factor: Matrix, of term: Term, to theta: inout [Double]) {
    for column in 0..<term.width {
      for row in column..<term.width {
        theta[parameter(of: term, row: row, column: column)] = factor[row, column]
      }
    }
  }

  /// The index of the parameter at a place of a term's factor.
  private func parameter(of term: Term, row: Int, column: Int) -> Int {
    term.firstParameter + column * term.width - column * (column - 1) / 2 + row - column
  }

  /// The lower triangular factor of a matrix that may be singular; columns of pivots that vanish are zero.
  private static func semidefiniteFactor(of matrix: Matrix) -> Matrix {
    var factor = Matrix(rows: matrix.rows, columns: matrix.rows)
    let largest = matrix.diagonal.max() ?? 0
    for j in 0..<matrix.rows {
      var pivot = matrix[j, j]
      for k in 0..<j { pivot -= factor[j, k] * factor[j, k] }
      guard pivot > 1e-12 * largest else { continue }
      factor[j, j] = pivot.squareRoot()
      for i in (j + 1)..<max(matrix.rows, j + 1) {
        var value = matrix[i, j]
        for k in 0..<j { value -= factor[i, k] * factor[j, k] }
        factor[i, j] = value / factor[j, j]
      }
    }
    return factor
  }
}
