import Probability

/// An adjustment of a family of contrasts for multiplicity.
public enum MultiplicityAdjustment: String, Sendable, CaseIterable {
  /// Each contrast as if it were the only one.
  case none
  /// Tukey's studentised range, for all pairs of the means (R `ptukey`).
  case tukey
  /// Holm's step-down Bonferroni; limits as Bonferroni's (Scand J Stat 1979;6:65–70).
  case holm
  /// Bonferroni.
  case bonferroni

  /// The adjusted p-values of one family.
  ///
  /// - Parameters:
  ///   - pValues: the unadjusted two-sided p-values; NaN stays NaN.
  ///   - statistics: the contrasts' t or z statistics.
  ///   - references: their reference distributions.
  ///   - means: the number of means compared (Tukey).
  ///   - contrasts: the size of the family, where it is larger than the number of p-values.
  public func adjusted(
    _ pValues: [Double], statistics: [Double], references: [Reference], means: Int, contrasts: Int? = nil
  ) -> [Double] {
    let count = Double(contrasts ?? pValues.count)
    switch self {
    case .none: return pValues
    case .bonferroni: return pValues.map { $0 * count > 1 ? 1 : $0 * count }
    case .holm:
      let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted {
        (pValues[$0], $0) < (pValues[$1], $1)
      }
      var result = pValues
      var largest = 0.0
      for (k, i) in order.enumerated() {
        largest = max(largest, min(1, pValues[i] * (count - Double(k))))
        result[i] = largest
      }
      return result
    case .tukey:
      return zip(statistics, references).map { statistic, reference in
        StudentisedRange(means: Double(means), df: reference.df ?? .infinity)
          .cdf(abs(statistic) * 2.0.squareRoot(), tail: .upper)
      }
    }
  }

  /// The multiplier of the standard error in a limit.
  ///
  /// - Parameters:
  ///   - level: the family's confidence level.
  ///   - reference: the contrast's reference distribution.
  ///   - contrasts: the number of contrasts in the family.
  ///   - means: the number of means compared.
  public func criticalValue(
    level: Double, reference: Reference, contrasts: Int, means: Int
  ) -> Double {
    switch self {
    case .none: reference.criticalValue(level: level)
    case .bonferroni, .holm:
      reference.criticalValue(level: 1 - (1 - level) / Double(max(1, contrasts)))
    case .tukey:
      StudentisedRange(means: Double(means), df: reference.df ?? .infinity)
        .quantile(1 - level, tail: .upper) / 2.0.squareRoot()
    }
  }
}
