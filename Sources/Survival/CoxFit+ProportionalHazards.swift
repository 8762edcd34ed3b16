import Glibc
import LinearAlgebra

/// The function of time against which proportional hazards are tested.
public enum TimeTransform: String, Sendable, CaseIterable {
  /// 1 − S(t−) with S the Kaplan–Meier estimate of all rows (the default of R's `cox.zph`).
  case km
  /// The rank of the time among the times of all rows, ties at their mean.
  case rank
  /// The time itself.
  case identity
  /// The logarithm of the time.
  case log
}

/// The test that the hazard ratios do not change with time.
public struct ProportionalHazardsTest: Sendable, Equatable {
  /// One test a term of the model, in the order of the terms' numbers; terms without an estimable column are nil.
  public let terms: [CoxFit.Test?]
  /// The test of all terms together.
  public let global: CoxFit.Test
  /// The function of time.
  public let transform: TimeTransform
}

extension CoxFit {
  /// Tests proportional hazards for each term and for all together.
  ///
  /// The score test of θ = 0 in β(t) = β + θ g(t): with V_k the variance of the covariates over the kth risk set, the score
  /// Σ g_k (x − x̄_k) of a term is referred to its variance Σ g_k² V_k less what β takes up, (Σ g_k V_k)(Σ V_k)⁻¹(Σ g_k V_k).
  /// This is the test of survival 3.0 and later; earlier versions put V_k at its average. Grambsch & Therneau (1994),
  /// doi:10.1093/biomet/81.3.515. R `cox.zph(fit, transform)`.
  ///
  /// - Parameter termOfColumn: for each column of the design the number of its term, from 0.
  /// - Throws: `SurvivalError.zeroTime` for `log` with an event at time 0.
  public func proportionalHazardsTest(
    termOfColumn: [Int], transform: TimeTransform = .km
  ) throws(SurvivalError) -> ProportionalHazardsTest {
    precondition(termOfColumn.count == coefficients.count, "a term for every column")
    let kernel = CoxPartialLikelihood(sets, ties: ties == .exact ? .breslow : ties)
    _ = kernel.evaluate(at: scaled)
    var g = try eventTimeValues(transform)
    // The test does not change when a constant is added to g; weights at least 0 keep the cross-products real.
    let least = g.min() ?? 0
    let range = max((g.max() ?? 0) - least, .leastNormalMagnitude)
    for k in g.indices { g[k] = (g[k] - least) / range }
    let p = estimable.count
    let v0 = kernel.information()
    let v1 = kernel.information(timesWeighted: g)
    let v2 = kernel.information(timesWeighted: g.map { $0 * $0 })
    let u1 = kernel.score()
    let u2 = kernel.score(timesWeighted: g)
    guard let factor = try? CholeskyFactor(of: v0) else {
      let none = Test(statistic: .nan, df: p)
      return ProportionalHazardsTest(
        terms: (0..<((termOfColumn.max() ?? -1) + 1)).map { _ in none }, global: none, transform: transform)
    }
    let adjusted = v2 - Matrix.product(v1, factor.solve(v1), transposeFirst: true)
    let shift = v1.transposedTimes(factor.solve(u1))
    let u = zip(u2, shift).map { $0 - $1 }
    func test(_ columns: [Int]) -> Test? {
      guard !columns.isEmpty else { return nil }
      let v = adjusted.selecting(columns: columns).selecting(rows: columns).symmetrised()
      let score = columns.map { u[$0] }
      let solution = (try? CholeskyFactor(of: v))?.solve(score)
      return Test(statistic: solution.map { dot(score, $0) } ?? .nan, df: columns.count)
    }
    let terms = (0..<((termOfColumn.max() ?? -1) + 1)).map { term in
      test(estimable.indices.filter { termOfColumn[estimable[$0]] == term })
    }
    return ProportionalHazardsTest(
      terms: terms, global: test(Array(0..<p)) ?? Test(statistic: 0, df: 0), transform: transform)
  }

  /// g at each event time of the risk sets.
  func eventTimeValues(_ transform: TimeTransform) throws(SurvivalError) -> [Double] {
    let times = sets.eventRank.map { data.distinctTimes[Int($0)] }
    switch transform {
    case .identity: return times
    case .log:
      if times.contains(where: { $0 <= 0 }) {
        throw .zeroTime(rows: (0..<count).filter { data.time($0) <= 0 && data.cause[$0] != 0 })
      }
      return times.map { Glibc.log($0) }
    case .rank:
      var before = [Double](repeating: 0, count: data.distinctTimes.count + 1)
      for rank in data.timeRank { before[Int(rank) + 1] += 1 }
      for j in 1..<before.count { before[j] += before[j - 1] }
      return sets.eventRank.map { (before[Int($0)] + before[Int($0) + 1] + 1) / 2 }
    case .km:
      let curve = try KaplanMeier().fit(data)[0]
      return times.map { time in
        let row = curve.time.partitioningIndex { $0 >= time }
        return row == 0 ? 0 : 1 - curve.survival[row - 1]
      }
    }
  }
}
