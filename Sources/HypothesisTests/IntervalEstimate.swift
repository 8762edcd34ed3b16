import Probability

/// An estimate with its confidence limits and the name of the method that made them.
public struct IntervalEstimate: Sendable, Equatable {
  /// The estimate; nil where it is undefined (0/0).
  public var estimate: Double?
  /// The lower limit; −∞ where there is none.
  public var low: Double
  /// The upper limit; +∞ where there is none.
  public var high: Double
  /// The confidence level, such as 0.95.
  public var level: Double
  /// The method in words, such as `Newcombe hybrid score`.
  public var method: String
  /// What a reader must know about this interval, such as the method that stood in for one that zero cells rule out.
  public var notes: [String]

  public init(
    estimate: Double?, low: Double, high: Double, level: Double, method: String, notes: [String] = []
  ) {
    self.estimate = estimate
    self.low = low
    self.high = high
    self.level = level
    self.method = method
    self.notes = notes
  }

  /// True where a value lies between the limits, limits included.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// The standard normal deviate z with P(|Z| ≤ z) = `level`.
func twoSidedDeviate(_ level: Double) -> Double {
  Normal().quantile((1 - level) / 2, tail: .upper)
}

/// Throws unless a confidence level lies strictly between 0 and 1.
func checkLevel(_ level: Double) throws(HypothesisTestError) {
  guard level > 0, level < 1 else {
    throw .argument("a confidence level of \(level); expected a number between 0 and 1")
  }
}
