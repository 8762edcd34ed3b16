import LinearAlgebra
import ModelFormula

/// A variable of a reference grid.
public struct GridVariable: Sendable, Equatable {
  /// The values a variable takes in the grid.
  public enum Values: Sendable, Equatable {
    /// The levels of a categorical variable.
    case levels([String])
    /// The distinct values of a numeric variable that the model takes as a factor, with their labels.
    case numericLevels([Double], labels: [String])
    /// One value, the mean of a covariate.
    case mean(Double)
  }

  /// The data column.
  public let name: String
  public let values: Values

  public init(name: String, values: Values) {
    self.name = name
    self.values = values
  }

  /// The labels of the values, empty for a covariate at its mean.
  var labels: [String] {
    switch values {
    case .levels(let levels): levels
    case .numericLevels(_, let labels): labels
    case .mean: []
    }
  }

  /// Labels for contrasts: bare numbers carry the variable's name before them.
  var contrastLabels: [String] {
    let all = labels
    let numeric = !all.isEmpty && all.allSatisfy { Double($0) != nil }
    return numeric ? all.map { name + $0 } : all
  }
}

/// Estimated marginal means of a linear predictor over a reference grid, and contrasts between them.
///
/// The grid crosses the levels of all factors with covariates at their means; a marginal mean is the plain average of
/// the linear predictor over the cells of the other factors (equal weight to every cell). Searle, Speed & Milliken, Am
/// Stat 1980;34:216–221, doi 10.1080/00031305.1980.10483031. R: `emmeans::emmeans(fit, spec)`; SAS: `LSMEANS`.
public struct MarginalMeans: Sendable {
  /// One marginal mean or contrast.
  public struct Row: Sendable, Equatable {
    /// The levels that name it: variable and label; for a contrast only the `|` variables.
    public let levels: [(variable: String, label: String)]
    /// `A - B`; nil for a mean.
    public let contrast: String?
    /// The combination of coefficients that was estimated.
    public let combination: [Double]
    /// The estimate; nil where it is not estimable.
    public let estimate: Double?
    public let standardError: Double?
    public let reference: Reference
    /// The statistic, p-value and limits; nil where the contrast is zero by design, as of arms whose means are held equal.
    public let statistic: Double?
    public let pValue: Double?
    public let low: Double?
    public let high: Double?

    public static func == (a: Row, b: Row) -> Bool {
      a.contrast == b.contrast && a.estimate == b.estimate && a.low == b.low && a.high == b.high
        && a.levels.map(\.variable) == b.levels.map(\.variable)
        && a.levels.map(\.label) == b.levels.map(\.label)
    }
  }

  public let means: [Row]
  public let contrasts: [Row]

  /// Computes the means, and on request all pairwise contrasts, of a specification.
  ///
  /// - Parameters:
  ///   - specification: which variables, and whether pairs.
  ///   - model: the estimates.
  ///   - grid: every variable of the model.
  ///   - design: the model's design matrix for new data.
  ///   - offset: the offset to add to every cell (the mean of the model's own).
  ///   - level: the confidence level.
  ///   - adjustment: for the contrasts.
  /// - Throws: `MarginalMeansError` for a variable that is not in the model, and what `design` throws.
  public init(
    _ specification: MarginalMeansSpecification, model: EstimatedModel, grid: [GridVariable],
    design: (DataFrame) throws -> Matrix, offset: Double = 0, level: Double,
    adjustment: MultiplicityAdjustment
  ) throws {
    let cells = ReferenceGrid(grid)
    for name in specification.variables + specification.by {
      guard let variable = grid.first(where: { $0.name == name }) else {
        throw MarginalMeansError.unknownVariable(
          name, nearest: nearest(to: name, among: grid.map(\.name)))
      }
      guard !variable.labels.isEmpty else { throw MarginalMeansError.covariate(name) }
    }
    let x = try design(cells.table)
    let groups = cells.groups(of: specification.variables, within: specification.by)
    var means: [Row] = []
    var contrasts: [Row] = []
    for by in groups {
      let rows = by.cells.map { cell in
        Self.row(
          levels: cell.levels, contrast: nil, combination: Self.average(x, rows: cell.rows),
          offset: offset, model: model, level: level)
      }
      means += rows
      guard specification.pairwise else { continue }
      contrasts += Self.pairs(
        rows,
        labels: by.cells.map { cell in
          Self.enclosed(
            specification.variables.map { name in cell.contrastLabel(name) }.joined(separator: " "))
        }, by: by.levels, model: model, level: level, adjustment: adjustment)
    }
    self.means = means
    self.contrasts = contrasts
  }

