import Glibc
import Inference
import LinearAlgebra

/// The specification of a linear mixed model: what `lme4::lmer` takes once a formula has become arrays.
public struct LinearMixedModel: Sendable {
  /// The design of the fixed effects, n × p.
  public var design: Matrix
  /// The names of its columns.
  public var columnNames: [String]
  /// The response, n values.
  public var response: [Double]
  /// Prior weights: the residual variance of observation i is σ²/wᵢ. None for equal weights.
  public var weights: [Double]?
  /// A known part of the mean.
  public var offset: [Double]?
  /// The random effects, one term or more.
  public var terms: [RandomEffectDesign]
  /// ML or REML.
  public var estimation = LikelihoodEstimation.restricted
  /// The reference distribution of tests.
  public var degreesOfFreedom = DegreesOfFreedomMethod.satterthwaite

  public init(
    design: Matrix, columnNames: [String], response: [Double], terms: [RandomEffectDesign],
    weights: [Double]? = nil, offset: [Double]? = nil
  ) {
    precondition(
      design.rows == response.count && design.columns == columnNames.count,
      "design of \(design.rows) × \(design.columns), \(response.count) responses, \(columnNames.count) names")
    precondition(terms.allSatisfy { $0.codes.count == response.count }, "terms of other lengths")
    precondition(weights.map { $0.count == response.count } ?? true, "weights of another length")
    precondition(offset.map { $0.count == response.count } ?? true, "an offset of another length")
    self.design = design
    self.columnNames = columnNames
    self.response = response
    self.terms = terms
    self.weights = weights
    self.offset = offset
  }

  /// Makes the criterion whose minimum is the fit; also the way to evaluate it at a chosen θ.
  func criterion() throws(MixedModelError) -> LinearMixedCriterion {
    let n = response.count
    guard n > 0 else { throw .noObservations }
    guard !terms.isEmpty else { throw .noRandomEffects }
    guard design.isFinite else { throw .notFinite("design") }
    guard response.allSatisfy(\.isFinite) else { throw .notFinite("response") }
    if let offset, !offset.allSatisfy(\.isFinite) { throw .notFinite("offset") }
    var sumOfLogWeights = 0.0
    var rootWeights = [Double](repeating: 1, count: n)
    if let weights {
      guard weights.allSatisfy(\.isFinite) else { throw .notFinite("weights") }
      guard weights.allSatisfy({ $0 > 0 }) else { throw .nonPositiveWeight }
      rootWeights = weights.map { $0.squareRoot() }
      for w in weights { sumOfLogWeights += log(w) }
    }
    let centred = offset.map { zip(response, $0).map { $0 - $1 } } ?? response
    let basis = try FixedEffectsBasis(
      design: design, response: centred, rootWeights: rootWeights)
    guard basis.rank < n else {
      throw .noResidualDegreesOfFreedom(observations: n, fixedEffects: basis.rank)
    }
    let total = zip(centred, rootWeights).reduce(0) { $0 + $1.0 * $1.0 * $1.1 * $1.1 }
    guard basis.residualSumOfSquares > 1e-24 * total else { throw .noResidualVariation }
    let layout = try RandomEffectsLayout(terms, rootWeights: rootWeights)
    for block in layout.blocks where block.levels.count < 2 {
      throw .singleLevel(group: block.group)
    }
    for term in layout.terms {
      let count = term.width * layout.blocks[term.block].levels.count
      guard count < n else {
        throw .tooManyRandomEffects(group: term.group, randomEffects: count, observations: n)
      }
    }
    let products = makeProducts(layout, basis: basis.columns, rootWeights: rootWeights)
    return LinearMixedCriterion(
      layout: layout, basis: basis, products: products, estimation: estimation,
      sumOfLogWeights: sumOfLogWeights)
  }

  private func makeProducts(
    _ layout: RandomEffectsLayout, basis: Matrix, rootWeights: [Double]
  ) -> any PenalisedLeastSquares {
    if layout.blocks.count > 1 {
      return NestedCrossedProducts(layout: layout, basis: basis, rootWeights: rootWeights)
    }
    return SingleGroupingProducts(
      block: layout.blocks[0], parameters: layout.parameters, basis: basis,
      rootWeights: rootWeights)
  }

  /// The profiled deviance (ML) or REML criterion at given relative covariance parameters, before any optimum.
  ///
  /// - Parameter theta: in lme4's order and scale (`getME(fit, "theta")`).
  /// - Returns: −2 log (restricted) likelihood maximised over β and σ; R `lmer(…, devFunOnly = TRUE)(theta)`.
  public func objective(at theta: [Double]) throws(MixedModelError) -> Double {
    let criterion = try criterion()
    return criterion.value(at: criterion.layout.layoutTheta(fromUser: theta))
  }

