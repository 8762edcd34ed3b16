import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// The specification of a generalised linear mixed model: what `lme4::glmer` takes once a formula has become arrays.
public struct GeneralisedLinearMixedModel: Sendable {
  /// The design of the fixed effects, n × p.
  public var design: Matrix
  /// The names of its columns.
  public var columnNames: [String]
  /// The response: shares of successes for a binomial family, counts for the others.
  public var response: [Double]
  /// The distribution of the response and its link.
  public var family: ResponseFamily
  /// Numbers of trials for a binomial family, prior weights for the others. None for ones.
  public var weights: [Double]?
  /// A known part of the linear predictor.
  public var offset: [Double]?
  /// The random effects, one term or more.
  public var terms: [RandomEffectDesign]
  /// Quadrature nodes a random effect; 1 is Laplace's approximation, more need a single grouping.
  public var quadraturePoints = 1

  public init(
    design: Matrix, columnNames: [String], response: [Double], family: ResponseFamily,
    terms: [RandomEffectDesign], weights: [Double]? = nil, offset: [Double]? = nil
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
    self.family = family
    self.terms = terms
    self.weights = weights
    self.offset = offset
  }

  /// The likelihood on an orthonormal basis of the fixed effects, and the way back.
  struct Prepared {
    var likelihood: MarginalLikelihood
    let basis: FixedEffectsBasis
    /// The length that the basis' columns were given: √n, so that coefficients are of the size of linear predictors.
    let scale: Double
    let layout: RandomEffectsLayout
  }

  func prepared() throws(MixedModelError) -> Prepared {
    let n = response.count
    guard n > 0 else { throw .noObservations }
    guard !terms.isEmpty else { throw .noRandomEffects }
    guard design.isFinite else { throw .notFinite("design") }
    guard response.allSatisfy(\.isFinite) else { throw .notFinite("response") }
    let offset = offset ?? [Double](repeating: 0, count: n)
    guard offset.allSatisfy(\.isFinite) else { throw .notFinite("offset") }
    let ones = [Double](repeating: 1, count: n)
    let weights = weights ?? ones
    guard weights.allSatisfy(\.isFinite) else { throw .notFinite("weights") }
    // A row without trials says nothing and is no error.
    guard weights.allSatisfy({ $0 >= 0 }), weights.contains(where: { $0 > 0 }) else {
      throw .nonPositiveWeight
    }
    let layout = try RandomEffectsLayout(terms, rootWeights: ones)
    for block in layout.blocks where block.levels.count < 2 {
      throw .singleLevel(group: block.group)
    }
    if quadraturePoints > 1, layout.blocks.count > 1 { throw .quadratureNeedsOneGrouping }
    let structure = LatentStructure(layout: layout)
    let basis = try FixedEffectsBasis(
      design: design, response: [Double](repeating: 0, count: n), rootWeights: ones)
    let scale = Double(n).squareRoot()
    let columns = scale * basis.columns.selecting(columns: Array(0..<basis.rank))
    let order = structure.order
    let family = try FamilyLikelihood(
      family: family, response: order.map { response[$0] }, weights: order.map { weights[$0] })
    let likelihood = MarginalLikelihood(
      structure: structure, likelihood: family, basis: columns.selecting(rows: order),
      offset: order.map { offset[$0] },
      quadrature: quadraturePoints > 1
        ? QuadratureRule(count: quadraturePoints, dimension: structure.q) : nil)
    return Prepared(likelihood: likelihood, basis: basis, scale: scale, layout: layout)
  }

  /// The marginal log-likelihood at given parameters, before any optimum.
  ///
  /// - Parameters:
  ///   - coefficients: of the estimable columns.
  ///   - theta: in lme4's order and scale.
  ///   - shape: k of the negative binomial.
  public func logLikelihood(
    coefficients: [Double], theta: [Double], shape: Double = 1
  ) throws(MixedModelError) -> Double {
    var prepared = try prepared()
    do {
      let onBasis = try LUFactor(of: prepared.basis.toEstimable).solve(coefficients)
      let psi =
        onBasis.map { $0 / prepared.scale } + prepared.layout.layoutTheta(fromUser: theta)
        + (family.hasShape ? [log(shape)] : [])
      return -prepared.likelihood.evaluate(psi, gradient: false).value
    } catch {
      throw .linearAlgebra(error)
    }
  }

  /// Fits the model.
  ///
  /// Matches `lme4::glmer(formula, family =, nAGQ =)` run to a tight tolerance, and `glmmTMB` for `.negativeBinomial`
  /// (`nbinom2`); standard errors are from the observed information of the marginal likelihood in all parameters.
  ///
  /// - Throws: `MixedModelError` where no estimate is meaningful.
  public func fit() throws(MixedModelError) -> GeneralisedLinearMixedFit {
    let prepared = try prepared()
    do {
      var optimiser = MarginalOptimiser(likelihood: prepared.likelihood)
      let found = try optimiser.optimise()
      return try makeFit(prepared, found)
    } catch let error as MixedModelError {
      throw error
    } catch let error as LinearAlgebraError {
      throw .linearAlgebra(error)
    } catch {
      fatalError("an error of another kind: \(error)")
    }
  }

