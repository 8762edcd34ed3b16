import Inference
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit hurdle`: hurdle count regression (R `pscl::hurdle`).
  static let hurdle = Entry("hurdle", "hurdle model of counts") { request in
    try TwoPartCountReport.make(request, .hurdle)
  }
  /// `hekta fit zeroinfl`: zero-inflated count regression (R `pscl::zeroinfl`).
  static let zeroInflated = Entry("zeroinfl", "zero-inflated model of counts") { request in
    try TwoPartCountReport.make(request, .zeroInflated)
  }
}

/// From a request to the report of a hurdle or zero-inflated model; `y ~ x | z` names the zero part's terms.
enum TwoPartCountReport {
  static func make(_ request: ModelRequest, _ kind: TwoPartCountModel.Kind) throws -> ModelReport {
    let options = request.options
    let name = kind.rawValue
    try options.allow([.weights, .exponentiate, .robust, .cluster, .limits, .family, .predict], for: name)
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let distribution: CountDistribution
    switch options.family {
    case nil, .poisson?: distribution = .poisson
    case .negativeBinomial?: distribution = .negativeBinomial
    case let other?:
      throw FitRequestError.badValue(
        option: "--family", value: other.rawValue, expected: "poisson or negbin")
    }
    let frame = try request.frame(taking: [.offset, .secondSide])
    guard frame.parts.count <= 2, let zeroPart = frame.parts.last else {
      throw FitRequestError.notEstimable("\(name): expected one or two right sides, y ~ x | z")
    }
    let counts = try frame.design()
    let zeros = try zeroPart.design()
    let data = TwoPartCountData(
      count: RegressionData(
        design: counts.matrix, columnNames: counts.columnNames, response: try frame.numericResponse(),
        weights: frame.weights, offset: frame.offset, hasIntercept: counts.schema.hasInterceptColumn),
      zeroDesign: zeros.matrix, zeroNames: zeros.columnNames, zeroOffset: zeroPart.offset)
    let fit = try requested { () throws(RegressionError) in
      try TwoPartCountModel(kind, distribution: distribution).fit(data)
    }

    var report = request.report(model: name, frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    let covariance = try covariance(fit, frame, options)
    let chosen = ChosenCovariance(
      estimate: covariance, reference: { _ in .normal }, jointDF: nil, convention: "normal")
    report.coefficients = chosen.table(
      terms: fit.terms, estimates: fit.coefficients, estimable: fit.estimable, level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.matrix, over: fit.terms.count, estimable: fit.estimable)
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("df", .number(Optional(fit.degreesOfFreedom))),
      .init("AIC", .number(Optional(fit.aic))), .init("BIC", .number(Optional(fit.bic))),
    ]
    if let theta = fit.theta {
      report.fit.append(.init("theta", .number(Optional(theta))))
      // pscl names the sizes of a hurdle model by its parts.
      if kind == .hurdle { report.fit.append(.init("theta.count", .number(Optional(theta)))) }
      report.fit.append(.init("logThetaSE", .number(fit.logThetaStandardError)))
    }
    report.conventions = [
      ("family", distribution.rawValue),
      ("zero part", kind == .hurdle ? "P(count > 0), logit" : "P(excess zero), logit"),
      ("information", "observed"), ("limits", "wald"),
    ]
    report.conventions += SandwichChoice.conventions(covariance)
    try addPredictions(fit, covariance, counts: counts, zeros: zeros, options, to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  /// The covariance asked for; HC2 and HC3 have no leverages here.
  private static func covariance(
    _ fit: TwoPartCountFit, _ frame: ModelFrame, _ options: FitOptions
  ) throws -> CovarianceEstimate {
    if options.robust != nil, options.cluster != nil {
      throw FitRequestError.badValue(
        option: "--robust", value: options.robust!.rawValue, expected: "--robust or --cluster, not both")
    }
    if let cluster = options.cluster {
      let groups = frame.grouping(cluster)
      guard groups.count > 1 else {
        throw FitRequestError.notEstimable(
          "--cluster: \"\(cluster)\" has one value only; expected several clusters")
      }
      return fit.sandwich(clusters: groups.codes.map(Int.init), scalesByResidualDF: false)
    }
    switch options.robust {
    case nil: return fit.covariance
    case .hc0?, .row?: return fit.sandwich(clusters: nil, scalesByResidualDF: false)
    case .hc1?: return fit.sandwich(clusters: nil, scalesByResidualDF: true)
    case let other?:
      throw FitRequestError.badValue(
        option: "--robust", value: other.rawValue,
        expected: "HC0 or HC1: a model in two parts has no leverages")
    }
  }

  /// Adds the mean outcome of each row of new data.
  private static func addPredictions(
    _ fit: TwoPartCountFit, _ covariance: CovarianceEstimate, counts: DesignMatrix, zeros: DesignMatrix,
    _ options: FitOptions, to report: inout ModelReport
  ) throws {
    guard let new = options.predict else { return }
    guard !options.predictLink else {
      throw FitRequestError.notEstimable("--link: two parts have no one linear predictor to predict")
    }
    let isModelBased = covariance.kind == .modelBased
    let means = fit.means(
      countDesign: try counts.schema.matrix(for: new), zeroDesign: try zeros.schema.matrix(for: new),
      countOffset: try counts.schema.offset(for: new), zeroOffset: try zeros.schema.offset(for: new),
      covariance: isModelBased ? fit.fullCovariance : covariance.matrix)
    let z = Reference.normal.criticalValue(level: options.confidenceLevel)
    report.sections.append(
      .init(
        "predictions",
        .array(
          means.enumerated().map { i, row -> JSONValue in
            [
              "row": .integer(i + 1), "fit": .number(row?.mean), "se": .number(row?.error),
              "conf.low": .number(row.map { $0.mean - z * $0.error }),
              "conf.high": .number(row.map { $0.mean + z * $0.error }),
            ]
          })))
    report.conventions.append(("predictions", "mean outcome"))
  }
}
