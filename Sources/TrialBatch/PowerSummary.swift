import Glibc
import Probability
import Serialisation
import TrialAnalysis

/// A number from a simulation with the error of having simulated only so often.
public struct SimulatedValue: Sendable, Equatable {
  public var value: Double
  /// The Monte-Carlo standard error.
  public var error: Double

  /// The value without the digits that are beyond its error: the last one printed is of the size of the error's first.
  public var text: String {
    guard value.isFinite, error.isFinite else { return "–" }
    // Without spread (all trials alike) there is nothing that tells which digits hold.
    guard error > 0 else { return NumberText.significant(value, digits: 3) }
    return rounded(value)
  }

  /// A number to the place of the error's first digit, be that of tens, hundreds, ….
  private func rounded(_ value: Double) -> String {
    let decimals = Int((-log10(error)).rounded(.up))
    if decimals >= 0 { return NumberText.fixed(value, decimals: min(decimals, 8)) }
    let unit = pow(10, Double(-decimals))
    return NumberText.fixed((value / unit).rounded() * unit, decimals: 0)
  }

  /// The value with its error in parentheses, to one digit: `0.147 (0.011)` would say more than either is known to.
  public var textWithError: String {
    guard value.isFinite, error.isFinite, error > 0 else { return text }
    return "\(text) (\(rounded(error)))"
  }

  var json: JSONValue { ["estimate": .number(Optional(value)), "mcse": .number(Optional(error))] }
}

/// How one estimate of a plan does over simulated trials.
///
/// Ratios are summarised on the log scale, where their limits are symmetric. With θ the truth, θ̂ᵢ the estimate of trial i of
/// n: bias = mean(θ̂ᵢ) − θ, with error √(s²/n) joined with that of θ; empirical SE = s, error s/√(2(n−1)); model SE =
/// √mean(seᵢ²), error √(var(seᵢ²)/(4 n modelSE²)); coverage and rejection are shares p, error √(p(1−p)/n). Morris, White and
/// Crowther 2019, table 6, doi:10.1002/sim.8086.
public struct PowerSummary: Sendable, Equatable {
  public var id: String
  public var measure: String
  /// True where estimate, truth and bias are logarithms.
  public var isLogarithmic: Bool
  /// Trials with a usable estimate or test.
  public var usable: Int
  /// Trials without: they count as not rejecting and not covering.
  public var failures: Int
  public var truth: SimulatedValue?
  public var mean: SimulatedValue?
  public var bias: SimulatedValue?
  public var empiricalError: SimulatedValue?
  public var modelError: SimulatedValue?
  public var coverage: SimulatedValue?
  /// The share of trials whose test rejects no effect: power, or the type I error where there is none.
  public var rejection: SimulatedValue

  /// Summaries of every estimate that any of the trials has, in the order of the plan.
  ///
  /// - Parameters:
  ///   - truth: a trial so large that its estimates stand for the truth; nil where there is no effect.
  ///   - alpha: the level of the tests.
  ///   - level: the confidence level of the limits, from which standard errors of logarithms are taken back.
  public static func summaries(
    of trials: [PowerStudy.Trial], truth: PowerStudy.Trial?, scenario: PowerStudy.Scenario, alpha: Double,
    level: Double
  ) -> [PowerSummary] {
    let z = Normal().quantile(0.5 + level / 2)
    var order: [String] = []
    var measures: [String: String] = [:]
    for estimate in trials.flatMap(\.estimates) where measures[estimate.id] == nil {
      order.append(estimate.id)
      measures[estimate.id] = estimate.measure
    }
    return order.map { id in
      let null = Result.Measure(rawValue: measures[id]!)?.null
      let large = truth?.estimates.first { $0.id == id }
      return PowerSummary(
        id: id, measure: measures[id]!, null: null,
        estimates: trials.map { trial in trial.estimates.first { $0.id == id } }, large: large,
        scenario: scenario, alpha: alpha, z: z)
    }
  }

