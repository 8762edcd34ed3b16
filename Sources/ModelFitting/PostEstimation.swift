import Inference
import LinearAlgebra
import ModelFormula
import Serialisation

/// What is asked of a fit after its coefficients: tests of terms, marginal means, standardisation, prediction.
///
/// It is the same for every model with a linear predictor on a design of formula terms; a model hands over its design and
/// its estimates and gets the rows of the contract.
struct PostEstimation {
  let frame: ModelFrame
  let design: DesignMatrix
  let model: EstimatedModel
  let options: FitOptions
  /// Which right side of the formula the design is.
  var part = 0
  /// Whether the design has the intercept's column (`asWritten`), or the intercept is implied.
  var intercept = InterceptUse.asWritten
  /// Which terms contain which in tests of type 2.
  var containment = ModelTerm.Containment.variables
  /// The weighted design, over the estimable columns, by which tests of type 2 allow for other terms; nil for the covariance
  /// of the coefficients (R `car::Anova`), or where effects contain each other as in SAS for the design itself (`lmerTest`).
  var designOfTypeII: Matrix?

  // MARK: Marginal means

  /// Adds `emmeans` and `contrasts` for every specification asked for.
  func addMarginalMeans(to report: inout ModelReport) throws {
    guard !options.marginalMeans.isEmpty else { return }
    var means: [JSONValue] = []
    var contrasts: [JSONValue] = []
    var hasZeroByDesign = false
    for text in options.marginalMeans {
      let result = try marginalMeans(MarginalMeansSpecification(text))
      means += result.means.map { Self.json($0, estimate: "emmean") }
      contrasts += result.contrasts.map { Self.json($0, estimate: "estimate") }
      if result.contrasts.contains(where: { $0.estimate == 0 && $0.statistic == nil }) {
        hasZeroByDesign = true
      }
      if (result.means + result.contrasts).contains(where: { $0.estimate == nil }) {
        report.warnings.append("a marginal mean of \(text) is not estimable (empty cells or aliased columns)")
      }
    }
    report.sections.append(.init("emmeans", .array(means)))
    if !contrasts.isEmpty { report.sections.append(.init("contrasts", .array(contrasts))) }
    report.conventions.append(("marginal means", "equal-cells"))
    report.conventions.append(("adjustment", options.adjustment.rawValue))
    if hasZeroByDesign { report.conventions.append(("contrasts without a test", "zero by design")) }
  }

  /// The marginal means of one specification.
  func marginalMeans(_ specification: MarginalMeansSpecification) throws -> MarginalMeans {
    let predictors = frame.parts[part].predictors
    let grid = predictors.map { predictor in
      GridVariable(name: predictor.name, values: Self.values(predictor))
    }
    let schema = design.schema
    let offset = frame.parts[part].offset.map { $0.reduce(0, +) / Double($0.count) } ?? 0
    return try MarginalMeans(
      specification, model: model, grid: grid, design: { try schema.matrix(for: $0) },
      offset: offset, level: options.confidenceLevel,
      adjustment: MultiplicityAdjustment(rawValue: options.adjustment.rawValue)!)
  }

  private static func values(_ predictor: Predictor) -> GridVariable.Values {
    if let mean = predictor.mean { return .mean(mean) }
    let labels = predictor.levels ?? []
    if case .numeric(let values) = predictor.gridValues {
      return .numericLevels(values, labels: labels)
    }
    return .levels(labels)
  }

  private static func json(_ row: MarginalMeans.Row, estimate: String) -> JSONValue {
    var members: [JSONValue.Member] = []
    if let contrast = row.contrast { members.append(.init("contrast", .string(contrast))) }
    for level in row.levels { members.append(.init(level.variable, .string(level.label))) }
    members += [
      .init(estimate, .number(row.estimate)), .init("SE", .number(row.standardError)),
      .init("df", .number(row.estimate == nil ? nil : row.reference.df)), .init("lower.CL", .number(row.low)),
      .init("upper.CL", .number(row.high)),
    ]
    if row.contrast != nil {
      members.append(
        .init(row.reference.df == nil ? "z.ratio" : "t.ratio", .number(row.statistic)))
      members.append(.init("p.value", .number(row.pValue)))
    }
    return .object(members)
  }

