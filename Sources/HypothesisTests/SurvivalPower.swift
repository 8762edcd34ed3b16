import Glibc
import Probability

/// Events, power or detectable hazard ratio of a log-rank test, by Schoenfeld's formula.
///
/// events = (z₁₋α + z_power)²/(r/(1 + r)² (log HR)²), r = n₂/n₁: Schoenfeld, Biometrics 1983;39:499,
/// doi 10.2307/2531021. Events are not rounded.
public struct SurvivalPower: Sendable, Equatable {
  /// The hazard ratio.
  public var hazardRatio: Double
  /// The number of events in both groups.
  public var events: Double
  /// The probability of rejecting the null hypothesis.
  public var power: Double
  public var design: PowerDesign

  /// The power of a number of events.
  ///
  /// - Throws: `HypothesisTestError.argument` for an argument outside its range.
  public static func power(hazardRatio: Double, events: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> SurvivalPower
  {
    try check(hazardRatio, design)
    guard events > 0 else { throw .argument("\(events) events; expected a positive number") }
    let z = abs(log(hazardRatio)) * (share(design) * events).squareRoot() - design.criticalValue
    return SurvivalPower(hazardRatio: hazardRatio, events: events, power: Normal().cdf(z), design: design)
  }

  /// The number of events that gives a power.
  ///
  /// - Throws: `HypothesisTestError.argument` for a hazard ratio of 1 or an argument outside its range.
  public static func events(hazardRatio: Double, power: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> SurvivalPower
  {
    try check(hazardRatio, design)
    try design.check(power: power)
    guard hazardRatio != 1 else { throw .argument("a hazard ratio of 1: no number of events detects it") }
    let distance = (design.criticalValue + Normal().quantile(power)) / log(hazardRatio)
    return SurvivalPower(
      hazardRatio: hazardRatio, events: distance * distance / share(design), power: power, design: design)
  }

  /// The hazard ratio below 1 that a number of events detects with a power; its inverse is the one above.
  ///
  /// - Throws: `HypothesisTestError.argument` for an argument outside its range.
  public static func detectable(events: Double, power: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> SurvivalPower
  {
    try check(1, design)
    try design.check(power: power)
    guard events > 0 else { throw .argument("\(events) events; expected a positive number") }
    let distance = (design.criticalValue + Normal().quantile(power)) / (share(design) * events).squareRoot()
    return SurvivalPower(hazardRatio: exp(-distance), events: events, power: power, design: design)
  }

  /// The number of participants in both groups that gives the events where a share of them has one.
  ///
  /// - Throws: `HypothesisTestError.argument` unless 0 < share ≤ 1.
  public func participants(eventShare: Double) throws(HypothesisTestError) -> Double {
    guard eventShare > 0, eventShare <= 1 else {
      throw .argument("an event share of \(eventShare); expected a number above 0 and at most 1")
    }
    return events / eventShare
  }

  /// r/(1 + r)², the share of the information that the allocation leaves.
  private static func share(_ design: PowerDesign) -> Double {
    design.ratio / ((1 + design.ratio) * (1 + design.ratio))
  }

  private static func check(_ hazardRatio: Double, _ design: PowerDesign) throws(HypothesisTestError) {
    try design.check()
    guard hazardRatio > 0, hazardRatio.isFinite else {
      throw .argument("a hazard ratio of \(hazardRatio); expected a positive number")
    }
  }
}
