import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit cox`: the Cox model (R `survival::coxph`).
  static let cox = Entry("cox", "Cox proportional hazards", fit: CoxModelReport.make)
}

/// From a request to the report of a Cox model.
enum CoxModelReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .robust, .cluster, .limits, .anova, .marginalMeans, .predict, .link, .ties,
        .zph, .baseline, .centered, .frailty, .times, .survivalLimits, .penalty, .predictionType, .residuals,
        .recurrent, .greatestEvent, .standardise, .standardisationTarget,
      ], timeRows: true, for: "cox")
    var survival = try SurvivalRequest(
      request, model: "cox",
      groupings: [
        options.frailty?.variable,
        options.survival.recurrent == nil && options.standardise == nil ? nil : options.id,
      ])
    if let frailty = options.frailty { return try FrailtyReport.make(survival, frailty, options) }
    let recurrent = try options.survival.recurrent.map { try RecurrentRequest(survival, $0, options) }
    if let recurrent { survival.data = recurrent.data }
    let frame = survival.frame
    let design = try frame.design(intercept: .implied)
    let clusters = try recurrent?.persons ?? self.clusters(frame, options)
    let (variance, named) = try self.variance(frame, options, clusters)
    let model = try self.model(options, variance)
    let strata = recurrent?.strata ?? frame.strata
    let data = survival.data
    let fit = try survival.run(options) { () throws(SurvivalError) in
      try model.fit(
        data, design: design.matrix, stratum: strata?.codes, stratumCount: strata?.count ?? 1,
        weights: frame.weights, offset: frame.offset)
    }
    var report = survival.report
    try describe(fit, design, options, clusters, in: &report)
    report.conventions +=
      [("ties", model.ties.rawValue), ("covariance", named)]
      + (strata.map { [("strata", $0.variables.joined(separator: ", "))] } ?? [])
    if model.penalty == .firth {
      try addFirth(fit, options, to: &report)
    } else {
      report.conventions.append(("limits", (options.limits ?? .wald).rawValue))
      if options.limits == .profile {
        try addProfileLimits(fit, level: options.confidenceLevel, to: &report)
      }
    }
    if let recurrent { report.conventions += recurrent.conventions }
    if let transform = options.zph { try addProportionalHazards(fit, design, transform, to: &report) }
    if options.baseline { addBaseline(fit, strata, centered: options.centered, to: &report) }
    try CoxPostEstimation(fit: fit, frame: frame, design: design, options: options) { matrix in
      try survival.run(options) { () throws(SurvivalError) in
        try model.fit(
          data, design: matrix, stratum: strata?.codes, stratumCount: strata?.count ?? 1,
          weights: frame.weights, offset: frame.offset)
      }
    }.add(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func model(_ options: FitOptions, _ variance: CoxModel.Variance) throws -> CoxModel {
    var model = CoxModel(
      ties: CoxTies(rawValue: (options.ties ?? .efron).rawValue)!, variance: variance)
    guard options.survival.penalty == .firth else { return model }
    if options.zph != nil {
      throw FitRequestError.optionWithoutMeaning(option: "--zph", model: "cox with --penalty firth")
    }
    model.penalty = .firth
    model.maximumIterations = 200
    guard variance == .modelBased else {
      throw FitRequestError.optionWithoutMeaning(
        option: "a sandwich covariance (--robust, --cluster, fractional weights)",
        model: "cox with --penalty firth")
    }
    return model
  }

  /// The penalised likelihood's limits and tests: profile limits and likelihood ratios unless `--ci wald`.
  private static func addFirth(_ fit: CoxFit, _ options: FitOptions, to report: inout ModelReport) throws {
    report.conventions.append(("penalty", "Jeffreys (Firth)"))
    report.tests.removeAll { $0.name == "score" }
    let usesProfile = options.limits != .wald
    report.conventions += [
      ("limits", usesProfile ? "profile" : "wald"),
      ("p", usesProfile ? "penalised likelihood ratio" : "wald"),
    ]
    guard usesProfile else { return }
    for j in fit.estimable {
      let test = fit.likelihoodRatioTest(column: j)
      report.coefficients[j].statistic = test?.statistic
      report.coefficients[j].pValue = test?.pValue
    }
    try addProfileLimits(fit, level: options.confidenceLevel, to: &report)
  }

  /// The clusters of `cluster()` or `--cluster`.
  static func clusters(_ frame: ModelFrame, _ options: FitOptions) throws -> Grouping? {
    if frame.cluster != nil, options.cluster != nil {
      throw FitRequestError.badValue(
        option: "--cluster", value: options.cluster!,
        expected: "cluster() in the formula or --cluster, not both")
    }
    return frame.cluster ?? options.cluster.map { frame.grouping($0) }
  }

  static func variance(
    _ frame: ModelFrame, _ options: FitOptions, _ clusters: Grouping?
  ) throws -> (CoxModel.Variance, String) {
    if let robust = options.robust, robust != .row {
      throw FitRequestError.badValue(
        option: "--robust", value: robust.rawValue,
        expected: "no value: the sandwich of a Cox model is by row")
    }
    if let clusters {
      guard clusters.count > 1 else {
        throw FitRequestError.notEstimable("the cluster variable \(clusters.name) has one value only")
      }
      return (.clustered(codes: clusters.codes, count: clusters.count), "sandwich by \(clusters.name)")
    }
    if options.robust != nil { return (.robust, "sandwich by row") }
    // A weight that is no count speaks of sampling, not of repeated rows: the inverse information would be wrong.
    if let weights = frame.weights, weights.contains(where: { $0 != $0.rounded(.down) }) {
      return (.robust, "sandwich by row, since weights are not whole numbers")
    }
    return (.modelBased, "model-based")
  }

  private static func describe(
    _ fit: CoxFit, _ design: DesignMatrix, _ options: FitOptions, _ clusters: Grouping?,
    in report: inout ModelReport
  ) throws {
    report.status = fit.status
    report.convergence = fit.convergence
    report.coefficients = fit.coefficientTable(
      terms: design.columnNames, level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.covariance.matrix, over: design.columnNames.count, estimable: fit.estimable)
    report.warnings += SurvivalWarnings.aliased(fit.coefficients, design)
    report.warnings += SurvivalWarnings.diverging(fit.diverging, design)
    if fit.status == .notConverged {
      report.warnings.append("no convergence after \(fit.convergence.iterations) iterations")
    }
    report.warnings += SurvivalWarnings.tied(fit)
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("logLikNull", .number(Optional(fit.nullLogLikelihood))),
      .init("df", .integer(fit.estimable.count)), .init("AIC", .number(Optional(fit.aic))),
      .init("BIC", .number(Optional(fit.bic))), .init("events", .integer(fit.eventCount)),
    ]
    if !options.isBrief {
      let concordance = fit.concordance(clusters: clusters.map { ($0.codes, $0.count) })
      report.fit += [
        .init("concordance", .number(Optional(concordance.estimate))),
        .init("concordanceSE", .number(Optional(concordance.standardError))),
      ]
    }
    for (name, test) in [
      ("lr", fit.likelihoodRatioTest), ("wald", fit.waldTest), ("score", fit.scoreTest),
    ] where test.df > 0 {
      report.tests.append(
        .init(name: name, statistic: test.statistic, df: test.df, pValue: test.pValue))
    }
  }

  private static func addProfileLimits(_ fit: CoxFit, level: Double, to report: inout ModelReport) throws {
    guard case .modelBased = fit.covariance.kind else {
      throw FitRequestError.badValue(
        option: "--ci", value: "profile", expected: "wald: profile limits know no robust variance")
    }
    for j in fit.estimable {
      let limits = fit.profileLimits(column: j, level: level)
      report.coefficients[j].low = limits.low
      report.coefficients[j].high = limits.high
      if limits.low == nil || limits.high == nil {
        report.warnings.append("no finite profile limit of \(report.coefficients[j].term)")
      }
    }
  }

  private static func addProportionalHazards(
    _ fit: CoxFit, _ design: DesignMatrix, _ transform: FitOptions.ZPHTransform,
    to report: inout ModelReport
  ) throws {
    let test = try requested { () throws(SurvivalError) in
      try fit.proportionalHazardsTest(
        termOfColumn: design.assign.map { $0 - 1 },
        transform: TimeTransform(rawValue: transform.rawValue)!)
    }
    var rows = zip(design.terms.labels, test.terms).compactMap { label, test in
      test.map { (label, $0) }
    }
    rows.append(("GLOBAL", test.global))
    report.sections.append(
      .init(
        "zph",
        .array(
          rows.map { term, test in
            [
              "term": .string(term), "chisq": .number(Optional(test.statistic)),
              "df": .number(Optional(test.df)), "p.value": .number(Optional(test.pValue)),
            ]
          })))
    report.conventions.append(("zph time", transform.rawValue))
  }

  private static func addBaseline(
    _ fit: CoxFit, _ strata: Grouping?, centered: Bool, to report: inout ModelReport
  ) {
    let hazards = fit.baselineHazards(centered: centered)
    let times = hazards.flatMap(\.time)
    var columns: [(name: String, values: JSONRecords.Column)] = [
      ("time", .numbers(times)), ("cumhaz", .numbers(hazards.flatMap(\.cumulativeHazard))),
    ]
    if let strata {
      let codes = hazards.flatMap { [Int32](repeating: Int32($0.stratum), count: $0.time.count) }
      columns.insert(("stratum", .texts(codes: codes, strata.labels)), at: 0)
    }
    report.sections.append(.init("baseline", .records(JSONRecords(count: times.count, columns))))
    report.conventions.append(("baseline at", centered ? "means of the covariates" : "covariates 0"))
  }
}
