import Glibc
import LinearAlgebra

/// The exact gradient of adaptive quadrature: the points move with the mode û and the curvature Ω there.
extension MarginalLikelihood {
  /// The gradient of a scalar effect's quadrature.
  ///
  /// The points uₖ = û + √2xₖ/√ω move with û and ω = Ω. With pₖ the share of point k, A = Σ pₖF'(uₖ) and
  /// c = 1/(2ω) − Σ pₖF'(uₖ)√2xₖ/(2ω^{3/2}), d(−log L) = c dω + A dû + Σ pₖ ∂F/∂ψ(uₖ).
  mutating func addScalarGradient(
    _ component: LatentStructure.Component, _ rule: QuadratureRule, shape: Double,
    to gradient: inout [Double]
  ) {
    let index = component.leaves.lowerBound
    let mode = modes[structure.leaves[index].start]
    let omega = system.leafFactors[index] * system.leafFactors[index]
    let first = component.rows.lowerBound
    let n = component.rows.count
    for i in 0..<n {
      scratch.averageScore[i] = 0
      scratch.averagePull[i] = 0
    }
    var withMode = 0.0
    var withOmega = 0.5 / omega
    for k in rule.points.indices {
      let p = scratch.objectives[k]
      let u = scratch.effects[k]
      var slope = u
      for i in 0..<n {
        let s = scratch.scores[k * n + i]
        slope -= s * system.scaledLeaf[first + i]
        scratch.averageScore[i] += p * s
        scratch.averagePull[i] += p * s * u
      }
      withMode += p * slope
      withOmega -= p * slope * rule.points[k][0] / (2 * omega * omega.squareRoot())
    }
    var cubic = 0.0
    for i in 0..<n {
      let z = system.scaledLeaf[first + i]
      cubic += z * z * z * scratch.slope[i]
    }
    // dω has a part through û too: û moves by −ω⁻¹ ∂²F/∂u∂ψ.
    let pulled = (withMode + withOmega * cubic) / omega
    var theta = 0.0
    for i in 0..<n {
      let z = system.scaledLeaf[first + i]
      let weight = withOmega * z * z * scratch.slope[i] - pulled * z * scratch.information[i]
      rowWeight[first + i] = weight - scratch.averageScore[i]
      theta +=
        structure.leafDesign[first + i]
        * (weight * mode - scratch.averagePull[i] + 2 * withOmega * z * scratch.information[i]
          + pulled * scratch.score[i])
    }
    gradient[fixedCount] += theta
    guard likelihood.family.hasShape else { return }
    var sum = 0.0
    for k in rule.points.indices { sum -= scratch.objectives[k] * scratch.shapeValues[k] }
    for i in 0..<n {
      let z = system.scaledLeaf[first + i]
      let phi = likelihood.shapeDerivatives(first + i, eta: scratch.eta[i], shape: shape)
      sum += withOmega * z * z * phi.information + pulled * z * phi.score
    }
    gradient[parameterCount - 1] += sum
  }

  /// The gradient of the quadrature of several effects a level.
  ///
  /// With Ω = LL' the points are uₖ = û + L'⁻¹√2xₖ, and dL = LΦ(S), S = L⁻¹dΩL'⁻¹, where Φ keeps the lower triangle and
  /// half the diagonal. With pₖ the share of point k, A = Σ pₖF'(uₖ), B = Σ pₖ√2xₖ(L⁻¹F'(uₖ))', and
  /// T = Φ(B) made symmetric with half weight off the diagonal,
  /// d(−log L) = ⟨dΩ, G⟩ + A'dû + Σ pₖ ∂F/∂ψ(uₖ) with G = L'⁻¹(I/2 − T)L⁻¹. Murray, arXiv:1602.07527, equation 10, gives
  /// the derivative of a Cholesky factor.
  mutating func addVectorGradient(
    _ component: LatentStructure.Component, _ rule: QuadratureRule, shape: Double,
    to gradient: inout [Double]
  ) {
    let q = structure.q
    let base = component.leaves.lowerBound * q * q
    let start = structure.leaves[component.leaves.lowerBound].start
    let first = component.rows.lowerBound
    let n = component.rows.count
    averagePoints(component, rule)
    metricOfCurvature(base)
    // R = A + Σ gᵢD'ᵢẑᵢ, then r = Ω⁻¹R: how the value moves where û does.
    for i in 0..<n {
      let factor = curvatureWeight(first + i, q) * scratch.slope[i]
      for l in 0..<q { scratch.pullMode[l] += factor * system.scaledLeaf[(first + i) * q + l] }
    }
    solveLeaf(base)
    let layout = structure.layout
    let lambdaOffset = layout.blocks[structure.leafBlock].lambdaOffset
    for k in quadratureTraces.indices { quadratureTraces[k] = 0 }
    for i in 0..<n {
      let row = first + i
      let g = curvatureWeight(row, q)
      var pulled = 0.0
      for l in 0..<q { pulled += system.scaledLeaf[row * q + l] * scratch.pullMode[l] }
      let weight = g * scratch.slope[i] - scratch.information[i] * pulled
      rowWeight[row] = weight - scratch.averageScore[i]
      for l in 0..<q {
        var moved = 0.0
        for t in 0..<q { moved += scratch.metric[l + t * q] * system.scaledLeaf[row * q + t] }
        let coefficient =
          weight * modes[start + l] - scratch.averagePull[i * q + l]
          + 2 * scratch.information[i] * moved + scratch.score[i] * scratch.pullMode[l]
        for k in l..<q {
          quadratureTraces[lambdaOffset + k + l * q] += structure.leafDesign[row * q + k] * coefficient
        }
      }
      if likelihood.family.hasShape {
        let phi = likelihood.shapeDerivatives(row, eta: scratch.eta[i], shape: shape)
        gradient[parameterCount - 1] += g * phi.information + pulled * phi.score
      }
    }
    for (k, parameter) in layout.parameters.enumerated() {
      gradient[fixedCount + k] += quadratureTraces[lambdaOffset + parameter.row + parameter.column * q]
    }
    guard likelihood.family.hasShape else { return }
    for k in rule.points.indices {
      gradient[parameterCount - 1] -= scratch.objectives[k] * scratch.shapeValues[k]
    }
  }

