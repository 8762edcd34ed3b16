import Inference
import ModelFormula
import Serialisation
import Survival

extension ModelCatalogue {
  /// `hekta fit mcf`: the mean cumulative function of recurrent events (R `survfit(…, id = )$cumhaz`, `reda::mcf`).
  static let meanCumulative = Entry(
    "mcf", "mean cumulative number of recurrent events, robust limits", fit: MeanCumulativeReport.make)
}

/// From a request to the mean cumulative function of each group, and its differences and ratios at stated times.
enum MeanCumulativeReport {
  @Sendable static func make(_ request: ModelRequest) throws -> ModelReport {
    let options = request.options
    try options.allow([.times, .id], timeRows: true, for: "mcf")
    guard let id = options.id else {
      throw FitRequestError.badValue(
        option: "--id", value: "none", expected: "the column that names the person of each row")
    }
    let survival = try SurvivalRequest(request, model: "mcf", groupings: [id], taking: [.strata])
    let persons = survival.frame.grouping(id)
    let groups = try survival.frame.parts[0].grouping()
    try check(persons, groups, id)
    let curves = MeanCumulativeEstimator().fit(
      survival.data, person: persons.codes, personCount: persons.count, group: groups?.codes,
      groupCount: groups?.count ?? 1)
    var report = survival.report
    report.conventions += [
      ("variance", "Lawless-Nadeau, by \(id)"), ("limits", "log"), ("differences", "plain limits"),
    ]
    report.fit = [
      .init("persons", .integer(persons.count)), .init("events", .integer(survival.data.eventCount)),
    ]
    let labels = groups?.labels ?? ["all"]
    report.sections.append(
      .init(
        "strata",
        .array(
          labels.indices.map { number in
            stratum(labels[number], curves[number], options) { time in
              atRisk(time, survival.data, persons) { row in
                groups.map { Int($0.codes[row]) == number } ?? true
              }
            }
          })))
    if curves.count > 1, !options.times.isEmpty {
      report.sections.append(.init("contrasts", .array(contrasts(labels, curves, options))))
    }
    return report
  }

  private static func check(_ persons: Grouping, _ groups: Grouping?, _ id: String) throws {
    guard let groups else { return }
    var group = [Int32](repeating: -1, count: persons.count)
    for (person, code) in zip(persons.codes, groups.codes) {
      if group[Int(person)] >= 0, group[Int(person)] != code {
        throw FitRequestError.notEstimable(
          "mcf compares groups of persons, but rows of one \(id) are in different groups")
      }
      group[Int(person)] = code
    }
  }

  /// The persons under observation just before a time; at 0 those observed from it on.
  private static func atRisk(
    _ time: Double, _ data: SurvivalData, _ persons: Grouping, of isOwn: (Int) -> Bool
  ) -> Int {
    var seen: Set<Int32> = []
    for row in data.timeRank.indices where isOwn(row) {
      let start = data.entryRank.map { data.distinctTimes[Int($0[row])] } ?? 0
      let isAtRisk =
        time == 0 ? start <= 0 : start < time && data.distinctTimes[Int(data.timeRank[row])] >= time
      if isAtRisk { seen.insert(persons.codes[row]) }
    }
    return seen.count
  }

  private static func stratum(
    _ label: String, _ curve: MeanCumulativeFunction, _ options: FitOptions, atRisk: (Double) -> Int
  ) -> JSONValue {
    func point(_ time: Double, _ estimate: Double, _ error: Double) -> [JSONValue.Member] {
      let limits = MeanCumulativeFunction.limits(estimate, error, level: options.confidenceLevel)
      return [
        .init("time", .number(Optional(time))), .init("mcf", .number(Optional(estimate))),
        .init("std.err", .number(Optional(error))), .init("conf.low", .number(Optional(limits.low))),
        .init("conf.high", .number(Optional(limits.high))),
      ]
    }
    var members: [JSONValue.Member] = [
      .init("stratum", .string(label)), .init("n", .integer(curve.persons)),
      .init("events", .number(Optional(curve.events.reduce(0, +)))),
      .init(
        "curve",
        .array(
          curve.time.indices.map { j in
            .object(
              point(curve.time[j], curve.estimate[j], curve.standardError[j]) + [
                .init("n.risk", .number(Optional(curve.atRisk[j]))),
                .init("n.event", .number(Optional(curve.events[j]))),
              ])
          })),
    ]
    members += options.atTimes { time in
      let at = curve.at(time)
      return .object(
        point(time, at.estimate, at.standardError) + [.init("n.risk", .integer(atRisk(time)))]
          + (at.isBeyond ? [.init("beyond", true)] : []))
    }
    return .object(members)
  }

  private static func contrasts(
    _ labels: [String], _ curves: [MeanCumulativeFunction], _ options: FitOptions
  ) -> [JSONValue] {
    let level = options.confidenceLevel
    return zip(labels, curves).dropFirst().flatMap { label, curve in
      options.times.sorted().flatMap { time in
        [
          ("difference", MeanCumulativeFunction.difference(curve, minus: curves[0], at: time, level: level)),
          ("ratio", MeanCumulativeFunction.ratio(curve, over: curves[0], at: time, level: level)),
        ].map { name, row in
          [
            "contrast": .string(name), "group": .string(label), "reference": .string(labels[0]),
            "time": .number(Optional(time)), "estimate": .number(row.estimate),
            "std.error": .number(row.standardError), "statistic": .number(row.statistic),
            "p.value": .number(row.pValue), "conf.low": .number(row.low), "conf.high": .number(row.high),
          ]
        }
      }
    }
  }
}
