import Glibc
import ModelFormula
import Probability
import Serialisation

/// The files of a simulated trial, as a registry office and a questionnaire system would send them.
public struct SimulatedExport: Sendable {
  /// A file's name and its contents.
  public struct File: Sendable {
    public let name: String
    public let table: TextTable
  }

  /// The files, in a fixed order.
  public let tables: [File]

  /// The name of each file and its text as CSV.
  public var files: [(name: String, text: String)] { tables.map { ($0.name, $0.table.csv) } }

  /// Draws a whole export.
  ///
  /// - Parameters:
  ///   - model: the generative model.
  ///   - seed: the seed; the same seed gives the same bytes.
  ///   - replicate: the number of the trial where many are drawn.
  ///   - names: the files to make, all where nil; what a file holds does not depend on the others being made.
  public init(
    _ model: EmploymentTrialModel, seed: UInt64, replicate: Int = 0, only names: Set<String>? = nil
  ) {
    func isWanted(_ name: String) -> Bool { names?.contains(name) ?? true }
    let people = model.drawParticipants(seed: seed, replicate: replicate)
    var tables = [File(name: "participants.csv", table: Self.participants(people))]
    if isWanted("spells.csv") || isWanted("pay.csv") {
      let spells = people.enumerated().flatMap { i, person in
        model.drawSpells(of: person, index: i, seed: seed, replicate: replicate)
      }
      tables.append(File(name: "spells.csv", table: Self.spells(spells)))
      if isWanted("pay.csv") {
        tables.append(File(name: "pay.csv", table: Self.pay(spells, extract: model.extract)))
      }
    }
    if isWanted("questionnaires.csv") {
      tables.append(
        File(
          name: "questionnaires.csv",
          table: Self.questionnaires(people, model, seed: seed, replicate: replicate)))
    }
    self.tables = tables
  }

  private static func participants(_ people: [SimulatedParticipant]) -> TextTable {
    TextTable(
      header: [
        "id", "arm", "inclusion_date", "unit", "section", "sex", "age", "substance", "agonist",
        "education", "work_years", "withdrawn_date", "death_date", "included_by_error",
      ],
      rows: people.map { person in
        [
          person.id, person.isTreated ? "IPS" : "control", person.inclusion.iso, person.unit,
          person.section, person.isFemale ? "female" : "male", String(person.age),
          person.substance, person.agonist ? "yes" : "no",
          person.educated ? "upper-secondary" : "lower-secondary", String(person.workYears),
          person.withdrawn?.iso ?? "", person.died?.iso ?? "",
          person.includedByError ? "yes" : "no",
        ]
      }
    )
  }

  private static func spells(_ spells: [SimulatedSpell]) -> TextTable {
    TextTable(
      header: [
        "id", "establishment", "start", "end", "position_pct", "full_time_hours", "type",
      ],
      rows: spells.map { spell in
        [
          spell.participant, spell.establishment, spell.start.iso, spell.end?.iso ?? "",
          NumberText.significant(spell.position), NumberText.significant(spell.fullTimeHours),
          spell.type,
        ]
      }
    )
  }

  /// One row a job and month: hours worked that month times the pay an hour.
  private static func pay(_ spells: [SimulatedSpell], extract: CalendarDay) -> TextTable {
    var rows: [[String]] = []
    for spell in spells where spell.hourlyPay > 0 {
      let last = min(spell.end ?? extract, extract)
      let week = spell.fullTimeHours > 45 ? 37.5 : spell.fullTimeHours
      var month = CalendarDay(year: spell.start.components.year, month: spell.start.components.month, day: 1)!
      while month <= last {
        let next = month.adding(months: 1)
        let days = min(last.number + 1, next.number) - max(spell.start.number, month.number)
        let hours = (Double(days) / 7 * week * spell.position / 100 * 10).rounded() / 10
        if hours > 0 {
          rows.append([
            spell.participant, spell.establishment, String(month.iso.prefix(7)),
            NumberText.fixed(hours * spell.hourlyPay, decimals: 0),
            NumberText.fixed(hours, decimals: 1),
          ])
        }
        month = next
      }
    }
    return TextTable(header: ["id", "establishment", "month", "cash_pay", "paid_hours"], rows: rows)
  }

  /// Ten symptom items of 1–4 at 0, 6 and 12 months with dropout and a few items left out, and a 0–100 health scale.
  private static func questionnaires(
    _ people: [SimulatedParticipant], _ model: EmploymentTrialModel, seed: UInt64, replicate: Int
  ) -> TextTable {
    var rows: [[String]] = []
    for (i, person) in people.enumerated() {
      var stream = RandomStream(
        seed: seed, purpose: "simulate/questionnaires", replicate: replicate, unit: i)
      let own = stream.normal(sd: model.symptoms.between) - 0.12 * person.prognosis
      let change = model.symptoms.change[person.isTreated ? 1 : 0]
      for visit in 0..<3 {
        // Those with more symptoms answer less often: missing at random given the earlier score.
        let wanted = visit == 0 ? 1 : model.response[visit - 1] - 0.12 * own
        if !stream.bernoulli(max(0.05, min(1, wanted))) { break }
        let day = person.inclusion.adding(months: 6 * visit).adding(
          days: visit == 0 ? 0 : stream.integer(below: 29) - 7)
        if let gone = person.withdrawn ?? person.died, gone <= day { break }
        let level = model.symptoms.mean + own + change * Double(visit)
        let items = (0..<10).map { _ -> String in
          let value = stream.normal(mean: level, sd: model.symptoms.within).rounded()
          let missing = stream.bernoulli(0.01)
          return missing ? "" : String(Int(max(1, min(4, value))))
        }
        let health = stream.normal(mean: 62 - 14 * (level - 2), sd: 14).rounded()
        rows.append(
          [person.id, String(6 * visit), day.iso] + items + [String(Int(max(0, min(100, health))))])
      }
    }
    return TextTable(
      header: ["id", "visit", "date"] + (1...10).map { "sym\($0)" } + ["vas"], rows: rows
    )
  }
}
