/// The number needed to treat, 1/|p₁ − p₂|, with limits that may pass through infinity.
///
/// Where the limits of the difference lie on both sides of zero, those of the number needed to treat run from 1/|lower|
/// in favour of one group, through infinity (no difference), to 1/upper in favour of the other: Altman, Confidence
/// intervals for the number needed to treat, BMJ 1998;317:1309, doi 10.1136/bmj.317.7168.1309.
public struct NumberNeededToTreat: Sendable, Equatable {
  /// The limits of a number needed to treat.
  public enum Limits: Sendable, Equatable {
    /// The difference excludes zero: an ordinary interval, upwards.
    case finite(low: Double, high: Double)
    /// The difference includes zero: from `fewer` (group 1 has fewer events) through infinity to `more` (it has more).
    case throughInfinity(fewer: Double, more: Double)
  }

  /// 1/|difference|; infinite where the difference is zero.
  public let estimate: Double
  /// True where group 1 has the larger share of events.
  public let firstHasMore: Bool
  /// The limits, inverted from those of the difference.
  public let limits: Limits
  /// The difference's confidence level.
  public let level: Double
  /// The difference's method.
  public let method: String

  /// Inverts a risk difference and its limits; nil where the difference is undefined.
  public init?(inverting difference: IntervalEstimate) {
    guard let d = difference.estimate else { return nil }
    estimate = d == 0 ? .infinity : 1 / abs(d)
    firstHasMore = d > 0
    level = difference.level
    method = difference.method
    if difference.low < 0, difference.high > 0 {
      limits = .throughInfinity(fewer: -1 / difference.low, more: 1 / difference.high)
    } else {
      let sizes = [abs(difference.low), abs(difference.high)].sorted()
      limits = .finite(low: 1 / sizes[1], high: sizes[0] == 0 ? .infinity : 1 / sizes[0])
    }
  }
}
