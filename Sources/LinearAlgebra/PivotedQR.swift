import COpenBLAS

/// The Householder QR decomposition with the limited column pivoting of R's least squares, X P = Q R.
///
/// Columns are taken in their order; one whose norm, after the columns before it are projected out, has fallen below
/// `tolerance` times its original norm is moved to the end. So the first of a set of collinear columns is kept and the
/// later ones are aliased, as in R's `lm` (LINPACK `dqrdc2`, tolerance 1e-7), whereas LAPACK's `dgeqp3` would reorder by
/// norm. Householder reflections: Golub & Van Loan, Matrix Computations, 4th ed., algorithm 5.2.1.
public struct PivotedQR: Sendable {
  /// The number of rows of X.
  public let rows: Int
  /// The number of columns of X.
  public let columns: Int
  /// The number of columns that are linearly independent at the tolerance.
  public let rank: Int
  /// `pivot[k]` is the column of X that stands at place k; places from `rank` on are the aliased columns.
  public let pivot: [Int]
  /// The tolerance that was used.
  public let tolerance: Double
  /// Householder vectors on and below the diagonal, R above it (its diagonal in `diagonalR`).
  private let packed: Matrix
  private let diagonalR: [Double]

  /// Decomposes a matrix.
  ///
  /// - Parameters:
  ///   - matrix: X, n × p.
  ///   - tolerance: the share of a column's norm that must remain for it to count as independent.
  /// - Throws: `LinearAlgebraError.notFinite`.
  /// - Complexity: O(n p²).
  public init(of matrix: Matrix, tolerance: Double = 1e-7) throws(LinearAlgebraError) {
    guard matrix.isFinite else { throw .notFinite(routine: "QR decomposition") }
    BLASThreads.useOne()
    let n = matrix.rows
    let p = matrix.columns
    var a = matrix
    var order = Array(0..<p)
    var original = [Double](repeating: 0, count: p)
    var remaining = [Double](repeating: 0, count: p)
    var diagonal = [Double](repeating: 0, count: p)
    var independent = p
    a.storage.withUnsafeMutableBufferPointer { x in
      guard n > 0, p > 0 else {
        independent = 0
        return
      }
      let base = x.baseAddress!
      for j in 0..<p {
        let norm = cblas_dnrm2(lapackInt(n), base + j * n, 1)
        remaining[j] = norm
        original[j] = norm == 0 ? 1 : norm
      }
      var l = 0
      while l < min(n, p) {
        while l < independent, remaining[l] < original[l] * tolerance {
          Self.moveToEnd(
            column: l, of: x, rows: n, columns: p, order: &order, original: &original,
            remaining: &remaining)
          independent -= 1
        }
        if l >= independent { break }
        let height = lapackInt(n - l)
        let v = base + l + l * n
        let norm = cblas_dnrm2(height, v, 1)
        if norm == 0 {
          // Only a zero tolerance brings a zero column here.
          diagonal[l] = 0
          l += 1
          continue
        }
        // v = x ± ‖x‖ e₁, scaled so that v₁ = 1 + |x₁|/‖x‖.
        let signed = v.pointee < 0 ? -norm : norm
        cblas_dscal(height, 1 / signed, v, 1)
        v.pointee += 1
        for j in (l + 1)..<max(p, l + 1) {
          let c = base + l + j * n
          let t = -cblas_ddot(height, v, 1, c, 1) / v.pointee
          cblas_daxpy(height, t, v, 1, c, 1)
          if remaining[j] > 0 {
            let ratio = abs(c.pointee) / remaining[j]
            let left = max(1 - ratio * ratio, 0)
            // The downdated norm loses its digits when little is left; take it afresh then.
            remaining[j] =
              left < 1e-6
              ? cblas_dnrm2(height - 1, c + 1, 1) : remaining[j] * left.squareRoot()
          }
        }
        diagonal[l] = -signed
        l += 1
      }
      independent = min(independent, n)
    }
    guard a.isFinite, diagonal.allSatisfy(\.isFinite) else {
      throw .notFinite(routine: "QR decomposition")
    }
    rows = n
    columns = p
    rank = independent
    pivot = order
    packed = a
    diagonalR = diagonal
    self.tolerance = tolerance
  }

