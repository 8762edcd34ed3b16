import ModelFormula
import TrialData

/// How a plan makes employment outcomes from a file of spells; the options of `hekta derive employment`.
///
/// The participants gain `employed`, `days_worked`, `hours`, `jobs`, `longest_job_days`, `days_to_first_job`, `sustained`,
/// `pre_existing`, and `window_days`, the length of the window.
public struct EmploymentPlan: Sendable, Equatable {
  /// The file of spells, with the columns establishment, start, end, position_pct, full_time_hours and type.
  public var spells: Placed<String>
  /// The participants' column of day 0.
  public var inclusionDate: Placed<String>
  public var preExisting: EmploymentDefinition.PreExisting
  public var sustainedDays: Int
  public var fullWeekDefault: Double
  /// The types of job that count; all where empty.
  public var types: [Placed<String>]
  /// The last day the register knows of.
  public var extractDate: Placed<String>?
}

extension TrialFrames {
  /// Makes the employment outcomes and joins them to the participants.
  ///
  /// - Throws: `DataError` for columns that are missing or of another type; `DataError` for spells that end before they
  ///   start.
  mutating func derive(_ plan: EmploymentPlan) throws {
    guard let window = self.plan.window else {
      throw fault("no window", expected: "a value for 'window' in the plan expected", at: plan.spells.place)
    }
    guard case .date(let inclusion) = try column(plan.inclusionDate, file: nil) else {
      throw fault(
        "'\(plan.inclusionDate.value)' does not hold dates", expected: "dates expected",
        at: plan.inclusionDate.place)
    }
    if inclusion.contains(Column.missingDay) {
      throw fault(
        "'\(plan.inclusionDate.value)' is missing for a participant", expected: "a date for each expected",
        at: plan.inclusionDate.place)
    }
    let definition = EmploymentDefinition(
      window: window.definition, preExisting: plan.preExisting, sustainedDays: plan.sustainedDays,
      fullWeekDefault: plan.fullWeekDefault, types: plan.types.isEmpty ? nil : plan.types.map(\.value),
      extractDay: try extractDay(plan))
    let outcomes = EmploymentDerivation(definition).outcomes(
      inclusion: inclusion, spells: try spells(plan, definition))
    for (name, column) in outcomes.columns where name != "flags" {
      try add(column, name: Placed(value: name, place: plan.spells.place), file: nil)
      if labels[name] == nil { labels[name] = Self.employmentLabels[name] }
    }
    let days = inclusion.map { Double(definition.window.end(from: $0) - $0) }
    try add(.numeric(days), name: Placed(value: "window_days", place: plan.spells.place), file: nil)
    labels["window_days"] = VariableLabel(
      "window_days", Label("Days in the window", nb: "Dager i vinduet"), unit: Self.days)
    noteFlags(outcomes)
  }

  private func extractDay(_ plan: EmploymentPlan) throws(DataError) -> Int32? {
    guard let text = plan.extractDate else { return nil }
    guard let day = CalendarDay(iso: text.value) else {
      throw fault("found '\(text.value)'", expected: "a date such as 2023-10-15 expected", at: text.place)
    }
    return day.number
  }

  /// The spells of the types that count.
  private func spells(_ plan: EmploymentPlan, _ definition: EmploymentDefinition) throws -> EmploymentSpells {
    let long = try longFile(plan.spells)
    func column(_ name: String) throws(DataError) -> Column {
      try self.column(Placed(value: name, place: plan.spells.place), file: plan.spells.value)
    }
    func days(_ name: String) throws -> [Int32] {
      guard case .date(let days) = try column(name) else {
        throw fault(
          "'\(name)' of \(plan.spells.value) does not hold dates", expected: "dates expected",
          at: plan.spells.place)
      }
      return days
    }
    func numbers(_ name: String) throws(DataError) -> [Double] {
      try self.numbers(Placed(value: name, place: plan.spells.place), file: plan.spells.value)
    }
    guard case .categorical(let establishments, _) = try column("establishment").asCategorical else {
      return .none
    }
    let (start, end) = (try days("start"), try days("end"))
    try check(start, end, long.frame, plan, definition)
    let all = EmploymentSpells(
      participant: long.participant.map { Int32($0) }, establishment: establishments, start: start, end: end,
      positionPercent: try numbers("position_pct"), fullTimeHours: try numbers("full_time_hours"))
    guard let types = definition.types else { return all }
    guard case .categorical(let codes, let levels) = try column("type").asCategorical else { return all }
    for type in plan.types where !levels.contains(type.value) {
      throw fault(
        "no type '\(type.value)' in \(plan.spells.value)",
        expected: DataProblem.expectation(insteadOf: type.value, among: levels), at: type.place)
    }
    let counts = levels.map(types.contains)
    return all.selecting(codes.indices.filter { codes[$0] >= 0 && counts[Int(codes[$0])] })
  }