  // MARK: Terms

  /// The terms over the estimable columns of the design, without those that lost every column to aliasing.
  func terms(of design: DesignMatrix) -> [ModelTerm] {
    let place = Dictionary(
      uniqueKeysWithValues: model.estimable.enumerated().map { ($0.element, $0.offset) })
    let texts = design.terms.variables.map(\.text)
    let isCovariate = design.schema.variables.map(\.isCovariate)
    return design.terms.terms.enumerated().map { number, term in
      let variables = Set(term.variables.map { texts[$0] })
      let columns = design.assign.indices.filter { design.assign[$0] == number + 1 }
        .compactMap { place[$0] }
      let covariates = term.variables.filter { isCovariate[$0] }
      return ModelTerm(
        label: term.label, variables: variables,
        covariates: Set(covariates.map { texts[$0] }), columns: columns)
    }
  }

  /// The hypothesis matrix of each term over all columns of the design, by the type asked for.
  ///
  /// - Throws: `LinearAlgebraError`, or `FormulaError` where the sum-to-zero coding cannot be made.
  func termHypotheses(type: Int) throws -> [(term: String, matrix: Matrix)] {
    let reduced = design.matrix.selecting(columns: model.estimable)
    let terms = terms(of: design)
    let matrices: [(String, Matrix)]
    if type == 2 {
      matrices = try terms.filter { !$0.columns.isEmpty }.map { term in
        if designOfTypeII == nil, containment == .variables,
          let own = try? TermHypotheses.typeII(covariance: model.covariance, term: term, terms: terms)
        {
          return (term.label, own)
        }
        let rows = designOfTypeII ?? reduced
        return (
          term.label,
          try TermHypotheses.typeII(design: rows, term: term, terms: terms, containment: containment)
        )
      }
    } else {
      let sum = try frame.parts[part].design(contrasts: .sum, intercept: intercept)
      let ofTerms = withIntercept(sum.matrix)
      let added = ofTerms.columns - sum.matrix.columns
      let whole = try PivotedQR(of: ofTerms, tolerance: 1e-7)
      let independent = whole.independentColumns
      let ownOfTerms = terms.indices.map { number in
        independent.indices.filter {
          independent[$0] >= added && sum.assign[independent[$0] - added] == number + 1
        }
      }
      let tested = terms.indices.filter { !ownOfTerms[$0].isEmpty }
      let coded =
        independent.count == ofTerms.columns
        ? whole : try PivotedQR(of: ofTerms.selecting(columns: independent), tolerance: 1e-9)
      let hypotheses = TermHypotheses.typeIII(
        design: withIntercept(reduced), sumToZero: coded, terms: tested.map { ownOfTerms[$0] })
      matrices = zip(tested, hypotheses).map { number, hypothesis in
        (terms[number].label, hypothesis.selecting(columns: Array(added..<hypothesis.columns)))
      }
    }
    let ownColumns = Dictionary(terms.map { ($0.label, $0.columns) }) { first, _ in first }
    return matrices.map { label, hypothesis in
      let matrix =
        type == 2
        ? hypothesis : TermHypotheses.onOwnCoefficients(hypothesis, columns: ownColumns[label] ?? [])
      var full = Matrix(rows: matrix.rows, columns: design.matrix.columns)
      for (j, column) in model.estimable.enumerated() { full.setColumn(column, matrix.column(j)) }
      return (label, full)
    }
  }

  /// A design with the column of an intercept that is only implied: without it two codings of a factor, which differ by
  /// constants, do not span the same space.
  private func withIntercept(_ matrix: Matrix) -> Matrix {
    guard intercept == .implied else { return matrix }
    let one = [Double](repeating: 1, count: matrix.rows)
    return Matrix(columns: [one] + (0..<matrix.columns).map { matrix.column($0) }, rows: matrix.rows)
  }

