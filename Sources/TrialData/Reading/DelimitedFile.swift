import ModelFormula

/// A delimited text file (RFC 4180) whose header is read and whose columns are converted when they are asked for.
///
/// Fields may be quoted, hold newlines within quotes and `""` for a quotation mark; records end with LF, CRLF or (in a
/// file without any LF) CR. Nothing is repaired: a row of another width, a quotation mark inside an unquoted field, a NUL
/// byte or a broken character is an error that names its line, and all such errors of a file are reported together.
/// Blank lines are no rows.
///
/// Matches `data.table::fread(sep=, dec=, na.strings=c("", "NA", …), stringsAsFactors=TRUE)` on regular files, except that
/// nothing irregular is filled or skipped.
public struct DelimitedFile: Sendable {
  /// The file as the caller named it.
  public let path: String
  /// The names of the columns, in order.
  public let names: [String]
  /// The delimiter that was declared or decided.
  public let delimiter: Delimiter
  /// Why this delimiter.
  public let delimiterReason: String
  /// The encoding that was declared or decided, and why.
  public let encoding: EncodingEvidence
  /// The options it was opened with.
  public let options: ReadingOptions

  let content: FileBytes
  /// Where the header begins.
  let headerStart: Int
  /// Where the first record after the header begins, and on which line.
  let bodyStart: Int
  let bodyLine: Int
  /// LF, or CR in a file without LF.
  let terminator: UInt8
  /// What bytes the content holds.
  let survey: ByteSurvey

  /// True where no byte of the file needs a second look: no quotation mark, no NUL byte, no lone carriage return. Fields that
  /// nobody asks for are then passed over many bytes at a time.
  var isPlain: Bool {
    survey.quotes == 0 && survey.zeroes == 0
      && (terminator == 0x0d || survey.carriageReturns == survey.pairs)
  }

  /// Opens a file: decides its encoding and delimiter and reads the header.
  ///
  /// - Throws: `DataError`; kind `noSuchInput` (exit code 66) where it is not there, `badData` (65) where it is empty,
  ///   in no decidable encoding or delimiter, or has empty or repeated column names.
  public init(path: String, options: ReadingOptions = ReadingOptions()) throws(DataError) {
    try self.init(FileBytes(path: path), path: path, options: options)
  }

  /// Reads a file that is already in memory.
  ///
  /// - Parameter path: its name, for messages.
  public init(
    bytes: [UInt8], path: String, options: ReadingOptions = ReadingOptions()
  ) throws(DataError) {
    try self.init(FileBytes(bytes), path: path, options: options)
  }

  /// Reads a file whose bytes are at hand.
  init(_ source: FileBytes, path: String, options: ReadingOptions) throws(DataError) {
    self.path = path
    self.options = options
    let decoded = try EncodingDetector.decode(source, file: path, declared: options.encoding)
    content = decoded.bytes
    encoding = decoded.evidence
    let all = UnsafeBufferPointer(rebasing: content.bytes[decoded.offset...])
    survey = decoded.survey
    terminator = survey.lineFeeds > 0 ? 0x0a : 0x0d
    guard !all.isEmpty else {
      throw DataError([DataProblem(file: path, found: "an empty file", expected: "a header line expected")])
    }
    var start = decoded.offset
    var line = 1
    if let declared = Self.excelSeparator(all, terminator: terminator) {
      // Excel's own first line, `sep=;`, is no record.
      delimiter = options.delimiter ?? declared.delimiter
      delimiterReason = options.delimiter == nil ? "the line sep= of the file" : "declared"
      start += declared.length
      line = 2
    } else if let given = options.delimiter {
      delimiter = given
      delimiterReason = "declared"
    } else {
      let decision = try DelimiterDetector.decide(
        all, file: path, terminator: terminator, decimalMark: options.decimalMark)
      delimiter = decision.delimiter
      delimiterReason = decision.reason
    }
    let header = try HeaderReader.read(
      content.bytes, from: start, line: line, delimiter: delimiter.rawValue, terminator: terminator,
      file: path)
    names = header.names
    headerStart = start
    bodyStart = header.end
    bodyLine = header.nextLine
  }

  private static func excelSeparator(
    _ bytes: UnsafeBufferPointer<UInt8>, terminator: UInt8
  ) -> (delimiter: Delimiter, length: Int)? {
    guard bytes.count > 5, bytes.starts(with: "sep=".utf8), let delimiter = Delimiter(rawValue: bytes[4])
    else {
      return nil
    }
    var end = 5
    if bytes[end] == 0x0d, terminator == 0x0a { end += 1 }
    guard end < bytes.count, bytes[end] == terminator else { return nil }
    return (delimiter, end + 1)
  }
}

/// Reads the first record of a file as the names of its columns.
enum HeaderReader {
  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, line: Int, delimiter: UInt8, terminator: UInt8,
    file: String
  ) throws(DataError) -> (names: [String], end: Int, nextLine: Int) {
    var scanner = RecordScanner(
      bytes: bytes, from: start, to: bytes.count, line: line, delimiter: delimiter, terminator: terminator)
    var names: [String] = []
    var problems = ProblemList()
    var more = true
    while more {
      let field = scanner.nextField()
      if let fault = field.fault {
        problems.append(
          DataProblem(
            file: file, line: scanner.line, column: "column \(names.count + 1)", found: fault.found,
            expected: fault.expected))
      }
      names.append(trimmed(scanner.text(of: field)))
      more = scanner.atDelimiter()
    }
    let headerLine = line
    _ = scanner.endRecord()
    try problems.throwIfAny()
    var first: [String: Int] = [:]
    for (i, name) in names.enumerated() {
      if name.isEmpty {
        problems.append(
          DataProblem(
            file: file, line: headerLine, column: "column \(i + 1)",
            found: i > 0 && i == names.count - 1
              ? "an empty column name behind the last delimiter" : "an empty column name",
            expected: "a name for each of the \(names.count) columns expected"))
      } else if name.unicodeScalars.contains("\0") {
        problems.append(
          DataProblem(
            file: file, line: headerLine, column: "column \(i + 1)", found: "a NUL byte",
            expected: "text expected"))
      } else if let earlier = first[name] {
        problems.append(
          DataProblem(
            file: file, line: headerLine, column: name,
            found: "the name of column \(earlier) again in column \(i + 1)",
            expected: "distinct column names expected"))
      } else {
        first[name] = i + 1
      }
    }
    try problems.throwIfAny()
    return (names, scanner.position, scanner.line)
  }

  private static func trimmed(_ name: String) -> String {
    let blanks: Set<Unicode.Scalar> = [" ", "\t"]
    var scalars = name.unicodeScalars[...]
    while let first = scalars.first, blanks.contains(first) { scalars.removeFirst() }
    while let last = scalars.last, blanks.contains(last) { scalars.removeLast() }
    return String(scalars)
  }
}
