/// Curves over time, one an arm: Kaplan–Meier estimates or cumulative incidences as steps, with pointwise limits, marks
/// of censoring and the numbers at risk under the axis.
///
/// The layout follows Pocock, Clayton and Altman (2002, doi 10.1016/S0140-6736(02)08594-X) and Morris et al. (2019,
/// doi 10.1136/bmjopen-2019-030215): numbers at risk on the axis's ticks, limits around each curve, the whole range of
/// the probability.
struct CurveFigure {
  /// A step of a curve: the estimate from this time on.
  struct Step: Sendable, Equatable {
    var time: Double
    var estimate: Double
    var low: Double?
    var high: Double?
  }

  /// One arm's curve with what belongs to it.
  struct Curve: Sendable, Equatable {
    var label: String
    var steps: [Step]
    var censored: [Double]
    /// Participants at risk at the ticks, as text.
    var atRisk: [Tick]
    var median: Double?

    /// The estimate that holds at a time.
    func estimate(at time: Double) -> Double? { steps.last { $0.time <= time }?.estimate }
  }

  var id: String
  var title: String
  var description: String
  var curves: [Curve]
  var verticalTitle: String
  var timeTitle: String
  var atRiskTitle: String
  /// Lines under the legend, such as the log-rank test.
  var remarks: [String]
  var timeTicks: [Tick]
  var shareTicks: [Tick]
  var showsMedians = false

  /// The curves drawn.
  func figure() -> Figure {
    var figure = Figure(id: id, title: title, width: Figure.canvasWidth)
    figure.description = description
    var y = 18.0
    y = figure.lines(
      TextMetrics.wrap(verticalTitle, limit: Figure.canvasWidth - 12, size: Figure.labelSize),
      at: .init(6, y),
      size: Figure.labelSize)
    y = figure.legend(curves.map(\.label), x: 6, y: y + 4, right: Figure.canvasWidth - 6, markers: false)
    for remark in remarks {
      y = figure.lines(
        TextMetrics.wrap(remark, limit: Figure.canvasWidth - 12, size: Figure.tickSize), at: .init(6, y),
        size: Figure.tickSize,
        colour: Figure.grey)
    }
    let plot = area(top: y + 2)
    figure.verticalAxis(shareTicks, in: plot)
    for (i, curve) in curves.enumerated() { drawBand(of: curve, ArmStyle.arm(i), in: plot, on: &figure) }
    for (i, curve) in curves.enumerated() { drawSteps(of: curve, ArmStyle.arm(i), in: plot, on: &figure) }
    y = figure.horizontalAxis(timeTicks, title: timeTitle, in: plot)
    if curves.contains(where: { !$0.atRisk.isEmpty }) {
      let rows = curves.enumerated().map { i, curve in
        AxisRow(label: curve.label, colour: ArmStyle.arm(i).colour, entries: curve.atRisk)
      }
      y = figure.axisRows(rows, heading: atRiskTitle, y: y + 10, in: plot)
    }
    figure.height = y.rounded(.up)
    return figure
  }

  private func area(top: Double) -> PlotArea {
    let left = max(Figure.margin(for: shareTicks), Figure.rowMargin(curves.map(\.label)))
    let ends = curves.map { end(of: $0) }
    let last = max(timeTicks.last?.value ?? 1, ends.max() ?? 1)
    // Half the last tick's text hangs over the end of the axis.
    let overhang = TextMetrics.width(timeTicks.last?.text ?? "", size: Figure.tickSize) / 2
    return PlotArea(
      x: Scale(low: 0, high: last, start: left, end: Figure.canvasWidth - max(8, overhang + 4)),
      y: Scale(
        low: 0, high: shareTicks.last?.value ?? 1, start: (top + 230).rounded(), end: top.rounded()))
  }

  /// The end of a curve: its last step or, where participants were followed beyond it, the last censoring.
  private func end(of curve: Curve) -> Double {
    max(curve.steps.last?.time ?? 0, curve.censored.max() ?? 0)
  }

  private func drawBand(of curve: Curve, _ style: ArmStyle, in plot: PlotArea, on figure: inout Figure) {
    // Limits that do not exist (at the start, or when nobody is left) interrupt the band.
    var run: [Step] = []
    var bands: [Figure.Element] = []
    func flush(until time: Double) {
      guard !run.isEmpty else { return }
      let low = staircase(run.map { ($0.time, $0.low!) }, until: time, in: plot)
      let high = staircase(run.map { ($0.time, $0.high!) }, until: time, in: plot)
      bands.append(.polygon(high + low.reversed(), fill: style.colour, opacity: 0.13, nil))
      for edge in [low, high] {
        bands.append(
          .polyline(
            edge, Figure.Stroke(style.colour, width: 0.7, dash: style.dash.map { $0 / 2 }, opacity: 0.55)))
      }
      run = []
    }
    for step in curve.steps {
      if step.low == nil || step.high == nil {
        flush(until: step.time)
      } else {
        run.append(step)
      }
    }
    flush(until: end(of: curve))
    if !bands.isEmpty { figure.elements.append(.group("limits", bands)) }
  }

  private func drawSteps(of curve: Curve, _ style: ArmStyle, in plot: PlotArea, on figure: inout Figure) {
    var marks: [Figure.Element] = []
    let points = staircase(curve.steps.map { ($0.time, $0.estimate) }, until: end(of: curve), in: plot)
    marks.append(.polyline(points, Figure.Stroke(style.colour, width: 2, dash: style.dash)))
    for time in curve.censored {
      guard let estimate = curve.estimate(at: time) else { continue }
      let p = plot.point(time, estimate)
      marks.append(
        .line(.init(p.x, p.y - 3.5), .init(p.x, p.y + 3.5), Figure.Stroke(style.colour, width: 0.9)))
    }
    if showsMedians, let median = curve.median {
      let p = plot.point(median, 0.5)
      let stroke = Figure.Stroke(Figure.grey, width: 0.9, dash: [3, 3])
      marks.append(.line(.init(plot.left, p.y), p, stroke))
      marks.append(.line(p, .init(p.x, plot.bottom), stroke))
    }
    figure.elements.append(.group("curve", marks))
  }

  private func staircase(
    _ steps: [(time: Double, value: Double)], until end: Double, in plot: PlotArea
  ) -> [Figure.Point] {
    var points: [Figure.Point] = []
    for (i, step) in steps.enumerated() {
      if i > 0 {
        if step.value == steps[i - 1].value { continue }
        points.append(plot.point(step.time, points.isEmpty ? step.value : steps[i - 1].value))
      }
      points.append(plot.point(step.time, step.value))
    }
    if let last = steps.last,
      end > last.time || points.last.map({ $0.x < plot.x.position(last.time) }) == true
    {
      points.append(plot.point(max(end, last.time), last.value))
    }
    return points
  }
}
