import ModelFormula

/// Works through the spells of one participant after the other, with room that is kept between them.
struct ParticipantEmployment {
  /// A spell in days.
  private struct Spell {
    var establishment: UInt64
    var start: Int32
    /// Inclusive; for a spell that still runs the extract date, or the window's last day.
    var end: Int32
    var isOpen: Bool
    var index: Int
  }

  /// Hours of one spell, the same on every day.
  struct HourStretch {
    var start: Int32
    /// Inclusive.
    var end: Int32
    var hoursPerDay: Double
  }

  let definition: EmploymentDefinition
  let spells: SpellColumns
  let absences: EmploymentAbsences
  private let keepsHours: Bool
  private var own: [Spell] = []
  /// The ends of windows by the day they start, some years of them.
  private var windowEnds = [(start: Int32, end: Int32)](repeating: (.min, 0), count: 2048)
  /// The days of work of the participant last asked for, as disjoint ranges in the order of time.
  private(set) var worked: [(start: Int32, end: Int32)] = []
  /// The days from day 0 on which the participant's jobs that are not pre-existing begin.
  private(set) var starts: [Int32] = []
  /// The hours of the participant last asked for, where they are kept.
  private(set) var hourStretches: [HourStretch] = []

  init(
    definition: EmploymentDefinition, spells: SpellColumns, absences: EmploymentAbsences,
    keepsHours: Bool = false
  ) {
    self.definition = definition
    self.spells = spells
    self.absences = absences
    self.keepsHours = keepsHours
  }

  /// The outcome of a participant with the given spells and absences.
  mutating func outcome(
    of indices: ParticipantIndex.Rows, absences rows: ParticipantIndex.Rows, inclusion: Int32
  ) -> EmploymentOutcome {
    var outcome = EmploymentOutcome()
    worked.removeAll(keepingCapacity: true)
    hourStretches.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    if indices.isEmpty { return outcome }
    let lastDay = windowEnd(from: inclusion) - 1
    collect(indices, lastDay: lastDay)
    var first = 0
    while first < own.count {
      var next = first + 1
      var end = own[first].end
      while next < own.count, own[next].establishment == own[first].establishment, own[next].start <= end + 1
      {
        end = max(end, own[next].end)
        next += 1
      }
      add(job: first..<next, end: end, window: inclusion...lastDay, absences: rows, to: &outcome)
      first = next
    }
    summarise(&outcome, inclusion: inclusion)
    return outcome
  }

  /// The first day behind the window; participants of a trial share their days of inclusion.
  private mutating func windowEnd(from inclusion: Int32) -> Int32 {
    let place = Int(inclusion) & (windowEnds.count - 1)
    if windowEnds[place].start != inclusion {
      windowEnds[place] = (inclusion, definition.window.end(from: inclusion))
    }
    return windowEnds[place].end
  }

  /// The spells by establishment and start.
  private mutating func collect(_ indices: ParticipantIndex.Rows, lastDay: Int32) {
    own.removeAll(keepingCapacity: true)
    for i in indices {
      let isOpen = spells.end[i] == Column.missingDay
      let end = isOpen ? definition.extractDay ?? lastDay : spells.end[i]
      // An open spell that begins behind the window would otherwise end before it starts.
      own.append(
        Spell(
          establishment: spells.establishment[i], start: spells.start[i], end: max(end, spells.start[i]),
          isOpen: isOpen, index: i))
    }
    if own.count > 1 {
      own.sort {
        ($0.establishment, $0.start, $0.end, $0.index) < ($1.establishment, $1.start, $1.end, $1.index)
      }
    }
  }

  private mutating func add(
    job: Range<Int>, end: Int32, window: ClosedRange<Int32>, absences rows: ParticipantIndex.Rows,
    to outcome: inout EmploymentOutcome
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
    let clipped = max(start, window.lowerBound)...min(end, window.upperBound)
    if !isPreExisting { starts.append(start - window.lowerBound) }
    outcome.jobs += 1
    outcome.longestJobDays = max(outcome.longestJobDays, Int32(clipped.count))
    let establishment = own[job.lowerBound].establishment
    let away = rows.isEmpty ? [] : rows.filter { absences.establishment[$0] == establishment }
    addDays(clipped, away)
    for spell in own[job] { addHours(of: spell, window: window, away, to: &outcome) }
  }

  /// The days of a job that are days of work.
  private mutating func addDays(_ job: ClosedRange<Int32>, _ away: [Int]) {
    if away.isEmpty || definition.absence.days == .employed {
      worked.append((job.lowerBound, job.upperBound))
      return
    }
    for stretch in AbsenceStretch.cutting(job, by: absences, away) where stretch.total < 1 - 1e-9 {
      worked.append((stretch.start, stretch.end))
    }
  }

  private mutating func addHours(
    of spell: Spell, window: ClosedRange<Int32>, _ away: [Int], to outcome: inout EmploymentOutcome
  ) {
    let start = max(spell.start, window.lowerBound)
    let end = min(spell.end, window.upperBound)
    guard start <= end else { return }
    if spell.isOpen { outcome.flags.insert(.openEnd) }
    var week = spells.fullTimeHours[spell.index]
    if !EmploymentDefinition.plausibleFullWeek.contains(week) {
      week = definition.fullWeekDefault
      outcome.flags.insert(.fullWeekReplaced)
    }
    let position = spells.positionPercent[spell.index]
    if position.isNaN { outcome.flags.insert(.positionMissing) }
    if away.isEmpty {
      let hours = Double(end - start + 1) * week * position / 100 / 7
      outcome.hours += hours
      outcome.contractedHours += hours
      if keepsHours {
        hourStretches.append(HourStretch(start: start, end: end, hoursPerDay: week * position / 100 / 7))
      }
      return
    }
    for stretch in AbsenceStretch.cutting(start...end, by: absences, away) {
      let contracted = Double(stretch.days) * week * position / 100 / 7
      let kept = 1 - stretch.taken(definition.absence.hours)
      outcome.contractedHours += contracted
      outcome.leaveHours += contracted * (stretch.unpaidLeave + stretch.paidLeave)
      outcome.furloughHours += contracted * stretch.furlough
      outcome.hours += contracted * kept
      if keepsHours {
        hourStretches.append(
          HourStretch(
            start: stretch.start, end: stretch.end, hoursPerDay: week * position / 100 / 7 * kept))
      }
    }
  }

  /// Joins the ranges of days, and counts them.
  private mutating func summarise(_ outcome: inout EmploymentOutcome, inclusion: Int32) {
    outcome.isSustained = Int(outcome.longestJobDays) >= definition.sustainedDays
    guard !worked.isEmpty else { return }
    if worked.count > 1 {
      worked.sort { $0.start < $1.start }
      var last = 0
      for i in 1..<worked.count {
        if worked[i].start <= worked[last].end + 1 {
          worked[last].end = max(worked[last].end, worked[i].end)
        } else {
          last += 1
          worked[last] = worked[i]
        }
      }
      worked.removeLast(worked.count - last - 1)
    }
    outcome.daysToFirstJob = worked[0].start - inclusion
    for (start, end) in worked { outcome.daysWorked += end - start + 1 }
  }
}
