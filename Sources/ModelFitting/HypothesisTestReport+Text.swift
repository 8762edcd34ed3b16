import HypothesisTests
import Serialisation

extension HypothesisTestReport {
  /// The report for a terminal: what was compared, the samples or counts, estimate and limits, statistic and p.
  public var text: String {
    var out = result.method + (formula.map { ": \($0)" } ?? "") + "\n"
    if formula != nil, let n {
      out += "\(n) rows used"
      if let missing, missing > 0 { out += ", \(missing) dropped for missing values" }
      if let filterMissing, filterMissing > 0 {
        out += ", \(filterMissing) dropped because the filter could not be decided"
      }
      out += "\n"
    }
    for warning in warnings { out += "warning: \(warning)\n" }
    if !samples.isEmpty { out += "\n" + sampleTable.plain }
    for entry in tables {
      out += "\n" + (entry.name.map { "stratum \($0)\n" } ?? "") + countTable(entry.table).plain
    }
    if hasTest || !lines.isEmpty { out += "\n" }
    for line in lines.isEmpty ? ownLines : lines { out += line + "\n" }
    for section in sections {
      if let table = Self.rowTable(section.value) { out += "\n\(section.name)\n" + table.plain }
    }
    if !conventions.isEmpty {
      out += "\nconventions: "
      out += conventions.map { "\($0.name) \($0.choice)" }.joined(separator: ", ") + "\n"
    }
    if let comparison { out += comparison.text }
    return out
  }

  /// The report in Markdown.
  public var markdown: String {
    var out = "**\(result.method)**" + (formula.map { " `\($0)`" } ?? "")
    if let n { out += ", n = \(n)" }
    out += "\n"
    if !samples.isEmpty { out += "\n" + sampleTable.markdown }
    for entry in tables {
      out += "\n" + (entry.name.map { "Stratum \($0)\n\n" } ?? "") + countTable(entry.table).markdown
    }
    if hasTest || !lines.isEmpty { out += "\n" }
    out += (lines.isEmpty ? ownLines : lines).map { "- \($0)\n" }.joined()
    for section in sections {
      if let table = Self.rowTable(section.value) { out += "\n**\(section.name)**\n\n" + table.markdown }
    }
    if let comparison { out += "\n**\(comparison.profile.rawValue)**\n\n" + comparison.table.markdown }
    for warning in warnings { out += "\nWarning: \(warning)\n" }
    return out
  }

  /// The result as CSV in full precision, with broom's column names: one row, or a row each where the test gives several.
  public var csv: String {
    guard csvRows.isEmpty else {
      var names: [String] = []
      for row in csvRows {
        for member in row.members where !names.contains(member.name) { names.append(member.name) }
      }
      return TextTable(
        header: names, rows: csvRows.map { row in names.map { name in Self.full(row[name]) } }
      ).csv
    }
    let fields =
      hasTest
      ? ["estimate", "statistic", "df", "p.value", "conf.low", "conf.high", "method", "alternative"]
      : sections.map(\.name)
    let object = json
    return TextTable(header: fields, rows: [fields.map { Self.full(object[$0]) }]).csv
  }

  private static func full(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .some(let value): value.text(indented: false)
    }
  }

  private var sampleTable: TextTable {
    TextTable(
      header: [groupVariable ?? "sample", "n", "mean", "sd", "median"],
      rows: samples.map { sample in
        [
          sample.name, String(sample.n), Self.short(sample.mean), sample.sd.map { Self.short($0) } ?? "–",
          Self.short(sample.median),
        ]
      }, alignsRight: [false, true, true, true, true])
  }

  private func countTable(_ table: ContingencyTable) -> TextTable {
    TextTable(
      header: [[rowVariable, groupVariable].compactMap { $0 }.joined(separator: " by ")] + table.columnLabels
        + ["total"],
      rows: zip(table.rowLabels, table.counts).map { label, row in
        [label] + row.map(String.init) + [String(row.reduce(0, +))]
      } + [["total"] + table.columnTotals.map(String.init) + [String(table.total)]],
      alignsRight: [false] + [Bool](repeating: true, count: table.columnCount + 1))
  }

  /// A list of objects as a table; nothing for other values.
  private static func rowTable(_ value: JSONValue) -> TextTable? {
    let rows = value.elements.map(\.members)
    guard let first = rows.first, !first.isEmpty else { return nil }
    var names: [String] = []
    for row in rows {
      for member in row where !names.contains(member.name) { names.append(member.name) }
    }
    return TextTable(
      header: names,
      rows: rows.map { row in
        names.map { name in
          guard let value = row.first(where: { $0.name == name })?.value else { return "–" }
          switch value {
          case .null: return "–"
          case .number(let number): return short(number)
          case .integer(let number): return String(number)
          case .string(let text): return text
          case .bool(let flag): return flag ? "yes" : "no"
          case .array, .object, .records: return value.text(indented: false)
          }
        }
      })
  }

  static func short(_ value: Double) -> String { NumberText.significant(value, digits: 4) }

  /// "estimate (95 % CI low to high)".
  static func interval(_ estimate: Double?, _ low: Double?, _ high: Double?, _ level: Double?) -> String {
    var text = estimate.map { short($0) } ?? "not defined"
    if let low, let high, let level {
      text += " (\(NumberText.significant(level * 100)) % CI \(short(low)) to \(short(high)))"
    }
    return text
  }

  private var ownLines: [String] {
    guard hasTest else { return [] }
    var lines: [String] = []
    if let parameter = result.parameter {
      lines.append("\(parameter): \(Self.interval(result.estimate, result.low, result.high, result.level))")
    }
    var line = ""
    if let statistic = result.statistic {
      line += "\(result.statisticName ?? "statistic") = \(Self.short(statistic))"
      if let df = result.df { line += " on \(Self.short(df)) df" }
      line += ", "
    }
    switch result.alternative {
    case .twoSided: line += "two-sided "
    case .less: line += "one-sided (less) "
    case .greater: line += "one-sided (greater) "
    case nil: break
    }
    let p = NumberText.pValue(result.pValue, decimals: 4)
    line += "p " + (p.hasPrefix("<") ? p : "= " + p)
    if let null = result.null { line += ", null value \(Self.short(null))" }
    lines.append(line)
    return lines
  }
}
