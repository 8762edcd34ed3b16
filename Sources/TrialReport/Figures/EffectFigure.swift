/// Estimates with their limits in rows: a forest plot of effects or, without limits, a love plot of differences.
///
/// Every row has its label above or beside a common axis and its numbers as text at the right.
struct EffectFigure {
  struct Row: Sendable, Equatable {
    var label: String
    /// A heading has no estimate.
    var isHeading = false
    var estimate: Double?
    var low: Double?
    var high: Double?
    /// The numbers as text; empty for none.
    var text: String = ""
  }

  var id: String
  var title: String
  var description: String
  var rows: [Row]
  var axisTitle: String
  /// What lies to the left and the right of no effect, in words.
  var sides: (left: String, right: String)?
  /// The heading over the numbers.
  var textTitle: String
  var ticks: [Tick]
  var isLogarithmic: Bool
  /// The value of no effect.
  var null: Double
  /// Further values with a dashed line.
  var guides: [Double] = []

  private static let size = 11.5

  /// The rows drawn.
  func figure() -> Figure {
    var figure = Figure(id: id, title: title, width: Figure.canvasWidth)
    figure.description = description
    let numbers = max(
      TextMetrics.width(rows.map(\.text), size: Self.size),
      rows.contains { !$0.text.isEmpty } ? TextMetrics.width(textTitle, size: Self.size, bold: true) : 0)
    let right = numbers > 0 ? Figure.canvasWidth - numbers - 18 : Figure.canvasWidth - 18
    let widest = rows.map { TextMetrics.width($0.label, size: Self.size, bold: $0.isHeading) }.max() ?? 0
    let left = min(max(60, widest + 16), right - 140)
    let wrapped = rows.map { row in
      TextMetrics.wrap(
        row.label, limit: row.isHeading ? Figure.canvasWidth - 12 : left - 14, size: Self.size,
        bold: row.isHeading)
    }
    var y = numbers > 0 && !textTitle.isEmpty ? 20.0 : 4.0
    if y > 4 {
      figure.text(textTitle, at: .init(Figure.canvasWidth - 6, y), size: Self.size, anchor: .end, bold: true)
      y += 8
    }
    let top = y
    let heights = wrapped.map { max(1, Double($0.count)) * 15 + 7 }
    let bottom = top + heights.reduce(0, +) + 6
    let plot = PlotArea(
      x: Scale(
        low: ticks.first?.value ?? 0, high: ticks.last?.value ?? 1, start: left, end: right,
        isLogarithmic: isLogarithmic),
      y: Scale(low: 0, high: 1, start: bottom, end: top))
    drawGuides(in: plot, on: &figure)
    y = top + 6
    for (i, row) in rows.enumerated() {
      draw(row, lines: wrapped[i], y: y, in: plot, on: &figure)
      y += heights[i]
    }
    figure.height = drawAxis(in: plot, on: &figure).rounded(.up)
    return figure
  }

  private func drawGuides(in plot: PlotArea, on figure: inout Figure) {
    for guide in guides where plot.x.contains(guide) {
      let x = plot.x.position(guide)
      figure.line(
        .init(x, plot.top), .init(x, plot.bottom), Figure.Stroke(Figure.grey, width: 0.8, dash: [3, 3]))
    }
    let x = plot.x.position(null)
    figure.line(.init(x, plot.top), .init(x, plot.bottom), Figure.Stroke(Figure.ink, width: 0.9))
  }

  private func draw(_ row: Row, lines: [String], y: Double, in plot: PlotArea, on figure: inout Figure) {
    figure.lines(lines, at: .init(6, y + 9), size: Self.size, bold: row.isHeading)
    guard !row.isHeading else { return }
    let colour = ArmStyle.arm(1).colour
    let middle = y + 5
    if !row.text.isEmpty {
      figure.text(row.text, at: .init(Figure.canvasWidth - 6, y + 9), size: Self.size, anchor: .end)
    }
    if let low = row.low, let high = row.high {
      let a = plot.x.position(low)
      let b = plot.x.position(high)
      figure.line(.init(a, middle), .init(b, middle), Figure.Stroke(colour, width: 1.6))
      // An arrow where the interval goes on beyond the axis, a stroke across where it ends.
      for (value, x, direction) in [(low, a, -1.0), (high, b, 1.0)] {
        if plot.x.contains(value) {
          figure.line(.init(x, middle - 3.5), .init(x, middle + 3.5), Figure.Stroke(colour, width: 1.4))
        } else {
          figure.elements.append(
            .polygon(
              [
                .init(x, middle), .init(x - direction * 6, middle - 4), .init(x - direction * 6, middle + 4),
              ], fill: colour, opacity: 1, nil))
        }
      }
    }
    if let estimate = row.estimate, plot.x.contains(estimate) {
      figure.elements.append(
        Figure.marker(
          row.low == nil ? .circle : .square, at: .init(plot.x.position(estimate), middle), radius: 4.5,
          colour: colour))
    }
  }

  private func drawAxis(in plot: PlotArea, on figure: inout Figure) -> Double {
    var y = figure.horizontalAxis(ticks, title: axisTitle, in: plot)
    if let sides {
      let x = plot.x.position(null)
      let size = 10.5
      let left = TextMetrics.wrap("← " + sides.left, limit: max(60, x - 12), size: size)
      let right = TextMetrics.wrap(
        sides.right + " →", limit: max(60, Figure.canvasWidth - x - 14), size: size)
      let a = figure.lines(left, at: .init(x - 6, y), size: size, anchor: .end, colour: Figure.grey)
      let b = figure.lines(right, at: .init(x + 6, y), size: size, colour: Figure.grey)
      y = max(a, b)
    }
    return y - 4
  }
}
