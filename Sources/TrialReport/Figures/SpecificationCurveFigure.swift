import Serialisation
import TrialAnalysis

/// A specification curve: one estimate over all analyses that could have been made, sorted, with the choices below.
///
/// The upper panel holds the estimates with their limits in rising order; below, each choice has a row with a mark under
/// the estimates that made it. After Simonsohn, Simmons and Nelson, Nature Human Behaviour 2020;4:1208–1214,
/// doi:10.1038/s41562-020-0912-z. No test of the curve is made: its points share their data.
public struct SpecificationCurveFigure: Sendable {
  /// One analysis.
  public struct Specification: Sendable, Equatable {
    public var estimate: Double
    public var low: Double?
    public var high: Double?
    /// The place of its option on each axis.
    public var options: [Int]

    public init(estimate: Double, low: Double?, high: Double?, options: [Int]) {
      self.estimate = estimate
      self.low = low
      self.high = high
      self.options = options
    }
  }

  /// A choice with its options.
  public struct Choice: Sendable, Equatable {
    public var label: String
    public var options: [String]

    public init(label: String, options: [String]) {
      self.label = label
      self.options = options
    }
  }

  private let id: String
  private let title: String
  private let axisTitle: String
  private let isRatio: Bool
  private let null: Double?
  private let specifications: [Specification]
  private let choices: [Choice]
  private let notes: [String]

  private static let width = 720.0
  private static let rowHeight = 14.0
  private static let panelHeight = 220.0

  /// - Parameters:
  ///   - measure: what is estimated; a ratio has a logarithmic axis.
  ///   - notes: what stands under the figure, such as how many analyses have no estimate.
  public init(
    id: String, title: String, measure: Result.Measure?, axisTitle: String, specifications: [Specification],
    choices: [Choice], notes: [String] = []
  ) {
    self.id = id
    self.title = title
    self.axisTitle = axisTitle
    null = measure?.null
    isRatio = measure?.null == 1 && specifications.allSatisfy { $0.estimate > 0 && ($0.low ?? 1) > 0 }
    self.specifications = specifications.enumerated().sorted {
      ($0.element.estimate, $0.offset) < ($1.element.estimate, $1.offset)
    }.map(\.element)
    // A choice without an alternative has nothing to tell.
    self.choices = choices
    self.notes = notes
  }

  /// The drawing.
  public func figure() -> Figure {
    var figure = Figure(id: id, title: title, width: Self.width)
    figure.notes = notes
    figure.description =
      "\(specifications.count) estimates in rising order with their confidence limits; below them the choices of each."
    let labels = choices.flatMap(\.options)
    let left = min(
      260, max(90, (TextMetrics.width(labels, size: 10.5) + 22).rounded(.up)))
    let x = Scale(
      low: -0.5, high: Double(max(specifications.count, 1)) - 0.5, start: left, end: Self.width - 12)
    let ticks = ticks()
    let plot = PlotArea(
      x: x,
      y: Scale(
        low: ticks.first?.value ?? 0, high: ticks.last?.value ?? 1, start: 34 + Self.panelHeight, end: 34,
        isLogarithmic: isRatio))
    figure.text(axisTitle, at: .init(6, 18), size: 12, bold: true)
    figure.verticalAxis(ticks, in: plot)
    drawEstimates(in: plot, on: &figure)
    figure.height = drawChoices(from: plot.bottom + 26, x: x, on: &figure)
    return figure
  }

  private func ticks() -> [Tick] {
    let values = specifications.flatMap { [$0.estimate, $0.low ?? $0.estimate, $0.high ?? $0.estimate] }
      .filter(\.isFinite)
    let low = min(values.min() ?? 0, null ?? .infinity)
    let high = max(values.max() ?? 1, null ?? -.infinity)
    let ticks = isRatio ? Ticks.ratios(low, high) : Ticks.covering(low, high)
    return ticks.values.map { Tick(value: $0, text: NumberText.significant($0)) }
  }

  private func drawEstimates(in plot: PlotArea, on figure: inout Figure) {
    if let null, plot.y.contains(null) {
      let y = plot.y.position(null)
      figure.line(.init(plot.left, y), .init(plot.right, y), Figure.Stroke(Figure.ink, width: 0.9))
    }
    let step = (plot.right - plot.left) / Double(max(specifications.count, 1))
    let radius = min(3.5, max(1, step / 2.2))
    for (i, specification) in specifications.enumerated() {
      let x = plot.x.position(Double(i))
      let excludesNull =
        null.map { null in (specification.low ?? null) > null || (specification.high ?? null) < null } ?? true
      let colour = excludesNull ? ArmStyle.arm(1).colour : Figure.grey
      if let low = specification.low, let high = specification.high {
        figure.line(
          .init(x, plot.y.position(low)), .init(x, plot.y.position(high)),
          Figure.Stroke(colour, width: min(1.4, max(0.5, step / 3)), opacity: 0.55))
      }
      figure.elements.append(
        .circle(
          .init(x, plot.y.position(specification.estimate)), radius: radius, fill: colour, nil))
    }
  }

  private func drawChoices(from top: Double, x: Scale, on figure: inout Figure) -> Double {
    var y = top
    let step = (x.end - x.start) / Double(max(specifications.count, 1))
    for (axis, choice) in choices.enumerated() {
      figure.text(choice.label, at: .init(6, y), size: 11, bold: true)
      y += Self.rowHeight
      for (option, label) in choice.options.enumerated() {
        figure.text(label, at: .init(14, y), size: 10.5)
        figure.line(
          .init(x.start, y - 4), .init(x.end, y - 4), Figure.Stroke(Figure.hairline, width: 0.6))
        for (i, specification) in specifications.enumerated() where specification.options[axis] == option {
          let at = x.position(Double(i))
          figure.line(
            .init(at, y - 8), .init(at, y),
            Figure.Stroke(Figure.ink, width: min(2, max(0.5, step * 0.6))))
        }
        y += Self.rowHeight
      }
      y += 6
    }
    for note in notes {
      y = figure.lines(
        TextMetrics.wrap(note, limit: Self.width - 12, size: 10.5), at: .init(6, y), size: 10.5,
        colour: Figure.grey)
    }
    return y
  }
}
