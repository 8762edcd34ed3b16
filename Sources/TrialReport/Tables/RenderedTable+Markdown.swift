extension RenderedTable {
  /// The table as GitHub-flavoured Markdown with its title above and its notes below.
  public func markdown() -> String {
    let spans = spanners.flatMap { Array(repeating: $0.text.text, count: $0.columns) }
    let names = headings.enumerated().map { i, heading in
      let span = i < spans.count && !spans[i].isEmpty ? Self.escaped(spans[i]) + "<br>" : ""
      return span + Self.cell(heading)
    }
    var lines = ["**" + Self.escaped(title) + "**", ""]
    lines.append(Self.line([Self.escaped(stubLabel)] + names))
    lines.append(
      Self.line(
        [":---"]
          + alignments.map {
            switch $0 {
            case .leading: ":---"
            case .trailing: "---:"
            case .centre: ":---:"
            }
          }))
    for row in rows {
      let indent = String(repeating: "&emsp;", count: row.indent)
      let label = row.isHeading ? "**" + Self.cell(row.label) + "**" : Self.cell(row.label)
      let cells = row.isHeading ? headings.map { _ in "" } : row.cells.map(Self.cell)
      lines.append(Self.line([indent + label] + cells))
    }
    for note in notes {
      let mark = note.mark.isEmpty ? "" : "<sup>" + note.mark + "</sup> "
      lines += ["", mark + Self.escaped(note.text)]
    }
    if !provenance.isEmpty { lines += ["", "*" + Self.escaped(provenance) + "*"] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private static func cell(_ text: Text) -> String {
    escaped(text.text) + (text.marks.isEmpty ? "" : "<sup>" + text.marks.joined(separator: ",") + "</sup>")
  }

  /// The text with the characters that Markdown or HTML would read as markup set apart.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "|", "*", "_", "`", "\\", "[", "]": result += "\\" + String(character)
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\n", "\r\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
