import Glibc
import LinearAlgebra
import Probability

/// The survival that a Cox fit predicts for one person at one time.
public struct PredictedSurvival: Sendable, Equatable {
  /// The time asked for.
  public let time: Double
  /// S(t | x) = exp(−H(t | x)).
  public let survival: Double
  /// The standard error of S(t | x), S times that of the cumulative hazard.
  public let standardError: Double
  /// The limits of S(t | x); NaN where the scale of the limits does not reach (S = 1 for some).
  public let low: Double
  public let high: Double
  /// H(t | x).
  public let cumulativeHazard: Double
  /// The standard error of H(t | x).
  public let cumulativeHazardStandardError: Double
  /// True where the time lies beyond the last event time of the stratum: the last value is carried forward.
  public let isBeyond: Bool
}

extension CoxFit {
  /// The survival curves of persons with given covariates at given times, with limits.
  ///
  /// With dH_k the baseline increments at the event times up to t (Efron's or Breslow's), x̄_k the mean of the covariates
  /// over the risk set and η = x'β + offset, H(t | x) = e^η Σ dH_k and its variance is
  /// e^{2η} (Σ m/D² + q'Vq), q = Σ (x − x̄_k) dH_k: the error of the baseline and of the coefficients. V is the
  /// covariance that inference uses. Tsiatis (1981), doi:10.1214/aos/1176345455. R
  /// `summary(survfit(fit, newdata), times = , extend = TRUE)`.
  ///
  /// - Parameters:
  ///   - covariates: a row a person, a column a column of the design.
  ///   - strata: the code of the stratum of each person; nil where there is one.
  ///   - offset: the offset of each person; nil for the mean offset of the data.
  ///   - times: at which the curves are read.
  ///   - limits: the scale of the limits.
  /// - Returns: for each person, the curve at the times in their order; empty where a covariate is missing or the stratum
  ///   has no event.
  public func predictedSurvival(
    covariates: Matrix, strata: [Int32]? = nil, offset: [Double]? = nil, times: [Double],
    limits: SurvivalLimits = .log, level: Double = 0.95
  ) -> [[PredictedSurvival]] {
    precondition(covariates.columns == coefficients.count, "a column for every coefficient")
    let baseline = CoxBaselineSums(self)
    let z = Normal().quantile((1 - level) / 2, tail: .upper)
    let meanOffset = self.meanOffset
    return (0..<covariates.rows).map { i in
      let x = estimable.map { covariates[i, $0] }
      guard x.allSatisfy(\.isFinite),
        let s = sets.strata.firstIndex(where: { $0.code == strata?[i] ?? $0.code })
      else { return [] }
      return times.map { time in
        let sums = baseline.at(time, stratum: s, x: x, offset: offset?[i] ?? meanOffset)
        let survival = exp(-sums.hazard)
        let error = sums.variance.squareRoot()
        let ends =
          error == 0
          ? (low: survival, high: survival)
          : limits.interval(survival, logStandardError: error, z: z)
        return PredictedSurvival(
          time: time, survival: survival, standardError: survival * error, low: ends.low,
          high: ends.high, cumulativeHazard: sums.hazard, cumulativeHazardStandardError: error,
          isBeyond: sums.isBeyond)
      }
    }
  }

  /// The linear predictor's centre of each stratum: what R's `predict(fit, reference = "strata")` subtracts.
  ///
  /// Without strata the centres of the whole data (`centres`), with strata the weighted mean of each column in each
  /// stratum, over the estimable columns.
  public func predictionCentres() -> [Int32: [Double]] {
    guard let stratum else { return [0: estimable.map { centres[$0] }] }
    var sums: [Int32: [Double]] = [:]
    var weight: [Int32: Double] = [:]
    for i in 0..<count {
      let w = weights?[i] ?? 1
      var sum = sums[stratum[i]] ?? [Double](repeating: 0, count: estimable.count)
      for (a, j) in estimable.enumerated() { sum[a] += w * design.storage[i + j * count] }
      sums[stratum[i]] = sum
      weight[stratum[i], default: 0] += w
    }
    return sums.reduce(into: [:]) { centres, entry in
      centres[entry.key] = entry.value.map { $0 / weight[entry.key]! }
    }
  }
}
