import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

@Suite("Recurrent events")
struct RecurrentEventTests {
  @Test("the mean cumulative function of two persons")
  func byHand() throws {
    // Person 0 is followed to 10 with events at 2 and 5, person 1 to 4 without.
    let data = try SurvivalData(
      time: [2, 5, 10, 4], entry: [0, 2, 5, 0], event: [true, true, false, false])
    let curve = MeanCumulativeEstimator().fit(data, person: [0, 0, 0, 1], personCount: 2)[0]
    #expect(curve.time == [2, 5])
    #expect(curve.atRisk == [2, 1])
    expectClose(curve.estimate, [0.5, 1.5], relative: 1e-15)
    // At 2 the persons add ±(1 − 1/2)/2; at 5 the one who is left adds (1 − 1)/1.
    expectClose(curve.standardError, [sqrt(0.125), sqrt(0.125)], relative: 1e-14)
    #expect(curve.persons == 2)
    #expect(curve.at(1).estimate == 0)
    #expect(curve.at(11).isBeyond)
  }

  @Test("with one event at most a person it is the Nelson–Aalen estimate")
  func nelsonAalen() throws {
    let data = try SurvivalData(time: [1, 2, 2, 3, 5], event: [true, true, false, true, false])
    let curve = MeanCumulativeEstimator().fit(data, person: [0, 1, 2, 3, 4], personCount: 5)[0]
    let km = try KaplanMeier().fit(data)[0]
    let places = km.time.indices.filter { km.events[$0] > 0 }
    expectClose(curve.estimate, places.map { km.cumulativeHazard[$0] }, relative: 1e-14)
  }

  @Test("event numbers, gap times, and a shared last stratum, whatever the order of the rows")
  func numbering() throws {
    let start = [3.0, 0, 7, 0, 4]
    let stop = [7.0, 3, 9, 4, 6]
    let event = [true, true, false, false, true]
    let person: [Int32] = [0, 0, 0, 1, 1]
    let total = try RecurrentEventRows(.pwpTotal, start: start, stop: stop, event: event, person: person)
    #expect(total.number == [2, 1, 3, 1, 1])
    #expect(total.start == start && total.stop == stop)
    let gap = try RecurrentEventRows(
      .pwpGap, start: start, stop: stop, event: event, person: person, greatest: 2)
    #expect(gap.number == [2, 1, 2, 1, 1])
    // A row that follows no event goes on where the one before it stopped.
    #expect(gap.start == [0, 0, 0, 0, 4])
    #expect(gap.stop == [4, 3, 2, 4, 6])
  }

  @Test("rows of one person that overlap are named")
  func overlapping() {
    #expect(throws: SurvivalError.overlappingRows(rows: [2])) {
      try RecurrentEventRows(
        .andersenGill, start: [0, 0, 2], stop: [5, 3, 6], event: [true, true, false], person: [0, 1, 1])
    }
  }
}
