import ArgumentParser
import ModelFormula
import Randomisation
import Reruns
import TrialData

/// `hekta randomisation --data P.csv --id id --arm arm …`: audits the allocations that a trial actually made.
struct RandomisationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "randomisation",
    abstract:
      "Audits a randomisation: rows, numbers, order, blocks, predictability, balance, missing outcomes.",
    discussion: """
      Statistics are held against draws of the same design. Exit codes: 0 ok · 3 a check failed under --strict · 65 bad data.

      Example:
        hekta randomisation --data participants.csv --id id --arm arm --arms IPS,control --strata unit \\
          --date inclusion_date --baseline age,sex --seed 1
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  @Option(help: ArgumentHelp("The CSV file with one row a participant.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The column of the participant's identifier.", valueName: "column"))
  var id: String

  @Option(help: ArgumentHelp("The column of the arm.", valueName: "column"))
  var arm: String

  @Option(
    help: ArgumentHelp("The arms' codes, such as IPS,control (those of the data, sorted).", valueName: "a,b"))
  var arms: String?

  @Option(help: ArgumentHelp("The planned ratio in the order of the arms.", valueName: "1:1"))
  var ratio: String?

  @Option(
    help: ArgumentHelp(
      "The arm that others are compared with (the last of --arms; without it, the first code).",
      valueName: "arm"))
  var control: String?

  @Option(help: ArgumentHelp("The columns that the randomisation was stratified by.", valueName: "a,b"))
  var strata: String?

  @Option(help: ArgumentHelp("The column of the date of randomisation.", valueName: "column"))
  var date: String?

  @Option(help: ArgumentHelp("The column of the date of the baseline measurement.", valueName: "column"))
  var baselineDate: String?

  @Option(help: ArgumentHelp("The column that orders the list (the file's own order).", valueName: "column"))
  var order: String?

  @Option(help: ArgumentHelp("Block sizes: auto (inferred from the list), 4, or 4,6.", valueName: "sizes"))
  var blocks = "auto"

  @Option(help: ArgumentHelp("Baseline variables whose balance is described and tested.", valueName: "a,b,c"))
  var baseline: String?

  @Option(help: ArgumentHelp("Outcomes whose missing values are compared.", valueName: "a,b"))
  var outcomes: String?

  @Option(
    help: ArgumentHelp(
      "Outcomes whose differences of means are tested under draws of the design, with limits.",
      valueName: "a,b"))
  var effects: String?

  @Option(help: "The confidence level of the effects' limits, between 0 and 1.")
  var confLevel = 0.95

  @Option(
    help: ArgumentHelp(
      "How allocations were drawn: auto, simple, complete, stratified, permuted-block or minimisation.",
      valueName: "design"))
  var design = "auto"

  @Option(help: ArgumentHelp("The factors of the minimisation (the strata).", valueName: "a,b"))
  var minimise: String?

  @Option(help: ArgumentHelp("The probability of the best-balancing arm under minimisation.", valueName: "p"))
  var minimisationProbability = 0.8

  @Option(help: ArgumentHelp("How many times the design is drawn again.", valueName: "number"))
  var draws = 10_000

  @Option(help: ArgumentHelp("The seed of the draws.", valueName: "number"))
  var seed = 1

  @Option(
    help: ArgumentHelp(
      "When participants could be randomised, such as 2020-03-01..2022-02-28.", valueName: "from..to"))
  var window: String?

  @Option(help: ArgumentHelp("p-values up to this are a warning.", valueName: "p"))
  var alpha = 0.05

  @Option(help: ArgumentHelp("p-values up to this are a failed check.", valueName: "p"))
  var alarm = 0.001

  @Flag(help: "End with exit code 3 where a check fails.")
  var strict = false

  @Option(help: "The form of the result.")
  var format = Format.text

  @Option(help: ArgumentHelp("Write the result to a file instead of standard output.", valueName: "file"))
  var out: String?

  @OptionGroup(title: "Data") var reading: DataOptions

  func run() throws {
    var audit = RandomisationAudit()
    try apply(to: &audit)
    let table = try DataLoading.reportingProblems(in: data, of: DataFrame([])) {
      var table = try DataLoading.table(at: data, reading: reading, columns: columns)
      if let filter = reading.filter {
        let keep = try table.truth(of: Expression(parsing: filter))
        table = table.selecting(rows: keep.indices.filter { keep[$0] == 1 })
      }
      return table
    }
    let reader = AllocationTable(table: table, file: data)
    var records = AllocationRecords(
      ids: try reader.texts(id, option: "--id"), arms: try reader.texts(arm, option: "--arm"),
      lines: reader.lines)
    records.strata = try reader.variables(strata, option: "--strata")
    records.baseline = try reader.variables(baseline, option: "--baseline")
    records.outcomes = try reader.variables(outcomes, option: "--outcomes")
    records.effects = try reader.numbers(effects, option: "--effects")
    records.minimisation = try reader.variables(minimise, option: "--minimise")
    records.date = try date.map { try reader.days($0, option: "--date") }
    records.baselineDate = try baselineDate.map { try reader.days($0, option: "--baseline-date") }
    records.order = try order.map { try reader.order($0, option: "--order") }
    if audit.design == .minimisation, records.minimisation.isEmpty, records.strata.isEmpty {
      throw CommandFailure(.usage, "--design minimisation needs its factors: --minimise or --strata")
    }
    let found = Set(records.arms.compactMap { $0 })
    if let declared = audit.arms {
      guard found.contains(where: declared.codes.contains) else {
        throw CommandFailure(.usage, "--arms: no row has any of \(declared.codes.joined(separator: ", "))")
      }
    } else {
      try applyArms(
        of: found.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }, to: &audit)
    }
    try checkBlocks(audit)
    let report = audit.report(records)
    let text =
      switch format {
      case .text: report.text
      case .json: report.json.text(indented: true)
      case .markdown: report.markdown
      }
    try Output.write(text, to: out)
    if strict, !report.failed.isEmpty {
      throw CommandFailure(
        .checkFailed, "failed: " + report.failed.map(\.id.rawValue).joined(separator: ", "))
    }
  }

  // MARK: Options

  private func apply(to audit: inout RandomisationAudit) throws {
    guard draws >= 99 else {
      throw CommandFailure(.usage, "--draws: found \(draws), expected a number from 99")
    }
    guard seed >= 0 else { throw CommandFailure(.usage, "--seed: found \(seed), expected a number from 0") }
    guard alpha > 0, alpha < 1, alarm > 0, alarm <= alpha else {
      throw CommandFailure(.usage, "--alpha and --alarm: expected 0 < alarm ≤ alpha < 1")
    }
    guard minimisationProbability > 0, minimisationProbability <= 1 else {
      throw CommandFailure(.usage, "--minimisation-probability: expected a number above 0, at most 1")
    }
    guard confLevel > 0, confLevel < 1 else {
      throw CommandFailure(.usage, "--conf-level: found \(confLevel), expected a number between 0 and 1")
    }
    audit.level = confLevel
    audit.draws = draws
    audit.seed = UInt64(seed)
    audit.threads = RunRecord.cores
    audit.levels = CheckLevels(warning: alpha, failure: alarm)
    audit.minimisationProbability = minimisationProbability
    if design != "auto" {
      guard let known = AllocationDesign(rawValue: design) else {
        let names = ["auto"] + AllocationDesign.allCases.map(\.rawValue)
        throw CommandFailure(
          .usage, "--design: found \"\(design)\", expected one of \(names.joined(separator: ", "))")
      }
      audit.design = known
    }
    if blocks != "auto" {
      let sizes = Self.list(blocks).map { Int($0) ?? 0 }
      guard sizes.allSatisfy({ $0 > 1 }), !sizes.isEmpty else {
        throw CommandFailure(.usage, "--blocks: found \"\(blocks)\", expected auto, 4, or sizes such as 4,6")
      }
      guard audit.design == nil || audit.design == .permutedBlock else {
        throw CommandFailure(.usage, "--blocks has no meaning under --design \(design)")
      }
      audit.blocks = .declared(sizes)
    }
    if let window { audit.window = try Self.window(window) }
    if let arms { try applyArms(of: Self.list(arms), to: &audit) }
  }

  private func applyArms(of codes: [String], to audit: inout RandomisationAudit) throws {
    guard codes.count > 1, Set(codes).count == codes.count, codes.count < 100 else {
      throw CommandFailure(
        arms == nil ? .badData : .usage,
        arms == nil
          ? "\(data): the column \"\(arm)\" has \(codes.count) arms, expected 2 to 99"
          : "--arms: found \"\(arms!)\", expected two or more different codes")
    }
    var parts: [Double]?
    if let ratio {
      let numbers = ratio.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
      guard numbers.count == codes.count, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw CommandFailure(
          .usage,
          "--ratio: found \"\(ratio)\", expected \(codes.count) positive numbers such as "
            + codes.map { _ in "1" }.joined(separator: ":"))
      }
      parts = numbers
    }
    var place = arms == nil ? 0 : codes.count - 1
    if let control {
      guard let index = codes.firstIndex(of: control) else {
        throw CommandFailure(
          .usage, "--control: found \"\(control)\", expected one of \(codes.joined(separator: ", "))")
      }
      place = index
    }
    let made = TrialArms(codes, ratio: parts, control: place)
    // Codes taken from the data are not declared: nothing can then be an unknown arm.
    if arms == nil { audit.observedArms = made } else { audit.arms = made }
  }

  private func checkBlocks(_ audit: RandomisationAudit) throws {
    guard case .declared(let sizes) = audit.blocks, let made = audit.arms ?? audit.observedArms else {
      return
    }
    guard let unit = made.blockUnit else {
      throw CommandFailure(.usage, "--blocks: no block holds the ratio \(made.ratioText)")
    }
    if let odd = sizes.first(where: { $0 % unit != 0 }) {
      throw CommandFailure(
        .usage, "--blocks: found \(odd), expected multiples of \(unit) for the ratio \(made.ratioText)")
    }
  }

  private static func window(_ text: String) throws -> ClosedRange<Int32> {
    let fields = text.split(separator: ".", omittingEmptySubsequences: true).map { CalendarDay(iso: $0) }
    guard text.contains(".."), fields.count == 2, let from = fields[0], let to = fields[1], from <= to else {
      throw CommandFailure(
        .usage, "--window: found \"\(text)\", expected two dates such as 2020-03-01..2022-02-28")
    }
    return from.number...to.number
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0).trimmingBlanks }
  }

  /// The columns that the options and the filter name.
  private var columns: DataLoading.ColumnUse {
    let lists = [strata, baseline, outcomes, effects, minimise].compactMap { $0 }.flatMap(Self.list)
    let names = [id, arm] + lists + [date, baselineDate, order].compactMap { $0 }
    return DataLoading.columns(formulas: [], conditions: [reading.filter].compactMap { $0 }, names: names)
  }
}
