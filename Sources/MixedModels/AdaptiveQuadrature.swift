import Glibc
import LinearAlgebra
import Probability

/// A product Gauss–Hermite rule for the random effects of one level.
struct QuadratureRule: Sendable {
  /// For each point its coordinates √2 x.
  let points: [[Double]]
  /// For each point log(Π wₖ exp(xₖ²)).
  let logWeights: [Double]

  /// The product of rules with `count` nodes in `dimension` dimensions.
  init(count: Int, dimension: Int) {
    let rule = GaussHermite(count)
    let root = Double(2).squareRoot()
    var points: [[Double]] = [[]]
    var logWeights = [0.0]
    for _ in 0..<dimension {
      points = points.flatMap { point in
        rule.nodes.map { point + [root * $0] }
      }
      logWeights = logWeights.flatMap { weight in
        (0..<count).map { weight + log(rule.weights[$0]) + rule.nodes[$0] * rule.nodes[$0] }
      }
    }
    self.points = points
    self.logWeights = logWeights
  }
}

/// Adaptive Gauss–Hermite quadrature of one level's integral, nodes at û + L'⁻¹√2x with Ω = LL'.
///
/// Pinheiro & Bates, J Comput Graph Stat 1995;4:12–35, doi 10.1080/10618600.1995.10474663. With one node it is Laplace's
/// approximation.
extension MarginalLikelihood {
  /// −log of the integral over one level's effects; adds the gradient for a scalar effect.
  ///
  /// The modes have been found and Ω is factored. On return η and the derivatives are not those at the mode.
  func integrate(
    _ component: LatentStructure.Component, _ rule: QuadratureRule, shape: Double,
    logDeterminant: Double, wantsGradient: Bool, gradient: inout [Double]
  ) -> Double {
    precondition(component.size == 0 && component.leaves.count == 1, "quadrature over several groupings")
    let q = structure.q
    let leaf = structure.leaves[component.leaves.lowerBound]
    let mode = (0..<q).map { modes[leaf.start + $0] }
    let fixedPart = component.rows.map { i -> Double in
      var sum = eta[i]
      for k in 0..<q { sum -= system.scaledLeaf[i * q + k] * mode[k] }
      return sum
    }
    let atMode = (
      score: Array(derivatives.score[component.rows]),
      information: Array(derivatives.information[component.rows]),
      slope: Array(derivatives.slope[component.rows])
    )
    let etaAtMode = Array(eta[component.rows])
    let first = component.rows.lowerBound
    let n = component.rows.count
    let base = component.leaves.lowerBound * q * q
    var objectives: [Double] = []
    var effects: [[Double]] = []
    var scores: [Double] = []
    var shapeValues: [Double] = []
    for point in rule.points {
      var u = point
      for k in stride(from: q - 1, through: 0, by: -1) {
        for t in (k + 1)..<max(q, k + 1) { u[k] -= system.leafFactors[base + t + k * q] * u[t] }
        u[k] /= system.leafFactors[base + k + k * q]
      }
      for k in 0..<q { u[k] += mode[k] }
      for i in component.rows {
        var sum = fixedPart[i - first]
        for k in 0..<q { sum += system.scaledLeaf[i * q + k] * u[k] }
        eta[i] = sum
      }
      likelihood.evaluate(eta, component.rows, shape: shape, into: &derivatives)
      var objective = u.reduce(0) { $0 + $1 * $1 / 2 }
      for i in component.rows { objective -= derivatives.value[i] }
      objectives.append(objective)
      effects.append(u)
      if wantsGradient {
        scores += derivatives.score[component.rows]
        if likelihood.family.hasShape {
          shapeValues.append(
            component.rows.reduce(0) {
              $0 + likelihood.shapeDerivatives($1, eta: eta[$1], shape: shape).value
            })
        }
      }
    }
    let terms = zip(rule.logWeights, objectives).map { $0 - $1 }
    let largest = terms.max()!
    let exponentials = terms.map { exp($0 - largest) }
    let total = exponentials.reduce(0, +)
    let value =
      logDeterminant / 2 + Double(q) / 2 * log(Double.pi) - largest - log(total)
    for i in component.rows { eta[i] = etaAtMode[i - first] }
    guard wantsGradient, q == 1 else { return value }

    // F'(uₖ), and the change of −log L with û and ω: uₖ = û + √2xₖ/√ω.
    let omega = system.leafFactors[base] * system.leafFactors[base]
    var withMode = 0.0
    var withOmega = 0.5 / omega
    var averageScore = [Double](repeating: 0, count: n)
    var averagePull = [Double](repeating: 0, count: n)
    for (k, u) in effects.enumerated() {
      let p = exponentials[k] / total
      var slope = u[0]
      for i in 0..<n {
        let s = scores[k * n + i]
        slope -= s * system.scaledLeaf[first + i]
        averageScore[i] += p * s
        averagePull[i] += p * s * u[0]
      }
      withMode += p * slope
      withOmega -= p * slope * rule.points[k][0] / (2 * omega * omega.squareRoot())
    }
    var cubic = 0.0
    for i in 0..<n {
      let z = system.scaledLeaf[first + i]
      cubic += z * z * z * atMode.slope[i]
    }
    let pulled = (withMode + withOmega * cubic) / omega
    var theta = 0.0
    for i in 0..<n {
      let z = system.scaledLeaf[first + i]
      let raw = structure.leafDesign[first + i]
      let weight = withOmega * z * z * atMode.slope[i] - pulled * z * atMode.information[i]
      rowWeight[first + i] = weight - averageScore[i]
      theta +=
        raw
        * (weight * mode[0] - averagePull[i] + 2 * withOmega * z * atMode.information[i]
          + pulled * atMode.score[i])
    }
    gradient[fixedCount] += theta
    if likelihood.family.hasShape {
      var sum = 0.0
      for k in effects.indices { sum -= exponentials[k] / total * shapeValues[k] }
      for i in 0..<n {
        let z = system.scaledLeaf[first + i]
        let phi = likelihood.shapeDerivatives(first + i, eta: etaAtMode[i], shape: shape)
        sum += withOmega * z * z * phi.information + pulled * z * phi.score
      }
      gradient[parameterCount - 1] += sum
    }
    return value
  }
}
