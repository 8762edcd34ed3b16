import Glibc
import Probability

/// A permutation (re-randomisation) test: is the observed difference large among those that other draws of the same
/// randomisation would have given?
///
/// Under the sharp null hypothesis every participant's outcome is what it would have been in the other arm. Arms are
/// drawn anew as the trial drew them: within strata, or blocks, so that each keeps its number in each arm. Edgington &
/// Onghena, Randomization Tests, 4th ed., CRC 2007.
public struct PermutationTest: Sendable {
  /// Which differences count as at least as large as the observed one.
  public enum Direction: String, Sendable, CaseIterable {
    case twoSided = "two.sided"
    case less
    case greater
  }

  /// The outcome of a permutation test.
  public struct Result: Sendable, Equatable {
    /// The observed statistic.
    public let observed: Double
    /// The p-value: the share of all assignments where they are enumerated, else (1 + hits)/(1 + replicates).
    public let pValue: Double
    /// The Monte-Carlo standard error of the p-value, √(p(1 − p)/replicates); zero where it is exact.
    public let monteCarloError: Double
    /// Limits (99 %) of the p-value that endless replicates would give, from the binomial distribution.
    public let monteCarloLimits: (low: Double, high: Double)
    /// The number of assignments looked at.
    public let assignments: Int
    /// True where these were all there are.
    public let isExact: Bool

    public static func == (a: Result, b: Result) -> Bool {
      a.observed == b.observed && a.pValue == b.pValue && a.monteCarloError == b.monteCarloError
        && a.monteCarloLimits == b.monteCarloLimits && a.assignments == b.assignments
        && a.isExact == b.isExact
    }
  }

  public var direction = Direction.twoSided
  /// The number of random assignments.
  public var replicates = 10_000
  /// All assignments are enumerated where there are at most so many.
  public var enumerationLimit = 20_000
  /// The run's seed.
  public var seed: UInt64
  /// What the replicates are for; other purposes draw other assignments.
  public var purpose: String

  public init(seed: UInt64, purpose: String) {
    self.seed = seed
    self.purpose = purpose
  }

  /// Tests the difference of two arms' means, first minus second.
  ///
  /// - Parameters:
  ///   - outcome: one value a participant.
  ///   - isFirst: whether the participant is in the first arm.
  ///   - strata: the code of each participant's stratum or block; nil for none.
  public func differenceOfMeans(_ outcome: [Double], isFirst: [Bool], strata: [Int]? = nil) -> Result {
    precondition(outcome.count == isFirst.count, "\(outcome.count) outcomes and \(isFirst.count) arms")
    let total = outcome.reduce(0, +)
    let first = Double(isFirst.count { $0 })
    let second = Double(isFirst.count) - first
    precondition(first > 0 && second > 0, "an empty arm")
    return run(isFirst: isFirst, strata: strata) { assignment in
      var sum = 0.0
      for (i, inFirst) in assignment.enumerated() where inFirst { sum += outcome[i] }
      return sum / first - (total - sum) / second
    }
  }

  /// Tests any statistic of an assignment to the first arm; under the null hypothesis it must centre on zero.
  ///
  /// A replicate's assignment comes from a stream of its own, keyed by seed, purpose, replicate and stratum.
  public func run(isFirst: [Bool], strata: [Int]? = nil, statistic: ([Bool]) -> Double) -> Result {
    precondition(strata == nil || strata!.count == isFirst.count, "one stratum a participant")
    let observed = statistic(isFirst)
    let groups = Self.rows(strata ?? [Int](repeating: 0, count: isFirst.count))
    // Differences that are equal but for rounding are equal.
    let hair = 1e-10 * max(1, abs(observed))
    func reaches(_ value: Double) -> Bool {
      switch direction {
      case .twoSided: abs(value) >= abs(observed) - hair
      case .greater: value >= observed - hair
      case .less: value <= observed + hair
      }
    }
    if let all = enumerated(groups, isFirst) {
      let hits = all.reduce(0) { $0 + (reaches(statistic($1)) ? 1 : 0) }
      let p = Double(hits) / Double(all.count)
      return Result(
        observed: observed, pValue: p, monteCarloError: 0, monteCarloLimits: (p, p), assignments: all.count,
        isExact: true)
    }
    var hits = 0
    for replicate in 0..<replicates where reaches(statistic(assignment(groups, isFirst, replicate))) {
      hits += 1
    }
    return sampled(observed, hits)
  }

  private func sampled(_ observed: Double, _ hits: Int) -> Result {
    let (x, n) = (Double(hits), Double(replicates))
    let p = (x + 1) / (n + 1)
    let low = hits == 0 ? 0 : Beta(shape1: x, shape2: n - x + 1).quantile(0.005)
    let high = hits == replicates ? 1 : Beta(shape1: x + 1, shape2: n - x).quantile(0.005, tail: .upper)
    return Result(
      observed: observed, pValue: p, monteCarloError: (p * (1 - p) / n).squareRoot(),
      monteCarloLimits: (low, high), assignments: replicates, isExact: false)
  }

  private static func rows(_ codes: [Int]) -> [[Int]] {
    var rows = [[Int]](repeating: [], count: (codes.max() ?? -1) + 1)
    for (row, code) in codes.enumerated() { rows[code].append(row) }
    return rows
  }

  /// The arms of one replicate.
  private func assignment(_ groups: [[Int]], _ isFirst: [Bool], _ replicate: Int) -> [Bool] {
    var arms = isFirst
    for (number, rows) in groups.enumerated() where rows.count > 1 {
      var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate, unit: number)
      var labels = rows.map { isFirst[$0] }
      stream.shuffle(&labels)
      for (row, label) in zip(rows, labels) { arms[row] = label }
    }
    return arms
  }

  /// Every assignment with the same number in each arm of each stratum; nil where there are more than the limit.
  private func enumerated(_ groups: [[Int]], _ isFirst: [Bool]) -> [[Bool]]? {
    let count = groups.reduce(1.0) { product, rows in
      let chosen = rows.count { isFirst[$0] }
      return product * exp(SpecialFunctions.logChoose(Double(rows.count), Double(chosen)))
    }
    guard count <= Double(enumerationLimit) * (1 + 1e-9) else { return nil }
    var assignments = [isFirst]
    for rows in groups where !rows.isEmpty {
      let choices = Self.combinations(of: rows.count, choosing: rows.count { isFirst[$0] })
      assignments = assignments.flatMap { base in
        choices.map { choice in
          var arms = base
          for row in rows { arms[row] = false }
          for place in choice { arms[rows[place]] = true }
          return arms
        }
      }
    }
    return assignments
  }

  private static func combinations(of n: Int, choosing k: Int) -> [[Int]] {
    var result: [[Int]] = []
    var chosen = Array(0..<k)
    while true {
      result.append(chosen)
      guard let place = chosen.indices.last(where: { chosen[$0] < n - k + $0 }) else { return result }
      chosen[place] += 1
      for i in (place + 1)..<max(place + 1, k) { chosen[i] = chosen[i - 1] + 1 }
    }
  }
}
