import LinearAlgebra

/// One pass of Fisher scoring over the rows of a generalised linear model: linear predictor, mean, working weights and
/// residuals, deviance, X'WX and X'Wr, in chunks that are gathered from the design and stay in cache.
///
/// With m = dμ/dη and prior weight w: working weight W = w m²/V(μ), working residual r = (y − μ)/m. Chunks of rows are
/// gathered into blocks of fixed size, each with its own sums, which are added in the order of the rows, so that the
/// result does not depend on how blocks are spread over threads. Of each row only the linear predictor is kept.
///
/// Sendable is unchecked because of the buffer: a thread writes the rows of its own blocks only, and nothing is read
/// from it before all threads are done.
final class ScoringKernel: @unchecked Sendable {
  /// What one pass found.
  struct Pass {
    /// The deviance Σ w d(y, μ).
    var deviance = 0.0
    /// Pearson's statistic Σ w (y − μ)²/V(μ) = Σ W r².
    var pearson = 0.0
    /// The least term of that sum.
    var leastPearson = Double.infinity
    /// Σ W (η − offset)², the size the coefficients are judged against.
    var size = 0.0
    /// False where some linear predictor or mean lies outside its range; the rest is then meaningless.
    var isValid = true
    /// X'WX.
    var gram: Matrix
    /// X'Wr, or X'W(η − offset + r) of a pass from starting means.
    var score: [Double]
  }

  let family: Family
  let link: Link
  let design: TallMatrix
  private let response: [Double]
  private let prior: [Double]?
  private let offset: [Double]?
  private let rows: ScoringRows
  private let etaBuffer: UnsafeMutableBufferPointer<Double>

  private static let chunkRows = TallMatrix.chunkRows
  private static let blockRows = 8 * TallMatrix.chunkRows

  /// Makes the kernel of a model for rows with a positive prior weight.
  init(family: Family, link: Link, data: RegressionData, weights: [Double]?) {
    self.family = family
    self.link = link
    design = data.columns
    response = data.response
    prior = weights
    offset = data.offset
    rows = ScoringRows(family: family, link: link, response: data.response, weights: weights)
    etaBuffer = .allocate(capacity: data.rowCount)
    etaBuffer.initialize(repeating: 0)
    BLASThreads.useOne()
  }

  deinit { etaBuffer.deallocate() }

  /// What the last pass found of each row.
  func scoredRows() -> FisherScoring.Rows {
    let n = design.rows
    var found = FisherScoring.Rows(
      eta: Array(etaBuffer), mean: [Double](repeating: 0, count: n),
      workingWeights: [Double](repeating: 0, count: n), workingResiduals: [Double](repeating: 0, count: n))
    found.mean.withUnsafeMutableBufferPointer { mean in
      found.workingWeights.withUnsafeMutableBufferPointer { weights in
        found.workingResiduals.withUnsafeMutableBufferPointer { residuals in
          guard n > 0 else { return }
          let places = RowPlaces(
            mean: mean.baseAddress!, weights: weights.baseAddress!, residuals: residuals.baseAddress!)
          _ = sumsOverBlocks(rows: n, block: Self.blockRows, width: 0) { block, _ in
            let (family, link) = (self.family, self.link)
            for i in block {
              let (mean, slope) = link.meanAndSlope(of: self.etaBuffer[i])
              places.mean[i] = mean
              places.weights[i] = (self.prior?[i] ?? 1) * slope * slope / family.variance(mean)
              places.residuals[i] = (self.response[i] - mean) / slope
            }
          }
        }
      }
    }
    return found
  }

  /// Places that threads write, each its own rows: hence unchecked.
  private struct RowPlaces: @unchecked Sendable {
    let mean: UnsafeMutablePointer<Double>
    let weights: UnsafeMutablePointer<Double>
    let residuals: UnsafeMutablePointer<Double>
  }

