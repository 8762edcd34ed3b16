import Glibc

/// A Kaplan–Meier curve of one group: a row at every time at which someone leaves observation, with an event or without.
public struct SurvivalCurve: Sendable, Equatable {
  /// The times of exit, ascending.
  public var time: [Double]
  /// The number (sum of weights) at risk just before each time.
  public var atRisk: [Double]
  /// The number (sum of weights) of events at each time.
  public var events: [Double]
  /// The number (sum of weights) censored at each time.
  public var censored: [Double]
  /// The Kaplan–Meier estimate S(t) just after each time.
  public var survival: [Double]
  /// The standard error of S(t): S(t) times the root of Greenwood's sum; NaN once S(t) = 0.
  public var standardError: [Double]
  /// The Nelson–Aalen estimate Σ d/Y of the cumulative hazard just after each time.
  public var cumulativeHazard: [Double]
  /// The standard error of the cumulative hazard, the root of Σ d/Y².
  public var cumulativeHazardStandardError: [Double]
  /// The lower confidence limits of S(t); NaN where the scale of the limits does not reach (S = 0, for some S = 1).
  public var low: [Double]
  /// The upper confidence limits of S(t).
  public var high: [Double]
  /// The number of rows of data in the group.
  public var count: Int
  /// The scale on which the limits were formed.
  public var limits: SurvivalLimits
  /// The level of the limits.
  public var level: Double

  /// The sum of the weights of the events.
  public var eventCount: Double { events.reduce(0, +) }
}

/// The scale on which confidence limits of a survival probability are formed.
///
/// With se the standard error of log S and z the normal quantile, the limits are S·exp(∓z·se) (`log`),
/// exp(−exp(log(−log S) ± z·se/log S)) (`logLog`), S ∓ z·S·se (`plain`), sin²(asin√S ∓ z·se·√(S/(1−S))/2) (`arcsin`)
/// and the inverse logit of logit S ∓ z·se/(1−S) (`logit`), all kept within 0 and 1.
/// Klein & Moeschberger, Survival Analysis, 2nd ed., section 4.3. The default of R's `survfit` is `log`, of SAS and
/// Stata `logLog`, of SPSS `plain`.
public enum SurvivalLimits: String, Sendable, CaseIterable {
  case log
  case logLog = "log-log"
  case plain
  case arcsin
  case logit

  /// The limits of one survival probability.
  ///
  /// - Parameters:
  ///   - s: the probability.
  ///   - se: the standard error of its logarithm.
  ///   - z: the normal quantile of the level.
  /// - Returns: NaN for both where the scale is infinite: at S = 0 for all but `plain`, at S = 1 for `logLog`,
  ///   `arcsin` and `logit`.
  public func interval(_ s: Double, logStandardError se: Double, z: Double) -> (low: Double, high: Double) {
    let undefined = (Double.nan, Double.nan)
    // At S = 0 the standard error of log S is infinite.
    guard s > 0 else { return undefined }
    switch self {
    case .plain: return (max(s - z * s * se, 0), min(s + z * s * se, 1))
    case .log: return (Glibc.exp(Glibc.log(s) - z * se), min(Glibc.exp(Glibc.log(s) + z * se), 1))
    case .logLog:
      guard s < 1 else { return undefined }
      let centre = Glibc.log(-Glibc.log(s))
      let margin = z * se / Glibc.log(s)
      return (Glibc.exp(-Glibc.exp(centre - margin)), Glibc.exp(-Glibc.exp(centre + margin)))
    case .arcsin:
      guard s < 1 else { return undefined }
      let centre = asin(s.squareRoot())
      let margin = 0.5 * z * se * (s / (1 - s)).squareRoot()
      let low = sin(max(0, centre - margin))
      let high = sin(min(Double.pi / 2, centre + margin))
      return (low * low, high * high)
    case .logit:
      guard s < 1 else { return undefined }
      let centre = Glibc.log(s / (1 - s))
      let margin = z * se / (1 - s)
      return (1 / (1 + Glibc.exp(-(centre - margin))), 1 / (1 + Glibc.exp(-(centre + margin))))
    }
  }
}
