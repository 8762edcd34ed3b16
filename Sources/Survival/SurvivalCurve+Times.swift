import Inference

/// What a survival curve says at one time.
public struct SurvivalAtTime: Sendable, Equatable {
  /// The time asked for.
  public let time: Double
  /// The number at risk just before it.
  public let atRisk: Double
  /// The number of events up to and including it.
  public let eventsSoFar: Double
  /// S(t).
  public let survival: Double
  /// The standard error of S(t).
  public let standardError: Double
  /// The lower limit of S(t).
  public let low: Double
  /// The upper limit of S(t).
  public let high: Double
  /// The Nelson–Aalen cumulative hazard.
  public let cumulativeHazard: Double
  /// True where the time lies beyond the last observation, so that the last value is carried forward.
  public let isBeyond: Bool
}

extension SurvivalCurve {
  /// The curve at a time: values of the last row at or before it, those at risk of the first row at or after it.
  ///
  /// Before the first row S = 1 without error. R `summary(survfit(…), times = t, extend = TRUE)`.
  public func at(_ t: Double) -> SurvivalAtTime {
    let next = time.partitioningIndex { $0 >= t }
    let after = time.partitioningIndex { $0 > t }
    let row = after - 1
    let soFar = events[..<after].reduce(0, +)
    let y = next < time.count ? atRisk[next] : 0
    let beyond = t > (time.last ?? 0)
    guard row >= 0 else {
      return SurvivalAtTime(
        time: t, atRisk: y, eventsSoFar: 0, survival: 1, standardError: 0, low: 1, high: 1,
        cumulativeHazard: 0, isBeyond: beyond)
    }
    return SurvivalAtTime(
      time: t, atRisk: y, eventsSoFar: soFar, survival: survival[row], standardError: standardError[row],
      low: low[row], high: high[row], cumulativeHazard: cumulativeHazard[row], isBeyond: beyond)
  }

  /// The difference of two curves' survival at a time, second minus first, with its normal limits and test.
  ///
  /// The groups are independent, so variances add. SAS `PROC LIFETEST` has no such option; Klein & Moeschberger,
  /// section 7.8, equation 7.8.1.
  public static func difference(
    _ second: SurvivalCurve, minus first: SurvivalCurve, at t: Double, level: Double = 0.95
  ) -> Coefficient {
    let a = first.at(t)
    let b = second.at(t)
    let se = (a.standardError * a.standardError + b.standardError * b.standardError).squareRoot()
    return .wald(
      term: "S(t) difference", estimate: b.survival - a.survival, standardError: se, reference: .normal,
      level: level)
  }
}
