/// A value on an axis with its text.
struct Tick: Sendable, Equatable {
  var value: Double
  var text: String
}

/// A row of numbers under an axis, such as the participants at risk in one arm.
struct AxisRow: Sendable, Equatable {
  var label: String
  var colour: String
  var entries: [Tick]
}

/// The rectangle that data are drawn in, with its two scales.
struct PlotArea: Sendable, Equatable {
  var x: Scale
  var y: Scale

  var left: Double { x.start }
  var right: Double { x.end }
  var top: Double { y.end }
  var bottom: Double { y.start }

  func point(_ xValue: Double, _ yValue: Double) -> Figure.Point {
    Figure.Point(x.position(xValue), y.position(yValue))
  }
}

extension Figure {
  static let tickSize = 11.0
  static let labelSize = 12.0

  /// The left margin that the texts of a vertical axis need.
  static func margin(for ticks: [Tick]) -> Double {
    (ticks.map { TextMetrics.width($0.text, size: tickSize) }.max() ?? 0).rounded(.up) + 12
  }

  /// The vertical axis with faint lines across the plot.
  mutating func verticalAxis(_ ticks: [Tick], in plot: PlotArea) {
    var marks: [Element] = []
    for tick in ticks {
      let y = plot.y.position(tick.value)
      marks.append(.line(Point(plot.left, y), Point(plot.right, y), Stroke(Self.hairline, width: 0.7)))
      marks.append(.line(Point(plot.left - 4, y), Point(plot.left, y), Stroke(Self.ink)))
      marks.append(
        .text(
          TextRun(
            text: tick.text, at: Point(plot.left - 7, y + 4), size: Self.tickSize, anchor: .end, bold: false,
            colour: Self.ink)))
    }
    marks.append(.line(Point(plot.left, plot.top), Point(plot.left, plot.bottom), Stroke(Self.ink)))
    elements.append(.group("axis y", marks))
  }

  /// The horizontal axis with its title under it; ticks whose texts would touch the one before stay without text.
  ///
  /// - Returns: the baseline for what comes next.
  mutating func horizontalAxis(_ ticks: [Tick], title: String, in plot: PlotArea, gridLines: Bool = false)
    -> Double
  {
    var marks: [Element] = []
    var free = -Double.infinity
    for tick in ticks {
      let x = plot.x.position(tick.value)
      if gridLines {
        marks.append(.line(Point(x, plot.top), Point(x, plot.bottom), Stroke(Self.hairline, width: 0.7)))
      }
      marks.append(.line(Point(x, plot.bottom), Point(x, plot.bottom + 4), Stroke(Self.ink)))
      let run = TextRun(
        text: tick.text, at: Point(x, plot.bottom + 16), size: Self.tickSize, anchor: .middle, bold: false,
        colour: Self.ink)
      if run.box.left >= free, run.box.right <= width {
        marks.append(.text(run))
        free = run.box.right + 5
      }
    }
    marks.append(.line(Point(plot.left, plot.bottom), Point(plot.right, plot.bottom), Stroke(Self.ink)))
    elements.append(.group("axis x", marks))
    let middle = (plot.left + plot.right) / 2
    let wrapped = TextMetrics.wrap(
      title, limit: min(2 * min(middle, width - middle), 420), size: Self.labelSize)
    return lines(wrapped, at: Point(middle, plot.bottom + 34), size: Self.labelSize, anchor: .middle)
  }

  /// The space to keep on the left for the labels of rows under the axis: none where they go on lines of their own.
  static func rowMargin(_ labels: [String]) -> Double {
    let widest = TextMetrics.width(labels, size: tickSize)
    return widest <= 92 ? widest.rounded(.up) + 22 : 0
  }

  /// Rows of numbers under the axis, each standing under its tick.
  ///
  /// Labels stand to the left where they fit the margin and otherwise on a line above their numbers.
  /// - Returns: the baseline for what comes next.
  mutating func axisRows(_ rows: [AxisRow], heading: String, y start: Double, in plot: PlotArea) -> Double {
    var marks: [Element] = []
    var y = start
    func run(_ text: String, _ point: Point, _ anchor: Anchor, bold: Bool, _ colour: String) -> Element {
      .text(TextRun(text: text, at: point, size: Self.tickSize, anchor: anchor, bold: bold, colour: colour))
    }
    marks.append(run(heading, Point(4, y), .start, bold: true, Self.ink))
    y += 16
    let beside =
      Self.rowMargin(rows.map(\.label)) > 0
      && rows.allSatisfy {
        // The first number is centred on the axis, and its label ends before it begins.
        let first = TextMetrics.width($0.entries.first?.text ?? "", size: Self.tickSize)
        return 4 + TextMetrics.width($0.label, size: Self.tickSize) + 4 <= plot.left - first / 2
      }
    for row in rows {
      if !beside {
        for line in TextMetrics.wrap(row.label, limit: width - 12, size: Self.tickSize) {
          marks.append(run(line, Point(4, y), .start, bold: false, row.colour))
          y += 14
        }
      } else {
        marks.append(run(row.label, Point(4, y), .start, bold: false, row.colour))
      }
      var free = -Double.infinity
      for entry in row.entries {
        let text = TextRun(
          text: entry.text, at: Point(plot.x.position(entry.value), y), size: Self.tickSize, anchor: .middle,
          bold: false, colour: row.colour)
        guard text.box.left >= free else { continue }
        marks.append(.text(text))
        free = text.box.right + 3
      }
      y += 16
    }
    elements.append(.group("counts", marks))
    return y
  }
}
