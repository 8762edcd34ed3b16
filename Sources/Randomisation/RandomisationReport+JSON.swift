import Serialisation

extension RandomisationReport {
  /// The report as `hekta randomisation --format json` prints it.
  public var json: JSONValue {
    .object([
      .init("n", .integer(flow.randomised)),
      .init("arms", .array(arms.codes.indices.map(arm))),
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
