/// How the successive events of one person enter a Cox model.
public enum RecurrentEventModel: String, Sendable, CaseIterable {
  /// Andersen & Gill (1982): every event alike, total time, one baseline hazard.
  case andersenGill = "ag"
  /// Prentice, Williams & Peterson (1981): a baseline hazard for each event number, time since the start of follow-up.
  case pwpTotal = "pwp-total"
  /// The same with time since the event before.
  case pwpGap = "pwp-gap"
}

/// The rows of persons with recurrent events as a Cox model takes them: ordered within persons, numbered by event, with
/// the time scale of the model.
///
/// A row's number is one more than the person's events before it. From a given number on, numbers share a stratum, since the
/// risk sets of late events are small. Prentice, Williams & Peterson (1981), doi:10.1093/biomet/68.2.373; Andersen & Gill
/// (1982), doi:10.1214/aos/1176345976; Amorim & Cai (2015), doi:10.1093/ije/dyu222. The variance should be the sandwich by
/// person.
public struct RecurrentEventRows: Sendable {
  /// Entry and exit on the model's time scale.
  public let start: [Double]
  public let stop: [Double]
  /// The event number of each row, from 1, at most the greatest stratum.
  public let number: [Int]

  /// Numbers the rows.
  ///
  /// - Parameters:
  ///   - start, stop, event: the rows' time under observation from each person's start of follow-up, and how it ends.
  ///   - person: the code of each row's person.
  ///   - greatest: event numbers above this share its stratum; nil keeps all.
  /// - Throws: `SurvivalError.overlappingRows` where two rows of a person overlap.
  public init(
    _ model: RecurrentEventModel, start: [Double], stop: [Double], event: [Bool], person: [Int32],
    greatest: Int? = nil
  ) throws(SurvivalError) {
    let n = stop.count
    let order = (0..<n).sorted { (person[$0], start[$0], stop[$0]) < (person[$1], start[$1], stop[$1]) }
    var newStart = start
    var newStop = stop
    var number = [Int](repeating: 1, count: n)
    var overlapping: [Int] = []
    var origin = 0.0
    var count = 1
    for (place, i) in order.enumerated() {
      if place > 0, person[order[place - 1]] == person[i] {
        let before = order[place - 1]
        if start[i] < stop[before] { overlapping.append(i) }
        if event[before] {
          count += 1
          origin = stop[before]
        }
      } else {
        origin = 0
        count = 1
      }
      number[i] = min(count, greatest ?? count)
      if model == .pwpGap {
        newStart[i] = start[i] - origin
        newStop[i] = stop[i] - origin
      }
    }
    guard overlapping.isEmpty else { throw .overlappingRows(rows: overlapping.sorted()) }
    self.start = newStart
    self.stop = newStop
    self.number = number
  }
}
