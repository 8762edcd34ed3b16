import Glibc

/// How the limits of a ratio of two proportions are made.
public enum RatioMethod: String, Sendable, CaseIterable {
  /// Wald limits of the logarithm, SE² = 1/x₁ − 1/n₁ + 1/x₂ − 1/n₂: Katz, Baptista, Azen & Pike, Biometrics
  /// 1978;34:469, doi 10.2307/2530610 (SAS `RELRISK`).
  case katz
  /// Score limits: Koopman, Biometrics 1984;40:513, doi 10.2307/2531405 (SAS `RELRISK(CL=SCORE(CORRECT=NO))`).
  case koopman
  /// Score limits with variance factor N/(N−1): Miettinen & Nurminen, Stat Med 1985;4:213 (SAS `CL=SCORE`).
  case miettinenNurminen = "miettinen-nurminen"
  /// Inversion of two one-sided unconditional exact tests ordered by the score statistic (the ratio's counterpart of
  /// Chan & Zhang 1999; SAS `EXACT RELRISK(METHOD=SCORE)`).
  case exact

  /// The method's name as a report writes it.
  public var title: String {
    switch self {
    case .katz: "Katz log"
    case .koopman: "Koopman score"
    case .miettinenNurminen: "Miettinen-Nurminen score"
    case .exact: "Chan-Zhang exact"
    }
  }
}

extension TwoProportions {
  /// The risk ratio p₁/p₂ with limits.
  ///
  /// With no event in a group the log-scale Wald limits do not exist; score limits (Koopman) stand in, and a note says
  /// so. With no event in group 2 the estimate is infinite, with none in either undefined.
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func riskRatio(_ method: RatioMethod = .katz, level: Double = 0.95)
    throws(HypothesisTestError) -> IntervalEstimate
  {
    try checkLevel(level)
    let estimate: Double? = x1 == 0 && x2 == 0 ? nil : (x2 == 0 ? .infinity : p1 / p2)
    guard let estimate else {
      return IntervalEstimate(
        estimate: nil, low: 0, high: .infinity, level: level, method: method.title,
        notes: ["no events in either group: the risk ratio is undefined"])
    }
    let z = twoSidedDeviate(level)
    var used = method
    var notes: [String] = []
    if method == .katz, x1 == 0 || x2 == 0 {
      used = .koopman
      notes.append(
        "no events in group \(x1 == 0 ? 1 : 2): log-scale Wald limits of the risk ratio do not exist, score limits given"
      )
    } else if method == .katz, first.events == first.total, second.events == second.total {
      notes.append("only events in both groups: the log-scale Wald limits have no width")
    }
    let limits: (low: Double, high: Double)
    switch used {
    case .katz:
      let margin = z * (1 / x1 - 1 / n1 + 1 / x2 - 1 / n2).squareRoot()
      limits = (estimate * exp(-margin), estimate * exp(margin))
    case .koopman: limits = scoreLimits(.ratio, z: z, corrected: false)
    case .miettinenNurminen: limits = scoreLimits(.ratio, z: z, corrected: true)
    case .exact: limits = exactLimits(.ratio, level: level)
    }
    return IntervalEstimate(
      estimate: estimate, low: x1 == 0 ? 0 : limits.low, high: x2 == 0 ? .infinity : limits.high,
      level: level, method: used.title, notes: notes)
  }
}
