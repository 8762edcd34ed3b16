import ModelFormula
import TrialData

extension TrialFrames {
  /// A binary outcome as 0 and 1, NaN where missing.
  ///
  /// The event is the plan's level; without one, the second level of two or the number 1.
  /// - Throws: `DataError` where the column is no binary variable or has no such level.
  func event(_ analysis: AnalysisPlan, file: String? = nil) throws(DataError) -> [Double] {
    guard let outcome = analysis.outcome else { return [] }
    let column = try column(outcome, file: file)
    switch column {
    case .numeric(let values):
      var target = 1.0
      if let event = analysis.event {
        guard let number = Double(event.value), number == 0 || number == 1 || values.contains(number) else {
          throw fault(
            "no '\(event.value)' in '\(outcome.value)', which holds numbers",
            expected: "one of its numbers expected", at: event.place)
        }
        target = number
      }
      if analysis.event == nil, values.contains(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) {
        throw fault(
          "'\(outcome.value)' has other values than 0 and 1", expected: "a value for 'event' expected",
          at: outcome.place)
      }
      return values.map { $0.isNaN ? .nan : $0 == target ? 1 : 0 }
    case .categorical(let codes, let levels):
      let target: Int
      if let event = analysis.event {
        guard let index = levels.firstIndex(of: event.value) else {
          throw fault(
            "'\(event.value)' is no level of '\(outcome.value)'",
            expected: DataProblem.expectation(insteadOf: event.value, among: levels), at: event.place)
        }
        target = index
      } else {
        guard levels.count == 2 else {
          throw fault(
            "'\(outcome.value)' has \(levels.count) levels",
            expected: "two, or a value for 'event', expected",
            at: outcome.place)
        }
        target = 1
      }
      return codes.map { $0 < 0 ? .nan : Int($0) == target ? 1 : 0 }
    case .date, .text:
      throw fault(
        "'\(outcome.value)' holds dates or texts", expected: "two levels expected", at: outcome.place)
    }
  }

  /// A numeric outcome, NaN where missing.
  func numbers(_ name: Placed<String>, file: String? = nil) throws(DataError) -> [Double] {
    guard case .numeric(let values) = try column(name, file: file) else {
      throw fault("'\(name.value)' does not hold numbers", expected: "numbers expected", at: name.place)
    }
    return values
  }

  /// An error that points into the plan.
  func fault(_ found: String, expected: String, at place: YAMLPlace) -> DataError {
    DataError([DataProblem(file: plan.file, place: place, found: found, expected: expected)])
  }
}

extension AnalysisPlan.MissingOutcome {
  /// The outcome of a participant by the rule: as it is where known; NaN leaves the participant out.
  func applied(to value: Double) -> Double {
    guard value.isNaN else { return value }
    return switch self {
    case .exclude, .multipleImputation: .nan
    case .nonEvent: 0
    case .event: 1
    }
  }
}
