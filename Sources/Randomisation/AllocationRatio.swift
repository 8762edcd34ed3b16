import Glibc
import HypothesisTests
import Probability

/// The exact test of whether the numbers by arm agree with the planned ratio.
///
/// The p-value is the probability of all divisions of the participants that are no more probable than the one seen (R
/// `binom.test`; for several arms `EMT::multinomial.test`). It supposes independent allocations; a design that keeps the
/// numbers closer to the plan makes it conservative.
public enum AllocationRatio {
  /// Divisions beyond this many are not enumerated; χ² takes their place.
  private static let enumerationLimit = 20_000_000.0

  /// The p-value with the name of the method; 1 where there is nobody.
  public static func test(_ counts: [Int], shares: [Double]) -> (pValue: Double, method: String) {
    let total = counts.reduce(0, +)
    guard total > 0 else { return (1, "none") }
    if counts.count == 2,
      let exact = try? SingleProportion(events: counts[1], total: total).binomialTest(
        null: shares[1])
    {
      return (exact.pValue, "exact binomial")
    }
    let divisions = exp(
      SpecialFunctions.logGamma(Double(total + counts.count)) - SpecialFunctions.logGamma(Double(total) + 1)
        - SpecialFunctions.logGamma(Double(counts.count)))
    if divisions <= enumerationLimit { return (multinomial(counts, shares), "exact multinomial") }
    let statistic = pearson(counts, shares)
    return (ChiSquared(df: Double(counts.count - 1)).cdf(statistic, tail: .upper), "Pearson chi-squared")
  }

  /// Pearson's statistic Σ (n − E)²/E.
  public static func pearson(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    return zip(counts, shares).reduce(0) { sum, pair in
      let expected = pair.1 * total
      return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
  }

  private static func multinomial(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = counts.reduce(0, +)
    let logFactorial = (0...total).map { SpecialFunctions.logGamma(Double($0) + 1) }
    let logShare = shares.map { log($0) }
    func weight(_ arm: Int, _ count: Int) -> Double { Double(count) * logShare[arm] - logFactorial[count] }
    let observed = counts.indices.reduce(0) { $0 + weight($1, counts[$1]) }
    // R's slack for divisions that are equally likely but for rounding.
    let limit = observed + 1e-7
    var sum = 0.0
    func divide(_ arm: Int, _ left: Int, _ value: Double) {
      if arm == counts.count - 1 {
        let whole = value + weight(arm, left)
        if whole <= limit { sum += exp(whole + logFactorial[total]) }
        return
      }
      for count in 0...left { divide(arm + 1, left - count, value + weight(arm, count)) }
    }
    divide(0, total, 0)
    return min(1, sum)
  }
}
