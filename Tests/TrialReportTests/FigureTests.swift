import Testing
import TrialAnalysis

@testable import TrialReport

@Suite("Figures")
struct FigureTests {
  private func figures(_ language: Language) -> [Figure] {
    ReportDocument(HelpRun.run(), language: language).figures
  }

  @Test("The HELP trial has its figures")
  func inventory() {
    #expect(
      figures(.english).map(\.id) == [
        "flow", "randomisation", "linkage-logistic", "drinks", "linkage-km", "linkage-cox", "cesd-lmm",
      ])
  }

  @Test(
    "No coordinate is missing or infinite, and everything lies on the canvas", arguments: Language.allCases)
  func coordinates(language: Language) {
    for figure in figures(language) {
      #expect(figure.width.isFinite && figure.height > 50)
      for point in figure.points {
        #expect(point.x.isFinite && point.y.isFinite)
        #expect(point.x >= -0.01 && point.x <= figure.width + 0.01, "\(figure.id) x \(point.x)")
        #expect(point.y >= -0.01 && point.y <= figure.height + 0.01, "\(figure.id) y \(point.y)")
      }
      #expect(!figure.svg(standalone: true).contains("nan") && !figure.svg(standalone: true).contains("inf,"))
    }
  }

  @Test("Text lies inside the view box and no two texts overlap", arguments: Language.allCases)
  func texts(language: Language) {
    for figure in figures(language) { expectLegible(figure) }
  }

  @Test("Long labels and three arms keep their room")
  func longLabels() {
    var run = HelpRun.run()
    let long = Label("Individual placement and support with motivational interviewing and peers")
    run.arms = [
      .init("no", long),
      .init("yes", Label("Enhanced self-help: guide book, workshop and one individual talk")),
      .init("third", Label("Treatmentasusualwithaverylongwordinside")),
    ]
    for i in run.analyses.indices {
      for record in run.analyses[i].results where record.group == "yes" {
        var third = record
        third.group = "third"
        run.analyses[i].results.append(third)
      }
      run.analyses[i].timeUnit = Label("days since the baseline interview of each participant")
    }
    for figure in ReportDocument(run).figures { expectLegible(figure) }
  }

  private func expectLegible(_ figure: Figure) {
    let boxes = figure.texts.map { (run: $0, box: $0.box) }
    for (run, box) in boxes {
      #expect(
        box.left >= 0 && box.right <= figure.width, "\(figure.id): \(run.text) \(box) in \(figure.width)")
      #expect(
        box.top >= 0 && box.bottom <= figure.height, "\(figure.id): \(run.text) \(box) in \(figure.height)")
    }
    for i in boxes.indices {
      for j in boxes.indices where j > i {
        let (a, b) = (boxes[i].box, boxes[j].box)
        let apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
        #expect(apart, "\(figure.id): \(boxes[i].run.text) / \(boxes[j].run.text)")
      }
    }
  }

  @Test("Numbers at risk under the curves are those of the records, under their ticks")
  func numbersAtRisk() throws {
    let figure = try #require(figures(.english).first { $0.id == "linkage-km" })
    let records = HelpRun.records.filter { $0.analysis == "linkage-km" && $0.measure == .atRisk }
    #expect(records.count == 12)
    let ticks = figure.group("axis x").filter { $0.anchor == .middle }
    let counts = figure.group("counts").filter { $0.anchor == .middle }
    #expect(counts.map(\.text) == records.map { String(Int($0.estimate!)) })
    for (count, record) in zip(counts, records) {
      let tick = try #require(ticks.first { $0.text == String(Int(record.time!)) })
      #expect(tick.at.x == count.at.x)
    }
  }

  @Test("A curve steps where its records do")
  func steps() throws {
    let figure = try #require(figures(.english).first { $0.id == "linkage-km" })
    let control = HelpRun.records.filter {
      $0.analysis == "linkage-km" && $0.measure == .survival && $0.term == "curve" && $0.group == "no"
    }
    let lines = figure.flattened.compactMap { element -> [Figure.Point]? in
      if case .polyline(let points, let stroke) = element, stroke.width == 2 { return points }
      return nil
    }
    #expect(lines.count == 2)
    let heights = lines[0].map(\.y).unique
    #expect(heights.count == control.map(\.estimate).count)
    #expect(heights == heights.sorted())
  }

  @Test("Arms differ by dash and marker as well as by colour")
  func styles() {
    let styles = (0..<4).map(ArmStyle.arm)
    #expect(Set(styles.map(\.colour)).count == 4)
    #expect(Set(styles.map { $0.dash }).count == 4)
    #expect(Set(styles.map { "\($0.marker)" }).count == 4)
    for style in styles { #expect(contrastToWhite(style.colour) >= 4.5) }
  }

  /// The contrast ratio of WCAG 2.1 between a colour and white.
  private func contrastToWhite(_ colour: String) -> Double {
    let digits = Array(colour.dropFirst())
    let parts = [0, 2, 4].map { i -> Double in
      let value = Double(Int(String(digits[i...(i + 1)]), radix: 16)!) / 255
      var power = (value + 0.055) / 1.055
      if value <= 0.03928 { return value / 12.92 }
      let base = power
      // x^2.4 = x² · x^0.4 by square roots: 0.4 ≈ 0.25 + 0.125 + 0.015625 + 0.0078125.
      let r4 = base.squareRoot().squareRoot()
      let r8 = r4.squareRoot()
      let r64 = r8.squareRoot().squareRoot().squareRoot()
      power = base * base * r4 * r8 * r64 * r64.squareRoot()
      return power
    }
    let luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return 1.05 / (luminance + 0.05)
  }

  @Test("A figure has a title and a description that a screen reader finds")
  func accessibility() throws {
    let figure = try #require(figures(.norwegian).first { $0.id == "flow" })
    let svg = figure.svg(standalone: true)
    #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox="))
    #expect(svg.contains("role=\"img\" aria-labelledby=\"figure-flow-title figure-flow-description\""))
    #expect(svg.contains("<title id=\"figure-flow-title\">Deltakerflyt</title>"))
    #expect(svg.contains("Vanlig oppfølging: Tildelt (n\u{A0}=\u{A0}235)"))
  }

  @Test("Zero rows stay in the flow")
  func zeroRows() throws {
    let figure = try #require(figures(.english).first { $0.id == "flow" })
    #expect(figure.texts.filter { $0.text == "Withdrew consent (n\u{A0}=\u{A0}0)" }.count == 2)
    #expect(figure.texts.contains { $0.text == "No outcome data (n\u{A0}=\u{A0}20)" })
  }

  @Test("Labels with markup are text in SVG")
  func escaping() {
    var figure = Figure(id: "x", title: "<b>", width: 100, height: 20)
    figure.text("a < b & c", at: .init(1, 15))
    #expect(figure.svg(standalone: true).contains(">a &lt; b &amp; c</text>"))
    #expect(figure.svg(standalone: true).contains("&lt;b&gt;"))
  }

  @Test(
    "Ticks are round and cover the range",
    arguments: [(0.0, 1.0), (17.8, 34.9), (-0.25, 0.25), (0, 141_000), (3, 3), (1e-6, 5e-6), (-7, -2)])
  func ticks(low: Double, high: Double) {
    let ticks = Ticks.covering(low, high)
    #expect(ticks.values.first! <= low && ticks.values.last! >= high)
    #expect((2...12).contains(ticks.values.count))
    let texts = ticks.values.map { NumberStyle(.english).number($0, decimals: ticks.decimals) }
    #expect(Set(texts).count == texts.count)
  }

  @Test("Ticks of ratios stand on both sides of the range")
  func ratioTicks() {
    for (low, high) in [(0.7, 2.35), (0.05, 90), (0.9, 1.1), (0.01, 100), (1.6, 81.8)] {
      let ticks = Ticks.ratios(min(low, 1), max(high, 1))
      #expect(ticks.values.first! <= low && ticks.values.last! >= high)
      #expect(ticks.values.count <= 14)
    }
  }

  @Test("Ticks of time count in quarters and years")
  func timeTicks() {
    #expect(Ticks.times(to: 548, unit: .days).values == [0, 90, 180, 270, 360, 450, 540])
    #expect(Ticks.times(to: 18, unit: .months).values == [0, 3, 6, 9, 12, 15, 18])
    #expect(Ticks.times(to: 1, unit: .years).values == [0, 0.25, 0.5, 0.75, 1])
  }

  @Test("Lines of text are broken to fit, words too if they must")
  func wrapping() {
    let lines = TextMetrics.wrap("Individual placement andsupportinonelongword", limit: 80, size: 12)
    for line in lines { #expect(TextMetrics.width(line, size: 12) <= 80) }
    #expect(lines.joined().replacing("-", with: "").contains("andsupportinonelongword".prefix(5)))
  }
}

extension Figure {
  /// Every point that is drawn, text apart.
  var points: [Point] {
    flattened.flatMap { element -> [Point] in
      switch element {
      case .line(let a, let b, _): [a, b]
      case .polyline(let points, _): points
      case .polygon(let points, _, _, _): points
      case .rectangle(let corner, let width, let height, _, _, _):
        [corner, Point(corner.x + width, corner.y + height)]
      case .circle(let centre, _, _, _): [centre]
      case .text(let run): [run.at]
      case .group: []
      }
    }
  }

  /// The texts of a named group.
  func group(_ name: String) -> [TextRun] {
    elements.flatMap { element -> [TextRun] in
      guard case .group(name, let inner) = element else { return [] }
      return inner.compactMap {
        if case .text(let run) = $0 { return run }
        return nil
      }
    }
  }
}
