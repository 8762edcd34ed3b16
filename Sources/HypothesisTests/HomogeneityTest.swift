import Glibc
import Probability

extension StratifiedProportions {
  /// The test that the odds ratio is the same in every stratum (R `DescTools::BreslowDayTest`, SAS `CMH`'s
  /// Breslow–Day test, Stata `mhodds`/`cc, by()`).
  ///
  /// Σ (x₁ − Aᵢ)²/Vᵢ with Aᵢ the events of group 1 expected, given the stratum's margins, at the Mantel–Haenszel odds
  /// ratio, and 1/Vᵢ the sum of the reciprocals of the four cells expected: Breslow & Day, Statistical Methods in Cancer
  /// Research I (1980), p. 142. Tarone's correction subtracts (Σ(x₁ − Aᵢ))²/ΣVᵢ, since the Mantel–Haenszel estimate is not
  /// the efficient one: Biometrika 1985;72:91, doi 10.1093/biomet/72.1.91. Strata without an event, or with events
  /// only, or with one group, say nothing and are left out.
  ///
  /// - Parameter tarone: with Tarone's correction (SAS `BDT`).
  /// - Throws: `HypothesisTestError.tooFew` where fewer than two strata say anything, `.table` where the common odds ratio
  ///   is 0 or infinite.
  public func homogeneityTest(tarone: Bool = true) throws(HypothesisTestError) -> TestResult {
    let informative = strata.filter { s in
      let events = s.x1 + s.x2
      return events > 0 && events < s.n1 + s.n2
    }
    guard informative.count > 1 else {
      throw .tooFew(what: "strata with events and non-events", count: informative.count, needed: 2)
    }
    var (r, s) = (0.0, 0.0)
    for t in informative {
      let n = t.n1 + t.n2
      r += t.x1 * (t.n2 - t.x2) / n
      s += t.x2 * (t.n1 - t.x1) / n
    }
    guard r > 0, s > 0 else { throw .table("the common odds ratio is \(s == 0 ? "infinite" : "0")") }
    let odds = r / s
    var (statistic, distance, variance) = (0.0, 0.0, 0.0)
    for t in informative {
      let expected = Self.expectedEvents(t, oddsRatio: odds)
      let cells = [
        expected, t.n1 - expected, t.x1 + t.x2 - expected, t.n2 - t.x1 - t.x2 + expected,
      ]
      let v = 1 / cells.reduce(0) { $0 + 1 / $1 }
      statistic += (t.x1 - expected) * (t.x1 - expected) / v
      distance += t.x1 - expected
      variance += v
    }
    if tarone { statistic -= distance * distance / variance }
    let df = Double(informative.count - 1)
    var result = TestResult(
      test: "homogeneity",
      method: "Breslow-Day test of equal odds ratios" + (tarone ? " with Tarone's correction" : ""),
      pValue: ChiSquared(df: df).cdf(statistic, tail: .upper))
    result.statisticName = "X-squared"
    result.statistic = statistic
    result.df = df
    if informative.count < strata.count {
      result.notes = ["\(strata.count - informative.count) strata without information are left out"]
    }
    return result
  }

  /// The events of group 1 that a stratum's margins and an odds ratio ψ lead to expect: the root of
  /// A(n₂ − m + A) = ψ(n₁ − A)(m − A) between its bounds.
  private static func expectedEvents(_ t: TwoProportions, oddsRatio psi: Double) -> Double {
    let m = t.x1 + t.x2
    let a = 1 - psi
    let b = t.n2 - m + psi * (t.n1 + m)
    let c = -psi * t.n1 * m
    // The stable form of the quadratic's root that lies between the bounds, for every sign of 1 − ψ.
    return -2 * c / (b + (b * b - 4 * a * c).squareRoot())
  }
}
