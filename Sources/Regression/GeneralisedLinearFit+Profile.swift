import Inference
import LinearAlgebra
import Probability

extension GeneralisedLinearFit {
  /// The profile-likelihood limits of a coefficient (R `confint`), exact where R interpolates.
  ///
  /// The limits solve (D(b) − D)/φ = z², D(b) being the deviance minimised over the other coefficients with this one held
  /// at b. φ is held at its estimate and z is normal in every family, as in `MASS:::confint.glm`.
  ///
  /// - Parameters:
  ///   - column: the coefficient's column of the design.
  ///   - level: the confidence level.
  /// - Returns: the limits; nil for one that is infinite, or for both where the coefficient was not estimated.
  public func profileLimits(
    of column: Int, level: Double
  ) throws(RegressionError) -> (low: Double?, high: Double?) {
    guard status == .ok, let estimate = coefficients[column],
      let place = estimableColumns.firstIndex(of: column)
    else { return (nil, nil) }
    let z = Normal().quantile((1 - level) / 2, tail: .upper)
    let others = estimableColumns.filter { $0 != column }
    let x = used.design.column(column)
    var reduced = used
    reduced.design = used.design.selecting(columns: others)
    reduced.columnNames = others.map { used.columnNames[$0] }
    var plain = model
    plain.detectsSeparation = false
    let variance = unscaledCovariance[place, place]
    // How the other coefficients move with this one, to first order: where each refit starts.
    let slopes = estimableColumns.indices.filter { $0 != place }.map {
      unscaledCovariance[$0, place] / variance
    }
    let base = others.map { coefficients[$0]! }
    func rise(_ b: Double) throws(RegressionError) -> Double {
      reduced.offset = x.indices.map { (used.offset?[$0] ?? 0) + x[$0] * b }
      let start = base.indices.map { base[$0] + slopes[$0] * (b - estimate) }
      do {
        return (try FisherScoring(model: plain, data: reduced, start: start).maximise().deviance - deviance)
          / dispersion
      } catch .noValidStart {
        // From the family's own start the means may still exist.
        guard let cold = try? FisherScoring(model: plain, data: reduced).maximise() else { return .infinity }
        return (cold.deviance - deviance) / dispersion
      }
    }
    let error = (dispersion * variance).squareRoot()
    func limit(_ side: ProfileLimit.Side) throws(RegressionError) -> Double? {
      try ProfileLimit.find(side, estimate: estimate, standardError: error, critical: z * z, rise: rise)
    }
    return (try limit(.lower), try limit(.upper))
  }
}
