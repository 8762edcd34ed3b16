import ModelFormula

/// Participants and their spells as read from files: the input of `hekta derive employment`.
public struct EmploymentFiles: Sendable {
  /// The participants' file: identifiers as written, and the columns to pass through.
  public struct Participants: Sendable {
    let ids: KeyedTexts
    /// Day 0 of each.
    public let inclusion: [Int32]
    let further: [(name: String, texts: CodedTexts)]
    /// The line of the file each is on.
    public let lines: [Int]
  }

  /// Which files there are, and how those that may be left out are read.
  public struct Request: Sendable {
    public var participants: String
    public var spells: String
    public var definition: EmploymentDefinition
    /// Leave and furlough.
    public var absences: String?
    /// Monthly pay, and the name of its column of amounts.
    public var pay: (path: String, amount: String)?
    /// Names of columns that the output makes, which further columns must not have.
    public var outputNames: [String]

    public init(
      participants: String, spells: String, definition: EmploymentDefinition, absences: String? = nil,
      pay: (path: String, amount: String)? = nil, outputNames: [String] = EmploymentOutput.outcomeNames
    ) {
      self.participants = participants
      self.spells = spells
      self.definition = definition
      self.absences = absences
      self.pay = pay
      self.outputNames = outputNames
    }
  }

  public var participants: Participants
  public var spells: EmploymentSpells
  public var absences = EmploymentAbsences()
  public var pay: MonthlyPay?
  /// What deserves a second look.
  public var warnings: [DataProblem]

  /// Reads the files.
  ///
  /// The participants' file has `id` (distinct) and `inclusion_date`; the spells' `id`, `establishment`, `start`, `end` (empty
  /// where the spell still runs), `position_pct`, `full_time_hours` and `type`; that of absences `id`, `establishment`, `start`,
  /// `end`, `kind` (leave or furlough), `percent` and perhaps `paid`; that of pay `id`, `month` and the amounts. Dates are
  /// `YYYY-MM-DD`.
  ///
  /// - Throws: `DataError` with every problem of all files: a missing or repeated participant, a date that does not exist, an
  ///   end before the start, a participant who is not in the list, an open spell from after the extract date.
  public static func read(_ request: Request) throws(DataError) -> EmploymentFiles {
    var problems = ProblemList()
    let people = try DelimitedFile(path: request.participants)
    let jobs = try DelimitedFile(path: request.spells)
    let away = try request.absences.map { path throws(DataError) in try DelimitedFile(path: path) }
    let paid = try request.pay.map { pay throws(DataError) in try DelimitedFile(path: pay.path) }
    let roster = try ParticipantRoster(people, outputNames: request.outputNames, &problems)
    var reader = try SpellFileReader(jobs, roster: roster, definition: request.definition)
    let spells = reader.spells(&problems)
    var warnings = reader.warnings(inclusion: roster.inclusion)
    var absences = EmploymentAbsences()
    if let away {
      let read = try AbsenceFileReader(
        away, roster: roster, establishments: reader.establishments, definition: request.definition
      ).absences(spells: spells, &problems)
      absences = read.absences
      warnings += read.warnings
    }
    var pay: MonthlyPay?
    if let paid, let amount = request.pay?.amount {
      pay = try PayFileReader(paid, roster: roster, amount: amount).pay(&problems)
    }
    try problems.throwIfAny()
    return EmploymentFiles(
      participants: Participants(
        ids: roster.ids, inclusion: roster.inclusion,
        further: roster.further, lines: roster.lines),
      spells: spells, absences: absences, pay: pay, warnings: warnings)
  }
}
