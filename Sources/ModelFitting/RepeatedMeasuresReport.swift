import Inference
import LinearAlgebra
import MixedModels
import ModelFormula
import Serialisation

extension ModelCatalogue {
  /// `hekta fit mmrm`: a linear model for repeated measurements (R `mmrm::mmrm`; SAS `PROC MIXED` with `REPEATED`).
  static let repeatedMeasures = Entry(
    "mmrm", "linear model for repeated measurements with a covariance over visits",
    fit: RepeatedMeasuresReport.make)
}

/// From a request to the report of a model for repeated measurements.
enum RepeatedMeasuresReport {
  /// A request's data, its design and its fit.
  private struct Fitted {
    let frame: ModelFrame
    let design: DesignMatrix
    let term: CovarianceTerm
    let fit: RepeatedMeasuresFit
  }

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .limits, .anova, .marginalMeans, .predict, .restricted, .degreesOfFreedom,
        .covarianceFallback, .equalBaseline, .against,
      ], for: "mmrm")
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let fitted = try fitted(request)
    let (frame, design, fit) = (fitted.frame, fitted.design, fitted.fit)
    var report = request.report(model: "mmrm", frame: frame)
    describe(fit, design, fitted.term, options, in: &report)
    if let formula = options.against {
      let other = try Self.fitted(request.against(formula))
      try checkNested(fitted, other)
      report.tests += try LikelihoodRatioComparison.tests(comparable(fitted), against: comparable(other))
      report.conventions.append(("compared with", formula))
    }
    let post = PostEstimation(
      frame: frame, design: design, model: estimated(fit, design), options: options, containment: .effects)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try post.addPredictions(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func fitted(_ request: ModelRequest) throws -> Fitted {
    let options = request.options
    let frame = try request.frame(taking: [.offset, .covariance, .randomEffects])
    guard let term = frame.covariance else {
      throw FitRequestError.notEstimable(
        "mmrm needs a covariance term such as us(visit|subject); found none in \"\(request.formula)\"")
    }
    guard frame.randomEffects.isEmpty else {
      throw FitRequestError.notEstimable(
        "mmrm takes a covariance term and no random effects; lmm takes those")
    }
    var design = try frame.design()
    if let equal = options.equalBaseline {
      design = try EqualBaseline.constrained(design, equal, frame: frame, visit: term.visit)
    }
    var model = RepeatedMeasuresModel(
      design: design.matrix, columnNames: design.columnNames, response: try frame.numericResponse(),
      subject: term.subject.codes.map(Int.init), visit: term.visit.codes.map(Int.init),
      visitCount: term.visit.count, structure: CovarianceStructure(rawValue: term.structure.rawValue)!)
    model.fallback = options.covarianceFallback.map { CovarianceStructure(rawValue: $0.rawValue)! }
    model.group = term.group?.codes.map(Int.init)
    model.weights = frame.weights
    model.offset = frame.offset
    model.estimation = options.restricted == false ? .maximum : .restricted
    model.degreesOfFreedom = try degreesOfFreedom(options)
    return Fitted(
      frame: frame, design: design, term: term, fit: try fit(model, frame: frame, term: term))
  }

  private static func comparable(_ fitted: Fitted) -> ComparableFit {
    ComparableFit(
      logLikelihood: fitted.fit.logLikelihood,
      parameterCount: fitted.fit.estimableColumns.count + fitted.fit.parameterCount,
      design: fitted.design.matrix.selecting(columns: fitted.fit.estimableColumns),
      rows: Array(fitted.frame.rows), isRestricted: fitted.fit.estimation == .restricted,
      isUsable: fitted.fit.status.isUsable, variances: [], covariances: [])
  }

  /// Refuses covariances of which one is not a case of the other.
  private static func checkNested(_ large: Fitted, _ small: Fitted) throws(FitRequestError) {
    let grouping = small.term.group == nil || small.term.group?.codes == large.term.group?.codes
    guard grouping, large.fit.structure.contains(small.fit.structure) else {
      throw .notEstimable(
        "--against: the covariance structure \(small.fit.structure.rawValue) of the other model is no case of "
          + "\(large.fit.structure.rawValue)")
    }
  }

  private static func degreesOfFreedom(
    _ options: FitOptions
  ) throws(FitRequestError) -> RepeatedMeasuresModel.DegreesOfFreedom {
    let chosen = options.degreesOfFreedom ?? .satterthwaite
    if options.restricted == false, chosen == .kenwardRoger || chosen == .kenwardRogerLinear {
      throw .badValue(
        option: "--ddf", value: chosen.rawValue,
        expected: "another method with --ml: Kenward-Roger needs REML")
    }
    return RepeatedMeasuresModel.DegreesOfFreedom(rawValue: chosen.rawValue)!
  }

  /// Fits, and turns rows that the model cannot take into errors that name them.
  private static func fit(
    _ model: RepeatedMeasuresModel, frame: ModelFrame, term: CovarianceTerm
  ) throws -> RepeatedMeasuresFit {
    do {
      return try model.fit()
    } catch {
      switch error {
      case .repeatedVisit(let row):
        throw DataRowError([
          .init(
            row: frame.rows[row], column: term.visit.name, found: "a second row of one subject at one visit",
            expected: "one row a subject and visit expected")
        ])
      case .subjectInTwoGroups(let row):
        throw DataRowError([
          .init(
            row: frame.rows[row], column: term.group?.name ?? "",
            found: "another group than in the subject's first row",
            expected: "one covariance group a subject expected")
        ])
      default: throw FitRequestError.notEstimable(error.description)
      }
    }
  }

  private static func describe(
    _ fit: RepeatedMeasuresFit, _ design: DesignMatrix, _ term: CovarianceTerm, _ options: FitOptions,
    in report: inout ModelReport
  ) {
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = fit.coefficientTable(level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.vcov.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    let method = options.degreesOfFreedom ?? .satterthwaite
    report.conventions =
      [
        ("estimation", fit.estimation == .restricted ? "REML" : "ML"),
        ("covariance structure", fit.structure.rawValue), ("df", method.rawValue),
      ] + SandwichChoice.conventions(fit.vcov) + [("limits", "wald"), ("information", "observed")]
    if !options.covarianceFallback.isEmpty {
      let rungs = [term.structure] + options.covarianceFallback
      report.conventions.append(
        ("covariance ladder", rungs.map(\.rawValue).joined(separator: " \u{2192} ")))
    }
    for attempt in fit.attempts.dropLast() {
      report.conventions.append(
        ("covariance left", "\(attempt.structure.rawValue): \(attempt.failure ?? "")"))
    }
    if options.equalBaseline != nil { report.conventions.append(("baseline means", "equal in the arms")) }
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))), .init("df", .integer(fit.parameterCount)),
      .init("AIC", .number(Optional(fit.aic))), .init("BIC", .number(Optional(fit.bic))),
      .init("deviance", .number(fit.deviance)), .init("remlCriterion", .number(fit.remlCriterion)),
      .init("dfResidual", .integer(fit.observationCount - fit.estimableColumns.count)),
      .init("subjects", .integer(fit.subjectCount)),
      .init("theta", .numbers(fit.theta)),
    ]
    let matrices = fit.covariances.map { matrix in
      JSONValue.array((0..<matrix.rows).map { .numbers(matrix.row($0)) })
    }
    if let group = term.group {
      let rows = zip(group.levels, matrices).map { level, matrix -> JSONValue in
        ["group": .string(level), "matrix": matrix]
      }
      report.sections.append(.init("covariance", .array(rows)))
    } else {
      report.sections.append(.init("covariance", matrices[0]))
    }
    report.sections.append(.init("visits", .strings(term.visit.levels)))
    report.sections.append(
      .init(
        "varComp",
        .array(
          zip(term.group?.levels.map { $0 } ?? [nil], fit.covariances).flatMap { group, matrix in
            components(matrix, visits: term.visit.levels, group: group)
          })))
    if !options.covarianceFallback.isEmpty {
      let rungs = fit.attempts.map { attempt -> JSONValue in
        [
          "structure": .string(attempt.structure.rawValue), "used": .bool(attempt.structure == fit.structure),
          "failure": attempt.failure.map { JSONValue.string($0) } ?? JSONValue.null,
        ]
      }
      report.sections.append(.init("ladder", .array(rungs)))
    }
    report.sections.append(MixedModelSections.optimisation(fit.optimisation))
  }

  /// The rows of `varComp` of one matrix, as a mixed model has them: a variance and standard deviation a visit, then a
  /// covariance and correlation a pair.
  private static func components(_ matrix: Matrix, visits: [String], group: String?) -> [JSONValue] {
    func row(_ i: Int, _ j: Int?) -> JSONValue {
      let value = matrix[i, j ?? i]
      let scaled = j.map { value / (matrix[i, i] * matrix[$0, $0]).squareRoot() } ?? value.squareRoot()
      return [
        "group": .string(group), "term1": .string(j.map { visits[$0] } ?? visits[i]),
        "term2": .string(j == nil ? nil : visits[i]), "vcov": .number(Optional(value)),
        "sdcor": .number(Optional(scaled)),
      ]
    }
    return visits.indices.map { row($0, nil) } + visits.indices.flatMap { i in (0..<i).map { row(i, $0) } }
  }

  private static func estimated(_ fit: RepeatedMeasuresFit, _ design: DesignMatrix) -> EstimatedModel {
    EstimatedModel(
      coefficients: fit.coefficients, covariance: fit.vcov.matrix, design: design.matrix,
      reference: { fit.inference.reference(for: $0) },
      jointTest: { matrix throws(LinearAlgebraError) in
        let test = try fit.inference.fTest(for: matrix)
        return JointTest(
          statistic: test.statistic, df: test.df1, df2: test.df2.isFinite ? test.df2 : nil,
          pValue: test.pValue)
      })
  }
}
