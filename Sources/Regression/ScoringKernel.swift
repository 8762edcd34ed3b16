import LinearAlgebra

/// One pass of Fisher scoring over the rows of a generalised linear model: linear predictor, mean, working weights and
/// residuals, deviance, X'WX and X'Wr, in chunks that stay in cache.
///
/// With m = dμ/dη and prior weight w: working weight W = w m²/V(μ), working residual r = (y − μ)/m. Chunks of rows are
/// gathered into blocks of fixed size, each with its own sums, which are added in the order of the rows, so that the
/// result does not depend on how blocks are spread over threads. The buffers live as long as the kernel.
///
/// Sendable is unchecked because of the buffers: a thread writes the rows of its own blocks only, and nothing is read
/// from them before all threads are done.
final class ScoringKernel: @unchecked Sendable {
  /// What one pass found.
  struct Pass {
    /// The deviance Σ w d(y, μ).
    var deviance = 0.0
    /// Pearson's statistic Σ w (y − μ)²/V(μ) = Σ W r².
    var pearson = 0.0
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
  let design: Matrix
  private let response: UnsafeMutableBufferPointer<Double>
  private let prior: UnsafeMutableBufferPointer<Double>
  private let offset: UnsafeMutableBufferPointer<Double>
  private let etaBuffer: UnsafeMutableBufferPointer<Double>
  private let meanBuffer: UnsafeMutableBufferPointer<Double>
  private let weightBuffer: UnsafeMutableBufferPointer<Double>
  private let residualBuffer: UnsafeMutableBufferPointer<Double>

  static let chunkRows = 512
  static let blockRows = 16 * chunkRows

  /// Makes the kernel of a model for rows with a positive prior weight.
  init(family: Family, link: Link, data: RegressionData, weights: [Double]?) {
    self.family = family
    self.link = link
    design = data.design
    let n = data.rowCount
    func buffer(_ values: [Double]?, else value: Double) -> UnsafeMutableBufferPointer<Double> {
      let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: n)
      if let values { _ = buffer.initialize(from: values) } else { buffer.initialize(repeating: value) }
      return buffer
    }
    response = buffer(data.response, else: 0)
    prior = buffer(weights, else: 1)
    offset = buffer(data.offset, else: 0)
    etaBuffer = buffer(nil, else: 0)
    meanBuffer = buffer(nil, else: 0)
    weightBuffer = buffer(nil, else: 0)
    residualBuffer = buffer(nil, else: 0)
    BLASThreads.useOne()
  }

  deinit {
    for buffer in [response, prior, offset, etaBuffer, meanBuffer, weightBuffer, residualBuffer] {
      buffer.deallocate()
    }
  }

  /// The linear predictors of the last pass.
  var eta: [Double] { Array(etaBuffer) }
  /// The means of the last pass.
  var mean: [Double] { Array(meanBuffer) }
  /// The working weights W of the last pass.
  var workingWeights: [Double] { Array(weightBuffer) }
  /// The working residuals r of the last pass.
  var workingResiduals: [Double] { Array(residualBuffer) }
  /// The largest magnitude of a linear predictor of the last pass.
  var largestPredictor: Double { etaBuffer.reduce(0) { max($0, abs($1)) } }

  /// True where a condition on response, mean, dμ/dη and the change of η under a step holds for every row.
  func allRows(
    step: [Double], _ condition: (_ y: Double, _ mean: Double, _ slope: Double, _ change: Double) -> Bool
  ) -> Bool {
    let change = design * step
    for i in 0..<design.rows {
      let slope = link.meanAndSlope(of: etaBuffer[i]).slope
      guard condition(response[i], meanBuffer[i], slope, change[i]) else { return false }
    }
    return true
  }

  /// A pass at given coefficients, one a column of the design.
  func pass(at coefficients: [Double]) -> Pass {
    run { rows in
      for i in rows { self.etaBuffer[i] = self.offset[i] }
      self.design.storage.withUnsafeBufferPointer { x in
        guard let base = x.baseAddress else { return }
        GramKernel.addProduct(
          chunk: base + rows.lowerBound, rows: rows.count, columns: coefficients.count,
          stride: self.design.rows, coefficients: coefficients,
          to: self.etaBuffer.baseAddress! + rows.lowerBound)
      }
      for i in rows where !self.link.isValid(self.etaBuffer[i]) { return false }
      return true
    }
  }

  /// A pass at given means: its `score` leads to the first coefficients.
  func pass(fromMeans means: [Double]) -> Pass {
    run(isStart: true) { rows in
      for i in rows {
        self.etaBuffer[i] = self.link.linearPredictor(of: means[i])
        guard self.link.isValid(self.etaBuffer[i]) else { return false }
      }
      return true
    }
  }

