import Glibc
import LinearAlgebra
import TestSupport
import Testing

/// A symmetric positive definite matrix of an order: 2 on the diagonal and −1/2 beside it.
private func banded(_ n: Int) -> Matrix {
  var a = Matrix(rows: n, columns: n)
  for i in 0..<n {
    a[i, i] = 2
    if i > 0 {
      a[i, i - 1] = -0.5
      a[i - 1, i] = -0.5
    }
  }
  return a
}

private func hilbert(_ n: Int) -> Matrix {
  Matrix(rowMajor: (1...n).map { i in (1...n).map { j in 1 / Double(i + j - 1) } })
}

@Suite("Cholesky factors")
struct CholeskyTests {
  // Both sides of the order up to which the plain loop is used.
  @Test("the factor times its transpose is the matrix", arguments: [1, 2, 5, 12, 13, 40])
  func factor(order: Int) throws {
    let a = banded(order)
    let cholesky = try CholeskyFactor(of: a)
    let back = Matrix.product(cholesky.lower, cholesky.lower, transposeSecond: true)
    expectClose(back.storage, a.storage, absolute: 1e-15)
    for j in 0..<order { for i in 0..<j { #expect(cholesky.lower[i, j] == 0) } }
    let x = (0..<order).map { Double($0) - 2.5 }
    expectClose(cholesky.solve(a * x), x, relative: 1e-13, absolute: 1e-14)
    expectClose((cholesky.inverse() * a).storage, Matrix.identity(order).storage, absolute: 1e-14)
    let b = Matrix(columns: [x, x.map { $0 * $0 }], rows: order)
    expectClose((a * cholesky.solve(b)).storage, b.storage, absolute: 1e-11)
  }

  @Test("the log determinant of the Hilbert matrix")
  func logDeterminant() throws {
    // R 4.2.2: determinant(1 / outer(1:6, 1:6, function(i, j) i + j - 1))$modulus
    expectClose(
      try CholeskyFactor(of: hilbert(6)).logDeterminant, -39.766206706447988, relative: 1e-11)
  }

  @Test("only the lower triangle is read")
  func lowerTriangle() throws {
    var a = banded(4)
    a[0, 3] = 7
    #expect(try CholeskyFactor(of: a) == CholeskyFactor(of: banded(4)))
  }

  @Test("a matrix that is not positive definite names its leading minor", arguments: [5, 20])
  func notPositive(order: Int) {
    var a = banded(order)
    a[3, 3] = -1
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 4)) { try CholeskyFactor(of: a) }
    a[3, 3] = 2
    a[0, 0] = 0
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 1)) { try CholeskyFactor(of: a) }
  }

  @Test("a value that is not finite is refused", arguments: [5, 20])
  func notFinite(order: Int) {
    for bad in [Double.nan, .infinity] {
      var a = banded(order)
      a[2, 1] = bad
      #expect(throws: LinearAlgebraError.notFinite(routine: "Cholesky factorisation")) {
        try CholeskyFactor(of: a)
      }
    }
  }

  @Test("the in-place loop reports what overflows")
  func inPlace() {
    var a: [Double] = [.nan, 0, 0, 1]
    #expect(a.withUnsafeMutableBufferPointer { CholeskyFactor.factorInPlace($0, order: 2) } == 1)
    a = [4, 2, 99, 3]
    #expect(a.withUnsafeMutableBufferPointer { CholeskyFactor.factorInPlace($0, order: 2) } == 0)
    #expect(a == [2, 1, 99, 2.0.squareRoot()])
  }
}

@Suite("Pivoted QR decompositions")
struct PivotedQRTests {
  /// The third column is twice the second, the fifth a combination of others.
  private let collinear = Matrix(
    columns: [
      [1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12], [1, 0, 1, 0, 0, 1],
      [2, 2, 4, 4, 5, 7], [0.5, -1, 2, 0.3, 1, 4],
    ], rows: 6)
  private let y = [1.2, 2.9, 3.1, 4.8, 5.1, 7.7]

