import LinearAlgebra
import ModelFormula

/// Makes employment outcomes from spells.
///
/// Spells of one participant in one establishment that overlap or touch (the next starts at the latest the day after the end)
/// are one job; jobs in different establishments stay apart. A job is pre-existing where it begins before day 0 and runs into the
/// window. Jobs that count are clipped to the window; days are the union over jobs, so that no day counts twice, hours the sum
/// over spells of clipped days × full-time hours × position ÷ 7. Leave and furlough take from hours and days what the
/// definition's `AbsenceRules` say.
public struct EmploymentDerivation: Sendable {
  public let definition: EmploymentDefinition

  public init(_ definition: EmploymentDefinition) { self.definition = definition }

  /// The outcomes of every participant; one without spells has none of everything.
  ///
  /// - Parameters:
  ///   - inclusion: each participant's day 0.
  ///   - spells: in any order; those of types that do not count left out, no end before its start.
  ///   - absences: leave and furlough, in any order.
  /// - Complexity: linear in participants and spells, apart from sorting each participant's few.
  public func outcomes(
    inclusion: [Int32], spells: EmploymentSpells, absences: EmploymentAbsences = EmploymentAbsences()
  ) -> [EmploymentOutcome] {
    let index = ParticipantIndex(spells.participant, participants: inclusion.count)
    let away = ParticipantIndex(absences.participant, participants: inclusion.count)
    let parts = max(1, min(coreCount, inclusion.count / 20_000))
    let definition = definition
    return Array(unsafeUninitializedCapacity: inclusion.count) { buffer, initialised in
      guard let places = buffer.baseAddress else { return }
      let results = OutcomePlaces(places: places)
      parallelLoop(parts) { part in
        SpellColumns.with(spells) { columns in
          var participant = ParticipantEmployment(definition: definition, spells: columns, absences: absences)
          for i in (inclusion.count * part / parts)..<(inclusion.count * (part + 1) / parts) {
            (results.places + i).initialize(
              to: participant.outcome(of: index.rows(i), absences: away.rows(i), inclusion: inclusion[i]))
          }
        }
      }
      initialised = inclusion.count
    }
  }

  /// For each participant the days, from day 0, on which jobs begin within the window, ascending; a pre-existing job begins
  /// none. Arguments as for `outcomes`.
  public func jobStarts(inclusion: [Int32], spells: EmploymentSpells) -> [[Int32]] {
    let index = ParticipantIndex(spells.participant, participants: inclusion.count)
    return SpellColumns.with(spells) { columns in
      var participant = ParticipantEmployment(
        definition: definition, spells: columns, absences: EmploymentAbsences())
      return inclusion.indices.map { i in
        _ = participant.outcome(of: index.rows(i), absences: .none, inclusion: inclusion[i])
        return participant.starts.sorted()
      }
    }
  }

  /// The employment of every participant in each month of the window, in the order of the participants.
  ///
  /// - Parameters:
  ///   - inclusion: each participant's day 0.
  ///   - spells: as for `outcomes`.
  ///   - absences: leave and furlough, in any order.
  ///   - atLeast: the days of work that make a month one of employment.
  public func months(
    inclusion: [Int32], spells: EmploymentSpells, absences: EmploymentAbsences = EmploymentAbsences(),
    atLeast: Int = 1
  ) -> EmploymentMonths {
    months(
      inclusion: inclusion, spells: spells, absences: absences, atLeast: atLeast,
      parts: max(1, min(coreCount, inclusion.count / 20_000)))
  }

  /// The same, on so many threads.
  func months(
    inclusion: [Int32], spells: EmploymentSpells, absences: EmploymentAbsences, atLeast: Int, parts: Int
  ) -> EmploymentMonths {
    let index = ParticipantIndex(spells.participant, participants: inclusion.count)
    let away = ParticipantIndex(absences.participant, participants: inclusion.count)
    let definition = definition
    let found = ThreadSlots<EmploymentMonths>(count: parts)
    parallelLoop(parts) { part in
      found[part] = SpellColumns.with(spells) { columns in
        var participant = ParticipantEmployment(
          definition: definition, spells: columns, absences: absences, keepsHours: true)
        var months = EmploymentMonths()
        for i in (inclusion.count * part / parts)..<(inclusion.count * (part + 1) / parts) {
          _ = participant.outcome(of: index.rows(i), absences: away.rows(i), inclusion: inclusion[i])
          months.append(
            participant: Int32(i), inclusion: inclusion[i], worked: participant.worked,
            hours: participant.hourStretches, definition: definition, atLeast: atLeast)
        }
        return months
      }
    }
    var all = EmploymentMonths()
    for part in 0..<parts {
      // Taken out of its place, so that the first part is not copied and each other is let go of once it is.
      let months = found[part]!
      found[part] = nil
      all.append(months)
    }
    return all
  }
}

/// One place a participant, written by one thread each.
private struct OutcomePlaces: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: no two threads write to one place.
  let places: UnsafeMutablePointer<EmploymentOutcome>
}

/// The rows of each participant in a file, by a counting sort.
final class ParticipantIndex: @unchecked Sendable {
  // Sendable is unchecked because of the pointers, to which nothing is written after `init`.

  /// The rows of one participant.
  struct Rows: Sequence, IteratorProtocol {
    fileprivate let order: UnsafeMutablePointer<Int32>?
    fileprivate var row: Int
    fileprivate let end: Int

    /// No rows.
    static var none: Rows { Rows(order: nil, row: 0, end: 0) }

    var isEmpty: Bool { row == end }

    mutating func next() -> Int? {
      guard row < end else { return nil }
      defer { row += 1 }
      return order.map { Int($0[row]) } ?? row
    }
  }

  /// Rows, those of one participant together; nil where they are so in the file.
  private let order: UnsafeMutablePointer<Int32>?
  private let starts: UnsafeMutablePointer<Int32>

  init(_ participant: [Int32], participants: Int) {
    starts = .allocate(capacity: participants + 1)
    starts.initialize(repeating: 0, count: participants + 1)
    var isSorted = true
    var last: Int32 = 0
    for participant in participant {
      starts[Int(participant) + 1] += 1
      isSorted = isSorted && participant >= last
      last = participant
    }
    for i in 0..<participants { starts[i + 1] += starts[i] }
    guard !isSorted else {
      order = nil
      return
    }
    let order = UnsafeMutablePointer<Int32>.allocate(capacity: participant.count)
    var next = Array(UnsafeBufferPointer(start: starts, count: participants))
    for (row, participant) in participant.enumerated() {
      order[Int(next[Int(participant)])] = Int32(row)
      next[Int(participant)] += 1
    }
    self.order = order
  }

  deinit {
    order?.deallocate()
    starts.deallocate()
  }

  func rows(_ participant: Int) -> Rows {
    Rows(order: order, row: Int(starts[participant]), end: Int(starts[participant + 1]))
  }
}
