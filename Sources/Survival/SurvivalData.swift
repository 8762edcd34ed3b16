import LinearAlgebra

/// Right-censored event times, with or without delayed entry, of n persons or intervals of persons.
///
/// Row i is under observation on (`entry[i]`, `time[i]`] (from the origin where there is no entry time), and at its end
/// either an event of cause `cause[i]` ≥ 1 occurs or, where that is 0, observation stops (censoring). At a common time
/// events come before censorings, and an entry at t is not at risk for an event at t: the usual convention, R's
/// `Surv(time, event)` and `Surv(start, stop, event)`. Times have any unit, but one; all results carry it.
///
/// The value sorts and checks once, when it is made; every estimator then works on integer places among the distinct times.
public struct SurvivalData: Sendable {
  /// The cause of the event at the end of each row: 0 where censored, 1 for the event, 1, 2, … for competing ones.
  public let cause: [Int32]
  /// The distinct times of exit and entry, ascending.
  public let distinctTimes: [Double]
  /// For each row, the place of its exit in `distinctTimes`.
  public let timeRank: [Int32]
  /// For each row, the place of its entry in `distinctTimes`; nil where every row is at risk from the origin.
  public let entryRank: [Int32]?
  /// The greatest cause that may occur.
  let greatestCause: Int32
  /// How many distinct times were made equal to a neighbour because they differed by rounding error only.
  public let mergedTimes: Int

  /// Makes checked event times.
  ///
  /// - Parameters:
  ///   - time: the end of observation of each row.
  ///   - entry: its start, where observation does not start at the origin.
  ///   - cause: 0 for a censored row, else the event's cause from 1 on.
  ///   - nearTieTolerance: how close two times must be to count as one (R `coxph.control(timefix)`, the square root of
  ///     the rounding unit); nil compares exactly.
  /// - Throws: `SurvivalError.noRows`, `.notFinite`, `.negativeTime`, `.emptyInterval`, `.intervalVanishesWithNearTies`.
  public init(
    time: [Double], entry: [Double]? = nil, cause: [Int32],
    nearTieTolerance: Double? = 1.4901161193847656e-08
  ) throws(SurvivalError) {
    precondition(time.count == cause.count, "\(time.count) times and \(cause.count) causes")
    precondition(entry == nil || entry!.count == time.count, "as many entry times as times")
    greatestCause = Self.greatest(cause)
    guard !time.isEmpty else { throw .noRows }
    // What could be ranked as whole numbers is finite and not negative; only intervals may still be at fault.
    let whole = DistinctTimes(wholeNumbers: time, entry, tolerance: nearTieTolerance)
    if whole == nil || entry != nil { try Self.check(time, entry) }
    let distinct = whole ?? DistinctTimes(time, entry, tolerance: nearTieTolerance)
    if let entryRanks = distinct.secondRanks {
      let vanished = time.indices.filter { entryRanks[$0] >= distinct.ranks[$0] }
      if !vanished.isEmpty { throw .intervalVanishesWithNearTies(rows: vanished) }
    }
    self.cause = cause
    distinctTimes = distinct.values
    timeRank = distinct.ranks
    entryRank = distinct.secondRanks
    mergedTimes = distinct.merged
  }

  /// Makes checked event times of one kind of event.
  public init(
    time: [Double], entry: [Double]? = nil, event: [Bool],
    nearTieTolerance: Double? = 1.4901161193847656e-08
  ) throws(SurvivalError) {
    try self.init(
      time: time, entry: entry, cause: event.map { $0 ? 1 : 0 }, nearTieTolerance: nearTieTolerance)
  }

  /// The greatest cause, after the check that none is negative.
  private static func greatest(_ cause: [Int32]) -> Int32 {
    let block = 1 << 17
    let count = (cause.count + block - 1) / block
    let found = ThreadSlots<UInt32>(count: count)
    forEachBlock(rows: cause.count, block: block) { rows in
      cause.withUnsafeBufferPointer { cause in
        // A negative number is a huge one without its sign.
        var greatest: UInt32 = 0
        for i in rows { greatest = max(greatest, UInt32(bitPattern: cause[i])) }
        found[rows.lowerBound / block] = greatest
      }
    }
    let greatest = (0..<count).reduce(UInt32(0)) { max($0, found[$1]!) }
    precondition(greatest <= UInt32(Int32.max), "a cause is 0, 1, 2, …")
    return Int32(greatest)
  }

  private static func check(_ time: [Double], _ entry: [Double]?) throws(SurvivalError) {
    guard !isSound(time, entry) else { return }
    var bad = time.indices.filter { !time[$0].isFinite }
    if let entry { bad += time.indices.filter { !entry[$0].isFinite } }
    if !bad.isEmpty { throw .notFinite(what: "time", rows: bad.sorted()) }
    let negative = time.indices.filter { row in
      time[row] < 0 || (entry.map { $0[row] < 0 } ?? false)
    }
    if !negative.isEmpty { throw .negativeTime(rows: negative) }
    if let entry {
      let empty = time.indices.filter { entry[$0] >= time[$0] }
      if !empty.isEmpty { throw .emptyInterval(rows: empty) }
    }
  }

  /// True where no row is at fault, which one pass tells.
  private static func isSound(_ time: [Double], _ entry: [Double]?) -> Bool {
    let faults = sumsOverBlocks(rows: time.count, block: 1 << 17, width: 1) { rows, faults in
      var count = 0
      time.withUnsafeBufferPointer { time in
        if let entry {
          entry.withUnsafeBufferPointer { entry in
            for i in rows where !(entry[i] >= 0 && entry[i] < time[i] && time[i] < .infinity) { count += 1 }
          }
        } else {
          for i in rows where !(time[i] >= 0 && time[i] < .infinity) { count += 1 }
        }
      }
      faults[0] = Double(count)
    }
    return faults[0] == 0
  }

  /// The number of rows.
  public var count: Int { cause.count }

  /// The number of rows that end in an event of any cause.
  public var eventCount: Int {
    cause.withUnsafeBufferPointer { $0.reduce(0) { $0 + ($1 != 0 ? 1 : 0) } }
  }

  /// The exit time of a row.
  public func time(_ row: Int) -> Double { distinctTimes[Int(timeRank[row])] }

  /// The entry time of a row; nil where there is none.
  public func entry(_ row: Int) -> Double? { entryRank.map { distinctTimes[Int($0[row])] } }

  /// The rows that are chosen, in the order given.
  public func selecting(rows: [Int]) -> SurvivalData {
    SurvivalData(
      cause: rows.map { cause[$0] }, distinctTimes: distinctTimes,
      timeRank: rows.map { timeRank[$0] }, entryRank: entryRank.map { e in rows.map { e[$0] } },
      greatestCause: greatestCause, mergedTimes: mergedTimes)
  }

  /// The same times with events of one cause kept and every other end counted as censoring.
  public func onlyCause(_ chosen: Int32) -> SurvivalData {
    SurvivalData(
      cause: cause.map { $0 == chosen ? 1 : 0 }, distinctTimes: distinctTimes, timeRank: timeRank,
      entryRank: entryRank, greatestCause: 1, mergedTimes: mergedTimes)
  }

  init(
    cause: [Int32], distinctTimes: [Double], timeRank: [Int32], entryRank: [Int32]?, greatestCause: Int32,
    mergedTimes: Int
  ) {
    self.cause = cause
    self.greatestCause = greatestCause
    self.distinctTimes = distinctTimes
    self.timeRank = timeRank
    self.entryRank = entryRank
    self.mergedTimes = mergedTimes
  }
}
