import LinearAlgebra

/// The truth of a condition in one row. By Kleene's logic, which is R's, `&` is the least of two and `|` the greatest.
enum RowTruth: UInt8 {
  case no, missing, yes
}

/// The truth of a condition for every row, a byte each: the raw values of `RowTruth`.
struct RowTruths {
  private var bytes: [UInt8]

  /// One truth for all rows.
  init(_ truth: RowTruth, rows: Int) { bytes = [UInt8](repeating: truth.rawValue, count: rows) }

  /// The truths of numbers: 0 is false, NaN missing.
  init(_ values: [Double]) {
    bytes = arrayFilledByBlocks(values.count) { rows, out in
      values.withUnsafeBufferPointer { values in
        for row in rows { out[row] = values[row].isNaN ? 1 : values[row] == 0 ? 0 : 2 }
      }
    }
  }

  /// The truths of categories by a table of their levels; missing where the category is.
  init(_ codes: [Int32], by isYes: [Bool]) {
    let table = [RowTruth.missing.rawValue] + isYes.map { $0 ? RowTruth.yes.rawValue : RowTruth.no.rawValue }
    bytes = arrayFilledByBlocks(codes.count) { rows, out in
      codes.withUnsafeBufferPointer { codes in
        table.withUnsafeBufferPointer { table in
          for row in rows { out[row] = table[max(Int(codes[row]), -1) + 1] }
        }
      }
    }
  }

  /// True in the rows where both are.
  mutating func formConjunction(_ other: RowTruths) {
    combine(other) { min($0, $1) }
  }

  /// True in the rows where either is.
  mutating func formDisjunction(_ other: RowTruths) {
    combine(other) { max($0, $1) }
  }

  /// True where this is false.
  mutating func negate() {
    bytes.withUnsafeMutableBufferPointer { bytes in
      for row in bytes.indices { bytes[row] = 2 &- bytes[row] }
    }
  }

  /// The closure is inlined, so that the loop has no call in it.
  @inline(__always)
  private mutating func combine(_ other: RowTruths, _ function: (UInt8, UInt8) -> UInt8) {
    precondition(bytes.count == other.bytes.count, "conditions on different rows")
    bytes.withUnsafeMutableBufferPointer { bytes in
      other.bytes.withUnsafeBufferPointer { other in
        for row in bytes.indices { bytes[row] = function(bytes[row], other[row]) }
      }
    }
  }

  /// The number of rows with a truth.
  func count(of truth: RowTruth) -> Int {
    let wanted = truth.rawValue
    return bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      for row in bytes.indices { count &+= bytes[row] == wanted ? 1 : 0 }
      return count
    }
  }

  /// The rows where it is true.
  var isYes: [Bool] {
    [Bool](unsafeUninitializedCapacity: bytes.count) { out, count in
      bytes.withUnsafeBufferPointer { bytes in
        for row in bytes.indices { out.initializeElement(at: row, to: bytes[row] == 2) }
      }
      count = bytes.count
    }
  }
}

extension ExpressionEvaluator {
  /// The truth of a condition for every row.
  ///
  /// What a table of levels or the truths of two conditions decide is not computed in numbers; anything else is.
  mutating func truths(_ expression: Expression) throws(FormulaError) -> RowTruths {
    switch expression.node {
    case .group(let inner): return try truths(inner)
    case .prefix("!", let operand):
      var result = try truths(operand)
      result.negate()
      return result
    case .infix(let symbol, let left, let right):
      switch symbol {
      case "&", "&&", "|", "||":
        var result = try truths(left)
        let other = try truths(right)
        if symbol.hasPrefix("&") { result.formConjunction(other) } else { result.formDisjunction(other) }
        return result
      case "==", "!=":
        let a = try value(left)
        let b = try value(right)
        if case .factor(let codes, let levels, _) = a, let isEqual = Self.levels(levels, equalTo: b) {
          return RowTruths(codes, by: isEqual.map { $0 == (symbol == "==") })
        }
        return rows(try compare(symbol, a, left, b, right))
      default: break
      }
    default: break
    }
    return rows(try numbers(expression))
  }

  private func rows(_ operand: NumericOperand) -> RowTruths {
    switch operand {
    case .rows(let values): RowTruths(values)
    case .constant(let value):
      RowTruths(value.isNaN ? .missing : value == 0 ? .no : .yes, rows: rowCount)
    }
  }
}
