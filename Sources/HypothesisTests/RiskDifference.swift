/// How the limits of a difference of two proportions are made.
public enum DifferenceMethod: String, Sendable, CaseIterable {
  /// Newcombe's hybrid of the two Wilson intervals (his method 10, no continuity correction), Stat Med 1998;17:873,
  /// doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I (SAS `RISKDIFF(CL=NEWCOMBE)`).
  case newcombe
  /// d ± z√(p̂₁q̂₁/n₁ + p̂₂q̂₂/n₂), not cut at ±1 (R `prop.test(correct = FALSE)`, SAS `CL=WALD`).
  case wald
  /// Wald limits widened by ½(1/n₁ + 1/n₂), at most by |d|, and cut at ±1 (R `prop.test`).
  case waldCorrected = "wald-corrected"
  /// Score limits with variance factor N/(N−1): Miettinen & Nurminen, Stat Med 1985;4:213,
  /// doi 10.1002/sim.4780040211 (SAS `CL=MN`).
  case miettinenNurminen = "miettinen-nurminen"
  /// Score limits without the factor: Mee, Biometrics 1984;40:1175 (SAS `CL=MN(CORRECT=NO)`).
  case score
  /// Wald limits after adding one event and one non-event to each group: Agresti & Caffo, Am Stat 2000;54:280,
  /// doi 10.1080/00031305.2000.10474560 (SAS `CL=AC`).
  case agrestiCaffo = "agresti-caffo"
  /// Inversion of two one-sided unconditional exact tests ordered by the score statistic: Chan & Zhang, Biometrics
  /// 1999;55:1202, doi 10.1111/j.0006-341X.1999.01202.x (SAS `EXACT RISKDIFF(METHOD=SCORE)`).
  case exact

  /// The method's name as a report writes it.
  public var title: String {
    switch self {
    case .newcombe: "Newcombe hybrid score"
    case .wald: "Wald"
    case .waldCorrected: "Wald with continuity correction"
    case .miettinenNurminen: "Miettinen-Nurminen score"
    case .score: "Mee score"
    case .agrestiCaffo: "Agresti-Caffo"
    case .exact: "Chan-Zhang exact"
    }
  }
}

extension TwoProportions {
  /// The risk difference p₁ − p₂ with limits.
  ///
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func riskDifference(_ method: DifferenceMethod = .newcombe, level: Double = 0.95)
    throws(HypothesisTestError) -> IntervalEstimate
  {
    try checkLevel(level)
    let z = twoSidedDeviate(level)
    let d = p1 - p2
    var notes: [String] = []
    var limits: (low: Double, high: Double)
    switch method {
    case .newcombe: limits = newcombeLimits(z: z)
    case .wald, .waldCorrected:
      var margin = z * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2).squareRoot()
      if method == .waldCorrected { margin += min(0.5 * (1 / n1 + 1 / n2), abs(d)) }
      limits = (d - margin, d + margin)
      if method == .waldCorrected { limits = (max(limits.low, -1), min(limits.high, 1)) }
      if let zeroCells { notes.append("\(zeroCells): the Wald limits are too narrow") }
    case .miettinenNurminen: limits = scoreLimits(.difference, z: z, corrected: true)
    case .score: limits = scoreLimits(.difference, z: z, corrected: false)
    case .agrestiCaffo:
      let q1 = (x1 + 1) / (n1 + 2)
      let q2 = (x2 + 1) / (n2 + 2)
      let margin = z * (q1 * (1 - q1) / (n1 + 2) + q2 * (1 - q2) / (n2 + 2)).squareRoot()
      limits = (q1 - q2 - margin, q1 - q2 + margin)
    case .exact: limits = exactLimits(.difference, level: level)
    }
    return IntervalEstimate(
      estimate: d, low: limits.low, high: limits.high, level: level, method: method.title,
      notes: notes)
  }

  private func newcombeLimits(z: Double) -> (low: Double, high: Double) {
    let a = first.wilsonLimits(z: z)
    let b = second.wilsonLimits(z: z)
    let d = p1 - p2
    let below = ((p1 - a.low) * (p1 - a.low) + (b.high - p2) * (b.high - p2)).squareRoot()
    let above = ((a.high - p1) * (a.high - p1) + (p2 - b.low) * (p2 - b.low)).squareRoot()
    return (d - below, d + above)
  }
}
