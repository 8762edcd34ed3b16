extension RenderedTable {
  /// The table as an HTML fragment: a `figure` with a table that a screen reader can walk (caption, scopes) and its notes.
  public func html() -> String {
    var html = HTMLText()
    html.open("figure", ["class": "table", "id": "table-" + id])
    html.open("div", ["class": "scroll"])
    // Three models side by side do not fit a page at the usual size.
    html.open("table", headings.count > 5 && !spanners.isEmpty ? ["class": "wide"] : [:])
    html.element("caption", title)
    writeHead(to: &html)
    writeBody(to: &html)
    html.close("table")
    html.close("div")
    if !notes.isEmpty || !provenance.isEmpty {
      html.open("figcaption")
      for note in notes {
        html.open("p", ["class": "note"], inline: true)
        if !note.mark.isEmpty {
          html.inline("sup", note.mark)
          html.text(" ")
        }
        html.text(note.text)
        html.close("p", inline: true)
      }
      if !provenance.isEmpty { html.element("p", provenance, ["class": "provenance"]) }
      html.close("figcaption")
    }
    html.close("figure")
    return html.string
  }

  private func writeHead(to html: inout HTMLText) {
    html.open("thead")
    if !spanners.isEmpty {
      html.open("tr")
      html.element("th", stubLabel, ["scope": "col", "rowspan": "2", "class": "leading"])
      for span in spanners {
        if span.text.text.isEmpty {
          for _ in 0..<span.columns { html.element("td", "") }
        } else {
          html.element(
            "th", span.text.text, ["scope": "colgroup", "colspan": String(span.columns), "class": "span"])
        }
      }
      html.close("tr")
    }
    html.open("tr")
    if spanners.isEmpty { html.element("th", stubLabel, ["scope": "col", "class": "leading"]) }
    for (heading, alignment) in zip(headings, alignments) {
      // A short heading such as "p-value" stays whole.
      let tight = heading.text.count <= 10 ? " tight" : ""
      Self.cell("th", heading, ["scope": "col", "class": alignment.rawValue + tight], to: &html)
    }
    html.close("tr")
    html.close("thead")
  }

  private func writeBody(to html: inout HTMLText) {
    html.open("tbody")
    for row in rows {
      let indent = row.indent > 0 ? " indent\(min(row.indent, 3))" : ""
      if row.isHeading {
        html.open("tr", ["class": "heading"])
        Self.cell(
          "th", row.label,
          ["scope": "rowgroup", "colspan": String(headings.count + 1), "class": "leading" + indent], to: &html
        )
      } else {
        html.open("tr")
        Self.cell("th", row.label, ["scope": "row", "class": "leading" + indent], to: &html)
        for (cell, alignment) in zip(row.cells, alignments) {
          Self.cell("td", cell, ["class": alignment.rawValue], to: &html)
        }
      }
      html.close("tr")
    }
    html.close("tbody")
  }

  private static func cell(
    _ name: String, _ text: Text, _ attributes: KeyValuePairs<String, String>, to html: inout HTMLText
  ) {
    html.open(name, attributes, inline: true)
    // An estimate and its interval may stand under one another on a narrow page, but neither breaks inside.
    if name == "td", attributes.contains(where: { $0.value == "trailing" }),
      let bracket = text.text.firstIndex(of: "("),
      bracket > text.text.startIndex
    {
      html.markup("<span>")
      html.text(String(text.text[..<bracket].dropLast()))
      html.markup("</span> <span>")
      html.text(String(text.text[bracket...]))
      if !text.marks.isEmpty { html.inline("sup", text.marks.joined(separator: ",")) }
      html.markup("</span>")
    } else {
      html.text(text.text)
      if !text.marks.isEmpty { html.inline("sup", text.marks.joined(separator: ",")) }
    }
    html.close(name, inline: true)
  }
}
