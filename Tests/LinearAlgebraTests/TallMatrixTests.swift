import LinearAlgebra
import Testing

@Suite("A tall matrix in columns is the matrix in one piece")
struct TallMatrixTests {
  let whole = Matrix(rowMajor: [[1, 2.5, 0], [1, -1, 1], [1, 4, 0], [1, 0.25, 1], [1, 3, 0]])
  let apart = TallMatrix(
    rows: 5,
    columns: [
      .constant(1), .values([2.5, -1, 4, 0.25, 3]), .coded(codes: [0, 1, 0, 1, 0], table: [0, 1, .nan]),
    ])

  @Test("assembled, gathered in parts, multiplied and chosen from")
  func equality() {
    #expect(apart.matrix == whole)
    #expect(TallMatrix(whole).matrix == whole)
    for tall in [apart, TallMatrix(whole)] {
      var chunk = [Double](repeating: -9, count: 4 * 3)
      chunk.withUnsafeMutableBufferPointer { tall.gather(1..<4, into: $0.baseAddress!, stride: 4) }
      #expect(chunk == [1, 1, 1, -9, -1, 4, 0.25, -9, 1, 0, 1, -9])
      #expect(tall * [1, 2, -4] == whole * [1, 2, -4])
      #expect(tall.selecting(columns: [2, 0]).matrix == whole.selecting(columns: [2, 0]))
      #expect(tall.isFinite)
    }
  }

  @Test("more rows than a chunk holds")
  func chunks() {
    let n = 3 * TallMatrix.chunkRows + 17
    let x = (0..<n).map { Double($0 % 101) - 50 }
    let tall = TallMatrix(rows: n, columns: [.constant(2), .values(x)])
    #expect(tall * [3, 0.5] == x.map { 6 + 0.5 * $0 })
    #expect(tall.chunks(5..<n).map(\.count).reduce(0, +) == n - 5)
  }

  @Test("what is not finite is found wherever it stands", arguments: [Double.nan, .infinity, -.infinity])
  func finite(bad: Double) {
    for row in [0, 7, 8, 1030] {
      var x = [Double](repeating: 1, count: 1031)
      x[row] = bad
      #expect(!TallMatrix(rows: 1031, columns: [.constant(1), .values(x)]).isFinite)
      #expect(!TallMatrix(Matrix(columns: [x])).isFinite)
      #expect(!x.withUnsafeBufferPointer { allFinite($0) })
    }
    #expect(!TallMatrix(rows: 2, columns: [.constant(bad)]).isFinite)
    #expect(!TallMatrix(rows: 2, columns: [.coded(codes: [0, -1], table: [3, bad])]).isFinite)
    #expect(TallMatrix(rows: 2, columns: [.coded(codes: [0, 0], table: [3, bad])]).isFinite)
  }
}
