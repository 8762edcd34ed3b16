import Probability

/// What sample size calculations share: the level, the sides and the allocation.
public struct PowerDesign: Sendable, Equatable {
  /// The significance level α.
  public var alpha: Double
  /// 1 or 2 sides.
  public var sides: Int
  /// The size of group 2 over that of group 1.
  public var ratio: Double
  /// Whether a test of two proportions takes its variance from the pooled risk (the χ² test) or from each group's own.
  public var poolsVariance = true

  public init(alpha: Double = 0.05, sides: Int = 2, ratio: Double = 1) {
    self.alpha = alpha
    self.sides = sides
    self.ratio = ratio
  }

  /// The normal quantile of 1 − α/sides.
  var criticalValue: Double { Normal().quantile(alpha / Double(sides), tail: .upper) }

  func check() throws(HypothesisTestError) {
    guard alpha > 0, alpha < 1 else {
      throw .argument("a level of \(alpha); expected a number between 0 and 1")
    }
    guard sides == 1 || sides == 2 else { throw .argument("\(sides) sides; expected 1 or 2") }
    guard ratio > 0, ratio.isFinite else {
      throw .argument("an allocation ratio of \(ratio); expected a positive number")
    }
  }

  func check(power: Double) throws(HypothesisTestError) {
    guard power > alpha / Double(sides), power < 1 else {
      throw .argument("a power of \(power); expected a number between \(alpha / Double(sides)) and 1")
    }
  }

  func check(n: Double) throws(HypothesisTestError) {
    guard n > 1, n.isFinite else { throw .argument("a group of \(n); expected more than one") }
  }
}

/// Sizes to enrol so that a given share may be lost: n/(1 − dropout).
///
/// - Throws: `HypothesisTestError.argument` unless 0 ≤ dropout < 1.
public func enrolment(for n: Double, dropout: Double) throws(HypothesisTestError) -> Double {
  guard dropout >= 0, dropout < 1 else {
    throw .argument("a dropout share of \(dropout); expected a number from 0 up to, not including, 1")
  }
  return n / (1 - dropout)
}
