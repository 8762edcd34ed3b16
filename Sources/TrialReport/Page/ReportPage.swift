import TrialAnalysis

/// The report as one page that needs nothing else: styles and drawings are inside, no script, no address of the network.
struct ReportPage {
  let document: ReportDocument

  private var context: ReportContext { document.context }

  func html() -> String {
    var html = HTMLText()
    html.markup("<!DOCTYPE html>\n")
    html.open("html", ["lang": context.language.rawValue])
    html.open("head")
    html.markup("<meta charset=\"utf-8\">\n")
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    html.markup(
      "<meta name=\"generator\" content=\"hekta \(HTMLText.escaped(context.run.softwareVersion))\">\n")
    html.element("title", document.title)
    html.markup("<style>\n" + ReportStyle.css + "</style>\n")
    html.close("head")
    html.open("body")
    writeHeader(to: &html)
    html.open("main")
    for section in document.sections { write(section, to: &html) }
    html.close("main")
    html.close("body")
    html.close("html")
    return html.string
  }

  private func writeHeader(to html: inout HTMLText) {
    html.open("header")
    if document.isSimulated {
      html.element("p", context.text(.simulatedBanner), ["class": "banner", "role": "note"])
    }
    html.element("h1", document.title)
    if !document.subtitle.isEmpty { html.element("p", document.subtitle, ["class": "subtitle"]) }
    html.open("nav", ["aria-label": context.text(.contents)])
    html.open("ol")
    for section in document.sections {
      html.open("li", inline: true)
      html.open("a", ["href": "#" + section.id], inline: true)
      html.text(section.title)
      html.markup("</a></li>\n")
    }
    html.close("ol")
    html.close("nav")
    html.close("header")
  }

  private func write(_ section: ReportDocument.Section, to html: inout HTMLText) {
    html.open("section", ["id": section.id, "aria-labelledby": "heading-" + section.id])
    html.element("h2", section.title, ["id": "heading-" + section.id])
    for block in section.blocks { write(block, to: &html) }
    html.close("section")
  }

  private func write(_ block: ReportDocument.Block, to html: inout HTMLText) {
    switch block {
    case .paragraph(let text): html.element("p", text)
    case .heading(let text): html.element("h3", text)
    case .notice(let text): html.element("p", text, ["class": "notice", "role": "note"])
    case .list(let lines):
      html.open("ul")
      for line in lines { html.element("li", line) }
      html.close("ul")
    case .table(var table, let number):
      table.title = context.text(.table) + " " + number + ". " + table.title
      html.markup(RenderedTable(table, style: context.style).html())
    case .figure(let figure, let number): write(figure, number: number, to: &html)
    case .keyResult(let result): write(result, to: &html)
    }
  }

  private func write(_ figure: Figure, number: String, to html: inout HTMLText) {
    html.open("figure", ["class": "drawing", "id": "figure-" + figure.id])
    html.open("div", ["class": "scroll"])
    html.markup(figure.svg(standalone: false))
    html.close("div")
    html.open("figcaption")
    html.open("p", inline: true)
    html.inline("b", context.text(.figure) + " " + number + ". " + figure.title + ".")
    for note in figure.notes { html.text(" " + note) }
    html.close("p")
    html.close("figcaption")
    html.close("figure")
  }

  private func write(_ result: KeyResult, to html: inout HTMLText) {
    html.open("div", ["class": "key"])
    html.element("h3", result.title)
    if !result.arms.isEmpty {
      html.open("dl")
      for (i, arm) in result.arms.enumerated() {
        html.open("div", ["style": "border-color:" + ArmStyle.arm(i).colour])
        html.element("dt", arm.label)
        html.open("dd", inline: true)
        html.inline("b", arm.value)
        html.text(" " + arm.detail)
        html.close("dd")
        html.close("div")
      }
      html.close("dl")
    }
    html.open("ul")
    for line in result.lines { html.element("li", line) }
    html.close("ul")
    html.close("div")
  }
}
