import TrialAnalysis

/// Participant flow: the diagram and its table from the same records.
struct FlowView {
  let analysis: CompletedAnalysis
  let context: ReportContext

  private var records: Records { Records(analysis) }
  private var arms: [String] { context.run.arms.map(\.code) }

  /// The words of a flow term.
  private func label(_ term: String) -> String {
    let parts = term.split(separator: "=", maxSplits: 1).map(String.init)
    if let own = analysis.words.first(where: { $0.code == term }) { return context.text(own.label) }
    let detail = parts.count > 1 ? context.word(parts[1], in: analysis) : ""
    switch parts[0] {
    case "assessed": return context.text(.assessed)
    case "not-randomised": return detail.isEmpty ? context.text(.notRandomised) : detail
    case "randomised": return context.text(.randomised)
    case "received": return context.text(.received)
    case "not-received": return context.text(.notReceived)
    case "lost": return context.text(.lost)
    case "discontinued": return context.text(.discontinued)
    case "stated": return context.text(.stated)
    case "allocated": return context.text(.allocated)
    case "left": return detail.isEmpty ? context.text(.leftSet) : detail
    case "followed":
      return context.text(.seenAt) + " " + (detail.isEmpty ? parts.last ?? "" : detail).lowercasedFirst
    case "no-outcome": return context.text(.noOutcome)
    case "analysed": return context.text(.analysed)
    default: return term
    }
  }

  private func count(_ record: Result?) -> String {
    guard let record else { return NumberStyle.absent }
    return record.isSuppressed ? ReportContext.suppressedMark : context.style.count(record.estimate)
  }

  private func line(_ record: Result) -> String {
    label(record.term ?? "") + " " + context.sized(count(record))
  }

  /// The rows of the flow, common counts in the column of all.
  func table() -> Table {
    var table = Table(
      id: analysis.id, title: context.text(analysis.title), stubLabel: context.text(.stage),
      columns: [Table.Column("all", context.text(.all))]
        + context.run.arms.map { Table.Column($0.code, context.text($0.label)) })
    for term in records.terms([.count]) {
      let indent = term.contains("=") ? 1 : 0
      var cells = [table.cell(records.all.first { $0.term == term && $0.group == nil }, .count, context)]
      if cells[0].text == NumberStyle.absent { cells[0] = .blank }
      for arm in arms {
        let record = records.first(.count, term: term, group: arm)
        cells.append(record == nil ? .blank : table.cell(record, .count, context))
      }
      table.rows.append(Table.Row(term, label(term), indent: indent, cells: cells))
    }
    table.generalNotes([analysis], context)
    let count = context.run.equations.count
    if count > 0 {
      table.note(
        "equations",
        context.pick(
          "\(count) equations between these numbers, Table 1 and every analysis hold.",
          "\(count) likninger mellom disse tallene, tabell 1 og alle analysene stemmer."))
    }
    return table
  }

  /// The diagram; nil where there are no counts by arm.
  func figure() -> Figure? {
    let common = records.all.filter { $0.group == nil && $0.measure == .count }
    guard records.all.contains(where: { $0.group != nil }) else { return nil }
    var enrolment: [(box: FlowFigure.Box, leaving: FlowFigure.Box?)] = []
    for term in ["assessed", "randomised"] {
      guard let record = common.first(where: { $0.term == term }) else { continue }
      enrolment.append((FlowFigure.Box(heading: line(record)), nil))
    }
    let left = common.filter { $0.term?.hasPrefix("not-randomised") == true }
    if !left.isEmpty, !enrolment.isEmpty, common.contains(where: { $0.term == "assessed" }) {
      let total = left.first { $0.term == "not-randomised" }
      enrolment[0].leaving = FlowFigure.Box(
        heading: total.map(line) ?? context.text(.notRandomised),
        reasons: left.filter { $0.term != "not-randomised" }.map(line))
    }
    let figure = FlowFigure(
      id: analysis.id, title: context.text(analysis.title), description: description(),
      enrolment: enrolment, armCount: arms.count, stages: stages())
    return figure.figure()
  }

  private func stages() -> [FlowFigure.Stage] {
    func stage(loss: Bool, _ box: (String) -> FlowFigure.Box?) -> FlowFigure.Stage? {
      let boxes = arms.map(box)
      return boxes.contains { $0 != nil } ? FlowFigure.Stage(boxes: boxes, isLoss: loss) : nil
    }
    func of(_ arm: String, _ term: String) -> Result? { records.first(.count, term: term, group: arm) }
    func branch(_ arm: String, _ term: String) -> [String] {
      ([of(arm, term)].compactMap { $0 } + starting(arm, term + "=")).map(line)
    }
    func starting(_ arm: String, _ prefix: String) -> [Result] {
      records.of(.count, group: arm).filter { $0.term?.hasPrefix(prefix) == true }
    }
    return [
      stage(loss: false) { arm in
        of(arm, "allocated").map {
          FlowFigure.Box(
            heading: context.pick("Allocated to ", "Tildelt ") + context.arm(arm).lowercasedFirst + " "
              + context.sized(count($0)),
            reasons: [of(arm, "received")].compactMap { $0 }.map(line) + branch(arm, "not-received"))
        }
      },
      stage(loss: false) { arm in
        let seen = starting(arm, "followed=")
        return seen.isEmpty ? nil : FlowFigure.Box(heading: context.text(.followUp), reasons: seen.map(line))
      },
      stage(loss: true) { arm in
        let lines = branch(arm, "lost") + branch(arm, "discontinued")
        return lines.isEmpty ? nil : FlowFigure.Box(heading: context.text(.lossSection), reasons: lines)
      },
      stage(loss: true) { arm in
        let reasons = starting(arm, "left=")
        let total = of(arm, "left")
        if reasons.isEmpty && total == nil { return nil }
        return FlowFigure.Box(heading: total.map(line) ?? context.text(.leftSet), reasons: reasons.map(line))
      },
      stage(loss: true) { arm in of(arm, "no-outcome").map { FlowFigure.Box(heading: line($0)) } },
      stage(loss: false) { arm in of(arm, "analysed").map { FlowFigure.Box(heading: line($0)) } },
    ].compactMap { $0 }
  }

  private func description() -> String {
    let common = records.all.filter { $0.group == nil }.map(line)
    let byArm = arms.map { arm in
      context.arm(arm) + ": " + records.all.filter { $0.group == arm }.map(line).joined(separator: ", ")
    }
    return (common + byArm).joined(separator: ". ") + "."
  }
}