  /// The averages over the points: each row's score and score times effects, A (in `pullMode`), and B (in `moment`).
  private mutating func averagePoints(_ component: LatentStructure.Component, _ rule: QuadratureRule) {
    let q = structure.q
    let base = component.leaves.lowerBound * q * q
    let first = component.rows.lowerBound
    let n = component.rows.count
    for i in 0..<n {
      scratch.averageScore[i] = 0
      for l in 0..<q { scratch.averagePull[i * q + l] = 0 }
    }
    for k in scratch.moment.indices { scratch.moment[k] = 0 }
    for l in 0..<q { scratch.pullMode[l] = 0 }
    for k in rule.points.indices {
      let p = scratch.objectives[k]
      for l in 0..<q { scratch.slopeAt[l] = scratch.effects[k * q + l] }
      for i in 0..<n {
        let s = scratch.scores[k * n + i]
        scratch.averageScore[i] += p * s
        for l in 0..<q {
          scratch.slopeAt[l] -= s * system.scaledLeaf[(first + i) * q + l]
          scratch.averagePull[i * q + l] += p * s * scratch.effects[k * q + l]
        }
      }
      for l in 0..<q { scratch.pullMode[l] += p * scratch.slopeAt[l] }
      // L⁻¹F' by forward substitution.
      for l in 0..<q {
        var value = scratch.slopeAt[l]
        for t in 0..<l { value -= system.leafFactors[base + l + t * q] * scratch.slopeAt[t] }
        scratch.slopeAt[l] = value / system.leafFactors[base + l + l * q]
      }
      for j in 0..<q {
        for i in j..<q { scratch.moment[i + j * q] += p * rule.points[k][i] * scratch.slopeAt[j] }
      }
    }
  }

  /// G = L'⁻¹(I/2 − T)L⁻¹ from the lower triangle of B.
  private mutating func metricOfCurvature(_ base: Int) {
    let q = structure.q
    for j in 0..<q {
      for i in j..<q {
        let value = (i == j ? 0.5 : 0) - scratch.moment[i + j * q] / 2
        scratch.metric[i + j * q] = value
        scratch.metric[j + i * q] = value
      }
    }
    // L'⁻¹ from the left on the columns, then on the columns of the transpose: W is symmetric.
    for _ in 0..<2 {
      for j in 0..<q {
        for i in stride(from: q - 1, through: 0, by: -1) {
          var value = scratch.metric[i + j * q]
          for t in (i + 1)..<max(q, i + 1) {
            value -= system.leafFactors[base + t + i * q] * scratch.metric[t + j * q]
          }
          scratch.metric[i + j * q] = value / system.leafFactors[base + i + i * q]
        }
      }
      for j in 0..<q {
        for i in 0..<j { scratch.metric.swapAt(i + j * q, j + i * q) }
      }
    }
  }

  /// ẑᵢ'Gẑᵢ of a row.
  private func curvatureWeight(_ row: Int, _ q: Int) -> Double {
    var sum = 0.0
    for t in 0..<q {
      for l in 0..<q {
        sum += scratch.metric[l + t * q] * system.scaledLeaf[row * q + l] * system.scaledLeaf[row * q + t]
      }
    }
    return sum
  }

  /// Ω⁻¹R for the level at hand, in place.
  private mutating func solveLeaf(_ base: Int) {
    let q = structure.q
    for l in 0..<q {
      for t in 0..<l { scratch.pullMode[l] -= system.leafFactors[base + l + t * q] * scratch.pullMode[t] }
      scratch.pullMode[l] /= system.leafFactors[base + l + l * q]
    }
    for l in stride(from: q - 1, through: 0, by: -1) {
      for t in (l + 1)..<max(q, l + 1) {
        scratch.pullMode[l] -= system.leafFactors[base + t + l * q] * scratch.pullMode[t]
      }
      scratch.pullMode[l] /= system.leafFactors[base + l + l * q]
    }
  }
}
