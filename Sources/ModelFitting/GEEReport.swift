import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit gee`: generalised estimating equations (R `geepack::geeglm`).
  static let gee = Entry("gee", "generalised estimating equations", fit: GEEReport.make)
}

/// From a request to the report of generalised estimating equations.
enum GEEReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .exponentiate, .limits, .anova, .marginalMeans, .standardise, .predict, .family, .link, .id,
        .correlation,
      ], for: "gee")
    if options.limits == .profile {
      throw FitRequestError.badValue(
        option: "--ci", value: "profile", expected: "wald: estimating equations have no likelihood")
    }
    guard let id = options.id else {
      throw FitRequestError.notEstimable("gee: --id must name the column of subjects")
    }
    let mean = try GeneralisedLinearModelReport.model(options)
    let structure = WorkingCorrelation(rawValue: (options.correlation ?? .independence).rawValue)!
    let frame = try request.frame(groupings: [id])
    let design = try frame.design()
    let (response, trials) =
      mean.family.isBinomial
      ? try frame.binomialResponse() : (share: try frame.numericResponse(), trials: nil)
    guard trials == nil else {
      throw FitRequestError.notEstimable("gee: the response must be one of 0 and 1 a row, not cbind()")
    }
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: response, offset: frame.offset,
      hasIntercept: design.schema.hasInterceptColumn)
    let fit = try requested { () throws(RegressionError) in
      try GEEModel(mean: mean, correlation: structure).fit(
        data, subjects: frame.grouping(id).codes.map(Int.init))
    }

    var report = request.report(model: "gee", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = fit.coefficientTable(level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    report.fit = [
      .init("scale", .number(Optional(fit.scale))), .init("alpha", .numbers(fit.alpha)),
      .init("subjects", .integer(fit.subjectCount)), .init("largestSubject", .integer(fit.largestSubject)),
      .init("df", .integer(fit.estimableColumns.count)),
    ]
    report.conventions = [
      ("family", mean.family.name), ("link", mean.link.rawValue), ("correlation", structure.rawValue),
      ("covariance", "sandwich by \(id)"), ("rows of a subject", "in the order of the data"),
      ("limits", "wald"),
    ]
    try addPostEstimation(fit, frame, design, options, to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func addPostEstimation(
    _ fit: GEEFit, _ frame: ModelFrame, _ design: DesignMatrix, _ options: FitOptions,
    to report: inout ModelReport
  ) throws {
    guard fit.status != .separated else { return }
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options)
    let link = fit.model.mean.link
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try post.addStandardisation(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
    try post.addPredictions(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
  }
}