  /// Adds the `anova` rows of the Wald or F tests of all terms.
  func addTermTests(to report: inout ModelReport) throws {
    guard let type = options.anova else { return }
    let rows = try termHypotheses(type: type).map { term, matrix -> TermTest in
      let test = Self.test(matrix, of: term, by: model, warningIn: &report)
      return TermTest(
        term: term, df: test?.df ?? Double(matrix.rows), df2: test?.df2, statistic: test?.statistic,
        pValue: test?.pValue)
    }
    Self.add(rows, type: type, to: &report)
  }

  /// The joint test of a term's contrasts; nil, with a warning, where their covariance is not known (no residual degrees of
  /// freedom) or singular.
  static func test(
    _ contrasts: Matrix, of term: String, by model: EstimatedModel, warningIn report: inout ModelReport
  ) -> JointTest? {
    if let test = try? model.test(contrasts) { return test }
    report.warnings.append("no test of \(term): the covariance of its coefficients is not known or singular")
    return nil
  }

  /// Adds `anova` rows that the model has computed itself.
  static func add(_ rows: [TermTest], type: Int, to report: inout ModelReport) {
    report.sections.append(
      .init(
        "anova",
        .array(
          rows.map { row in
            var members: [JSONValue.Member] = [.init("term", .string(row.term))]
            if let sum = row.sumOfSquares { members.append(.init("sumsq", .number(Optional(sum)))) }
            members.append(.init("df", .number(Optional(row.df))))
            if let df2 = row.df2 { members.append(.init("df2", .number(Optional(df2)))) }
            members.append(.init("statistic", .number(row.statistic)))
            members.append(.init("p.value", .number(row.pValue)))
            return .object(members)
          })))
    report.conventions.append(("term tests", "type \(type)"))
  }

  // MARK: Standardisation

  /// Adds the `marginal` rows of g-computation over the variable asked for.
  ///
  /// - Parameters:
  ///   - inverseLink: the mean of a linear predictor.
  ///   - derivative: its slope.
  ///   - isMean: whether a prediction is a mean rather than a risk.
  func addStandardisation(
    to report: inout ModelReport, inverseLink: (Double) -> Double, derivative: (Double) -> Double,
    isMean: Bool = false
  ) throws {
    guard let variable = options.standardise else {
      if options.standardisationTarget != nil {
        throw FitRequestError.notEstimable("--target needs --standardise, the variable to standardise over")
      }
      return
    }
    let target = Standardisation.Target(rawValue: (options.standardisationTarget ?? .sample).rawValue)!
    Self.add(
      try standardised(
        variable, inverseLink: inverseLink, derivative: derivative, target: target,
        measure: isMean ? .mean : .risk), target: target, to: &report)
    // A prior weight is the precision of a row as often as a number of people: which it is nobody says.
    if frame.weights != nil { report.conventions.append(("standardised over", "rows, each counted once")) }
  }

  /// Adds `marginal` rows that have been computed.
  static func add(
    _ standardisation: Standardisation, target: Standardisation.Target = .sample, to report: inout ModelReport
  ) {
    report.sections.append(.init("marginal", .array(standardisation.rows.map(Self.json))))
    report.conventions.append(("standardisation target", target.rawValue))
  }

  /// A standardised quantity as a row of the contract.
  static func json(_ row: Standardisation.Row) -> JSONValue {
    [
      "measure": .string(row.measure.rawValue), "level": .string(row.level),
      "estimate": .number(Optional(row.estimate)), "std.error": .number(row.standardError),
      "conf.low": .number(Optional(row.low)), "conf.high": .number(Optional(row.high)),
      "p.value": .number(row.pValue),
    ]
  }

