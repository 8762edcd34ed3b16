/// The widths of the records that have another number of fields than the header.
///
/// Where every record of a file has the same wrong one, one thing is wrong with the file, and one message says so.
struct OddWidths: Sendable {
  /// The number of fields of the first of them.
  private(set) var width = 0
  private(set) var count = 0
  private var isUniform = true
  /// True where the last field of each is empty.
  private(set) var endsEmpty = true

  mutating func add(_ width: Int, endsEmpty: Bool) {
    if count == 0 { self.width = width }
    isUniform = isUniform && width == self.width
    self.endsEmpty = self.endsEmpty && endsEmpty
    count += 1
  }

  /// These, where they are all that is wrong, and all records of the file alike.
  ///
  /// - Parameters:
  ///   - records: the number of records in the file.
  ///   - problems: the number of problems in the file.
  func ofAll(_ records: Int, problems: Int) -> OddWidths? {
    count > 1 && isUniform && count == records && count == problems ? self : nil
  }
}
