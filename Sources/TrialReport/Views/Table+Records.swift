import Inference
import TrialAnalysis

extension Table {
  /// A cell of one record, with the notes that its state demands: suppressed, not usable, warned about.
  ///
  /// A number from a fit that is not clean never stands without its mark (law 3 of the house).
  mutating func cell(
    _ record: Result?, _ format: CellFormat, _ context: ReportContext,
    values: (Result) -> [Double?] = { [$0.estimate, $0.low, $0.high] }
  ) -> Cell {
    guard let record else { return .absent }
    return cell([record], values: values(record), format, context)
  }

  /// A cell of several records that belong together, such as a mean and its standard deviation.
  mutating func cell(
    _ records: [Result], values: [Double?], _ format: CellFormat, _ context: ReportContext
  ) -> Cell {
    guard !records.isEmpty else { return .absent }
    if records.contains(where: \.isSuppressed) {
      let note = note("suppressed", context.suppressionNote)
      var cell = Cell.text(ReportContext.suppressedMark, notes: [note])
      cell.records = records.map(\.id)
      return cell
    }
    var notes: [String] = []
    for record in records {
      if record.status != .ok {
        notes.append(note("status-" + record.status.rawValue, context.text(Term.status(record.status))))
      }
      for warning in record.warnings { notes.append(note("warning-" + warning, warning.asSentence)) }
    }
    if format.showsLimits {
      for record in records where context.varying[record.analysis]?.contains("limits") == true {
        guard let choice = record.convention("limits"), record.low != nil else { continue }
        let text = ConventionWords.sentence("limits", choice, context.language)
        notes.append(note("limits-" + choice, text))
      }
    }
    // A number that is not usable is not printed; its note says why.
    if records.contains(where: { !$0.status.isUsable && $0.status != .separated }) {
      var cell = Cell.text(NumberStyle.absent, notes: notes.unique)
      cell.records = records.map(\.id)
      return cell
    }
    return Cell(values, format, records: records.map(\.id), notes: notes.unique)
  }

  /// Adds the notes of an analysis that every table of it carries: who was analysed, who was left out and why, what the
  /// plan remarks, what was warned about.
  mutating func generalNotes(_ analyses: [CompletedAnalysis], _ context: ReportContext) {
    for analysis in analyses {
      let lead = analyses.count > 1 ? context.text(analysis.title) + ": " : ""
      if let population = analysis.population {
        note(
          "population-" + context.text(population),
          context.text(.analysisSet) + ": " + context.text(population) + ".")
      }
      for line in context.droppedLines(analysis) { note("dropped-" + lead + line, lead + line) }
      let conventions = context.conventionLine(analysis)
      if !conventions.isEmpty { note("conventions-" + conventions, lead + conventions) }
      if let own = analysis.note { note("plan-" + analysis.id, lead + context.text(own)) }
      for warning in analysis.warnings { note("warning-" + warning, lead + warning.asSentence) }
    }
    provenance = context.provenance(analyses)
  }
}

extension ReportContext {
  /// What stands in place of a number that would disclose a small count; SSB's sign for it.
  static let suppressedMark = ":"

  /// Why numbers are not shown.
  var suppressionNote: String {
    pick(
      "Not shown: a count under \(run.suppressionFloor), or one that would give such a count away.",
      "Vises ikke: antall under \(run.suppressionFloor), eller tall som ville røpet et slikt antall.")
  }

  /// Sentences on participants that an analysis could not use, by part and arm.
  ///
  /// Where every arm's record repeats the number of the whole analysis, the whole is told; where the arms have numbers of
  /// their own, they are.
  func droppedLines(_ analysis: CompletedAnalysis) -> [String] {
    // What a count or an observed mean leaves out describes the number itself and is no loss from the analysis; a
    // table of characteristics counts the missing of each variable in a row of its own.
    guard analysis.kind != .baseline else { return [] }
    let losses = analysis.results.filter {
      !$0.isSuppressed && $0.droppedReason != nil && ($0.dropped ?? 0) > 0
        && $0.measure != .standardisedDifference && $0.measure != .count && $0.method != "observed"
    }
    return losses.map(\.variant).unique.flatMap { part -> [String] in
      let own = losses.filter { $0.variant == part }
      let whole = own.filter { $0.group == nil }.compactMap(\.dropped).max()
      let byArm = own.filter { $0.group != nil && $0.dropped != whole }
      let told = byArm.isEmpty ? own : byArm
      return told.map { record in
        let whose = [
          part.map { variant($0, in: analysis) }, byArm.isEmpty ? nil : record.group.map(arm),
        ].compactMap { $0 }
        let lead = whose.isEmpty ? "" : whose.joined(separator: ", ") + ": "
        let count = style.count(Double(record.dropped!))
        let reason = ConventionWords.choice("dropped", word(record.droppedReason!, in: analysis), language)
        return lead + pick("\(count) not used", "\(count) ikke brukt") + " (" + reason + ")."
      }
    }.unique
  }

  /// The conventions of an analysis's numbers in short: "Limits: Newcombe. Ties: Efron."
  ///
  /// Limits that differ between its numbers stand with the numbers instead.
  func conventionLine(_ analysis: CompletedAnalysis) -> String {
    let all = analysis.results.flatMap(\.conventions).filter { !ConventionWords.isUnremarkable($0) }
    let names = all.map(\.name).unique.filter {
      $0 != "limits" || varying[analysis.id]?.contains("limits") != true
    }
    return names.map { name in
      let choices = all.filter { $0.name == name }.map(\.choice).unique
      return ConventionWords.name(name, language) + ": "
        + choices.map { ConventionWords.choice(name, $0, language) }.joined(separator: ", ") + "."
    }.joined(separator: " ")
  }
}
