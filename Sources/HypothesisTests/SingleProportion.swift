import Optimisation
import Probability

/// A number of events among a number of observations.
public struct SingleProportion: Sendable, Equatable {
  /// The number x of observations with the event.
  public let events: Int
  /// The number n of observations.
  public let total: Int

  /// - Throws: `HypothesisTestError.counts` unless 0 ≤ events ≤ total and total > 0.
  public init(events: Int, total: Int) throws(HypothesisTestError) {
    guard total > 0, (0...total).contains(events) else {
      throw .counts("\(events) events among \(total) observations; expected 0 ≤ events ≤ n, and n > 0")
    }
    self.events = events
    self.total = total
  }

  /// How the limits of a single proportion are made.
  public enum Method: String, Sendable, CaseIterable {
    /// Inversion of the score test: Wilson, J Am Stat Assoc 1927;22:209, doi 10.1080/01621459.1927.10502953
    /// (R `prop.test(correct = FALSE)`, SAS `BINOMIAL(CL=WILSON)`).
    case wilson
    /// Inversion of the two one-sided binomial tests: Clopper & Pearson, Biometrika 1934;26:404,
    /// doi 10.1093/biomet/26.4.404 (R `binom.test`, SAS `CL=EXACT`). At least the nominal coverage.
    case clopperPearson = "exact"
    /// Quantiles of the posterior Beta(x + ½, n − x + ½); the lower limit is 0 at x = 0, the upper 1 at x = n:
    /// Brown, Cai & DasGupta, Stat Sci 2001;16:101, doi 10.1214/ss/1009213286.
    case jeffreys
    /// Wald limits about (x + z²/2)/(n + z²): Agresti & Coull, Am Stat 1998;52:119, doi 10.1080/00031305.1998.10480550.
    case agrestiCoull = "agresti-coull"
    /// Clopper–Pearson with half the probability of the observed count: Berry & Armitage, Statistician 1995;44:417,
    /// doi 10.2307/2348891 (SAS `CL=MIDP`).
    case midP = "mid-p"
    /// p̂ ± z√(p̂(1 − p̂)/n).
    case wald

    /// The method's name as a report writes it.
    public var title: String {
      switch self {
      case .wilson: "Wilson score"
      case .clopperPearson: "Clopper-Pearson exact"
      case .jeffreys: "Jeffreys"
      case .agrestiCoull: "Agresti-Coull"
      case .midP: "mid-P exact"
      case .wald: "Wald"
      }
    }
  }

  /// The proportion p̂ = x/n.
  public var proportion: Double { Double(events) / Double(total) }

  /// The proportion with limits at a confidence level.
  ///
  /// Wald and Agresti–Coull limits are cut at 0 and 1.
  /// - Throws: `HypothesisTestError.argument` unless 0 < level < 1.
  public func interval(_ method: Method = .wilson, level: Double = 0.95) throws(HypothesisTestError)
    -> IntervalEstimate
  {
    try checkLevel(level)
    let x = Double(events)
    let n = Double(total)
    let z = twoSidedDeviate(level)
    let tail = (1 - level) / 2
    var limits: (Double, Double)
    switch method {
    case .wilson: limits = wilsonLimits(z: z)
    case .clopperPearson:
      limits = (
        x == 0 ? 0 : Beta(shape1: x, shape2: n - x + 1).quantile(tail),
        x == n ? 1 : Beta(shape1: x + 1, shape2: n - x).quantile(tail, tail: .upper)
      )
    case .jeffreys:
      let posterior = Beta(shape1: x + 0.5, shape2: n - x + 0.5)
      limits = (
        x == 0 ? 0 : posterior.quantile(tail), x == n ? 1 : posterior.quantile(tail, tail: .upper)
      )
    case .agrestiCoull:
      let size = n + z * z
      let centre = (x + z * z / 2) / size
      let margin = z * (centre * (1 - centre) / size).squareRoot()
      limits = (max(0, centre - margin), min(1, centre + margin))
    case .midP: limits = midPLimits(tail: tail)
    case .wald:
      let margin = z * (proportion * (1 - proportion) / n).squareRoot()
      limits = (max(0, proportion - margin), min(1, proportion + margin))
    }
    var notes: [String] = []
    if method == .wald, events == 0 || events == total {
      notes.append("with \(events) events among \(total) the Wald limits have no width")
    }
    return IntervalEstimate(
      estimate: proportion, low: limits.0, high: limits.1, level: level, method: method.title,
      notes: notes)
  }

  /// Wilson's limits for a normal deviate.
  func wilsonLimits(z: Double) -> (low: Double, high: Double) {
    let n = Double(total)
    let p = proportion
    let scale = 1 + z * z / n
    let centre = p + z * z / (2 * n)
    let margin = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return (
      events == 0 ? 0 : (centre - margin) / scale, events == total ? 1 : (centre + margin) / scale
    )
  }

  private func midPLimits(tail: Double) -> (Double, Double) {
    let x = Double(events)
    let n = Double(total)
    func side(_ which: Tail, _ p: Double) -> Double {
      let binomial = Binomial(size: n, probability: p)
      let beyond = which == .lower ? binomial.cdf(x - 1) : binomial.cdf(x, tail: .upper)
      return beyond + 0.5 * binomial.density(x) - tail
    }
    let low = events == 0 ? 0 : BracketedRoot.find(in: 0...proportion) { side(.upper, $0) } ?? 0
    let high = events == total ? 1 : BracketedRoot.find(in: proportion...1) { side(.lower, $0) } ?? 1
    return (low, high)
  }
}
