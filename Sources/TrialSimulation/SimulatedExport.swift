import Glibc
import ModelFormula
import Probability
import Serialisation

/// The files of a simulated trial, as a registry office and a questionnaire system would send them.
public struct SimulatedExport: Sendable {
  /// A file's name and its contents.
  public struct File: Sendable {
    public let name: String
    /// The values, each as it reads in the file's text.
    public let frame: DataFrame
    /// The decimals of the numbers that are written with a fixed count of them, by column.
    let decimals: [String: Int]

    init(_ name: String, _ columns: [(String, Column)], decimals: [String: Int] = [:]) {
      self.name = name
      frame = DataFrame(columns.map { (name: $0.0, column: $0.1) })
      self.decimals = decimals
    }

    /// The file's text.
    public var csv: String {
      let columns = frame.names.map { name in texts(frame[name]!, decimals: decimals[name]) }
      return TextTable(
        header: frame.names, rows: (0..<frame.rowCount).map { row in columns.map { $0[row] } }
      ).csv
    }

    private func texts(_ column: Column, decimals: Int?) -> [String] {
      switch column {
      case .numeric(let values):
        values.map { value in
          if value.isNaN { return "" }
          return decimals.map { NumberText.fixed(value, decimals: $0) } ?? NumberText.significant(value)
        }
      case .categorical(let codes, let levels): codes.map { $0 < 0 ? "" : levels[Int($0)] }
      case .date(let days): days.map { $0 == Column.missingDay ? "" : CalendarDay(number: $0).iso }
      case .text(let texts): texts.map { $0 ?? "" }
      }
    }
  }

  /// The files, in a fixed order.
  public let tables: [File]

