import ModelFormula

extension TrialFrames {
  /// A binary outcome as 0 and 1, NaN where missing.
  ///
  /// The event is the plan's level; without one, the second level of two or the number 1.
  /// - Throws: `PlanError` where the column is no binary variable or has no such level.
  func event(_ analysis: AnalysisPlan, file: String? = nil) throws(PlanError) -> [Double] {
    guard let outcome = analysis.outcome else { return [] }
    let column = try column(outcome, file: file)
    switch column {
    case .numeric(let values):
      let target = analysis.event.flatMap { Double($0.value) } ?? 1
      if analysis.event == nil, let odd = values.first(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) {
        throw problem(
          "the outcome \"\(outcome.value)\" has values such as \(odd), expected 0 and 1, or the key \"event\"",
          at: outcome.position)
      }
      return values.map { $0.isNaN ? .nan : $0 == target ? 1 : 0 }
    case .categorical(let codes, let levels):
      let target: Int
      if let event = analysis.event {
        guard let index = levels.firstIndex(of: event.value) else {
          throw problem(
            "\"\(event.value)\" is no level of \"\(outcome.value)\"; the levels are \(levels.joined(separator: ", "))",
            at: event.position)
        }
        target = index
      } else {
        guard levels.count == 2 else {
          throw problem(
            "\"\(outcome.value)\" has \(levels.count) levels, expected two, or the key \"event\"",
            at: outcome.position)
        }
        target = 1
      }
      return codes.map { $0 < 0 ? .nan : Int($0) == target ? 1 : 0 }
    case .date, .text:
      throw problem("\"\(outcome.value)\" holds dates or texts, expected two levels", at: outcome.position)
    }
  }

  /// A numeric outcome, NaN where missing.
  func numbers(_ name: Located<String>, file: String? = nil) throws(PlanError) -> [Double] {
    guard case .numeric(let values) = try column(name, file: file) else {
      throw problem("\"\(name.value)\" does not hold numbers", at: name.position)
    }
    return values
  }

  /// An error that points into the plan.
  func problem(_ message: String, at position: PlanPosition) -> PlanError {
    PlanError(file: plan.file, problems: [.init(message, at: position)])
  }
}

extension AnalysisPlan.MissingOutcome {
  /// The outcome of a participant by the rule: as it is where known; NaN leaves the participant out.
  func applied(to value: Double) -> Double {
    guard value.isNaN else { return value }
    return switch self {
    case .exclude: .nan
    case .nonEvent: 0
    case .event: 1
    }
  }
}
