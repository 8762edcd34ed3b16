import Inference
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit firth`: logistic regression with Firth's penalty (R `logistf`).
  static let firth = Entry("firth", "logistic regression with Firth's penalty", fit: FirthReport.make)
}

/// From a request to the report of a Firth regression.
enum FirthReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [.weights, .exponentiate, .limits, .marginalMeans, .standardise, .predict], for: "firth")
    let frame = try request.frame()
    let design = try frame.design()
    let (response, trials) = try frame.binomialResponse()
    var weights = frame.weights
    if let trials { weights = trials.indices.map { trials[$0] * (frame.weights?[$0] ?? 1) } }
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: response, weights: weights,
      offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)
    let fit = try requested { () throws(RegressionError) in try FirthModel().fit(data) }
    let usesProfile = options.limits != .wald

    var report = request.report(model: "firth", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = try requested { () throws(RegressionError) in
      try fit.coefficientTable(usesProfile: usesProfile, level: options.confidenceLevel)
    }
    for row in report.coefficients where row.estimate != nil && (row.low == nil || row.high == nil) {
      report.warnings.append("no finite profile limit of \(row.term)")
    }
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    report.fit = [
      .init("logLik", .number(Optional(fit.penalisedLogLikelihood))),
      .init("df", .number(Optional(fit.degreesOfFreedom))),
      .init("events", .number(Optional(response.reduce(0, +)))),
    ]
    report.conventions = [
      ("penalty", "Jeffreys"), ("limits", usesProfile ? "profile" : "wald"),
      ("p", usesProfile ? "penalised likelihood ratio" : "wald"),
    ]
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options)
    try post.addMarginalMeans(to: &report)
    try post.addStandardisation(
      to: &report, inverseLink: { Link.logit.mean(of: $0) }, derivative: { Link.logit.slope(at: $0) })
    try post.addPredictions(
      to: &report, inverseLink: { Link.logit.mean(of: $0) }, derivative: { Link.logit.slope(at: $0) })
    if options.exponentiate { report.exponentiate() }
    return report
  }
}
