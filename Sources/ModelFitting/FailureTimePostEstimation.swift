import Glibc
import Inference
import LinearAlgebra
import ModelFormula
import Serialisation
import Survival

/// What is asked of an accelerated failure time fit after its coefficients.
struct FailureTimePostEstimation {
  let fit: FailureTimeFit
  let frame: ModelFrame
  let design: DesignMatrix
  let options: FitOptions
  /// Fits the model on other columns.
  let refit: (Matrix) throws -> FailureTimeFit

  /// The coefficients without the scales; t on the residual degrees of freedom, as `emmeans` takes for `survreg`.
  private var post: PostEstimation {
    let p = Array(fit.estimable.indices)
    let df = Double(fit.count - fit.parameterCount)
    return PostEstimation(
      frame: frame, design: design,
      model: EstimatedModel(
        coefficients: fit.coefficients,
        covariance: fit.covariance.matrix.selecting(columns: p).selecting(rows: p), design: design.matrix,
        reference: { _ in df > 0 ? .t(df) : .normal }), options: options)
  }

  func add(to report: inout ModelReport) throws {
    try addTermTests(to: &report)
    try post.addMarginalMeans(to: &report)
    try addPredictions(to: &report)
  }

  private func addTermTests(to report: inout ModelReport) throws {
    guard let type = options.anova else { return }
    guard case .modelBased = fit.covariance.kind else {
      try post.addTermTests(to: &report)
      report.conventions.append(("term statistic", "wald"))
      return
    }
    let tests = try LikelihoodRatioTerms(post: post) { matrix, _ in
      let reduced = try refit(matrix)
      return (-2 * reduced.logLikelihood, reduced.estimable.count)
    }.tests(type: type)
    PostEstimation.add(tests, type: type, to: &report)
    report.conventions.append(("term statistic", "likelihood ratio"))
  }

  /// R's `response`, e^η for a logarithmic distribution, which is neither mean nor median; beside it the median with its
  /// limits and the mean by their names.
  private func addPredictions(to report: inout ModelReport) throws {
    guard let new = options.predict else { return }
    if options.predictLink { return try post.addPredictions(to: &report) }
    let x = try design.schema.matrix(for: new)
    let offset = try design.schema.offset(for: new)
    let strata = try frame.strata(of: new)
    let p = Array(fit.estimable.indices)
    let covariance = fit.covariance.matrix.selecting(columns: p).selecting(rows: p)
    let z = Reference.normal.criticalValue(level: options.confidenceLevel)
    let rows = (0..<new.rowCount).map { i -> JSONValue in
      let row = x.row(i)
      let stratum = strata.map { Int($0[i]) } ?? 0
      guard row.allSatisfy(\.isFinite), stratum >= 0 else {
        return [
          "row": .integer(i + 1), "fit": nil, "se": nil, "conf.low": nil, "conf.high": nil, "median": nil,
          "median.se": nil, "median.low": nil, "median.high": nil, "mean": nil,
        ]
      }
      let shift = offset?[i] ?? 0
      var eta = shift
      for j in fit.estimable { eta += row[j] * fit.coefficients[j]! }
      let error = covariance.quadraticForm(fit.estimable.map { row[$0] }).squareRoot()
      let median = fit.quantile(
        0.5, covariates: row, offset: shift, stratum: stratum, level: options.confidenceLevel)
      func onTime(_ value: Double) -> Double { fit.distribution.isLogarithmic ? exp(value) : value }
      let response = onTime(eta)
      return [
        "row": .integer(i + 1), "fit": .number(Optional(response)),
        "se": .number(Optional(fit.distribution.isLogarithmic ? response * error : error)),
        "conf.low": .number(Optional(onTime(eta - z * error))),
        "conf.high": .number(Optional(onTime(eta + z * error))),
        "median": .number(median.estimate), "median.se": .number(median.standardError),
        "median.low": .number(median.low), "median.high": .number(median.high),
        "mean": .number(fit.mean(covariates: row, offset: shift, stratum: stratum)),
      ]
    }
    report.sections.append(.init("predictions", .array(rows)))
    report.conventions.append(
      (
        "predictions",
        fit.distribution.isLogarithmic
          ? "fit is exp(linear predictor); median and mean as named"
          : "fit is the linear predictor; median and mean as named"
      ))
  }
}

extension ModelFrame {
  /// The strata of new rows by their labels; −1 for a stratum the fit does not know or a missing one; nil without strata.
  func strata(of new: DataFrame) throws -> [Int32]? {
    guard let known = strata else { return nil }
    let expressions = known.variables.map { "strata(\($0))" }
    let other = try ModelFrame(Formula(parsing: "~ " + expressions.joined(separator: " + ")), data: new)
    let knownValues = known.values
    let codeOfStratum = other.strata!.values.map { values in
      knownValues.firstIndex(of: values).map { Int32($0) } ?? -1
    }
    var codes = [Int32](repeating: -1, count: new.rowCount)
    for (i, row) in other.rows.enumerated() { codes[row] = codeOfStratum[Int(other.strata!.codes[i])] }
    return codes
  }
}
