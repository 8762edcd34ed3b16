/// The data of a model: every variable that the formula and the options use, on the rows where all are known.
///
/// It is made once; all models read their response, design, strata, groups and weights from it. Matches R's `model.frame`
/// with `na.action = na.omit` and `drop.unused.levels = TRUE`.
public struct ModelFrame: Sendable {
  /// The formula.
  public let formula: Formula
  /// The data it was made from, whole.
  public let data: DataFrame
  /// The rows of `data` that are used, ascending.
  public let rows: RowSelection
  /// The rows that fulfil the condition but miss a value of a variable that is used.
  public let missingCount: Int
  /// The rows for which the condition on rows is false.
  public let excludedCount: Int
  /// The rows for which the condition on rows is itself missing.
  public let filterMissingCount: Int
  /// The response.
  public let response: Response
  /// The right sides, one a part of the formula.
  public let parts: [FramePart]
  /// The weights, where a column is named for them.
  public let weights: [Double]?
  /// The combinations of all `strata()` of the first right side.
  public let strata: Grouping?
  /// The clusters of `cluster()` in the first right side.
  public let cluster: Grouping?
  /// The random effects of the first right side, in order of appearance.
  public let randomEffects: [RandomEffectTerm]
  /// The covariance term of the first right side.
  public let covariance: CovarianceTerm?
  /// The groupings asked for by name.
  private let namedGroupings: [String: Grouping]

  /// The number of rows used.
  public var rowCount: Int { rows.count }

  /// The grouping by a column that was named in `groupings`.
  ///
  /// - Precondition: it was named.
  public func grouping(_ name: String) -> Grouping {
    guard let grouping = namedGroupings[name] else {
      preconditionFailure("`\(name)` was not among the groupings of the frame")
    }
    return grouping
  }

  /// The offset of the first right side on the rows used; nil where it has none.
  public var offset: [Double]? { parts[0].offset }

  /// The design of the first right side.
  ///
  /// - Throws: `FormulaError` as `FramePart.design`.
  public func design(contrasts: Contrasts = .treatment, intercept: InterceptUse = .asWritten)
    throws(FormulaError) -> DesignMatrix
  {
    try parts[0].design(contrasts: contrasts, intercept: intercept)
  }

  /// Evaluates a formula on data.
  ///
  /// - Parameters:
  ///   - formula: the formula.
  ///   - data: the columns.
  ///   - condition: rows for which it is false or missing are left out.
  ///   - weights: the column of the weights.
  ///   - groupings: columns whose groups the model needs beyond the formula: subjects, clusters, frailties.
  /// - Throws: `FormulaError` of any kind, with its place in the formula.
  public init(
    _ formula: Formula, data: DataFrame, where condition: Expression? = nil, weights: String? = nil,
    groupings: [String] = []
  ) throws(FormulaError) {
    do throws(FormulaError) {
      var builder = FrameBuilder(data: data)
      if let condition { try builder.filter(by: condition) }
      let form = try formula.response.map { e throws(FormulaError) in try ResponseForm(e) }
      for expression in form?.expressions ?? [] { try builder.require(expression) }

      let inResponse = Set(formula.response?.names ?? [])
      let columns = data.names.filter { !inResponse.contains($0) }
      var sides: [RightSide] = []
      var terms: [Terms] = []
      for part in formula.parts {
        let side = try RightSide(part)
        let expanded = try Terms(of: side.fixed, response: formula.response, columns: columns)
        try builder.require(side)
        for expression in expanded.variables + expanded.offsets + expanded.removed {
          try builder.require(expression)
        }
        sides.append(side)
        terms.append(expanded)
      }
      let extra = (groupings + [weights].compactMap { $0 }).map { Expression(.name($0), at: 0) }
      do throws(FormulaError) {
        for expression in extra { try builder.require(expression) }
      } catch {
        // These names stand in options, not at a place in the formula.
        throw FormulaError(error.kind, error.message, source: "", suggestions: error.suggestions)
      }
      try builder.chooseRows()

      self.formula = formula
      self.data = data
      rows = builder.rows
      missingCount = builder.missingCount
      excludedCount = builder.excludedCount
      filterMissingCount = builder.filterMissingCount
      response = try form.map { form throws(FormulaError) in try builder.response(form) } ?? .none
      var parts: [FramePart] = []
      for expanded in terms { parts.append(try builder.part(expanded)) }
      self.parts = parts
      self.weights = try weights.map { name throws(FormulaError) in try builder.weights(name) }
      strata = try builder.strata(of: terms[0])
      cluster = try builder.cluster(of: sides[0])
      randomEffects = try builder.randomEffects(of: sides[0])
      covariance = try builder.covariance(of: sides[0])
      var named: [String: Grouping] = [:]
      for name in groupings { named[name] = try builder.grouping([Expression(.name(name), at: 0)]) }
      namedGroupings = named
    } catch { throw error.within(formula.text) }
  }
}
