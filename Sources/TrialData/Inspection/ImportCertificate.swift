import ModelFormula

/// How a file reads without a codebook: the decisions that reading it takes, each with its evidence.
public struct ImportCertificate: Sendable {
  public let file: String
  public let sha256: String
  public let encoding: EncodingEvidence
  public let delimiter: Delimiter
  public let delimiterReason: String
  public let lineEnds: String
  /// True where no line end stands behind the last row.
  public let endsWithoutLineEnd: Bool
  public let rowCount: Int
  public let columns: [ColumnCertificate]
  /// Rows that may be none of the data: footers, and rows without a value.
  public let strayRows: [DataProblem]
  /// Letters that were lost before the file came here.
  public let damagedLetters: [DataProblem]
  /// What the privacy screen found.
  public let privacy: [DataProblem]

  /// Examines a file.
  ///
  /// - Throws: `DataError` where it is not there or is no table.
  public init(path: String, options: ReadingOptions = ReadingOptions()) throws(DataError) {
    let bytes = try FileBytes(path: path)
    sha256 = bytes.sha256
    let source = try DelimitedFile(bytes, path: path, options: options)
    let scan = try TableScan.run(
      source, source.names.indices.map { ColumnRequest(position: $0, kind: .text) })
    file = path
    encoding = source.encoding
    delimiter = source.delimiter
    delimiterReason = source.delimiterReason
    lineEnds =
      source.survey.lineFeeds + source.survey.carriageReturns == 0
      ? "none"
      : source.terminator == 0x0d ? "CR" : source.survey.pairs * 2 > source.survey.lineFeeds ? "CRLF" : "LF"
    // A file that was cut short ends within a value.
    endsWithoutLineEnd = source.content.bytes.last.map { $0 != 0x0a && $0 != 0x0d } ?? false
    rowCount = scan.lines.count
    let screen = PrivacyScreen(lines: scan.lines)
    var columns: [ColumnCertificate] = []
    var privacy: [DataProblem] = []
    for (name, column) in zip(source.names, scan.columns) {
      let (codes, dictionary) = column.texts
      let texts = dictionary.texts
      let subject = PrivacyScreen.Subject(name: name, codes: codes, texts: texts, type: nil, allowed: [])
      let findings = screen.findings(in: subject).map { $0.problem(in: path) }
      privacy += findings
      columns.append(
        ColumnExaminer(
          name: name, codes: codes, texts: texts, lines: scan.lines, delimiter: source.delimiter,
          isIdentifying: !findings.isEmpty
        ).certificate())
    }
    self.columns = columns
    self.privacy = privacy
    damagedLetters = source.damagedLetters()
    let empty = source.emptyRows(scan.columns, scan.lines)
    strayRows =
      source.footers(scan.lines)
      + empty.prefix(1).map {
        DataProblem(
          file: path, line: $0,
          found: empty.count > 1
            ? "the first of \(empty.count) rows without a value" : "a row without a value",
          expected: "taken as \(empty.count > 1 ? "rows" : "a row") of data", rule: "empty-row")
      }
  }

  /// The columns that can be read in several ways, as problems.
  public var ambiguities: [DataProblem] {
    columns.compactMap { column in
      guard case .ambiguous(let readings) = column.reading else { return nil }
      return DataProblem(
        file: file, line: column.lines.first, column: column.name,
        found: "\(column.evidence): \(readings.joined(separator: " or "))",
        expected: "a codebook, or an export, that says which expected", rule: "ambiguous")
    }
  }

  /// The certificate for people.
  public var text: String {
    var lines = [
      "\(file): \(counted(rowCount, "row")), \(counted(columns.count, "column"))",
      "  sha256     \(sha256)",
      "  encoding   \(encoding.encoding.rawValue)\(encoding.hasByteOrderMark ? " with byte order mark" : ""): \(encoding.reason)"
        + places(encoding.lines),
      "  delimiter  \(delimiter.name): \(delimiterReason); line ends \(lineEnds)"
        + (endsWithoutLineEnd && lineEnds != "none" ? ", none behind the last row" : ""),
    ]
    let width = columns.map(\.name.count).max() ?? 0
    for column in columns {
      let name = column.name + String(repeating: " ", count: width - column.name.count)
      lines.append("  \(name)  \(column.summary)")
    }
    for problem in damagedLetters { lines.append("  letters: \(problem)") }
    for problem in strayRows { lines.append("  rows: \(problem)") }
    for problem in privacy { lines.append("  privacy: \(problem)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A count of things.
private func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }

/// Lines of a file, in brackets; nothing where there are none.
private func places(_ lines: [Int]) -> String {
  if lines.isEmpty { return "" }
  return " (line\(lines.count > 1 ? "s" : "") \(lines.map(String.init).joined(separator: ", ")))"
}

extension ColumnCertificate {
  /// One line about the column.
  var summary: String {
    var parts = [kind, "\(counted(presentCount, "value")), \(distinctCount) distinct"]
    if let range {
      parts.append(
        isDate
          ? "\(iso(range.lowerBound)) to \(iso(range.upperBound))"
          : "\(NumberWriter.text(range.lowerBound)) to \(NumberWriter.text(range.upperBound))")
    }
    if !missing.isEmpty {
      let texts = missing.map { "\($0.text.isEmpty ? "empty" : "'\($0.text)'") \($0.count)" }
      parts.append("missing: \(texts.joined(separator: ", "))")
    }
    if !suspectedCodes.isEmpty {
      parts.append("codes for missing? \(suspectedCodes.map(NumberWriter.text).joined(separator: ", "))")
    }
    return parts.joined(separator: "; ") + "; because: \(evidence)\(places(lines))"
  }

  private var kind: String {
    switch reading {
    case .empty: "empty"
    case .number(let decimal, let thousands, let isWhole):
      (isWhole ? "integer" : "numeric, decimal \(decimal == .comma ? "comma" : "point")")
        + (thousands.map { ", thousands \($0.rawValue)" } ?? "")
    case .date(let order): "date, \(order.rawValue)"
    case .categories(let levels): "categorical, \(counted(levels.count, "level"))"
    case .identifier: "id"
    case .text: "text"
    case .ambiguous: "AMBIGUOUS: " + alternatives.joined(separator: " | ")
    }
  }

  private var isDate: Bool { if case .date = reading { true } else { false } }
  private func iso(_ day: Double) -> String { CalendarDay(number: Int32(day)).iso }
}
