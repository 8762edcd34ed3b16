import Glibc
import Probability

/// A published estimate with its limits, and whether the three agree with each other.
///
/// A ratio with limits symmetric on the log scale lies at the geometric mean of its limits, a difference with symmetric
/// limits at their mean. Printing rounds all three, so the check asks whether any unrounded limits that print as these
/// put their middle where it prints as the estimate.
public struct PublishedInterval: Sendable, Equatable {
  /// The scale on which the limits are symmetric.
  public enum Scale: String, Sendable, CaseIterable {
    /// A ratio: symmetric on the log scale.
    case ratio
    /// A difference: symmetric as it stands.
    case difference
  }

  /// The printed estimate.
  public let estimate: PublishedNumber
  /// The printed lower limit.
  public let low: PublishedNumber
  /// The printed upper limit.
  public let high: PublishedNumber
  /// The scale on which the limits are symmetric.
  public let scale: Scale
  /// The confidence level of the limits.
  public let level: Double

  /// - Throws: `HypothesisTestError.argument` where the limits are out of order, the level is outside (0, 1), or a
  ///   ratio's numbers are not positive.
  public init(
    estimate: PublishedNumber, low: PublishedNumber, high: PublishedNumber, scale: Scale = .ratio,
    level: Double = 0.95
  ) throws(HypothesisTestError) {
    try checkLevel(level)
    guard low.value < high.value else { throw .argument("a lower limit of \(low) and an upper of \(high)") }
    if scale == .ratio {
      guard estimate.value > 0, low.value > 0 else {
        throw .argument("a ratio and its limits must be positive")
      }
    }
    self.estimate = estimate
    self.low = low
    self.high = high
    self.scale = scale
    self.level = level
  }

  /// The middle of the printed limits on their scale.
  public var midpoint: Double { middle(low.value, high.value) }

  /// The range of middles that limits printing as these can have.
  public var midpointRange: (low: Double, high: Double) {
    let floor = scale == .ratio ? max(0, low.value - low.halfUnit) : low.value - low.halfUnit
    return (
      middle(floor, high.value - high.halfUnit), middle(low.value + low.halfUnit, high.value + high.halfUnit)
    )
  }

  /// True where the estimate lies between its limits and at their middle, as far as printing can tell.
  public var isConsistent: Bool {
    let range = midpointRange
    let hair = 1e-9 * max(1, abs(estimate.value))
    return estimate.value + estimate.halfUnit + hair >= range.low
      && estimate.value - estimate.halfUnit - hair <= range.high
      && low.value - low.halfUnit - hair <= estimate.value
      && estimate.value <= high.value + high.halfUnit + hair
  }

  /// The standard error that the limits imply, of the logarithm for a ratio.
  public var impliedStandardError: Double {
    let width = scale == .ratio ? log(high.value / low.value) : high.value - low.value
    return width / (2 * twoSidedDeviate(level))
  }

  /// The z statistic of no effect that estimate and limits imply.
  public var impliedZ: Double {
    (scale == .ratio ? log(estimate.value) : estimate.value) / impliedStandardError
  }

  /// The two-sided p-value of no effect that estimate and limits imply.
  public var impliedP: Double { Normal().twoSided(impliedZ) }

  /// True where a recomputed estimate and its limits print as these: false says the published one is another analysis.
  public func agrees(with computed: IntervalEstimate) -> Bool {
    guard let value = computed.estimate else { return false }
    return estimate.agrees(with: value) && low.agrees(with: computed.low) && high.agrees(with: computed.high)
  }

  private func middle(_ a: Double, _ b: Double) -> Double {
    scale == .ratio ? (a * b).squareRoot() : 0.5 * (a + b)
  }
}
