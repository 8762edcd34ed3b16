/// A random effect of a mixed model: correlated effects for each group.
///
/// `(1 + x || g)` is two such terms with one grouping, `(1 | a/b)` two terms with the groupings `b:a` and `a`.
public struct RandomEffectTerm: Sendable {
  /// The effects, one column each: `(Intercept)`, `Days`.
  public let design: DesignMatrix
  /// The groups; its `name` is the one lme4 prints.
  public let grouping: Grouping
}

/// The covariance of a subject's repeated measurements, `structure(visit | group / subject)`.
public struct CovarianceTerm: Sendable {
  /// The structures, named as in R's mmrm.
  public enum Structure: String, Sendable, CaseIterable {
    /// Unstructured.
    case us
    /// Compound symmetry, and with a variance a visit.
    case cs, csh
    /// First-order autoregression, and with a variance a visit.
    case ar1, ar1h
    /// Toeplitz, and with a variance a visit.
    case toep, toeph
    /// Ante-dependence, and with a variance a visit.
    case ad, adh
  }

  /// The structure.
  public let structure: Structure
  /// The visits in order; numeric visits sort numerically.
  public let visit: Grouping
  /// The subjects.
  public let subject: Grouping
  /// The groups with a covariance matrix each, where there are several.
  public let group: Grouping?
}
