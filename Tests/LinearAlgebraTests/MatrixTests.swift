import LinearAlgebra
import TestSupport
import Testing

@Suite("Matrices")
struct MatrixTests {
  private let a = Matrix(rowMajor: [[1, 2, 3], [4, 5, 6]])
  private let b = Matrix(rowMajor: [[1, 0], [2, -1], [0.5, 3]])

  @Test("elements lie column by column")
  func layout() {
    #expect(a.storage == [1, 4, 2, 5, 3, 6])
    #expect(a[1, 2] == 6 && a.row(1) == [4, 5, 6] && a.column(1) == [2, 5])
    #expect(a.transposed() == Matrix(rowMajor: [[1, 4], [2, 5], [3, 6]]))
    #expect(a.diagonal == [1, 5])
    #expect(Matrix(columns: [[1, 4], [2, 5], [3, 6]], rows: 2) == a)
  }

  @Test("parts and joins")
  func parts() {
    #expect(a.selecting(columns: [2, 0]) == Matrix(rowMajor: [[3, 1], [6, 4]]))
    #expect(a.selecting(rows: [1]) == Matrix(rowMajor: [[4, 5, 6]]))
    #expect(a.appending(rowsOf: a).rows == 4)
    #expect(a.appending(rowsOf: a).row(3) == [4, 5, 6])
    #expect(a.appending(columnsOf: Matrix(rowMajor: [[7], [8]])).row(1) == [4, 5, 6, 8])
    var c = a
    c.setColumn(1, [9, 9])
    #expect(c.row(0) == [1, 9, 3] && a.row(0) == [1, 2, 3])
    #expect(Matrix(rows: 0, columns: 3).transposed().rows == 3)
  }

  @Test("products of matrices that are not square, with either side transposed")
  func products() {
    let ab = Matrix(rowMajor: [[6.5, 7], [17, 13]])
    #expect(a * b == ab)
    #expect(Matrix.product(a.transposed(), b, transposeFirst: true) == ab)
    #expect(Matrix.product(a, b.transposed(), transposeSecond: true) == ab)
    #expect(
      Matrix.product(a.transposed(), b.transposed(), transposeFirst: true, transposeSecond: true) == ab)
    #expect(a * [1, 0, -1] == [-2, -2])
    #expect(a.transposedTimes([1, 2]) == [9, 12, 15])
    #expect((Matrix(rows: 0, columns: 2) * a).rows == 0)
    #expect(Matrix(rows: 2, columns: 0) * Matrix(rows: 0, columns: 3) == Matrix(rows: 2, columns: 3))
    #expect(2 * a - a == a && a + a == 2 * a)
  }

  @Test("cross-products are symmetric and take weights of either sign")
  func gram() {
    #expect(a.gram() == Matrix(rowMajor: [[17, 22, 27], [22, 29, 36], [27, 36, 45]]))
    #expect(
      a.gram(weights: [2, -1]) == Matrix(rowMajor: [[-14, -16, -18], [-16, -17, -18], [-18, -18, -18]]))
    #expect(Matrix(rows: 0, columns: 2).gram() == Matrix(rows: 2, columns: 2))
    let s = Matrix(rowMajor: [[2, 1], [1, 3]])
    #expect(s.quadraticForm([1, -1]) == 3)
    #expect(s.sandwiched(by: Matrix(rowMajor: [[1, 1]])) == Matrix(rowMajor: [[7]]))
    #expect(s.trace == 5 && dot([1, 2], [3, 4]) == 11)
  }

  @Test("finiteness and symmetry")
  func properties() {
    var c = a
    c[0, 1] = .nan
    #expect(!c.isFinite && a.isFinite && !a.isSquare)
    #expect(Matrix(rowMajor: [[1, 2], [4, 1]]).symmetrised() == Matrix(rowMajor: [[1, 3], [3, 1]]))
    #expect(Matrix.identity(2) == Matrix.diagonal([1, 1]))
  }
}