  private func makeFit(
    _ prepared: Prepared, _ found: MarginalOptimiser.Result
  ) throws(LinearAlgebraError) -> GeneralisedLinearMixedFit {
    var likelihood = prepared.likelihood
    let basis = prepared.basis
    let layout = prepared.layout
    let p = basis.rank
    let estimates = basis.coefficients(found.psi[0..<p].map { $0 * prepared.scale })
    var coefficients = [Double?](repeating: nil, count: basis.columnCount)
    for (place, column) in basis.estimable.enumerated() { coefficients[column] = estimates[place] }
    let joint = found.covariance.sandwiched(by: parameterTransform(prepared))
    let fixed = Array(0..<p)
    let vcov = joint.selecting(rows: fixed).selecting(columns: fixed)
    let theta = likelihood.theta(found.psi)
    let evaluation = likelihood.evaluate(found.psi, gradient: false)
    let deviance = likelihood.conditionalDeviance(found.psi)
    let modes = try likelihood.conditionalModes(found.psi)
    let isSingular = zip(layout.parameters, theta).contains { $0.isDiagonal && $1 < 1e-4 }
    let shape = family.hasShape ? likelihood.shape(found.psi) : nil
    var status = FitStatus.ok
    var warnings: [String] = []
    if !basis.aliased.isEmpty {
      let names = basis.aliased.map { columnNames[$0] }.joined(separator: ", ")
      warnings.append("not estimable, a combination of other columns: \(names)")
    }
    if let shape, shape > 1e5 {
      status = .boundary
      warnings.append("no overdispersion beyond the random effects: the shape k is at its limit")
    }
    if isSingular {
      status = .singular
      warnings.append("singular fit: " + layout.boundaryDescription(theta: theta))
    }
    if found.isSeparated {
      status = .separated
      let names = separatingColumns(coefficients)
      warnings.append(
        "separated: the outcome is predicted perfectly by \(names.joined(separator: ", ")); "
          + "the estimates have no finite value, and standard errors no meaning")
    } else if !found.isConverged {
      status = .notConverged
      warnings.append("the search for the maximum of the likelihood did not converge")
    }
    return GeneralisedLinearMixedFit(
      family: family, quadraturePoints: quadraturePoints, columnNames: columnNames,
      coefficients: coefficients, estimableColumns: basis.estimable,
      vcov: CovarianceEstimate(vcov, kind: .modelBased), parameterCovariance: joint,
      spread: RandomEffectsSpread(layout, theta: theta),
      inference: FixedEffectsInference(
        method: .normal, coefficients: estimates, estimable: basis.estimable,
        columnCount: basis.columnCount, vcov: vcov),
      theta: layout.userTheta(theta), shape: shape,
      varianceComponents: layout.varianceComponents(theta: theta, variance: 1),
      randomEffects: layout.userModes(modes, variance: 1), logLikelihood: -evaluation.value,
      conditionalDeviance: deviance,
      parameterCount: likelihood.parameterCount, observationCount: response.count, status: status,
      isSingular: isSingular,
      convergence: Convergence(
        isConverged: found.isConverged, iterations: found.record.evaluations,
        criterion: "expected decrease of −log L below 1e-12 of it"),
      optimisation: found.record, warnings: warnings)
  }

  /// The columns whose coefficients ran off: those that move the linear predictor by more than 10 over their range.
  private func separatingColumns(_ coefficients: [Double?]) -> [String] {
    let moves = columnNames.indices.map { j -> Double in
      let column = design.column(j)
      guard let estimate = coefficients[j], let low = column.min(), let high = column.max() else { return 0 }
      return abs(estimate) * (high - low)
    }
    let far = columnNames.indices.filter { moves[$0] > 10 }
    // A constant alone can run off too: all responses are alike.
    return far.isEmpty ? [columnNames.first ?? "(Intercept)"] : far.map { columnNames[$0] }
  }

  /// The linear map from the parameters of the search to (β, θ on the user's scale, log k).
  private func parameterTransform(_ prepared: Prepared) -> Matrix {
    let p = prepared.basis.rank
    let m = prepared.layout.parameters.count
    let count = prepared.likelihood.parameterCount
    var transform = Matrix.identity(count)
    for i in 0..<p {
      for j in 0..<p { transform[i, j] = prepared.scale * prepared.basis.toEstimable[i, j] }
    }
    for k in 0..<m {
      var unit = [Double](repeating: 0, count: m)
      unit[k] = 1
      for (l, value) in prepared.layout.userTheta(unit).enumerated() { transform[p + l, p + k] = value }
    }
    return transform
  }
}
