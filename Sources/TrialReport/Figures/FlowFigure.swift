/// The flow of participants (CONSORT 2025, item 22a): boxes from assessment to analysis, the arms side by side.
///
/// Boxes are as wide as their column and as high as their text; a stage's boxes share one height, so that the arms can be
/// compared along a line. Any number of arms has room: the canvas grows beyond two.
struct FlowFigure {
  /// A box: a heading and lines of reasons under it.
  struct Box: Sendable, Equatable {
    var heading: String
    var reasons: [String] = []
  }

  /// A step that every arm goes through.
  struct Stage: Sendable, Equatable {
    /// One an arm; nil where the stage is empty in it.
    var boxes: [Box?]
    /// True where the participants of the box leave the flow.
    var isLoss: Bool
  }

  var id: String
  var title: String
  var description: String
  /// Boxes before randomisation, each with the box of those who leave after it.
  var enrolment: [(box: Box, leaving: Box?)]
  var armCount: Int
  var stages: [Stage]

  private static let size = 12.0
  private static let reasonSize = 11.0
  private static let padding = 8.0
  private static let gap = 24.0
  private static let fill = "#f6f7f9"
  private static let border = Figure.Stroke("#4a4a4a", width: 1)

  /// The diagram drawn.
  func figure() -> Figure {
    let count = max(armCount, 1)
    let width = max(Figure.canvasWidth, Double(count) * 200 + 8)
    var figure = Figure(id: id, title: title, width: width)
    figure.description = description
    let centre = width / 2
    var y = 4.0
    for (i, step) in enrolment.enumerated() {
      let boxWidth = min(240, width - 16)
      let height = Self.height(of: step.box, width: boxWidth)
      draw(step.box, left: centre - boxWidth / 2, top: y, width: boxWidth, height: height, on: &figure)
      y += height
      let isLast = i == enrolment.count - 1
      if let leaving = step.leaving {
        let left = centre + 22
        let sideWidth = width - left - 4
        let side = Self.height(of: leaving, width: sideWidth)
        let top = y + 14
        figure.line(.init(centre, y), .init(centre, top + side + (isLast ? 14 : 0)), Self.border)
        arrow(from: .init(centre, top + side / 2), to: .init(left, top + side / 2), on: &figure)
        draw(leaving, left: left, top: top, width: sideWidth, height: side, on: &figure)
        y = top + side
        if !isLast {
          arrow(from: .init(centre, y), to: .init(centre, y + Self.gap - 4), on: &figure)
          y += Self.gap - 4
        } else {
          y += 14
        }
      } else if !isLast {
        arrow(from: .init(centre, y), to: .init(centre, y + Self.gap), on: &figure)
        y += Self.gap
      }
    }
    figure.height = drawArms(from: y, centre: centre, on: &figure) + 4
    return figure
  }

  private func drawArms(from start: Double, centre: Double, on figure: inout Figure) -> Double {
    let count = max(armCount, 1)
    let gutter = 16.0
    let column = (figure.width - 8 - Double(count - 1) * gutter) / Double(count)
    let lefts = (0..<count).map { 4 + Double($0) * (column + gutter) }
    let middles = lefts.map { $0 + column / 2 }
    var y = start
    // From the last common box to a bar over the arms.
    if !enrolment.isEmpty, !stages.isEmpty {
      let bar = y + 14
      figure.line(.init(centre, y), .init(centre, bar), Self.border)
      if count > 1 { figure.line(.init(middles[0], bar), .init(middles[count - 1], bar), Self.border) }
      for middle in middles {
        arrow(from: .init(middle, bar), to: .init(middle, bar + Self.gap - 4), on: &figure)
      }
      y = bar + Self.gap - 4
    }
    for (i, stage) in stages.enumerated() {
      let heights = stage.boxes.map { $0.map { Self.height(of: $0, width: column) } ?? 0 }
      let height = heights.max() ?? 0
      for (arm, box) in stage.boxes.enumerated() {
        if let box { draw(box, left: lefts[arm], top: y, width: column, height: height, on: &figure) }
        if i < stages.count - 1 {
          let from = box == nil ? y : y + height
          arrow(from: .init(middles[arm], from), to: .init(middles[arm], y + height + Self.gap), on: &figure)
        }
      }
      y += height + (i < stages.count - 1 ? Self.gap : 0)
    }
    return y
  }

  private static func wrapped(_ box: Box, width: Double) -> (heading: [String], reasons: [[String]]) {
    let limit = width - 2 * padding
    return (
      TextMetrics.wrap(box.heading, limit: limit, size: size, bold: true),
      box.reasons.map { TextMetrics.wrap($0, limit: limit - 10, size: reasonSize) }
    )
  }

  private static func height(of box: Box, width: Double) -> Double {
    let (heading, reasons) = wrapped(box, width: width)
    let lines = Double(reasons.reduce(0) { $0 + $1.count })
    return 2 * padding + Double(heading.count) * 16 + (lines > 0 ? 3 : 0) + lines * 14 - 2
  }

  private func draw(
    _ box: Box, left: Double, top: Double, width: Double, height: Double, on figure: inout Figure
  ) {
    figure.elements.append(
      .rectangle(
        .init(left, top), width: width, height: height, fill: Self.fill, Self.border, corner: 3))
    let (heading, reasons) = Self.wrapped(box, width: width)
    var y = top + Self.padding + 10
    y = figure.lines(heading, at: .init(left + Self.padding, y), size: Self.size, bold: true)
    y += 2
    for reason in reasons {
      for line in reason {
        figure.text(line, at: .init(left + Self.padding + 10, y), size: Self.reasonSize)
        y += 14
      }
    }
  }

  private func arrow(from a: Figure.Point, to b: Figure.Point, on figure: inout Figure) {
    figure.line(a, b, Self.border)
    let isDown = a.x == b.x
    let head: [Figure.Point] =
      isDown
      ? [b, .init(b.x - 3.5, b.y - 7), .init(b.x + 3.5, b.y - 7)]
      : [b, .init(b.x - 7, b.y - 3.5), .init(b.x - 7, b.y + 3.5)]
    figure.elements.append(.polygon(head, fill: "#4a4a4a", opacity: 1, nil))
  }
}
