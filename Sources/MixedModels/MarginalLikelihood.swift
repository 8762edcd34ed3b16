import Glibc
import LinearAlgebra

/// The marginal likelihood of a generalised linear mixed model by Laplace's approximation or adaptive quadrature.
///
/// With F(u) = −Σ log f(yᵢ | u) + |u|²/2 minimised at the conditional modes û and Ω its Hessian there,
/// −log L ≈ F(û) + log |Ω| / 2 (Tierney & Kadane, J Am Stat Assoc 1986;81:82–86, doi 10.1080/01621459.1986.10478240). Ω
/// takes the observed information of each observation. The parameters are ψ = (β on the basis, θ, log k).
///
/// It is a struct with mutating methods: scratch in a class would be checked for exclusive access at every element.
struct MarginalLikelihood {
  /// The value of −log L and its gradient.
  struct Evaluation {
    var value: Double
    var gradient: [Double]
  }

  let structure: LatentStructure
  var system: LatentSystem
  let likelihood: FamilyLikelihood
  /// The basis of the fixed effects in the structure's order of rows, n × p.
  let basis: Matrix
  let offset: [Double]
  let quadrature: QuadratureRule?
  /// û, kept between evaluations as a start.
  var modes: [Double]
  var eta: [Double]
  var derivatives: FamilyDerivatives
  private var fixed: [Double]
  private var lambda: [Double]
  private var step: [Double]
  private var previous: [Double]
  // For the gradient: h, a and the row weights of the basis; one place a row. w has one place an effect.
  var rowWeight: [Double]
  private var pull: [Double]
  private var effectPull: [Double]
  private var traces: [Double]
  /// Where vector quadrature sums a level's gradient in Λ.
  var quadratureTraces: [Double]
  var levelInverse: LevelInverse
  var scratch: QuadratureScratch
  /// The faster method where the model is of its kind.
  private var intercept: RandomInterceptLogit?

  var fixedCount: Int { basis.columns }
  var thetaCount: Int { structure.layout.parameters.count }
  var parameterCount: Int { fixedCount + thetaCount + (likelihood.family.hasShape ? 1 : 0) }

  /// - Parameters: all rows in the structure's order.
  init(
    structure: LatentStructure, likelihood: FamilyLikelihood, basis: Matrix, offset: [Double],
    quadrature: QuadratureRule?
  ) {
    self.structure = structure
    system = LatentSystem(structure)
    levelInverse = LevelInverse(structure)
    scratch = QuadratureScratch(
      rows: quadrature == nil ? 0 : structure.components.map(\.rows.count).max() ?? 0,
      points: quadrature?.points.count ?? 0, dimension: structure.q)
    self.likelihood = likelihood
    intercept = RandomInterceptLogit(structure, likelihood)
    self.basis = basis
    self.offset = offset
    self.quadrature = quadrature
    let n = structure.rowCount
    modes = [Double](repeating: 0, count: structure.effectCount)
    step = modes
    previous = modes
    effectPull = modes
    eta = [Double](repeating: 0, count: n)
    fixed = eta
    rowWeight = eta
    pull = eta
    derivatives = FamilyDerivatives(count: n)
    lambda = [Double](repeating: 0, count: structure.layout.lambdaCount)
    traces = lambda
    quadratureTraces = lambda
  }

  /// k of the negative binomial at ψ.
  func shape(_ psi: [Double]) -> Double { likelihood.family.hasShape ? exp(psi.last!) : 1 }

  /// θ in ψ.
  func theta(_ psi: [Double]) -> [Double] { Array(psi[fixedCount..<(fixedCount + thetaCount)]) }

  /// −log L at ψ and, on request, its gradient; the value is not finite where the modes cannot be found.
  mutating func evaluate(_ psi: [Double], gradient wantsGradient: Bool = true) -> Evaluation {
    let structure = structure
    install(psi)
    let k = shape(psi)
    var result = Evaluation(
      value: -likelihood.constant, gradient: [Double](repeating: 0, count: parameterCount))
    guard psi.allSatisfy(\.isFinite), k.isFinite, k > 0 else {
      result.value = .nan
      return result
    }
    if let value = evaluateIntercepts(&result.gradient, wantsGradient) {
      result.value += value
      if wantsGradient { addFixedGradient(&result.gradient) }
      return result
    }
    for component in structure.components {
      guard let part = findModes(component, shape: k) else {
        // What was left of a failed search is no start for the next.
        for i in modes.indices { modes[i] = 0 }
        result.value = .nan
        return result
      }
      if let quadrature {
        let value = integrate(
          component, quadrature, shape: k, logDeterminant: part.logDeterminant,
          wantsGradient: wantsGradient, gradient: &result.gradient)
        result.value += value
      } else {
        result.value += part.objective + part.logDeterminant / 2
        if wantsGradient { addGradient(component, shape: k, to: &result.gradient) }
      }
    }
    if wantsGradient { addFixedGradient(&result.gradient) }
    return result
  }

