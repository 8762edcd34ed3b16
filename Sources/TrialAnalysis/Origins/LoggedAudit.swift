import ModelFormula
import Randomisation
import TrialData

/// An audit of a randomisation: everything that a call of `hekta randomisation` needs to make it again.
public struct LoggedAudit: Sendable {
  /// The part of the analysis whose numbers it gives; nil where it is the analysis itself.
  public let variant: String?
  /// One row a participant, in the order of the participants' file: identifier, arm and every column that the audit reads.
  public let frame: DataFrame
  /// The arguments without the table: `["--id", "id", "--arm", "arm", …]`.
  public let arguments: [String]
  private let audit: RandomisationAudit
  private let roles: Roles

  /// The columns of the table by what they are to the audit.
  private struct Roles {
    var id = "id"
    var arm = "arm"
    var strata: [String]
    var baseline: [String]
    var outcomes: [String]
    var effects: [String]
    var minimisation: [String]
    var date: String?
    var baselineDate: String?
    var order: String?
  }

  init(
    _ records: AllocationRecords, _ audit: RandomisationAudit, design: RandomisationPlan,
    variant: String? = nil
  ) {
    self.audit = audit
    self.variant = variant
    let variables =
      records.strata + records.baseline + records.outcomes + records.effects + records.minimisation
    // The names of the plan may be those of the audit's own columns.
    func free(_ name: String) -> String { variables.contains { $0.name == name } ? free(name + "_") : name }
    roles = Roles(
      id: free("id"), arm: free("arm"), strata: records.strata.map(\.name),
      baseline: records.baseline.map(\.name),
      outcomes: records.outcomes.map(\.name), effects: records.effects.map(\.name),
      minimisation: records.minimisation.map(\.name),
      date: records.date.map { _ in free("randomised_on") },
      baselineDate: records.baselineDate.map { _ in free("measured_on") },
      order: records.order.map { _ in free("place") })
    var columns: [(name: String, column: Column)] = [
      (roles.id, .text(records.ids)), (roles.arm, .categorical(records.arms)),
    ]
    for variable in variables where !columns.contains(where: { $0.name == variable.name }) {
      columns.append((variable.name, variable.column))
    }
    if let name = roles.date { columns.append((name, .date(records.date!))) }
    if let name = roles.baselineDate { columns.append((name, .date(records.baselineDate!))) }
    if let name = roles.order { columns.append((name, .numeric(records.order!))) }
    frame = DataFrame(columns, rowCount: records.count)
    arguments = Self.arguments(roles, audit, design: design)
  }

  private static func arguments(
    _ roles: Roles, _ audit: RandomisationAudit, design: RandomisationPlan
  ) -> [String] {
    var arguments = ["--id", roles.id, "--arm", roles.arm]
    func add(_ option: String, _ names: [String]) {
      if !names.isEmpty { arguments += [option, names.joined(separator: ",")] }
    }
    if let arms = audit.arms {
      add("--arms", arms.codes)
      arguments += ["--control", arms.codes[arms.control], "--ratio", arms.ratioText]
    }
    add("--strata", roles.strata)
    add("--date", [roles.date].compactMap { $0 })
    add("--baseline-date", [roles.baselineDate].compactMap { $0 })
    add("--order", [roles.order].compactMap { $0 })
    add("--blocks", design.blocks.map(String.init))
    add("--baseline", roles.baseline)
    add("--outcomes", roles.outcomes)
    add("--effects", roles.effects)
    if !roles.effects.isEmpty, audit.level != 0.95 {
      arguments += ["--conf-level", audit.level.description]
    }
    if let kind = design.design { arguments += ["--design", kind.rawValue] }
    add("--minimise", roles.minimisation)
    if !roles.minimisation.isEmpty || design.design == .minimisation {
      arguments += ["--minimisation-probability", audit.minimisationProbability.description]
    }
    if let window = audit.window {
      let days = [window.lowerBound, window.upperBound].map { CalendarDay(number: $0).iso }
      arguments += ["--window", days.joined(separator: "..")]
    }
    return arguments + [
      "--draws", String(audit.draws), "--seed", String(audit.seed), "--alpha",
      audit.levels.warning.description,
      "--alarm", audit.levels.failure.description,
    ]
  }

  /// The audit of a table like `frame`, read back from a file.
  ///
  /// - Returns: nil where a column is not what it was.
  public func report(of table: DataFrame) -> RandomisationReport? {
    func texts(_ name: String) -> [String?]? {
      table[name].map { column in (0..<table.rowCount).map { AllocationRecords.text(column, $0) } }
    }
    func variables(_ names: [String]) -> [AllocationRecords.Variable] {
      names.compactMap { name in table[name].map { .init(name, $0) } }
    }
    func days(_ name: String?) -> [Int32]? {
      guard let name, let texts = texts(name) else { return nil }
      return texts.map { text in text.flatMap { CalendarDay(iso: $0)?.number } ?? Column.missingDay }
    }
    guard let ids = texts(roles.id), let arms = texts(roles.arm) else { return nil }
    var records = AllocationRecords(ids: ids, arms: arms, lines: Array(2..<(table.rowCount + 2)))
    records.strata = variables(roles.strata)
    records.baseline = variables(roles.baseline)
    records.outcomes = variables(roles.outcomes)
    records.effects = variables(roles.effects)
    records.minimisation = variables(roles.minimisation)
    records.date = days(roles.date)
    records.baselineDate = days(roles.baselineDate)
    if let name = roles.order, case .numeric(let places)? = table[name] { records.order = places }
    return audit.report(records)
  }
}
