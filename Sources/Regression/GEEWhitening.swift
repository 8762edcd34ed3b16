import LinearAlgebra

/// The rows of a GEE whitened by the working correlation, and the normal equations of a step.
///
/// Subjects are whitened in blocks that stay in the processor's cache, so that no second design exists; the blocks are
/// of fixed size and their sums are added in order, whatever the number of threads.
struct GEEWhitening: Sendable {
  /// The estimable columns, rows of a subject together.
  let design: Matrix
  let rows: GEEModel.Residuals
  let correlation: FittedCorrelation
  let subjects: [Range<Int>]

  /// The rows that a block has at most, unless one subject has more.
  private static let blockRows = 512

  /// X̃'X̃ and X̃'r̃, with the tilde for whitened rows.
  func normalEquations() -> (gram: Matrix, score: [Double]) {
    let p = design.columns
    let blocks = self.blocks
    let tallest = blocks.reduce(0) { max($0, height($1)) }
    // Sixteen blocks of rows to a unit of work.
    let sums = sumsOverBlocks(rows: blocks.count, block: 16, width: p * (p + 1)) { range, sums in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: tallest * (p + 1)) { scratch in
        let base = scratch.baseAddress!
        for block in blocks[range] {
          whiten(block, to: base, stride: tallest)
          GramKernel.accumulate(
            rows: height(block), base, columns: p, stride: tallest, base, columns: p + 1, stride: tallest,
            into: sums)
        }
      }
    }
    let gram = Matrix(rows: p, columns: p, storage: Array(sums[..<(p * p)])).mirroredUpper()
    return (gram, Array(sums[(p * p)...]))
  }

  /// All rows whitened.
  func whitened() -> GEEModel.Rows {
    let n = design.rows
    let p = design.columns
    var whole = GEEModel.Rows(design: Matrix(rows: n, columns: p), pearson: [])
    whole.pearson.reserveCapacity(n)
    for block in blocks {
      let height = height(block)
      let first = subjects[block.lowerBound].lowerBound
      withUnsafeTemporaryAllocation(of: Double.self, capacity: height * (p + 1)) { scratch in
        whiten(block, to: scratch.baseAddress!, stride: height)
        whole.design.storage.withUnsafeMutableBufferPointer { out in
          for j in 0..<p {
            for i in 0..<height { out[first + i + j * n] = scratch[i + j * height] }
          }
        }
        whole.pearson.append(contentsOf: scratch[(p * height)..<((p + 1) * height)])
      }
    }
    return whole
  }

  /// Subjects in runs of about `blockRows` rows.
  private var blocks: [Range<Int>] {
    var blocks: [Range<Int>] = []
    var first = 0
    for (g, rows) in subjects.enumerated()
    where g > first && rows.upperBound - subjects[first].lowerBound > Self.blockRows {
      blocks.append(first..<g)
      first = g
    }
    if first < subjects.count { blocks.append(first..<subjects.count) }
    return blocks
  }

  private func height(_ block: Range<Int>) -> Int {
    subjects[block.upperBound - 1].upperBound - subjects[block.lowerBound].lowerBound
  }

  /// Writes the whitened columns of a run of subjects, and their whitened residuals as one more column.
  private func whiten(_ block: Range<Int>, to out: UnsafeMutablePointer<Double>, stride: Int) {
    let n = design.rows
    let p = design.columns
    let first = subjects[block.lowerBound].lowerBound
    let height = height(block)
    design.storage.withUnsafeBufferPointer { x in
      rows.factor.withUnsafeBufferPointer { factor in
        for j in 0..<p {
          for i in 0..<height { out[i + j * stride] = factor[first + i] * x[first + i + j * n] }
        }
      }
    }
    for i in 0..<height { out[i + p * stride] = rows.pearson[first + i] }
    guard correlation.structure != .independence else { return }
    for j in 0...p {
      for subject in subjects[block] {
        correlation.whiten(
          UnsafeMutableBufferPointer(
            start: out + (subject.lowerBound - first) + j * stride, count: subject.count))
      }
    }
  }
}
