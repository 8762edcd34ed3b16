import Glibc
import LinearAlgebra

/// The cumulative incidence that a Fine–Gray fit predicts for one person at one time.
public struct PredictedIncidence: Sendable, Equatable {
  /// The time asked for.
  public let time: Double
  /// F(t | x) = 1 − exp(−H(t | x)), of the fit's cause.
  public let incidence: Double
  /// H(t | x), the cumulative subdistribution hazard.
  public let cumulativeHazard: Double
  /// True where the time lies beyond the last time of the data: the last value is carried forward.
  public let isBeyond: Bool
}

/// The cumulative subdistribution hazard of a Fine–Gray fit at the means of the covariates.
struct SubdistributionBaseline: Sendable {
  /// The event times of the cause, ascending.
  let time: [Double]
  /// Σ d/S0 up to each of them (Breslow), relative to the centre.
  let hazard: [Double]
  /// The last time of the data.
  let lastTime: Double
  /// The means of the estimable columns.
  let centre: [Double]
  /// What was subtracted from every linear predictor.
  let shift: Double
}

extension FineGrayFit {
  /// The cumulative incidence of the cause for persons with given covariates at given times.
  ///
  /// F(t | x) = 1 − exp(−e^{x'β} Λ(t)), Λ the Breslow estimate of the baseline's cumulative subdistribution hazard. R
  /// `cmprsk::predict.crr`, which gives no limits either.
  ///
  /// - Parameters:
  ///   - covariates: a row a person, a column a column of the design.
  ///   - times: at which the curves are read.
  /// - Returns: for each person, the curve at the times in their order; empty where a covariate is missing.
  public func predictedIncidence(covariates: Matrix, times: [Double]) -> [[PredictedIncidence]] {
    precondition(covariates.columns == coefficients.count, "a column for every coefficient")
    let beta = estimates
    return (0..<covariates.rows).map { i in
      var eta = -baseline.shift
      for (a, j) in estimable.enumerated() { eta += beta[a] * (covariates[i, j] - baseline.centre[a]) }
      guard eta.isFinite else { return [] }
      return times.map { time in
        let events = baseline.time.partitioningIndex { $0 > time }
        let hazard = events == 0 ? 0 : exp(eta) * baseline.hazard[events - 1]
        return PredictedIncidence(
          time: time, incidence: -expm1(-hazard), cumulativeHazard: hazard,
          isBeyond: time > baseline.lastTime)
      }
    }
  }
}
