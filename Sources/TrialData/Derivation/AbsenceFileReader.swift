import ModelFormula

/// The file of leave and furlough of `hekta derive employment`: `id, establishment, start, end, kind, percent`, and `paid` where
/// the register tells.
struct AbsenceFileReader {
  private let register: RegisterFile
  private let hasPaid: Bool
  private let extractDay: Int32?
  private let establishments: KeyedTexts

  /// - Parameter establishments: those of the spells.
  init(
    _ file: DelimitedFile, roster: ParticipantRoster, establishments: KeyedTexts,
    definition: EmploymentDefinition
  ) throws(DataError) {
    hasPaid = file.names.contains("paid")
    extractDay = definition.extractDay
    self.establishments = establishments
    register = try RegisterFile(
      file, roster: roster,
      columns: [
        ("id", .participant), ("establishment", .key), ("start", .day), ("end", .day),
        ("kind", .text), ("percent", .number),
      ] + (hasPaid ? [("paid", .text)] : []))
  }

  /// The absences, checked, and a warning about those from no job of the participant.
  func absences(
    spells: EmploymentSpells, _ problems: inout ProblemList
  ) -> (absences: EmploymentAbsences, warnings: [DataProblem]) {
    let participant = register.participants(&problems)
    let establishment = register.keys("establishment").keys(in: establishments, absent: .max)
    let start = register.days("start", mayBeMissing: false, &problems)
    let end = register.days("end", mayBeMissing: true, &problems)
    let kind = kinds(&problems)
    let percent = percentages(&problems)
    let paid = hasPaid ? paid(&problems) : nil
    register.checkOrder(start, end, extractDay: extractDay, what: "an absence", &problems)
    var absences = EmploymentAbsences()
    guard problems.isEmpty else { return (absences, []) }
    let jobs = Set(
      spells.participant.indices.map { Job(spells.participant[$0], spells.establishment[$0]) })
    var strays = 0
    for row in participant.indices {
      guard jobs.contains(Job(participant[row], establishment[row])) else {
        strays += 1
        continue
      }
      absences.append(
        participant: participant[row], establishment: establishment[row], start: start[row], end: end[row],
        kind: kind[row]!, percent: percent[row], isPaid: paid?[row] ?? false)
    }
    let warnings =
      strays == 0
      ? []
      : [
        DataProblem(
          file: register.file.path, column: "establishment",
          found: "\(strays) absences from no job of their participant that counts",
          expected: "they are left out")
      ]
    return (absences, warnings)
  }

  private struct Job: Hashable {
    let participant: Int32
    let establishment: UInt64

    init(_ participant: Int32, _ establishment: UInt64) {
      self.participant = participant
      self.establishment = establishment
    }
  }

  private func kinds(_ problems: inout ProblemList) -> [AbsenceKind?] {
    values("kind", "leave, furlough, permisjon or permittering expected", &problems) {
      AbsenceKind(name: $0)
    }
  }

  /// Whether leave is paid; unpaid where the field is empty.
  private func paid(_ problems: inout ProblemList) -> [Bool?] {
    values("paid", "yes or no expected", &problems) { text in
      switch text.lowercased() {
      case "yes", "true", "1", "ja": true
      case "no", "false", "0", "nei", "", "na": false
      default: nil
      }
    }
  }

  /// What each text of a column means; one that means nothing is a problem of its rows.
  private func values<Value>(
    _ name: String, _ expected: String, _ problems: inout ProblemList, _ read: (String) -> Value?
  ) -> [Value?] {
    let (codes, dictionary) = register.texts(name)
    let values = dictionary.texts.map { read(ColumnReader.trimmed($0)) }
    for (row, code) in codes.enumerated() where values[Int(code)] == nil {
      let text = dictionary.text(of: Int(code))
      problems.append(
        register.problem(
          row, name, MissingTexts([]).contains(text) ? "nothing" : ColumnReader.kind(of: text), expected))
    }
    return codes.map { values[Int($0)] }
  }

  private func percentages(_ problems: inout ProblemList) -> [Double] {
    let values = register.numbers("percent", &problems)
    for (row, value) in values.enumerated() where value.isNaN || value > 100 {
      // A text was noted already.
      if value.isNaN, !problems.isEmpty { continue }
      problems.append(
        register.problem(
          row, "percent", value.isNaN ? "no percentage" : "a percentage above 100",
          "a number from 0 to 100 expected"))
    }
    return values
  }
}

/// The file of monthly pay of `hekta derive employment`: `id`, `month` and a column of amounts.
struct PayFileReader {
  private let register: RegisterFile
  private let amount: String

  init(_ file: DelimitedFile, roster: ParticipantRoster, amount: String) throws(DataError) {
    self.amount = amount
    register = try RegisterFile(
      file, roster: roster, columns: [("id", .participant), ("month", .text), (amount, .number)])
  }

  /// The rows of pay, checked: an amount must be there, since a month without pay has no row.
  func pay(_ problems: inout ProblemList) -> MonthlyPay {
    let participant = register.participants(&problems)
    let (codes, dictionary) = register.texts("month")
    let months = dictionary.texts.map { MonthlyPay.month(ColumnReader.trimmed($0)) }
    for (row, code) in codes.enumerated() where months[Int(code)] == nil {
      let text = dictionary.text(of: Int(code))
      problems.append(
        register.problem(
          row, "month", MissingTexts([]).contains(text) ? "no month" : ColumnReader.kind(of: text),
          "a month YYYY-MM or a date YYYY-MM-DD of it expected"))
    }
    let amounts = register.numbers(amount, &problems, areAmounts: true)
    if problems.isEmpty {
      for (row, value) in amounts.enumerated() where value.isNaN {
        problems.append(register.problem(row, amount, "no amount", "a number in every row expected"))
      }
    }
    guard problems.isEmpty else { return MonthlyPay(participant: [], month: [], amount: []) }
    return MonthlyPay(participant: participant, month: codes.map { months[Int($0)]! }, amount: amounts)
  }
}
