extension RenderedTable {
  /// The table as CSV (RFC 4180): one line of headings, spanning headings written before the column's own.
  ///
  /// - Parameter delimiter: a semicolon where the decimal mark is a comma, as spreadsheets of that language expect.
  public func csv(delimiter: Character) -> String {
    let spans = spanners.flatMap { Array(repeating: $0.text.text, count: $0.columns) }
    let names = headings.enumerated().map { i, heading in
      let span = i < spans.count && !spans[i].isEmpty ? spans[i] + ": " : ""
      return span + heading.plain
    }
    var lines = [[stubLabel] + names]
    var sections: [(indent: Int, label: String)] = []
    for row in rows {
      // A row without its heading has lost half its name, so a line carries the whole path.
      sections.removeAll { $0.indent >= row.indent }
      let path = (sections.map(\.label) + [row.label.plain]).joined(separator: ": ")
      if row.isHeading || row.cells.allSatisfy({ $0.text.isEmpty }) {
        sections.append((row.indent, row.label.plain))
        if row.isHeading { continue }
      }
      lines.append([path] + row.cells.map(\.plain))
    }
    return lines.map { line in
      line.map { Self.field($0, delimiter: delimiter) }.joined(separator: String(delimiter)) + "\r\n"
    }.joined()
  }

  private static func field(_ text: String, delimiter: Character) -> String {
    let needsQuotes = text.contains { $0 == delimiter || $0 == "\"" || $0.isNewline }
    guard needsQuotes else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
