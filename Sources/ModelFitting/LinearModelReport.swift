import Inference
import LinearAlgebra
import ModelFormula
import Regression
import Serialisation

extension ModelCatalogue {
  /// `hekta fit lm`: least squares (R `lm`).
  static let linearModel = Entry("lm", "least squares", fit: LinearModelReport.make)
}

/// From a request to the report of a linear model.
enum LinearModelReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow(
      [
        .weights, .exponentiate, .robust, .cluster, .clusterCorrection, .degreesOfFreedom, .tolerance,
        .limits,
        .anova,
        .marginalMeans, .standardise, .standardisationTarget, .predict,
      ], for: "lm")
    if options.limits == .profile {
      throw FitRequestError.badValue(
        option: "--ci", value: "profile", expected: "wald: the limits of least squares are exact")
    }
    let frame = try request.frame()
    let design = try frame.design()
    let data = RegressionData(
      columns: design.columns, columnNames: design.columnNames, response: try frame.numericResponse(),
      weights: frame.weights, offset: frame.offset,
      hasIntercept: design.schema.hasInterceptColumn)
    let fit = try requested { () throws(RegressionError) in
      try LinearModel(tolerance: options.tolerance ?? 1e-7).fit(data)
    }
    let chosen = try SandwichChoice(options).covariance(
      modelBased: fit.covariance, reference: fit.reference, residual: fit.residualDegreesOfFreedom,
      frame: frame, estimable: fit.estimableColumns, sandwich: { fit.sandwich() },
      clustered: { fit.clusteredCovariance(by: $0) }, small: { fit.clusterRobust(by: $0) })
    let covariance = chosen.estimate

    var report = request.report(model: "lm", frame: frame)
    report.coefficients = chosen.table(
      terms: design.columnNames, estimates: fit.coefficients, estimable: fit.estimableColumns,
      level: options.confidenceLevel)
    report.covariance = ModelReport.spread(
      covariance.matrix, over: design.columnNames.count, estimable: fit.estimableColumns)
    report.warnings = fit.warnings
    report.conventions = SandwichChoice.conventions(covariance) + [("df", chosen.convention)]
    report.fit = [
      .init("logLik", .number(Optional(fit.logLikelihood))),
      .init("df", .number(Optional(fit.degreesOfFreedom))), .init("AIC", .number(Optional(fit.aic))),
      .init("BIC", .number(Optional(fit.bic))),
      .init("deviance", .number(Optional(fit.residualSumOfSquares))),
      .init("dfResidual", .integer(fit.residualDegreesOfFreedom)),
      .init("sigma", .number(Optional(fit.sigma))),
      .init("rSquared", .number(Optional(fit.rSquared))),
      .init("adjRSquared", .number(Optional(fit.adjustedRSquared))),
    ]
    if let f = fit.fTest {
      report.tests.append(
        .init(name: "F", statistic: f.statistic, df: f.df1, df2: f.df2, pValue: f.pValue))
    }
    let df = Double(fit.residualDegreesOfFreedom)
    let post = PostEstimation(
      frame: frame, design: design, model: estimated(fit, chosen, design), options: options)
    if let type = options.anova {
      // The sum of squares is the model-based one even where the test is robust. A test by the moments of the clusters is of
      // its hypothesis too, which must not depend on them.
      let own = ChosenCovariance(
        estimate: fit.covariance, reference: { _ in fit.reference }, jointDF: fit.reference.df,
        convention: "residual")
      let modelBased = estimated(fit, own, design)
      var weighted = post
      weighted.designOfTypeII = weightedRows(
        design.matrix.selecting(columns: fit.estimableColumns), frame.weights)
      let hypotheses = try weighted.termHypotheses(type: type)
      let isModelBased = chosen.hotelling != nil || covariance.kind == fit.covariance.kind
      let tested = isModelBased ? hypotheses : try post.termHypotheses(type: type)
      var rows = zip(hypotheses, tested).map { own, tested -> TermTest in
        let (term, matrix) = own
        let test = PostEstimation.test(tested.matrix, of: term, by: post.model, warningIn: &report)
        let plain = try? modelBased.test(matrix)
        return TermTest(
          term: term, sumOfSquares: plain.map { $0.statistic * $0.df * fit.sigma * fit.sigma },
          df: test?.df ?? Double(matrix.rows), df2: chosen.hotelling == nil ? nil : test?.df2,
          statistic: test?.statistic, pValue: test?.pValue)
      }
      rows.append(TermTest(term: "Residuals", sumOfSquares: fit.residualSumOfSquares, df: df))
      PostEstimation.add(rows, type: type, to: &report)
    }
    try post.addMarginalMeans(to: &report)
    try post.addStandardisation(to: &report, inverseLink: { $0 }, derivative: { _ in 1 }, isMean: true)
    try post.addPredictions(to: &report)
    if options.exponentiate { report.exponentiate() }
    return report
  }

  /// The rows of the design times √weight, whose cross-products are those of the fit.
  private static func weightedRows(_ design: Matrix, _ weights: [Double]?) -> Matrix {
    guard let weights else { return design }
    var result = design
    for j in 0..<design.columns {
      for i in 0..<design.rows { result[i, j] *= weights[i].squareRoot() }
    }
    return result
  }

  private static func estimated(
    _ fit: LinearFit, _ covariance: ChosenCovariance, _ design: DesignMatrix
  ) -> EstimatedModel {
    EstimatedModel(
      coefficients: fit.coefficients, covariance: covariance, design: design.matrix, isF: true)
  }
}

extension EstimatedModel {
  /// The view of a fit with a chosen covariance; joint tests are approximate Hotelling tests where the choice says so, F
  /// tests where `isF` and the choice has degrees of freedom, else Wald's χ² tests.
  init(
    coefficients: [Double?], covariance: ChosenCovariance, design: @autoclosure () -> Matrix, isF: Bool
  ) {
    let wald = EstimatedModel(
      coefficients: coefficients, covariance: covariance.estimate.matrix, design: design(),
      reference: covariance.reference)
    if let hotelling = covariance.hotelling {
      self.init(
        coefficients: coefficients, covariance: covariance.estimate.matrix, design: design(),
        reference: covariance.reference,
        jointTest: { matrix throws(LinearAlgebraError) in
          try hotelling.hotelling(wald.independentRows(matrix), wald: wald.waldStatistic(matrix).statistic)
        })
      return
    }
    guard isF, let df = covariance.jointDF else {
      self = wald
      return
    }
    self.init(
      coefficients: coefficients, covariance: covariance.estimate.matrix, design: design(),
      reference: covariance.reference,
      jointTest: { matrix throws(LinearAlgebraError) in
        let (statistic, rank) = try wald.waldStatistic(matrix)
        return .f(statistic / Double(rank), df1: Double(rank), df2: df)
      })
  }
}
