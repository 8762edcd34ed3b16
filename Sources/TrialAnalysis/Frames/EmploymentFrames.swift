import ModelFormula
import TrialData

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
    var definition = EmploymentDefinition(
      window: window.definition, preExisting: plan.preExisting, sustainedDays: plan.sustainedDays,
      fullWeekDefault: plan.fullWeekDefault, types: plan.types.isEmpty ? nil : plan.types.map(\.value),
      extractDay: try extractDay(plan))
    definition.absence = plan.absences?.rules ?? AbsenceRules()
    let spells = try spells(plan, types: plan.types, definition)
    let absences = try plan.absences.map { try self.absences($0, plan, definition) } ?? EmploymentAbsences()
    let outcomes = EmploymentDerivation(definition).outcomes(
      inclusion: inclusion, spells: spells, absences: absences)
    for (name, column) in outcomes.columns where name != "flags" {
      try add(column, name: Placed(value: name, place: plan.spells.place), file: nil)
      if labels[name] == nil { labels[name] = EmploymentLabels.all[name] }
    }
    let days = inclusion.map { Double(definition.window.end(from: $0) - $0) }
    try add(.numeric(days), name: Placed(value: "window_days", place: plan.spells.place), file: nil)
    labels["window_days"] = VariableLabel(
      "window_days", Label("Days in the window", nb: "Dager i vinduet"), unit: EmploymentLabels.days)
    noteFlags(outcomes)
    if plan.absences != nil { try addAbsenceShares(outcomes, plan) }
    let earnings = try plan.pay.map { try addEarnings($0, inclusion, window.definition) }
    for one in plan.definitions {
      let own = try outcomesByOwnRules(one, plan, definition, inclusion, absences) ?? outcomes
      try add(
        .numeric(
          one.criterion.values(own, inclusion: inclusion, window: window.definition, earnings: earnings)),
        name: Placed(value: one.criterion.variable, place: one.id.place), file: nil)
      labels[one.criterion.variable] = VariableLabel(
        one.criterion.variable, one.label, levels: EmploymentLabels.yesNo)
    }
    if let monthly = plan.monthly {
      let months = EmploymentDerivation(definition).months(
        inclusion: inclusion, spells: spells, absences: absences, atLeast: monthly.atLeast)
      try addMonths(months, monthly)
    }
  }

  /// The outcomes by the rules of one definition; nil where it has no rules of its own.
  private func outcomesByOwnRules(
    _ one: EmploymentPlan.Definition, _ plan: EmploymentPlan, _ definition: EmploymentDefinition,
    _ inclusion: [Int32], _ absences: EmploymentAbsences
  ) throws -> [EmploymentOutcome]? {
    if one.types == nil, one.preExisting == nil, one.absentDays == nil { return nil }
    var own = definition
    if let types = one.types { own.types = types.isEmpty ? nil : types.map(\.value) }
    if let preExisting = one.preExisting { own.preExisting = preExisting }
    if let days = one.absentDays { own.absence.days = days }
    return EmploymentDerivation(own).outcomes(
      inclusion: inclusion, spells: try spells(plan, types: one.types ?? plan.types, own), absences: absences)
  }

  private mutating func addAbsenceShares(_ outcomes: [EmploymentOutcome], _ plan: EmploymentPlan) throws {
    for (name, values) in EmploymentOutput.absences(outcomes) where name.hasSuffix("_share") {
      try add(.numeric(values), name: Placed(value: name, place: plan.spells.place), file: nil)
      if labels[name] == nil { labels[name] = EmploymentLabels.all[name] }
    }
  }

  private mutating func addEarnings(
    _ pay: EmploymentPlan.Pay, _ inclusion: [Int32], _ window: EmploymentDefinition.Window
  ) throws -> [Double] {
    let earnings = try monthlyPay(file: pay.file, amount: pay.amount, month: pay.month).totals(
      inclusion: inclusion, window: window, edges: pay.edges)
    try add(.numeric(earnings), name: Placed(value: "earnings", place: pay.amount.place), file: nil)
    if let label = pay.label {
      labels["earnings"] = VariableLabel("earnings", label)
    } else if labels["earnings"] == nil {
      labels["earnings"] = EmploymentLabels.all["earnings"]
    }
    return earnings
  }

  /// Makes a file of the months, with the month as its visit.
  private mutating func addMonths(_ months: EmploymentMonths, _ monthly: EmploymentPlan.Monthly) throws {
    if files[monthly.name.value] != nil || plan.participants.name == monthly.name.value {
      throw fault(
        "the data file '\(monthly.name.value)' is there already", expected: "a new name expected",
        at: monthly.name.place)
    }
    let participant = months.participant.map(Int.init)
    var frame = DataFrame(months.columns, rowCount: months.count)
    let last = Int(months.month.max() ?? 0)
    let visits = (0..<last).map { String($0 + 1) }
    frame[Self.armColumn] = participants[Self.armColumn]!.selecting(rows: participant)
    frame[Self.visitColumn] = .categorical(codes: months.month.map { $0 - 1 }, levels: visits)
    files[monthly.name.value] = LongFile(frame: frame, participant: participant, visits: visits)
    if labels["month"] == nil { labels["month"] = EmploymentLabels.all["month"] }
    if labels[Self.visitColumn] == nil {
      labels[Self.visitColumn] = VariableLabel(
        Self.visitColumn, Label("Month", nb: "Måned"), levels: visits.map { .init($0, Label($0)) })
    }
  }

  private func extractDay(_ plan: EmploymentPlan) throws(DataError) -> Int32? {
    guard let text = plan.extractDate else { return nil }
    guard let day = CalendarDay(iso: text.value) else {
      throw fault("found '\(text.value)'", expected: "a date such as 2023-10-15 expected", at: text.place)
    }
    return day.number
  }

  /// The spells of the types that count; of all types where none is named.
  private func spells(
    _ plan: EmploymentPlan, types: [Placed<String>], _ definition: EmploymentDefinition
  ) throws -> EmploymentSpells {
    let file = try RegisterColumns(self, plan.spells)
    guard case .categorical(let establishments, _) = try file.column("establishment").asCategorical else {
      return .none
    }
    let (start, end) = (try file.days("start"), try file.days("end"))
    try check(file, start, end, definition)
    let all = EmploymentSpells(
      participant: file.participant, establishment: establishments.map { UInt64(truncatingIfNeeded: $0) },
      start: start, end: end,
      positionPercent: try file.numbers("position_pct"), fullTimeHours: try file.numbers("full_time_hours"))
    if types.isEmpty { return all }
    guard case .categorical(let codes, let levels) = try file.column("type").asCategorical else { return all }
    for type in types where !levels.contains(type.value) {
      throw fault(
        "no type '\(type.value)' in \(plan.spells.value)",
        expected: DataProblem.expectation(insteadOf: type.value, among: levels), at: type.place)
    }
    let counts = levels.map { level in types.contains { $0.value == level } }
    return all.selecting(codes.indices.filter { codes[$0] >= 0 && counts[Int(codes[$0])] })
  }

  /// Leave and furlough, with the establishments coded as in the spells.
  private func absences(
    _ absences: EmploymentPlan.Absences, _ plan: EmploymentPlan, _ definition: EmploymentDefinition
  ) throws -> EmploymentAbsences {
    let file = try RegisterColumns(self, absences.file)
    let (start, end) = (try file.days("start"), try file.days("end"))
    try check(file, start, end, definition)
    guard
      case .categorical(_, let known) = try RegisterColumns(self, plan.spells).column("establishment")
        .asCategorical,
      case .categorical(let establishments, let names) = try file.column("establishment").asCategorical,
      case .categorical(let kindCodes, let kindNames) = try file.column("kind").asCategorical
    else { return EmploymentAbsences() }
    let percent = try file.numbers("percent")
    let paid = try file.hasColumn("paid") ? file.column("paid").asCategorical : nil
    var faults: [DataProblem] = []
    var result = EmploymentAbsences()
    for row in start.indices {
      let kind = kindCodes[row] < 0 ? nil : AbsenceKind(name: kindNames[Int(kindCodes[row])])
      if kind == nil {
        faults.append(
          file.problem(
            row, "kind", "no kind of absence", "leave, furlough, permisjon or permittering expected"))
      }
      if !(0...100).contains(percent[row]) {
        faults.append(file.problem(row, "percent", "no percentage", "a number from 0 to 100 expected"))
      }
      guard let kind, establishments[row] >= 0,
        let establishment = known.firstIndex(of: names[Int(establishments[row])])
      else { continue }
      result.append(
        participant: file.participant[row], establishment: UInt64(establishment), start: start[row],
        end: end[row], kind: kind, percent: percent[row], isPaid: Self.isYes(paid, row))
    }
    if !faults.isEmpty { throw DataError(faults) }
    return result
  }

  private static func isYes(_ column: Column?, _ row: Int) -> Bool {
    guard case .categorical(let codes, let levels)? = column, codes[row] >= 0 else { return false }
    return ["yes", "true", "1", "ja"].contains(levels[Int(codes[row])].lowercased())
  }

  private func check(
    _ file: RegisterColumns, _ start: [Int32], _ end: [Int32], _ definition: EmploymentDefinition
  ) throws(DataError) {
    var problems: [DataProblem] = []
    for row in start.indices {
      if start[row] == Column.missingDay {
        problems.append(file.problem(row, "start", "no start", "the first day expected"))
      } else if end[row] != Column.missingDay, end[row] < start[row] {
        problems.append(
          file.problem(row, "end", "an end before the start", "an end on or after the start expected"))
      } else if end[row] == Column.missingDay, let extract = definition.extractDay, start[row] > extract {
        problems.append(
          file.problem(
            row, "start", "a spell without an end that starts after the extract date",
            "an earlier start expected"))
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
