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
    try options.allow([.weights, .exponentiate, .limits, .family], for: name)
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
    let frame = try request.frame()
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
    report.coefficients = fit.coefficientTable(level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: fit.terms.count, estimable: fit.estimable)
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
    if options.exponentiate { report.exponentiate() }
    return report
  }
}
