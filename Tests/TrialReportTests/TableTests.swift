import Inference
import Serialisation
import Testing
import TrialAnalysis

@testable import TrialReport

@Suite("Tables")
struct TableTests {
  private func rendered(_ id: String, _ language: Language) -> RenderedTable {
    let document = ReportDocument(HelpRun.run(), language: language)
    return RenderedTable(document.tables.first { $0.id == id }!, style: NumberStyle(language))
  }

  /// A table as text with cells set apart, for comparison by eye; hard spaces show as `_`.
  private func plain(_ table: RenderedTable) -> String {
    let lines = table.rows.map { row in
      ([String(repeating: "  ", count: row.indent) + row.label.plain] + row.cells.map(\.plain)).joined(
        separator: " | ")
    }
    return lines.joined(separator: "\n").replacing("\u{A0}", with: "_")
  }

  @Test("The risks of the HELP trial, in English")
  func risksInEnglish() {
    let table = rendered("linkage-risk", .english)
    #expect(
      table.headings.map(\.plain) == [
        "Usual care", "Health intervention", "Estimate (95%\u{A0}CI)", "p-value",
      ])
    #expect(
      plain(table) == """
        Linked to primary care, n/N (%) | 36/215 (16.7%) | 131/232 (56.5%) |  | 
          95%_CI (%) | 12.3 to 22.3 [a] | 50.0 to 62.7 [a] |  | 
          Risk difference, percentage points |  |  | 39.7 (31.2 to 47.3) [b] | 
          Risk ratio |  |  | 3.37 (2.45 to 4.64) [c] | 
          Odds ratio |  |  | 6.45 (4.14 to 10.04) [d] | 
          Pearson's chi-squared test |  |  |  | <0.001
        """)
    #expect(table.notes.map(\.mark) == ["a", "b", "c", "d", ""])
    #expect(table.notes[1].text == "Limits: Newcombe hybrid score.")
  }

  @Test("The risks of the HELP trial, in bokmål")
  func risksInNorwegian() {
    #expect(
      plain(rendered("linkage-risk", .norwegian)) == """
        Kontakt med primærhelsetjenesten, n/N (%) | 36/215 (16,7_%) | 131/232 (56,5_%) |  | 
          95_%_KI (%) | 12,3 til 22,3 [a] | 50,0 til 62,7 [a] |  | 
          Risikodifferanse, prosentpoeng |  |  | 39,7 (31,2 til 47,3) [b] | 
          Relativ risiko |  |  | 3,37 (2,45 til 4,64) [c] | 
          Oddsratio |  |  | 6,45 (4,14 til 10,04) [d] | 
          Pearsons kjikvadrattest |  |  |  | <0,001
        """)
  }

  @Test("Table 1 has standardised differences from the randomisation checks and no p-values")
  func baseline() {
    let table = rendered("baseline", .english)
    #expect(
      table.headings.map(\.plain) == [
        "Usual care (n\u{A0}=\u{A0}235)", "Health intervention (n\u{A0}=\u{A0}235)",
        "All (n\u{A0}=\u{A0}470)",
        "Standardised difference [a]",
      ])
    let lines = plain(table).split(separator: "\n").map(String.init)
    #expect(lines[0] == "Age, years, mean (SD) | 36.4 (8.1) | 35.1 (7.4) | 35.8 (7.8) | −0.17")
    #expect(lines[1] == "  Median (quartiles) | 35 (31 to 41) | 35 (30 to 40) | 35 (30 to 41) | ")
    #expect(lines.contains("  Alcohol | 107 (45.5%) | 78 (33.2%) | 185 (39.4%) | "))
    #expect(lines.contains("  Missing, n | 1 | 1 | 2 | "))
    #expect(!table.csv(delimiter: ",").contains("p-value"))
  }

  @Test("Time to event: a median that is not reached is said so, with the limit there is")
  func survival() {
    let lines = plain(rendered("linkage-km", .norwegian)).split(separator: "\n").map(String.init)
    #expect(lines[0] == "Hendelser, n/N (%) | 36/215 (16,7_%) | 131/232 (56,5_%)")
    #expect(lines[1] == "Mediantid, dager (95_%_KI) | ikke nådd | 129,5 (80 til ikke nådd)")
    #expect(
      lines[2] == "Uten hendelsen ved 180 dager (95_%_KI) | 87,9_% (83,7 til 92,4) | 47,4_% (41,4 til 54,3)")
  }

  @Test("The mixed model's visits and fixed effects")
  func mixedModel() {
    let visits = rendered("cesd-lmm", .english)
    #expect(visits.spanners.map(\.text.text) == ["Usual care", "Health intervention", "", ""])
    #expect(visits.spanners.map(\.columns) == [2, 2, 1, 1])
    let lines = plain(visits).split(separator: "\n").map(String.init)
    #expect(
      lines[4]
        == "24 months | 126 | 22.3 (20.1 to 24.5) | 146 | 19.9 (17.8 to 22.0) | −2.4 (−5.4 to 0.7) | 0.127")
    #expect(lines[5] == "Arm by visit |  |  |  |  | F = 0.75, df = 4, 1,082.6 | 0.556")
    let model = plain(rendered("cesd-lmm-model", .english)).split(separator: "\n").map(String.init)
    #expect(
      model.contains(
        "Health intervention × 24 months | −1.89 (−4.92 to 1.15) | 1.55 | 1,089.9 | −1.22 | 0.223"))
    #expect(model.contains("  REML criterion | 11,406.94 |  |  |  | "))
  }

  @Test("A model of several rows a participant tells rows from participants")
  func observations() throws {
    var run = HelpRun.run()
    let place = try #require(run.analyses.firstIndex { $0.kind == .logistic })
    func labels() -> [String] {
      let document = ReportDocument(run, language: .english)
      let table = document.tables.first { $0.id == run.analyses[place].id }!
      return plain(RenderedTable(table, style: NumberStyle(.english))).split(separator: "\n").map(String.init)
    }
    #expect(labels().contains { $0.hasPrefix("Participants | 447") })
    let variants = run.analyses[place].results.compactMap(\.variant)
    for variant in Set(variants) {
      for (arm, count) in [("no", 215.0), ("yes", 230)] {
        var record = try #require(run.analyses[place].results.first { $0.variant == variant })
        record.measure = .count
        record.contrast = nil
        record.term = "participants"
        record.group = arm
        record.estimate = count
        run.analyses[place].results.append(record)
      }
    }
    let rows = labels()
    #expect(rows.contains { $0.hasPrefix("Observations | 447") })
    #expect(rows.contains { $0.hasPrefix("Participants | 445") })
  }

  @Test("Writers take their strings from one rendered form")
  func oneForm() {
    let document = ReportDocument(HelpRun.run(), language: .norwegian)
    for table in document.tables {
      let rendered = RenderedTable(table, style: document.context.style)
      let csv = rendered.csv(delimiter: ";")
      let html = rendered.html().replacing("</span> <span>", with: " ").replacing("<span>", with: "")
        .replacing("</span>", with: "")
      for cell in rendered.rows.flatMap(\.cells) where !cell.text.isEmpty {
        #expect(csv.contains(cell.text))
        #expect(html.contains(HTMLText.escaped(cell.text)))
      }
    }
  }

  @Test("JSON holds raw values unrounded beside the text")
  func json() {
    let document = ReportDocument(HelpRun.run(), language: .english)
    let table = document.tables.first { $0.id == "linkage-risk" }!
    let json = table.json(RenderedTable(table, style: document.context.style), language: .english)
    let cell = json["rows"]!.elements[2]["cells"]!.elements[2]
    #expect(
      cell["values"]!.elements[0].double == HelpRun.records.first { $0.measure == .riskDifference }!.estimate)
    #expect(cell["text"]!.text == "39.7 (31.2 to 47.3)")
    #expect(cell["records"]!.elements[0].text == "linkage-risk/yes - no/risk-difference")
  }

  @Test("CSV carries the whole path of a row, quotes what it must, and has one column count")
  func csv() {
    var table = Table(
      id: "t", title: "T", stubLabel: "a,b",
      columns: [.init("x", "X", spanner: "S"), .init("y", "say \"y\"", spanner: "S")])
    table.rows = [
      .heading("h", "Group"),
      Table.Row("r", "r", indent: 1, cells: [Table.Cell([1234], .count), .text("a\nb")]),
      Table.Row("q", "q", cells: [.absent, .blank]),
    ]
    let csv = RenderedTable(table, style: NumberStyle(.english)).csv(delimiter: ",")
    #expect(
      csv == "\"a,b\",S: X,\"S: say \"\"y\"\"\"\r\nGroup: r,\"1,234\",\"a\nb\"\r\nq,–,\r\n")
    #expect(RenderedTable(table, style: NumberStyle(.norwegian)).csv(delimiter: ";").contains("1\u{A0}234;"))
  }

  @Test("Markup in labels is text in HTML and Markdown")
  func escaping() {
    let nasty = "<script>alert('x')</script> & \"q\" | *b* [a]"
    var table = Table(id: "t", title: nasty, stubLabel: nasty, columns: [.init("x", nasty)])
    let note = table.note("n", nasty)
    table.rows = [Table.Row("r", nasty, cells: [.text(nasty, notes: [note])])]
    table.provenance = nasty
    let rendered = RenderedTable(table, style: NumberStyle(.english))
    let html = rendered.html()
    #expect(!html.contains("<script"))
    #expect(html.contains("&lt;script&gt;alert('x')&lt;/script&gt; &amp; &quot;q&quot;"))
    let markdown = rendered.markdown()
    #expect(!markdown.contains("<script"))
    #expect(markdown.contains("\\| \\*b\\* \\[a\\]"))
  }

  @Test("Tables can be walked by a screen reader")
  func accessibility() {
    let html = rendered("cesd-lmm", .english).html()
    #expect(html.contains("<caption>Depressive symptoms over time</caption>"))
    #expect(html.contains("scope=\"colgroup\" colspan=\"2\""))
    #expect(html.contains("<th scope=\"row\""))
  }

  @Test("A hidden number leaves no trace, and its sign is explained")
  func suppression() {
    var run = HelpRun.run()
    run.suppressionFloor = 5
    let index = run.analyses.firstIndex { $0.id == "linkage-risk" }!
    for i in run.analyses[index].results.indices { run.analyses[index].results[i].isSuppressed = true }
    for file in ReportWriter.files(run) where file.path.contains("linkage-risk") {
      #expect(!file.text.contains("39.7"))
      #expect(!file.text.contains("0.397"))
    }
    let json = run.resultsJSON()["results"]!.elements.first {
      $0["id"]!.text == "linkage-risk/yes - no/risk-difference"
    }!
    #expect(json["estimate"] == .null && json["n"] == .null && json["events"] == .null)
    #expect(json["suppressed"] == .bool(true))
    let table = ReportDocument(run).tables.first { $0.id == "linkage-risk" }!
    let rendered = RenderedTable(table, style: NumberStyle(.english))
    #expect(rendered.rows[0].cells[0].text == ":")
    #expect(rendered.notes.contains { $0.text.contains("under 5") })
  }

  @Test(
    "A fit that is not clean cannot print as if it were",
    arguments: [FitStatus.notConverged, .singular, .separated])
  func status(status: FitStatus) {
    var run = HelpRun.run()
    let index = run.analyses.firstIndex { $0.id == "linkage-logistic" }!
    for i in run.analyses[index].results.indices { run.analyses[index].results[i].status = status }
    let table = ReportDocument(run).tables.first { $0.id == "linkage-logistic" }!
    let rendered = RenderedTable(table, style: NumberStyle(.english))
    #expect(!rendered.rows[0].cells[0].marks.isEmpty)
    #expect((rendered.rows[0].cells[0].text == "–") == (status == .notConverged))
  }

  @Test("Faults of a table's shape are named")
  func faults() {
    var table = Table(id: "t", title: "T", columns: [.init("x", "X")])
    table.rows = [Table.Row("r", "r", cells: []), Table.Row("s", "s", cells: [.text("", notes: ["none"])])]
    #expect(table.faults == ["row 0 (r): 0 cells for 1 columns", "row 1 (s): no note none"])
  }
}
