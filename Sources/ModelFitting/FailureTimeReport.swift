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
    try options.allow(
      [
        .weights, .exponentiate, .robust, .cluster, .distribution, .anova, .marginalMeans, .predict, .link,
      ], timeRows: true, for: "aft")
    let survival = try SurvivalRequest(request, model: "aft", allowsEntry: false)
    let frame = survival.frame
    let design = try frame.design()
    var model = FailureTimeModel(
      Survival.FailureDistribution(rawValue: (options.distribution ?? .weibull).rawValue)!)
    let named: String
    (model.variance, named) = try CoxModelReport.variance(
      frame, options, CoxModelReport.clusters(frame, options))
    let chosen = model
    let strata = frame.strata
    func fitted(_ matrix: Matrix) throws -> FailureTimeFit {
      try survival.run(options) { () throws(SurvivalError) in
        try chosen.fit(
          survival.data, design: matrix, weights: frame.weights, offset: frame.offset, stratum: strata?.codes,
          stratumCount: strata?.count ?? 1)
      }
    }
    let fit = try fitted(design.matrix)
    var report = survival.report
    report.status = fit.status
    report.convergence = fit.convergence
    report.coefficients = fit.coefficientTable(
      terms: design.columnNames, strata: strata?.labels, level: options.confidenceLevel)
    let count = design.columnNames.count
    let scales = fit.estimatesScale ? fit.scales.count : 0
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: count + scales,
      estimable: fit.estimable + (0..<scales).map { count + $0 })
    report.warnings += SurvivalWarnings.aliased(fit.coefficients, design)
    report.warnings += SurvivalWarnings.diverging(fit.diverging, design)
    if fit.status == .notConverged {
      report.warnings.append("no convergence after \(fit.convergence.iterations) iterations")
    }
    report.conventions += [
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
    if let strata {
      report.conventions.append(("scales", "one a stratum of \(strata.variables.joined(separator: ", "))"))
      report.sections.append(
        .init(
          "scales",
          .array(
            zip(strata.labels, fit.scales).map { ["stratum": .string($0), "scale": .number(Optional($1))] })))
    }
    try FailureTimePostEstimation(fit: fit, frame: frame, design: design, options: options, refit: fitted)
      .add(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }
}