  /// How the contrast of two levels of a variable is written: `a - b`, a bare number behind the variable's name where all
  /// its levels are numbers, and a label that holds an operator in parentheses.
  ///
  /// - Parameter levels: all labels of the variable.
  public static func contrastName(
    _ variable: String, _ first: String, _ second: String, among levels: [String]
  ) -> String {
    let labels = GridVariable(name: variable, values: .levels(levels)).contrastLabels
    let written = Dictionary(zip(levels, labels), uniquingKeysWith: { first, _ in first })
    return "\(enclosed(written[first] ?? first)) - \(enclosed(written[second] ?? second))"
  }

  /// A label that holds an operator in parentheses, as emmeans writes it in contrasts: `(25-34) - (35-44)`.
  private static func enclosed(_ label: String) -> String {
    label.contains(where: "-+/*".contains) ? "(\(label))" : label
  }

  private static func average(_ x: Matrix, rows: [Int]) -> [Double] {
    (0..<x.columns).map { j in
      var sum = 0.0
      for i in rows { sum += x[i, j] }
      return sum / Double(rows.count)
    }
  }

  private static func row(
    levels: [(variable: String, label: String)], contrast: String?, combination: [Double],
    offset: Double, model: EstimatedModel, level: Double
  ) -> Row {
    let reference = model.reference(combination)
    guard let value = model.estimate(combination) else {
      return Row(
        levels: levels, contrast: contrast, combination: combination, estimate: nil,
        standardError: nil, reference: reference, statistic: nil, pValue: nil, low: nil, high: nil)
    }
    let estimate = value + offset
    let error = model.standardError(combination)
    // Means that the design makes equal differ by zero whatever the data: there is nothing to test.
    if contrast != nil, combination.allSatisfy({ $0 == 0 }) {
      return Row(
        levels: levels, contrast: contrast, combination: combination, estimate: estimate,
        standardError: error, reference: reference, statistic: nil, pValue: nil, low: nil, high: nil)
    }
    let margin = reference.criticalValue(level: level) * error
    let statistic = estimate / error
    return Row(
      levels: levels, contrast: contrast, combination: combination, estimate: estimate,
      standardError: error, reference: reference, statistic: statistic,
      pValue: reference.pValue(statistic), low: estimate - margin, high: estimate + margin)
  }

  private static func pairs(
    _ means: [Row], labels: [String], by: [(variable: String, label: String)],
    model: EstimatedModel, level: Double, adjustment: MultiplicityAdjustment
  ) -> [Row] {
    var rows: [Row] = []
    for i in means.indices {
      for j in (i + 1)..<max(means.count, i + 1) {
        rows.append(
          row(
            levels: by, contrast: "\(labels[i]) - \(labels[j])",
            combination: zip(means[i].combination, means[j].combination).map { $0 - $1 },
            offset: 0, model: model, level: level))
      }
    }
    guard adjustment != .none else { return rows }
    let usable = rows.indices.filter { rows[$0].statistic != nil }
    // A contrast that was asked for and cannot be estimated still belongs to the family (R `emmeans`).
    let family = usable.count + rows.filter { $0.estimate == nil }.count
    let adjusted = adjustment.adjusted(
      usable.map { rows[$0].pValue! }, statistics: usable.map { rows[$0].statistic! },
      references: usable.map { rows[$0].reference }, means: means.count, contrasts: family)
    for (k, i) in usable.enumerated() {
      let row = rows[i]
      let margin =
        row.standardError!
        * adjustment.criticalValue(
          level: level, reference: row.reference, contrasts: family, means: means.count)
      rows[i] = Row(
        levels: row.levels, contrast: row.contrast, combination: row.combination,
        estimate: row.estimate, standardError: row.standardError, reference: row.reference,
        statistic: row.statistic, pValue: adjusted[k], low: row.estimate! - margin,
        high: row.estimate! + margin)
    }
    return rows
  }
}

/// Why marginal means cannot be computed as asked.
public enum MarginalMeansError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The specification does not read as one.
  case malformed(String)
  /// No variable of the model has this name.
  case unknownVariable(String, nearest: [String])
  /// The variable is a covariate, which sits at its mean and has no levels to compare.
  case covariate(String)

  public var description: String {
    switch self {
    case .malformed(let text):
      "--emmeans: found \"\(text)\", expected ~ a, ~ a | b, pairwise ~ a or pairwise ~ a | b"
    case .unknownVariable(let name, let nearest):
      "--emmeans: the model has no variable \"\(name)\""
        + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?")
    case .covariate(let name):
      "--emmeans: \"\(name)\" is a covariate at its mean; declare it by factor() or --factor to compare its values"
    }
  }
}
