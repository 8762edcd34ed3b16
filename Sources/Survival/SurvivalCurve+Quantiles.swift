/// What the p-quantile of a survival time is where S(t) equals 1 − p exactly on a flat stretch.
public enum QuantileRule: String, Sendable, CaseIterable {
  /// The middle of the stretch, up to the last time if the curve ends there (R `quantile.survfit`).
  case midpoint
  /// The first time with S(t) ≤ 1 − p (lifelines; Survival.jl).
  case first
  /// The first time with S(t) < 1 − p (the classical definition; statsmodels).
  case below
  /// As `midpoint`, but not estimable where the stretch ends in censoring (SAS `PROC LIFETEST`).
  case midpointBetweenEvents = "midpoint-between-events"
}

/// A quantile of the survival time with confidence limits; nil where the curve does not come down far enough.
public struct SurvivalQuantile: Sendable, Equatable {
  /// The share of persons with the event by this time.
  public let probability: Double
  /// The time.
  public let estimate: Double?
  /// The lower limit: the same quantile of the lower confidence band.
  public let low: Double?
  /// The upper limit: the same quantile of the upper confidence band.
  public let high: Double?
}

extension SurvivalCurve {
  /// The time by which a share p of persons has had the event: where 1 − S(t) reaches p.
  ///
  /// Limits invert the confidence band (Brookmeyer & Crowley 1982, doi:10.2307/2530286), so they share its scale.
  /// R `quantile(survfit(…), p)`.
  public func quantile(_ p: Double, rule: QuantileRule = .midpoint) -> SurvivalQuantile {
    SurvivalQuantile(
      probability: p, estimate: crossing(of: survival, p, rule), low: crossing(of: low, p, rule),
      high: crossing(of: high, p, rule))
  }

  /// The median survival time with limits.
  public func median(rule: QuantileRule = .midpoint) -> SurvivalQuantile { quantile(0.5, rule: rule) }

  /// The time at which a band comes down to 1 − p.
  ///
  /// A confidence band may rise again where few are at risk; as in R the row whose value lies nearest to 1 − p from below
  /// decides. Two probabilities closer than the root of the rounding unit are equal.
  private func crossing(of band: [Double], _ p: Double, _ rule: QuantileRule) -> Double? {
    let tolerance = 1.4901161193847656e-08
    if p == 0 { return 0 }
    guard let end = time.last else { return nil }
    /// The row whose distribution function is the least that reaches a level, the first such row.
    func reaching(_ level: Double) -> (f: Double, time: Double)? {
      if level <= 0 { return (0, 0) }
      var found: (f: Double, time: Double)?
      for j in band.indices {
        let f = 1 - band[j]
        if f >= level, f < (found?.f ?? .infinity) { found = (f, time[j]) }
      }
      return found
    }
    switch rule {
    case .first: return reaching(p - tolerance)?.time
    case .below: return reaching(p + tolerance)?.time
    case .midpoint, .midpointBetweenEvents:
      guard let start = reaching(p - tolerance) else { return nil }
      let endsFlat = band.last.map { !$0.isNaN && abs(p - (1 - $0)) < tolerance } ?? false
      if endsFlat { return rule == .midpoint ? (start.time + end) / 2 : nil }
      guard let stop = reaching(p + tolerance) else { return nil }
      return (start.time + stop.time) / 2
    }
  }
}
