/// A drawing of a report: a list of marks on a canvas, in user units of about one pixel.
///
/// The canvas is narrow (420 units) with text of 12 to 13 units, so that a figure scaled to a phone's width can
/// still be read. Colours are from the palette of Okabe and Ito, told apart by readers with any colour vision; dashes and
/// marker shapes tell the same in black and white.
public struct Figure: Sendable, Equatable {
  /// The name of the figure's file, unique in a report.
  public var id: String
  /// What the figure shows, as its caption says and as a screen reader announces.
  public var title: String
  /// The content in words, for readers who cannot see it.
  public var description: String
  public internal(set) var width: Double
  public internal(set) var height: Double
  /// What stands under the figure in a report.
  public var notes: [String]
  var elements: [Element]

  /// A place on the canvas, y downwards.
  struct Point: Sendable, Equatable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// How a line is drawn.
  struct Stroke: Sendable, Equatable {
    var colour: String
    var width: Double
    var dash: [Double]
    var opacity: Double

    init(_ colour: String, width: Double = 1, dash: [Double] = [], opacity: Double = 1) {
      self.colour = colour
      self.width = width
      self.dash = dash
      self.opacity = opacity
    }
  }

  /// The side of the text that its position fixes.
  enum Anchor: String, Sendable {
    case start
    case middle
    case end
  }

  /// One line of text; `y` is the baseline.
  struct TextRun: Sendable, Equatable {
    var text: String
    var at: Point
    var size: Double
    var anchor: Anchor
    var bold: Bool
    var colour: String

    /// The box around the text: from the ascent to the descent of the letters.
    var box: (left: Double, top: Double, right: Double, bottom: Double) {
      let width = TextMetrics.width(text, size: size, bold: bold)
      let left =
        switch anchor {
        case .start: at.x
        case .middle: at.x - width / 2
        case .end: at.x - width
        }
      return (left, at.y - 0.76 * size, left + width, at.y + 0.22 * size)
    }
  }

  /// A mark of a drawing.
  enum Element: Sendable, Equatable {
    case line(Point, Point, Stroke)
    case polyline([Point], Stroke)
    /// A filled area; the outline is optional.
    case polygon([Point], fill: String, opacity: Double, Stroke?)
    case rectangle(Point, width: Double, height: Double, fill: String, Stroke?, corner: Double)
    case circle(Point, radius: Double, fill: String, Stroke?)
    case text(TextRun)
    /// Elements that a screen reader and a style sheet meet under one name.
    case group(String, [Element])
  }

  init(id: String, title: String, width: Double, height: Double = 0) {
    self.id = id
    self.title = title
    description = ""
    self.width = width
    self.height = height
    notes = []
    elements = []
  }

  /// Every mark, groups opened.
  var flattened: [Element] {
    func open(_ elements: [Element]) -> [Element] {
      elements.flatMap { element -> [Element] in
        if case .group(_, let inner) = element { return open(inner) }
        return [element]
      }
    }
    return open(elements)
  }

  /// Every line of text.
  var texts: [TextRun] {
    flattened.compactMap {
      if case .text(let run) = $0 { return run }
      return nil
    }
  }
}

// MARK: - Drawing

extension Figure {
  /// The width of figures with a time or value axis.
  static let canvasWidth = 420.0
  static let ink = "#1a1a1a"
  static let grey = "#5f5f5f"
  static let hairline = "#d9d9d9"

  mutating func line(_ a: Point, _ b: Point, _ stroke: Stroke) { elements.append(.line(a, b, stroke)) }

  mutating func text(
    _ text: String, at point: Point, size: Double = 12, anchor: Anchor = .start, bold: Bool = false,
    colour: String = Figure.ink
  ) {
    guard !text.isEmpty else { return }
    elements.append(
      .text(TextRun(text: text, at: point, size: size, anchor: anchor, bold: bold, colour: colour)))
  }

  /// Lines of text under one another; the position is the first baseline.
  ///
  /// - Returns: the baseline after the last line.
  @discardableResult
  mutating func lines(
    _ lines: [String], at point: Point, size: Double = 12, anchor: Anchor = .start, bold: Bool = false,
    colour: String = Figure.ink
  ) -> Double {
    var y = point.y
    for line in lines {
      text(line, at: Point(point.x, y), size: size, anchor: anchor, bold: bold, colour: colour)
      y += (1.3 * size).rounded()
    }
    return y
  }
}
