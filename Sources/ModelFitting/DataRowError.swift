/// Rows that a model cannot take, such as an interval that ends before it starts (exit 65 on the command line).
///
/// A model knows rows, not files: the caller adds the file and the line of each.
public struct DataRowError: Error, Equatable, Sendable {
  /// One fault.
  public struct Fault: Equatable, Sendable {
    /// The row of the table, from 0.
    public let row: Int
    /// The column, or the expression of the formula, at fault.
    public let column: String
    /// What was found, without the value.
    public let found: String
    /// What was expected.
    public let expected: String

    public init(row: Int, column: String, found: String, expected: String) {
      self.row = row
      self.column = column
      self.found = found
      self.expected = expected
    }
  }

  /// The faults, in the order of the rows.
  public let faults: [Fault]

  public init(_ faults: [Fault]) { self.faults = faults }
}
