/// A table of texts laid out for a terminal, as CSV or as Markdown.
///
/// Numbers align right and words left; widths are counted in characters.
public struct TextTable: Sendable {
  /// The column headings.
  public var header: [String]
  /// The rows; each has as many cells as there are headings.
  public var rows: [[String]]
  /// Which columns align right; by default those whose filled cells all look like numbers.
  public var alignsRight: [Bool]?

  public init(header: [String], rows: [[String]] = [], alignsRight: [Bool]? = nil) {
    self.header = header
    self.rows = rows
    self.alignsRight = alignsRight
  }

  private func rightAligned(_ column: Int) -> Bool {
    if let alignsRight { return alignsRight[column] }
    return rows.allSatisfy { row in
      guard let first = row[column].first else { return true }
      return first.isNumber || first == "-" || first == "−" || first == "<" || first == "."
    }
  }

  /// The table with two blanks between columns and a rule under the headings.
  public var plain: String {
    let widths = header.indices.map { j in
      ([header[j]] + rows.map { $0[j] }).map(\.count).max() ?? 0
    }
    let right = header.indices.map(rightAligned)
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { j -> String in
        let blanks = String(repeating: " ", count: max(0, widths[j] - cells[j].count))
        return right[j] ? blanks + cells[j] : cells[j] + blanks
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1))
    return line(header) + rule + "\n" + rows.map(line).joined()
  }

  /// The table in Markdown.
  public var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { Self.escapedMarkdown($0) }.joined(separator: " | ") + " |\n"
    }
    let rule =
      "|" + header.indices.map { rightAligned($0) ? " ---: |" : " --- |" }.joined() + "\n"
    return line(header) + rule + rows.map(line).joined()
  }

  /// The table as CSV (RFC 4180, LF line ends).
  public var csv: String {
    ([header] + rows).map { $0.map(Self.csvField).joined(separator: ",") + "\n" }.joined()
  }

  /// A field quoted where it holds a comma, a quotation mark or a line break.
  public static func csvField(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x2c || $0 == 0x22 || $0 == 0x0a || $0 == 0x0d }) else {
      return text
    }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static func escapedMarkdown(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
