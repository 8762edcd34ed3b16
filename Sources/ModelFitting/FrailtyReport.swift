import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

/// From a request to the report of a Cox model with a shared frailty (`--frailty gamma|gaussian:VARIABLE`).
enum FrailtyReport {
  static func make(
    _ survival: SurvivalRequest, _ frailty: FitOptions.Frailty, _ options: FitOptions
  ) throws -> ModelReport {
    for (given, option) in [
      (options.robust != nil, "--robust"),
      (options.cluster != nil || survival.frame.cluster != nil, "a cluster"),
      (options.limits == .profile, "--ci profile"), (options.zph != nil, "--zph"),
      (options.baseline, "--baseline"), (options.ties == .exact, "--ties exact"),
      (options.predict != nil || !options.times.isEmpty, "--predict or --times"),
      (options.survival.penalty != nil, "--penalty"), (!options.survival.residuals.isEmpty, "--residuals"),
      (options.survival.recurrent != nil, "--recurrent"), (options.standardise != nil, "--standardise"),
    ] where given {
      throw FitRequestError.optionWithoutMeaning(option: option, model: "cox with --frailty")
    }
    let frame = survival.frame
    let design = try frame.design(intercept: .implied)
    let groups = frame.grouping(frailty.variable)
    let model = FrailtyModel(
      FrailtyDistribution(rawValue: frailty.distribution.rawValue)!,
      ties: CoxTies(rawValue: (options.ties ?? .efron).rawValue)!)
    let fit = try survival.run(options) { () throws(SurvivalError) in
      try model.fit(
        survival.data, design: design.matrix, group: groups.codes, groupCount: groups.count,
        stratum: frame.strata?.codes, stratumCount: frame.strata?.count ?? 1, weights: frame.weights,
        offset: frame.offset)
    }
    let prefix = model.distribution == .gamma ? "gamma" : "gauss"
    let names = groups.levels.map { "\(prefix):\($0)" }
    var report = survival.report
    report.status = fit.status
    report.convergence = fit.convergence
    report.coefficients = fit.coefficientTable(
      terms: design.columnNames, groups: names, level: options.confidenceLevel)
    let count = design.columnNames.count
    if let joint = fit.jointCovariance {
      report.covariance = ModelReport.spread(
        joint, over: count + groups.count, estimable: fit.estimable + groups.levels.indices.map { count + $0 }
      )
    } else {
      report.covariance = ModelReport.spread(fit.covariance.matrix, over: count, estimable: fit.estimable)
    }
    report.warnings += SurvivalWarnings.aliased(fit.coefficients, design)
    report.warnings += SurvivalWarnings.diverging(fit.withoutFrailty.diverging, design)
    if fit.status == .boundary {
      report.warnings.append("the variance of the frailty is 0: the fit is that without a frailty")
    }
    if fit.status == .notConverged { report.warnings.append("the frailty model did not converge") }
    report.conventions += [
      ("ties", model.ties.rawValue),
      ("frailty", "\(frailty.distribution.rawValue) by \(frailty.variable)"),
      ("frailty variance", model.distribution == .gamma ? "integrated likelihood" : "REML"),
      ("covariance", "penalised information at the estimated frailty variance"),
    ]
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("logLikNull", .number(Optional(fit.nullLogLikelihood))),
      .init("logLikWithoutFrailty", .number(Optional(fit.withoutFrailty.logLikelihood))),
      .init("integratedLogLik", .number(fit.integratedLogLikelihood)),
      .init("df", .number(Optional(fit.covariateFreedom + fit.frailtyFreedom))),
      .init("frailtyVariance", .number(Optional(fit.variance))),
      .init("frailtyDf", .number(Optional(fit.frailtyFreedom))),
      .init("groups", .integer(groups.count)), .init("events", .integer(survival.data.eventCount)),
    ]
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options, intercept: .implied)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }
}
