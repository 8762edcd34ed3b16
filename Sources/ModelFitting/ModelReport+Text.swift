import Serialisation

extension ModelReport {
  /// The report for a terminal: what was fitted to what, the verdict, the coefficients, then everything else.
  public func text(level: Double) -> String {
    var out = "\(model): \(formula)\n"
    out += "\(n) rows used"
    if missing > 0 { out += ", \(missing) dropped for missing values" }
    if let filterMissing, filterMissing > 0 {
      out += ", \(filterMissing) dropped because the filter could not be decided"
    }
    out += "\n"
    out += "status: \(status.rawValue)"
    if convergence.iterations > 0 {
      out += convergence.isConverged ? ", converged in " : ", NOT converged after "
      out += "\(convergence.iterations) iterations"
    }
    out += "\n"
    for warning in allWarnings { out += "warning: \(warning)\n" }
    if !coefficients.isEmpty { out += "\n" + coefficientTable(level: level).plain }
    if !tests.isEmpty {
      out += "\n"
      for test in tests { out += Self.line(test) + "\n" }
    }
    let figures = fit.filter { $0.value.double != nil }
    if !figures.isEmpty {
      out += "\n"
      out +=
        figures.map { "\($0.name) \(NumberText.significant($0.value.double!, digits: 7))" }
        .joined(separator: " · ") + "\n"
    }
    for section in sections { out += Self.text(of: section) }
    if !conventions.isEmpty {
      out += "\nconventions: "
      out += conventions.map { "\($0.name) \($0.choice)" }.joined(separator: ", ") + "\n"
    }
    if let comparison { out += comparison.text }
    return out
  }

  /// The coefficients as Markdown.
  public func markdown(level: Double) -> String {
    var out = "**\(model)** `\(formula)`, n = \(n), status \(status.rawValue)\n\n"
    if !coefficients.isEmpty { out += coefficientTable(level: level).markdown }
    for section in sections {
      if let table = Self.table(of: section.value) {
        out += "\n**\(section.name)**\n\n" + table.markdown
      }
    }
    if let comparison { out += "\n**\(comparison.profile.rawValue)**\n\n" + comparison.table.markdown }
    for warning in allWarnings { out += "\nWarning: \(warning)\n" }
    return out
  }

  /// The coefficients as CSV in full precision, with broom's column names.
  public var csv: String {
    let names = [
      "term", "estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high",
    ]
    func full(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "" }
      return JSONValue.number(value).text(indented: false)
    }
    let extras = coefficientExtras[coefficients.indices.first ?? 0] ?? []
    let rows = coefficients.enumerated().map { i, row in
      [
        row.term, full(row.estimate), full(row.standardError), full(row.statistic), full(row.df),
        full(row.pValue), full(row.low), full(row.high),
      ]
        + extras.map { extra in
          (coefficientExtras[i] ?? []).first { $0.name == extra.name }?.value.text(indented: false)
            ?? ""
        }
    }
    if coefficients.isEmpty, let first = sections.first, let table = Self.table(of: first.value) {
      return table.csv
    }
    return TextTable(header: names + extras.map(\.name), rows: rows).csv
  }

  /// Takes the residuals out of the report, as CSV in full precision.
  public mutating func takeResiduals() -> String {
    var out = ""
    for name in ["residuals", "schoenfeld"] {
      let rows = section(name).map(\.members)
      guard let first = rows.first else { continue }
      sections.removeAll { $0.name == name }
      if !out.isEmpty { out += "\n" }
      out +=
        TextTable(
          header: first.map(\.name),
          rows: rows.map { row in row.map { $0.value.double == nil ? "" : $0.value.text(indented: false) } }
        ).csv
    }
    return out
  }

  private func coefficientTable(level: Double) -> TextTable {
    let percent = NumberText.significant(level * 100)
    let hasDF = coefficients.contains { $0.df != nil }
    let extras = coefficientExtras[coefficients.indices.first ?? 0] ?? []
    var table = TextTable(
      header: ["term"] + extras.map(\.name)
        + [isExponentiated ? "exp(estimate)" : "estimate", "std. error", "statistic"]
        + (hasDF ? ["df"] : []) + ["p", "\(percent) % low", "high"])
    func cell(_ value: Double?, digits: Int = 5) -> String {
      value.map { NumberText.significant($0, digits: digits) } ?? "–"
    }
    for (i, row) in coefficients.enumerated() {
      let added = (coefficientExtras[i] ?? []).map { $0.value.text(indented: false) }
      table.rows.append(
        [row.term] + added
          + [cell(row.estimate), cell(row.standardError), cell(row.statistic, digits: 4)]
          + (hasDF ? [cell(row.df)] : [])
          + [row.pValue.map { NumberText.pValue($0, decimals: 4) } ?? "–", cell(row.low), cell(row.high)])
    }
    table.alignsRight = [false] + [Bool](repeating: true, count: table.header.count - 1)
    return table
  }

  private static func line(_ test: Test) -> String {
    var text = "\(test.name): \(NumberText.significant(test.statistic))"
    if let df = test.df {
      text += " on \(NumberText.significant(df))"
      if let df2 = test.df2 { text += " and \(NumberText.significant(df2))" }
      text += " df"
    }
    let p = NumberText.pValue(test.pValue, decimals: 4)
    return text + ", p " + (p.hasPrefix("<") ? p : "= " + p)
  }

  private static func text(of section: JSONValue.Member) -> String {
    if let table = table(of: section.value) { return "\n\(section.name)\n" + table.plain }
    return "\n\(section.name): \(section.value.text(indented: false))\n"
  }

  /// A list of objects as a table, nested lists counted; nothing for other values.
  private static func table(of value: JSONValue) -> TextTable? {
    let rows = value.elements.map(\.members)
    guard let first = rows.first, !first.isEmpty else { return nil }
    var names: [String] = []
    for row in rows {
      for member in row where !names.contains(member.name) { names.append(member.name) }
    }
    func cell(_ value: JSONValue?) -> String {
      switch value {
      case nil, .null: "–"
      case .number(let number): NumberText.significant(number, digits: 5)
      case .integer(let number): String(number)
      case .string(let text): text
      case .bool(let flag): flag ? "yes" : "no"
      case .array(let elements): "\(elements.count) rows"
      case .records(let records): "\(records.count) rows"
      case .object: "…"
      }
    }
    return TextTable(
      header: names,
      rows: rows.map { row in names.map { name in cell(row.first { $0.name == name }?.value) } })
  }
}
