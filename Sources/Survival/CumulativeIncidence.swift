import Probability

/// The cumulative incidence of one cause in one group, with the other causes competing.
public struct CumulativeIncidenceCurve: Sendable, Equatable {
  /// The cause, from 1.
  public let cause: Int
  /// The times with an event of this cause, ascending.
  public let time: [Double]
  /// F(t), the probability of an event of this cause by t, just after each time.
  public let estimate: [Double]
  /// The variance of F(t).
  public let variance: [Double]
  /// The last time of follow-up in the group, up to which the last value holds.
  public let lastTime: Double

  /// The limits of an incidence, formed on a scale of F itself: `log` F exp(∓z se/F) (R `survfit`'s default), `logLog`
  /// F^exp(∓z se/(F log F)) (SAS `PROC LIFETEST`'s), `plain`, `arcsin` and `logit` as for survival.
  public static func limits(
    _ estimate: Double, variance: Double, scale: SurvivalLimits, level: Double
  ) -> (low: Double, high: Double) {
    guard estimate > 0 else { return (0, 0) }
    let z = Normal().quantile((1 - level) / 2, tail: .upper)
    return scale.interval(estimate, logStandardError: max(0, variance).squareRoot() / estimate, z: z)
  }

  /// F and its variance at a time; 0 before the first event.
  public func at(_ t: Double) -> (estimate: Double, variance: Double) {
    let row = time.partitioningIndex { $0 > t } - 1
    return row < 0 ? (0, 0) : (estimate[row], variance[row])
  }
}

/// The Aalen–Johansen estimator of cumulative incidence, F(t) = Σ S(t−) d_c/Y, S the chance of no event of any cause.
///
/// The variance is Gray's: with Δ the jumps of cause c and of the others at each time, the multinomial correction
/// 1 − (d − 1)/(Y − 1) for ties, and the effect of every jump on all later S. R `cmprsk::cuminc`; `survival::survfit` on
/// several causes gives the same curves with the infinitesimal jackknife's variance. Gray (1988),
/// doi:10.1214/aos/1176350951; Kalbfleisch & Prentice, section 8.2.
public struct CumulativeIncidence: Sendable {
  public init() {}

  /// Estimates the curves of every cause in every group.
  ///
  /// - Parameters:
  ///   - data: event times with causes 1 ... `causes`; delayed entry is allowed.
  ///   - group: a code in 0 ..< `groupCount` for each row; nil for one group.
  ///   - causes: the number of causes.
  /// - Returns: for each group, a curve a cause.
  /// - Complexity: O(causes × n).
  public func fit(
    _ data: SurvivalData, group: [Int32]? = nil, groupCount: Int = 1, causes: Int
  ) -> [[CumulativeIncidenceCurve]] {
    let any = RiskTally.byGroup(data, group: group, groupCount: groupCount, weights: nil)
    var curves = [[CumulativeIncidenceCurve]](repeating: [], count: groupCount)
    for cause in 1...max(causes, 1) {
      let own = RiskTally.byGroup(
        data, group: group, groupCount: groupCount, weights: nil, isEvent: { $0 == Int32(cause) })
      for g in 0..<groupCount {
        curves[g].append(curve(cause, any[g], own[g], data.distinctTimes))
      }
    }
    return curves
  }

  /// Walks through one group's times; both tallies list the same times, those with an exit.
  private func curve(
    _ cause: Int, _ any: RiskTally, _ own: RiskTally, _ times: [Double]
  ) -> CumulativeIncidenceCurve {
    var time: [Double] = []
    var estimate: [Double] = []
    var variance: [Double] = []
    var s = 1.0
    var f = 0.0
    // Sums of squares and products of the influence of each jump on F(t): that of a jump at u on later F is
    // (1 + F(u)/S(u) or F(u)/S(u)) − F(t)/S(u) times the jump's standard deviation.
    var v1 = 0.0
    var v2 = 0.0
    var v3 = 0.0
    for j in any.ranks.indices where any.events[j] > 0 {
      let y = any.atRisk[j]
      let d1 = own.events[j]
      let d2 = any.events[j] - d1
      let next = y - any.events[j] <= 1e-12 * y ? 0 : s * (1 - any.events[j] / y)
      f += s * d1 / y
      let inverse = next > 0 ? 1 / next : 0
      func add(_ d: Double, _ base: Double) {
        let correction = d > 1 ? 1 - (d - 1) / (y - 1) : 1
        let jump = s * s * correction * d / (y * y)
        let effect = base + f * inverse
        v1 += effect * effect * jump
        v2 += inverse * effect * jump
        v3 += inverse * inverse * jump
      }
      if d2 > 0, next > 0 { add(d2, 0) }
      if d1 > 0 {
        add(d1, 1)
        time.append(times[Int(any.ranks[j])])
        estimate.append(f)
        variance.append(v1 + f * f * v3 - 2 * f * v2)
      }
      s = next
    }
    return CumulativeIncidenceCurve(
      cause: cause, time: time, estimate: estimate, variance: variance,
      lastTime: any.ranks.last.map { times[Int($0)] } ?? 0)
  }
}
