import COpenBLAS

extension Matrix {
  /// Adds B'B of a block of rows to the upper triangle of this matrix (`dsyrk`).
  ///
  /// For cross-products of tall matrices that are scaled chunk by chunk, so that a chunk stays in cache and the whole
  /// scaled matrix never exists.
  ///
  /// - Parameters:
  ///   - block: column-major, `rows` × `columns` of this matrix, with leading dimension `leading`.
  ///   - sign: 1 to add, −1 to subtract.
  public mutating func addGram(
    ofBlock block: UnsafePointer<Double>, rows: Int, leading: Int, sign: Double = 1
  ) {
    precondition(isSquare && leading >= rows, "a block of \(rows) rows with leading dimension \(leading)")
    guard rows > 0, columns > 0 else { return }
    BLASThreads.useOne()
    let order = lapackInt(columns)
    storage.withUnsafeMutableBufferPointer { out in
      cblas_dsyrk(
        CblasColMajor, CblasUpper, CblasTrans, order, lapackInt(rows), sign, block, lapackInt(leading), 1,
        out.baseAddress!, order)
    }
  }

  /// Copies the upper triangle onto the lower.
  public mutating func mirrorUpper() {
    precondition(isSquare, "\(rows) × \(columns) is not square")
    for j in 0..<columns {
      for i in 0..<j { storage[j + i * rows] = storage[i + j * rows] }
    }
  }

  /// The symmetric matrix with this one's upper triangle.
  public func mirroredUpper() -> Matrix {
    var result = self
    result.mirrorUpper()
    return result
  }
}
