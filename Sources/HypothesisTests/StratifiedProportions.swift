import Glibc
import Optimisation
import Probability

/// Two proportions compared within strata, and pooled over them (SAS `PROC FREQ COMMONRISKDIFF`, `CMH`).
public struct StratifiedProportions: Sendable, Equatable {
  /// One table a stratum; group 1 against group 2 in each.
  public let strata: [TwoProportions]

  /// How the limits of the pooled difference are made; all weigh strata by n₁n₂/(n₁ + n₂) (Mantel–Haenszel).
  public enum DifferenceMethod: String, Sendable, CaseIterable {
    /// Wald limits with Sato's variance: Biometrics 1989;45:1323, doi 10.2307/2531784 (SAS `CL=MH`).
    case mantelHaenszel = "mantel-haenszel"
    /// Score limits of the common difference with variance factor N/(N−1) in each stratum: Miettinen & Nurminen, Stat
    /// Med 1985;4:213, doi 10.1002/sim.4780040211.
    case miettinenNurminen = "miettinen-nurminen"
    /// Newcombe's hybrid of stratified Wilson limits: Yan & Su, Stat Biopharm Res 2010;2:329,
    /// doi 10.1198/sbr.2009.0049 (SAS `CL=NEWCOMBE`).
    case newcombe

    /// The method's name as a report writes it.
    public var title: String {
      switch self {
      case .mantelHaenszel: "Mantel-Haenszel, Sato variance"
      case .miettinenNurminen: "stratified Miettinen-Nurminen score"
      case .newcombe: "stratified Newcombe (Yan-Su)"
      }
    }
  }

  /// - Throws: `HypothesisTestError.tooFew` without a stratum.
  public init(_ strata: [TwoProportions]) throws(HypothesisTestError) {
    guard !strata.isEmpty else { throw .tooFew(what: "strata", count: 0, needed: 1) }
    self.strata = strata
  }

