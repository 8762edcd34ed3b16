import ArgumentParser
import ModelFormula
import TrialData

/// `hekta derive …`: from raw exports to analysis variables.
struct DeriveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "derive", abstract: "Makes analysis variables from raw exports.",
    subcommands: [DeriveEmploymentCommand.self, DeriveScoresCommand.self])
}

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
      days_to_first_job, sustained, pre_existing, flags.
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

  @Flag(
    help:
      "One row a stretch between job starts (id, start, stop, event, number, jobs) instead, for models of recurrent jobs."
  )
  var recurrent = false

  @Option(help: "The form of the table.")
  var format = Format.csv

  @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var out: String?

  func run() throws {
    let definition = try definition()
    let files = try EmploymentFiles.read(participants: participants, spells: spells, definition: definition)
    if recurrent {
      let output = RecurrentJobOutput(files, definition: definition)
      try PersonLevelOutput.write(
        format == .csv ? output.csv : Array(output.json.text(indented: true).utf8), to: out)
      for warning in files.warnings { Terminal.note("warning: \(warning)") }
      return
    }
    let outcomes = EmploymentDerivation(definition).outcomes(
      inclusion: files.participants.inclusion, spells: files.spells)
    let output = EmploymentOutput(participants: files.participants, outcomes: outcomes)
    try PersonLevelOutput.write(
      format == .csv ? output.csv : Array(output.json.text(indented: true).utf8), to: out)
    for warning in files.warnings { Terminal.note("warning: \(warning)") }
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
    return EmploymentDefinition(
      window: daysWindow.map { .days($0) } ?? .months(monthsWindow ?? 18), preExisting: preExisting,
      sustainedDays: sustainedDays, fullWeekDefault: fullWeekDefault,
      types: types?.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }.map(String.init),
      extractDay: extractDay)
  }
}

extension EmploymentDefinition.PreExisting: ExpressibleByArgument {}

/// Where tables with one row a person go: standard output, or a file that its owner alone may read.
enum PersonLevelOutput {
  static func write(_ bytes: [UInt8], to path: String?) throws {
    guard let path else {
      Terminal.print(bytes)
      return
    }
    try AtomicOutput.write(bytes, to: path)
  }
}

/// `hekta derive scores`: a file with the scores of its codebook's scales.
struct DeriveScoresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scores",
    abstract: "Adds the scores of a codebook's scales to a file.",
    discussion: """
      A scale is described in the codebook under its file: an instrument (\
      \(Instrument.allCases.map(\.rawValue).joined(separator: ", "))) with its item columns, or score, items, range, \
      reversed, minimum-answered, bands and cut-offs. The file's own columns come out as written, then for each scale the \
      score, the number of answered items, the band and the cut-offs.
      """)

  @Option(help: ArgumentHelp("The CSV file.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The codebook that describes it.", valueName: "file"))
  var codebook: String

  @Flag(help: "Name the values that the codebook does not allow. They are persons' data.")
  var showValues = false

  @Option(help: "The form of the table.")
  var format = DeriveEmploymentCommand.Format.csv

  @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var out: String?

  func run() throws {
    let table = try ScoreTable(path: data, codebook: Codebook(path: codebook), showValues: showValues)
    try PersonLevelOutput.write(
      format == .csv ? table.csv : Array(table.json.text(indented: true).utf8), to: out)
    for warning in table.warnings { Terminal.note("warning: \(warning)") }
  }
}
