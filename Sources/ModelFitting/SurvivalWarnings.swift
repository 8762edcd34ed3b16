import ModelFormula
import Serialisation
import Survival

/// The warnings that all regressions on event times share.
enum SurvivalWarnings {
  /// Columns that cannot be estimated.
  static func aliased(_ coefficients: [Double?], _ design: DesignMatrix) -> [String] {
    let names = design.columnNames.indices.filter { coefficients[$0] == nil }
      .map { design.columnNames[$0] }
    return names.isEmpty
      ? [] : ["not estimable, collinear with the columns before: \(names.joined(separator: ", "))"]
  }

  /// Columns whose coefficient is infinite.
  static func diverging(_ columns: [Int], _ design: DesignMatrix) -> [String] {
    let names = columns.map { design.columnNames[$0] }
    return names.isEmpty
      ? []
      : [
        "the likelihood rises without end (monotone): infinite coefficient of \(names.joined(separator: ", "))"
      ]
  }

  /// Times so coarse that many events share them: how ties are treated then shows in the estimates.
  static func tied(_ fit: CoxFit) -> [String] {
    let share = fit.tiedEventShare
    guard fit.ties != .exact, share > 0.1 else { return [] }
    let percent = Int((100 * share).rounded())
    return [
      "\(percent) % of the events share their time with another (coarse times): compare --ties efron, breslow and exact"
    ]
  }
}
