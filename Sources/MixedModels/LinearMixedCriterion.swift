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
  private(set) var products: any PenalisedLeastSquares
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
    layout.fillLambda(theta, into: &lambda)
    guard let logDeterminant = products.reduce(lambda, into: &k) else { return .nan }
    let w = products.width
    let failed = k.withUnsafeMutableBufferPointer { CholeskyFactor.factorInPlace($0, order: w) }
    guard failed == 0 else { return .nan }
    var logFixed = basis.logDeterminant
    for j in 0..<(w - 1) { logFixed += 2 * log(k[j + j * w]) }
    let rss = k[w * w - 1] * k[w * w - 1]
    return criterion(logDeterminant: logDeterminant, logFixed: logFixed, rss: rss)
  }

  private func criterion(logDeterminant: Double, logFixed: Double, rss: Double) -> Double {
    let restricted = estimation == .restricted ? logFixed : 0
    return logDeterminant + restricted - sumOfLogWeights
      + divisor * (1 + log(2 * Double.pi * rss / divisor))
  }

  /// Value, estimates and derivatives at θ.
  func solution(at theta: [Double]) throws(LinearAlgebraError) -> LinearMixedSolution {
    let lambda = layout.lambda(theta)
    let sums = try products.derivativeSums(lambda)
    return try LinearMixedSolution(
      theta: theta, lambda: lambda, sums: sums, layout: layout, divisor: divisor,
      isRestricted: estimation == .restricted)
  }
}
