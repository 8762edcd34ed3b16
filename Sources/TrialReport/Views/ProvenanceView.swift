import TrialAnalysis
import TrialData

/// Where a report comes from: plan, data, software and analysis sets; and the estimands.
struct ProvenanceView {
  let context: ReportContext

  func blocks() -> [ReportDocument.Block] {
    let run = context.run
    var blocks: [ReportDocument.Block] = []
    if !run.sets.isEmpty {
      blocks.append(.heading(context.text(.sets)))
      blocks.append(
        .list(run.sets.map { context.text($0.label) + ": n = " + context.style.count(Double($0.count)) }))
    }
    var lines = [context.text(.software) + ": hekta " + run.softwareVersion]
    lines.append(context.text(.plan) + ": SHA-256 " + run.planSHA256)
    for input in run.inputs {
      // A codebook has no rows.
      let size = " (" + context.style.count(Double(input.rows)) + " " + context.text(.rows).lowercased() + ")"
      lines.append(input.file + (input.rows > 0 ? size : "") + ": SHA-256 " + input.sha256)
    }
    lines += run.inputs.compactMap { input in input.anonymity.map { anonymity(input.file, $0) } }
    if let seed = run.seed { lines.append(context.text(.seed) + ": " + String(seed)) }
    blocks.append(.heading(context.pick("Files and versions", "Filer og versjoner")))
    blocks.append(.list(lines))
    return blocks
  }

  /// How well the rows of a file hide among each other.
  private func anonymity(_ file: String, _ anonymity: Anonymity) -> String {
    let names = anonymity.columns.joined(separator: ", ")
    let (alone, below) = (
      context.style.count(Double(anonymity.alone)), context.style.count(Double(anonymity.belowFloor))
    )
    return context.pick(
      "\(file): k-anonymity over \(names): k = \(anonymity.smallest); \(alone) rows alone, \(below) in classes below \(anonymity.floor)",
      "\(file): k-anonymitet over \(names): k = \(anonymity.smallest); \(alone) rader alene, \(below) i klasser under \(anonymity.floor)"
    )
  }

  /// The estimands of the plan by their attributes.
  func estimands() -> [ReportDocument.Block] {
    guard !context.run.estimands.isEmpty else { return [] }
    var blocks: [ReportDocument.Block] = []
    for estimand in context.run.estimands {
      let attributes: [(Term, Label?)] = [
        (.treatment, estimand.treatment), (.population, estimand.population), (.variable, estimand.variable),
        (.summary, estimand.summary),
      ]
      var parts = attributes.compactMap { term, label in
        label.map { context.text(term) + ": " + context.text($0) }
      }
      let events = estimand.intercurrentEvents.map {
        context.text($0.event) + " (" + context.text($0.strategy) + ")"
      }
      if !events.isEmpty { parts.append(context.text(.intercurrent) + ": " + events.joined(separator: ", ")) }
      blocks.append(.paragraph(context.text(estimand.label) + ". " + parts.joined(separator: ". ") + "."))
    }
    return blocks
  }
}
