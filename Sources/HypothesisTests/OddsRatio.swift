import Glibc

/// How the limits of an odds ratio are made.
public enum OddsRatioMethod: String, Sendable, CaseIterable {
  /// Wald limits of the logarithm, SE² = Σ 1/cell: Woolf, Ann Hum Genet 1955;19:251,
  /// doi 10.1111/j.1469-1809.1955.tb01348.x (SAS `RELRISK`).
  case wald
  /// Profile likelihood limits, those of a logistic regression (R `confint(glm)`).
  case profile
  /// Conditional maximum likelihood estimate and Cornfield's exact limits (R `fisher.test`, SAS `EXACT OR`).
  case conditional
  /// Score limits: Cornfield 1956, without continuity correction.
  case score
  /// Score limits with variance factor N/(N−1): Miettinen & Nurminen, Stat Med 1985;4:213.
  case miettinenNurminen = "miettinen-nurminen"

  /// The method's name as a report writes it.
  public var title: String {
    switch self {
    case .wald: "Woolf log"
    case .profile: "profile likelihood"
    case .conditional: "conditional exact"
    case .score: "score"
    case .miettinenNurminen: "Miettinen-Nurminen score"
    }
  }
}

extension TwoProportions {
  /// The odds ratio of group 1 against group 2 with limits.
  ///
  /// The estimate is x₁(n₂ − x₂)/(x₂(n₁ − x₁)), except for `.conditional`, whose estimate is the conditional maximum
  /// likelihood one. With a zero cell log-scale Wald limits do not exist; score limits stand in, and a note says so.
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func oddsRatio(_ method: OddsRatioMethod = .wald, level: Double = 0.95)
    throws(HypothesisTestError) -> IntervalEstimate
  {
    try checkLevel(level)
    let (a, b, c, d) = (x1, n1 - x1, x2, n2 - x2)
    if a + c == 0 || b + d == 0 {
      return IntervalEstimate(
        estimate: nil, low: 0, high: .infinity, level: level, method: method.title,
        notes: ["\(a + c == 0 ? "no" : "only") events in both groups: the odds ratio is undefined"])
    }
    if method == .conditional {
      let exact = NoncentralHypergeometric(table: self)
      let limits = exact.limits(observed: first.events, level: level, alternative: .twoSided)
      return IntervalEstimate(
        estimate: exact.oddsRatio(observed: first.events), low: limits.low, high: limits.high,
        level: level, method: method.title)
    }
    let estimate = b * c == 0 ? Double.infinity : a * d / (b * c)
    let z = twoSidedDeviate(level)
    var used = method
    var notes: [String] = []
    if method == .wald, let zeroCells {
      used = .score
      notes.append(
        "\(zeroCells): log-scale Wald limits of the odds ratio do not exist, score limits given")
    }
    let limits: (low: Double, high: Double)
    switch used {
    case .wald:
      let margin = z * (1 / a + 1 / b + 1 / c + 1 / d).squareRoot()
      limits = (estimate * exp(-margin), estimate * exp(margin))
    case .profile: limits = profileLimits(.odds, z: z)
    case .score, .conditional: limits = scoreLimits(.odds, z: z, corrected: false)
    case .miettinenNurminen: limits = scoreLimits(.odds, z: z, corrected: true)
    }
    return IntervalEstimate(
      estimate: estimate, low: a * d == 0 ? 0 : limits.low, high: b * c == 0 ? .infinity : limits.high,
      level: level, method: used.title, notes: notes)
  }
}
