import CLAPACKE

/// The eigenvalues and eigenvectors of a symmetric matrix, A = V diag(λ) V' (`dsyev`; R `eigen(A, symmetric = TRUE)`).
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]
  /// The orthonormal eigenvectors as columns, in the order of `values`.
  ///
  /// The sign of each is fixed: its element of largest magnitude (the first such) is positive.
  public let vectors: Matrix

  /// Decomposes a symmetric matrix, of which the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notFinite` or `.noConvergence`.
  public init(of matrix: Matrix) throws(LinearAlgebraError) {
    precondition(matrix.isSquare, "eigenvalues of \(matrix.rows) × \(matrix.columns)")
    guard matrix.isFinite else { throw .notFinite(routine: "symmetric eigenvalues") }
    let n = matrix.rows
    guard n > 0 else {
      values = []
      vectors = matrix
      return
    }
    var a = matrix
    var w = [Double](repeating: 0, count: n)
    BLASThreads.useOne()
    let info = a.storage.withUnsafeMutableBufferPointer { elements in
      w.withUnsafeMutableBufferPointer {
        LAPACKE_dsyev(
          LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), lapackInt(n),
          elements.baseAddress!, lapackInt(n), $0.baseAddress!)
      }
    }
    precondition(info >= 0, "dsyev: argument \(-info)")
    guard info == 0 else { throw .noConvergence(routine: "symmetric eigenvalues") }
    guard a.isFinite, w.allSatisfy(\.isFinite) else {
      throw .notFinite(routine: "symmetric eigenvalues")
    }
    for j in 0..<n {
      var largest = 0
      for i in 1..<max(n, 1) where abs(a[i, j]) > abs(a[largest, j]) * (1 + 1e-12) { largest = i }
      if a[largest, j] < 0 {
        for i in 0..<n { a[i, j] = -a[i, j] }
      }
    }
    values = w
    vectors = a
  }

  /// V diag(f(λ)) V': a function of the matrix, such as its inverse square root.
  public func mapped(_ function: (Double) -> Double) -> Matrix {
    var scaled = vectors
    for j in 0..<values.count {
      let factor = function(values[j])
      for i in 0..<scaled.rows { scaled[i, j] *= factor }
    }
    return Matrix.product(scaled, vectors, transposeSecond: true).symmetrised()
  }
}
