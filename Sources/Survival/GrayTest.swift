import Glibc
import LinearAlgebra
import Probability

/// Gray's test that the cumulative incidence of one cause is the same in k groups, with strata.
///
/// The score of group g sums K (dN_g − R_g dN/R) over the times of the cause, with R_g = Y_g (1 − F_g)/S_g the number who
/// would be at risk had the other causes only censored, all just before t, and K = (1 − F)^ρ, F the pooled incidence. Its
/// variance is that of the paper, with a multinomial correction for ties; χ² on k − 1 degrees of freedom. Gray (1988),
/// doi:10.1214/aos/1176350951. R `cmprsk::cuminc`'s `Tests`, SAS `PROC LIFETEST`'s Gray's test.
public struct GrayTest: Sendable {
  /// The power ρ of 1 − F that weighs early differences.
  public var rho: Double

  public init(rho: Double = 0) { self.rho = rho }

  /// The outcome of the test of one cause.
  public struct Result: Sendable, Equatable {
    public let cause: Int
    /// The scores of all groups but the last.
    public let score: [Double]
    /// Their variance.
    public let variance: Matrix
    /// The χ² statistic; NaN where the variance is singular.
    public let statistic: Double
    public let df: Double
    public let pValue: Double
  }

  /// Tests one cause.
  ///
  /// - Parameters:
  ///   - data: event times without delayed entry.
  ///   - cause: the cause compared; all others compete.
  ///   - group: a code in 0 ..< `groupCount` for each row, every group with rows.
  /// - Throws: `SurvivalError.tooFewGroups`, `.noEvents`, `.unsupported` (delayed entry).
  /// - Complexity: O(n + times × groups³).
  public func test(
    _ data: SurvivalData, cause: Int, group: [Int32], groupCount: Int, stratum: [Int32]? = nil,
    stratumCount: Int = 1
  ) throws(SurvivalError) -> Result {
    guard groupCount >= 2 else { throw .tooFewGroups(found: groupCount) }
    guard data.cause.contains(Int32(cause)) else { throw .noEvents(cause: cause) }
    guard data.entryRank == nil else {
      throw .unsupported("Gray's test has no method for delayed entry (start-stop times)")
    }
    let order = orderByStratum(
      stratum, strata: stratumCount, rank: data.timeRank, ranks: data.distinctTimes.count)
    let free = groupCount - 1
    var score = [Double](repeating: 0, count: free)
    var variance = Matrix(rows: free, columns: free)
    var start = 0
    while start < order.count {
      let code = stratum?[Int(order[start])] ?? 0
      var end = start
      while end < order.count, (stratum?[Int(order[end])] ?? 0) == code { end += 1 }
      var walk = GrayWalk(groups: groupCount, rho: rho)
      walk.run(data, order[start..<end], cause: Int32(cause), group: group)
      let (s, v) = walk.result()
      for i in 0..<free { score[i] += s[i] }
      variance = variance + v
      start = end
    }
    let statistic =
      (try? CholeskyFactor(of: variance)).map { dot(score, $0.solve(score)) } ?? .nan
    return Result(
      cause: cause, score: score, variance: variance, statistic: statistic, df: Double(free),
      pValue: ChiSquared(df: Double(free)).cdf(statistic, tail: .upper))
  }
}

/// One stratum of Gray's test, time by time.
private struct GrayWalk {
  private let k: Int
  private let rho: Double
  /// At risk, S(t−) of any cause, F(t−) of the cause, in each group; F(t−) pooled.
  private var atRisk: [Double]
  private var survival: [Double]
  private var incidence: [Double]
  private var pooled = 0.0
  private var score: [Double]
  /// c_gh of the paper so far.
  private var c: Matrix
  /// The variance: terms without c at the end, with it once, with it twice.
  private var plain: Matrix
  private var single: Matrix
  private var double: [Double]

  init(groups: Int, rho: Double) {
    k = groups
    self.rho = rho
    atRisk = [Double](repeating: 0, count: groups)
    survival = [Double](repeating: 1, count: groups)
    incidence = atRisk
    score = atRisk
    c = Matrix(rows: groups, columns: groups)
    plain = c
    single = c
    double = atRisk
  }