  /// Fits the model.
  ///
  /// Matches `lme4::lmer(formula, weights =, REML =)` with θ at the optimum to rounding error.
  ///
  /// - Throws: `MixedModelError` where no estimate is meaningful; a fit on the boundary is not an error but has the
  ///   status `singular`.
  public func fit() throws(MixedModelError) -> LinearMixedFit {
    if degreesOfFreedom == .kenwardRoger && estimation == .maximum {
      throw .kenwardRogerNeedsREML
    }
    let criterion = try criterion()
    let found = try LinearMixedOptimiser(criterion: criterion).optimise()
    do {
      return try makeFit(criterion, found)
    } catch {
      throw .linearAlgebra(error)
    }
  }

  private func makeFit(
    _ criterion: LinearMixedCriterion, _ found: LinearMixedOptimiser.Result
  ) throws(LinearAlgebraError) -> LinearMixedFit {
    let layout = criterion.layout
    let basis = criterion.basis
    let solution = found.solution
    let estimates = basis.coefficients(solution.beta)
    var coefficients = [Double?](repeating: nil, count: basis.columnCount)
    for (place, column) in basis.estimable.enumerated() { coefficients[column] = estimates[place] }
    let inference = try inference(criterion, solution, coefficients: estimates)
    let theta = layout.userTheta(solution.theta)
    let isSingular = zip(layout.parameters, solution.theta).contains {
      $0.isDiagonal && $1 < 1e-4
    }
    let modes = try criterion.conditionalModes(of: solution)
    let residual = VarianceComponent(
      group: "Residual", term1: nil, term2: nil, covariance: solution.variance,
      sdOrCorrelation: solution.variance.squareRoot())
    var warnings: [String] = []
    if !basis.aliased.isEmpty {
      let names = basis.aliased.map { columnNames[$0] }.joined(separator: ", ")
      warnings.append("not estimable, a combination of other columns: \(names)")
    }
    if isSingular {
      warnings.append("singular fit: " + layout.boundaryDescription(theta: solution.theta))
    }
    if !found.isConverged { warnings.append("the search for the variance parameters did not converge") }
    return LinearMixedFit(
      columnNames: columnNames, coefficients: coefficients, estimableColumns: basis.estimable,
      vcov: CovarianceEstimate(
        inference.vcov,
        kind: degreesOfFreedom == .kenwardRoger ? .kenwardRoger("Kenward–Roger 1997") : .modelBased),
      inference: inference, theta: theta, sigma: solution.variance.squareRoot(),
      varianceComponents: layout.varianceComponents(
        theta: solution.theta, variance: solution.variance) + [residual],
      randomEffects: layout.userModes(modes, variance: solution.variance),
      estimation: estimation, logLikelihood: -found.record.objective / 2,
      parameterCount: basis.rank + layout.parameters.count + 1,
      observationCount: criterion.observationCount,
      status: !found.isConverged ? .notConverged : isSingular ? .singular : .ok,
      convergence: Convergence(
        isConverged: found.isConverged, iterations: found.record.evaluations,
        criterion: "expected decrease of the criterion below 1e-13 of it"),
      optimisation: found.record, warnings: warnings)
  }

  private func inference(
    _ criterion: LinearMixedCriterion, _ solution: LinearMixedSolution, coefficients: [Double]
  ) throws(LinearAlgebraError) -> FixedEffectsInference {
    let basis = criterion.basis
    var vcov = basis.covariance(solution.variance * solution.unscaledCovariance)
    let method: FixedEffectsInference.Method
    switch degreesOfFreedom {
    case .satterthwaite:
      let derivatives = solution.covarianceDerivatives().map { basis.covariance($0) }
      method = .satterthwaite(
        try SatterthwaiteDF(vcov: vcov, derivatives: derivatives, hessian: solution.hessian))
    case .kenwardRoger:
      let adjustment = try solution.kenwardRoger(
        basis: basis, layout: criterion.layout, observationCount: criterion.observationCount)
      vcov = adjustment.adjusted
      method = .kenwardRoger(adjustment)
    case .residual: method = .fixed(Double(criterion.observationCount - basis.rank))
    case .normal: method = .normal
    }
    return FixedEffectsInference(
      method: method, coefficients: coefficients, estimable: basis.estimable,
      columnCount: basis.columnCount, vcov: vcov)
  }
}
