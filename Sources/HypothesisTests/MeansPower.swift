import Glibc
import Optimisation
import Probability

/// Sample size, power or detectable difference of a t test (R `power.t.test`).
///
/// power = P(T > t) with T noncentral t: δ/(σ√(1/n₁ + 1/n₂)) on n₁ + n₂ − 2 degrees of freedom for two groups, δ√n/σ on
/// n − 1 for one group or pairs. The other tail of a two-sided test is left out, as R leaves it out by default. Sizes
/// are not rounded.
public struct MeansPower: Sendable, Equatable {
  /// Two groups, or one group (also: pairs, with the SD of the differences).
  public enum Groups: String, Sendable { case two, one }

  /// The difference of means.
  public var delta: Double
  /// The standard deviation within groups.
  public var sd: Double
  /// The size of group 1.
  public var n: Double
  /// The probability of rejecting the null hypothesis.
  public var power: Double
  public var groups: Groups
  public var design: PowerDesign

  /// The power of given group sizes and difference.
  ///
  /// - Throws: `HypothesisTestError.argument` for an argument outside its range.
  public static func power(
    delta: Double, sd: Double, n: Double, groups: Groups = .two, _ design: PowerDesign
  ) throws(HypothesisTestError) -> MeansPower {
    var result = MeansPower(delta: delta, sd: sd, n: n, power: 0, groups: groups, design: design)
    try result.check()
    try design.check(n: n)
    result.power = result.computed
    return result
  }

  /// The size of group 1 that gives a power.
  ///
  /// - Throws: `HypothesisTestError.argument` for no difference, an argument outside its range, or sizes beyond 10⁸.
  public static func size(
    delta: Double, sd: Double, power: Double, groups: Groups = .two, _ design: PowerDesign
  ) throws(HypothesisTestError) -> MeansPower {
    var result = MeansPower(delta: delta, sd: sd, n: 2, power: power, groups: groups, design: design)
    try result.check()
    try design.check(power: power)
    guard delta != 0 else { throw .argument("no difference of means: no sample size detects it") }
    let root = BracketedRoot.find(in: log(1.0 + 1e-6)...log(1e8)) { logN in
      var candidate = result
      candidate.n = exp(logN)
      return candidate.computed - power
    }
    guard let root else { throw .argument("no sample size up to 1e8 gives a power of \(power)") }
    result.n = exp(root)
    return result
  }

  /// The difference that group sizes detect with a power.
  ///
  /// - Throws: `HypothesisTestError.argument` for an argument outside its range.
  public static func detectable(
    sd: Double, n: Double, power: Double, groups: Groups = .two, _ design: PowerDesign
  ) throws(HypothesisTestError) -> MeansPower {
    var result = MeansPower(delta: sd, sd: sd, n: n, power: power, groups: groups, design: design)
    try result.check()
    try design.check(power: power)
    try design.check(n: n)
    let root = BracketedRoot.find(in: log(sd * 1e-8)...log(sd * 1e8)) { logDelta in
      var candidate = result
      candidate.delta = exp(logDelta)
      return candidate.computed - power
    }
    guard let root else {
      throw .argument("no difference is detected with power \(power) by \(n) in group 1")
    }
    result.delta = exp(root)
    return result
  }

  private func check() throws(HypothesisTestError) {
    try design.check()
    guard sd > 0, sd.isFinite else {
      throw .argument("a standard deviation of \(sd); expected a positive number")
    }
    guard delta.isFinite else { throw .argument("a difference of \(delta)") }
  }

  private var computed: Double {
    let n2 = n * design.ratio
    let df = max(1e-7, groups == .two ? n + n2 - 2 : n - 1)
    let precision = groups == .two ? (1 / (1 / n + 1 / n2)).squareRoot() : n.squareRoot()
    let critical = StudentT(df: df).quantile(design.alpha / Double(design.sides), tail: .upper)
    return NoncentralT(df: df, noncentrality: precision * abs(delta) / sd).cdf(critical, tail: .upper)
  }
}
