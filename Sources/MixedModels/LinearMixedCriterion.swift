import Glibc
import LinearAlgebra

/// Which likelihood of a linear mixed model is maximised.
public enum LikelihoodEstimation: String, Sendable {
  /// Restricted maximum likelihood: that of the residual contrasts (lme4's and SAS's default).
  case restricted
  /// Maximum likelihood.
  case maximum
}

/// The profiled criterion of a linear mixed model, −2 log (restricted) likelihood maximised over β and σ.
///
/// ML: log|V| + n (1 + log(2πr²/n)); REML: log|V| + log|X'WV⁻¹X| + (n − p)(1 + log(2πr²/(n − p))), both less Σ log wᵢ,
/// where r² is the penalised residual sum of squares. Bates et al., J Stat Softw 2015;67(1), equations 34 and 41.
final class LinearMixedCriterion {
  let layout: RandomEffectsLayout
  let basis: FixedEffectsBasis
  private var products: any PenalisedLeastSquares
  let estimation: LikelihoodEstimation
  let observationCount: Int
  private let sumOfLogWeights: Double
  private var lambda: [Double]
  private var k: [Double]

  init(
    layout: RandomEffectsLayout, basis: FixedEffectsBasis, products: any PenalisedLeastSquares,
    estimation: LikelihoodEstimation, sumOfLogWeights: Double
  ) {
    self.layout = layout
    self.basis = basis
    self.products = products
    self.estimation = estimation
    self.sumOfLogWeights = sumOfLogWeights
    observationCount = basis.columns.rows
    lambda = [Double](repeating: 0, count: layout.lambdaCount)
    k = [Double](repeating: 0, count: products.width * products.width)
  }

  /// n − p for REML, n for ML: what r² is divided by.
  var divisor: Double {
    Double(estimation == .restricted ? observationCount - basis.rank : observationCount)
  }

  /// The criterion at θ; not a number where it cannot be evaluated.
  func value(at theta: [Double]) -> Double {
    guard let logDeterminant = factor(at: theta) else { return .nan }
    let w = products.width
    var logFixed = basis.logDeterminant
    for j in 0..<(w - 1) { logFixed += 2 * log(k[j + j * w]) }
    let rss = k[w * w - 1] * k[w * w - 1]
    return criterion(logDeterminant: logDeterminant, logFixed: logFixed, rss: rss)
  }

  /// Factors K = M'V⁻¹M at θ and returns log|V|; nil where either fails.
  private func factor(at theta: [Double]) -> Double? {
    layout.fillLambda(theta, into: &lambda)
    guard let logDeterminant = products.reduce(lambda, into: &k) else { return nil }
    let w = products.width
    let failed = k.withUnsafeMutableBufferPointer { CholeskyFactor.factorInPlace($0, order: w) }
    return failed == 0 ? logDeterminant : nil
  }

  /// −2 log L at θ and a residual variance, β profiled out; not a number where it cannot be evaluated.
  func deviance(at theta: [Double], variance: Double) -> Double {
    guard let logDeterminant = factor(at: theta) else { return .nan }
    let rss = k[k.count - 1] * k[k.count - 1]
    return logDeterminant - sumOfLogWeights + Double(observationCount) * log(2 * Double.pi * variance)
      + rss / variance
  }

  /// −2 log L at θ maximised over σ and over all coefficients but one contrast a'β on the basis, which is held.
  ///
  /// Holding it raises r² by (value − a'β̂)²/(a'K_XX⁻¹a).
  func deviance(at theta: [Double], holding a: [Double], at value: Double) -> Double {
    guard let logDeterminant = factor(at: theta) else { return .nan }
    let (estimate, scale) = contrast(a)
    let gap = value - estimate
    let n = Double(observationCount)
    let rss = k[k.count - 1] * k[k.count - 1] + gap * gap / scale
    return logDeterminant - sumOfLogWeights + n * (1 + log(2 * Double.pi * rss / n))
  }

  /// a'β̂ and its variance over σ² at θ.
  func contrast(_ a: [Double], at theta: [Double]) -> (estimate: Double, scale: Double)? {
    factor(at: theta) == nil ? nil : contrast(a)
  }

  /// a'β̂ and a'K_XX⁻¹a from the factor of K.
  private func contrast(_ a: [Double]) -> (estimate: Double, scale: Double) {
    let w = products.width
    var x = a
    var estimate = 0.0
    var scale = 0.0
    for i in 0..<(w - 1) {
      for j in 0..<i { x[i] -= k[i + j * w] * x[j] }
      x[i] /= k[i + i * w]
      estimate += x[i] * k[w - 1 + i * w]
      scale += x[i] * x[i]
    }
    return (estimate, scale)
  }

  private func criterion(logDeterminant: Double, logFixed: Double, rss: Double) -> Double {
    let restricted = estimation == .restricted ? logFixed : 0
    return logDeterminant + restricted - sumOfLogWeights
      + divisor * (1 + log(2 * Double.pi * rss / divisor))
  }

  /// Estimates and derivatives at θ.
  ///
  /// - Parameter isAveraged: whether the Hessian may be the average information, which costs less.
  func solution(
    at theta: [Double], isAveraged: Bool = false
  ) throws(LinearAlgebraError) -> LinearMixedSolution {
    let lambda = layout.lambda(theta)
    let sums = try products.derivativeSums(lambda, includingTraces: !isAveraged)
    return try LinearMixedSolution(
      theta: theta, lambda: lambda, sums: sums, layout: layout, divisor: divisor,
      isRestricted: estimation == .restricted, isAveraged: isAveraged)
  }

  /// The criterion where a solution was made.
  func value(of solution: LinearMixedSolution) -> Double {
    criterion(
      logDeterminant: solution.sums.logDeterminant, logFixed: basis.logDeterminant + solution.logFixed,
      rss: solution.rss)
  }

  /// θ to begin a search from: moments where an evaluation is dear and they give one, else equal variances.
  var start: [Double] { isDense ? products.momentStart() ?? layout.start : layout.start }

  /// Whether an evaluation is dear (see `PenalisedLeastSquares.isDense`).
  var isDense: Bool { products.isDense }

  /// The conditional modes at a solution.
  func conditionalModes(
    of solution: LinearMixedSolution
  ) throws(LinearAlgebraError) -> [ConditionalModes] {
    try products.conditionalModes(layout.lambda(solution.theta), direction: solution.direction)
  }
}
