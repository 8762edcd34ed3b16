/// The distribution of an outcome in each arm: a bar for zero, which many have, and a histogram of the rest.
struct DistributionFigure {
  struct Bin: Sendable, Equatable {
    /// The lower edge.
    var low: Double
    var count: Double
  }

  struct Panel: Sendable, Equatable {
    var label: String
    /// Participants whose value is exactly zero, apart from the bins; nil where zero is nothing special.
    var zero: Double?
    var bins: [Bin]
  }

  var id: String
  var title: String
  var description: String
  var panels: [Panel]
  var binWidth: Double
  var valueTitle: String
  var countTitle: String
  /// What the bar of zeros is called.
  var zeroTitle: String
  var valueTicks: [Tick]
  var countTicks: [Tick]
  /// How a count is written over the bar of zeros.
  var countText: @Sendable (Double) -> String

  /// The panels drawn under one another with the same axes.
  func figure() -> Figure {
    var figure = Figure(id: id, title: title, width: Figure.canvasWidth)
    figure.description = description
    let hasZero = panels.contains { $0.zero != nil }
    let axis = Figure.margin(for: countTicks)
    let zeroWidth = hasZero ? max(46, TextMetrics.width(zeroTitle, size: Figure.tickSize) + 14) : 0
    var y = 18.0
    y = figure.lines(
      TextMetrics.wrap(countTitle, limit: Figure.canvasWidth - 12, size: Figure.labelSize), at: .init(6, y),
      size: Figure.labelSize)
    for (i, panel) in panels.enumerated() {
      let style = ArmStyle.arm(i)
      let left = axis + zeroWidth + 8
      let label = TextMetrics.wrap(
        panel.label, limit: Figure.canvasWidth - left - 6, size: Figure.labelSize, bold: true)
      let top =
        figure.lines(
          label, at: .init(left, y + 10), size: Figure.labelSize, bold: true, colour: style.colour) - 4
      let overhang = TextMetrics.width(valueTicks.last?.text ?? "", size: Figure.tickSize) / 2
      let plot = PlotArea(
        x: Scale(
          low: valueTicks.first?.value ?? 0, high: valueTicks.last?.value ?? 1, start: axis + zeroWidth,
          end: Figure.canvasWidth - max(8, overhang + 4)),
        y: Scale(low: 0, high: countTicks.last?.value ?? 1, start: top + 110, end: top))
      let counts = PlotArea(
        x: Scale(low: 0, high: 1, start: axis, end: plot.right), y: plot.y)
      figure.verticalAxis(countTicks, in: counts)
      draw(panel, style, in: plot, axis: axis, zeroWidth: zeroWidth, on: &figure)
      y = figure.horizontalAxis(
        valueTicks, title: i == panels.count - 1 ? valueTitle : "", in: plot, gridLines: false)
      if i < panels.count - 1 { y = plot.bottom + 34 }
    }
    figure.height = y.rounded(.up)
    return figure
  }

  private func draw(
    _ panel: Panel, _ style: ArmStyle, in plot: PlotArea, axis: Double, zeroWidth: Double,
    on figure: inout Figure
  ) {
    var marks: [Figure.Element] = []
    let edge = Figure.Stroke(style.colour, width: 1)
    if let zero = panel.zero {
      let top = plot.y.position(zero)
      let bar = min(30, zeroWidth - 14)
      let middle = axis + zeroWidth / 2
      marks.append(
        .rectangle(
          .init(middle - bar / 2, top), width: bar, height: plot.bottom - top, fill: style.colour, edge,
          corner: 0))
      marks.append(
        .line(.init(axis, plot.bottom), .init(axis + zeroWidth - 4, plot.bottom), Figure.Stroke(Figure.ink)))
      for (text, y) in [(zeroTitle, plot.bottom + 16), (countText(zero), top - 4)] {
        marks.append(
          .text(
            Figure.TextRun(
              text: text, at: .init(middle, y), size: Figure.tickSize, anchor: .middle, bold: false,
              colour: Figure.ink)))
      }
    }
    for bin in panel.bins where bin.count > 0 {
      let a = plot.x.position(bin.low)
      let b = plot.x.position(bin.low + binWidth)
      let top = plot.y.position(bin.count)
      marks.append(
        .polygon(
          [
            .init(a + 0.5, plot.bottom), .init(a + 0.5, top), .init(max(b - 0.5, a + 1), top),
            .init(max(b - 0.5, a + 1), plot.bottom),
          ], fill: style.colour, opacity: 0.35, edge))
    }
    figure.elements.append(.group("bars", marks))
  }
}
