/// A dense matrix of doubles, stored column by column.
///
/// Element (i, j) lies at `storage[i + j * rows]`, the layout of Fortran, BLAS and R, so that a matrix goes to LAPACK
/// without a copy. Rows and columns count from 0. A matrix is a value: copies are independent.
public struct Matrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, column by column; `rows * columns` of them.
  public var storage: [Double]

  /// Makes a matrix from its elements.
  ///
  /// - Precondition: `storage.count == rows * columns`.
  @inlinable
  public init(rows: Int, columns: Int, storage: [Double]) {
    precondition(
      storage.count == rows * columns,
      "a \(rows) × \(columns) matrix needs \(rows * columns) elements, not \(storage.count)")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// Makes a `rows` × `columns` matrix with every element equal to `value`.
  @inlinable
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(
      rows: rows, columns: columns, storage: [Double](repeating: value, count: rows * columns))
  }

  /// Makes a matrix from its columns, which must have one length; `rows` is needed only where there is no column.
  public init(columns: [[Double]], rows: Int? = nil) {
    let count = rows ?? columns.first?.count ?? 0
    var storage: [Double] = []
    storage.reserveCapacity(count * columns.count)
    for column in columns {
      precondition(column.count == count, "columns of \(count) and \(column.count) elements")
      storage.append(contentsOf: column)
    }
    self.init(rows: count, columns: columns.count, storage: storage)
  }

  /// Makes a matrix from rows written out as in print; for small matrices and tests.
  public init(rowMajor rows: [[Double]]) {
    let columns = rows.first?.count ?? 0
    self.init(rows: rows.count, columns: columns)
    for (i, row) in rows.enumerated() {
      precondition(row.count == columns, "rows of \(columns) and \(row.count) elements")
      for (j, value) in row.enumerated() { self[i, j] = value }
    }
  }

  /// Makes the identity matrix of an order.
  public static func identity(_ order: Int) -> Matrix {
    diagonal([Double](repeating: 1, count: order))
  }

  /// Makes a square matrix with the given diagonal and zeros elsewhere.
  public static func diagonal(_ values: [Double]) -> Matrix {
    var matrix = Matrix(rows: values.count, columns: values.count)
    for (i, value) in values.enumerated() { matrix[i, i] = value }
    return matrix
  }

  /// The element in row `i` and column `j`.
  @inlinable
  public subscript(i: Int, j: Int) -> Double {
    get {
      assert(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) of \(rows) × \(columns)")
      return storage[i + j * rows]
    }
    set {
      assert(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) of \(rows) × \(columns)")
      storage[i + j * rows] = newValue
    }
  }

  /// True where rows and columns are as many.
  public var isSquare: Bool { rows == columns }

  /// The elements (0, 0), (1, 1), …
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// The elements of column `j`.
  public func column(_ j: Int) -> [Double] {
    Array(storage[(j * rows)..<((j + 1) * rows)])
  }

  /// The elements of row `i`.
  public func row(_ i: Int) -> [Double] {
    (0..<columns).map { self[i, $0] }
  }

  /// Replaces column `j`.
  public mutating func setColumn(_ j: Int, _ values: [Double]) {
    precondition(values.count == rows, "a column of \(rows), not \(values.count)")
    storage.replaceSubrange((j * rows)..<((j + 1) * rows), with: values)
  }

  /// Writes a matrix into this one from a place on.
  ///
  /// - Precondition: it fits.
  public mutating func setBlock(_ block: Matrix, row: Int, column: Int) {
    precondition(
      row + block.rows <= rows && column + block.columns <= columns,
      "a block of \(block.rows) × \(block.columns) at (\(row), \(column)) of \(rows) × \(columns)")
    for j in 0..<block.columns {
      for i in 0..<block.rows { self[row + i, column + j] = block[i, j] }
    }
  }

  /// The transpose.
  public func transposed() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for j in 0..<columns {
      for i in 0..<rows { result[j, i] = self[i, j] }
    }
    return result
  }

  /// The matrix of the chosen columns, in the order given.
  public func selecting(columns chosen: [Int]) -> Matrix {
    var storage: [Double] = []
    storage.reserveCapacity(rows * chosen.count)
    for j in chosen { storage.append(contentsOf: self.storage[(j * rows)..<((j + 1) * rows)]) }
    return Matrix(rows: rows, columns: chosen.count, storage: storage)
  }

  /// The matrix of the chosen rows, in the order given.
  public func selecting(rows chosen: [Int]) -> Matrix {
    var result = Matrix(rows: chosen.count, columns: columns)
    for j in 0..<columns {
      for (i, row) in chosen.enumerated() { result[i, j] = self[row, j] }
    }
    return result
  }

  /// The columns of this matrix followed by those of another with as many rows.
  public func appending(columnsOf other: Matrix) -> Matrix {
    precondition(rows == other.rows, "\(rows) and \(other.rows) rows side by side")
    return Matrix(
      rows: rows, columns: columns + other.columns, storage: storage + other.storage)
  }

  /// The rows of this matrix followed by those of another with as many columns.
  public func appending(rowsOf other: Matrix) -> Matrix {
    precondition(columns == other.columns, "\(columns) over \(other.columns) columns")
    var result = Matrix(rows: rows + other.rows, columns: columns)
    for j in 0..<columns {
      for i in 0..<rows { result[i, j] = self[i, j] }
      for i in 0..<other.rows { result[rows + i, j] = other[i, j] }
    }
    return result
  }

  /// True where no element is infinite or not a number.
  public var isFinite: Bool {
    !anyBlock(rows: storage.count) { places in
      storage.withUnsafeBufferPointer { x in
        var odd = 0
        for i in places { odd |= abs(x[i]) < .infinity ? 0 : 1 }
        return odd != 0
      }
    }
  }

  /// The mean of this matrix and its transpose: removes the last-bit asymmetry of a product that is symmetric.
  public func symmetrised() -> Matrix {
    precondition(isSquare, "\(rows) × \(columns) is not square")
    var result = self
    for j in 0..<columns {
      for i in 0..<j {
        let mean = (self[i, j] + self[j, i]) / 2
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }

  /// The sum of the diagonal.
  public var trace: Double { diagonal.reduce(0, +) }
}
