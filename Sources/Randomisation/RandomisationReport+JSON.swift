import Probability
import Serialisation

extension RandomisationReport {
  /// The report as `hekta randomisation --format json` prints it.
  public var json: JSONValue {
    .object(members)
  }

  private var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      .init("n", .integer(flow.randomised)),
      .init("arms", .array(arms.codes.indices.map(arm))), .init("allocation", allocationJSON),
      .init("checks", .array(checks.map(Self.json))),
      .init("blocks", .array(blocks.map(json))),
      .init("balance", .array(balance.flatMap(json))),
      .init("omnibus", omnibusJSON),
      .init("flow", flowJSON),
      .init(
        "design",
        .object([
          .init("name", .string(design.rawValue)), .init("ratio", .string(arms.ratioText)),
          .init("blocks", .array(blockSizes.map { .integer($0) })), .init("draws", .integer(drawn.draws)),
          .init("seed", .integer(Int(seed))), .init("alpha", .number(levels.warning)),
          .init("alarm", .number(levels.failure)),
        ])),
    ]
    if !effects.isEmpty { members.append(.init("effects", .array(effects.map(json)))) }
    return members
  }

  private func json(_ effect: RandomisationEffect) -> JSONValue {
    let test = effect.test
    return .object([
      .init("outcome", .string(effect.outcome)), .init("contrast", .string(effect.contrast)),
      .init("method", .string("randomisation-test")), .init("n", test.map { .integer($0.n) } ?? .null),
      .init("estimate", Self.number(test?.estimate)), .init("p.value", Self.number(test?.pValue)),
      .init("conf.low", Self.number(test?.low)), .init("conf.high", Self.number(test?.high)),
      .init("conf.level", Self.number(test?.level)),
      .init("draws", test.map { .integer($0.draws) } ?? .null),
      .init("monte.carlo.error", Self.number(test?.pValueError)),
      .init("monte.carlo.error.low", Self.number(test?.lowError)),
      .init("monte.carlo.error.high", Self.number(test?.highError)),
    ])
  }

  /// Pearson's test of the numbers by arm, beside the exact one among the checks.
  private var allocationJSON: JSONValue {
    guard flow.randomised > 0 else { return .null }
    let statistic = AllocationRatio.pearson(counts, arms.shares)
    let df = Double(arms.count - 1)
    return .object([
      .init("method", .string("Pearson chi-squared")), .init("n", .integer(flow.randomised)),
      .init("statistic", .number(Optional(statistic))), .init("df", .number(Optional(df))),
      .init("p.value", .number(Optional(ChiSquared(df: df).cdf(statistic, tail: .upper)))),
    ])
  }

  private static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }

  private func arm(_ index: Int) -> JSONValue {
    .object([
      .init("arm", .string(arms.codes[index])), .init("n", .integer(counts[index])),
      .init("expected", .number(arms.shares[index] * Double(flow.randomised))),
    ])
  }

  private static func json(_ check: RandomisationCheck) -> JSONValue {
    .object([
      .init("id", .string(check.id.rawValue)), .init("status", .string(check.status.rawValue)),
      .init("statistic", number(check.statistic)), .init("df", number(check.df)),
      .init("p.value", number(check.pValue)), .init("rows", .array(check.rows.map { .integer($0) })),
      .init("message", .string(check.message)),
    ])
  }

  private func json(_ stratum: BlockStructure.Stratum) -> JSONValue {
    .object([
      .init("stratum", .string(stratum.name)),
      .init("sizes", .array(stratum.sizes.map { .integer($0) })),
      .init("complete", .integer(stratum.complete)),
      .init(
        "violations",
        .array(
          stratum.violations.map { violation in
            .object([
              .init("row", .integer(lines[violation.position])),
              .init("edit", .string(text(violation.edit))),
              .init("alternatives", .array(violation.alternatives.map { .integer(lines[$0]) })),
            ])
          })),
    ])
  }

  /// An edit in words.
  func text(_ edit: BlockStructure.Violation.Edit) -> String {
    edit.description(arms: arms.codes, lines: lines, strata: blocks.map(\.name))
  }

  /// One object a comparison.
  private func json(_ row: BalanceRow) -> [JSONValue] {
    contrasts.enumerated().map { index, contrast in
      .object([
        .init("variable", .string(row.variable)), .init("level", row.level.map { .string($0) } ?? .null),
        .init("contrast", .string(contrast)), .init("smd", Self.number(row.differences[index])),
        .init("n", .integer(row.summaries[arms.control].n + row.summaries[arms.others[index]].n)),
        .init("arms", .array(zip(arms.codes, row.summaries).map(Self.json))),
      ])
    }
  }

  private static func json(_ arm: String, _ summary: BalanceRow.Summary) -> JSONValue {
    switch summary {
    case .moments(let n, let mean, let sd):
      .object([
        .init("arm", .string(arm)), .init("n", .integer(n)), .init("mean", number(mean)),
        .init("sd", number(sd)),
      ])
    case .level(let n, let count):
      .object([
        .init("arm", .string(arm)), .init("n", .integer(n)), .init("count", .integer(count)),
        .init("share", n > 0 ? .number(Double(count) / Double(n)) : .null),
      ])
    }
  }

  private var omnibusJSON: JSONValue {
    guard let omnibus, let statistic = drawn.balance else { return .null }
    return .object([
      .init("method", .string("Hansen-Bowers d-squared")), .init("statistic", .number(omnibus.statistic)),
      .init("df", .integer(omnibus.df)), .init("p.value", .number(omnibus.pValue)),
      .init("n", .integer(omnibus.n)),
      .init(
        "rerandomisation",
        .object([
          .init("design", .string(design.rawValue)), .init("draws", .integer(drawn.draws)),
          .init("p.value", .number(statistic.upper)),
          .init("monte.carlo.error", .number(drawn.monteCarloError(statistic.upper))),
        ])),
    ])
  }

  private var flowJSON: JSONValue {
    .object([
      .init("rows", .integer(flow.rows)), .init("duplicates", .integer(flow.duplicates)),
      .init("withoutArm", .integer(flow.withoutArm)), .init("withUnknownArm", .integer(flow.withUnknownArm)),
      .init("randomised", .integer(flow.randomised)),
      .init(
        "arms",
        .array(
          arms.codes.indices.map { arm in
            .object([
              .init("arm", .string(arms.codes[arm])), .init("allocated", .integer(flow.allocated[arm])),
              .init(
                "outcomes",
                .array(
                  flow.outcomes.map { outcome in
                    .object([
                      .init("outcome", .string(outcome.name)), .init("known", .integer(outcome.known[arm])),
                      .init("missing", .integer(flow.allocated[arm] - outcome.known[arm])),
                    ])
                  })),
            ])
          })),
    ])
  }
}
