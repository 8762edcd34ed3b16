extension Figure {
  /// The figure as SVG 1.1 text.
  ///
  /// - Parameter standalone: with the XML name space and a size in pixels, for a file of its own; without them for a page
  ///   that holds the figure inline and decides its size.
  public func svg(standalone: Bool) -> String {
    var out = HTMLText()
    let box = "0 0 \(Self.number(width)) \(Self.number(height))"
    let label = "figure-\(id)-title figure-\(id)-description"
    if standalone {
      out.open(
        "svg",
        [
          "xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "width": Self.number(width),
          "height": Self.number(height), "role": "img", "aria-labelledby": label, "font-family": "sans-serif",
        ])
    } else {
      out.open(
        "svg",
        [
          "viewBox": box, "role": "img", "aria-labelledby": label, "font-family": "sans-serif",
          "style":
            "max-width:\(Self.number((1.3 * width).rounded()))px;min-width:\(Self.number((0.7 * width).rounded()))px",
        ])
    }
    out.element("title", title, ["id": "figure-\(id)-title"])
    out.element("desc", description, ["id": "figure-\(id)-description"])
    if standalone {
      out.markup(
        "<rect width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" fill=\"#ffffff\"/>\n")
    }
    for element in elements { Self.write(element, to: &out) }
    out.close("svg")
    return out.string
  }

  /// A coordinate with at most two decimals, which is below what a printer can show.
  static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let whole = abs(hundredths) / 100
    let rest = abs(hundredths) % 100
    if rest == 0 { return sign + String(whole) }
    if rest % 10 == 0 { return sign + "\(whole).\(rest / 10)" }
    return sign + "\(whole)." + (rest < 10 ? "0" : "") + String(rest)
  }

  private static func write(_ element: Element, to out: inout HTMLText) {
    switch element {
    case .line(let a, let b, let stroke):
      out.markup(
        "<line x1=\"\(number(a.x))\" y1=\"\(number(a.y))\" x2=\"\(number(b.x))\" y2=\"\(number(b.y))\""
          + attributes(stroke) + "/>\n")
    case .polyline(let points, let stroke):
      out.markup("<path d=\"\(path(points))\" fill=\"none\"" + attributes(stroke) + "/>\n")
    case .polygon(let points, let fill, let opacity, let stroke):
      out.markup(
        "<path d=\"\(path(points))Z\" fill=\"\(fill)\""
          + (opacity < 1 ? " fill-opacity=\"\(number(opacity))\"" : "")
          + (stroke.map(attributes) ?? "") + "/>\n")
    case .rectangle(let corner, let width, let height, let fill, let stroke, let radius):
      out.markup(
        "<rect x=\"\(number(corner.x))\" y=\"\(number(corner.y))\" width=\"\(number(width))\" height=\"\(number(height))\""
          + (radius > 0 ? " rx=\"\(number(radius))\"" : "") + " fill=\"\(fill)\""
          + (stroke.map(attributes) ?? "")
          + "/>\n")
    case .circle(let centre, let radius, let fill, let stroke):
      out.markup(
        "<circle cx=\"\(number(centre.x))\" cy=\"\(number(centre.y))\" r=\"\(number(radius))\" fill=\"\(fill)\""
          + (stroke.map(attributes) ?? "") + "/>\n")
    case .text(let run):
      out.markup(
        "<text x=\"\(number(run.at.x))\" y=\"\(number(run.at.y))\" font-size=\"\(number(run.size))\""
          + (run.anchor == .start ? "" : " text-anchor=\"\(run.anchor.rawValue)\"")
          + (run.bold ? " font-weight=\"bold\"" : "") + " fill=\"\(run.colour)\">")
      out.text(run.text)
      out.markup("</text>\n")
    case .group(let name, let inner):
      out.open("g", ["class": name])
      for element in inner { write(element, to: &out) }
      out.close("g")
    }
  }

  private static func path(_ points: [Point]) -> String {
    var text = ""
    var last: Point?
    for point in points {
      let x = number(point.x)
      let y = number(point.y)
      if let last {
        // Steps are the bulk of a curve; horizontal and vertical moves halve its size.
        if number(last.y) == y {
          text += "H" + x
        } else if number(last.x) == x {
          text += "V" + y
        } else {
          text += "L" + x + " " + y
        }
      } else {
        text += "M" + x + " " + y
      }
      last = point
    }
    return text
  }

  private static func attributes(_ stroke: Stroke) -> String {
    var text = " stroke=\"\(stroke.colour)\" stroke-width=\"\(number(stroke.width))\""
    if !stroke.dash.isEmpty {
      text += " stroke-dasharray=\"" + stroke.dash.map(number).joined(separator: " ") + "\""
    }
    if stroke.opacity < 1 { text += " stroke-opacity=\"\(number(stroke.opacity))\"" }
    return text
  }
}
