import Glibc
import Serialisation
import Testing
import TrialAnalysis

@testable import TrialReport

@Suite("The report")
struct ReportTests {
  @Test("Sections come in the order of a paper", arguments: Language.allCases)
  func order(language: Language) {
    let document = ReportDocument(HelpRun.run(), language: language)
    #expect(
      document.sections.map(\.id) == [
        "key-result", "flow", "randomisation", "baseline", "primary", "secondary", "time", "repeated",
        "published",
        "methods", "warnings", "provenance",
      ])
  }

  @Test("Two writings of one run are equal byte for byte")
  func determinism() {
    #expect(ReportWriter.files(HelpRun.run()) == ReportWriter.files(HelpRun.run()))
  }

  @Test("The page is whole in itself: no script, no address but the SVG name space, balanced elements")
  func selfContained() {
    let page = ReportPage(document: ReportDocument(HelpRun.run(), language: .norwegian)).html()
    #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
    #expect(!page.contains("<link") && !page.contains("@import"))
    #expect(page.contains("<html lang=\"nb\">"))
    for name in ["section", "table", "tr", "figure", "svg", "g", "div", "p", "ul", "li", "span"] {
      let opened =
        page.components(separatedBy: "<\(name)>").count + page.components(separatedBy: "<\(name) ").count - 2
      #expect(opened == page.components(separatedBy: "</\(name)>").count - 1, "\(name)")
    }
  }

  @Test("Every id of the page is given once")
  func identifiers() {
    let page = ReportPage(document: ReportDocument(HelpRun.run())).html()
    let ids = page.components(separatedBy: " id=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    #expect(Set(ids).count == ids.count)
    for target in page.components(separatedBy: "href=\"#").dropFirst().map({
      String($0.prefix { $0 != "\"" })
    }) {
      #expect(ids.contains(target))
    }
  }

  @Test("The key result is told with absolute and relative effects")
  func keyResult() throws {
    let document = ReportDocument(HelpRun.run(), language: .english)
    guard case .keyResult(let result)? = document.sections[0].blocks.first else {
      Issue.record("no key result")
      return
    }
    #expect(result.arms.map(\.value) == ["16.7%", "56.5%"])
    #expect(result.arms.map(\.detail) == ["36 of 215", "131 of 232"])
    #expect(
      result.lines == [
        "Risk difference, percentage points: 39.7 (95%\u{A0}CI 31.2 to 47.3)",
        "Risk ratio: 3.37 (95%\u{A0}CI 2.45 to 4.64)",
        "Odds ratio: 6.45 (95%\u{A0}CI 4.14 to 10.04)", "Pearson's chi-squared test: p\u{A0}<\u{A0}0.001",
      ])
  }

  @Test("The methods text says what the records' conventions say")
  func methods() {
    let text = methodsText(HelpRun.run(), .english)
    #expect(text.contains("the risk difference (Newcombe hybrid score limits), the risk ratio (Katz limits)"))
    #expect(text.contains("missing outcomes between the arms by Fisher's exact test"))
    #expect(
      text.contains(
        "Hazard ratios come from Cox regression with Efron's handling of ties, crude and adjusted for age"))
    #expect(text.contains("fitted by REML. Degrees of freedom of t and F: Satterthwaite."))
    #expect(text.contains("hekta 0.1.0"))
    #expect(methodsText(HelpRun.run(), .norwegian).contains("med Efrons håndtering av sammenfallende tider"))
  }

  @Test("The methods text claims nothing that no record says")
  func methodsWithoutConventions() {
    var run = HelpRun.run()
    for i in run.analyses.indices {
      for j in run.analyses[i].results.indices { run.analyses[i].results[j].conventions = [] }
    }
    let text = methodsText(run, .english)
    for word in ["Efron", "Satterthwaite", "REML", "Wald", "type 7"] { #expect(!text.contains(word)) }
  }

  private func methodsText(_ run: AnalysisRun, _ language: Language) -> String {
    let document = ReportDocument(run, language: language)
    return document.sections.first { $0.id == "methods" }!.blocks.map {
      if case .paragraph(let text) = $0 { return text }
      return ""
    }.joined(separator: "\n")
  }

  @Test("Simulated data are called so on the page and in the comparison")
  func simulated() {
    var run = HelpRun.run()
    run.isSimulated = true
    let page = ReportPage(document: ReportDocument(run, language: .norwegian)).html()
    #expect(page.contains("Simulerte data."))
    #expect(page.contains("Denne analysen (simulerte data)"))
    #expect(run.resultsJSON()["simulated"] == .bool(true))
  }

  @Test("Published values stand beside this run's, source and all")
  func published() {
    let document = ReportDocument(HelpRun.run(), language: .english)
    let rendered = RenderedTable(
      document.tables.first { $0.id == "published" }!, style: NumberStyle(.english))
    #expect(rendered.rows[0].cells.map(\.plain) == ["6.40 (4.10 to 10.00) [a]", "6.45 (4.14 to 10.04) [b]"])
    #expect(rendered.notes[0].text.contains("Samet"))
  }

  @Test("An analysis that failed is told of, not left out")
  func failure() {
    var run = HelpRun.run()
    run.analyses[4].failure = "no events in an arm"
    run.analyses[4].results = []
    let page = ReportPage(document: ReportDocument(run, language: .english)).html()
    #expect(page.contains("This analysis could not be carried out (no events in an arm)"))
    #expect(!ReportDocument(run).tables.contains { $0.id == "linkage-logistic" })
  }

  @Test("The plan's outputs choose, name and join tables and figures")
  func outputs() {
    var run = HelpRun.run()
    run.outputs = [
      .init(form: .table, id: "tab-effects", analyses: ["linkage-cox"], title: Label("Effects")),
      .init(form: .figure, id: "fig-km", analyses: ["linkage-km"]),
    ]
    let document = ReportDocument(run, language: .english)
    #expect(document.tables.map(\.id) == ["tab-effects", "published"])
    #expect(document.tables[0].title == "Effects")
    #expect(document.figures.map(\.id) == ["fig-km"])
  }

  @Test("results.json has the contract's fields, in the plan's order, unrounded")
  func results() {
    let run = HelpRun.run()
    let json = run.resultsJSON()
    #expect(json.members.map(\.name) == ["trial", "simulated", "plan", "inputs", "software", "results"])
    let results = json["results"]!.elements
    #expect(results.count == run.results.count)
    let required = [
      "id", "analysis", "estimand", "outcome", "population", "method", "group", "contrast", "term",
      "estimate",
      "std.error", "df", "statistic", "p.value", "conf.low", "conf.high", "conf.level", "n", "events",
      "status",
      "warnings", "conventions",
    ]
    for (record, written) in zip(run.results, results) {
      for name in required { #expect(written[name] != nil) }
      #expect(written["id"]!.text == record.id)
      #expect(written["estimate"]!.double == record.estimate)
    }
  }

  @Test("Output appears whole or not at all")
  func writing() throws {
    var template = Array("/tmp/report-test-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let base = String(cString: made)
    defer { _ = remove(base) }
    let place = base + "/out"
    try ReportWriter.write(HelpRun.run(), to: place)
    for file in ReportWriter.files(HelpRun.run()) {
      #expect(access(place + "/" + file.path, R_OK) == 0, "\(file.path)")
    }
    #expect(throws: (any Error).self) { try ReportWriter.write(HelpRun.run(), to: place) }
    try ReportWriter.write(HelpRun.run(), to: place, language: .norwegian, replacing: true)
    for file in ReportWriter.files(HelpRun.run()) { unlink(place + "/" + file.path) }
    for directory in ["/tables", "/figures", ""] { rmdir(place + directory) }
  }
}
