import Probability

/// The reference distribution of a Wald statistic.
public enum Reference: Sendable, Equatable {
  /// The standard normal distribution.
  case normal
  /// Student's t with these degrees of freedom.
  case t(Double)

  /// The degrees of freedom; none for the normal distribution.
  public var df: Double? {
    if case .t(let df) = self { return df }
    return nil
  }

  /// The two-sided p-value of a statistic.
  public func pValue(_ statistic: Double) -> Double {
    switch self {
    case .normal: Normal().twoSided(statistic)
    case .t(let df): StudentT(df: df).twoSided(statistic)
    }
  }

  /// The multiplier c with P(|T| ≤ c) = `level`.
  public func criticalValue(level: Double) -> Double {
    switch self {
    case .normal: Normal().quantile((1 - level) / 2, tail: .upper)
    case .t(let df): StudentT(df: df).quantile((1 - level) / 2, tail: .upper)
    }
  }
}

/// One coefficient with its inference: a row of R's `summary()` and of `broom::tidy()`.
public struct Coefficient: Sendable, Equatable {
  /// The name of the design column, as R spells it.
  public var term: String
  /// The estimate; absent where the coefficient cannot be estimated (aliased).
  public var estimate: Double?
  /// The standard error.
  public var standardError: Double?
  /// The test statistic (z, t or χ²).
  public var statistic: Double?
  /// The degrees of freedom of the statistic; absent where the reference is normal.
  public var df: Double?
  /// The two-sided p-value.
  public var pValue: Double?
  /// The lower confidence limit.
  public var low: Double?
  /// The upper confidence limit.
  public var high: Double?

  public init(
    term: String, estimate: Double? = nil, standardError: Double? = nil, statistic: Double? = nil,
    df: Double? = nil, pValue: Double? = nil, low: Double? = nil, high: Double? = nil
  ) {
    self.term = term
    self.estimate = estimate
    self.standardError = standardError
    self.statistic = statistic
    self.df = df
    self.pValue = pValue
    self.low = low
    self.high = high
  }

  /// A coefficient with Wald inference: statistic b/se, p and limits b ± c·se from the reference distribution.
  public static func wald(
    term: String, estimate: Double, standardError: Double, reference: Reference, level: Double
  ) -> Coefficient {
    let statistic = estimate / standardError
    let margin = reference.criticalValue(level: level) * standardError
    return Coefficient(
      term: term, estimate: estimate, standardError: standardError, statistic: statistic,
      df: reference.df, pValue: reference.pValue(statistic), low: estimate - margin,
      high: estimate + margin)
  }
}
