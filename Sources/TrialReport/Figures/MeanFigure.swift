/// Means by visit, one line an arm, with limits and the number of participants under each visit.
struct MeanFigure {
  struct Mean: Sendable, Equatable {
    var visit: Double
    var estimate: Double
    var low: Double?
    var high: Double?
  }

  struct Series: Sendable, Equatable {
    var label: String
    var means: [Mean]
    /// Participants with a value at each visit, as text.
    var counts: [Tick]
  }

  var id: String
  var title: String
  var description: String
  var series: [Series]
  var verticalTitle: String
  var visitTitle: String
  var countTitle: String
  var remarks: [String]
  var visitTicks: [Tick]
  var valueTicks: [Tick]

  /// The means drawn.
  func figure() -> Figure {
    var figure = Figure(id: id, title: title, width: Figure.canvasWidth)
    figure.description = description
    var y = 18.0
    y = figure.lines(
      TextMetrics.wrap(verticalTitle, limit: Figure.canvasWidth - 12, size: Figure.labelSize),
      at: .init(6, y),
      size: Figure.labelSize)
    y = figure.legend(series.map(\.label), x: 6, y: y + 4, right: Figure.canvasWidth - 6, markers: true)
    for remark in remarks {
      y = figure.lines(
        TextMetrics.wrap(remark, limit: Figure.canvasWidth - 12, size: Figure.tickSize), at: .init(6, y),
        size: Figure.tickSize,
        colour: Figure.grey)
    }
    let plot = area(top: y + 4)
    figure.verticalAxis(valueTicks, in: plot)
    for i in series.indices { draw(i, in: plot, on: &figure) }
    y = figure.horizontalAxis(visitTicks, title: visitTitle, in: plot)
    if series.contains(where: { !$0.counts.isEmpty }) {
      let rows = series.enumerated().map { i, one in
        AxisRow(label: one.label, colour: ArmStyle.arm(i).colour, entries: one.counts)
      }
      y = figure.axisRows(rows, heading: countTitle, y: y + 10, in: plot)
    }
    figure.height = y.rounded(.up)
    return figure
  }

  private func area(top: Double) -> PlotArea {
    let left = max(Figure.margin(for: valueTicks), Figure.rowMargin(series.map(\.label)))
    let visits = visitTicks.map(\.value)
    let first = visits.min() ?? 0
    let last = visits.max() ?? 1
    // Room on both sides, so that no marker stands on the axis and the counts under the first visit are whole.
    let room = 0.06 * max(last - first, 1)
    return PlotArea(
      x: Scale(low: first - room, high: last + room, start: left, end: Figure.canvasWidth - 10),
      y: Scale(
        low: valueTicks.first?.value ?? 0, high: valueTicks.last?.value ?? 1, start: (top + 220).rounded(),
        end: top.rounded()))
  }

  /// One arm's line; the arms stand a little beside one another, so that their limits can be told apart.
  private func draw(_ index: Int, in plot: PlotArea, on figure: inout Figure) {
    let style = ArmStyle.arm(index)
    let shift = (Double(index) - Double(series.count - 1) / 2) * 9
    var marks: [Figure.Element] = []
    let points = series[index].means.map { mean in
      let p = plot.point(mean.visit, mean.estimate)
      return Figure.Point(p.x + shift, p.y)
    }
    marks.append(.polyline(points, Figure.Stroke(style.colour, width: 1.6, dash: style.dash)))
    for (mean, p) in zip(series[index].means, points) {
      if let low = mean.low, let high = mean.high {
        let top = plot.y.position(high)
        let bottom = plot.y.position(low)
        let stroke = Figure.Stroke(style.colour, width: 1.3)
        marks.append(.line(.init(p.x, top), .init(p.x, bottom), stroke))
        for y in [top, bottom] { marks.append(.line(.init(p.x - 3.5, y), .init(p.x + 3.5, y), stroke)) }
      }
      marks.append(Figure.marker(style.marker, at: p, radius: 4.5, colour: style.colour))
    }
    figure.elements.append(.group("series", marks))
  }
}
