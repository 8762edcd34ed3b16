import Glibc
import HypothesisTests
import Probability

/// A binary outcome in one arm, with missing values.
public struct IncompleteProportion: Sendable, Equatable {
  /// Participants with the event.
  public let events: Int
  /// Participants whose outcome is known.
  public let observed: Int
  /// Participants whose outcome is missing.
  public let missing: Int

  /// - Throws: `MissingDataError.argument` unless 0 ≤ events ≤ observed, observed > 0 and missing ≥ 0.
  public init(events: Int, observed: Int, missing: Int) throws(MissingDataError) {
    guard observed > 0, (0...observed).contains(events), missing >= 0 else {
      throw .argument("\(events) events of \(observed) observed, \(missing) missing")
    }
    self.events = events
    self.observed = observed
    self.missing = missing
  }

  /// All participants.
  public var total: Int { observed + missing }
  /// The risk among the observed.
  public var observedRisk: Double { Double(events) / Double(observed) }

  /// The arm as if a number of the missing had the event.
  func completed(withEvents extra: Int) throws(HypothesisTestError) -> SingleProportion {
    try SingleProportion(events: events + extra, total: total)
  }

  /// The risk in all participants where the odds of the event among the missing are e^δ times those among the observed,
  /// with its variance by the delta method.
  ///
  /// π̂ = (n_o p_o + m p_m)/N, logit p_m = logit p_o + δ: the informative missingness odds ratio of White, Higgins & Wood,
  /// Stat Med 2008;27:711, doi 10.1002/sim.3008. The variance has a part for p_o and a part for the share missing.
  func risk(logOdds delta: Double) -> (estimate: Double, variance: Double) {
    let p = observedRisk
    let q = 1 - p
    let odds = exp(delta)
    // δ moves nothing where no one, or everyone, observed had the event.
    let scale = q + odds * p
    let among = scale.isFinite ? odds * p / scale : (p > 0 ? 1 : 0)
    let n = Double(total)
    let share = Double(missing) / n
    // d p_m/d p_o = p_m q_m/(p_o q_o) = e^δ/(q_o + e^δ p_o)².
    let slope = scale.isFinite ? odds / (scale * scale) : 0
    let weight = (1 - share) + share * slope
    let variance =
      weight * weight * p * q / Double(observed) + (p - among) * (p - among) * share * (1 - share) / n
    return ((1 - share) * p + share * among, variance)
  }
}

/// What the missing outcomes of two arms could have made of the risk difference.
public struct BinaryOutcomeBounds: Sendable, Equatable {
  /// What is assumed of the missing.
  public enum Assumption: String, Sendable, CaseIterable {
    /// Only the observed count.
    case availableCases = "available cases"
    /// No missing participant had the event.
    case allWithout = "missing without event"
    /// Every missing participant had the event.
    case allWith = "missing with event"
    /// The missing of arm 1 had the event, those of arm 2 did not: the largest difference.
    case largest = "largest difference"
    /// The missing of arm 1 did not have the event, those of arm 2 did: the smallest difference.
    case smallest = "smallest difference"
  }

  /// The first arm.
  public let first: IncompleteProportion
  /// The second arm.
  public let second: IncompleteProportion

  public init(_ first: IncompleteProportion, _ second: IncompleteProportion) {
    self.first = first
    self.second = second
  }

  /// The two arms with the missing filled in as assumed.
  ///
  /// - Throws: never for arms that exist; the type is that of the counts' own check.
  public func table(_ assumption: Assumption) throws(HypothesisTestError) -> TwoProportions {
    let filled: (Int, Int)
    switch assumption {
    case .availableCases:
      return try TwoProportions(
        events: first.events, of: first.observed, against: second.events, of: second.observed)
    case .allWithout: filled = (0, 0)
    case .allWith: filled = (first.missing, second.missing)
    case .largest: filled = (first.missing, 0)
    case .smallest: filled = (0, second.missing)
    }
    return TwoProportions(
      try first.completed(withEvents: filled.0), try second.completed(withEvents: filled.1))
  }

  /// The risk difference under an assumption, with limits that take the filled-in outcomes as known.
  ///
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func riskDifference(
    _ assumption: Assumption, method: DifferenceMethod = .newcombe, level: Double = 0.95
  ) throws(HypothesisTestError) -> IntervalEstimate {
    try table(assumption).riskDifference(method, level: level)
  }

  /// The risk difference where the log odds of the event among the missing differ from the observed by δ in each arm.
  ///
  /// δ = 0 is missingness at random given the arm; −∞ and +∞ are the missing without and with the event. Limits are
  /// Wald's with the delta-method variance.
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func deltaAdjusted(first delta1: Double, second delta2: Double, level: Double = 0.95)
    throws(HypothesisTestError) -> IntervalEstimate
  {
    guard level > 0, level < 1 else { throw .argument("a confidence level of \(level)") }
    let a = first.risk(logOdds: delta1)
    let b = second.risk(logOdds: delta2)
    let margin = Normal().quantile((1 - level) / 2, tail: .upper) * (a.variance + b.variance).squareRoot()
    let d = a.estimate - b.estimate
    return IntervalEstimate(
      estimate: d, low: d - margin, high: d + margin, level: level,
      method: "informative missingness odds ratio, Wald")
  }

  /// One cell of a tipping-point table: so many of the missing with the event in each arm.
  public struct TippingCell: Sendable, Equatable {
    public let firstEvents: Int
    public let secondEvents: Int
    public let difference: IntervalEstimate
  }

  /// The risk difference for every number of events among the missing of both arms (Yan, Lee & Li, J Biopharm Stat
  /// 2009;19:1085, doi 10.1080/10543400903243009), arm 1 in the outer loop.
  ///
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func tippingPoints(method: DifferenceMethod = .newcombe, level: Double = 0.95)
    throws(HypothesisTestError) -> [TippingCell]
  {
    var cells: [TippingCell] = []
    for a in 0...first.missing {
      for b in 0...second.missing {
        let table = TwoProportions(
          try first.completed(withEvents: a), try second.completed(withEvents: b))
        cells.append(
          TippingCell(
            firstEvents: a, secondEvents: b, difference: try table.riskDifference(method, level: level)))
      }
    }
    return cells
  }
}