  private func check(
    _ start: [Int32], _ end: [Int32], _ frame: DataFrame, _ plan: EmploymentPlan,
    _ definition: EmploymentDefinition
  ) throws(DataError) {
    let file = self.plan.files.first { $0.name == plan.spells.value }?.file.value ?? plan.spells.value
    var problems: [DataProblem] = []
    func note(_ row: Int, _ column: String, _ found: String, _ expected: String) {
      problems.append(
        DataProblem(
          file: file, line: frame.lines?[row], column: column, found: found, expected: expected, rule: "spell"
        ))
    }
    for row in start.indices {
      if start[row] == Column.missingDay {
        note(row, "start", "no start", "the first day expected")
      } else if end[row] != Column.missingDay, end[row] < start[row] {
        note(row, "end", "an end before the start", "an end on or after the start expected")
      } else if end[row] == Column.missingDay, let extract = definition.extractDay, start[row] > extract {
        note(
          row, "start", "a spell without an end that starts after the extract date",
          "an earlier start expected")
      }
    }
    if !problems.isEmpty { throw DataError(problems) }
  }

  /// Carries what was done to the spells into the run's warnings.
  private mutating func noteFlags(_ outcomes: [EmploymentOutcome]) {
    let words: [(EmploymentFlags, String)] = [
      (.clippedStart, "a job begun before day 0 counted from day 0"),
      (.clippedEnd, "a job clipped at the end of the window"),
      (.fullWeekReplaced, "full-time hours replaced by the default"),
      (.openEnd, "a job without an end in the register"),
      (.positionMissing, "a spell without a position, so that the hours are missing"),
    ]
    for (flag, text) in words {
      let count = outcomes.count { $0.flags.contains(flag) }
      if count > 0 { warnings.append("employment: \(count) participants with \(text)") }
    }
    let before = outcomes.count { $0.preExisting > 0 }
    if before > 0 {
      warnings.append(
        "employment: \(before) participants with a job begun before day 0 that ran into the window")
    }
  }

  private static let days = Label("days", nb: "dager")

  private static let employmentLabels: [String: VariableLabel] = {
    let yesNo: [VariableLabel.Level] = [
      .init("0", Label("No", nb: "Nei")), .init("1", Label("Yes", nb: "Ja")),
    ]
    let labels = [
      VariableLabel("employed", Label("Any day of employment", nb: "Minst én dag i arbeid"), levels: yesNo),
      VariableLabel("days_worked", Label("Days worked", nb: "Dager i arbeid"), unit: days),
      VariableLabel("hours", Label("Hours worked", nb: "Timer i arbeid"), unit: Label("hours", nb: "timer")),
      VariableLabel("jobs", Label("Number of jobs", nb: "Antall jobber")),
      VariableLabel("longest_job_days", Label("Longest job", nb: "Lengste jobb"), unit: days),
      VariableLabel(
        "days_to_first_job", Label("Days to the first job", nb: "Dager til første jobb"), unit: days),
      VariableLabel("sustained", Label("Sustained employment", nb: "Varig arbeid"), levels: yesNo),
      VariableLabel("pre_existing", Label("Jobs begun before inclusion", nb: "Jobber fra før inklusjon")),
    ]
    return Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0) })
  }()
}

extension WindowPlan {
  /// The window as the derivation of employment takes it.
  var definition: EmploymentDefinition.Window {
    switch self {
    case .months(let months): .months(months)
    case .days(let days): .days(days)
    }
  }
}

extension EmploymentSpells {
  /// No spells.
  fileprivate static var none: EmploymentSpells {
    EmploymentSpells(
      participant: [], establishment: [], start: [], end: [], positionPercent: [], fullTimeHours: [])
  }
}
