import Glibc
import ModelFormula
import Probability

/// A job spell as the employer register holds it.
public struct SimulatedSpell: Sendable, Equatable {
  public let participant: String
  public let establishment: String
  public let start: CalendarDay
  /// The last day; nil while the job runs at the extract.
  public let end: CalendarDay?
  /// The position in per cent of full time.
  public let position: Double
  /// The weekly hours that full time means in this job.
  public let fullTimeHours: Double
  /// The register's type of the job.
  public let type: String
  /// Pay an hour, NOK; drives the monthly pay rows.
  public let hourlyPay: Double
}

extension EmploymentTrialModel {
  /// Draws a person's spells in the register.
  ///
  /// Besides the jobs that count there are the register's nuisances: dormant contracts from before inclusion, two spells of
  /// one establishment that overlap or touch, honoraria, pension rows, impossible full-time hours, jobs without an end.
  public func drawSpells(
    of person: SimulatedParticipant, index: Int, seed: UInt64, replicate: Int = 0
  ) -> [SimulatedSpell] {
    var stream = RandomStream(
      seed: seed, purpose: "simulate/spells", replicate: replicate, unit: index)
    var spells: [SimulatedSpell] = []
    drawSpells(of: person, &stream, into: &spells)
    return spells
  }

  /// Draws the spells of all participants, those of each in the order of time.
  func drawSpells(
    of people: [SimulatedParticipant], seed: UInt64, replicate: Int
  ) -> [SimulatedSpell] {
    let first = RandomStream(seed: seed, purpose: "simulate/spells", replicate: replicate)
    var spells: [SimulatedSpell] = []
    spells.reserveCapacity(people.count)
    for i in people.indices {
      var stream = first.ofUnit(i)
      drawSpells(of: people[i], &stream, into: &spells)
    }
    return spells
  }

  /// Appends a person's spells.
  private func drawSpells(
    of person: SimulatedParticipant, _ stream: inout RandomStream, into spells: inout [SimulatedSpell]
  ) {
    let first = spells.count
    defer { report(&spells, from: first) }
    let arm = person.isTreated ? treatment : control
    let window = Int(person.inclusion.adding(months: windowMonths).number - person.inclusion.number)
    addNuisances(person, arm, &stream, to: &spells)
    // The mean over a logit-normal prognosis is pulled toward one half; the factor puts it back.
    let shrink = (1 + 0.346 * prognosis * prognosis).squareRoot()
    let odds = log(arm.anyWork / (1 - arm.anyWork)) * shrink + prognosis * person.prognosis
    guard stream.bernoulli(1 / (1 + exp(-odds))) else { return }
    var day = firstDay(arm, window: window, &stream)
    let dead = person.died.map { Int($0.number - person.inclusion.number) } ?? Int.max
    var job = 0
    while day < window + 120, day < dead {
      let length = max(1, Int((stream.draw(Exponential(mean: arm.jobDays))).rounded()))
      addJob(
        person, arm, start: person.inclusion.adding(days: day), days: min(length, dead - day), &stream,
        to: &spells)
      job += 1
      day += stream.bernoulli(0.25) ? max(1, length / 2) : length + Int(stream.draw(Exponential(mean: 90)))
      if job > 5 || stream.bernoulli(0.45) { break }
    }
  }

  /// Leaves of a person's spells, the last there are, what the register holds: nothing that began after the extract was
  /// taken, by date.
  private func report(_ spells: inout [SimulatedSpell], from first: Int) {
    var kept = first
    for place in first..<spells.count where spells[place].start <= extract {
      if kept < place { spells[kept] = spells[place] }
      kept += 1
    }
    spells.removeLast(spells.count - kept)
    guard kept > first + 1 else { return }
    let sorted = spells[first...].sorted {
      ($0.start, $0.establishment, $0.type) < ($1.start, $1.establishment, $1.type)
    }
    spells.replaceSubrange(first..., with: sorted)
  }

  /// The first day of work: a Weibull time cut off at the end of the window.
  private func firstDay(_ arm: Employment, window: Int, _ stream: inout RandomStream) -> Int {
    let shape = 1.25
    let weibull = Weibull(shape: shape, scale: arm.medianFirstDay / pow(log(2), 1 / shape))
    let inside = weibull.cdf(Double(window))
    return min(window - 1, Int(weibull.quantile(stream.uniform() * inside)))
  }

  private func addJob(
    _ person: SimulatedParticipant, _ arm: Employment, start: CalendarDay, days: Int,
    _ stream: inout RandomStream, to spells: inout [SimulatedSpell]
  ) {
    let establishment = "E\(10_000 + stream.integer(below: 89_999))"
    let position = drawPosition(arm, &stream)
    let week = stream.bernoulli(0.03) ? 80 : [37.5, 37.5, 37.5, 35.5, 40][stream.integer(below: 5)]
    let kind = stream.uniform()
    let type =
      kind < 0.97
      ? "ordinaertArbeidsforhold"
      : kind < 0.98 ? "maritimtArbeidsforhold" : "forenkletOppgjoersordning"
    let pay = max(170, stream.normal(mean: arm.hourlyPay, sd: 30)).rounded()
    func add(_ from: CalendarDay, _ last: CalendarDay, _ share: Double) {
      spells.append(
        SimulatedSpell(
          participant: person.id, establishment: establishment, start: from,
          end: last >= extract ? nil : last, position: share, fullTimeHours: week, type: type,
          hourlyPay: pay))
    }
    let last = start.adding(days: days - 1)
    // A change of position is reported as a second spell that touches the first, or overlaps it by a few days.
    guard days > 90, stream.bernoulli(0.3) else { return add(start, last, position) }
    let change = start.adding(days: 30 + stream.integer(below: days - 60))
    let overlap = stream.bernoulli(0.3) ? 3 : 0
    add(start, change.adding(days: overlap - 1), position)
    add(change, last, min(100, position + 20))
  }

  private func drawPosition(_ arm: Employment, _ stream: inout RandomStream) -> Double {
    if stream.bernoulli(arm.fullTimeShare) { return 100 }
    return [20, 40, 50, 60, 80][stream.category(weights: [2, 3, 4, 2, 3])]
  }

  /// Rows of the register that are no new competitive job.
  private func addNuisances(
    _ person: SimulatedParticipant, _ arm: Employment, _ stream: inout RandomStream,
    to spells: inout [SimulatedSpell]
  ) {
    func add(_ from: Int, _ days: Int, _ position: Double, _ type: String, open: Bool = false) {
      let start = person.inclusion.adding(days: from)
      spells.append(
        SimulatedSpell(
          participant: person.id, establishment: "E\(10_000 + stream.integer(below: 89_999))",
          start: start, end: open ? nil : start.adding(days: days), position: position,
          fullTimeHours: 37.5, type: type, hourlyPay: 0))
    }
    if stream.bernoulli(0.02) {
      add(-200 - stream.integer(below: 600), 0, 0, "ordinaertArbeidsforhold", open: true)
    }
    if stream.bernoulli(0.06) {
      add(-500 - stream.integer(below: 300), 60 + stream.integer(below: 180), 80, "ordinaertArbeidsforhold")
    }
    if stream.bernoulli(0.04) {
      add(stream.integer(below: 400), 20, 10, "frilanserOppdragstakerHonorarPersonerMm")
    }
    if stream.bernoulli(0.05) {
      add(-50, 700, 0, "pensjonOgAndreTyperYtelserUtenAnsettelsesforhold")
    }
  }
}
