import Glibc
import Optimisation
import Probability

/// Sample size, power or detectable difference of a comparison of two proportions (R `power.prop.test`).
///
/// power = Φ((|p₁ − p₂| − z√(p̄q̄(1/n₁ + 1/n₂)))/√(p₁q₁/n₁ + p₂q₂/n₂)), p̄ the pooled risk, z the normal quantile of
/// 1 − α/sides: the normal approximation with pooled variance under the null hypothesis (Fleiss, Levin & Paik,
/// Statistical Methods for Rates and Proportions, 3rd ed., chapter 4), or with the groups' own variances under both hypotheses. Sample sizes are
/// not rounded.
public struct ProportionsPower: Sendable, Equatable {
  /// The risk in group 1.
  public var p1: Double
  /// The risk in group 2.
  public var p2: Double
  /// The size of group 1.
  public var n: Double
  /// The probability of rejecting the null hypothesis.
  public var power: Double
  /// The design shared by all three questions.
  public var design: PowerDesign

  /// The power of given group sizes and risks.
  ///
  /// - Throws: `HypothesisTestError.argument` for an argument outside its range.
  public static func power(p1: Double, p2: Double, n: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> ProportionsPower
  {
    try design.check()
    try checkRisks(p1, p2)
    try design.check(n: n)
    return ProportionsPower(p1: p1, p2: p2, n: n, power: power(p1, p2, n, design), design: design)
  }

  /// The size of group 1 that gives a power; a closed formula.
  ///
  /// - Throws: `HypothesisTestError.argument` for equal risks or an argument outside its range.
  public static func size(p1: Double, p2: Double, power: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> ProportionsPower
  {
    try design.check()
    try design.check(power: power)
    try checkRisks(p1, p2)
    guard p1 != p2 else { throw .argument("equal risks: no sample size detects them") }
    let k = design.ratio
    let pooled = (p1 + k * p2) / (1 + k)
    let own = (p1 * (1 - p1) + p2 * (1 - p2) / k).squareRoot()
    let null = design.poolsVariance ? (pooled * (1 - pooled) * (1 + 1 / k)).squareRoot() : own
    let underNull = design.criticalValue * null
    let otherwise = Normal().quantile(power) * own
    let root = (underNull + otherwise) / (p1 - p2)
    return ProportionsPower(p1: p1, p2: p2, n: root * root, power: power, design: design)
  }

  /// The smallest risk in group 2 above p₁ that group sizes detect with a power.
  ///
  /// - Throws: `HypothesisTestError.argument` where not even a risk of 1 would do, or for an argument outside its range.
  public static func detectable(p1: Double, n: Double, power: Double, _ design: PowerDesign)
    throws(HypothesisTestError) -> ProportionsPower
  {
    try design.check()
    try design.check(power: power)
    try design.check(n: n)
    try checkRisks(p1, p1)
    let root = BracketedRoot.find(in: p1...1) { p2 in Self.power(p1, p2, n, design) - power }
    guard let p2 = root, p2 > p1 else {
      throw .argument("no risk above \(p1) is detected with power \(power) by \(n) in group 1")
    }
    return ProportionsPower(p1: p1, p2: p2, n: n, power: power, design: design)
  }

  private static func power(_ p1: Double, _ p2: Double, _ n1: Double, _ design: PowerDesign) -> Double {
    let n2 = n1 * design.ratio
    let pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    let otherwise = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2).squareRoot()
    let underNull =
      design.poolsVariance ? (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).squareRoot() : otherwise
    let distance = abs(p1 - p2) - design.criticalValue * underNull
    return Normal().cdf(otherwise == 0 && distance == 0 ? 0 : distance / otherwise)
  }

  private static func checkRisks(_ p1: Double, _ p2: Double) throws(HypothesisTestError) {
    for p in [p1, p2] where !(0...1).contains(p) {
      throw .argument("a risk of \(p); expected a number from 0 to 1")
    }
  }
}
