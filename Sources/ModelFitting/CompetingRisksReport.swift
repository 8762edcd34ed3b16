import Glibc
import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit cuminc`: cumulative incidence with competing risks (R `cmprsk::cuminc`).
  static let cumulativeIncidence = Entry(
    "cuminc", "cumulative incidence with competing risks, Gray's test",
    fit: CumulativeIncidenceReport.make)
  /// `hekta fit finegray`: the Fine–Gray model (R `cmprsk::crr`).
  static let fineGray = Entry("finegray", "subdistribution hazards (Fine-Gray)", fit: FineGrayReport.make)
}

/// From a request to Aalen–Johansen curves and Gray's tests.
enum CumulativeIncidenceReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.rho, .times, .survivalLimits], timeRows: true, for: "cuminc")
    let survival = try SurvivalRequest(request, model: "cuminc", singleCause: false, taking: [.strata])
    let groups = try survival.frame.parts[0].termGrouping()
    let strata = survival.frame.strata
    let present = Set(survival.data.cause).subtracting([0]).map(Int.init).sorted()
    guard let last = present.last else { throw FitRequestError.notEstimable("no event among the rows") }
    let curves = CumulativeIncidence().fit(
      survival.data, group: groups?.codes, groupCount: groups?.count ?? 1, causes: last)
    var report = survival.report
    let rho = options.rho ?? 0
    report.conventions += [
      ("variance", "Gray"), ("limits", (options.survivalLimits ?? .log).rawValue), ("rho", numberText(rho)),
      ("strata", strata?.variables.joined(separator: ", ") ?? "none"),
    ]
    let labels = groups?.levels ?? ["all"]
    var rows: [JSONValue] = []
    let codes = groups?.codes ?? [Int32](repeating: 0, count: survival.frame.rowCount)
    for cause in present {
      for (number, ofGroup) in curves.enumerated() {
        let own = codes.indices.filter { Int(codes[$0]) == number }
        let events = own.count { Int(survival.data.cause[$0]) == cause }
        rows.append(
          curve(
            ofGroup[cause - 1], group: (labels[number], own.count, events), cause: cause, survival, options))
      }
    }
    report.sections.append(.init("curves", .array(rows)))
    let groupRows = labels.enumerated().map { number, label in
      observed(
        label, survival, rows: groups.map { g in g.codes.indices.filter { Int(g.codes[$0]) == number } },
        options)
    }
    report.sections.append(.init("groups", .array(groupRows)))
    guard let groups, groups.count > 1 else { return report }
    guard survival.data.entryRank == nil else {
      report.warnings.append(
        "Gray's test has no method for delayed entry (start-stop times): the curves are without a test")
      return report
    }
    for cause in present {
      let test = try survival.run(options) { () throws(SurvivalError) in
        try GrayTest(rho: rho).test(
          survival.data, cause: cause, group: groups.codes, groupCount: groups.count,
          stratum: strata?.codes, stratumCount: strata?.count ?? 1)
      }
      if test.statistic.isNaN {
        report.warnings.append("Gray's test of cause \(cause) has a singular variance and no value")
      }
      report.tests.append(
        .init(
          name: "Gray cause \(cause)", statistic: test.statistic, df: test.df, pValue: test.pValue))
    }
    return report
  }

  /// A group's size, its events of each cause, how many are censored at each time, and how many are under observation just
  /// before the times asked for.
  ///
  /// - Parameter rows: the group's rows; all where nil.
  private static func observed(
    _ group: String, _ survival: SurvivalRequest, rows: [Int]?, _ options: FitOptions
  ) -> JSONValue {
    let data = survival.data
    let rows = rows ?? Array(data.cause.indices)
    let times = data.distinctTimes
    func exit(_ row: Int) -> Double { times[Int(data.timeRank[row])] }
    var events: [Int32: Int] = [:]
    var censored: [Double: Int] = [:]
    for row in rows {
      if data.cause[row] == 0 {
        censored[exit(row), default: 0] += 1
      } else {
        events[data.cause[row], default: 0] += 1
      }
    }
    var members: [JSONValue.Member] = [
      .init("group", .string(group)), .init("n", .integer(rows.count)),
      .init(
        "causes",
        .array(
          events.sorted { $0.key < $1.key }.map { cause, count in
            ["cause": .integer(Int(cause)), "events": .integer(count)]
          })),
      .init(
        "censored",
        .array(
          censored.sorted { $0.key < $1.key }.map { time, count in
            ["time": .number(Optional(time)), "n.censor": .integer(count)]
          })),
    ]
    members += options.atTimes { time in
      let count = rows.count { row in
        exit(row) >= time && (data.entryRank.map { times[Int($0[row])] < time } ?? true)
      }
      return ["time": .number(Optional(time)), "n.risk": .integer(count)]
    }
    return .object(members)
  }

  private static func curve(
    _ curve: CumulativeIncidenceCurve, group: (name: String, n: Int, events: Int), cause: Int,
    _ survival: SurvivalRequest, _ options: FitOptions
  ) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("group", .string(group.name)), .init("cause", .integer(cause)), .init("n", .integer(group.n)),
      .init("events", .integer(group.events)),
    ]
    if let labels = survival.causeLabels, cause < labels.count {
      members.append(.init("label", .string(labels[cause])))
    }
    members.append(
      .init(
        "curve",
        .array(
          curve.time.indices.map {
            .object(point(curve.time[$0], curve.estimate[$0], curve.variance[$0], options))
          })))
    members += options.atTimes { time in
      let at = curve.at(time)
      var row = point(time, at.estimate, at.variance, options)
      if time > curve.lastTime { row.append(.init("beyond", true)) }
      return .object(row)
    }
    return .object(members)
  }

  /// One time of a curve, with limits.
  private static func point(
    _ time: Double, _ estimate: Double, _ variance: Double, _ options: FitOptions
  ) -> [JSONValue.Member] {
    let limits = CumulativeIncidenceCurve.limits(
      estimate, variance: variance,
      scale: Survival.SurvivalLimits(rawValue: (options.survivalLimits ?? .log).rawValue)!,
      level: options.confidenceLevel)
    return [
      .init("time", .number(Optional(time))), .init("est", .number(Optional(estimate))),
      .init("var", .number(Optional(variance))), .init("conf.low", .number(Optional(limits.low))),
      .init("conf.high", .number(Optional(limits.high))),
    ]
  }
}

/// From a request to the report of a Fine–Gray model.
enum FineGrayReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [.exponentiate, .cause, .anova, .marginalMeans, .predict, .link, .times], timeRows: true,
      for: "finegray")
    let survival = try SurvivalRequest(
      request, model: "finegray", singleCause: false, allowsEntry: false)
    let frame = survival.frame
    if frame.strata != nil || frame.cluster != nil || frame.offset != nil {
      throw FitRequestError.notEstimable("finegray takes no strata(), cluster() or offset()")
    }
    let design = try frame.design(intercept: .implied)
    let model = FineGrayModel(cause: options.cause ?? 1)
    let fit = try survival.run(options) { () throws(SurvivalError) in
      try model.fit(survival.data, design: design.matrix)
    }
    var report = survival.report
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
    report.conventions += [
      ("cause", String(model.cause)), ("ties", "breslow"),
      ("covariance", "Fine-Gray sandwich, censoring distribution estimated"),
    ]
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("logLikNull", .number(Optional(fit.nullLogLikelihood))),
      .init("df", .integer(fit.estimable.count)), .init("events", .integer(fit.eventCount)),
      .init("competing", .integer(fit.competingCount)),
    ]
    let test = fit.waldTest
    if test.df > 0 {
      report.tests = [
        .init(name: "wald", statistic: test.statistic, df: test.df, pValue: test.pValue)
      ]
    }
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in .normal }), options: options, intercept: .implied)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    if options.times.isEmpty {
      try post.addPredictions(to: &report, inverseLink: { exp($0) }, derivative: { exp($0) })
    } else {
      try addIncidence(fit, design, options, to: &report)
    }
    if options.exponentiate { report.exponentiate() }
    return report
  }

  /// Adds `incidence` rows: the cumulative incidence of the cause for new rows at the times asked for.
  private static func addIncidence(
    _ fit: FineGrayFit, _ design: DesignMatrix, _ options: FitOptions, to report: inout ModelReport
  ) throws {
    guard let new = options.predict else {
      throw FitRequestError.badValue(
        option: "--times", value: options.times.map(numberText).joined(separator: ","),
        expected: "--predict FILE with the rows to predict for")
    }
    let curves = fit.predictedIncidence(
      covariates: try design.schema.matrix(for: new), times: options.times.sorted())
    report.sections.append(
      .init(
        "incidence",
        .array(
          curves.enumerated().flatMap { i, curve in
            curve.map { point in
              var members: [JSONValue.Member] = [
                .init("row", .integer(i + 1)), .init("time", .number(Optional(point.time))),
                .init("est", .number(Optional(point.incidence))),
                .init("cumhaz", .number(Optional(point.cumulativeHazard))),
              ]
              if point.isBeyond { members.append(.init("beyond", true)) }
              return .object(members)
            }
          })))
    report.conventions.append(("predictions", "cumulative incidence, Breslow baseline"))
  }
}
