import Glibc
import Inference
import LinearAlgebra
import Probability

/// The restricted mean survival time: the mean time without the event up to a horizon τ, ∫₀^τ S(t) dt.
///
/// It is the area under the Kaplan–Meier curve; its variance is Σ A(t)² d/(Y(Y − d)) over the event times up to τ, A(t) the
/// area from t to τ (Greenwood's plug-in). Klein & Moeschberger, section 4.5; Uno et al. (2014),
/// doi:10.1200/JCO.2014.55.2208. R `survRM2::rmst2`, SAS `PROC LIFETEST RMST(TAU=)`. τ has no default: software chooses the
/// smaller of two largest times, the largest time, or infinity, and the estimate follows.
public struct RestrictedMean: Sendable, Equatable {
  /// The horizon.
  public let tau: Double
  /// The mean time without the event up to τ.
  public let estimate: Double
  /// Its variance.
  public let variance: Double
  /// The number of rows in the group.
  public let count: Int

  /// The standard error.
  public var standardError: Double { variance.squareRoot() }

  /// The mean time lost up to τ, τ minus the estimate, with the same standard error.
  public var timeLost: Double { tau - estimate }

  /// Integrates a survival curve up to a horizon.
  ///
  /// - Throws: `SurvivalError.horizon` where τ is not above 0, or lies beyond the group's last time while someone is still
  ///   without the event there, so that the curve is not known up to τ.
  public init(_ curve: SurvivalCurve, tau: Double) throws(SurvivalError) {
    let last = curve.time.last ?? 0
    guard tau > 0, tau.isFinite, tau <= last || curve.survival.last == 0 else {
      throw .horizon(tau: tau, largest: last)
    }
    let m = curve.time.partitioningIndex { $0 > tau }
    var area = 0.0
    var variance = 0.0
    // Backwards: the area beyond each event time is complete when it is needed.
    for j in stride(from: m - 1, through: 0, by: -1) {
      let next = j + 1 < m ? curve.time[j + 1] : tau
      area += (next - curve.time[j]) * curve.survival[j]
      let d = curve.events[j]
      let y = curve.atRisk[j]
      if d > 0, y - d > 0 { variance += area * area * d / (y * (y - d)) }
    }
    self.tau = tau
    estimate = area + (m > 0 ? curve.time[0] : tau)
    self.variance = variance
    count = curve.count
  }

  /// The estimate with its normal limits.
  public func interval(level: Double = 0.95) -> (low: Double, high: Double) {
    let margin = Reference.normal.criticalValue(level: level) * standardError
    return (estimate - margin, estimate + margin)
  }

  /// The difference of two independent groups' restricted means, second minus first, with limits and test.
  public static func difference(
    _ second: RestrictedMean, minus first: RestrictedMean, level: Double = 0.95
  ) -> Coefficient {
    .wald(
      term: "difference", estimate: second.estimate - first.estimate,
      standardError: (first.variance + second.variance).squareRoot(), reference: .normal, level: level)
  }

  /// The ratio of two independent groups' restricted means, second over first; test and limits on the log scale.
  ///
  /// `standardError` is that of the logarithm (delta method).
  public static func ratio(
    _ second: RestrictedMean, over first: RestrictedMean, level: Double = 0.95
  ) -> Coefficient {
    logRatio(
      "ratio", second.estimate, second.variance, first.estimate, first.variance, level)
  }

  /// The ratio of two independent groups' mean times lost, second over first, as `ratio(_:over:)`.
  public static func ratioOfTimeLost(
    _ second: RestrictedMean, over first: RestrictedMean, level: Double = 0.95
  ) -> Coefficient {
    logRatio(
      "ratio of time lost", second.timeLost, second.variance, first.timeLost, first.variance, level)
  }

  private static func logRatio(
    _ term: String, _ a: Double, _ va: Double, _ b: Double, _ vb: Double, _ level: Double
  ) -> Coefficient {
    var row = Coefficient.wald(
      term: term, estimate: log(a / b),
      standardError: (va / (a * a) + vb / (b * b)).squareRoot(), reference: .normal, level: level)
    row.estimate = row.estimate.map { exp($0) }
    row.low = row.low.map { exp($0) }
    row.high = row.high.map { exp($0) }
    return row
  }
}