  /// The gradient in β from the rows' weights.
  private func addFixedGradient(_ gradient: inout [Double]) {
    let onBasis = basis.transposedTimes(rowWeight)
    for j in 0..<fixedCount { gradient[j] = onBasis[j] }
  }

  /// −log L of binary rows with a random intercept, less its constant; nil for other models and extreme predictors.
  private mutating func evaluateIntercepts(_ gradient: inout [Double], _ wantsGradient: Bool) -> Double? {
    guard
      let sums = intercept?.evaluate(
        eta: fixed, lambda: lambda[0], rule: quadrature, modes: &modes, rowWeight: &rowWeight,
        wantsGradient: wantsGradient)
    else { return nil }
    gradient[fixedCount] += sums.slope
    return sums.value
  }

  /// Sets Λ and the fixed part of the linear predictors.
  private mutating func install(_ psi: [Double]) {
    structure.layout.fillLambda(theta(psi), into: &lambda)
    system.setLambda(lambda)
    let xb = basis * Array(psi[0..<fixedCount])
    for i in fixed.indices { fixed[i] = offset[i] + xb[i] }
  }

  /// F of a component at the current modes; fills η and the derivatives of its rows.
  private mutating func objective(_ component: LatentStructure.Component, shape: Double) -> Double {
    let structure = structure
    for i in component.rows { eta[i] = fixed[i] }
    system.addEffects(modes, of: component, to: &eta)
    var sum = -likelihood.evaluate(eta, component.rows, shape: shape, into: &derivatives)
    structure.forEffects(of: component) { sum += modes[$0] * modes[$0] / 2 }
    return sum
  }

  /// η and the derivatives of a component's rows at the modes that were found last.
  ///
  /// - Returns: Σ ℓ, less its constant.
  @discardableResult
  mutating func refreshDerivatives(_ component: LatentStructure.Component, _ psi: [Double]) -> Double {
    let structure = structure
    var sum = -objective(component, shape: shape(psi))
    structure.forEffects(of: component) { sum += modes[$0] * modes[$0] / 2 }
    return sum
  }

  /// Newton's method for û of a component, halving steps that do not lower F; leaves Ω factored at û.
  private mutating func findModes(
    _ component: LatentStructure.Component, shape: Double
  ) -> (objective: Double, logDeterminant: Double)? {
    let structure = structure
    var value = objective(component, shape: shape)
    if !value.isFinite {
      structure.forEffects(of: component) { modes[$0] = 0 }
      value = objective(component, shape: shape)
    }
    guard value.isFinite else { return nil }
    for _ in 0..<200 {
      guard let logDeterminant = system.factor(component, weights: derivatives.information) else {
        return nil
      }
      structure.forEffects(of: component) {
        step[$0] = -modes[$0]
        previous[$0] = modes[$0]
      }
      system.addTransposed(derivatives.score, of: component, to: &step)
      system.solve(component, &step)
      var largest = 0.0
      structure.forEffects(of: component) { largest = max(largest, abs(step[$0])) }
      guard largest.isFinite else { return nil }
      if largest < 1e-11 { return (value, logDeterminant) }
      var scale = 1.0
      while true {
        structure.forEffects(of: component) { modes[$0] = previous[$0] + scale * step[$0] }
        let trial = objective(component, shape: shape)
        // A step this small is beyond the rounding of F, and Newton's method converges quadratically.
        if trial <= value || (largest < 1e-5 && trial.isFinite) {
          value = trial
          break
        }
        scale /= 2
        if scale < 1e-12 { return nil }
      }
    }
    return nil
  }

