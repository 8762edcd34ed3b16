import LinearAlgebra
import ModelFormula

extension DelimitedFile {
  /// A data frame and what in the file deserves a second look.
  public struct Reading: Sendable {
    public let frame: DataFrame
    /// One warning a column that is categorical although most of its values are numbers, and the like.
    public let warnings: [DataProblem]
  }

  /// The columns as a data frame; see `read(columns:)`.
  public func dataFrame(columns: [String]? = nil) throws(DataError) -> DataFrame {
    try read(columns: columns).frame
  }

  /// Converts columns: numeric where every value that is not missing is a number, else categorical with its levels in the
  /// order of their Unicode scalars. Each row keeps its line of the file.
  ///
  /// - Parameter columns: the columns to convert, in this order; all of them where nil. Others are only scanned.
  /// - Throws: `DataError` with every problem of the file; for an unknown column name, one naming the nearest.
  public func read(columns: [String]? = nil) throws(DataError) -> Reading {
    let positions = try positions(of: columns ?? names)
    let kinds = sniff(positions)
    var scan = try TableScan.run(self, zip(positions, kinds).map { ColumnRequest(position: $0, kind: $1) })
    // A column that looked numeric at the top of the file and is not further down is read again as text, and so is one whose
    // points may separate thousands.
    let late = scan.columns.indices.filter {
      if case .numbers(let values, let traits) = scan.columns[$0] {
        !traits.isDisjoint(with: [.failed, .isIdentifier])
          || traits.contains(.hasMark) && pointsAreInDoubt && Self.mayBeThousands(values)
      } else {
        false
      }
    }
    if !late.isEmpty {
      let again = try TableScan.run(self, late.map { ColumnRequest(position: positions[$0], kind: .text) })
      for (slot, column) in zip(late, again.columns) { scan.columns[slot] = column }
    }
    var typing = ColumnTyping(file: self, lines: scan.lines)
    var typed: [(name: String, column: Column)] = []
    for (slot, position) in positions.enumerated() {
      typed.append((names[position], typing.column(&scan.columns[slot], name: names[position])))
    }
    try typing.finish()
    return Reading(
      frame: DataFrame(typed, rowCount: scan.lines.count, lines: scan.lines), warnings: typing.warnings)
  }

  /// The places of columns in the file.
  func positions(of wanted: [String]) throws(DataError) -> [Int] {
    var index: [String: Int] = [:]
    for (i, name) in names.enumerated() { index[name] = i }
    var problems: [DataProblem] = []
    var positions: [Int] = []
    for name in wanted {
      if let position = index[name] {
        if !positions.contains(position) { positions.append(position) }
      } else {
        let near = nearest(to: name, among: names).map { "'\($0)'" }.joined(separator: " or ")
        problems.append(
          DataProblem(
            file: path, column: name, found: "no such column",
            expected: near.isEmpty ? "a column of the file expected" : "\(near) expected"))
      }
    }
    if !problems.isEmpty { throw DataError(problems) }
    return positions
  }

  /// True where a point may separate thousands: nobody has said what it is, and commas, which then would be decimal marks, are
  /// not the delimiter.
  var pointsAreInDoubt: Bool { options.decimalMark == nil && delimiter != .comma }

  /// True where no number is written as only a decimal point can: none has a fraction of more or fewer digits than three, or
  /// less than one before it. Stops at the first that has.
  static func mayBeThousands(_ values: [Double]) -> Bool {
    values.allSatisfy { value in
      let size = abs(value)
      if value.isNaN || size == size.rounded() { return true }
      let thousandths = size * 1000
      return size > 1 && size < 1000 && abs(thousandths - thousandths.rounded()) < 1e-6
    }
  }

  /// How each column looks in the first records, so that one pass usually suffices.
  private func sniff(_ positions: [Int]) -> [FieldKind] {
    var isText = [Bool](repeating: false, count: names.count)
    let missing = MissingTexts(options.missing)
    var scanner = RecordScanner(
      bytes: content.bytes, from: bodyStart, to: content.count, line: bodyLine, delimiter: delimiter.rawValue,
      terminator: terminator)
    for _ in 0..<50 where !scanner.atEnd {
      var column = 0
      repeat {
        let text = scanner.text(of: scanner.nextField())
        if column < names.count, !missing.contains(text),
          DecimalNumber.parse(text, mark: options.decimalMark ?? .point) == nil
            || DecimalNumber.isIdentifier(text)
        {
          isText[column] = true
        }
        column += 1
      } while scanner.atDelimiter()
      if !scanner.endRecord() { break }
    }
    return positions.map { isText[$0] ? .text : .number }
  }
}
