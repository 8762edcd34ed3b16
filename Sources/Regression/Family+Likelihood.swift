import Glibc
import LinearAlgebra
import Probability

extension Family {
  /// The maximised log-likelihood as R's `logLik` of a `glm` counts it; nil for a quasi family.
  ///
  /// Where the dispersion is unknown its estimate from the deviance, D/Σw (D/n for the normal), stands in, as in R.
  ///
  /// - Parameters:
  ///   - y: the responses of the rows with a positive weight.
  ///   - mean: their fitted means.
  ///   - weights: their prior weights; for proportions the trials times the weight of a trial.
  ///   - trials: the binomial denominators, where the response was given as successes and failures.
  ///   - deviance: the model's deviance.
  func logLikelihood(
    y: [Double], mean: [Double], weights: [Double]?, trials: [Double]?, deviance: Double
  ) -> Double? {
    let n = y.count
    func sum(_ term: (Int, Double) -> Double) -> Double {
      var total = 0.0
      for i in 0..<n { total += term(i, weights?[i] ?? 1) }
      return total
    }
    switch self {
    case .quasibinomial, .quasipoisson: return nil
    case .binomial where weights == nil && trials == nil && y.allSatisfy { $0 == 0 || $0 == 1 }:
      // The saturated model has the likelihood 1.
      return -deviance / 2
    case .binomial:
      // With 0/1 responses a prior weight counts as so many trials, as in R.
      let grouped = trials?.contains { $0 > 1 } ?? false
      return sum { i, w in
        let m = grouped ? trials![i] : w
        guard m > 0 else { return 0 }
        if m == 1, y[i] == 0 || y[i] == 1 { return y[i] == 1 ? log(mean[i]) : log1p(-mean[i]) }
        return w / m
          * Binomial(size: m.rounded(.toNearestOrEven), probability: mean[i]).density(
            (m * y[i]).rounded(.toNearestOrEven), log: true)
      }
    case .poisson:
      return sumsOverBlocks(rows: n, block: 8192, width: 1) { rows, total in
        for i in rows {
          let density =
            SmallCounts.contains(y[i])
            ? y[i] * log(mean[i]) - mean[i] - SmallCounts.logFactorials[Int(y[i])]
            : Poisson(mean: mean[i]).density(y[i], log: true)
          total[0] += (weights?[i] ?? 1) * density
        }
      }[0]
    case .negativeBinomial(let theta):
      return sum { i, w in w * NegativeBinomial(size: theta, mean: mean[i]).density(y[i], log: true) }
    case .gaussian:
      let count = Double(n)
      let logWeights = sum { _, w in log(w) }
      return -(count * (log(2 * Double.pi * deviance / count) + 1) - logWeights) / 2
    case .gamma:
      let dispersion = deviance / sum { _, w in w }
      return sum { i, w in
        w * Gamma(shape: 1 / dispersion, scale: mean[i] * dispersion).density(y[i], log: true)
      }
    case .inverseGaussian:
      let total = sum { _, w in w }
      let logs = sum { i, w in w * log(y[i]) }
      return -(total * (log(deviance / total * 2 * Double.pi) + 1) + 3 * logs) / 2
    }
  }
}