  /// Runs over the blocks; `predict` sets the linear predictor of a chunk and says whether it is in range.
  private func run(
    isStart: Bool = false, predict: @escaping @Sendable (Range<Int>) -> Bool
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
    _ rows: Range<Int>, isStart: Bool, predict: @Sendable (Range<Int>) -> Bool
  ) -> Pass {
    let p = design.columns
    var part = Pass(gram: Matrix(rows: p, columns: p), score: [Double](repeating: 0, count: p))
    let height = min(rows.count, Self.chunkRows)
    // p × (p + 1): X'WX and, in its last column, X'Wr.
    var products = [Double](repeating: 0, count: p * (p + 1))
    products.withUnsafeMutableBufferPointer { products in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: height * (p + 1)) { scratch in
        let scaled = scratch.baseAddress!
        let target = scaled + height * p
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.chunkRows) {
          let chunk = first..<min(first + Self.chunkRows, rows.upperBound)
          guard predict(chunk), scoreRows(chunk, isStart: isStart, target: target, into: &part) else {
            part.isValid = false
            return
          }
          guard p > 0, let products = products.baseAddress else { continue }
          accumulate(chunk, scaled: scaled, height: height, into: products)
        }
      }
      for i in 0..<(p * p) { part.gram.storage[i] = products[i] }
      for j in 0..<p { part.score[j] = products[p * p + j] }
    }
    return part
  }

  /// Means, working weights and residuals of a chunk; false where a mean is out of range.
  private func scoreRows(
    _ rows: Range<Int>, isStart: Bool, target: UnsafeMutablePointer<Double>, into part: inout Pass
  ) -> Bool {
    let family = family
    let link = link
    var deviance = 0.0
    var pearson = 0.0
    var size = 0.0
    for i in rows {
      let (mean, slope) = link.meanAndSlope(of: etaBuffer[i])
      guard family.isValid(mean) else { return false }
      let y = response[i]
      let variance = family.variance(mean)
      let weight = prior[i] * slope * slope / variance
      let residual = (y - mean) / slope
      meanBuffer[i] = mean
      weightBuffer[i] = weight
      residualBuffer[i] = residual
      deviance += prior[i] * family.unitDeviance(y, mean)
      pearson += prior[i] * (y - mean) * (y - mean) / variance
      let linear = etaBuffer[i] - offset[i]
      size += weight * linear * linear
      // W r, formed without the slope in a denominator: far out both underflow.
      let pull = prior[i] * slope * (y - mean) / variance
      target[i - rows.lowerBound] = isStart ? weight * linear + pull : pull
    }
    part.deviance += deviance
    part.pearson += pearson
    part.size += size
    return true
  }

  /// Adds X'(WX) and X' times the target of a chunk, which stands behind the place for WX.
  private func accumulate(
    _ rows: Range<Int>, scaled: UnsafeMutablePointer<Double>, height: Int,
    into products: UnsafeMutablePointer<Double>
  ) {
    let p = design.columns
    let n = design.rows
    let count = rows.count
    let weights = weightBuffer.baseAddress! + rows.lowerBound
    design.storage.withUnsafeBufferPointer { x in
      let base = x.baseAddress! + rows.lowerBound
      for j in 0..<p {
        let column = base + j * n
        let out = scaled + j * height
        for i in 0..<count { out[i] = column[i] * weights[i] }
      }
      GramKernel.accumulate(
        rows: count, base, columns: p, stride: n, scaled, columns: p + 1, stride: height, into: products)
    }
  }

  /// Solves the weighted least-squares problem of the last pass.
  ///
  /// The normal equations are scaled to a unit diagonal; the smallest squared pivot is then 1 − R² of a column on the
  /// ones before it. Where it is at least `WeightedSystem.safePivot`, a Cholesky solution is accurate to ten digits or
  /// more; otherwise the QR decomposition of √W X is used.
  func solution(of pass: Pass, isStart: Bool) throws(RegressionError) -> [Double?] {
    if let system = WeightedSystem(gram: pass.gram) { return system.solve(pass.score) }
    let qr = try weightedQR()
    let target = (0..<design.rows).map { i -> Double in
      guard weightBuffer[i] > 0 else { return 0 }
      let base = isStart ? etaBuffer[i] - offset[i] : 0
      return weightBuffer[i].squareRoot() * (base + residualBuffer[i])
    }
    return qr.coefficients(for: target)
  }

  /// The QR decomposition of √W X of the last pass, at the tolerance R's `glm` uses.
  func weightedQR() throws(RegressionError) -> PivotedQR {
    var scaled = design
    scaled.scaleRows(by: workingWeights.map { $0.squareRoot() })
    do { return try PivotedQR(of: scaled, tolerance: 1e-11) } catch { throw .numerical(error) }
  }

  /// (X'WX)⁻¹ of the last pass from the QR decomposition of √W X; a column without information has variance NaN.
  func weightedInverse() throws(RegressionError) -> Matrix {
    let qr = try weightedQR()
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
