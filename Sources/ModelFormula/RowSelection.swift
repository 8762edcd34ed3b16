import LinearAlgebra

/// The rows of a table that a model uses, ascending; of a table used whole no list is kept.
public struct RowSelection: Sendable, Equatable, RandomAccessCollection {
  /// The rows; nil where all are used.
  let listed: [Int]?
  /// The number of rows used.
  public let count: Int

  init(_ rows: [Int], of total: Int) {
    count = rows.count
    listed = rows.count == total ? nil : rows
  }

  /// The rows of a table that are kept.
  init(where kept: [Bool]) {
    let number = kept.withUnsafeBufferPointer { kept in
      var number = 0
      for row in kept.indices { number += kept[row] ? 1 : 0 }
      return number
    }
    count = number
    if number == kept.count {
      listed = nil
      return
    }
    listed = [Int](unsafeUninitializedCapacity: largeArrayCapacity(number + 1, of: Int.self)) { rows, count in
      preferHugePages(rows)
      var place = 0
      for row in kept.indices {
        // A row that is not kept is overwritten by the next: whether one is kept is no branch.
        rows[place] = row
        place += kept[row] ? 1 : 0
      }
      count = number
    }
  }

  /// All rows of a table.
  public init(all total: Int) {
    count = total
    listed = nil
  }

  /// The place of the first row used, 0.
  public var startIndex: Int { 0 }
  /// One behind the place of the last.
  public var endIndex: Int { count }

  /// The row of the data that a used row is.
  public subscript(place: Int) -> Int { listed?[place] ?? place }

  /// The values of the rows used.
  func gather<T>(_ values: [T]) -> [T] {
    guard let listed else { return values }
    return listed.map { values[$0] }
  }

  /// The first used row with an infinite value.
  func firstInfinite(_ values: [Double], ofAllRows: Bool) -> Int? {
    let isOdd = anyBlock(rows: values.count) { rows in
      values.withUnsafeBufferPointer { x in
        var odd = 0
        for i in rows { odd |= abs(x[i]) < .infinity ? 0 : 1 }
        return odd != 0
      }
    }
    // A missing value is odd too.
    if !isOdd { return nil }
    guard ofAllRows, let listed else { return values.firstIndex(where: \.isInfinite) }
    return listed.firstIndex { values[$0].isInfinite }
  }
}
