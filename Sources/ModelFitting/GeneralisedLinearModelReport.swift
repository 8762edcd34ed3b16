import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit glm`: generalised linear models (R `glm`).
  static let generalisedLinearModel = Entry(
    "glm", "generalised linear model", fit: GeneralisedLinearModelReport.make)
}

/// From a request to the report of a generalised linear model.
enum GeneralisedLinearModelReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .robust, .cluster, .clusterCorrection, .degreesOfFreedom, .information,
        .dispersion, .limits, .anova, .marginalMeans, .standardise, .standardisationTarget, .predict,
        .family, .link,
      ], for: "glm")
    let model = try model(options)
    let frame = try request.frame()
    let design = try frame.design()
    let (response, trials) =
      model.family.isBinomial
      ? try frame.binomialResponse() : (share: try frame.numericResponse(), trials: nil)
    let data = RegressionData(
      columns: design.columns, columnNames: design.columnNames, response: response, weights: frame.weights,
      offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)
    let fit = try requested { () throws(RegressionError) in try model.fit(data, trials: trials) }

    var report = request.report(model: "glm", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.fit = figures(fit)
    if model.family.isBinomial, frame.weights == nil {
      let events = response.indices.reduce(0) { $0 + response[$1] * (trials?[$1] ?? 1) }
      report.fit.append(.init("events", .number(Optional(events.rounded()))))
    }
    let (dispersion, dispersionName) = try dispersion(fit, options)
    let information = options.information ?? .expected
    let modelBased =
      fit.status == .separated
      ? fit.covariance
      : information == .observed
        ? try requested { () throws(RegressionError) in
          try fit.observedInformationCovariance(dispersion: dispersion)
        } : CovarianceEstimate(dispersion * fit.unscaledCovariance, kind: .modelBased)
    let covariance = try covariance(fit, frame, options, modelBased: modelBased)
    if covariance.estimate.kind != .modelBased, options.information != nil {
      throw FitRequestError.optionWithoutMeaning(option: "--information", model: "a robust covariance")
    }
    report.coefficients = covariance.table(
      terms: design.columnNames, estimates: fit.coefficients, estimable: fit.estimableColumns,
      level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.estimate.matrix, over: design.columnNames.count, estimable: fit.estimableColumns)
    report.conventions =
      [("family", model.family.name), ("link", model.link.rawValue)]
      + SandwichChoice.conventions(covariance.estimate)
      + (covariance.estimate.kind == .modelBased ? [("information", information.rawValue)] : [])
      + (model.family.hasKnownDispersion ? [] : [("dispersion", dispersionName)])
      + [("df", covariance.convention), ("limits", (options.limits ?? .wald).rawValue)]
    if options.limits == .profile { try addProfileLimits(fit, covariance, options, to: &report) }
    try addPostEstimation(
      fit, covariance, frame: frame, design: design, options: options, to: &report
    ) { matrix, names in
      var reduced = data
      reduced.design = matrix
      reduced.columnNames = names
      var plain = model
      plain.detectsSeparation = false
      let refit = try requested { () throws(RegressionError) in try plain.fit(reduced, trials: trials) }
      return (refit.deviance / dispersion, refit.rank)
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  /// The family and link asked for; Gaussian by default, as in R.
  static func model(_ options: FitOptions) throws -> GeneralisedLinearModel {
    let name = (options.family ?? .gaussian).rawValue
    guard let family = Regression.Family(named: name) else {
      throw FitRequestError.badValue(
        option: "--family", value: name,
        expected: Regression.Family.names.joined(separator: ", ")
          + " (the model negbin estimates its own size)")
    }
    return try requested { () throws(RegressionError) in
      try GeneralisedLinearModel(family: family, link: nil)
    }.withLink(options.link)
  }

  /// Figures of the whole fit.
  static func figures(_ fit: GeneralisedLinearFit) -> [JSONValue.Member] {
    [
      .init("logLik", .number(fit.logLikelihood)), .init("df", .number(fit.degreesOfFreedom)),
      .init("AIC", .number(fit.aic)), .init("BIC", .number(fit.bic)),
      .init("deviance", .number(Optional(fit.deviance))),
      .init("nullDeviance", .number(Optional(fit.nullDeviance))),
      .init("dfResidual", .integer(fit.residualDegreesOfFreedom)),
      .init("dfNull", .integer(fit.nullDegreesOfFreedom)),
      .init("dispersion", .number(Optional(fit.dispersion))),
    ]
  }

  /// The dispersion asked for, and its name.
  private static func dispersion(
    _ fit: GeneralisedLinearFit, _ options: FitOptions
  ) throws -> (Double, String) {
    guard options.dispersion == .maximumLikelihood, !fit.model.family.hasKnownDispersion else {
      return (fit.dispersion, "Pearson over residual df")
    }
    guard fit.model.family.hasLikelihood else {
      throw FitRequestError.badValue(
        option: "--dispersion", value: "ml", expected: "pearson: a quasi family has no likelihood")
    }
    guard let value = fit.maximumLikelihoodDispersion else {
      throw FitRequestError.notEstimable("--dispersion ml: every row is fitted exactly")
    }
    return (value, "maximum likelihood")
  }

  /// The covariance asked for; a separated fit has the model's own only.
  ///
  /// - Parameter modelBased: what stands where neither a robust nor a clustered one is asked for; the fit's own if nil.
  static func covariance(
    _ fit: GeneralisedLinearFit, _ frame: ModelFrame, _ options: FitOptions,
    modelBased: CovarianceEstimate? = nil
  ) throws -> ChosenCovariance {
    let choice = try SandwichChoice(options)
    let own = modelBased ?? fit.covariance
    if fit.status == .separated {
      let reference = fit.reference
      return ChosenCovariance(
        estimate: own, reference: { _ in reference }, jointDF: reference.df,
        convention: reference.df == nil ? "normal" : "residual")
    }
    return try choice.covariance(
      modelBased: own, reference: fit.reference, residual: fit.residualDegreesOfFreedom, frame: frame,
      estimable: fit.estimableColumns,
      sandwich: { try requested { () throws(RegressionError) in try fit.sandwich() } },
      clustered: { codes in
        try requested { () throws(RegressionError) in try fit.clusteredCovariance(by: codes) }
      }, small: { fit.clusterRobust(by: $0) })
  }

  /// Replaces Wald limits by those of the profile likelihood.
  static func addProfileLimits(
    _ fit: GeneralisedLinearFit, _ covariance: ChosenCovariance, _ options: FitOptions,
    to report: inout ModelReport
  ) throws {
    guard covariance.estimate.kind == .modelBased else {
      throw FitRequestError.badValue(
        option: "--ci", value: "profile", expected: "wald: profile limits know no robust covariance")
    }
    for j in fit.estimableColumns {
      let limits = try requested { () throws(RegressionError) in
        try fit.profileLimits(of: j, level: options.confidenceLevel)
      }
      report.coefficients[j].low = limits.low
      report.coefficients[j].high = limits.high
      if fit.status == .ok, limits.low == nil || limits.high == nil {
        report.warnings.append("no finite profile limit of \(report.coefficients[j].term)")
      }
    }
  }

  /// Tests of terms, marginal means, standardisation and predictions; none of a separated fit, whose linear predictor
  /// has no finite value.
  ///
  /// - Parameter refit: the deviance over the dispersion on other columns, and their rank.
  static func addPostEstimation(
    _ fit: GeneralisedLinearFit, _ covariance: ChosenCovariance, frame: ModelFrame, design: DesignMatrix,
    options: FitOptions, to report: inout ModelReport,
    refit: @escaping (Matrix, [String]) throws -> (deviance: Double, rank: Int)
  ) throws {
    let asked = options.given.filter { [.anova, .marginalMeans, .standardise, .predict].contains($0) }
    guard fit.status != .separated else {
      for option in asked {
        report.warnings.append("\(option.rawValue): nothing to report of a separated fit")
      }
      return
    }
    func post(_ covariance: ChosenCovariance) -> PostEstimation {
      PostEstimation(
        frame: frame, design: design,
        model: EstimatedModel(
          coefficients: fit.coefficients, covariance: covariance, design: design.matrix, isF: false),
        options: options)
    }
    let fitted = post(covariance)
    if let type = options.anova {
      PostEstimation.add(
        try LikelihoodRatioTerms(post: fitted, refit: refit).tests(type: type), type: type, to: &report)
    }
    let link = fit.model.link
    // emmeans takes t for these two families only, whatever the table of coefficients takes.
    var forMeans = covariance
    if options.degreesOfFreedom == nil, covariance.hotelling == nil,
      ![.gaussian, .gamma].contains(fit.model.family)
    {
      forMeans.reference = { _ in .normal }
    }
    try post(forMeans).addMarginalMeans(to: &report)
    try fitted.addStandardisation(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
    try fitted.addPredictions(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
  }
}

extension GeneralisedLinearModel {
  /// The same family with the link of a name; unchanged where none is given.
  func withLink(_ name: String?) throws(FitRequestError) -> GeneralisedLinearModel {
    guard let name else { return self }
    guard let link = Link(rawValue: name), family.links.contains(link) else {
      throw .badValue(
        option: "--link", value: name, expected: family.links.map(\.rawValue).joined(separator: ", "))
    }
    var model = self
    model.link = link
    return model
  }
}
