import COpenBLAS

extension Matrix {
  /// The product op(A) op(B), where op transposes on request (`dgemm`; R `A %*% B`, `crossprod`, `tcrossprod`).
  ///
  /// - Precondition: the inner dimensions agree.
  public static func product(
    _ a: Matrix, _ b: Matrix, transposeFirst transposeA: Bool = false,
    transposeSecond transposeB: Bool = false
  ) -> Matrix {
    let m = transposeA ? a.columns : a.rows
    let k = transposeA ? a.rows : a.columns
    let n = transposeB ? b.rows : b.columns
    let kB = transposeB ? b.columns : b.rows
    precondition(k == kB, "product of \(m) × \(k) and \(kB) × \(n)")
    var c = Matrix(rows: m, columns: n)
    guard m > 0, n > 0, k > 0 else { return c }
    BLASThreads.useOne()
    c.storage.withUnsafeMutableBufferPointer { out in
      cblas_dgemm(
        CblasColMajor, transposeA ? CblasTrans : CblasNoTrans,
        transposeB ? CblasTrans : CblasNoTrans, lapackInt(m), lapackInt(n), lapackInt(k), 1,
        a.storage, lapackInt(max(1, a.rows)), b.storage, lapackInt(max(1, b.rows)), 0,
        out.baseAddress!, lapackInt(max(1, m)))
    }
    return c
  }

  /// The matrix product A B.
  public static func * (a: Matrix, b: Matrix) -> Matrix { product(a, b) }

  /// The matrix times a column vector, A x (`dgemv`).
  public static func * (a: Matrix, x: [Double]) -> [Double] {
    precondition(a.columns == x.count, "\(a.rows) × \(a.columns) times \(x.count)")
    var y = [Double](repeating: 0, count: a.rows)
    guard a.rows > 0, a.columns > 0 else { return y }
    BLASThreads.useOne()
    y.withUnsafeMutableBufferPointer { out in
      cblas_dgemv(
        CblasColMajor, CblasNoTrans, lapackInt(a.rows), lapackInt(a.columns), 1, a.storage,
        lapackInt(a.rows), x, 1, 0, out.baseAddress!, 1)
    }
    return y
  }

  /// The transpose times a column vector, A'x.
  public func transposedTimes(_ x: [Double]) -> [Double] {
    precondition(rows == x.count, "(\(rows) × \(columns))' times \(x.count)")
    var y = [Double](repeating: 0, count: columns)
    guard rows > 0, columns > 0 else { return y }
    BLASThreads.useOne()
    y.withUnsafeMutableBufferPointer { out in
      cblas_dgemv(
        CblasColMajor, CblasTrans, lapackInt(rows), lapackInt(columns), 1, storage,
        lapackInt(rows), x, 1, 0, out.baseAddress!, 1)
    }
    return y
  }

  /// The matrix with every element multiplied by a number.
  public static func * (factor: Double, a: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, storage: a.storage.map { factor * $0 })
  }

  /// The sum of two matrices of one shape.
  public static func + (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, +) }

  /// The difference of two matrices of one shape.
  public static func - (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, -) }

  private func combined(with other: Matrix, _ operation: (Double, Double) -> Double) -> Matrix {
    precondition(
      rows == other.rows && columns == other.columns,
      "\(rows) × \(columns) with \(other.rows) × \(other.columns)")
    return Matrix(
      rows: rows, columns: columns, storage: zip(storage, other.storage).map(operation))
  }

  /// The cross-product X'X, or X'WX with a weight for each row; symmetric, both triangles filled (`dsyrk`).
  ///
  /// Weights may be negative: the weighted product is formed as X'(WX).
  public func gram(weights: [Double]? = nil) -> Matrix {
    if let weights {
      precondition(weights.count == rows, "\(weights.count) weights for \(rows) rows")
      var scaled = self
      for j in 0..<columns {
        for i in 0..<rows { scaled.storage[i + j * rows] *= weights[i] }
      }
      return Matrix.product(self, scaled, transposeFirst: true).symmetrised()
    }
    var c = Matrix(rows: columns, columns: columns)
    guard rows > 0, columns > 0 else { return c }
    BLASThreads.useOne()
    c.storage.withUnsafeMutableBufferPointer { out in
      cblas_dsyrk(
        CblasColMajor, CblasUpper, CblasTrans, lapackInt(columns), lapackInt(rows), 1, storage,
        lapackInt(rows), 0, out.baseAddress!, lapackInt(columns))
    }
    for j in 0..<columns {
      for i in 0..<j { c[j, i] = c[i, j] }
    }
    return c
  }

  /// The quadratic form x'Ax.
  public func quadraticForm(_ x: [Double]) -> Double { dot(x, self * x) }

  /// The sandwich L A L' with L having as many columns as A has rows.
  public func sandwiched(by l: Matrix) -> Matrix {
    Matrix.product(l * self, l, transposeSecond: true).symmetrised()
  }
}

/// The inner product Σ xᵢ yᵢ of two vectors of one length.
@inlinable
public func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "inner product of \(x.count) and \(y.count) elements")
  var sum = 0.0
  for i in 0..<x.count { sum += x[i] * y[i] }
  return sum
}