  mutating func run(_ data: SurvivalData, _ rows: ArraySlice<Int32>, cause: Int32, group: [Int32]) {
    for row in rows { atRisk[Int(group[Int(row)])] += 1 }
    var i = rows.startIndex
    var own = [Double](repeating: 0, count: k)
    var other = own
    var leaving = own
    while i < rows.endIndex {
      let rank = data.timeRank[Int(rows[i])]
      for g in 0..<k { (own[g], other[g], leaving[g]) = (0, 0, 0) }
      while i < rows.endIndex, data.timeRank[Int(rows[i])] == rank {
        let row = Int(rows[i])
        let g = Int(group[row])
        leaving[g] += 1
        if data.cause[row] == cause { own[g] += 1 } else if data.cause[row] != 0 { other[g] += 1 }
        i += 1
      }
      if own.contains(where: { $0 > 0 }) || other.contains(where: { $0 > 0 }) { add(own, other) }
      for g in 0..<k { atRisk[g] -= leaving[g] }
    }
  }

  private mutating func add(_ own: [Double], _ other: [Double]) {
    var after = survival
    var incidenceAfter = incidence
    var h = [Double](repeating: 0, count: k)
    var r = h
    for g in 0..<k where atRisk[g] > 0 {
      after[g] = survival[g] * (atRisk[g] - own[g] - other[g]) / atRisk[g]
      incidenceAfter[g] += survival[g] * own[g] / atRisk[g]
      h[g] = atRisk[g] / survival[g]
      r[g] = h[g] * (1 - incidence[g])
    }
    let totalH = h.reduce(0, +)
    let totalR = r.reduce(0, +)
    let d = own.reduce(0, +)
    let pooledAfter = pooled + d / totalH
    let weight = rho == 0 ? 1 : pow(1 - pooled, rho)
    var a = Matrix(rows: k, columns: k)
    for g in 0..<k where atRisk[g] > 0 {
      for l in 0..<k where atRisk[l] > 0 {
        a[g, l] = weight * h[g] * ((g == l ? 1 : 0) - h[l] / totalH)
        c[g, l] += a[g, l] * d / (totalH * (1 - pooled))
      }
      score[g] += weight * (own[g] - d * r[g] / totalR)
    }
    for l in 0..<k where atRisk[l] > 0 {
      if d > 0 {
        let effect = after[l] > 0 ? 1 - (1 - pooledAfter) / after[l] : 1
        let correction = d > 1 ? 1 - (d - 1) / (totalH * survival[l] - 1) : 1
        addVariance(
          of: l, effect: effect, jump: correction * survival[l] * d / (totalH * atRisk[l]), a: a)
      }
      if other[l] > 0, after[l] > 0 {
        let effect = -(1 - pooledAfter) / after[l]
        let correction = other[l] > 1 ? 1 - (other[l] - 1) / (atRisk[l] - 1) : 1
        let share = survival[l] / atRisk[l]
        addVariance(of: l, effect: effect, jump: correction * share * share * other[l], a: nil)
      }
    }
    survival = after
    incidence = incidenceAfter
    pooled = pooledAfter
  }

  /// Adds the variance of a jump in group l: its effect on the score of g is a_gl + effect (c_gl at the end − c_gl now).
  private mutating func addVariance(of l: Int, effect: Double, jump: Double, a: Matrix?) {
    double[l] += effect * effect * jump
    for g in 0..<k {
      let now = (a?[g, l] ?? 0) - effect * c[g, l]
      single[g, l] += now * effect * jump
      for m in 0..<k {
        plain[g, m] += now * ((a?[m, l] ?? 0) - effect * c[m, l]) * jump
      }
    }
  }

  /// The scores of all groups but the last and their variance.
  func result() -> (score: [Double], variance: Matrix) {
    let free = k - 1
    var v = Matrix(rows: free, columns: free)
    for g in 0..<free {
      for m in 0..<free {
        var sum = plain[g, m]
        for l in 0..<k {
          sum += c[g, l] * c[m, l] * double[l] + c[g, l] * single[m, l] + c[m, l] * single[g, l]
        }
        v[g, m] = sum
      }
    }
    return (Array(score[..<free]), v)
  }
}
