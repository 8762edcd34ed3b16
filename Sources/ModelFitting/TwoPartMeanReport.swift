import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit twopart`: the mean of an outcome with many zeros in two parts (Stata `twopm`).
  static let twoPartMean = Entry(
    "twopart", "mean of an outcome with many zeros (hours, earnings), in two parts",
    fit: TwoPartMeanReport.make)
}

/// From a request to the report of a two-part mean; `y ~ x | z` names the first part's terms after the bar.
///
/// What is estimated is the mean of all, zeros included, under each level of one variable, averaged over the rows, and
/// the difference and ratio of those means; a bootstrap of rows within levels is set beside the delta method.
enum TwoPartMeanReport {
  /// The replicates where none are asked for.
  static let draws = 1000

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .cluster, .limits, .standardise, .standardisationTarget, .predict, .family,
        .link, .draws, .seed,
      ], for: "twopart")
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let model = try model(options)
    let frame = try request.frame(taking: [.offset, .secondSide])
    let parts = try Parts(frame)
    let fit = try requested { () throws(RegressionError) in try parts.fit(model) }

    var report = request.report(model: "twopart", frame: frame)
    report.status = fit.status
    report.convergence = fit.convergence
    report.warnings = fit.warnings
    report.fit = [
      .init("zeros", .integer(fit.rowCount - fit.positiveRows.count)),
      .init("shareZero", .number(1 - Double(fit.positiveRows.count) / Double(fit.rowCount))),
      .init("dispersion", .number(Optional(fit.positive.dispersion))),
      .init("df", .integer(fit.estimable.count)),
    ]
    report.conventions = [
      ("first part", "P(\(parts.responseName) > 0), logit"),
      ("second part", "\(model.positive.family.name), \(model.positive.link.rawValue)"), ("limits", "wald"),
    ]
    guard fit.status != .separated else {
      report.coefficients = fit.terms.map { Coefficient(term: $0) }
      return report
    }
    let clusters = try options.cluster.map { name -> [Int] in
      let groups = frame.grouping(name)
      guard groups.count > 1 else {
        throw FitRequestError.notEstimable(
          "--cluster: \"\(name)\" has one value only; expected several clusters")
      }
      return groups.codes.map(Int.init)
    }
    let covariance = try requested { () throws(RegressionError) in try fit.covariance(clusters: clusters) }
    let chosen = ChosenCovariance(
      estimate: covariance, reference: { _ in .normal }, jointDF: nil, convention: "normal")
    report.coefficients = chosen.table(
      terms: fit.terms, estimates: fit.coefficients, estimable: fit.estimable, level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.matrix, over: fit.terms.count, estimable: fit.estimable)
    report.conventions += SandwichChoice.conventions(covariance)
    try addMeans(fit, covariance, parts, model, clusters, options, to: &report)
    try addPredictions(fit, covariance, parts, options, to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func model(_ options: FitOptions) throws -> TwoPartMeanModel {
    let suitable: [FitOptions.Family] = [.gamma, .inverseGaussian, .gaussian, .poisson, .quasipoisson]
    let name = options.family ?? .gamma
    guard suitable.contains(name), let family = Regression.Family(named: name.rawValue) else {
      throw FitRequestError.badValue(
        option: "--family", value: name.rawValue, expected: suitable.map(\.rawValue).joined(separator: ", "))
    }
    let link = options.link ?? Link.log.rawValue
    guard let link = Link(rawValue: link), family.links.contains(link) else {
      throw FitRequestError.badValue(
        option: "--link", value: link, expected: family.links.map(\.rawValue).joined(separator: ", "))
    }
    return try requested { () throws(RegressionError) in try TwoPartMeanModel(family: family, link: link) }
  }

  /// The designs of both parts over the rows used.
  struct Parts {
    let frame: ModelFrame
    let mean: DesignMatrix
    let any: DesignMatrix
    let data: RegressionData

    init(_ frame: ModelFrame) throws {
      guard frame.parts.count <= 2, let last = frame.parts.last else {
        throw FitRequestError.notEstimable("twopart: expected one or two right sides, y ~ x | z")
      }
      guard frame.parts.allSatisfy({ $0.offset == nil }) else {
        throw FitRequestError.notEstimable("twopart takes no offset()")
      }
      self.frame = frame
      mean = try frame.design()
      any = try last.design()
      data = RegressionData(
        design: mean.matrix, columnNames: mean.columnNames, response: try frame.numericResponse(),
        weights: frame.weights, hasIntercept: mean.schema.hasInterceptColumn)
    }

    var responseName: String { frame.formula.response?.text ?? "y" }

    func fit(_ model: TwoPartMeanModel) throws(RegressionError) -> TwoPartMeanFit {
      try model.fit(data, anyDesign: any.matrix, anyNames: any.columnNames)
    }

    /// The predictions of a fit for other data.
    func prediction(_ fit: TwoPartMeanFit, for data: DataFrame) throws -> TwoPartMeanFit.Prediction {
      fit.prediction(
        anyDesign: try any.schema.matrix(for: data), meanDesign: try mean.schema.matrix(for: data))
    }
  }

  /// Adds the `marginal` rows and the bootstrap beside them.
  private static func addMeans(
    _ fit: TwoPartMeanFit, _ covariance: CovarianceEstimate, _ parts: Parts, _ model: TwoPartMeanModel,
    _ clusters: [Int]?, _ options: FitOptions, to report: inout ModelReport
  ) throws {
    guard let variable = options.standardise ?? parts.frame.parts[0].predictors.first?.name else { return }
    let post = PostEstimation(
      frame: parts.frame, design: parts.mean,
      model: EstimatedModel(
        coefficients: [], covariance: Matrix(rows: 0, columns: 0), reference: { _ in .normal }),
      options: options)
    let settings = try post.standardisedRows(variable)
    let predictions = try settings.map { try parts.prediction(fit, for: $0.rows) }
    let target = options.standardisationTarget ?? .sample
    let all = fit.standardised(
      predictions, weights: parts.frame.weights, covariance: covariance, isPopulation: target == .population)
    let levels = settings.map(\.level)
    let level = options.confidenceLevel
    let means = Standardisation(
      levels: levels, estimates: all.means, covariance: all.meanCovariance, level: level, measure: .mean)
    let shares = Standardisation(
      levels: levels, estimates: all.shares, covariance: all.shareCovariance, level: level)
    report.sections.append(.init("marginal", .array(means.rows.map(PostEstimation.json))))
    report.sections.append(.init("positive", .array(shares.rows.map(PostEstimation.json))))
    report.conventions += [("standardised over", variable), ("standardisation target", target.rawValue)]

    let draws = options.draws ?? Self.draws
    let bootstrap = TwoPartMeanBootstrap(
      parts: parts, model: model,
      settings: try settings.map { setting in
        (
          try parts.any.schema.matrix(for: setting.rows), try parts.mean.schema.matrix(for: setting.rows)
        )
      }, strata: strata(parts.frame, variable, clusters), draws: draws, seed: options.seed ?? 1)
    let check = bootstrap.check(means, level: level)
    report.sections.append(.init("bootstrap", .array(check.rows)))
    report.warnings += check.warnings
    report.conventions.append(
      (
        "bootstrap",
        "\(clusters == nil ? "rows" : "clusters") within \(variable), percentile limits, \(draws) draws, seed \(options.seed ?? 1)"
      ))
  }

  /// The units that are resampled together, by level of the variable: rows, or all rows of a cluster.
  private static func strata(_ frame: ModelFrame, _ variable: String, _ clusters: [Int]?) -> [[[Int]]] {
    let codes: [Int]
    if let values = frame.data.selecting(rows: Array(frame.rows))[variable],
      case .categorical(let found, _) = values.asCategorical
    {
      codes = found.map(Int.init)
    } else {
      codes = [Int](repeating: 0, count: frame.rowCount)
    }
    guard let clusters else {
      return Dictionary(grouping: codes.indices, by: { codes[$0] }).sorted { $0.key < $1.key }
        .map { $0.value.map { [$0] } }
    }
    // Clusters may hold rows of several levels: they are drawn from one pool.
    return [
      Dictionary(grouping: clusters.indices, by: { clusters[$0] }).sorted { $0.key < $1.key }.map(\.value)
    ]
  }

  private static func addPredictions(
    _ fit: TwoPartMeanFit, _ covariance: CovarianceEstimate, _ parts: Parts, _ options: FitOptions,
    to report: inout ModelReport
  ) throws {
    guard let new = options.predict else { return }
    guard !options.predictLink else {
      throw FitRequestError.notEstimable("twopart: two parts have no one linear predictor to predict")
    }
    let prediction = try parts.prediction(fit, for: new)
    let z = Reference.normal.criticalValue(level: options.confidenceLevel)
    let rows = fit.rowMeans(prediction, covariance: covariance).enumerated().map { i, row -> JSONValue in
      [
        "row": .integer(i + 1), "fit": .number(Optional(row.mean)), "se": .number(Optional(row.error)),
        "conf.low": .number(Optional(row.mean - z * row.error)),
        "conf.high": .number(Optional(row.mean + z * row.error)),
      ]
    }
    report.sections.append(.init("predictions", .array(rows)))
  }
}
