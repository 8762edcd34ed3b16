import Serialisation
import TrialAnalysis
import TrialReport

/// Gathers the estimates of a batch's specification curves and draws them.
struct SpecificationCurves {
  private struct Curve {
    var id: String
    var title: String
    var records: [String]
    var measure: String?
    var specifications: [SpecificationCurveFigure.Specification] = []
    /// The cells without an estimate.
    var missing = 0
  }

  private let axes: [(id: String, label: String, options: [(id: String, label: String)])]
  private var curves: [Curve]

  /// - Parameter batch: the contents of `batch.json`.
  init(_ batch: JSONValue) {
    func label(_ json: JSONValue, _ key: String) -> String { json[key]?["en"]?.text ?? "" }
    axes = (batch["axes"]?.elements ?? []).map { axis in
      (
        axis["id"]?.text ?? "", label(axis, "label"),
        (axis["options"]?.elements ?? []).map { ($0["id"]?.text ?? "", label($0, "label")) }
      )
    }
    curves = (batch["curves"]?.elements ?? []).map {
      Curve(
        id: $0["id"]?.text ?? "", title: label($0, "title"),
        records: $0["records"]?.elements.compactMap(\.text) ?? [])
    }
  }

  /// Takes the estimate of a cell into each curve.
  mutating func add(_ records: [JSONValue], of cell: BatchDirectory.Cell) {
    let options = zip(axes, cell.options).map { axis, option in
      axis.options.firstIndex { $0.id == option } ?? 0
    }
    for i in curves.indices {
      let record = curves[i].records.lazy.compactMap { id in records.first { $0["id"]?.text == id } }.first
      guard let record, let estimate = record["estimate"]?.double, estimate.isFinite else {
        curves[i].missing += 1
        continue
      }
      curves[i].measure = record["measure"]?.text
      curves[i].specifications.append(
        SpecificationCurveFigure.Specification(
          estimate: estimate, low: record["conf.low"]?.double, high: record["conf.high"]?.double,
          options: options))
    }
  }

  /// Curves without any estimate, which a misspelt record leaves: the id and the records that were looked for.
  var empty: [(id: String, records: [String])] {
    curves.filter(\.specifications.isEmpty).map { ($0.id, $0.records) }
  }

  /// The drawings by file name.
  func drawings() -> [(name: String, svg: String)] {
    // A choice without an alternative has nothing to tell.
    let shown = axes.indices.filter { axes[$0].options.count > 1 }
    return curves.map { curve in
      var notes: [String] = []
      if curve.missing > 0 {
        notes.append(
          "\(curve.missing) of \(curve.missing + curve.specifications.count) analyses gave no estimate.")
      }
      notes.append(
        "Blue: the confidence interval does not hold the value of no effect. The estimates share their data.")
      let measure = curve.measure.flatMap { Result.Measure(rawValue: $0) }
      let figure = SpecificationCurveFigure(
        id: "curve-\(curve.id)", title: curve.title, measure: measure, axisTitle: curve.title,
        specifications: curve.specifications.map { specification in
          var specification = specification
          specification.options = shown.map { specification.options[$0] }
          return specification
        },
        choices: shown.map { i in
          SpecificationCurveFigure.Choice(label: axes[i].label, options: axes[i].options.map(\.label))
        }, notes: notes
      ).figure()
      return ("curve-\(curve.id).svg", figure.svg(standalone: true))
    }
  }
}
