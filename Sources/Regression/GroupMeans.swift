/// The least squares of groups that share no row: an intercept and an indicator of every group but the first.
///
/// The intercept is the first group's mean and every other coefficient the difference to it, which needs no factorisation: a
/// bootstrap of a comparison of arms takes thousands of samples of one such design. Agrees with `LinearModel` but for
/// rounding.
public struct GroupMeans: Sendable {
  private let response: [Double]
  /// The group of each row: 0 for the first, else the column of its indicator.
  private let group: [Int32]
  private let count: Int

  /// Takes the groups from a design.
  ///
  /// - Returns: nil where the design is another, or rows have weights or offsets.
  public init?(_ data: RegressionData) {
    guard data.hasLeadingIntercept, data.columnCount > 1, data.weights == nil, data.offset == nil else {
      return nil
    }
    let design = data.design
    var group = [Int32](repeating: 0, count: data.rowCount)
    for column in 1..<data.columnCount {
      for row in group.indices where design[row, column] != 0 {
        guard design[row, column] == 1, group[row] == 0 else { return nil }
        group[row] = Int32(column)
      }
    }
    self.group = group
    response = data.response
    count = data.columnCount
  }

  /// The coefficients from rows, which may repeat.
  ///
  /// - Returns: nil where a group has no row among them, so that not all coefficients have estimates.
  public func coefficients(rows: [Int]) -> [Double]? {
    var sums = [Double](repeating: 0, count: count)
    var sizes = [Int](repeating: 0, count: count)
    for row in rows {
      let own = Int(group[row])
      sums[own] += response[row]
      sizes[own] += 1
    }
    guard !sizes.contains(0) else { return nil }
    for own in sums.indices { sums[own] /= Double(sizes[own]) }
    let first = sums[0]
    for own in 1..<count { sums[own] -= first }
    return sums
  }
}
