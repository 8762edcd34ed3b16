import LinearAlgebra
import Probability

extension CoxFit {
  /// Confidence limits of one coefficient from the profile of the partial likelihood.
  ///
  /// The limits are where twice the drop of the likelihood, maximised over the other coefficients, reaches the χ²₁
  /// quantile. Venzon & Moolgavkar (1988), doi:10.2307/2347496. SAS `PROC PHREG` `RISKLIMITS=PL`.
  ///
  /// - Parameter column: an estimable column of the design.
  /// - Returns: a limit is nil where the likelihood never falls that far (an infinite limit).
  public func profileLimits(column: Int, level: Double = 0.95) -> (low: Double?, high: Double?) {
    guard let j = estimable.firstIndex(of: column), status == .ok else { return (nil, nil) }
    let profile = LikelihoodProfile(
      evaluate: CoxModel.likelihood(sets, ties, penalty), fixed: j, best: scaled, top: logLikelihood,
      drop: ChiSquared(df: 1).quantile(1 - level, tail: .upper) / 2)
    let step = Normal().quantile((1 - level) / 2, tail: .upper) * modelCovariance[j, j].squareRoot()
    let scale = sets.scale[j]
    return (
      profile.limit(firstStep: -step * scale).map { $0 / scale },
      profile.limit(firstStep: step * scale).map { $0 / scale }
    )
  }

  /// The likelihood-ratio test that one coefficient is 0, the others maximised: χ² on one degree of freedom.
  ///
  /// The test of a penalised fit, as R's `coxphf` prints it.
  /// - Parameter column: an estimable column of the design.
  public func likelihoodRatioTest(column: Int) -> Test? {
    guard let j = estimable.firstIndex(of: column), status == .ok else { return nil }
    let profile = LikelihoodProfile(
      evaluate: CoxModel.likelihood(sets, ties, penalty), fixed: j, best: scaled, top: logLikelihood, drop: 0)
    return Test(statistic: max(0, -2 * profile.at(0, from: scaled).excess), df: 1)
  }
}
