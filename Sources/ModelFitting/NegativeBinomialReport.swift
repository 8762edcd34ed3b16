import Inference
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit negbin`: negative binomial regression (R `MASS::glm.nb`).
  static let negativeBinomial = Entry(
    "negbin", "negative binomial regression", fit: NegativeBinomialReport.make)
}

/// From a request to the report of a negative binomial regression.
enum NegativeBinomialReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .robust, .cluster, .clusterCorrection, .degreesOfFreedom, .information,
        .limits, .anova, .marginalMeans, .standardise, .standardisationTarget, .predict, .link,
      ], for: "negbin")
    let frame = try request.frame()
    let design = try frame.design()
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: try frame.numericResponse(),
      weights: frame.weights, offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)
    let link = try model(options)
    let fit = try requested { () throws(RegressionError) in try link.fit(data) }
    let regression = fit.regression

    var report = request.report(model: "negbin", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.fit = figures(fit)
    let isObserved = options.information == .observed
    let covariance = try GeneralisedLinearModelReport.covariance(
      regression, frame, options,
      modelBased: isObserved
        ? try requested { () throws(RegressionError) in try fit.observedInformationCovariance() } : nil)
    let isModelBased = covariance.estimate.kind == .modelBased
    if !isModelBased, options.information != nil {
      throw FitRequestError.optionWithoutMeaning(option: "--information", model: "a robust covariance")
    }
    report.coefficients = covariance.table(
      terms: design.columnNames, estimates: regression.coefficients, estimable: regression.estimableColumns,
      level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.estimate.matrix, over: design.matrix.columns, estimable: regression.estimableColumns)
    report.conventions =
      [("link", link.link.rawValue)] + SandwichChoice.conventions(covariance.estimate)
      + (isModelBased
        ? [
          (
            "information",
            isObserved ? "observed, of coefficients and theta together" : "expected, at the fitted theta"
          )
        ] : []) + [("df", covariance.convention), ("limits", (options.limits ?? .wald).rawValue)]
    if options.limits == .profile {
      try GeneralisedLinearModelReport.addProfileLimits(regression, covariance, options, to: &report)
      report.conventions.append(("profile", "theta held at its estimate"))
    }
    // As in R, terms are tested with the size held at its estimate.
    try GeneralisedLinearModelReport.addPostEstimation(
      regression, covariance, frame: frame, design: design, options: options, to: &report
    ) { matrix, names in
      var reduced = data
      reduced.design = matrix
      reduced.columnNames = names
      var plain = regression.model
      plain.detectsSeparation = false
      let refit = try requested { () throws(RegressionError) in try plain.fit(reduced) }
      return (refit.deviance, refit.rank)
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func model(_ options: FitOptions) throws -> NegativeBinomialModel {
    let suitable: [Link] = [.log, .sqrt, .identity]
    let name = options.link ?? Link.log.rawValue
    guard let link = Link(rawValue: name), suitable.contains(link) else {
      throw FitRequestError.badValue(
        option: "--link", value: name, expected: suitable.map(\.rawValue).joined(separator: ", "))
    }
    return try requested { () throws(RegressionError) in try NegativeBinomialModel(link: link) }
  }

  private static func figures(_ fit: NegativeBinomialFit) -> [JSONValue.Member] {
    [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("df", .number(Optional(fit.degreesOfFreedom))), .init("AIC", .number(Optional(fit.aic))),
      .init("BIC", .number(Optional(fit.bic))), .init("theta", .number(Optional(fit.theta))),
      .init("thetaSE", .number(Optional(fit.thetaStandardError))),
      .init("deviance", .number(Optional(fit.regression.deviance))),
      .init("nullDeviance", .number(Optional(fit.regression.nullDeviance))),
      .init("dfResidual", .integer(fit.regression.residualDegreesOfFreedom)),
    ]
  }
}
