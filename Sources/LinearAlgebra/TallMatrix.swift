import COpenBLAS
import Synchronization

/// A matrix of many rows, in one piece or as columns that stand apart, shared with whoever made them.
///
/// Most columns of a regression's design are columns of its table. Kernels that take a tall matrix in chunks of rows gather
/// each chunk into a buffer that stays in cache, so that the design never exists a second time; whoever needs it in one
/// piece has it made once, on first request.
public struct TallMatrix: Sendable {
  /// A column that stands apart.
  public enum Column: Sendable {
    /// One number in all rows.
    case constant(Double)
    /// A number for each row.
    case values([Double])
    /// For each row a place in a table, the last entry of which stands for every negative code.
    case coded(codes: [Int32], table: [Double])
  }

  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// True where whoever made it knows that no element is infinite or not a number.
  public let isKnownFinite: Bool
  private let form: Form

  private enum Form: Sendable {
    case whole(Matrix)
    case apart([Column], Assembled)
  }

  /// The matrix in one piece, once somebody has asked for it.
  private final class Assembled: Sendable {
    let matrix = Mutex<Matrix?>(nil)
  }

  /// A matrix in one piece.
  public init(_ matrix: Matrix) {
    rows = matrix.rows
    columns = matrix.columns
    isKnownFinite = false
    form = .whole(matrix)
  }

  /// A matrix of columns that stand apart.
  ///
  /// - Precondition: every column has `rows` rows.
  public init(rows: Int, columns: [Column], isKnownFinite: Bool = false) {
    for column in columns {
      switch column {
      case .constant: break
      case .values(let values):
        precondition(values.count == rows, "a column of \(values.count) rows, not \(rows)")
      case .coded(let codes, let table):
        precondition(codes.count == rows && !table.isEmpty, "a column of \(codes.count) codes, not \(rows)")
      }
    }
    self.rows = rows
    self.columns = columns.count
    self.isKnownFinite = isKnownFinite
    form = .apart(columns, Assembled())
  }

  /// The matrix in one piece; made on first request and kept.
  public var matrix: Matrix {
    switch form {
    case .whole(let matrix): return matrix
    case .apart(_, let assembled):
      return assembled.matrix.withLock { known in
        if let known { return known }
        let made = assemble()
        known = made
        return made
      }
    }
  }

  private func assemble() -> Matrix {
    guard case .apart(let parts, _) = form else { return matrix }
    // A block is a column, or several short ones.
    let block = max(rows, 1) * max(1, (1 << 17) / max(rows, 1))
    let storage: [Double] = arrayFilledByBlocks(rows * columns, block: block) { places, out in
      for start in stride(from: places.lowerBound, to: places.upperBound, by: rows) {
        Self.copy(parts[start / rows], 0..<rows, to: out + start)
      }
    }
    return Matrix(rows: rows, columns: columns, storage: storage)
  }

  /// True where every element of a column is one number.
  public func isConstant(column j: Int, _ number: Double) -> Bool {
    switch form {
    case .whole(let matrix): return matrix.storage[(j * rows)..<((j + 1) * rows)].allSatisfy { $0 == number }
    case .apart(let parts, _):
      switch parts[j] {
      case .constant(let value): return value == number
      case .values(let values): return values.allSatisfy { $0 == number }
      case .coded(let codes, let table):
        return codes.allSatisfy { table[$0 < 0 ? table.count - 1 : Int($0)] == number }
      }
    }
  }

  /// True where no element is infinite or not a number.
  public var isFinite: Bool {
    if isKnownFinite { return true }
    switch form {
    case .whole(let matrix): return matrix.storage.withUnsafeBufferPointer { allFinite($0) }
    case .apart(let parts, _):
      return parts.allSatisfy { part in
        switch part {
        case .constant(let value): value.isFinite
        case .values(let values): values.withUnsafeBufferPointer { allFinite($0) }
        case .coded(let codes, let table):
          codes.allSatisfy { table[$0 < 0 ? table.count - 1 : Int($0)].isFinite }
        }
      }
    }
  }

  /// Copies some rows to a buffer, column by column.
  ///
  /// - Parameters:
  ///   - chunk: the rows.
  ///   - out: room for `columns` columns, each `stride` after the one before.
  public func gather(_ chunk: Range<Int>, into out: UnsafeMutablePointer<Double>, stride: Int) {
    precondition(
      chunk.lowerBound >= 0 && chunk.upperBound <= rows && stride >= chunk.count,
      "rows \(chunk) of \(rows) at a stride of \(stride)")
    let count = chunk.count
    switch form {
    case .whole(let matrix):
      matrix.storage.withUnsafeBufferPointer { x in
        guard let base = x.baseAddress else { return }
        for j in 0..<columns {
          (out + j * stride).initialize(from: base + chunk.lowerBound + j * rows, count: count)
        }
      }
    case .apart(let parts, _):
      for (j, part) in parts.enumerated() {
        Self.copy(part, chunk, to: out + j * stride)
      }
    }
  }

  private static func copy(_ column: Column, _ chunk: Range<Int>, to out: UnsafeMutablePointer<Double>) {
    let count = chunk.count
    switch column {
    case .constant(let value): out.initialize(repeating: value, count: count)
    case .values(let values):
      values.withUnsafeBufferPointer { x in
        guard count > 0 else { return }
        out.initialize(from: x.baseAddress! + chunk.lowerBound, count: count)
      }
    case .coded(let codes, let table):
      codes.withUnsafeBufferPointer { codes in
        table.withUnsafeBufferPointer { table in
          for i in 0..<count {
            let code = Int(codes[chunk.lowerBound + i])
            (out + i).initialize(to: table[code < 0 ? table.count - 1 : code])
          }
        }
      }
    }
  }

  /// The chosen columns, in the order given.
  public func selecting(columns chosen: [Int]) -> TallMatrix {
    switch form {
    case .whole(let matrix): TallMatrix(matrix.selecting(columns: chosen))
    case .apart(let parts, _):
      TallMatrix(rows: rows, columns: chosen.map { parts[$0] }, isKnownFinite: isKnownFinite)
    }
  }

  /// The matrix times a vector, X b.
  public static func * (x: TallMatrix, b: [Double]) -> [Double] {
    precondition(x.columns == b.count, "\(x.rows) × \(x.columns) times \(b.count)")
    BLASThreads.useOne()
    var result = [Double](repeating: 0, count: x.rows)
    guard x.columns > 0 else { return result }
    result.withUnsafeMutableBufferPointer { out in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: chunkRows * x.columns) { scratch in
        for chunk in x.chunks(0..<x.rows) {
          x.gather(chunk, into: scratch.baseAddress!, stride: chunkRows)
          GramKernel.addProduct(
            chunk: scratch.baseAddress!, rows: chunk.count, columns: x.columns, stride: chunkRows,
            coefficients: b, to: out.baseAddress! + chunk.lowerBound)
        }
      }
    }
    return result
  }

  /// The rows of a chunk: some twenty columns of them stay in the processor's second cache, scaled copy included.
  public static let chunkRows = 1024

  /// A range of rows in chunks.
  public func chunks(_ range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: Self.chunkRows).map {
      $0..<min($0 + Self.chunkRows, range.upperBound)
    }
  }
}
