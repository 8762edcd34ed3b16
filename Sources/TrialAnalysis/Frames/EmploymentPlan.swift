import ModelFormula
import TrialData

/// How a plan makes employment outcomes from a file of spells; the options of `hekta derive employment`.
///
/// The participants gain `employed`, `days_worked`, `hours`, `jobs`, `longest_job_days`, `days_to_first_job`, `sustained`,
/// `pre_existing`, and `window_days`, the length of the window; `earnings` where pay is named, `leave_share` and
/// `furlough_share` where absences are; and `employed_` with a definition's name behind for each of the definitions.
public struct EmploymentPlan: Sendable, Equatable {
  /// One of several definitions of having been employed.
  public struct Definition: Sendable, Equatable {
    public var id: Placed<String>
    public var label: Label
    public var conditions: [EmploymentCriterion.Condition]
    /// The types of job that count by this definition, where they are others.
    public var types: [Placed<String>]?
    public var preExisting: EmploymentDefinition.PreExisting?
    public var absentDays: AbsenceRules.Days?

    public var criterion: EmploymentCriterion {
      EmploymentCriterion(id: id.value, conditions: conditions)
    }
  }

  /// Where pay by month is.
  public struct Pay: Sendable, Equatable {
    public var file: Placed<String>
    public var amount: Placed<String>
    public var month: Placed<String>
    public var edges: EdgeMonths
    /// What the variable is called.
    public var label: Label?
  }

  /// Where leave and furlough are, with the columns establishment, start, end, kind, percent and perhaps paid.
  public struct Absences: Sendable, Equatable {
    public var file: Placed<String>
    public var rules: AbsenceRules
  }

  /// A file of employment by month, made for analyses to name.
  public struct Monthly: Sendable, Equatable {
    public var name: Placed<String>
    public var atLeast: Int
  }

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
  public var definitions: [Definition] = []
  public var pay: Pay?
  public var absences: Absences?
  public var monthly: Monthly?
}

extension EmploymentPlan {
  /// Reads the keys under `employment`.
  init(_ mapping: YAMLMapping) {
    spells = mapping.required("spells")
    inclusionDate = mapping.required("inclusion-date")
    preExisting = mapping.choice("pre-existing", EmploymentDefinition.PreExisting.self) ?? .exclude
    sustainedDays = mapping.integer("sustained-days", atLeast: 1) ?? 91
    fullWeekDefault = mapping.number("full-week-default") ?? 37.5
    types = mapping.names("types")
    extractDate = mapping.text("extract-date")
    definitions = Self.definitions(mapping)
    pay = mapping.mapping("pay").map { pay in
      defer { pay.finish() }
      _ = pay.required("edges")
      return Pay(
        file: pay.required("data"), amount: pay.required("amount"), month: pay.required("month"),
        edges: pay.choice("edges", EdgeMonths.self) ?? .whole,
        label: pay.label("label"))
    }
    absences = mapping.mapping("absences").map { absences in
      defer { absences.finish() }
      return Absences(
        file: absences.required("data"),
        rules: AbsenceRules(
          hours: absences.choice("hours", AbsenceRules.Hours.self) ?? .unpaid,
          days: absences.choice("days", AbsenceRules.Days.self) ?? .employed))
    }
    monthly = mapping.mapping("monthly").map { monthly in
      defer { monthly.finish() }
      return Monthly(
        name: monthly.required("data"), atLeast: monthly.integer("at-least-days", atLeast: 1) ?? 1)
    }
    if pay == nil, let definition = definitions.first(where: \.criterion.needsEarnings) {
      mapping.faults.note(
        "the definition '\(definition.id.value)' asks for earnings", expected: "a value for 'pay' expected",
        at: definition.id.place)
    }
    mapping.finish()
  }

  private static func definitions(_ mapping: YAMLMapping) -> [Definition] {
    var definitions: [Definition] = []
    for part in mapping.mappings("definitions") {
      let id = part.required("id")
      if !EmploymentCriterion.isName(id.value), !id.value.isEmpty {
        part.faults.note(
          "found '\(id.value)'", expected: "the letters a to z, digits, - and _ expected", at: id.place)
      }
      if definitions.contains(where: { $0.id.value == id.value }) {
        part.faults.note(
          "the definition '\(id.value)' twice", expected: "distinct ids expected", at: id.place)
      }
      definitions.append(
        Definition(
          id: id, label: part.label("label") ?? Label(id.value), conditions: conditions(part),
          types: part.has("types") ? part.names("types") : nil,
          preExisting: part.choice("pre-existing", EmploymentDefinition.PreExisting.self),
          absentDays: part.choice("absent-days", AbsenceRules.Days.self)))
      part.finish()
    }
    return definitions
  }

  /// The bounds under `at-least`; at least one day where there are none.
  private static func conditions(_ part: YAMLMapping) -> [EmploymentCriterion.Condition] {
    guard let bounds = part.mapping("at-least") else { return [.init(.days, atLeast: 1)] }
    defer { bounds.finish() }
    return EmploymentCriterion.Measure.allCases.compactMap { measure in
      guard let bound = bounds.number(measure.rawValue) else { return nil }
      let condition = EmploymentCriterion.Condition(measure, atLeast: bound)
      if let fault = condition.fault {
        part.faults.note(fault.found, expected: fault.expected, at: bounds.place(of: measure.rawValue))
      }
      return condition
    }
  }
}
