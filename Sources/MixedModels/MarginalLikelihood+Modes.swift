import LinearAlgebra

extension MarginalLikelihood {
  /// The deviance of the observations given the modes found last, 2 Σ (saturated − log f(yᵢ | û)) (R `deviance(glmer)`).
  mutating func conditionalDeviance(_ psi: [Double]) -> Double {
    var sum = likelihood.saturatedValue(shape: shape(psi))
    for component in structure.components {
      sum -= refreshDerivatives(component, psi)
    }
    return 2 * sum
  }

  /// The conditional modes Λû and covariances ΛΩ⁻¹Λ' of every level at ψ.
  mutating func conditionalModes(_ psi: [Double]) throws(LinearAlgebraError) -> [ConditionalModes] {
    let layout = structure.layout
    let lambda = layout.lambda(theta(psi))
    let factors = layout.blocks.indices.map { layout.lambdaMatrix(block: $0, lambda) }
    var result = layout.blocks.map {
      ConditionalModes(
        modes: Matrix(rows: $0.width, columns: $0.levels.count),
        covariances: Matrix(rows: $0.width * $0.width, columns: $0.levels.count))
    }
    // The modes are those of this ψ; Ω is factored again, component by component.
    guard evaluate(psi, gradient: false).value.isFinite else {
      throw .notFinite(routine: "conditional modes")
    }
    for component in structure.components {
      refreshDerivatives(component, psi)
      guard system.factor(component, weights: derivatives.information) != nil else {
        throw .notPositiveDefinite(order: 1)
      }
      let restInverse = system.restInverse(component)
      for index in component.leaves {
        let leaf = structure.leaves[index]
        let factor = factors[structure.leafBlock]
        let u = (0..<structure.q).map { modes[leaf.start + $0] }
        result[structure.leafBlock].modes.setColumn(leaf.level, factor * u)
        levelInverse.prepare(leaf: index, of: &system, restInverse: restInverse)
        result[structure.leafBlock].covariances.setColumn(
          leaf.level, levelInverse.leafCovariance.sandwiched(by: factor).storage)
      }
      for node in component.nodes {
        let width = layout.blocks[node.block].width
        let places = Array(node.start..<(node.start + width))
        let u = places.map { modes[component.start + $0] }
        result[node.block].modes.setColumn(node.level, factors[node.block] * u)
        let covariance = restInverse.selecting(rows: places).selecting(columns: places)
        result[node.block].covariances.setColumn(
          node.level, covariance.sandwiched(by: factors[node.block]).storage)
      }
    }
    return result
  }
}
