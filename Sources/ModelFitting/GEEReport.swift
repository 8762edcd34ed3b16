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
        .weights, .exponentiate, .limits, .anova, .marginalMeans, .standardise, .standardisationTarget,
        .predict, .family, .link, .id, .correlation, .clusterCorrection, .degreesOfFreedom, .moments,
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
    // A share of successes varies as one row of 0 or 1 does over its number of trials, which is thus a weight.
    let weights = trials.map { trials in
      trials.indices.map { trials[$0] * (frame.weights?[$0] ?? 1) }
    }
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: response,
      weights: weights ?? frame.weights, offset: frame.offset,
      hasIntercept: design.schema.hasInterceptColumn)
    let fit = try requested { () throws(RegressionError) in
      var model = GEEModel(mean: mean, correlation: structure)
      if options.moments == .residual { model.moments = .residual }
      return try model.fit(data, subjects: frame.grouping(id).codes.map(Int.init))
    }
    let covariance = try covariance(fit, options)

    var report = request.report(model: "gee", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.coefficients = covariance.table(
      terms: design.columnNames, estimates: fit.coefficients, estimable: fit.estimableColumns,
      level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.estimate.matrix, over: design.matrix.columns, estimable: fit.estimableColumns)
    report.fit = [
      .init("scale", .number(Optional(fit.scale))), .init("alpha", .numbers(fit.alpha)),
      .init("subjects", .integer(fit.subjectCount)), .init("largestSubject", .integer(fit.largestSubject)),
      .init("df", .integer(fit.estimableColumns.count)),
    ]
    report.conventions = [
      ("family", mean.family.name), ("link", mean.link.rawValue), ("correlation", structure.rawValue),
      (
        "covariance",
        "sandwich by \(id)" + (options.clusterCorrection.map { " \($0.rawValue)" } ?? "")
      ), ("df", covariance.convention),
      (
        "moments",
        options.moments == .residual ? "over observations less coefficients" : "over observations"
      ), ("rows of a subject", "in the order of the data"),
      ("limits", "wald"),
    ]
    try addPostEstimation(fit, covariance, frame, design, options, to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  /// The sandwich over subjects with the small-sample correction and degrees of freedom asked for.
  private static func covariance(_ fit: GEEFit, _ options: FitOptions) throws -> ChosenCovariance {
    let normal = ChosenCovariance(
      estimate: fit.covariance, reference: { _ in .normal }, jointDF: nil, convention: "normal")
    guard let parts = fit.clusterRobust else { return normal }
    guard options.clusterCorrection != .cr1p || parts.clusterCount > fit.estimableColumns.count else {
      throw FitRequestError.notEstimable(
        "--cluster-correction CR1p: \(parts.clusterCount) subjects for \(fit.estimableColumns.count) coefficients"
      )
    }
    let correction = options.clusterCorrection.map {
      ClusterRobustCovariance.Correction(rawValue: $0.rawValue)!
    }
    let adjusted = try parts.adjusted(correction ?? .cr0)
    var chosen = normal
    if correction != nil { chosen.estimate = adjusted.covariance }
    switch options.degreesOfFreedom {
    case nil where correction == nil, .normal?: return chosen
    case nil, .satterthwaite?:
      let estimable = fit.estimableColumns
      chosen.reference = { contrast in .t(adjusted.degreesOfFreedom(estimable.map { contrast[$0] })) }
      chosen.hotelling = adjusted
      chosen.convention = SandwichChoice.satterthwaite
    case .clusters?:
      let df = Double(parts.clusterCount - 1)
      chosen.reference = { _ in .t(df) }
      chosen.convention = "subjects less one"
    case let other?:
      throw FitRequestError.badValue(
        option: "--ddf", value: other.rawValue, expected: "normal, clusters or satterthwaite for gee")
    }
    return chosen
  }

  private static func addPostEstimation(
    _ fit: GEEFit, _ covariance: ChosenCovariance, _ frame: ModelFrame, _ design: DesignMatrix,
    _ options: FitOptions,
    to report: inout ModelReport
  ) throws {
    guard !fit.estimableColumns.isEmpty, fit.status != .separated else { return }
    // A test by the moments of the clusters is of a hypothesis that must not depend on them.
    let rows =
      options.anova == nil || covariance.hotelling == nil
      ? nil : design.matrix.selecting(columns: fit.estimableColumns)
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: covariance, design: design.matrix, isF: false),
      options: options, designOfTypeII: rows)
    let link = fit.model.mean.link
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try post.addStandardisation(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
    try post.addPredictions(
      to: &report, inverseLink: { link.mean(of: $0) }, derivative: { link.slope(at: $0) })
  }
}