  /// Each stratum's share n₁n₂/N of their sum.
  public var weights: [Double] {
    let raw = strata.map { $0.n1 * $0.n2 / ($0.n1 + $0.n2) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }

  /// The pooled risk difference Σ wᵢdᵢ with limits.
  ///
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func riskDifference(_ method: DifferenceMethod = .mantelHaenszel, level: Double = 0.95)
    throws(HypothesisTestError) -> IntervalEstimate
  {
    try checkLevel(level)
    let z = twoSidedDeviate(level)
    let w = weights
    let d = zip(w, strata).reduce(0) { $0 + $1.0 * ($1.1.p1 - $1.1.p2) }
    let limits: (low: Double, high: Double)
    switch method {
    case .mantelHaenszel:
      let margin = z * satoVariance(d).squareRoot()
      limits = (d - margin, d + margin)
    case .miettinenNurminen: limits = scoreLimits(w, d, z: z)
    case .newcombe: limits = newcombeLimits(w, d, z: z)
    }
    return IntervalEstimate(
      estimate: d, low: limits.low, high: limits.high, level: level, method: method.title)
  }

  private func satoVariance(_ d: Double) -> Double {
    var (p, q, w) = (0.0, 0.0, 0.0)
    for s in strata {
      let n = s.n1 + s.n2
      p += (s.n1 * s.n1 * s.x2 - s.n2 * s.n2 * s.x1 + s.n1 * s.n2 * (s.n2 - s.n1) / 2) / (n * n)
      q += (s.x1 * (s.n2 - s.x2) + s.x2 * (s.n1 - s.x1)) / (2 * n)
      w += s.n1 * s.n2 / n
    }
    return max(0, d * p + q) / (w * w)
  }

  /// Where |Σ wᵢ(dᵢ − δ)| = z √Σ wᵢ²Vᵢ(δ), Vᵢ from the stratum's risks constrained to differ by δ.
  private func scoreLimits(_ w: [Double], _ d: Double, z: Double) -> (low: Double, high: Double) {
    let statistic = { (delta: Double) -> Double in
      var variance = 0.0
      for (weight, s) in zip(w, strata) {
        let p = s.constrained(.difference, delta)
        variance += weight * weight * s.sampleSizeCorrection * (p.p1 * p.q1 / s.n1 + p.p2 * p.q2 / s.n2)
      }
      return d == delta ? 0 : (d - delta) / variance.squareRoot()
    }
    let edge = 1 - 1e-13
    return (
      BracketedRoot.find(in: -edge...edge) { statistic($0) - z } ?? -1,
      BracketedRoot.find(in: -edge...edge) { statistic($0) + z } ?? 1
    )
  }

  private func newcombeLimits(_ w: [Double], _ d: Double, z: Double) -> (low: Double, high: Double) {
    let a = wilson(w, z, strata.map(\.first))
    let b = wilson(w, z, strata.map(\.second))
    let below = a.lambda * a.low * (1 - a.low) + b.lambda * b.high * (1 - b.high)
    let above = a.lambda * a.high * (1 - a.high) + b.lambda * b.low * (1 - b.low)
    return (d - z * max(0, below).squareRoot(), d + z * max(0, above).squareRoot())
  }

  /// Stratified Wilson limits Σ wᵢ·limitᵢ of one group, and λ = Σ wᵢ²/nᵢ.
  ///
  /// Each stratum's Wilson interval uses the deviate z√(Σ wᵢ²vᵢ)/Σ wᵢ√vᵢ, vᵢ = p̂ᵢq̂ᵢ/nᵢ, so that the weighted limits
  /// have the pooled estimate's coverage.
  private func wilson(_ w: [Double], _ z: Double, _ group: [SingleProportion]) -> (
    low: Double, high: Double, lambda: Double
  ) {
    var (squares, roots, lambda) = (0.0, 0.0, 0.0)
    for (weight, g) in zip(w, group) {
      let v = g.proportion * (1 - g.proportion) / Double(g.total)
      squares += weight * weight * v
      roots += weight * v.squareRoot()
      lambda += weight * weight / Double(g.total)
    }
    let deviate = roots > 0 ? z * squares.squareRoot() / roots : z * lambda.squareRoot()
    var (low, high) = (0.0, 0.0)
    for (weight, g) in zip(w, group) {
      let limits = g.wilsonLimits(z: deviate)
      low += weight * limits.low
      high += weight * limits.high
    }
    return (low, high, lambda)
  }

  /// Mantel and Haenszel's pooled risk ratio Σ(x₁n₂/N)/Σ(x₂n₁/N) with limits on the log scale.
  ///
  /// Variance: Greenland & Robins, Biometrics 1985;41:55, doi 10.2307/2530643.
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func riskRatio(level: Double = 0.95) throws(HypothesisTestError) -> IntervalEstimate {
    try checkLevel(level)
    var (r, s, p) = (0.0, 0.0, 0.0)
    for t in strata {
      let n = t.n1 + t.n2
      r += t.x1 * t.n2 / n
      s += t.x2 * t.n1 / n
      p += (t.n1 * t.n2 * (t.x1 + t.x2) - t.x1 * t.x2 * n) / (n * n)
    }
    let method = "Mantel-Haenszel, Greenland-Robins variance"
    guard r > 0, s > 0 else {
      return IntervalEstimate(
        estimate: r == 0 && s == 0 ? nil : (s == 0 ? .infinity : 0), low: 0, high: .infinity,
        level: level, method: method, notes: ["no events in a group in any stratum: no limits exist"])
    }
    let margin = twoSidedDeviate(level) * (p / (r * s)).squareRoot()
    return IntervalEstimate(
      estimate: r / s, low: r / s * exp(-margin), high: r / s * exp(margin), level: level, method: method)
  }

  /// The Mantel–Haenszel test with the common odds ratio and its limits.
  ///
  /// - Throws: what `MantelHaenszelTest.test(_:)` throws.
  public func mantelHaenszelTest(_ test: MantelHaenszelTest = MantelHaenszelTest())
    throws(HypothesisTestError) -> TestResult
  {
    var tables: [ContingencyTable] = []
    for s in strata {
      tables.append(
        try ContingencyTable([
          [s.first.events, s.first.total - s.first.events],
          [s.second.events, s.second.total - s.second.events],
        ]))
    }
    return try test.test(tables)
  }
}
