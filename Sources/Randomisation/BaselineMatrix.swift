import ModelFormula

/// Baseline variables as columns of numbers, for tests that take them together.
///
/// A category enters as indicators of its levels. A missing value is replaced by the mean of those known, and an indicator
/// of missingness joins the variables (Hansen & Bowers, Statistical Science 23 (2008), section 2). Columns have standard
/// deviation 1, so that the rank of their covariance does not depend on their units; those that do not vary, and texts, are
/// left out.
public struct BaselineMatrix: Sendable {
  /// One array of values a column.
  public let columns: [[Double]]

  /// - Parameter variables: columns of one length.
  public init(_ variables: [Column]) {
    columns = variables.flatMap(Self.numbers).compactMap { values in
      guard let spread = SampleSpread(values), spread.variance > 0 else { return nil }
      let deviation = spread.variance.squareRoot()
      return values.map { ($0 - spread.mean) / deviation }
    }
  }

  /// The columns with the mean of each stratum taken from its members.
  func centred(within members: [[Int]]) -> [[Double]] {
    columns.map { column in
      var column = column
      for rows in members where !rows.isEmpty {
        let mean = rows.reduce(0) { $0 + column[$1] } / Double(rows.count)
        for row in rows { column[row] -= mean }
      }
      return column
    }
  }

  private static func numbers(_ column: Column) -> [[Double]] {
    let isMissing = (0..<column.count).map { column.isMissing(at: $0) }
    var result: [[Double]] = []
    switch column {
    case .numeric(let values): result = [values]
    case .categorical(let codes, let levels):
      result = levels.indices.map { level in codes.map { Int($0) == level ? 1 : 0 } }
    case .date(let days): result = [days.map(Double.init)]
    case .text: return []
    }
    guard isMissing.contains(true) else { return result }
    let known = isMissing.indices.filter { !isMissing[$0] }
    guard !known.isEmpty else { return [] }
    for i in result.indices {
      let mean = known.map { result[i][$0] }.sorted().reduce(0, +) / Double(known.count)
      for row in isMissing.indices where isMissing[row] { result[i][row] = mean }
    }
    return result + [isMissing.map { $0 ? 1 : 0 }]
  }
}
