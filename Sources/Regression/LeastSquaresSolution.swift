import LinearAlgebra

/// A least-squares problem solved: what a linear fit reports of it, however it was solved.
struct LeastSquaresSolution: Sendable {
  /// One coefficient a column; none where the column depends on earlier ones.
  let coefficients: [Double?]
  /// The columns with a coefficient and those without, ascending.
  let independentColumns: [Int]
  let aliasedColumns: [Int]
  /// (X'WX)⁻¹ over the independent columns.
  let inverseGram: Matrix
  /// y − Xb.
  let residuals: [Double]
  /// Σ w (y − Xb)².
  let residualSumOfSquares: Double
  /// The decomposition of √W X; nil where normal equations were solved.
  private let qr: PivotedQR?

  var rank: Int { independentColumns.count }

  /// The solution by a QR decomposition of √W X.
  ///
  /// - Parameters:
  ///   - y: the response times √W.
  ///   - rootWeights: √W; nil for ones.
  init(_ qr: PivotedQR, y: [Double], rootWeights: [Double]?) {
    coefficients = qr.coefficients(for: y)
    independentColumns = qr.independentColumns
    aliasedColumns = qr.aliasedColumns
    inverseGram = qr.inverseGram()
    // Residuals from the effects beyond the rank: y − Xβ would cancel where the fit is close.
    var effects = qr.transposedQ(times: y)
    for k in 0..<qr.rank { effects[k] = 0 }
    let scaled = qr.q(times: effects)
    residualSumOfSquares = scaled.reduce(0) { $0 + $1 * $1 }
    residuals = rootWeights.map { root in scaled.indices.map { scaled[$0] / root[$0] } } ?? scaled
    self.qr = qr
  }

  /// The solution by normal equations, refined once: b ← b + (X'WX)⁻¹X'W(y − Xb).
  ///
  /// Nil where a column is nearly a combination of others (`WeightedSystem.safePivot`) or the fit so close that the
  /// residuals would be rounding error.
  init?(normalEquationsOf design: Matrix, target: [Double], weights: [Double]?) {
    BLASThreads.useOne()
    let p = design.columns
    let products = Self.products(design, target, weights)
    let gram = Matrix(rows: p, columns: p, storage: Array(products[..<(p * p)]))
    guard let system = WeightedSystem(gram: gram.mirroredUpper()) else { return nil }
    var b = system.solve(Array(products[(p * p)...]))
    var residuals = target
    let first = Self.subtract(design, b, from: &residuals, weights)
    let step = system.solve(Array(first[1...]))
    for j in 0..<p { b[j] += step[j] }
    let second = Self.subtract(design, step, from: &residuals, weights)
    let size = target.indices.reduce(0.0) { $0 + (weights?[$1] ?? 1) * target[$1] * target[$1] }
    guard second[0] > 1e-20 * size else { return nil }
    coefficients = b
    independentColumns = Array(0..<p)
    aliasedColumns = []
    inverseGram = system.inverse()
    self.residuals = residuals
    residualSumOfSquares = second[0]
    qr = nil
  }

  /// The leverages of the rows.
  func leverages(_ design: Matrix, weights: [Double]?) -> [Double] {
    if let qr { return qr.leverages }
    let solved = design * inverseGram
    var leverages = [Double](repeating: 0, count: design.rows)
    for j in 0..<design.columns {
      for i in leverages.indices {
        leverages[i] += solved.storage[i + j * design.rows] * design.storage[i + j * design.rows]
      }
    }
    return weights.map { w in leverages.indices.map { w[$0] * leverages[$0] } } ?? leverages
  }

  private static let blockRows = 8192
  private static let chunkRows = 512

  /// X'WX, p × p (its upper triangle), and X'Wy.
  private static func products(_ design: Matrix, _ target: [Double], _ weights: [Double]?) -> [Double] {
    let n = design.rows
    let p = design.columns
    return sumsOverBlocks(rows: n, block: blockRows, width: p * (p + 1)) { rows, sums in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: chunkRows * (p + 1)) { scratch in
        let scaled = scratch.baseAddress!
        let last = scaled + p * chunkRows
        design.storage.withUnsafeBufferPointer { x in
          for first in stride(from: rows.lowerBound, to: rows.upperBound, by: chunkRows) {
            let count = min(chunkRows, rows.upperBound - first)
            let chunk = x.baseAddress! + first
            for i in 0..<count { last[i] = (weights?[first + i] ?? 1) * target[first + i] }
            if let weights {
              for j in 0..<p {
                for i in 0..<count { scaled[i + j * chunkRows] = weights[first + i] * chunk[i + j * n] }
              }
              GramKernel.accumulate(
                rows: count, chunk, columns: p, stride: n, scaled, columns: p + 1, stride: chunkRows,
                into: sums)
            } else {
              GramKernel.accumulate(
                rows: count, chunk, columns: p, stride: n, chunk, columns: p, stride: n, into: sums)
              GramKernel.accumulate(
                chunk: chunk, rows: count, columns: p, stride: n, times: last, into: sums + p * p)
            }
          }
        }
      }
    }
  }

  /// Subtracts Xb from residuals; returns Σ w r² and X'Wr of what is left.
  private static func subtract(
    _ design: Matrix, _ b: [Double], from residuals: inout [Double], _ weights: [Double]?
  ) -> [Double] {
    let n = design.rows
    let p = design.columns
    let negative = b.map { -$0 }
    return residuals.withUnsafeMutableBufferPointer { buffer in
      let r = ResidualPointer(buffer.baseAddress!)
      return sumsOverBlocks(rows: n, block: blockRows, width: p + 1) { rows, sums in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: chunkRows) { scratch in
          let weighted = scratch.baseAddress!
          design.storage.withUnsafeBufferPointer { x in
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: chunkRows) {
              let count = min(chunkRows, rows.upperBound - first)
              let part = r.base + first
              GramKernel.addProduct(
                chunk: x.baseAddress! + first, rows: count, columns: p, stride: n, coefficients: negative,
                to: part)
              var squares = 0.0
              for i in 0..<count {
                weighted[i] = (weights?[first + i] ?? 1) * part[i]
                squares += weighted[i] * part[i]
              }
              sums[0] += squares
              GramKernel.accumulate(
                chunk: x.baseAddress! + first, rows: count, columns: p, stride: n, times: weighted,
                into: sums + 1)
            }
          }
        }
      }
    }
  }

  /// Residuals that threads write, each its own rows: hence unchecked.
  private struct ResidualPointer: @unchecked Sendable {
    let base: UnsafeMutablePointer<Double>
    init(_ base: UnsafeMutablePointer<Double>) { self.base = base }
  }
}