  /// True where a condition on response, mean, dμ/dη and the change of η under a step holds for every row.
  func allRows(
    step: [Double],
    _ condition: @escaping @Sendable (_ y: Double, _ mean: Double, _ slope: Double, _ change: Double) -> Bool
  ) -> Bool {
    let failures = sumsOverBlocks(rows: design.rows, block: Self.blockRows, width: 1) { block, failures in
      self.gathered(block, columns: 1) { chunk, x, height, change in
        change.initialize(repeating: 0, count: chunk.count)
        GramKernel.addProduct(
          chunk: x, rows: chunk.count, columns: step.count, stride: height, coefficients: step, to: change)
        for (k, i) in chunk.enumerated() {
          let (mean, slope) = self.link.meanAndSlope(of: self.etaBuffer[i])
          if !condition(self.response[i], mean, slope, change[k]) { failures[0] += 1 }
        }
        return failures[0] == 0
      }
    }
    return failures[0] == 0
  }

  /// Hands out the chunks of some rows, gathered, with room for more columns behind; stops where `body` says no.
  ///
  /// - Parameter body: takes the rows, their columns, the distance from one column to the next, and the room.
  private func gathered(
    _ rows: Range<Int>, columns extra: Int,
    _ body: (Range<Int>, UnsafePointer<Double>, Int, UnsafeMutablePointer<Double>) -> Bool
  ) {
    let p = design.columns
    let height = min(rows.count, Self.chunkRows)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: height * (p + extra)) { scratch in
      let x = scratch.baseAddress!
      for chunk in design.chunks(rows) {
        design.gather(chunk, into: x, stride: height)
        guard body(chunk, x, height, x + height * p) else { return }
      }
    }
  }

  /// A pass at given coefficients, one a column of the design.
  func pass(at coefficients: [Double]) -> Pass {
    run { rows, x, height in
      let eta = self.etaBuffer.baseAddress! + rows.lowerBound
      for i in 0..<rows.count { eta[i] = self.offset?[rows.lowerBound + i] ?? 0 }
      GramKernel.addProduct(
        chunk: x, rows: rows.count, columns: coefficients.count, stride: height,
        coefficients: coefficients, to: eta)
    }
  }

  /// A pass at given means: its `score` leads to the first coefficients.
  func pass(fromMeans mean: @escaping @Sendable (_ row: Int) -> Double) -> Pass {
    run(isStart: true) { rows, _, _ in
      for i in rows { self.etaBuffer[i] = self.link.linearPredictor(of: mean(i)) }
    }
  }

  /// Runs over the blocks; `predict` sets the linear predictor of a chunk.
  private func run(
    isStart: Bool = false, predict: @escaping @Sendable (Range<Int>, UnsafePointer<Double>, Int) -> Void
  ) -> Pass {
    let p = design.columns
    let n = design.rows
    let blocks = (n + Self.blockRows - 1) / Self.blockRows
    let parts = ThreadSlots<Pass>(count: blocks)
    let queue = BlockQueue(count: blocks)
    // A thread costs some tens of microseconds: below a few blocks the calling one does it all.
    parallelLoop(max(1, min(coreCount, blocks / 4))) { _ in
      while let k = queue.next() {
        let first = k * Self.blockRows
        parts[k] = self.block(
          first..<min(n, first + Self.blockRows), isStart: isStart, predict: predict)
      }
    }
    var total = Pass(gram: Matrix(rows: p, columns: p), score: [Double](repeating: 0, count: p))
    for k in 0..<blocks {
      let part = parts[k]!
      total.deviance += part.deviance
      total.pearson += part.pearson
      total.leastPearson = min(total.leastPearson, part.leastPearson)
      total.size += part.size
      guard part.isValid, total.deviance.isFinite else {
        total.isValid = false
        return total
      }
      for i in 0..<(p * p) { total.gram.storage[i] += part.gram.storage[i] }
      for j in 0..<p { total.score[j] += part.score[j] }
    }
    for j in 0..<p {
      for i in 0..<j { total.gram[j, i] = total.gram[i, j] }
    }
    return total
  }

  private func block(
    _ rows: Range<Int>, isStart: Bool, predict: @Sendable (Range<Int>, UnsafePointer<Double>, Int) -> Void
  ) -> Pass {
    let p = design.columns
    var part = Pass(gram: Matrix(rows: p, columns: p), score: [Double](repeating: 0, count: p))
    // p × (p + 1): X'WX and, in its last column, X'Wr.
    var products = [Double](repeating: 0, count: p * (p + 1))
    products.withUnsafeMutableBufferPointer { products in
      // Behind the chunk stand WX, the target, and W.
      gathered(rows, columns: p + 2) { chunk, x, height, scaled in
        let target = scaled + p * height
        let weights = target + height
        predict(chunk, x, height)
        guard score(chunk, isStart: isStart, weights: weights, target: target, into: &part) else {
          part.isValid = false
          return false
        }
        guard p > 0 else { return true }
        for j in 0..<p {
          let column = x + j * height
          let out = scaled + j * height
          for i in 0..<chunk.count { out[i] = column[i] * weights[i] }
        }
        GramKernel.accumulate(
          rows: chunk.count, x, columns: p, stride: height, scaled, columns: p + 1, stride: height,
          into: products.baseAddress!)
        return true
      }
      for i in 0..<(p * p) { part.gram.storage[i] = products[i] }
      for j in 0..<p { part.score[j] = products[p * p + j] }
    }
    return part
  }

  /// Working weights and targets of a chunk, and its sums; false where a linear predictor or mean is out of range.
  private func score(
    _ chunk: Range<Int>, isStart: Bool, weights: UnsafeMutablePointer<Double>,
    target: UnsafeMutablePointer<Double>, into part: inout Pass
  ) -> Bool {
    let first = chunk.lowerBound
    let eta = UnsafePointer(etaBuffer.baseAddress! + first)
    for i in 0..<chunk.count where !link.isValid(eta[i]) { return false }
    let sums = response.withUnsafeBufferPointer { y in
      withOptional(prior) { prior in
        withOptional(offset) { offset in
          rows.score(
            count: chunk.count, eta: eta, response: y.baseAddress! + first, prior: prior.map { $0 + first },
            offset: offset.map { $0 + first }, isStart: isStart, weights: weights, target: target)
        }
      }
    }
    part.deviance += sums.deviance
    part.pearson += sums.pearson
    part.leastPearson = min(part.leastPearson, sums.leastPearson)
    part.size += sums.size
    return sums.isValid
  }

  private func withOptional<T>(
    _ values: [Double]?, _ body: (UnsafePointer<Double>?) -> T
  ) -> T {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  /// Solves the weighted least-squares problem of the last pass.
  ///
  /// The normal equations are scaled to a unit diagonal; the smallest squared pivot is then 1 − R² of a column on the
  /// ones before it. Where it is at least `WeightedSystem.safePivot`, a Cholesky solution is accurate to ten digits or
  /// more; otherwise the QR decomposition of √W X is used.
  func solution(of pass: Pass, isStart: Bool) throws(RegressionError) -> [Double?] {
    if let system = WeightedSystem(gram: pass.gram) { return system.solve(pass.score) }
    let found = scoredRows()
    let qr = try weightedQR(found.workingWeights)
    let target = (0..<design.rows).map { i -> Double in
      guard found.workingWeights[i] > 0 else { return 0 }
      let base = isStart ? found.eta[i] - (offset?[i] ?? 0) : 0
      return found.workingWeights[i].squareRoot() * (base + found.workingResiduals[i])
    }
    return qr.coefficients(for: target)
  }

  /// The QR decomposition of √W X of the last pass, at the tolerance R's `glm` uses.
  private func weightedQR(_ workingWeights: [Double]) throws(RegressionError) -> PivotedQR {
    var scaled = design.matrix
    scaled.scaleRows(by: workingWeights.map { $0.squareRoot() })
    do { return try PivotedQR(of: scaled, tolerance: 1e-11) } catch { throw .numerical(error) }
  }

  /// (X'WX)⁻¹ of the last pass from the QR decomposition of √W X; a column without information has variance NaN.
  func weightedInverse() throws(RegressionError) -> Matrix {
    let qr = try weightedQR(scoredRows().workingWeights)
    let kept = qr.independentColumns
    let inverse = qr.inverseGram()
    if kept.count == design.columns { return inverse }
    var full = Matrix(rows: design.columns, columns: design.columns, repeating: .nan)
    for (a, i) in kept.enumerated() {
      for (b, j) in kept.enumerated() { full[i, j] = inverse[a, b] }
    }
    return full
  }
}
