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
  init?(normalEquationsOf design: TallMatrix, target: [Double], weights: [Double]?) {
    BLASThreads.useOne()
    let p = design.columns
    let products = Self.products(design, target, weights)
    let gram = Matrix(rows: p, columns: p, storage: Array(products[..<(p * p)]))
    guard let system = WeightedSystem(gram: gram.mirroredUpper()) else { return nil }
    var b = system.solve(Array(products[(p * p)...]))
    var residuals = copy(of: target)
    let first = Self.subtract(design, b, from: &residuals, weights)
    let step = system.solve(Array(first[1...]))
    for j in 0..<p { b[j] += step[j] }
    var rss = first[0]
    // ‖X step‖² = step'X'Wr. Below 1e-22 of the residuals' own size it changes none of their digits that are printed.
    let change = zip(step, first[1...]).reduce(0) { $0 + $1.0 * $1.1 }
    if !(change <= 1e-22 * rss) { rss = Self.subtract(design, step, from: &residuals, weights)[0] }
    guard rss > 1e-20 * Self.size(target, weights) else { return nil }
    coefficients = b
    independentColumns = Array(0..<p)
    aliasedColumns = []
    inverseGram = system.inverse()
    self.residuals = residuals
    residualSumOfSquares = rss
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

  private static let blockRows = 8 * TallMatrix.chunkRows
  private static let chunkRows = TallMatrix.chunkRows

  /// X'WX, p × p (its upper triangle), and X'Wy.
  private static func products(_ design: TallMatrix, _ target: [Double], _ weights: [Double]?) -> [Double] {
    let p = design.columns
    return sumsOverBlocks(rows: design.rows, block: blockRows, width: p * (p + 1)) { rows, sums in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: chunkRows * (2 * p + 1)) { scratch in
        let x = scratch.baseAddress!
        let last = x + p * chunkRows
        for chunk in design.chunks(rows) {
          let count = chunk.count
          design.gather(chunk, into: x, stride: chunkRows)
          for i in 0..<count { last[i] = target[chunk.lowerBound + i] }
          guard let weights else {
            // The target stands behind the columns: one product gives X'X and X'y.
            GramKernel.accumulate(
              rows: count, x, columns: p, stride: chunkRows, x, columns: p + 1, stride: chunkRows, into: sums)
            continue
          }
          let scaled = last
          weights.withUnsafeBufferPointer { w in
            let w = w.baseAddress! + chunk.lowerBound
            for i in 0..<count { scaled[i + p * chunkRows] = w[i] * target[chunk.lowerBound + i] }
            for j in 0..<p {
              for i in 0..<count { scaled[i + j * chunkRows] = w[i] * x[i + j * chunkRows] }
            }
          }
          GramKernel.accumulate(
            rows: count, x, columns: p, stride: chunkRows, scaled, columns: p + 1, stride: chunkRows,
            into: sums)
        }
      }
    }
  }

  /// Σ w y².
  private static func size(_ y: [Double], _ weights: [Double]?) -> Double {
    var size = 0.0
    if let weights {
      for i in y.indices { size += weights[i] * y[i] * y[i] }
    } else {
      for value in y { size += value * value }
    }
    return size
  }

  /// Subtracts Xb from residuals; returns Σ w r² and X'Wr of what is left.
  private static func subtract(
    _ design: TallMatrix, _ b: [Double], from residuals: inout [Double], _ weights: [Double]?
  ) -> [Double] {
    let p = design.columns
    let negative = b.map { -$0 }
    return residuals.withUnsafeMutableBufferPointer { buffer in
      let r = ResidualPointer(buffer.baseAddress!)
      return sumsOverBlocks(rows: design.rows, block: blockRows, width: p + 1) { rows, sums in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: chunkRows * (p + 1)) { scratch in
          let x = scratch.baseAddress!
          let weighted = x + p * chunkRows
          for chunk in design.chunks(rows) {
            let count = chunk.count
            let part = r.base + chunk.lowerBound
            design.gather(chunk, into: x, stride: chunkRows)
            GramKernel.addProduct(
              chunk: x, rows: count, columns: p, stride: chunkRows, coefficients: negative, to: part)
            var squares = 0.0
            for i in 0..<count {
              weighted[i] = (weights?[chunk.lowerBound + i] ?? 1) * part[i]
              squares += weighted[i] * part[i]
            }
            sums[0] += squares
            GramKernel.accumulate(
              chunk: x, rows: count, columns: p, stride: chunkRows, times: weighted, into: sums + 1)
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