  /// Adds the gradient of a component's Laplace approximation in θ and log k, and fills its rows' weights for β.
  ///
  /// With v = diag ẐΩ⁻¹Ẑ', h = v D'/2, w = Ω⁻¹Ẑ'h and a = Ẑw: û moves with ψ by −Ω⁻¹∂²F/∂u∂ψ, so that for a
  /// parameter that moves η by x, ∂(−log L) = x'(h − s − D a), and Λ moves u'Λ'z, w'Λ'z and the trace besides.
  private mutating func addGradient(
    _ component: LatentStructure.Component, shape: Double, to gradient: inout [Double]
  ) {
    let structure = structure
    let q = structure.q
    let width = structure.restWidth
    let restInverse = system.restInverse(component)
    structure.forEffects(of: component) { effectPull[$0] = 0 }
    for k in traces.indices { traces[k] = 0 }
    for index in component.leaves {
      let leaf = structure.leaves[index]
      levelInverse.prepare(leaf: index, of: &system, restInverse: restInverse)
      for i in leaf.rows {
        levelInverse.evaluate(row: i, of: system)
        pull[i] = levelInverse.variance * derivatives.slope[i] / 2
        if likelihood.family.hasShape {
          let phi = likelihood.shapeDerivatives(i, eta: eta[i], shape: shape)
          gradient[parameterCount - 1] += levelInverse.variance * phi.information / 2 - phi.value
        }
        addTrace(i, times: derivatives.information[i])
      }
    }
    system.addTransposed(pull, of: component, to: &effectPull)
    system.solve(component, &effectPull)
    for index in component.leaves {
      let leaf = structure.leaves[index]
      for i in leaf.rows {
        var a = 0.0
        for k in 0..<q { a += system.scaledLeaf[i * q + k] * effectPull[leaf.start + k] }
        for k in 0..<width {
          let place = component.start + leaf.columns[structure.restPlaces[i * width + k]]
          a += system.scaledRest[i * width + k] * effectPull[place]
        }
        rowWeight[i] = pull[i] - derivatives.score[i] - derivatives.information[i] * a
        if likelihood.family.hasShape {
          gradient[parameterCount - 1] +=
            a * likelihood.shapeDerivatives(i, eta: eta[i], shape: shape).score
        }
        addFactorTerms(i, leaf, component)
      }
    }
    for (k, parameter) in structure.layout.parameters.enumerated() {
      let block = structure.layout.blocks[parameter.block]
      gradient[fixedCount + k] +=
        traces[block.lambdaOffset + parameter.row + parameter.column * block.width]
    }
  }

  /// D zᵢ (Ω⁻¹Ẑᵢ')' into the places of Λ.
  private mutating func addTrace(_ i: Int, times d: Double) {
    let q = structure.q
    let leafOffset = structure.layout.blocks[structure.leafBlock].lambdaOffset
    for l in 0..<q {
      for k in l..<q {
        traces[leafOffset + k + l * q] += d * structure.leafDesign[i * q + k] * levelInverse.leafPart[l]
      }
    }
    let width = structure.restWidth
    for (j, place) in structure.restColumns.enumerated() {
      let block = structure.layout.blocks[place.block]
      for k in place.column..<block.width {
        traces[block.lambdaOffset + k + place.column * block.width] +=
          d * structure.restDesign[i * width + j + k - place.column] * levelInverse.restPart[j]
      }
    }
  }

  /// zᵢ (γᵢ u + sᵢ w)' into the places of Λ, γ being the row's weight.
  private mutating func addFactorTerms(
    _ i: Int, _ leaf: LatentStructure.Leaf, _ component: LatentStructure.Component
  ) {
    let q = structure.q
    let gamma = rowWeight[i]
    let score = derivatives.score[i]
    let leafOffset = structure.layout.blocks[structure.leafBlock].lambdaOffset
    for l in 0..<q {
      let value = gamma * modes[leaf.start + l] + score * effectPull[leaf.start + l]
      for k in l..<q {
        traces[leafOffset + k + l * q] += structure.leafDesign[i * q + k] * value
      }
    }
    let width = structure.restWidth
    for (j, place) in structure.restColumns.enumerated() {
      let block = structure.layout.blocks[place.block]
      let effect = component.start + leaf.columns[structure.restPlaces[i * width + j]]
      let value = gamma * modes[effect] + score * effectPull[effect]
      for k in place.column..<block.width {
        traces[block.lambdaOffset + k + place.column * block.width] +=
          structure.restDesign[i * width + j + k - place.column] * value
      }
    }
  }
}
