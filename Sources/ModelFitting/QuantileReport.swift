import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit quantile`: linear quantile regression (R `quantreg::rq`).
  static let quantile = Entry("quantile", "linear quantile regression", fit: QuantileReport.make)
}

/// From a request to the report of one or several regression quantiles.
enum QuantileReport {
  /// The standard error asked for and what it is called; a run of the bootstrap repeats itself digit for digit.
  private static func standardError(
    _ options: FitOptions
  ) throws(FitRequestError) -> (QuantileModel.StandardError, String) {
    guard options.quantileError == .boot else {
      if let option = options.given.first(where: { [.draws, .seed, .bootstrapScheme].contains($0) }) {
        throw .badValue(option: option.rawValue, value: "without --se boot", expected: "--se boot beside it")
      }
      return options.quantileError == .iid ? (.identical, "iid") : (.notIdentical, "nid")
    }
    let draws = options.draws ?? 1000
    guard draws > 1 else { throw .badValue(option: "--draws", value: "\(draws)", expected: "2 or more") }
    let seed = options.seed ?? 1
    let scheme = options.bootstrapScheme ?? .rows
    return (
      .bootstrap(
        replicates: draws, seed: UInt64(seed),
        scheme: QuantileModel.BootstrapScheme(rawValue: scheme.rawValue)!),
      "bootstrap of \(scheme.rawValue), \(draws) draws, seed \(seed)"
    )
  }

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .limits, .marginalMeans, .predict, .tau, .quantileError, .draws, .seed,
        .bootstrapScheme,
      ], for: "quantile")
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let taus = options.taus.isEmpty ? [0.5] : options.taus
    guard taus.count == 1 || (options.marginalMeans.isEmpty && options.predict == nil) else {
      throw FitRequestError.notEstimable("--emmeans and --predict need a single --tau")
    }
    let (standardError, named) = try standardError(options)
    let frame = try request.frame()
    let design = try frame.design()
    let data = RegressionData(
      design: design.matrix, columnNames: design.columnNames, response: try frame.numericResponse(),
      weights: frame.weights, offset: frame.offset, hasIntercept: design.schema.hasInterceptColumn)

    var report = request.report(model: "quantile", frame: frame)
    report.conventions = [("standard error", named), ("df", "residual"), ("limits", "wald")]
    let width = design.columnNames.count
    report.covariance = [[Double?]](
      repeating: [Double?](repeating: nil, count: width * taus.count), count: width * taus.count)
    var iterations = 0
    for (number, tau) in taus.enumerated() {
      let fit = try requested { () throws(RegressionError) in
        try QuantileModel(tau: tau, standardError: standardError).fit(data)
      }
      iterations += fit.convergence.iterations
      let block = ModelReport.spread(fit.covariance.matrix, over: width, estimable: fit.estimableColumns)
      for (j, row) in fit.coefficientTable(level: options.confidenceLevel).enumerated() {
        report.coefficientExtras[report.coefficients.count] = [.init("tau", .number(Optional(tau)))]
        report.coefficients.append(row)
        for k in 0..<width { report.covariance[number * width + j][number * width + k] = block[j][k] }
      }
      report.warnings += fit.warnings.map { taus.count > 1 ? "tau \(tau): \($0)" : $0 }
      if number == 0 {
        report.fit = [
          .init("df", .integer(fit.estimableColumns.count)),
          .init("dfResidual", .integer(fit.residualDegreesOfFreedom)),
        ]
      }
      report.fit.append(
        .init(taus.count > 1 ? "objective.\(tau)" : "objective", .number(Optional(fit.objective))))
      if taus.count == 1 { try addPostEstimation(fit, frame, design, options, to: &report) }
    }
    report.convergence = Convergence(
      isConverged: true, iterations: iterations, criterion: "no exchange lowers the objective")
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func addPostEstimation(
    _ fit: QuantileFit, _ frame: ModelFrame, _ design: DesignMatrix, _ options: FitOptions,
    to report: inout ModelReport
  ) throws {
    let reference = fit.reference
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance.matrix, design: design.matrix,
        reference: { _ in reference }), options: options)
    try post.addMarginalMeans(to: &report)
    try post.addPredictions(to: &report)
  }
}