  @Test("collinear columns are aliased as in R's lm")
  func aliasing() throws {
    let qr = try PivotedQR(of: collinear)
    // R 4.2.2: f <- lm.fit(X, y); f$rank; f$qr$pivot; f$coefficients
    #expect(qr.rank == 4)
    #expect(qr.pivot == [0, 1, 3, 5, 2, 4])
    #expect(qr.aliasedColumns == [2, 4] && qr.independentColumns == [0, 1, 3, 5])
    let b = qr.coefficients(for: y)
    #expect(b[2] == nil && b[4] == nil)
    expectClose(
      [b[0]!, b[1]!, b[3]!, b[5]!],
      [1.55813953488358736, 0.72093023255817745, -1.37209302325568694, 0.65116279069761918],
      relative: 1e-11, because: "a condition of about 1e3")
    // hatvalues(lm(y ~ X - 1)); summary(...)$cov.unscaled
    expectClose(
      qr.leverages,
      [
        0.97674418604651336, 0.69767441860464696, 0.69767441860465707, 0.41860465116278750,
        0.46511627906976794, 0.74418604651162834,
      ], relative: 1e-12)
    expectClose(
      qr.inverseGram().storage,
      [
        534.18604651162082, -151.593023255811886, -505.29069767441160, 219.883720930229458,
        -151.593023255811886, 43.046511627906376, 143.395348837207280, -62.441860465115376,
        -505.29069767441160, 143.395348837207280, 478.86046511627222, -208.255813953485330,
        219.883720930229458, -62.441860465115376, -208.255813953485330, 90.697674418603299,
      ], relative: 1e-10)
  }

  @Test("the tolerance is R's share of a column's norm", arguments: [(1e-5, 3), (1e-6, 2), (1e-8, 2)])
  func tolerance(difference: Double, rank: Int) throws {
    // R 4.2.2: qr(cbind(1, 1:6, 1:6 + d * c(0, 0, 0, 0, 0, 1)))$rank
    let x = Matrix(
      columns: [
        [1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6 + difference],
      ], rows: 6)
    #expect(try PivotedQR(of: x).rank == rank)
  }

  @Test("zero columns and more columns than rows")
  func degenerate() throws {
    // R 4.2.2: qr(cbind(0, 1:3, 0, c(1, 1, 2)))$pivot; lm.fit(Z, c(1, 2, 4))$coefficients
    let zero = try PivotedQR(
      of: Matrix(columns: [[0, 0, 0], [1, 2, 3], [0, 0, 0], [1, 1, 2]], rows: 3))
    #expect(zero.pivot == [1, 3, 0, 2])
    let b = zero.coefficients(for: [1, 2, 4])
    #expect(b[0] == nil && b[2] == nil)
    expectClose([b[1]!, b[3]!], [1, 1.0 / 3], relative: 1e-14)
    // qr(matrix(1:6, 2))$rank; lm.fit(...)$coefficients
    let wide = try PivotedQR(of: Matrix(columns: [[1, 2], [3, 4], [5, 6]], rows: 2))
    #expect(wide.rank == 2)
    let c = wide.coefficients(for: [1, 2])
    #expect(c[2] == nil)
    expectClose([c[0]!, c[1]!], [1, 0], absolute: 1e-15)
    #expect(try PivotedQR(of: Matrix(rows: 4, columns: 0)).rank == 0)
    #expect(try PivotedQR(of: Matrix(rows: 4, columns: 2)).rank == 0)
    #expect(throws: LinearAlgebraError.notFinite(routine: "QR decomposition")) {
      try PivotedQR(of: Matrix(rowMajor: [[1, .nan]]))
    }
  }

  @Test("Q is orthogonal and Q R is X")
  func reconstruction() throws {
    let qr = try PivotedQR(of: collinear)
    let q = qr.thinQ
    expectClose(q.gram().storage, Matrix.identity(4).storage, absolute: 1e-15)
    expectClose(
      (q * qr.r).storage, collinear.selecting(columns: [0, 1, 3, 5]).storage, absolute: 1e-14)
    expectClose(qr.q(times: qr.transposedQ(times: y)), y, relative: 1e-14)
  }

  @Test("Longley's data, whose columns are nearly collinear")
  func longley() throws {
    // Longley, JASA 1967;62:819–841; certified values: NIST StRD, dataset Longley.
    let x: [[Double]] = [
      [Double](repeating: 1, count: 16),
      [
        83.0, 88.5, 88.2, 89.5, 96.2, 98.1, 99.0, 100.0, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7,
        116.9,
      ],
      [
        234_289, 259_426, 258_054, 284_599, 328_975, 346_999, 365_385, 363_112, 397_469, 419_180, 442_769,
        444_546,
        482_704, 502_601, 518_173, 554_894,
      ],
      [2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007],
      [1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827],
      [
        107_608, 108_632, 109_773, 110_929, 112_075, 113_270, 115_094, 116_219, 117_388, 118_734, 120_445,
        121_950,
        123_366, 125_368, 127_852, 130_081,
      ],
      (1947...1962).map(Double.init),
    ]
    let employed: [Double] = [
      60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331,
      70551,
    ]
    let b = try PivotedQR(of: Matrix(columns: x, rows: 16)).coefficients(for: employed).map { $0! }
    expectClose(
      b,
      [
        -3_482_258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683,
        -1.03322686717359, -0.511041056535807e-01, 1829.15146461355,
      ], relative: 1e-9, because: "the condition number is about 5e9")
  }
}