  /// The name of each file and its text as CSV.
  public var files: [(name: String, text: String)] { tables.map { ($0.name, $0.csv) } }

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
    var tables = [Self.participants(people, model)]
    if isWanted("spells.csv") || isWanted("pay.csv") {
      let spells = model.drawSpells(of: people, seed: seed, replicate: replicate)
      tables.append(Self.spells(spells))
      if isWanted("pay.csv") { tables.append(Self.pay(spells, extract: model.extract)) }
    }
    if isWanted("questionnaires.csv") {
      tables.append(Self.questionnaires(people, model, seed: seed, replicate: replicate))
    }
    self.tables = tables
  }

  // MARK: Columns

  private static func yesNo<T>(_ rows: [T], _ isYes: (T) -> Bool) -> Column {
    .categorical(codes: rows.map { isYes($0) ? 1 : 0 }, levels: ["no", "yes"])
  }

  /// Words with few distinct ones among them, which are its levels in the order in which they come.
  private static func words<T>(_ rows: [T], _ word: (T) -> String) -> Column {
    var levels: [String] = []
    let codes = rows.map { row -> Int32 in
      let text = word(row)
      if let code = levels.firstIndex(of: text) { return Int32(code) }
      levels.append(text)
      return Int32(levels.count - 1)
    }
    return .categorical(codes: codes, levels: levels)
  }

  /// The same of words that stand in a list, some perhaps several times, by their places in it.
  private static func words(of list: [String], at places: [Int]) -> Column {
    let first = list.map { list.firstIndex(of: $0)! }
    var codeOf = [Int32](repeating: Column.missingCode, count: list.count)
    var levels: [String] = []
    let codes = places.map { place -> Int32 in
      let place = first[place]
      if codeOf[place] < 0 {
        codeOf[place] = Int32(levels.count)
        levels.append(list[place])
      }
      return codeOf[place]
    }
    return .categorical(codes: codes, levels: levels)
  }

  private static func days<T>(_ rows: [T], _ day: (T) -> CalendarDay?) -> Column {
    .date(rows.map { day($0)?.number ?? Column.missingDay })
  }

  private static func numbers<T>(_ rows: [T], _ number: (T) -> Double) -> Column {
    .numeric(rows.map(number))
  }

  // MARK: Files

  private static func participants(_ people: [SimulatedParticipant], _ model: EmploymentTrialModel) -> File {
    File(
      "participants.csv",
      [
        ("id", .text(people.map(\.id))),
        ("arm", .categorical(codes: people.map { $0.isTreated ? 1 : 0 }, levels: ["control", "IPS"])),
        ("inclusion_date", days(people) { $0.inclusion }),
        ("unit", words(of: model.units.map(\.name), at: people.map { $0.unitPlace })),
        ("section", words(of: model.units.map(\.section), at: people.map { $0.unitPlace })),
        ("sex", .categorical(codes: people.map { $0.isFemale ? 1 : 0 }, levels: ["male", "female"])),
        ("age", numbers(people) { Double($0.age) }),
        ("substance", words(of: EmploymentTrialModel.substances, at: people.map { $0.substancePlace })),
        ("agonist", yesNo(people) { $0.agonist }),
        (
          "education",
          .categorical(
            codes: people.map { $0.educated ? 1 : 0 }, levels: ["lower-secondary", "upper-secondary"])
        ),
        ("work_years", numbers(people) { Double($0.workYears) }),
        ("withdrawn_date", days(people) { $0.withdrawn }),
        ("death_date", days(people) { $0.died }),
        ("included_by_error", yesNo(people) { $0.includedByError }),
      ])
  }

  private static func spells(_ spells: [SimulatedSpell]) -> File {
    File(
      "spells.csv",
      [
        ("id", .text(spells.map(\.participant))),
        ("establishment", .text(spells.map(\.establishment))),
        ("start", days(spells) { $0.start }),
        ("end", days(spells) { $0.end }),
        ("position_pct", numbers(spells) { $0.position }),
        ("full_time_hours", numbers(spells) { $0.fullTimeHours }),
        ("type", words(spells) { $0.type }),
      ])
  }

  /// One row a job and month: hours worked that month times the pay an hour.
  private static func pay(_ spells: [SimulatedSpell], extract: CalendarDay) -> File {
    var job: [Int] = []
    var months: [String] = []
    var cash: [Double] = []
    var worked: [Double] = []
    for (place, spell) in spells.enumerated() where spell.hourlyPay > 0 {
      let last = min(spell.end ?? extract, extract)
      let week = spell.fullTimeHours > 45 ? 37.5 : spell.fullTimeHours
      var month = CalendarDay(year: spell.start.components.year, month: spell.start.components.month, day: 1)!
      while month <= last {
        let next = month.adding(months: 1)
        let days = min(last.number + 1, next.number) - max(spell.start.number, month.number)
        let hours = (Double(days) / 7 * week * spell.position / 100 * 10).rounded() / 10
        if hours > 0 {
          job.append(place)
          months.append(String(month.iso.prefix(7)))
          cash.append((hours * spell.hourlyPay).rounded())
          worked.append(hours)
        }
        month = next
      }
    }
    return File(
      "pay.csv",
      [
        ("id", .text(job.map { spells[$0].participant })),
        ("establishment", .text(job.map { spells[$0].establishment })),
        ("month", .text(months)), ("cash_pay", .numeric(cash)), ("paid_hours", .numeric(worked)),
      ], decimals: ["cash_pay": 0, "paid_hours": 1])
  }

  /// Ten symptom items of 1–4 at 0, 6 and 12 months with dropout and a few items left out, and a 0–100 health scale.
  private static func questionnaires(
    _ people: [SimulatedParticipant], _ model: EmploymentTrialModel, seed: UInt64, replicate: Int
  ) -> File {
    let (itemCount, visitCount) = (10, 3)
    let most = visitCount * people.count
    var ids: [String?] = []
    var visits: [Double] = []
    var dates: [Int32] = []
    var scale: [Double] = []
    ids.reserveCapacity(most)
    visits.reserveCapacity(most)
    dates.reserveCapacity(most)
    scale.reserveCapacity(most)
    // The answers to one item after those to another.
    var answers = [Double](repeating: .nan, count: most * itemCount)
    let first = RandomStream(seed: seed, purpose: "simulate/questionnaires", replicate: replicate)
    for i in people.indices {
      var stream = first.ofUnit(i)
      let own = stream.normal(sd: model.symptoms.between) - 0.12 * people[i].prognosis
      let change = model.symptoms.change[people[i].isTreated ? 1 : 0]
      let gone = people[i].withdrawn ?? people[i].died
      for visit in 0..<visitCount {
        // Those with more symptoms answer less often: missing at random given the earlier score.
        let wanted = visit == 0 ? 1 : model.response[visit - 1] - 0.12 * own
        if !stream.bernoulli(max(0.05, min(1, wanted))) { break }
        let day =
          visit == 0
          ? people[i].inclusion
          : people[i].inclusion.adding(months: 6 * visit).adding(days: stream.integer(below: 29) - 7)
        if let gone, gone <= day { break }
        let level = model.symptoms.mean + own + change * Double(visit)
        for item in 0..<itemCount {
          let value = max(1, min(4, stream.normal(mean: level, sd: model.symptoms.within)))
          // Rounded as a positive number is by cutting off its decimals, which needs no call of the C library.
          if !stream.bernoulli(0.01) { answers[item * most + ids.count] = Double(Int(value + 0.5)) }
        }
        let health = stream.normal(mean: 62 - 14 * (level - 2), sd: 14).rounded()
        ids.append(people[i].id)
        visits.append(Double(6 * visit))
        dates.append(day.number)
        scale.append(max(0, min(100, health)))
      }
    }
    return File(
      "questionnaires.csv",
      [("id", .text(ids)), ("visit", .numeric(visits)), ("date", .date(dates))]
        + (0..<itemCount).map { item in
          ("sym\(item + 1)", .numeric(Array(answers[(item * most)..<(item * most + ids.count)])))
        } + [("vas", .numeric(scale))])
  }
}
