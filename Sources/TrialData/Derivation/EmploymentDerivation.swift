import LinearAlgebra
import ModelFormula

/// Makes employment outcomes from spells.
///
/// Spells of one participant in one establishment that overlap or touch (the next starts at the latest the day after the end)
/// are one job; jobs in different establishments stay apart. A job is pre-existing where it begins before day 0 and runs into the
/// window. Jobs that count are clipped to the window; days are the union over jobs, so that no day counts twice, hours the sum
/// over spells of clipped days × full-time hours × position ÷ 7.
public struct EmploymentDerivation: Sendable {
  public let definition: EmploymentDefinition

  public init(_ definition: EmploymentDefinition) { self.definition = definition }

  /// The outcomes of every participant; one without spells has none of everything.
  ///
  /// - Parameters:
  ///   - inclusion: each participant's day 0.
  ///   - spells: in any order; those of types that do not count left out, no end before its start.
  /// - Complexity: linear in participants and spells, apart from sorting each participant's few.
  public func outcomes(inclusion: [Int32], spells: EmploymentSpells) -> [EmploymentOutcome] {
    let index = SpellIndex(spells, participants: inclusion.count)
    let parts = max(1, min(coreCount, inclusion.count / 20_000))
    let results = OutcomeStore(count: inclusion.count)
    parallelLoop(parts) { part in
      var participant = ParticipantSpells(definition: definition, spells: spells)
      for i in (inclusion.count * part / parts)..<(inclusion.count * (part + 1) / parts) {
        results.places[i] = participant.outcome(of: index.order[index.range(i)], inclusion: inclusion[i])
      }
    }
    return Array(UnsafeBufferPointer(start: results.places, count: inclusion.count))
  }

  /// For each participant the days, from day 0, on which jobs begin within the window, ascending; a pre-existing job begins
  /// none. Arguments as for `outcomes`.
  public func jobStarts(inclusion: [Int32], spells: EmploymentSpells) -> [[Int32]] {
    let index = SpellIndex(spells, participants: inclusion.count)
    var participant = ParticipantSpells(definition: definition, spells: spells)
    return inclusion.indices.map { i in
      _ = participant.outcome(of: index.order[index.range(i)], inclusion: inclusion[i])
      return index.range(i).isEmpty ? [] : participant.starts.sorted()
    }
  }
}

/// One place a participant, written by one thread each.
private final class OutcomeStore: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: no two threads write to one place.
  let places: UnsafeMutablePointer<EmploymentOutcome>

  init(count: Int) {
    places = .allocate(capacity: max(count, 1))
    places.initialize(repeating: EmploymentOutcome(), count: max(count, 1))
  }

  deinit { places.deallocate() }
}

/// The spells of each participant, by a counting sort.
private struct SpellIndex: Sendable {
  /// Indices of spells, those of one participant together.
  let order: [Int32]
  private let starts: [Int32]

  init(_ spells: EmploymentSpells, participants: Int) {
    var starts = [Int32](repeating: 0, count: participants + 1)
    for participant in spells.participant { starts[Int(participant) + 1] += 1 }
    for i in 0..<participants { starts[i + 1] += starts[i] }
    var next = starts
    var order = [Int32](repeating: 0, count: spells.count)
    for (spell, participant) in spells.participant.enumerated() {
      order[Int(next[Int(participant)])] = Int32(spell)
      next[Int(participant)] += 1
    }
    self.starts = starts
    self.order = order
  }

  func range(_ participant: Int) -> Range<Int> { Int(starts[participant])..<Int(starts[participant + 1]) }
}

/// Works through the spells of one participant after the other, with room that is kept between them.
private struct ParticipantSpells {
  /// A spell in days.
  private struct Spell {
    var establishment: Int32
    var start: Int32
    /// Inclusive; for a spell that still runs the extract date, or the window's last day.
    var end: Int32
    var isOpen: Bool
    var index: Int32
  }

