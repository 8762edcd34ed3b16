import TrialData

/// How far the numbers of a rerun may stand from those published, by the kind of statistic.
public struct VerificationPlan: Sendable, Equatable {
  /// When two numbers count as the same.
  public enum Tolerance: Sendable, Equatable {
    /// Every bit.
    case exact
    /// They print alike, with the plan's rounding.
    case printed
    /// They differ by no more than this.
    case absolute(Double)
    /// They differ by no more than this part of the larger.
    case relative(Double)
  }

  /// For kinds that are not named.
  public var standard = Tolerance.printed
  /// By a measure (`hazard-ratio`) or by a field of a record (`p.value`).
  public var byKind: [String: Tolerance] = [:]

  public init() {}

  /// The fields of a record that a tolerance can be given for.
  public static let fields = [
    "estimate", "std.error", "df", "df2", "statistic", "p.value", "conf.low", "conf.high",
  ]

  /// The tolerance of a field of a record.
  ///
  /// A test's own numbers go by their field. Estimates, their errors and limits are in the unit of the measure and go by it
  /// first.
  public func tolerance(of field: String, measure: Result.Measure?) -> Tolerance {
    let isOfMeasure = ["estimate", "std.error", "conf.low", "conf.high"].contains(field)
    let own = isOfMeasure ? measure.flatMap { byKind[$0.rawValue] } : nil
    return own ?? byKind[field] ?? standard
  }

  /// True where the plan lets numbers of a kind print differently.
  public func isLoosened(_ field: String, measure: Result.Measure?) -> Bool {
    switch tolerance(of: field, measure: measure) {
    case .exact, .printed: false
    case .absolute, .relative: true
    }
  }
}

extension VerificationPlan {
  /// Reads the plan's `verify`.
  init(_ mapping: YAMLMapping) {
    self.init()
    let kinds = mapping.mapping("tolerance")
    mapping.finish()
    guard let kinds else { return }
    let names = Self.fields + Result.Measure.allCases.map(\.rawValue)
    for key in kinds.keys {
      guard let text = kinds.text(key.value) else { continue }
      guard let tolerance = Tolerance(text.value) else {
        kinds.faults.note(
          "found '\(text.value)'",
          expected: "exact, printed, a number, or a number and the word relative expected", at: text.place)
        continue
      }
      if key.value == "default" {
        standard = tolerance
      } else if names.contains(key.value) {
        byKind[key.value] = tolerance
      } else {
        kinds.faults.note(
          "unknown kind '\(key.value)'",
          expected: DataProblem.expectation(insteadOf: key.value, among: ["default"] + names), at: key.place)
      }
    }
  }
}

extension VerificationPlan.Tolerance {
  /// Reads `exact`, `printed`, `0.001` or `1e-6 relative`.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("exact", 1): self = .exact
    case ("printed", 1): self = .printed
    case (let number?, 1...2):
      guard let value = Double(String(number)), value >= 0, value.isFinite else { return nil }
      if words.count == 1 {
        self = .absolute(value)
      } else if words[1] == "relative" {
        self = .relative(value)
      } else {
        return nil
      }
    default: return nil
    }
  }
}
