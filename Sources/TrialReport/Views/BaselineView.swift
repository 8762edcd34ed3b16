import TrialAnalysis

/// Table 1: the participants at baseline by arm, with standardised differences and without p-values.
///
/// Tests of baseline differences answer no question in a randomised trial (CONSORT 2025, item 25 and its explanation), so
/// there is a column for them only where the plan insists, and a note that says so.
struct BaselineView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  /// The standardised differences: the analysis's own, else those of the run's randomisation checks.
  private var differences: [Result] {
    let own = analysis.results.filter { $0.measure == .standardisedDifference }
    guard own.isEmpty else { return own }
    return context.run.analyses.filter { $0.kind == .randomisation }.flatMap(\.results).filter {
      $0.measure == .standardisedDifference
    }
  }

  /// The comparisons that have differences; one column each.
  private var contrasts: [String?] { differences.map(\.contrast).unique }

  private var records: Records { Records(analysis) }

  /// The groups that have records: the arms in the plan's order, then all together.
  private var groups: [String?] {
    let present = Set(records.all.filter { $0.measure != .standardisedDifference }.map(\.group))
    return context.run.arms.map { Optional($0.code) }.filter(present.contains)
      + (present.contains(nil) ? [nil] : [])
  }

  func table() -> Table {
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: context.text(.characteristic),
      columns: groups.map(column) + differenceColumns + testColumns)
    if !differences.isEmpty {
      let divisors = differences.compactMap { $0.convention("standardised by") }.unique
      let formula =
        divisors.isEmpty
        ? nil
        : " " + ConventionWords.name("standardised by", context.language) + ": "
          + divisors.map { ConventionWords.choice("standardised by", $0, context.language) }
          .joined(separator: "; ") + "."
      let note = table.note("smd", context.text(.standardisedDifferenceNote) + (formula ?? ""))
      for i in groups.count..<(groups.count + contrasts.count) { table.columns[i].notes = [note] }
    }
    if !tests.isEmpty {
      let methods = tests.compactMap(\.method).unique.map { ConventionWords.method($0, context.language) }
      let note = table.note(
        "p-values",
        context.pick(
          "As the plan asks, by \(methods.joined(separator: ", ")). Differences that randomisation left are due to chance, so that these p-values test nothing (CONSORT 2025).",
          "Etter planens ønske, med \(methods.joined(separator: ", ")). Forskjeller som randomiseringen har gitt, skyldes tilfeldigheter, så p-verdiene tester ingenting (CONSORT 2025)."
        ))
      table.columns[table.columns.count - 1].notes = [note]
    }
    for name in variables { add(name, to: &table) }
    table.generalNotes([analysis], context)
    return table
  }

  /// The tests that the plan insists on, one a variable.
  private var tests: [Result] { records.of(.test) }

  private var testColumns: [Table.Column] {
    tests.isEmpty ? [] : [Table.Column("p", context.text(.pValue))]
  }

  private var differenceColumns: [Table.Column] {
    contrasts.map { contrast in
      let name = context.text(.standardisedDifference)
      let whose = contrasts.count > 1 ? contrast.map { ", " + context.contrast($0) } ?? "" : ""
      return Table.Column("smd" + (contrasts.count > 1 ? "." + (contrast ?? "") : ""), name + whose)
    }
  }

  private func column(_ group: String?) -> Table.Column {
    let label = group.map(context.arm) ?? context.text(.all)
    let size = records.all.first { $0.measure == .count && $0.term == "participants" && $0.group == group }
    let n = size.map { $0.isSuppressed ? "" : " " + context.sized(context.style.count($0.estimate)) } ?? ""
    return Table.Column(group ?? "all", label + n)
  }

  /// The variables in the order of the analysis, then any that it does not list.
  private var variables: [String] {
    let named = records.all.compactMap(\.term).filter { $0 != "participants" }.map {
      String($0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)[0])
    }
    let present = named.unique
    let listed = analysis.variables.map(\.name)
    return listed.filter(present.contains) + present.filter { !listed.contains($0) }
  }

  private func record(_ measure: Result.Measure, _ term: String, _ group: String?) -> Result? {
    records.all.first { $0.measure == measure && $0.term == term && $0.group == group }
  }

  private func tested(_ name: String, _ table: inout Table) -> [Table.Cell] {
    guard !tests.isEmpty else { return [] }
    let record = records.first(.test, term: name)
    return [record == nil ? .blank : table.cell(record, .pValue, context, values: { [$0.pValue] })]
  }

  private func add(_ name: String, to table: inout Table) {
    let label = context.variable(name, in: analysis)
    let difference =
      contrasts.map { contrast -> Table.Cell in
        let record = differences.first { $0.term == name && $0.contrast == contrast }
        return record == nil
          ? .blank : table.cell(record, .number(decimals: 2), context, values: { [$0.estimate] })
      } + tested(name, &table)
    let blank = (contrasts.map { _ in 0 } + testColumns.map { _ in 0 }).map { _ in Table.Cell.blank }
    let levels = records.terms([.count]).filter { $0.hasPrefix(name + "=") && $0 != name + "=" }
    if levels.isEmpty {
      addNumeric(name, label, difference: difference, blank: blank, to: &table)
    } else if let event = yesLevel(levels, name) {
      table.rows.append(
        Table.Row(
          event, label + context.text(.countPercentSuffix),
          cells: groups.map { count(event, $0, &table) } + difference))
    } else {
      table.rows.append(
        Table.Row(
          name, label + context.text(.countPercentSuffix), cells: groups.map { _ in .blank } + difference))
      for term in levels {
        table.rows.append(
          Table.Row(
            term, context.level(String(term.dropFirst(name.count + 1)), of: name, in: analysis), indent: 1,
            cells: groups.map { count(term, $0, &table) } + blank))
      }
    }
    addMissing(name, blank: blank, to: &table)
  }

  /// The level to show alone for a variable that is either so or not so.
  private func yesLevel(_ terms: [String], _ name: String) -> String? {
    guard terms.count == 2 else { return nil }
    let pairs = [["no", "yes"], ["nei", "ja"], ["0", "1"], ["false", "true"]]
    let codes = terms.map { $0.dropFirst(name.count + 1).lowercased() }
    guard let pair = pairs.first(where: { Set($0) == Set(codes) }) else { return nil }
    return terms[codes.firstIndex(of: pair[1])!]
  }

  private func count(_ term: String, _ group: String?, _ table: inout Table) -> Table.Cell {
    table.cell(
      record(.count, term, group), .countPercent(decimals: context.run.rounding.percentDecimals), context,
      values: { [$0.estimate, $0.n.map(Double.init)] })
  }

  private func addNumeric(
    _ name: String, _ label: String, difference: [Table.Cell], blank: [Table.Cell], to table: inout Table
  ) {
    let sds = groups.compactMap { record(.standardDeviation, name, $0)?.estimate }
    let decimals = context.decimals(forSpread: sds.max())
    let hasMean = groups.contains { record(.mean, name, $0) != nil }
    let hasMedian = groups.contains { record(.median, name, $0) != nil }
    if hasMean {
      let cells = groups.map { group in
        let parts = [record(.mean, name, group), record(.standardDeviation, name, group)]
        return table.cell(
          parts.compactMap { $0 }, values: parts.map { $0?.estimate }, .meanSD(decimals: decimals), context)
      }
      table.rows.append(
        Table.Row(name + ":mean", label + context.text(.meanSDSuffix), cells: cells + difference))
    }
    if hasMedian {
      let cells = groups.map { group in
        let parts = [Result.Measure.median, .lowerQuartile, .upperQuartile].map { record($0, name, group) }
        return table.cell(
          parts.compactMap { $0 }, values: parts.map { $0?.estimate },
          .medianQuartiles(decimals: max(0, decimals - 1)), context)
      }
      table.rows.append(
        Table.Row(
          name + ":median", hasMean ? context.text(.medianQuartiles) : label + context.text(.medianSuffix),
          indent: hasMean ? 1 : 0, cells: cells + (hasMean ? blank : difference)))
    }
  }

  /// Missing values are a row wherever an arm has any.
  private func addMissing(_ name: String, blank: [Table.Cell], to table: inout Table) {
    let missing = groups.map { record(.count, name + "=", $0) }
    guard missing.contains(where: { ($0?.estimate ?? 0) > 0 }) else { return }
    let cells = missing.map { record in
      table.cell(record, .count, context, values: { [$0.estimate] })
    }
    table.rows.append(Table.Row(name + "=", context.text(.missing), indent: 1, cells: cells + blank))
  }
}

extension ReportContext {
  /// The decimals for means, medians and standard deviations of a variable with this standard deviation.
  ///
  /// The plan's `meanDecimals` holds for spreads from 1 to 100; wider and narrower variables get fewer or more, so that a
  /// mean has neither digits that say nothing nor too few to compare.
  func decimals(forSpread sd: Double?) -> Int {
    let base = run.rounding.meanDecimals
    guard let sd, sd > 0, sd.isFinite else { return base }
    if sd >= 10_000 { return 0 }
    if sd >= 100 { return max(0, base - 1) }
    return sd < 1 ? base + 1 : base
  }

  /// The decimals for estimates on a scale of their own, from the half-width of their intervals.
  func decimals(forHalfWidths widths: [Double?]) -> Int {
    let known = widths.compactMap { $0 }.filter { $0.isFinite && $0 > 0 }
    guard let smallest = known.min() else { return 2 }
    if smallest >= 100 { return 0 }
    if smallest >= 10 { return 1 }
    return smallest >= 0.1 ? 2 : smallest >= 0.01 ? 3 : 4
  }
}