  private init(
    id: String, measure: String, null: Double?, estimates: [PowerStudy.Estimate?],
    large: PowerStudy.Estimate?, scenario: PowerStudy.Scenario, alpha: Double, z: Double
  ) {
    self.id = id
    self.measure = measure
    let isRatio = null == 1
    isLogarithmic = isRatio
    func scale(_ value: Double?) -> Double? {
      guard let value, value.isFinite else { return nil }
      return isRatio ? (value > 0 ? log(value) : nil) : value
    }
    let count = estimates.count
    let good = estimates.compactMap { $0 }.filter(\.isUsable)
    usable = good.count
    failures = count - good.count
    let rejecting = good.count { Self.rejects($0, null: null, alpha: alpha) }
    rejection = Self.share(rejecting, of: count)
    guard null != nil else { return }
    let values = good.compactMap { scale($0.estimate) }
    guard values.count > 1 else { return }
    let n = Double(values.count)
    let average = values.reduce(0, +) / n
    let spread = (values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)).squareRoot()
    mean = SimulatedValue(value: average, error: spread / n.squareRoot())
    empiricalError = SimulatedValue(value: spread, error: spread / (2 * (n - 1)).squareRoot())
    modelError = Self.modelError(good, isRatio: isRatio, z: z)
    if scenario == .null {
      truth = SimulatedValue(value: 0, error: 0)
    } else if let large, let value = scale(large.estimate),
      let error = Self.logOrPlainError(large, isRatio: isRatio, z: z)
    {
      // One without an error is not known to any digit, and nothing is compared with it.
      truth = SimulatedValue(value: value, error: error)
    }
    guard let truth else { return }
    bias = SimulatedValue(
      value: average - truth.value, error: (spread * spread / n + truth.error * truth.error).squareRoot())
    let bounded = good.filter { $0.low != nil || $0.high != nil }
    guard !bounded.isEmpty else { return }
    let covering = bounded.count { estimate in
      let low = estimate.low.map { scale($0) ?? -.infinity } ?? -.infinity
      let high = estimate.high.map { scale($0) ?? .infinity } ?? .infinity
      return low <= truth.value && truth.value <= high
    }
    coverage = Self.share(covering, of: count)
  }

  private static func rejects(_ estimate: PowerStudy.Estimate, null: Double?, alpha: Double) -> Bool {
    if let p = estimate.pValue { return p < alpha }
    guard let null, let low = estimate.low, let high = estimate.high else { return false }
    return low > null || high < null
  }

  private static func share(_ count: Int, of total: Int) -> SimulatedValue {
    let p = total > 0 ? Double(count) / Double(total) : .nan
    return SimulatedValue(value: p, error: (p * (1 - p) / Double(total)).squareRoot())
  }

  /// The standard error on the scale of the summary; from the limits for logarithms and for records that have limits only.
  private static func logOrPlainError(
    _ estimate: PowerStudy.Estimate, isRatio: Bool, z: Double
  ) -> Double? {
    if !isRatio, let error = estimate.standardError { return error }
    guard let low = estimate.low, let high = estimate.high, low.isFinite, high.isFinite else { return nil }
    if !isRatio { return (high - low) / (2 * z) }
    return low > 0 ? log(high / low) / (2 * z) : nil
  }

  private static func modelError(
    _ estimates: [PowerStudy.Estimate], isRatio: Bool, z: Double
  ) -> SimulatedValue? {
    let squares = estimates.compactMap { logOrPlainError($0, isRatio: isRatio, z: z) }.map { $0 * $0 }
    guard squares.count > 1, squares.allSatisfy(\.isFinite) else { return nil }
    let n = Double(squares.count)
    let mean = squares.reduce(0, +) / n
    guard mean > 0 else { return nil }
    let variance = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    return SimulatedValue(value: mean.squareRoot(), error: (variance / (4 * n * mean)).squareRoot())
  }

  /// The summary with full precision and every Monte-Carlo error.
  public var json: JSONValue {
    func value(_ value: SimulatedValue?) -> JSONValue { value?.json ?? .null }
    return [
      "id": .string(id), "measure": .string(measure), "scale": .string(isLogarithmic ? "log" : "identity"),
      "usable": .integer(usable), "failures": .integer(failures), "truth": value(truth), "mean": value(mean),
      "bias": value(bias), "empirical.se": value(empiricalError), "model.se": value(modelError),
      "coverage": value(coverage), "rejection": value(rejection),
    ]
  }
}
