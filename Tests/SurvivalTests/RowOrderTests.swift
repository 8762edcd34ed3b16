import Testing

@testable import Survival

@Suite("Rows in order, over several blocks of them")
struct RowOrderTests {
  @Test("counting gives the stable order, and where each key begins")
  func counting() {
    let keys = (0..<300_000).map { Int32(($0 &* 7919 &+ $0 / 13) % 997) }
    let (order, starts) = countedOrder(keys, bound: 1000)
    #expect(
      order == keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { Int32($0) })
    #expect(starts.count == 1001 && starts[0] == 0 && starts[1000] == keys.count)
    for key in [0, 1, 500, 996] { #expect(keys[Int(order[starts[key]])] == Int32(key)) }
    #expect(countedOrder([], bound: 3).starts == [0, 0, 0, 0])
  }

  /// One stratum is sorted by tables and on threads, several by a walk: of one stratum told as two both make the same.
  @Test("one stratum is ordered as by the walk through strata", arguments: [false, true])
  func strata(entry: Bool) throws {
    var rows = RandomSurvival(140_000, seed: 17, grid: 0.01)
    for i in stride(from: 0, to: rows.weight.count, by: 50) { rows.weight[i] = 0 }
    let data = try rows.data(entry: entry)
    let zeros = [Int32](repeating: 0, count: data.count)
    let whole = CoxRowOrder(data, stratum: nil, stratumCount: 1, weights: rows.weight)
    let walked = CoxRowOrder(data, stratum: zeros, stratumCount: 2, weights: rows.weight)
    #expect(whole.kept == walked.kept)
    #expect(whole.lower == walked.lower)
    #expect(whole.upper == walked.upper)
    #expect(whole.isEvent == walked.isEvent)
    #expect(whole.strata == walked.strata)
    #expect(whole.eventRank == walked.eventRank)
    #expect(whole.tied == walked.tied)
    #expect(whole.eventWeight == walked.eventWeight)
    #expect(whole.hasEntries == walked.hasEntries)
    #expect(whole.hasEntries == entry)
  }

  @Test("blocks and trees count what was passed", arguments: [1, 63, 64, 65, 700])
  func counts(eventTimes: Int) {
    var totals = PairTotals(eventTimes: eventTimes)
    totals.changes[0] = 5
    totals.events[eventTimes / 2] = 3
    var blocks = BlockedCounts(totals)
    var trees = CountTrees(totals)
    var atRisk = [Double](repeating: 5, count: eventTimes)
    var events = [Double](repeating: 0, count: eventTimes + 1)
    for k in (eventTimes / 2 + 1)...eventTimes { events[k] = 3 }
    for step in 0..<200 {
      let first = step * 31 % eventTimes
      let last = first + step * 17 % (eventTimes - first)
      blocks.addRow(from: first, through: last, Double(step + 1))
      trees.addRow(from: first, through: last, Double(step + 1))
      for k in first...last { atRisk[k] += Double(step + 1) }
      let time = step * 53 % eventTimes
      blocks.addEvent(at: time, 2)
      trees.addEvent(at: time, 2)
      for k in (time + 1)...eventTimes { events[k] += 2 }
    }
    for k in 0..<eventTimes {
      #expect(blocks.atRisk(at: k) == atRisk[k])
      #expect(trees.atRisk(at: k) == atRisk[k])
    }
    for k in 0...eventTimes {
      #expect(blocks.events(before: k) == events[k])
      #expect(trees.events(before: k) == events[k])
    }
  }
}
