import Inference
import LinearAlgebra
import MixedModels
import ModelFormula
import Serialisation

extension ModelCatalogue {
  /// `hekta fit lmm`: a linear mixed model (R `lme4::lmer` with `lmerTest` or `pbkrtest`).
  static let linearMixedModel = Entry(
    "lmm", "linear mixed model", fit: LinearMixedModelReport.make)
}

/// From a request to the report of a linear mixed model.
enum LinearMixedModelReport {
  /// A request's data, its design and its fit.
  private struct Fitted {
    let frame: ModelFrame
    let design: DesignMatrix
    let model: LinearMixedModel
    let fit: LinearMixedFit
  }

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .limits, .anova, .marginalMeans, .predict, .restricted,
        .degreesOfFreedom, .randomEffects, .equalBaseline, .against,
      ], for: "lmm")
    let fitted = try fitted(request)
    let (frame, design, fit) = (fitted.frame, fitted.design, fitted.fit)
    var report = request.report(model: "lmm", frame: frame)
    let profile =
      options.limits == .profile
      ? try requested { () throws(MixedModelError) in
        try fitted.model.profile(level: options.confidenceLevel)
      } : nil
    describe(fit, design, options, profile, in: &report)
    if let formula = options.against {
      let other = try Self.fitted(request.against(formula))
      report.tests += try LikelihoodRatioComparison.tests(comparable(fitted), against: comparable(other))
      report.conventions.append(("compared with", formula))
    }
    let post = PostEstimation(
      frame: frame, design: design, model: estimated(fit, design), options: options, containment: .effects)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try post.addPredictions(to: &report)
    if options.predict != nil {
      report.conventions.append(("random effects in predictions", "zero"))
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func fitted(_ request: ModelRequest) throws -> Fitted {
    let options = request.options
    let frame = try request.frame(taking: [.offset, .randomEffects])
    var design = try frame.design()
    if let equal = options.equalBaseline {
      design = try EqualBaseline.constrained(design, equal, frame: frame, visit: nil)
    }
    var model = LinearMixedModel(
      design: design.matrix, columnNames: design.columnNames,
      response: try frame.numericResponse(), terms: frame.randomEffectDesigns,
      weights: frame.weights, offset: frame.offset)
    model.estimation = options.restricted == false ? .maximum : .restricted
    model.degreesOfFreedom = try degreesOfFreedom(options)
    let fit = try requested { () throws(MixedModelError) in try model.fit() }
    return Fitted(frame: frame, design: design, model: model, fit: fit)
  }

  private static func comparable(_ fitted: Fitted) -> ComparableFit {
    let names = MixedModelSections.names(fitted.fit.varianceComponents)
    return ComparableFit(
      logLikelihood: fitted.fit.logLikelihood, parameterCount: fitted.fit.parameterCount,
      design: fitted.design.matrix.selecting(columns: fitted.fit.estimableColumns),
      rows: Array(fitted.frame.rows), isRestricted: fitted.fit.estimation == .restricted,
      isUsable: fitted.fit.status.isUsable, variances: names.variances, covariances: names.covariances)
  }

  private static func degreesOfFreedom(
    _ options: FitOptions
  ) throws(FitRequestError) -> DegreesOfFreedomMethod {
    switch options.degreesOfFreedom {
    case nil, .satterthwaite?: return .satterthwaite
    case .kenwardRoger?:
      if options.restricted == false {
        throw .badValue(
          option: "--ddf", value: "kenward-roger",
          expected: "satterthwaite, residual or normal with --ml: Kenward-Roger needs REML")
      }
      return .kenwardRoger
    case .residual?: return .residual
    case .normal?: return .normal
    case let other?:
      throw .badValue(
        option: "--ddf", value: other.rawValue,
        expected: "satterthwaite, kenward-roger, residual or normal for lmm")
    }
  }

  private static func describe(
    _ fit: LinearMixedFit, _ design: DesignMatrix, _ options: FitOptions, _ profile: LinearMixedProfile?,
    in report: inout ModelReport
  ) {
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = fit.coefficientTable(level: options.confidenceLevel)
    if let profile {
      for (i, limits) in profile.coefficients.enumerated() {
        report.coefficients[i].low = limits.low
        report.coefficients[i].high = limits.high
      }
    }
    report.covariance = ModelReport.spread(
      fit.vcov.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    let method = options.degreesOfFreedom ?? .satterthwaite
    report.conventions =
      [("estimation", fit.estimation == .restricted ? "REML" : "ML"), ("df", method.rawValue)]
      + SandwichChoice.conventions(fit.vcov) + [("limits", profile == nil ? "wald" : "profile")]
    if options.equalBaseline != nil { report.conventions.append(("baseline means", "equal in the arms")) }
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))), .init("df", .integer(fit.parameterCount)),
      .init("AIC", .number(Optional(fit.aic))), .init("BIC", .number(Optional(fit.bic))),
      .init("deviance", .number(fit.deviance)),
      .init("remlCriterion", .number(fit.remlCriterion)),
      .init("dfResidual", .integer(fit.observationCount - fit.parameterCount)),
      .init("sigma", .number(Optional(fit.sigma))),
      .init("theta", .array(fit.theta.map { .number(Optional($0)) })),
    ]
    report.sections.append(.init("singular", .bool(fit.isSingular)))
    report.sections.append(
      MixedModelSections.components(fit.varianceComponents, limits: profile?.components))
    report.sections.append(MixedModelSections.optimisation(fit.optimisation))
    if options.randomEffects {
      report.sections.append(MixedModelSections.modes(fit.randomEffects))
    }
  }

  private static func estimated(_ fit: LinearMixedFit, _ design: DesignMatrix) -> EstimatedModel {
    EstimatedModel(
      coefficients: fit.coefficients, covariance: fit.vcov.matrix, design: design.matrix,
      reference: { fit.inference.reference(for: $0) },
      jointTest: { matrix throws(LinearAlgebraError) in
        let test = try fit.fTest(for: matrix)
        return JointTest(
          statistic: test.statistic, df: test.df1, df2: test.df2.isFinite ? test.df2 : nil,
          pValue: test.pValue)
      })
  }
}
