import ModelFormula
import Survival

/// The rows of several events of one person as a Cox model of recurrent events takes them (`--recurrent`).
struct RecurrentRequest {
  /// The times on the model's scale.
  let data: SurvivalData
  /// The persons, whose rows make the clusters of the sandwich.
  let persons: Grouping
  /// The event numbers, crossed with the strata of the formula; the formula's own for Andersen–Gill.
  let strata: Grouping?
  let conventions: [(String, String)]

  init(_ survival: SurvivalRequest, _ kind: SurvivalOptions.Recurrent, _ options: FitOptions) throws {
    guard let id = options.id else {
      throw FitRequestError.badValue(
        option: "--recurrent", value: kind.rawValue, expected: "--id VAR, the column that names the person")
    }
    guard options.cluster == nil, survival.frame.cluster == nil, options.robust == nil else {
      throw FitRequestError.badValue(
        option: "--recurrent", value: kind.rawValue,
        expected: "no --robust, --cluster or cluster(): the sandwich is by \(id)")
    }
    let frame = survival.frame
    persons = frame.grouping(id)
    let model = RecurrentEventModel(rawValue: kind.rawValue)!
    let data = survival.data
    let codes = persons.codes
    let rows = try survival.run(options) { () throws(SurvivalError) in
      try RecurrentEventRows(
        model, start: (0..<data.count).map { data.entry($0) ?? 0 },
        stop: (0..<data.count).map { data.time($0) }, event: data.cause.map { $0 != 0 }, person: codes,
        greatest: options.survival.greatestEvent)
    }
    self.data = try survival.run(options) { () throws(SurvivalError) in
      try SurvivalData(time: rows.stop, entry: rows.start, cause: data.cause)
    }
    if model == .andersenGill {
      strata = frame.strata
    } else {
      let last = rows.number.max() ?? 1
      let numbers = Grouping(
        variables: ["event number"], codes: rows.number.map { Int32($0 - 1) },
        values: (1...last).map { [$0 == options.survival.greatestEvent ? "\($0)+" : String($0)] })
      strata = frame.strata.map { Grouping.crossing([$0, numbers]) } ?? numbers
    }
    conventions = [
      ("recurrent events", Self.name(model)),
      ("time scale", model == .pwpGap ? "since the event before" : "since the start of follow-up"),
    ]
  }

  private static func name(_ model: RecurrentEventModel) -> String {
    switch model {
    case .andersenGill: "Andersen-Gill"
    case .pwpTotal: "Prentice-Williams-Peterson, total time"
    case .pwpGap: "Prentice-Williams-Peterson, gap time"
    }
  }
}
