/// A table of counts with rows and columns, and labels for both.
public struct ContingencyTable: Sendable, Equatable {
  /// The counts, one array a row.
  public let counts: [[Int]]
  /// The names of the rows.
  public let rowLabels: [String]
  /// The names of the columns.
  public let columnLabels: [String]

  /// Makes a table from its rows.
  ///
  /// - Throws: `HypothesisTestError.table` where rows differ in length, there are none, or a count is negative.
  public init(_ counts: [[Int]], rowLabels: [String]? = nil, columnLabels: [String]? = nil)
    throws(HypothesisTestError)
  {
    guard let width = counts.first?.count, width > 0, counts.allSatisfy({ $0.count == width }) else {
      throw .table("a table needs rows of one length")
    }
    guard counts.allSatisfy({ $0.allSatisfy { $0 >= 0 } }) else { throw .counts("a negative count") }
    self.counts = counts
    self.rowLabels = rowLabels ?? (1...counts.count).map(String.init)
    self.columnLabels = columnLabels ?? (1...width).map(String.init)
  }

  /// Tabulates two codings of the same observations; codes are indices into the labels.
  ///
  /// - Throws: `HypothesisTestError.table` where there are no labels.
  public init(
    rows: [Int], rowLabels: [String], columns: [Int], columnLabels: [String]
  ) throws(HypothesisTestError) {
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: columnLabels.count), count: rowLabels.count)
    for (i, j) in zip(rows, columns) { counts[i][j] += 1 }
    try self.init(counts, rowLabels: rowLabels, columnLabels: columnLabels)
  }

  /// The number of rows.
  public var rowCount: Int { counts.count }
  /// The number of columns.
  public var columnCount: Int { counts[0].count }
  /// The sums of the rows.
  public var rowTotals: [Int] { counts.map { $0.reduce(0, +) } }
  /// The sums of the columns.
  public var columnTotals: [Int] { (0..<columnCount).map { j in counts.reduce(0) { $0 + $1[j] } } }
  /// The sum of all counts.
  public var total: Int { rowTotals.reduce(0, +) }
  /// True for two rows and two columns.
  public var isTwoByTwo: Bool { rowCount == 2 && columnCount == 2 }

  /// The counts expected under independence, rᵢcⱼ/N.
  public var expected: [[Double]] {
    let columns = columnTotals
    let n = Double(total)
    return rowTotals.map { r in columns.map { Double(r) * Double($0) / n } }
  }

  /// Throws unless there are at least two rows and two columns, none of them empty.
  func checkMargins() throws(HypothesisTestError) {
    guard rowCount > 1, columnCount > 1 else {
      throw .table("a table of \(rowCount) by \(columnCount); at least 2 by 2 is needed")
    }
    guard !rowTotals.contains(0), !columnTotals.contains(0) else {
      throw .table("a row or column of the table is empty")
    }
  }
}
