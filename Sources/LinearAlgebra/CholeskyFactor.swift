import CLAPACKE
import Glibc

/// The Cholesky factor of a symmetric positive definite matrix, A = L L' with L lower triangular.
///
/// Golub & Van Loan, Matrix Computations, 4th ed., section 4.2. R: `t(chol(A))`. Up to order 12 a plain loop is used,
/// which is two to four times faster there than `dpotrf`.
public struct CholeskyFactor: Sendable, Equatable {
  /// The lower triangular factor L; zeros above the diagonal.
  public let lower: Matrix

  /// Factorises a matrix, of which the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` with the order of the offending leading minor, or
  ///   `.notFinite` where an element goes in, or a pivot comes out, that is not finite.
  public init(of matrix: Matrix) throws(LinearAlgebraError) {
    precondition(matrix.isSquare, "Cholesky of \(matrix.rows) × \(matrix.columns)")
    guard matrix.isFinite else { throw .notFinite(routine: "Cholesky factorisation") }
    let n = matrix.rows
    var l = matrix
    var failed = 0
    if n <= 12 {
      l.storage.withUnsafeMutableBufferPointer { failed = Self.factorInPlace($0, order: n) }
    } else {
      BLASThreads.useOne()
      l.storage.withUnsafeMutableBufferPointer { a in
        failed = Int(
          LAPACKE_dpotrf(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackInt(n), a.baseAddress!, lapackInt(n)))
      }
      precondition(failed >= 0, "dpotrf: argument \(-failed)")
    }
    guard failed == 0 else { throw .notPositiveDefinite(order: failed) }
    for j in 0..<n {
      // With a NaN inside, OpenBLAS' dpotrf reports success; the pivots tell.
      guard l[j, j].isFinite, l[j, j] > 0 else { throw .notPositiveDefinite(order: j + 1) }
      for i in 0..<j { l[i, j] = 0 }
    }
    lower = l
  }

  /// Overwrites the lower triangle of a column-major matrix with its Cholesky factor.
  ///
  /// - Parameter a: `order * order` elements; the strict upper triangle is neither read nor written.
  /// - Returns: 0, or the order of the first leading minor that is not positive.
  @inlinable
  public static func factorInPlace(_ a: UnsafeMutableBufferPointer<Double>, order n: Int) -> Int {
    for j in 0..<n {
      var pivot = a[j + j * n]
      for k in 0..<j { pivot -= a[j + k * n] * a[j + k * n] }
      guard pivot > 0, pivot.isFinite else { return j + 1 }
      let root = pivot.squareRoot()
      a[j + j * n] = root
      for i in (j + 1)..<max(n, j + 1) {
        var sum = a[i + j * n]
        for k in 0..<j { sum -= a[i + k * n] * a[j + k * n] }
        a[i + j * n] = sum / root
      }
    }
    return 0
  }

  /// The order of the matrix.
  public var order: Int { lower.rows }

  /// log |A| = 2 Σ log Lᵢᵢ.
  public var logDeterminant: Double {
    var sum = 0.0
    for i in 0..<order { sum += log(lower[i, i]) }
    return 2 * sum
  }

  /// Solves A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == order, "order \(order), right side of \(b.count)")
    return solveTransposedLower(solveLower(b))
  }

  /// Solves A X = B column by column.
  public func solve(_ b: Matrix) -> Matrix {
    Matrix(columns: (0..<b.columns).map { solve(b.column($0)) }, rows: order)
  }

  /// Solves L x = b (forward substitution).
  public func solveLower(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<order {
      var sum = x[i]
      for k in 0..<i { sum -= lower[i, k] * x[k] }
      x[i] = sum / lower[i, i]
    }
    return x
  }

  /// Solves L'x = b (back substitution).
  public func solveTransposedLower(_ b: [Double]) -> [Double] {
    var x = b
    for i in stride(from: order - 1, through: 0, by: -1) {
      var sum = x[i]
      for k in (i + 1)..<max(order, i + 1) { sum -= lower[k, i] * x[k] }
      x[i] = sum / lower[i, i]
    }
    return x
  }

  /// The inverse of A, symmetric. Where only A⁻¹b is wanted, `solve` is more accurate (R `chol2inv`).
  public func inverse() -> Matrix {
    let n = order
    if n > 12 {
      var a = lower
      BLASThreads.useOne()
      let info = a.storage.withUnsafeMutableBufferPointer {
        LAPACKE_dpotri(
          LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackInt(n), $0.baseAddress!, lapackInt(n))
      }
      precondition(info == 0, "dpotri: \(info) for a factor with a positive diagonal")
      for j in 0..<n {
        for i in 0..<j { a[i, j] = a[j, i] }
      }
      return a
    }
    return solve(.identity(n)).symmetrised()
  }
}
