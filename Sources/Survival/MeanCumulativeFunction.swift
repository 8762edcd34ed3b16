import Glibc
import Inference

/// The mean cumulative function of a recurrent event: the expected number of events of a person up to t.
public struct MeanCumulativeFunction: Sendable, Equatable {
  /// The times with an event, ascending.
  public let time: [Double]
  /// The number of persons under observation just before each time.
  public let atRisk: [Double]
  /// The number of events at each time.
  public let events: [Double]
  /// M(t) just after each time.
  public let estimate: [Double]
  /// The robust standard error of M(t).
  public let standardError: [Double]
  /// The number of persons.
  public let persons: Int
  /// The last time under observation.
  public let lastTime: Double

  /// M and its standard error at a time; 0 before the first event.
  public func at(_ t: Double) -> (estimate: Double, standardError: Double, isBeyond: Bool) {
    let row = time.partitioningIndex { $0 > t } - 1
    return row < 0
      ? (0, 0, t > lastTime) : (estimate[row], standardError[row], t > lastTime)
  }

  /// Limits on the scale of log M, so that they stay above 0; those of the plain scale where M is 0.
  public static func limits(
    _ estimate: Double, _ standardError: Double, level: Double
  ) -> (low: Double, high: Double) {
    let z = Reference.normal.criticalValue(level: level)
    guard estimate > 0 else { return (0, 0) }
    let factor = exp(z * standardError / estimate)
    return (estimate / factor, estimate * factor)
  }

  /// The difference of two independent groups' functions at a time, second minus first, with normal limits.
  public static func difference(
    _ second: MeanCumulativeFunction, minus first: MeanCumulativeFunction, at t: Double, level: Double
  ) -> Coefficient {
    let (a, b) = (first.at(t), second.at(t))
    return .wald(
      term: "difference", estimate: b.estimate - a.estimate,
      standardError: (a.standardError * a.standardError + b.standardError * b.standardError).squareRoot(),
      reference: .normal, level: level)
  }

  /// The ratio of two independent groups' functions at a time, second over first; test and limits on the log scale.
  public static func ratio(
    _ second: MeanCumulativeFunction, over first: MeanCumulativeFunction, at t: Double, level: Double
  ) -> Coefficient {
    let (a, b) = (first.at(t), second.at(t))
    let (ra, rb) = (a.standardError / a.estimate, b.standardError / b.estimate)
    var row = Coefficient.wald(
      term: "ratio", estimate: log(b.estimate / a.estimate),
      standardError: (ra * ra + rb * rb).squareRoot(), reference: .normal, level: level)
    row.estimate = row.estimate.map { exp($0) }
    row.low = row.low.map { exp($0) }
    row.high = row.high.map { exp($0) }
    return row
  }
}

/// The Nelson–Aalen estimate of the mean cumulative function, M(t) = Σ dN(t)/Y(t), with the robust variance.
///
/// dN counts the events of all persons and Y those under observation. The variance sums over persons the square of
/// Σ Y_i (dN_i − dM)/Y, so that it holds whatever the dependence of one person's events. Lawless & Nadeau (1995),
/// doi:10.1080/00401706.1995.10484300. R `survfit(Surv(start, stop, event) ~ group, id = id)` (`cumhaz`, `std.chaz`),
/// `reda::mcf`, SAS `PROC PHREG` with `COVS(AGGREGATE)`.
public struct MeanCumulativeEstimator: Sendable {
  public init() {}

  /// Estimates one function a group.
  ///
  /// - Parameters:
  ///   - data: rows of persons' time under observation, each ending in an event or not.
  ///   - person: the code of the person of each row; rows of one person are in one group.
  ///   - group: a code in 0 ..< `groupCount` for each row; nil for one group.
  /// - Complexity: O(n log n).
  public func fit(
    _ data: SurvivalData, person: [Int32], personCount: Int, group: [Int32]? = nil, groupCount: Int = 1
  ) -> [MeanCumulativeFunction] {
    var rows = [[Int]](repeating: [], count: groupCount)
    for i in 0..<data.count { rows[Int(group?[i] ?? 0)].append(i) }
    return rows.map { curve(data, $0, person: person, personCount: personCount) }
  }

  private func curve(
    _ data: SurvivalData, _ rows: [Int], person: [Int32], personCount: Int
  ) -> MeanCumulativeFunction {
    var walk = RecurrentWalk(personCount: personCount)
    let exits = rows.sorted { data.timeRank[$0] < data.timeRank[$1] }
    let entries = rows.sorted { (data.entryRank?[$0] ?? -1) < (data.entryRank?[$1] ?? -1) }
    var entering = 0
    var i = 0
    while i < exits.count {
      let rank = data.timeRank[exits[i]]
      // At risk at t: entry < t ≤ exit.
      while entering < entries.count, (data.entryRank?[entries[entering]] ?? -1) < rank {
        walk.enter(Int(person[entries[entering]]))
        entering += 1
      }
      let first = i
      while i < exits.count, data.timeRank[exits[i]] == rank { i += 1 }
      let leaving = exits[first..<i]
      let events = leaving.filter { data.cause[$0] != 0 }
      if !events.isEmpty {
        walk.step(at: data.distinctTimes[Int(rank)], events: events.map { Int(person[$0]) })
      }
      for row in leaving { walk.leave(Int(person[row])) }
    }
    return MeanCumulativeFunction(
      time: walk.time, atRisk: walk.counts, events: walk.events, estimate: walk.estimate,
      standardError: walk.variance.map { $0.squareRoot() },
      persons: Set(rows.map { person[$0] }).count,
      lastTime: exits.last.map { data.time($0) } ?? 0)
  }
}

/// The walk through the times of one group.
private struct RecurrentWalk {
  private(set) var time: [Double] = []
  private(set) var counts: [Double] = []
  private(set) var events: [Double] = []
  private(set) var estimate: [Double] = []
  private(set) var variance: [Double] = []
  private var influence: ClusterInfluence
  /// How many of a person's rows are open; more than one where rows overlap, which still counts as one person at risk.
  private var open: [Int]
  private var size = 0.0
  private var mean = 0.0

  init(personCount: Int) {
    influence = ClusterInfluence(clusters: personCount)
    open = [Int](repeating: 0, count: personCount)
  }

  mutating func enter(_ i: Int) {
    open[i] += 1
    guard open[i] == 1 else { return }
    size += 1
    influence.changeAtRisk(i, by: 1)
  }

  mutating func leave(_ i: Int) {
    open[i] -= 1
    guard open[i] == 0 else { return }
    size -= 1
    influence.changeAtRisk(i, by: -1)
  }

  mutating func step(at t: Double, events persons: [Int]) {
    let jump = Double(persons.count) / size
    mean += jump
    for i in persons { influence.add(i, 1 / size) }
    influence.addToAll(-jump / size)
    time.append(t)
    counts.append(size)
    events.append(Double(persons.count))
    estimate.append(mean)
    variance.append(influence.sumOfSquares)
  }
}