  private static func moveToEnd(
    column l: Int, of x: UnsafeMutableBufferPointer<Double>, rows n: Int, columns p: Int,
    order: inout [Int], original: inout [Double], remaining: inout [Double]
  ) {
    for i in 0..<n {
      let value = x[i + l * n]
      for j in (l + 1)..<max(p, l + 1) { x[i + (j - 1) * n] = x[i + j * n] }
      x[i + (p - 1) * n] = value
    }
    order.append(order.remove(at: l))
    original.append(original.remove(at: l))
    remaining.append(remaining.remove(at: l))
  }

  /// The upper triangular factor of the independent columns, rank × rank, in pivoted order.
  public var r: Matrix {
    var result = Matrix(rows: rank, columns: rank)
    for j in 0..<rank {
      for i in 0..<j { result[i, j] = packed[i, j] }
      result[j, j] = diagonalR[j]
    }
    return result
  }

  /// Q'y, n values; the first `rank` are the effects of the independent columns.
  public func transposedQ(times y: [Double]) -> [Double] {
    precondition(y.count == rows, "Q' of \(rows) rows times \(y.count)")
    var z = y
    applyReflections(to: &z, forwards: true)
    return z
  }

  /// Q z for a vector of n values.
  public func q(times z: [Double]) -> [Double] {
    precondition(z.count == rows, "Q of \(rows) rows times \(z.count)")
    var y = z
    applyReflections(to: &y, forwards: false)
    return y
  }

  private func applyReflections(to z: inout [Double], forwards: Bool) {
    let n = rows
    packed.storage.withUnsafeBufferPointer { a in
      z.withUnsafeMutableBufferPointer { z in
        guard n > 0 else { return }
        let order = forwards ? Array(0..<rank) : Array((0..<rank).reversed())
        for l in order {
          let v = a.baseAddress! + l + l * n
          guard v.pointee != 0 else { continue }
          let target = z.baseAddress! + l
          let height = lapackInt(n - l)
          let t = -cblas_ddot(height, v, 1, target, 1) / v.pointee
          cblas_daxpy(height, t, v, 1, target, 1)
        }
      }
    }
  }

  /// The first `rank` columns of Q, n × rank.
  public var thinQ: Matrix {
    Matrix(
      columns: (0..<rank).map { j in
        var unit = [Double](repeating: 0, count: rows)
        unit[j] = 1
        return q(times: unit)
      }, rows: rows)
  }

  /// The least-squares coefficients, one a column of X in X's order; aliased columns have none.
  public func coefficients(for y: [Double]) -> [Double?] {
    let effects = transposedQ(times: y)
    let solved = solveUpper(Array(effects[0..<rank]))
    var result = [Double?](repeating: nil, count: columns)
    for k in 0..<rank { result[pivot[k]] = solved[k] }
    return result
  }

  /// Solves R b = c in pivoted order, `rank` values.
  public func solveUpper(_ c: [Double]) -> [Double] {
    precondition(c.count == rank, "rank \(rank), right side of \(c.count)")
    var b = c
    for i in stride(from: rank - 1, through: 0, by: -1) {
      var sum = b[i]
      for j in (i + 1)..<max(rank, i + 1) { sum -= packed[i, j] * b[j] }
      b[i] = sum / diagonalR[i]
    }
    return b
  }

  /// (X'X)⁻¹ of the independent columns in X's order of columns, rank × rank; see `independentColumns`.
  public func inverseGram() -> Matrix {
    // R⁻¹ column by column, then R⁻¹R⁻ᵀ, then back to X's order.
    let inverse = Matrix(
      columns: (0..<rank).map { j in
        var unit = [Double](repeating: 0, count: rank)
        unit[j] = 1
        return solveUpper(unit)
      }, rows: rank)
    let product = Matrix.product(inverse, inverse, transposeSecond: true).symmetrised()
    let kept = Array(pivot[0..<rank])
    let sorted = kept.indices.sorted { kept[$0] < kept[$1] }
    return product.selecting(rows: sorted).selecting(columns: sorted)
  }

  /// The columns of X that are independent, ascending.
  public var independentColumns: [Int] { pivot[0..<rank].sorted() }

  /// The columns of X that are linear combinations of earlier ones, ascending.
  public var aliasedColumns: [Int] { pivot[rank...].sorted() }

  /// The leverages hᵢᵢ, the diagonal of Q Q'.
  public var leverages: [Double] {
    let q = thinQ
    var h = [Double](repeating: 0, count: rows)
    for j in 0..<rank {
      for i in 0..<rows { h[i] += q[i, j] * q[i, j] }
    }
    return h
  }
}
