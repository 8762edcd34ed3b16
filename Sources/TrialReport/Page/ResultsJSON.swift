import Serialisation
import TrialAnalysis

extension AnalysisRun {
  /// Every record of the run as the contract's `results.json`: names and order fixed, numbers unrounded.
  ///
  /// Suppressed records keep their names and lose their numbers.
  public func resultsJSON() -> JSONValue {
    .object([
      .init("trial", .string(trial)),
      .init("simulated", .bool(isSimulated)),
      .init("plan", ["sha256": .string(planSHA256)]),
      .init(
        "inputs",
        .array(inputs.map(\.json))),
      .init("software", ["name": "hekta", "version": .string(softwareVersion)]),
      .init("results", .array(results.map(\.json))),
    ])
  }
}

extension AnalysisRun.Input {
  /// The file, and how many of its rows share the quasi-identifiers where the codebook names some.
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("file", .string(file)), .init("sha256", .string(sha256)), .init("rows", .integer(rows)),
    ]
    if let anonymity {
      members.append(
        .init(
          "kAnonymity",
          [
            "columns": .strings(anonymity.columns), "k": .integer(anonymity.smallest),
            "alone": .integer(anonymity.alone), "belowFloor": .integer(anonymity.belowFloor),
            "floor": .integer(anonymity.floor),
          ]))
    }
    return .object(members)
  }
}

extension Result {
  /// The record with the names of the contract; a number that is not there is null.
  public var json: JSONValue {
    let hidden = isSuppressed
    func number(_ value: Double?) -> JSONValue { hidden ? .null : .number(value) }
    func integer(_ value: Int?) -> JSONValue { hidden ? .null : value.map { .integer($0) } ?? .null }
    var members: [JSONValue.Member] = [
      .init("id", .string(id)),
      .init("analysis", .string(analysis)),
      .init("variant", .string(variant)),
      .init("estimand", .string(estimand)),
      .init("outcome", .string(outcome)),
      .init("population", .string(population)),
      .init("method", .string(method)),
      .init("formula", .string(formula)),
      .init("measure", .string(measure.rawValue)),
      .init("group", .string(group)),
      .init("contrast", .string(contrast)),
      .init("term", .string(term)),
      .init("time", .number(time)),
      .init("estimate", number(estimate)),
      .init("std.error", number(standardError)),
      .init("df", number(df)),
      .init("df2", number(df2)),
      .init("statistic", number(statistic)),
      .init("p.value", number(pValue)),
      .init("conf.low", number(low)),
      .init("conf.high", number(high)),
      .init("conf.level", .number(level)),
      .init("n", integer(n)),
      .init("events", integer(events)),
      .init("dropped", integer(dropped)),
      .init("droppedReason", .string(droppedReason)),
      .init("status", .string(status.rawValue)),
      .init("warnings", .strings(warnings)),
    ]
    members.append(
      .init("conventions", .object(conventions.sorted().map { .init($0.name, .string($0.choice)) })))
    if let also {
      members.append(
        .init(
          "also",
          .object([
            .init("profile", .string(also.profile.rawValue)), .init("estimate", number(also.estimate)),
            .init("std.error", number(also.standardError)), .init("df", number(also.df)),
            .init("statistic", number(also.statistic)), .init("p.value", number(also.pValue)),
            .init("conf.low", number(also.low)), .init("conf.high", number(also.high)),
            .init(
              "conventions", .object(also.conventions.sorted().map { .init($0.name, .string($0.choice)) })),
          ])))
    }
    members.append(.init("suppressed", .bool(hidden)))
    return .object(members)
  }
}
