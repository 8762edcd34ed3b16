import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit aft`: accelerated failure time models (R `survival::survreg`).
  static let failureTime = Entry("aft", "accelerated failure time models", fit: FailureTimeReport.make)
}

/// From a request to the report of an accelerated failure time model.
enum FailureTimeReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.weights, .exponentiate, .robust, .cluster, .distribution], for: "aft")
    let survival = try SurvivalRequest(request, model: "aft", allowsEntry: false)
    let frame = survival.frame
    if frame.strata != nil {
      throw FitRequestError.notEstimable("aft has one scale; strata() has no meaning for it")
    }
    let design = try frame.design()
    var model = FailureTimeModel(
      Survival.FailureDistribution(rawValue: (options.distribution ?? .weibull).rawValue)!)
    let named: String
    (model.variance, named) = try CoxModelReport.variance(
      frame, options, CoxModelReport.clusters(frame, options))
    let fit = try survival.run(options) { () throws(SurvivalError) in
      try model.fit(
        survival.data, design: design.matrix, weights: frame.weights, offset: frame.offset)
    }
    var report = survival.report
    report.status = fit.status
    report.convergence = fit.convergence
    report.coefficients = fit.coefficientTable(
      terms: design.columnNames, level: options.confidenceLevel)
    let count = design.columnNames.count
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: count + (fit.estimatesScale ? 1 : 0),
      estimable: fit.estimable + (fit.estimatesScale ? [count] : []))
    report.warnings += SurvivalWarnings.aliased(fit.coefficients, design)
    report.warnings += SurvivalWarnings.diverging(fit.diverging, design)
    if fit.status == .notConverged {
      report.warnings.append("no convergence after \(fit.convergence.iterations) iterations")
    }
    report.conventions = [
      ("distribution", model.distribution.rawValue),
      ("response", model.distribution.isLogarithmic ? "log time" : "time"), ("covariance", named),
    ]
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("logLikNull", .number(fit.nullLogLikelihood)), .init("df", .integer(fit.parameterCount)),
      .init("AIC", .number(Optional(fit.aic))), .init("BIC", .number(Optional(fit.bic))),
      .init("scale", .number(Optional(fit.scale))), .init("events", .integer(fit.eventCount)),
    ]
    if let test = fit.likelihoodRatioTest, test.df > 0 {
      report.tests = [.init(name: "lr", statistic: test.statistic, df: test.df, pValue: test.pValue)]
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }
}
