import Glibc
import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

/// From a request to a regression of the restricted mean on covariates by pseudo-values (`rmst … --pseudo`).
///
/// A GEE with working independence on the jackknife pseudo-values, each row (or cluster) its own cluster: the identity link
/// gives differences of restricted means, `--link log` ratios. R `pseudo::pseudomean` with `geepack::geese`.
enum PseudoMeanReport {
  static func make(_ survival: SurvivalRequest, tau: Double, _ options: FitOptions) throws -> ModelReport {
    let frame = survival.frame
    let isLog = try isLogarithmic(options)
    let strata = frame.strata
    let pseudo = try survival.run(options) { () throws(SurvivalError) in
      try PseudoValues.restrictedMean(
        survival.data, tau: tau, stratum: strata?.codes, stratumCount: strata?.count ?? 1)
    }
    let design = try frame.design()
    let clusters = try CoxModelReport.clusters(frame, options)
    let fit = try PseudoRegression(
      design.matrix, pseudo.values, isLogarithmic: isLog, clusters: clusters.map { ($0.codes, $0.count) })
    var report = survival.report
    report.coefficients = fit.table(design.columnNames, level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      fit.covariance, over: design.columnNames.count, estimable: fit.estimable)
    report.status = fit.isConverged ? .ok : .notConverged
    report.convergence = Convergence(
      isConverged: fit.isConverged, iterations: fit.iterations, criterion: "relative step below 1e-12")
    report.warnings += SurvivalWarnings.aliased(fit.coefficients, design)
    report.conventions += [
      ("tau", numberText(tau)), ("model", "pseudo-values of the restricted mean"),
      ("link", isLog ? "log (ratios)" : "identity (differences)"),
      ("covariance", clusters.map { "sandwich by \($0.name)" } ?? "sandwich by row"),
      (
        "pseudo-values",
        strata.map { "within \($0.variables.joined(separator: ", "))" } ?? "of all rows together"
      ),
    ]
    report.fit = [
      .init("tau", .number(Optional(tau))),
      .init("rmst", strata == nil ? .number(pseudo.estimates.first) : nil),
      .init("events", .integer(survival.data.eventCount)),
    ]
    let post = PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients, covariance: fit.covariance, design: design.matrix,
        reference: { _ in .normal }), options: options)
    try post.addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  private static func isLogarithmic(_ options: FitOptions) throws -> Bool {
    switch options.link {
    case nil, "identity"?: return false
    case "log"?: return true
    case let other?:
      throw FitRequestError.badValue(option: "--link", value: other, expected: "identity or log")
    }
  }
}

/// Estimating equations Σ ∂μ/∂β (θ_i − μ_i) = 0 on pseudo-values, μ = x'β or e^{x'β}, with the robust variance.
private struct PseudoRegression {
  let coefficients: [Double?]
  let estimable: [Int]
  let covariance: Matrix
  let iterations: Int
  let isConverged: Bool

  init(
    _ design: Matrix, _ values: [Double], isLogarithmic: Bool, clusters: (codes: [Int32], count: Int)?
  ) throws {
    let qr = try PivotedQR(of: design)
    estimable = qr.independentColumns
    let x = design.selecting(columns: estimable)
    var beta = qr.coefficients(for: values).compactMap { $0 }
    var iterations = 0
    var isConverged = !isLogarithmic
    if isLogarithmic {
      // From the logarithm of the overall mean.
      let mean = values.reduce(0, +) / Double(values.count)
      beta = PivotedQRStart.constant(log(max(mean, .leastNormalMagnitude)), x)
      while iterations < 100, !isConverged {
        let mu = (x * beta).map { exp($0) }
        let score = x.transposedTimes(zip(mu, values).map { $0 * ($1 - $0) })
        let step = try CholeskyFactor(of: x.gram(weights: mu.map { $0 * $0 })).solve(score)
        beta = zip(beta, step).map { $0 + $1 }
        iterations += 1
        isConverged = zip(beta, step).allSatisfy { abs($1) <= 1e-12 * (1 + abs($0)) }
      }
    }
    let eta = x * beta
    let mu = isLogarithmic ? eta.map { exp($0) } : eta
    let slope = isLogarithmic ? mu : [Double](repeating: 1, count: mu.count)
    let inverse = try CholeskyFactor(of: x.gram(weights: slope.map { $0 * $0 })).inverse()
    let count = clusters?.count ?? x.rows
    var scores = Matrix(rows: count, columns: x.columns)
    for j in 0..<x.columns {
      for i in 0..<x.rows {
        scores[Int(clusters?.codes[i] ?? Int32(i)), j] += x[i, j] * slope[i] * (values[i] - mu[i])
      }
    }
    covariance = scores.gram().sandwiched(by: inverse)
    var all = [Double?](repeating: nil, count: design.columns)
    for (a, j) in estimable.enumerated() { all[j] = beta[a] }
    coefficients = all
    self.iterations = iterations
    self.isConverged = isConverged
  }

  func table(_ terms: [String], level: Double) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: covariance[a, a].squareRoot(),
        reference: .normal, level: level)
    }
    return table
  }
}

/// A start for a model with a log link.
private enum PivotedQRStart {
  /// The coefficients that make x'β as near to a constant as the columns can.
  static func constant(_ value: Double, _ x: Matrix) -> [Double] {
    let target = [Double](repeating: value, count: x.rows)
    return ((try? PivotedQR(of: x))?.coefficients(for: target) ?? []).map { $0 ?? 0 }
  }
}
