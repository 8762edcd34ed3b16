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

/// Scratch of one level's quadrature, made once for the largest level.
struct QuadratureScratch {
  /// F at every point and the effects there, q a point.
  var objectives: [Double]
  var effects: [Double]
  /// Scores of every row at every point, rows of a point together.
  var scores: [Double]
  /// ∂ Σ ℓ / ∂ log k at every point.
  var shapeValues: [Double]
  /// η, score, information and D' of the level's rows at the mode.
  var eta: [Double]
  var score: [Double]
  var information: [Double]
  var slope: [Double]
  /// Averages over the points of a row's score, and of its score times the effects, q a row.
  var averageScore: [Double]
  var averagePull: [Double]
  /// For the gradient of vector effects: q × q matrices and q-vectors (see `addVectorGradient`).
  var moment: [Double]
  var metric: [Double]
  var slopeAt: [Double]
  var pullMode: [Double]

  init(rows: Int, points: Int, dimension: Int) {
    objectives = [Double](repeating: 0, count: points)
    effects = [Double](repeating: 0, count: points * dimension)
    scores = [Double](repeating: 0, count: points * rows)
    shapeValues = objectives
    eta = [Double](repeating: 0, count: rows)
    score = eta
    information = eta
    slope = eta
    averageScore = eta
    averagePull = [Double](repeating: 0, count: rows * dimension)
    moment = [Double](repeating: 0, count: dimension * dimension)
    metric = moment
    slopeAt = [Double](repeating: 0, count: dimension)
    pullMode = slopeAt
  }
}

/// Adaptive Gauss–Hermite quadrature of one level's integral, nodes at û + L'⁻¹√2x with Ω = LL'.
///
/// Pinheiro & Bates, J Comput Graph Stat 1995;4:12–35, doi 10.1080/10618600.1995.10474663. With one node it is Laplace's
/// approximation.
extension MarginalLikelihood {
  /// −log of the integral over one level's effects; adds its gradient on request.
  ///
  /// The modes have been found and Ω is factored. On return the derivatives are not those at the mode.
  mutating func integrate(
    _ component: LatentStructure.Component, _ rule: QuadratureRule, shape: Double,
    logDeterminant: Double, wantsGradient: Bool, gradient: inout [Double]
  ) -> Double {
    precondition(component.size == 0 && component.leaves.count == 1, "quadrature over several groupings")
    let q = structure.q
    keepMode(component)
    evaluatePoints(component, rule, shape: shape, wantsGradient: wantsGradient)
    var largest = -Double.infinity
    for k in rule.points.indices {
      scratch.objectives[k] = rule.logWeights[k] - scratch.objectives[k]
      largest = max(largest, scratch.objectives[k])
    }
    var total = 0.0
    for k in rule.points.indices {
      scratch.objectives[k] = exp(scratch.objectives[k] - largest)
      total += scratch.objectives[k]
    }
    for k in rule.points.indices { scratch.objectives[k] /= total }
    if wantsGradient {
      if q == 1 {
        addScalarGradient(component, rule, shape: shape, to: &gradient)
      } else {
        addVectorGradient(component, rule, shape: shape, to: &gradient)
      }
    }
    return logDeterminant / 2 + Double(q) / 2 * log(Double.pi) - largest - log(total)
  }

  private mutating func keepMode(_ component: LatentStructure.Component) {
    let first = component.rows.lowerBound
    for i in component.rows {
      scratch.eta[i - first] = eta[i]
      scratch.score[i - first] = derivatives.score[i]
      scratch.information[i - first] = derivatives.information[i]
      scratch.slope[i - first] = derivatives.slope[i]
    }
  }

  /// F, and for a gradient the scores, at every point.
  private mutating func evaluatePoints(
    _ component: LatentStructure.Component, _ rule: QuadratureRule, shape: Double,
    wantsGradient: Bool
  ) {
    let q = structure.q
    let leaf = structure.leaves[component.leaves.lowerBound]
    let base = component.leaves.lowerBound * q * q
    let first = component.rows.lowerBound
    let n = component.rows.count
    for (k, point) in rule.points.enumerated() {
      for j in stride(from: q - 1, through: 0, by: -1) {
        var u = point[j]
        for t in (j + 1)..<max(q, j + 1) {
          u -= system.leafFactors[base + t + j * q] * scratch.effects[k * q + t]
        }
        scratch.effects[k * q + j] = u / system.leafFactors[base + j + j * q]
      }
      // The part of F in u; effects hold deviations from the mode until the rows are done.
      var objective = 0.0
      for j in 0..<q {
        let u = modes[leaf.start + j] + scratch.effects[k * q + j]
        objective += u * u / 2
      }
      for i in component.rows {
        var sum = scratch.eta[i - first]
        for j in 0..<q { sum += system.scaledLeaf[i * q + j] * scratch.effects[k * q + j] }
        eta[i] = sum
      }
      objective -= likelihood.evaluate(eta, component.rows, shape: shape, into: &derivatives)
      if wantsGradient {
        for i in 0..<n { scratch.scores[k * n + i] = derivatives.score[first + i] }
        if likelihood.family.hasShape {
          scratch.shapeValues[k] = component.rows.reduce(0) {
            $0 + likelihood.shapeDerivatives($1, eta: eta[$1], shape: shape).value
          }
        }
      }
      for j in 0..<q { scratch.effects[k * q + j] += modes[leaf.start + j] }
      scratch.objectives[k] = objective
    }
    for i in component.rows { eta[i] = scratch.eta[i - first] }
  }
}
