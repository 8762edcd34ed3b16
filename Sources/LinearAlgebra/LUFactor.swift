import CLAPACKE
import Glibc

/// The LU factorisation of a general square matrix with partial pivoting, P A = L U (`dgetrf`; R `solve(A, b)`).
public struct LUFactor: Sendable {
  private let factors: Matrix
  private let pivots: [Int32]

  /// Factorises a square matrix.
  ///
  /// - Throws: `LinearAlgebraError.singular` with the column of the zero pivot, or `.notFinite`.
  public init(of matrix: Matrix) throws(LinearAlgebraError) {
    precondition(matrix.isSquare, "LU of \(matrix.rows) × \(matrix.columns)")
    guard matrix.isFinite else { throw .notFinite(routine: "LU factorisation") }
    let n = matrix.rows
    var a = matrix
    var p = [Int32](repeating: 0, count: n)
    if n > 0 {
      BLASThreads.useOne()
      let info = a.storage.withUnsafeMutableBufferPointer { elements in
        p.withUnsafeMutableBufferPointer {
          LAPACKE_dgetrf(
            LAPACK_COL_MAJOR, lapackInt(n), lapackInt(n), elements.baseAddress!, lapackInt(n),
            $0.baseAddress!)
        }
      }
      precondition(info >= 0, "dgetrf: argument \(-info)")
      guard info == 0 else { throw .singular(column: Int(info) - 1) }
      guard a.isFinite else { throw .notFinite(routine: "LU factorisation") }
    }
    factors = a
    pivots = p
  }

  /// Solves A X = B.
  public func solve(_ b: Matrix) -> Matrix {
    precondition(b.rows == factors.rows, "order \(factors.rows), right side of \(b.rows) rows")
    guard b.rows > 0, b.columns > 0 else { return b }
    var x = b
    let info = x.storage.withUnsafeMutableBufferPointer {
      LAPACKE_dgetrs(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "N")), lapackInt(b.rows), lapackInt(b.columns),
        factors.storage, lapackInt(b.rows), pivots, $0.baseAddress!, lapackInt(b.rows))
    }
    precondition(info == 0, "dgetrs: argument \(-info)")
    return x
  }

  /// Solves A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    solve(Matrix(rows: b.count, columns: 1, storage: b)).storage
  }

  /// The inverse of A.
  public func inverse() -> Matrix { solve(.identity(factors.rows)) }

  /// log |det A| and the sign of the determinant.
  public var logAbsoluteDeterminant: (log: Double, sign: Double) {
    var sum = 0.0
    var sign = 1.0
    for i in 0..<factors.rows {
      let pivot = factors[i, i]
      sum += log(abs(pivot))
      if pivot < 0 { sign = -sign }
      if Int(pivots[i]) != i + 1 { sign = -sign }
    }
    return (sum, sign)
  }
}
