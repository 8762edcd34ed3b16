import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit ordinal`: cumulative link models (R `ordinal::clm`).
  static let ordinal = Entry(
    "ordinal", "cumulative link model of an ordered response", fit: OrdinalReport.make)
}

/// From a request to the report of a cumulative link model.
enum OrdinalReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.weights, .exponentiate, .limits, .anova, .link], for: "ordinal")
    let name = options.link ?? OrdinalLink.logit.rawValue
    guard let link = OrdinalLink(rawValue: name) else {
      throw FitRequestError.badValue(
        option: "--link", value: name, expected: OrdinalLink.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let frame = try request.frame()
    let design = try frame.design(intercept: .implied)
    let (codes, levels) = try frame.categoricalResponse()
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: codes.map(Double.init),
      weights: frame.weights, offset: frame.offset, hasIntercept: true)
    let model = OrdinalModel(link: link)
    let fit = try requested { () throws(RegressionError) in try model.fit(data, levels: levels) }

    var report = request.report(model: "ordinal", frame: frame)
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
    report.conventions = [
      ("link", link.rawValue), ("thresholds", "P(Y <= j) = F(threshold - xb)"),
      ("limits", options.limits == .profile ? "profile, thresholds wald" : "wald"),
    ]
    if options.limits == .profile { try addProfileLimits(fit, options, to: &report) }
    if let type = options.anova {
      let post = PostEstimation(
        frame: frame, design: design,
        model: EstimatedModel(
          coefficients: [], covariance: Matrix(rows: 0, columns: 0), reference: { _ in .normal }),
        options: options, intercept: .implied)
      let terms = LikelihoodRatioTerms(post: post) { matrix, names in
        var reduced = data
        reduced.design = matrix
        reduced.columnNames = names
        let refit = try requested { () throws(RegressionError) in try model.fit(reduced, levels: levels) }
        return (-2 * refit.logLikelihood, refit.estimable.count)
      }
      PostEstimation.add(try terms.tests(type: type), type: type, to: &report)
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func addProfileLimits(
    _ fit: OrdinalFit, _ options: FitOptions, to report: inout ModelReport
  ) throws {
    let first = fit.levels.count - 1
    for position in fit.estimable where position >= first {
      let limits = try requested { () throws(RegressionError) in
        try fit.profileLimits(of: position - first, level: options.confidenceLevel)
      }
      report.coefficients[position].low = limits.low
      report.coefficients[position].high = limits.high
      if limits.low == nil || limits.high == nil {
        report.warnings.append("no finite profile limit of \(report.coefficients[position].term)")
      }
    }
  }
}
