import Inference
import LinearAlgebra
import MixedModels
import ModelFormula
import Serialisation

extension ModelCatalogue {
  /// `hekta fit glmm`: a generalised linear mixed model (R `lme4::glmer`; negative binomial as `glmmTMB`).
  static let generalisedLinearMixedModel = Entry(
    "glmm", "generalised linear mixed model", fit: GeneralisedLinearMixedModelReport.make)
}

/// From a request to the report of a generalised linear mixed model.
enum GeneralisedLinearMixedModelReport {
  /// A request's data, its design and its fit.
  private struct Fitted {
    let frame: ModelFrame
    let design: DesignMatrix
    let fit: GeneralisedLinearMixedFit
  }

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .limits, .anova, .marginalMeans, .predict, .family, .link,
        .randomEffects, .quadraturePoints, .standardise, .against,
      ], for: "glmm")
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let fitted = try fitted(request)
    let (frame, design, fit) = (fitted.frame, fitted.design, fitted.fit)
    var report = request.report(model: "glmm", frame: frame)
    describe(fit, design, options, in: &report)
    guard fit.status.isUsable else { return report }
    if let formula = options.against {
      let other = try Self.fitted(request.against(formula))
      report.tests += try LikelihoodRatioComparison.tests(comparable(fitted), against: comparable(other))
      report.conventions.append(("compared with", formula))
    }
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.vcov.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try addStandardisation(fitted, post, to: &report)
    try post.addPredictions(
      to: &report, inverseLink: fit.family.mean, derivative: fit.family.meanSlope)
    if options.predict != nil {
      report.conventions.append(("random effects in predictions", "zero"))
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func fitted(_ request: ModelRequest) throws -> Fitted {
    let options = request.options
    let family = try family(options)
    let frame = try request.frame(taking: [.offset, .randomEffects])
    let design = try frame.design()
    let (response, weights) = try response(frame, family)
    var model = GeneralisedLinearMixedModel(
      design: design.matrix, columnNames: design.columnNames, response: response, family: family,
      terms: frame.randomEffectDesigns, weights: weights, offset: frame.offset)
    model.quadraturePoints = options.quadraturePoints ?? 1
    let fit = try requested { () throws(MixedModelError) in try model.fit() }
    return Fitted(frame: frame, design: design, fit: fit)
  }

  /// Adds the `marginal` rows: means standardised over the rows and integrated over the random effects.
  private static func addStandardisation(
    _ fitted: Fitted, _ post: PostEstimation, to report: inout ModelReport
  ) throws {
    guard let variable = post.options.standardise else { return }
    let levels = try post.standardisedRows(variable)
    let (means, covariance) = fitted.fit.marginalMeans(
      designs: try levels.map { try fitted.design.schema.matrix(for: $0.rows) },
      randomDesigns: try levels.map { level in
        try fitted.frame.randomEffects.map { try $0.design.schema.matrix(for: level.rows) }
      }, offset: fitted.frame.offset)
    PostEstimation.add(
      Standardisation(
        levels: levels.map(\.level), estimates: means, covariance: covariance,
        level: post.options.confidenceLevel, measure: isShare(fitted.fit.family) ? .risk : .mean), to: &report
    )
    if !isShare(fitted.fit.family) { try warnOfTail(means, fitted, in: &report) }
    report.conventions.append(("random effects in standardised means", "integrated out"))
  }

  /// Warns where standardised means of counts are, on average over the levels, more than twice the mean of the response.
  ///
  /// E exp(η + sZ) = exp(η + s²/2) is then made by the upper tail of normal random effects, where no person was seen: with
  /// counts that are zero for most people the variance is large only because zeros tell nothing of how far below they lie.
  private static func warnOfTail(
    _ means: [Double], _ fitted: Fitted, in report: inout ModelReport
  ) throws {
    let response = try fitted.frame.numericResponse()
    let observed = response.reduce(0, +) / Double(max(response.count, 1))
    let average = means.reduce(0, +) / Double(max(means.count, 1))
    guard !(average <= 2 * observed) else { return }
    report.warnings.append(
      "the standardised means are on average more than twice the mean of the response: they rest on the upper tail of the "
        + "random effects' distribution; rate ratios (--exponentiate) do not")
  }

  /// True for a family whose means are probabilities.
  private static func isShare(_ family: ResponseFamily) -> Bool {
    if case .binomial = family { return true }
    return false
  }

  private static func comparable(_ fitted: Fitted) -> ComparableFit {
    let names = MixedModelSections.names(fitted.fit.varianceComponents)
    return ComparableFit(
      logLikelihood: fitted.fit.logLikelihood, parameterCount: fitted.fit.parameterCount,
      design: fitted.design.matrix.selecting(columns: fitted.fit.estimableColumns),
      rows: Array(fitted.frame.rows), isRestricted: false, isUsable: fitted.fit.status.isUsable,
      variances: names.variances, covariances: names.covariances)
  }

  /// The family asked for, with its link.
  private static func family(_ options: FitOptions) throws(FitRequestError) -> ResponseFamily {
    switch options.family {
    case .binomial?:
      let name = options.link ?? "logit"
      guard let link = ResponseFamily.BinomialLink(rawValue: name) else {
        let names = ResponseFamily.BinomialLink.allCases.map(\.rawValue)
        throw .badValue(option: "--link", value: name, expected: names.joined(separator: ", "))
      }
      return .binomial(link)
    case .poisson?, .negativeBinomial?:
      if let link = options.link, link != "log" {
        throw .badValue(option: "--link", value: link, expected: "log")
      }
      return options.family == .poisson ? .poisson : .negativeBinomial
    case let other:
      throw .badValue(
        option: "--family", value: other?.rawValue ?? "",
        expected: "binomial, poisson or negbin for glmm (lmm fits Gaussian responses)")
    }
  }

  /// The response and its weights: for counts of successes and failures, shares and trials.
  private static func response(
    _ frame: ModelFrame, _ family: ResponseFamily
  ) throws -> (values: [Double], weights: [Double]?) {
    guard case .binomial = family else { return (try frame.numericResponse(), frame.weights) }
    let (share, trials) = try frame.binomialResponse()
    guard let trials else { return (share, frame.weights) }
    guard let weights = frame.weights else { return (share, trials) }
    return (share, zip(trials, weights).map { $0 * $1 })
  }

  private static func describe(
    _ fit: GeneralisedLinearMixedFit, _ design: DesignMatrix, _ options: FitOptions,
    in report: inout ModelReport
  ) {
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = fit.coefficientTable(level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.vcov.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    let (family, link) =
      switch fit.family {
      case .binomial(let link): ("binomial", link.rawValue)
      case .poisson: ("poisson", "log")
      case .negativeBinomial: ("negbin", "log")
      }
    report.conventions = [
      ("family", family), ("link", link),
      (
        "likelihood",
        fit.quadraturePoints == 1
          ? "Laplace" : "adaptive Gauss-Hermite, \(fit.quadraturePoints) points"
      ), ("covariance", "observed information"), ("limits", "wald"),
    ]
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))), .init("df", .integer(fit.parameterCount)),
      .init("AIC", .number(Optional(fit.aic))), .init("BIC", .number(Optional(fit.bic))),
      .init("deviance", .number(Optional(fit.conditionalDeviance))),
      .init("dfResidual", .integer(fit.observationCount - fit.parameterCount)),
    ]
    report.fit.append(.init("covarianceParameters", .array(fit.theta.map { .number(Optional($0)) })))
    if let shape = fit.shape { report.fit.append(.init("theta", .number(Optional(shape)))) }
    report.sections.append(.init("singular", .bool(fit.isSingular)))
    report.sections.append(MixedModelSections.components(fit.varianceComponents))
    report.sections.append(MixedModelSections.optimisation(fit.optimisation))
    if options.randomEffects {
      report.sections.append(MixedModelSections.modes(fit.randomEffects))
    }
  }
}
