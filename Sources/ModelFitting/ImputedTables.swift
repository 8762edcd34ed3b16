import Inference
import ModelFormula
import Serialisation

extension FitOptions {
  /// Tables that were completed several times by imputation and stand below each other in one.
  public struct Imputed: Sendable, Equatable {
    /// The column that tells the completed tables apart.
    public var column: String
    /// The degrees of freedom of the pooled estimates.
    public var degreesOfFreedom: PooledEstimate.DegreesOfFreedom

    public init(column: String, degreesOfFreedom: PooledEstimate.DegreesOfFreedom = .barnardRubin) {
      self.column = column
      self.degreesOfFreedom = degreesOfFreedom
    }
  }
}

/// Fits a model to each of several completed tables and pools the coefficients by Rubin's rules (R `mice::pool`, Stata
/// `mi estimate`).
enum ImputedTables {
  /// The report of the pooled coefficients, without what cannot be pooled so: covariance, tests, figures of the fit.
  ///
  /// - Throws: `FitRequestError` for options whose numbers are not pooled, for fewer than two tables, and for a coefficient
  ///   that some table does not estimate; what `fit` throws.
  static func report(
    _ request: ModelRequest, _ imputed: FitOptions.Imputed, fit: (ModelRequest) throws -> ModelReport
  ) throws -> ModelReport {
    try check(request.options)
    let tables = try tables(request.data, imputed.column)
    let reports = try tables.map { table in
      var single = request
      single.data = table
      single.options.imputed = nil
      single.options.exponentiate = false
      return try fit(single)
    }
    let estimates = reports.map(\.coefficients)
    guard let first = estimates.first, !first.isEmpty,
      estimates.allSatisfy({ $0.allSatisfy { $0.estimate != nil && $0.standardError != nil } })
    else { throw FitRequestError.notEstimable("a coefficient is not estimable in every imputed table") }
    var pooled = reports[0]
    var worst = 0.0
    for (j, row) in first.enumerated() {
      let rows = estimates.map { $0[j] }
      let estimate = PooledEstimate(
        estimates: rows.map { $0.estimate! }, variances: rows.map { $0.standardError! * $0.standardError! },
        completeDF: rows.compactMap(\.df).min() ?? .infinity)
      pooled.coefficients[j] = estimate.coefficient(
        term: row.term, level: request.options.confidenceLevel, degreesOfFreedom: imputed.degreesOfFreedom)
      worst = max(worst, estimate.missingShare)
    }
    pooled.covariance = []
    pooled.tests = []
    pooled.sections = []
    pooled.fit = [
      .init("imputations", .integer(reports.count)), .init("missingShare", .number(Optional(worst))),
    ]
    pooled.status = reports.first { $0.status != .ok }?.status ?? .ok
    var seen: Set<String> = []
    pooled.warnings = reports.flatMap(\.warnings).filter { seen.insert($0).inserted }
    pooled.conventions.removeAll { $0.name == "df" }
    pooled.conventions += [
      ("df", imputed.degreesOfFreedom == .rubin ? "Rubin (1987)" : "Barnard-Rubin"),
      ("pooling", "Rubin's rules"),
    ]
    if request.options.exponentiate { pooled.exponentiate() }
    return pooled
  }

  /// Refuses options whose numbers are not pooled.
  private static func check(_ options: FitOptions) throws(FitRequestError) {
    let unpooled: [(String, Bool)] = [
      ("--emmeans", !options.marginalMeans.isEmpty), ("--standardise", options.standardise != nil),
      ("--anova", options.anova != nil), ("--predict", options.predict != nil),
      ("--bootstrap", options.bootstrap != nil), ("--also", options.alsoConventions != nil),
      ("--ci", options.limits == .profile),
    ]
    if let option = unpooled.first(where: \.1) {
      throw .optionWithoutMeaning(option: option.0, model: "tables that --imputed tells apart")
    }
  }

  /// The completed tables in the order of their levels.
  private static func tables(_ data: DataFrame, _ column: String) throws -> [DataFrame] {
    guard case .categorical(let codes, let levels) = try data.existingColumn(column).asCategorical else {
      throw FitRequestError.badValue(option: "--imputed", value: column, expected: "numbers or categories")
    }
    let groups = levels.indices.map { level in codes.indices.filter { Int(codes[$0]) == level } }.filter {
      !$0.isEmpty
    }
    guard groups.count > 1 else {
      throw FitRequestError.badValue(
        option: "--imputed", value: column, expected: "a column with a value for each of two tables or more")
    }
    return groups.map { data.selecting(rows: $0) }
  }
}
