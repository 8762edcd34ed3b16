extension AnalysisPlan {
  /// A record of this analysis: its names are filled in, its numbers are not.
  func record(
    _ measure: Result.Measure, variant: Variant, of data: TrialFrames, group: String? = nil,
    contrast: String? = nil, term: String? = nil, time: Double? = nil
  ) -> Result {
    var record = Result(
      analysis: id.value, measure: measure, group: group, contrast: contrast, term: term, time: time)
    record.variant = variant.id
    record.outcome = outcome?.value
    record.population = variant.set.value
    record.estimand = estimand.flatMap { name in
      data.plan.estimands.first { $0.id == name.value }?.label.english
    }
    return record
  }

  /// The part of an analysis that has no variants, or its first.
  var only: Variant { variants[0] }
}

extension Result.Convention {
  /// The plan's rule for missing outcomes, as a convention of a record.
  static func missing(_ rule: AnalysisPlan.MissingOutcome) -> Result.Convention {
    let choice =
      switch rule {
      case .exclude: "excluded"
      case .nonEvent: "counted as without the event"
      case .event: "counted as with the event"
      case .multipleImputation: "imputed several times"
      }
    return Result.Convention("missing outcome", choice)
  }
}

extension TrialFrames {
  /// The comparisons of a trial: each arm against the control.
  var comparisons: [ArmComparison] {
    (1..<arms.count).map { ArmComparison(arm: $0, code: arms[$0], control: arms[0]) }
  }
}

/// One arm against the control arm.
struct ArmComparison: Sendable {
  /// The arm's place among the arms; the control's is 0.
  let arm: Int
  let code: String
  let control: String

  var difference: String { "\(code) - \(control)" }
  var ratio: String { "\(code) / \(control)" }
}
