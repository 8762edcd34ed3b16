import ArgumentParser
import ModelFormula
import TrialData

/// `hekta derive employment`: employment outcomes from a register's spells.
struct DeriveEmploymentCommand: ParsableCommand {
  /// The forms of the table.
  enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json }

  static let configuration = CommandConfiguration(
    commandName: "employment",
    abstract: "Makes employment outcomes of participants from the spells of a register of jobs.",
    discussion: """
      The window runs from the inclusion date (day 0) up to, not including, the same date 18 calendar months on. Spells of \
      one establishment that overlap or touch are one job. A job begun before day 0 that runs into the window is \
      pre-existing. Out comes one row a participant: employed, days_worked, hours, jobs, longest_job_days, \
      days_to_first_job, sustained, pre_existing, flags; then earnings, leave and furlough, and one variable a definition, \
      where they were asked for. With --monthly, one row a participant and month.

      Definitions: --grid adds employed_day (at least one day), employed_days30, employed_weeks13 (13 weeks in one job) and \
      employed_half (half of the window). --define adds others, such as --define hours100=hours>=100 or \
      --define 'paid=days>=30&earnings>=50000'; measures are \
      \(EmploymentCriterion.Measure.allCases.map(\.rawValue).joined(separator: ", ")).
      """)

  @Option(help: ArgumentHelp("CSV with id, inclusion_date and any further columns.", valueName: "file"))
  var participants: String

  @Option(
    help: ArgumentHelp(
      "CSV with id, establishment, start, end, position_pct, full_time_hours, type.", valueName: "file"))
  var spells: String

  @Option(
    help: ArgumentHelp(
      "The window in calendar months (18 unless --days-window is given).", valueName: "months"))
  var monthsWindow: Int?

  @Option(help: ArgumentHelp("The window in days.", valueName: "days"))
  var daysWindow: Int?

  @Option(help: "What becomes of a job begun before day 0: exclude or count.")
  var preExisting = EmploymentDefinition.PreExisting.exclude

  @Option(help: ArgumentHelp("Days in one job that are sustained employment.", valueName: "days"))
  var sustainedDays = 91

  @Option(
    help: ArgumentHelp(
      "Weekly hours of a full week where the register's are not between 25 and 45.", valueName: "hours"))
  var fullWeekDefault = 37.5

  @Option(help: ArgumentHelp("The types of job that count, comma-separated (all).", valueName: "types"))
  var types: String?

  @Option(help: ArgumentHelp("The last day the register knows of, YYYY-MM-DD.", valueName: "date"))
  var extractDate: String?

  @Option(
    help: ArgumentHelp(
      "Another definition of employment, ID=MEASURE>=NUMBER (repeatable).", valueName: "rule"))
  var define: [String] = []

  @Flag(help: "Add the definitions day, days30, weeks13 and half.")
  var grid = false

  @Option(
    help: ArgumentHelp(
      "CSV with id, month (YYYY-MM) and amounts: adds earnings. Needs --edge-months.", valueName: "file"))
  var pay: String?

  @Option(help: ArgumentHelp("The column of amounts in the file of pay.", valueName: "column"))
  var payColumn = "amount"

  @Option(
    help: ArgumentHelp(
      "What becomes of months that the window cuts: whole, prorated (by days) or inside (left out).",
      valueName: "rule"))
  var edgeMonths: EdgeMonths?

  @Option(
    help: ArgumentHelp(
      "CSV of leave and furlough: id, establishment, start, end, kind, percent and perhaps paid.",
      valueName: "file"))
  var absences: String?

  @Option(help: "Which absence is taken from the hours: unpaid (and furlough), all or none.")
  var absenceHours = AbsenceRules.Hours.unpaid

  @Option(help: "What a day wholly away from a job is: employed (a day of work) or absent.")
  var absenceDays = AbsenceRules.Days.employed

  @Flag(
    help: "Print one row a participant and month of the window: month, employed, days, days_worked, hours.")
  var monthly = false

  @Flag(
    help:
      "One row a stretch between job starts (id, start, stop, event, number, jobs) instead, for models of recurrent jobs."
  )
  var recurrent = false

  @Option(help: ArgumentHelp("Days of work that make a month one of employment.", valueName: "days"))
  var monthDays = 1

  @Option(help: "The form of the table.")
  var format = Format.csv

  @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var out: String?

  /// Before any file is read, so that a fault is told with this command's usage.
  func validate() throws {
    _ = try definition()
    try checkOptions(criteria())
  }

  func run() throws {
    let definition = try definition()
    let criteria = try criteria()
    let files = try EmploymentFiles.read(
      EmploymentFiles.Request(
        participants: participants, spells: spells, definition: definition, absences: absences,
        pay: pay.map { ($0, payColumn) }, outputNames: outputNames(criteria)))
    let table =
      recurrent
      ? starts(files, definition)
      : monthly ? months(files, definition) : outcomes(files, definition, criteria)
    try PersonLevelOutput.write(table, to: out)
    for warning in files.warnings.lines { Terminal.note("warning: \(warning)") }
  }

  private func outcomes(
    _ files: EmploymentFiles, _ definition: EmploymentDefinition, _ criteria: [EmploymentCriterion]
  ) -> [UInt8] {
    let inclusion = files.participants.inclusion
    let outcomes = EmploymentDerivation(definition).outcomes(
      inclusion: inclusion, spells: files.spells, absences: files.absences)
    var extras: [(name: String, values: [Double])] = []
    let earnings = files.pay.map {
      $0.totals(inclusion: inclusion, window: definition.window, edges: edgeMonths ?? .whole)
    }
    if let earnings { extras.append(("earnings", earnings)) }
    if absences != nil { extras += EmploymentOutput.absences(outcomes) }
    for criterion in criteria {
      extras.append(
        (
          criterion.variable,
          criterion.values(
            outcomes, inclusion: inclusion, window: definition.window, earnings: earnings)
        ))
    }
    let output = EmploymentOutput(participants: files.participants, outcomes: outcomes, extras: extras)
    return format == .csv ? output.csv : Array(output.json.text(indented: true).utf8)
  }

  private func months(_ files: EmploymentFiles, _ definition: EmploymentDefinition) -> [UInt8] {
    let months = EmploymentDerivation(definition).months(
      inclusion: files.participants.inclusion, spells: files.spells, absences: files.absences,
      atLeast: monthDays)
    let output = EmploymentMonthsOutput(participants: files.participants, months: months)
    return format == .csv ? output.csv : Array(output.json.text(indented: true).utf8)
  }

  private func starts(_ files: EmploymentFiles, _ definition: EmploymentDefinition) -> [UInt8] {
    let output = RecurrentJobOutput(files, definition: definition)
    return format == .csv ? output.csv : Array(output.json.text(indented: true).utf8)
  }

  private func outputNames(_ criteria: [EmploymentCriterion]) -> [String] {
    if monthly { return EmploymentMonthsOutput.names }
    return EmploymentOutput.outcomeNames + (pay == nil ? [] : ["earnings"])
      + (absences == nil ? [] : EmploymentOutput.absenceNames) + criteria.map(\.variable)
  }

  /// The grid and the definitions of the command line.
  private func criteria() throws -> [EmploymentCriterion] {
    var criteria = grid ? EmploymentCriterion.grid : []
    for text in define {
      do {
        criteria.append(try EmploymentCriterion(parsing: text))
      } catch {
        throw ValidationError("--define: \(error)")
      }
    }
    for (i, criterion) in criteria.enumerated()
    where criteria[..<i].contains(where: { $0.id == criterion.id }) {
      throw ValidationError("--define: there is a definition \"\(criterion.id)\" already")
    }
    return criteria
  }

  /// Refuses options that would have no effect.
  private func checkOptions(_ criteria: [EmploymentCriterion]) throws {
    if pay != nil, edgeMonths == nil {
      throw ValidationError("--pay needs --edge-months: whole, prorated or inside")
    }
    if pay == nil, edgeMonths != nil { throw ValidationError("--edge-months needs --pay") }
    if pay == nil, let criterion = criteria.first(where: \.needsEarnings) {
      throw ValidationError("the definition \"\(criterion.id)\" asks for earnings and needs --pay")
    }
    if absences == nil, absenceHours != .unpaid || absenceDays != .employed {
      throw ValidationError("--absence-hours and --absence-days need --absences")
    }
    guard (1...31).contains(monthDays) else {
      throw ValidationError("--month-days: found \(monthDays), expected a whole number from 1 to 31")
    }
    if !monthly, monthDays != 1 { throw ValidationError("--month-days needs --monthly") }
    if recurrent, monthly { throw ValidationError("--recurrent and --monthly exclude each other") }
    if monthly || recurrent, !criteria.isEmpty || pay != nil || (recurrent && absences != nil) {
      throw ValidationError(
        "--monthly and --recurrent print no definitions and no earnings (and --recurrent no absences): leave them out"
      )
    }
  }

  private func definition() throws -> EmploymentDefinition {
    if monthsWindow != nil, daysWindow != nil {
      throw ValidationError("--months-window and --days-window exclude each other")
    }
    for (name, value) in [
      ("--months-window", monthsWindow), ("--days-window", daysWindow), ("--sustained-days", sustainedDays),
    ] {
      if let value, !(1...36_525).contains(value) {
        throw ValidationError("\(name): found \(value), expected a whole number from 1 to 36525")
      }
    }
    guard fullWeekDefault > 0, fullWeekDefault <= 168 else {
      throw ValidationError("--full-week-default: found \(fullWeekDefault), expected hours between 0 and 168")
    }
    var extractDay: Int32?
    if let extractDate {
      guard let day = CalendarDay(iso: extractDate) else {
        throw ValidationError("--extract-date: found \"\(extractDate)\", expected a date YYYY-MM-DD")
      }
      extractDay = day.number
    }
    var definition = EmploymentDefinition(
      window: daysWindow.map { .days($0) } ?? .months(monthsWindow ?? 18), preExisting: preExisting,
      sustainedDays: sustainedDays, fullWeekDefault: fullWeekDefault,
      types: types?.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }.map(String.init),
      extractDay: extractDay)
    definition.absence = AbsenceRules(hours: absenceHours, days: absenceDays)
    return definition
  }
}

extension EmploymentDefinition.PreExisting: ExpressibleByArgument {}
extension EdgeMonths: ExpressibleByArgument {}
extension AbsenceRules.Hours: ExpressibleByArgument {}
extension AbsenceRules.Days: ExpressibleByArgument {}
