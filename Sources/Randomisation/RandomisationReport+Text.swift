import Serialisation

extension RandomisationReport {
  /// The report for a terminal: who was randomised, the checks, what they point at, balance.
  public var text: String {
    var out =
      "\(flow.randomised) randomised (\(numbers(counts)) for \(arms.ratioText)), design \(designText)\n"
    out += "\(drawn.draws) draws of the design, seed \(seed); "
    out += "warnings up to p = \(levels.warning), failures up to \(levels.failure)\n\n"
    out += checkTable.plain
    if let table = violationTable { out += "\nEdits that make the list fit its blocks\n" + table.plain }
    if let table = balanceTable {
      out += "\nBalance at baseline\n" + table.plain + BalanceTable.formula + "\n"
    }
    if let line = omnibusLine { out += line + "\n" }
    if let table = effectTable { out += "\nDifferences of means under draws of the design\n" + table.plain }
    return out
  }

  /// The report in Markdown.
  public var markdown: String {
    var out = "# Audit of the randomisation\n\n\(flow.randomised) randomised (\(numbers(counts)) for "
    out += "\(arms.ratioText)), design \(designText), \(drawn.draws) draws, seed \(seed). "
    out += "Warnings up to p = \(levels.warning), failures up to \(levels.failure).\n\n" + checkTable.markdown
    if let table = violationTable {
      out += "\n## Edits that make the list fit its blocks\n\n" + table.markdown
    }
    if let table = balanceTable {
      out +=
        "\n## Balance at baseline\n\n" + table.markdown
        + "\nStandardised difference: `\(BalanceTable.formula)`\n"
    }
    if let line = omnibusLine { out += "\n" + line + "\n" }
    if let table = effectTable {
      out += "\n## Differences of means under draws of the design\n\n" + table.markdown
    }
    out += "\n## Participants\n\n" + flowTable.markdown
    return out
  }

  private func numbers(_ counts: [Int]) -> String {
    zip(arms.codes, counts).map { "\($0) \($1)" }.joined(separator: ", ")
  }

  private func number(_ value: Double?, _ decimals: Int) -> String {
    value.map { NumberText.fixed($0, decimals: decimals) } ?? "–"
  }

  private var checkTable: TextTable {
    TextTable(
      header: ["check", "status", "p", "rows", "finding"],
      rows: checks.map { check in
        [
          check.id.rawValue, check.status.rawValue,
          check.pValue.map { NumberText.pValue($0, decimals: 4) } ?? "–", Self.short(check.rows),
          check.message,
        ]
      }, alignsRight: [false, false, true, false, false])
  }

  /// The first lines of a list, and how many more there are.
  private static func short(_ rows: [Int]) -> String {
    guard rows.count > 6 else { return rows.map(String.init).joined(separator: ", ") }
    return rows.prefix(5).map(String.init).joined(separator: ", ") + ", … (\(rows.count))"
  }

  private var violationTable: TextTable? {
    let found = blocks.flatMap { stratum in stratum.violations.map { (stratum, $0) } }
    guard !found.isEmpty else { return nil }
    return TextTable(
      header: ["stratum", "row", "edit", "or rows"],
      rows: found.map { stratum, violation in
        [
          stratum.name.isEmpty ? "all" : stratum.name, String(lines[violation.position]),
          text(violation.edit),
          violation.alternatives.map { String(lines[$0]) }.joined(separator: ", "),
        ]
      }, alignsRight: [false, true, false, false])
  }

  private var balanceTable: TextTable? {
    guard !balance.isEmpty else { return nil }
    let header = ["variable"] + arms.codes.indices.map { "\(arms.codes[$0]) (n = \(counts[$0]))" }
    return TextTable(
      header: header + contrasts.map { "SMD \($0)" },
      rows: balance.map { row in
        [row.variable + (row.level.map { ": \($0)" } ?? "")] + row.summaries.map(cell)
          + row.differences.map { number($0, 3) }
      }, alignsRight: [false] + [Bool](repeating: true, count: header.count - 1 + contrasts.count))
  }

  private func cell(_ summary: BalanceRow.Summary) -> String {
    switch summary {
    case .moments(_, let mean, let sd): "\(number(mean, 2)) (\(number(sd, 2)))"
    case .level(let n, let count) where count == n: "\(n)"
    case .level(let n, let count): "\(count) (\(number(100 * Double(count) / Double(max(1, n)), 1)) %)"
    }
  }

  private var omnibusLine: String? {
    guard let omnibus, let drawn = drawn.balance else { return nil }
    return "Omnibus (Hansen-Bowers): d-squared \(number(omnibus.statistic, 3)) on \(omnibus.df) df, p = "
      + NumberText.pValue(omnibus.pValue, decimals: 4) + " (chi-squared), p = "
      + NumberText.pValue(drawn.upper, decimals: 4) + " (re-randomisation, Monte-Carlo error "
      + number(self.drawn.monteCarloError(drawn.upper), 4) + ")"
  }

  private var effectTable: TextTable? {
    guard !effects.isEmpty else { return nil }
    return TextTable(
      header: ["outcome", "contrast", "n", "difference", "low", "high", "p", "error of p"],
      rows: effects.map { effect in
        guard let test = effect.test else {
          return [effect.outcome, effect.contrast, "–", "–", "–", "–", "–", "–"]
        }
        return [effect.outcome, effect.contrast, String(test.n)]
          + [test.estimate, test.low, test.high].map { $0.isFinite ? NumberText.significant($0) : "–" } + [
            NumberText.pValue(test.pValue, decimals: 4), number(test.pValueError, 4),
          ]
      }, alignsRight: [false, false, true, true, true, true, true, true])
  }

  private var flowTable: TextTable {
    var rows = [
      ["Rows in the file", String(flow.rows)] + arms.codes.map { _ in "" },
      ["Rows of a participant entered before", String(flow.duplicates)] + arms.codes.map { _ in "" },
      ["Rows without an arm", String(flow.withoutArm)] + arms.codes.map { _ in "" },
      ["Rows with an unknown arm", String(flow.withUnknownArm)] + arms.codes.map { _ in "" },
      ["Randomised", String(flow.randomised)] + flow.allocated.map(String.init),
    ]
    for outcome in flow.outcomes {
      rows.append(
        ["Known: \(outcome.name)", String(outcome.known.reduce(0, +))] + outcome.known.map(String.init))
    }
    return TextTable(
      header: ["stage", "all"] + arms.codes, rows: rows,
      alignsRight: [false] + [Bool](repeating: true, count: arms.count + 1))
  }
}
