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
  /// The replicates and the seed of `--se boot`; a run repeats itself digit for digit.
  private static let bootstrap = QuantileModel.StandardError.bootstrap(replicates: 1000, seed: 1)

  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [.weights, .exponentiate, .limits, .marginalMeans, .predict, .tau, .quantileError], for: "quantile")
    if options.limits == .profile {
      throw FitRequestError.badValue(option: "--ci", value: "profile", expected: "wald")
    }
    let taus = options.taus.isEmpty ? [0.5] : options.taus
    guard taus.count == 1 || (options.marginalMeans.isEmpty && options.predict == nil) else {
      throw FitRequestError.notEstimable("--emmeans and --predict need a single --tau")
    }
    let (standardError, named): (QuantileModel.StandardError, String) =
      switch options.quantileError {
      case nil, .nid?: (.notIdentical, "nid")
      case .iid?: (.identical, "iid")
      case .boot?: (bootstrap, "bootstrap of rows, 1000 replicates, seed 1")
      }
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
