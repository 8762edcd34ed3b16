/// How an arm looks in every figure: colour, dash and marker, each of which alone tells the arms apart.
struct ArmStyle: Sendable, Equatable {
  enum Marker: Sendable { case circle, square, triangle, diamond }

  let colour: String
  let dash: [Double]
  let marker: Marker

  /// The style of the arm at a position of the plan's order; the reference arm comes first.
  ///
  /// The hues are Okabe and Ito's (jfly.uni-koeln.de/color), darkened until text in them has a contrast of at least 4.5
  /// to one against white (WCAG 2.1, 1.4.3).
  static func arm(_ index: Int) -> ArmStyle {
    let styles = [
      ArmStyle(colour: "#b34700", dash: [6, 3], marker: .square),
      ArmStyle(colour: "#0064a3", dash: [], marker: .circle),
      ArmStyle(colour: "#00705a", dash: [2, 2.5], marker: .triangle),
      ArmStyle(colour: "#8f3f7c", dash: [9, 3, 2, 3], marker: .diamond),
    ]
    return styles[index % styles.count]
  }
}

extension Figure {
  /// A filled marker of about `2 × radius`.
  static func marker(_ marker: ArmStyle.Marker, at p: Point, radius r: Double, colour: String) -> Element {
    let edge = Stroke("#ffffff", width: 1)
    switch marker {
    case .circle: return .circle(p, radius: r, fill: colour, edge)
    case .square:
      return .rectangle(
        Point(p.x - 0.9 * r, p.y - 0.9 * r), width: 1.8 * r, height: 1.8 * r, fill: colour, edge, corner: 0)
    case .triangle:
      return .polygon(
        [
          Point(p.x, p.y - 1.2 * r), Point(p.x + 1.1 * r, p.y + 0.8 * r), Point(p.x - 1.1 * r, p.y + 0.8 * r),
        ],
        fill: colour, opacity: 1, edge)
    case .diamond:
      return .polygon(
        [
          Point(p.x, p.y - 1.3 * r), Point(p.x + 1.3 * r, p.y), Point(p.x, p.y + 1.3 * r),
          Point(p.x - 1.3 * r, p.y),
        ],
        fill: colour, opacity: 1, edge)
    }
  }

  /// A legend of the arms in rows that fit the width, from the baseline `y`.
  ///
  /// - Returns: the baseline after the last row.
  mutating func legend(_ labels: [String], x: Double, y: Double, right: Double, markers: Bool) -> Double {
    let sample = 30.0
    let size = 12.0
    var left = x
    var baseline = y
    for (i, label) in labels.enumerated() {
      let style = ArmStyle.arm(i)
      let limit = right - x - sample - 6
      let wrapped = TextMetrics.wrap(label, limit: limit, size: size)
      let width = sample + 6 + TextMetrics.width(wrapped, size: size)
      if left > x, left + width > right {
        left = x
        baseline += 17
      }
      line(
        Point(left, baseline - 4), Point(left + sample, baseline - 4),
        Stroke(style.colour, width: 2, dash: style.dash))
      if markers {
        elements.append(
          Self.marker(
            style.marker, at: Point(left + sample / 2, baseline - 4), radius: 4, colour: style.colour))
      }
      let next = lines(wrapped, at: Point(left + sample + 6, baseline), size: size)
      if wrapped.count > 1 { baseline = next - 17 + 1 }
      left += width + 18
    }
    return baseline + 17
  }
}
