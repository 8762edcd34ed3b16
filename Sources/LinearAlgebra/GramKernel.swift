import COpenBLAS

/// Cross-products over a chunk of rows, for callers that keep their own buffers.
///
/// Nothing is allocated: a weighted Gram matrix of a million rows is formed chunk by chunk in a buffer that stays in
/// the processor's cache.
public enum GramKernel {
  /// Adds B'B of a chunk to the upper triangle of a Gram matrix (`dsyrk`).
  ///
  /// - Parameters:
  ///   - chunk: B, `rows` × `columns`, column-major with leading dimension `stride`; read only.
  ///   - gram: `columns` × `columns`; the strict lower triangle is neither read nor written.
  @inlinable
  public static func accumulate(
    chunk: UnsafePointer<Double>, rows: Int, columns: Int, stride: Int,
    into gram: UnsafeMutablePointer<Double>
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_dsyrk(
      CblasColMajor, CblasUpper, CblasTrans, lapackInt(columns), lapackInt(rows), 1, chunk,
      lapackInt(stride), 1, gram, lapackInt(columns))
  }

  /// Adds A'x of a chunk to a vector (`dgemv`).
  ///
  /// - Parameters:
  ///   - chunk: A, `rows` × `columns`, column-major with leading dimension `stride`.
  ///   - vector: x, `rows` values.
  ///   - result: `columns` values, added to.
  @inlinable
  public static func accumulate(
    chunk: UnsafePointer<Double>, rows: Int, columns: Int, stride: Int,
    times vector: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_dgemv(
      CblasColMajor, CblasTrans, lapackInt(rows), lapackInt(columns), 1, chunk, lapackInt(stride),
      vector, 1, 1, result, 1)
  }

  /// Writes base + A b of a chunk (`dgemv`): the linear predictor of its rows.
  ///
  /// - Parameters:
  ///   - coefficients: b, `columns` values.
  ///   - result: `rows` values that hold the base on entry.
  @inlinable
  public static func addProduct(
    chunk: UnsafePointer<Double>, rows: Int, columns: Int, stride: Int,
    coefficients: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_dgemv(
      CblasColMajor, CblasNoTrans, lapackInt(rows), lapackInt(columns), 1, chunk,
      lapackInt(stride), coefficients, 1, 1, result, 1)
  }

  /// Adds A'B of a chunk to a matrix (`dgemm`).
  ///
  /// With few columns OpenBLAS takes its path for small matrices, which needs no packing: A'(WA) of ten columns takes a
  /// third of the time of `dsyrk` on √W A.
  ///
  /// - Parameters:
  ///   - a: `rows` × `columnsA` with leading dimension `strideA`; `b` likewise.
  ///   - product: `columnsA` × `columnsB`, added to.
  @inlinable
  public static func accumulate(
    rows: Int, _ a: UnsafePointer<Double>, columns columnsA: Int, stride strideA: Int,
    _ b: UnsafePointer<Double>, columns columnsB: Int, stride strideB: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    guard rows > 0, columnsA > 0, columnsB > 0 else { return }
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, lapackInt(columnsA), lapackInt(columnsB), lapackInt(rows),
      1, a, lapackInt(strideA), b, lapackInt(strideB), 1, product, lapackInt(columnsA))
  }

  /// Adds A'B of a chunk whose rows lie one after another (row-major) to a matrix (`dgemm`).
  ///
  /// - Parameters:
  ///   - a: `rows` rows of `columnsA` values, the next row `strideA` further on; `b` likewise.
  ///   - product: `columnsA` × `columnsB`, column-major, added to.
  @inlinable
  public static func accumulate(
    rows: Int, rowMajor a: UnsafePointer<Double>, columns columnsA: Int, stride strideA: Int,
    rowMajor b: UnsafePointer<Double>, columns columnsB: Int, stride strideB: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    guard rows > 0, columnsA > 0, columnsB > 0 else { return }
    cblas_dgemm(
      CblasColMajor, CblasNoTrans, CblasTrans, lapackInt(columnsA), lapackInt(columnsB), lapackInt(rows),
      1, a, lapackInt(strideA), b, lapackInt(strideB), 1, product, lapackInt(columnsA))
  }
}