  let definition: EmploymentDefinition
  let spells: EmploymentSpells
  private var own: [Spell] = []
  /// The clipped jobs that count.
  private var intervals: [(start: Int32, end: Int32)] = []
  /// The days from day 0 on which the jobs that are not pre-existing begin.
  private(set) var starts: [Int32] = []

  init(definition: EmploymentDefinition, spells: EmploymentSpells) {
    self.definition = definition
    self.spells = spells
  }

  mutating func outcome(of indices: ArraySlice<Int32>, inclusion: Int32) -> EmploymentOutcome {
    var outcome = EmploymentOutcome()
    if indices.isEmpty { return outcome }
    let lastDay = definition.window.end(from: inclusion) - 1
    collect(indices, lastDay: lastDay)
    intervals.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    var first = 0
    while first < own.count {
      var next = first + 1
      var end = own[first].end
      while next < own.count, own[next].establishment == own[first].establishment, own[next].start <= end + 1
      {
        end = max(end, own[next].end)
        next += 1
      }
      add(job: first..<next, end: end, window: inclusion...lastDay, to: &outcome)
      first = next
    }
    summarise(&outcome, inclusion: inclusion)
    return outcome
  }

  /// The spells by establishment and start.
  private mutating func collect(_ indices: ArraySlice<Int32>, lastDay: Int32) {
    own.removeAll(keepingCapacity: true)
    for index in indices {
      let i = Int(index)
      let isOpen = spells.end[i] == Column.missingDay
      let end = isOpen ? definition.extractDay ?? lastDay : spells.end[i]
      // An open spell that begins behind the window would otherwise end before it starts.
      own.append(
        Spell(
          establishment: spells.establishment[i], start: spells.start[i], end: max(end, spells.start[i]),
          isOpen: isOpen, index: index))
    }
    own.sort {
      ($0.establishment, $0.start, $0.end, $0.index) < ($1.establishment, $1.start, $1.end, $1.index)
    }
  }

  private mutating func add(
    job: Range<Int>, end: Int32, window: ClosedRange<Int32>, to outcome: inout EmploymentOutcome
  ) {
    let start = own[job.lowerBound].start
    guard end >= window.lowerBound, start <= window.upperBound else { return }
    let isPreExisting = start < window.lowerBound
    if isPreExisting {
      outcome.preExisting += 1
      if definition.preExisting == .exclude { return }
      outcome.flags.insert(.clippedStart)
    }
    if end > window.upperBound { outcome.flags.insert(.clippedEnd) }
    let clipped = (start: max(start, window.lowerBound), end: min(end, window.upperBound))
    intervals.append(clipped)
    if !isPreExisting { starts.append(start - window.lowerBound) }
    outcome.jobs += 1
    outcome.longestJobDays = max(outcome.longestJobDays, clipped.end - clipped.start + 1)
    for spell in own[job] { addHours(of: spell, window: window, to: &outcome) }
  }

  private func addHours(of spell: Spell, window: ClosedRange<Int32>, to outcome: inout EmploymentOutcome) {
    let days = min(spell.end, window.upperBound) - max(spell.start, window.lowerBound) + 1
    guard days > 0 else { return }
    if spell.isOpen { outcome.flags.insert(.openEnd) }
    var week = spells.fullTimeHours[Int(spell.index)]
    if !EmploymentDefinition.plausibleFullWeek.contains(week) {
      week = definition.fullWeekDefault
      outcome.flags.insert(.fullWeekReplaced)
    }
    let position = spells.positionPercent[Int(spell.index)]
    if position.isNaN { outcome.flags.insert(.positionMissing) }
    outcome.hours += Double(days) * week * position / 100 / 7
  }

  private mutating func summarise(_ outcome: inout EmploymentOutcome, inclusion: Int32) {
    guard !intervals.isEmpty else { return }
    intervals.sort { $0.start < $1.start }
    outcome.daysToFirstJob = intervals[0].start - inclusion
    outcome.isSustained = Int(outcome.longestJobDays) >= definition.sustainedDays
    var covered = intervals[0].start - 1
    for (start, end) in intervals where end > covered {
      outcome.daysWorked += end - max(start - 1, covered)
      covered = end
    }
  }
}