@Suite("LU factors and eigenvalues")
struct LUAndEigenTests {
  private let a = Matrix(rowMajor: [[0, 2, 1], [1, -1, 0], [3, 0, 4]])

  @Test("a general matrix is solved, and its determinant has its sign")
  func lu() throws {
    let lu = try LUFactor(of: a)
    // By hand: x₂ = x₁ + 1, so 2(x₁ + 1) + x₃ = 4 and 3x₁ + 4x₃ = 15.
    expectClose(lu.solve([4, -1, 15]), [-1.4, -0.4, 4.8], absolute: 1e-14)
    // By hand: 0·(−4) − 2·(4 − 0) + 1·(0 + 3) = −5.
    #expect(lu.logAbsoluteDeterminant.sign == -1)
    expectClose(lu.logAbsoluteDeterminant.log, log(5), relative: 1e-15)
    expectClose((lu.inverse() * a).storage, Matrix.identity(3).storage, absolute: 1e-15)
    #expect(throws: LinearAlgebraError.singular(column: 1)) {
      try LUFactor(of: Matrix(rowMajor: [[1, 2], [2, 4]]))
    }
    #expect(throws: LinearAlgebraError.notFinite(routine: "LU factorisation")) {
      try LUFactor(of: Matrix(rowMajor: [[.infinity]]))
    }
  }

  @Test("the eigenvalues of the Hilbert matrix")
  func eigenvalues() throws {
    // R 4.2.2: eigen(1 / outer(1:6, 1:6, function(i, j) i + j - 1))$values
    let eigen = try SymmetricEigen(of: hilbert(6))
    expectClose(
      eigen.values,
      [
        1.0827994845354834e-07, 1.2570757122618847e-05, 6.1574835418259054e-04,
        1.6321521319875659e-02, 2.4236087057520889e-01, 1.6188998589243382,
      ], relative: 1e-13, absolute: 1e-15)
    expectClose(eigen.vectors.gram().storage, Matrix.identity(6).storage, absolute: 1e-14)
    expectClose(eigen.mapped { $0 }.storage, hilbert(6).storage, absolute: 1e-15)
    for j in 0..<6 {
      let column = eigen.vectors.column(j)
      #expect(column.max()! >= -column.min()! * (1 - 1e-12))
    }
    #expect(try SymmetricEigen(of: Matrix(rows: 0, columns: 0)).values.isEmpty)
    #expect(throws: LinearAlgebraError.notFinite(routine: "symmetric eigenvalues")) {
      try SymmetricEigen(of: Matrix(rowMajor: [[.nan]]))
    }
  }
}
