import CLAPACKE
import COpenBLAS

/// Factorisations and solves that overwrite their operands, for evaluations that must not allocate.
///
/// All matrices are column-major without padding, and only lower triangles are read of symmetric ones.
public enum DenseKernels {
  /// Overwrites the lower triangle of a symmetric matrix with its Cholesky factor (`dpotrf`; a plain loop up to order 12).
  ///
  /// - Returns: 0, or the order of the first leading minor that is not positive or not finite.
  public static func cholesky(_ a: UnsafeMutableBufferPointer<Double>, order n: Int) -> Int {
    precondition(a.count >= n * n, "\(a.count) elements for order \(n)")
    if n <= 12 { return CholeskyFactor.factorInPlace(a, order: n) }
    BLASThreads.useOne()
    // The unchecked variant: with a NaN inside it may report success, hence the look at the pivots.
    let info = LAPACKE_dpotrf_work(
      LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackInt(n), a.baseAddress!, lapackInt(n))
    precondition(info >= 0, "dpotrf: argument \(-info)")
    if info > 0 { return Int(info) }
    for j in 0..<n where !(a[j + j * n] > 0 && a[j + j * n].isFinite) { return j + 1 }
    return 0
  }

  /// Overwrites B with L⁻¹B for a lower triangular factor L (`dtrsm`).
  public static func solveLower(
    _ l: UnsafeMutableBufferPointer<Double>, order n: Int, _ b: UnsafeMutableBufferPointer<Double>,
    columns: Int
  ) {
    precondition(l.count >= n * n && b.count >= n * columns, "order \(n), \(columns) columns")
    guard n > 0, columns > 0 else { return }
    if n == 1 {
      for j in 0..<columns { b[j] /= l[0] }
      return
    }
    BLASThreads.useOne()
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, lapackInt(n),
      lapackInt(columns), 1, l.baseAddress!, lapackInt(n), b.baseAddress!, lapackInt(n))
  }

  /// Subtracts A'A from the lower triangle of C, A having n rows (`dsyrk`).
  public static func subtractGram(
    of a: UnsafeMutableBufferPointer<Double>, rows n: Int, columns: Int,
    from c: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(
      a.count >= n * columns && c.count >= columns * columns, "\(n) × \(columns) and its Gram matrix")
    guard n > 0, columns > 0 else { return }
    BLASThreads.useOne()
    cblas_dsyrk(
      CblasColMajor, CblasLower, CblasTrans, lapackInt(columns), lapackInt(n), -1, a.baseAddress!,
      lapackInt(n), 1, c.baseAddress!, lapackInt(columns))
  }

  /// The product A B of a symmetric matrix, of which the lower triangle is read, with a general one (`dsymm`).
  ///
  /// Large products are shared by all cores, column by column of tiles: no digit depends on their number.
  ///
  /// - Parameters:
  ///   - a: `order * order` elements or more.
  ///   - b: `order * columns` elements or more.
  public static func symmetricProduct(_ a: [Double], order n: Int, _ b: [Double], columns: Int) -> [Double] {
    precondition(a.count >= n * n && b.count >= n * columns, "order \(n), \(columns) columns")
    var result = [Double](repeating: 0, count: n * columns)
    guard n > 0, columns > 0 else { return result }
    BLASThreads.useOne()
    if columns <= 8 {
      // `dsymm` copies the whole of A first, which a few columns are not worth.
      result.withUnsafeMutableBufferPointer { result in
        b.withUnsafeBufferPointer { b in
          for j in 0..<columns {
            cblas_dsymv(
              CblasColMajor, CblasLower, lapackInt(n), 1, a, lapackInt(n), b.baseAddress! + j * n, 1, 0,
              result.baseAddress! + j * n, 1)
          }
        }
      }
      return result
    }
    let slab = TiledCholesky.tile
    let count = (columns + slab - 1) / slab
    result.withUnsafeMutableBufferPointer { result in
      let target = ColumnsPointer(start: result.baseAddress!)
      let queue = BlockQueue(count: count)
      parallelLoop(min(coreCount, count)) { _ in
        while let k = queue.next() {
          let first = k * slab
          cblas_dsymm(
            CblasColMajor, CblasLeft, CblasLower, lapackInt(n), lapackInt(min(slab, columns - first)), 1, a,
            lapackInt(n), Array(b[(first * n)..<(min(first + slab, columns) * n)]), lapackInt(n), 0,
            target.start + first * n, lapackInt(n))
        }
      }
    }
    return result
  }

  /// Sendable is unchecked because of the pointer: each thread writes columns of its own.
  private struct ColumnsPointer: @unchecked Sendable {
    let start: UnsafeMutablePointer<Double>
  }
}
