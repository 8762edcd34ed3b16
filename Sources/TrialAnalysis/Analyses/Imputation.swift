import Inference
import LinearAlgebra
import MissingData
import ModelFitting
import ModelFormula
import TrialData

/// Multiple imputation of a numeric outcome of a plan's linear regression, under missingness at random.
///
/// The outcome, and auxiliary variables and numeric covariates that have gaps, are imputed from the arm, the complete
/// covariates and each other; the regression is fitted to every completed table and pooled by Rubin's rules.
struct Imputation: Sendable {
  private let imputations: Int
  private let cycles: Int
  /// Variables that help to impute and are not in the regression.
  let auxiliary: [Placed<String>]
  private let degreesOfFreedom: PooledEstimate.DegreesOfFreedom

  /// Reads the mapping `imputation`; the defaults where there is none.
  ///
  /// - Parameter header: SAS's profile takes Rubin's degrees of freedom, the others Barnard and Rubin's.
  init(_ mapping: YAMLMapping, header: AnalysisHeader) {
    let own = mapping.mapping("imputation")
    imputations = own?.integer("imputations", atLeast: 2) ?? 20
    cycles = own?.integer("cycles", atLeast: 1) ?? 10
    auxiliary = own?.names("auxiliary") ?? []
    degreesOfFreedom =
      own?.choice("df", PooledEstimate.DegreesOfFreedom.self)
      ?? (header.profile == .sas ? .rubin : .barnardRubin)
    own?.finish()
  }

  /// The pooled regression as a report with the names and conventions of a single one.
  ///
  /// - Throws: `ModelStep.Failure` where the data cannot be imputed.
  func report(_ step: ModelStep, _ formula: String, options: FitOptions) throws -> ModelReport {
    guard step.analysis.file == nil else {
      throw ModelStep.Failure(message: "multiple imputation takes outcomes of the participants' file only")
    }
    let outcome = step.analysis.outcome!.value
    let frame = try step.frame(binaryOutcome: false, auxiliary)
    let completed = try complete(frame, outcome, step)
    let column = Self.column(beside: frame.names)
    var options = options
    options.imputed = .init(column: column, degreesOfFreedom: degreesOfFreedom)
    var pooled = try step.fit("lm", formula, Self.stacked(completed, numbering: column), options: options)
    let worst = pooled.figure("missingShare") ?? 0
    pooled.conventions += [
      ("imputation", "\(imputations) imputations by chained Bayesian linear regressions"),
      ("seed", String(step.data.plan.seed)),
      ("largest share of variance due to missing data", "\((worst * 1000).rounded() / 10) %"),
    ]
    if !auxiliary.isEmpty {
      pooled.conventions.append(("auxiliary variables", auxiliary.map(\.value).joined(separator: ", ")))
    }
    return pooled
  }

  /// A name for the number of the imputation that no other column has.
  private static func column(beside names: [String]) -> String {
    var name = "imputation"
    while names.contains(name) { name += "_" }
    return name
  }

  /// The completed tables below each other, with the number of each.
  private static func stacked(_ tables: [DataFrame], numbering name: String) -> DataFrame {
    let rows = tables[0].rowCount
    let order = tables.flatMap { _ in 0..<rows }
    var whole = tables[0].selecting(rows: order)
    for column in whole.names {
      var values: [Double] = []
      for table in tables { if case .numeric(let own)? = table[column] { values += own } }
      if !values.isEmpty { whole[column] = .numeric(values) }
    }
    whole[name] = .numeric(tables.indices.flatMap { [Double](repeating: Double($0 + 1), count: rows) })
    return whole
  }

  /// The tables with every gap filled, one an imputation.
  private func complete(_ frame: DataFrame, _ outcome: String, _ step: ModelStep) throws -> [DataFrame] {
    var gaps: [String] = []
    var whole: [String] = []
    for name in frame.names where name != outcome {
      guard let column = frame[name] else { continue }
      guard (0..<frame.rowCount).contains(where: { column.isMissing(at: $0) }) else {
        whole.append(name)
        continue
      }
      guard case .numeric = column else {
        throw ModelStep.Failure(
          message:
            "multiple imputation: '\(name)' is categorical and has gaps; only numeric variables are imputed")
      }
      gaps.append(name)
    }
    // What is least often missing comes first, as a monotone pattern needs; the outcome comes last.
    func missing(_ name: String) -> Int {
      let column = frame[name]!
      return (0..<frame.rowCount).count { column.isMissing(at: $0) }
    }
    let order = gaps.sorted { (missing($0), $0) < (missing($1), $1) } + [outcome]
    let variables = order.map { name -> MultipleImputation.Variable in
      guard case .numeric(let values)? = frame[name] else { preconditionFailure("\(name) is not numeric") }
      return .init(name: "\(step.analysis.id.value)/\(name)", values: values)
    }
    var design = frame
    let blank = "(response)"
    design[blank] = .numeric([Double](repeating: 0, count: frame.rowCount))
    let right = whole.map(Expression.nameText).joined(separator: " + ")
    let predictors = try ModelFrame(
      Formula(parsing: "\(Expression.nameText(blank)) ~ \(right)"), data: design
    ).design().matrix
    let independent = try PivotedQR(of: predictors, tolerance: 1e-9).independentColumns
    var model = MultipleImputation(seed: UInt64(step.data.plan.seed))
    model.imputations = imputations
    model.cycles = cycles
    do {
      let filled = try model.impute(
        variables, predictors: predictors.selecting(columns: independent), participants: try keys(step))
      return filled.map { values in
        var table = frame
        for (name, column) in zip(order, values) { table[name] = .numeric(column) }
        return table
      }
    } catch let error as MissingDataError {
      throw ModelStep.Failure(message: "multiple imputation: \(error)")
    }
  }

  /// The participants' keys in the rows of the variant's set.
  private func keys(_ step: ModelStep) throws -> [String] {
    let rows = step.data.rows(in: step.variant.set.value, file: nil)
    let column = try step.data.column(step.data.plan.participants.key, file: nil)
    switch column {
    case .numeric(let values): return rows.map { values[$0].description }
    default:
      guard case .categorical(let codes, let levels) = column.asCategorical else {
        return rows.map(String.init)
      }
      return rows.map { codes[$0] < 0 ? "" : levels[Int(codes[$0])] }
    }
  }
}