  /// Standardised means over the levels of a variable (the two values of a numeric one).
  func standardised(
    _ variable: String, inverseLink: (Double) -> Double, derivative: (Double) -> Double,
    target: Standardisation.Target = .sample, measure: Standardisation.Row.Measure = .risk
  ) throws -> Standardisation {
    let designs = try standardisedRows(variable).map { level, rows in
      (level, try design.schema.matrix(for: rows))
    }
    return Standardisation(
      designs: designs, offset: frame.parts[part].offset, model: model, inverseLink: inverseLink,
      derivative: derivative, level: options.confidenceLevel, target: target, measure: measure)
  }

  /// For each level of a variable its label and the rows used, all with that level.
  func standardisedRows(_ variable: String) throws -> [(level: String, rows: DataFrame)] {
    let predictors = frame.parts.flatMap(\.predictors)
    guard predictors.contains(where: { $0.name == variable }) else {
      let near = nearest(to: variable, among: predictors.map(\.name))
      throw FitRequestError.notEstimable(
        "--standardise: the model has no variable \"\(variable)\""
          + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
    }
    let rows = frame.data.selecting(rows: Array(frame.rows))
    return try Self.levels(of: rows[variable]!, name: variable).map { level, column in
      var changed = rows
      changed[variable] = column
      return (level, changed)
    }
  }

  /// Each level of a column with the column in which every row has it.
  private static func levels(of column: Column, name: String) throws -> [(String, Column)] {
    let count = column.count
    switch column {
    case .numeric(let values):
      let distinct = Set(values).sorted()
      guard distinct.count <= 20 else {
        throw FitRequestError.notEstimable(
          "--standardise: \"\(name)\" has \(distinct.count) values; expected a variable of few levels")
      }
      return distinct.map { value in
        (numberText(value), .numeric([Double](repeating: value, count: count)))
      }
    default:
      guard case .categorical(let codes, let levels) = column.asCategorical else { return [] }
      let used = Set(codes)
      return levels.indices.filter { used.contains(Int32($0)) }.map { code in
        (
          levels[code],
          .categorical(codes: [Int32](repeating: Int32(code), count: count), levels: levels)
        )
      }
    }
  }

  // MARK: Prediction

  /// Adds the `predictions` rows for the new data asked for: fit, its standard error and limits.
  ///
  /// - Parameters:
  ///   - inverseLink: the mean of a linear predictor; limits are transformed, the error multiplied by the slope.
  ///   - derivative: its slope.
  func addPredictions(
    to report: inout ModelReport, inverseLink: (Double) -> Double = { $0 },
    derivative: (Double) -> Double = { _ in 1 }
  ) throws {
    guard let new = options.predict else { return }
    let x = try design.schema.matrix(for: new)
    let offset = try design.schema.offset(for: new)
    let rows = (0..<new.rowCount).map { i -> JSONValue in
      let combination = x.row(i)
      let shift = offset?[i] ?? 0
      guard combination.allSatisfy(\.isFinite), let value = model.estimate(combination) else {
        return ["row": .integer(i + 1), "fit": nil, "se": nil, "conf.low": nil, "conf.high": nil]
      }
      let eta = value + shift
      let error = model.standardError(combination)
      let margin =
        model.reference(combination).criticalValue(level: options.confidenceLevel) * error
      if options.predictLink { return Self.prediction(i, eta, error, eta - margin, eta + margin) }
      let ends = [inverseLink(eta - margin), inverseLink(eta + margin)].sorted()
      return Self.prediction(i, inverseLink(eta), abs(derivative(eta)) * error, ends[0], ends[1])
    }
    report.sections.append(.init("predictions", .array(rows)))
    report.conventions.append(("predictions", options.predictLink ? "link scale" : "response scale"))
  }

  private static func prediction(
    _ row: Int, _ fit: Double, _ error: Double, _ low: Double, _ high: Double
  ) -> JSONValue {
    [
      "row": .integer(row + 1), "fit": .number(Optional(fit)), "se": .number(Optional(error)),
      "conf.low": .number(Optional(low)), "conf.high": .number(Optional(high)),
    ]
  }
}
