import Inference
import TrialAnalysis

/// Sorts analyses into the sections of a report and numbers their tables and figures.
struct ReportLayout {
  let context: ReportContext
  private var tableNumber = 0
  private var supplementNumber = 0
  private var figureNumber = 0

  /// A section that holds analyses, in the order of the report.
  private enum Place: String, CaseIterable {
    case flow, randomisation, baseline, primary, secondary, time, repeated, sensitivity

    var title: Term {
      switch self {
      case .flow: .flowSection
      case .randomisation: .randomisationSection
      case .baseline: .baselineSection
      case .primary: .primarySection
      case .secondary: .secondarySection
      case .time: .timeSection
      case .repeated: .repeatedSection
      case .sensitivity: .sensitivitySection
      }
    }

    init(of analysis: CompletedAnalysis) {
      switch (analysis.kind, analysis.role) {
      case (.flow, _): self = .flow
      case (.randomisation, _): self = .randomisation
      case (.baseline, _): self = .baseline
      case (_, .primary): self = .primary
      case (_, .sensitivity): self = .sensitivity
      case (.kaplanMeier, _), (.logRank, _), (.cox, _), (.cumulativeIncidence, _), (.restrictedMean, _),
        (.meanCumulative, _):
        self = .time
      case (.mixedModel, _), (.repeatedMeasures, _), (.generalisedMixedModel, _): self = .repeated
      default: self = .secondary
      }
    }
  }

  init(_ context: ReportContext) { self.context = context }

  mutating func sections() -> [ReportDocument.Section] {
    var sections: [ReportDocument.Section] = []
    func add(_ id: String, _ title: Term, _ blocks: [ReportDocument.Block]) {
      if !blocks.isEmpty { sections.append(.init(id: id, title: context.text(title), blocks: blocks)) }
    }
    add("key-result", .keyResult, KeyResultView(context: context).blocks())
    let outputs = inReadingOrder(requests())
    for place in Place.allCases {
      var blocks: [ReportDocument.Block] = []
      for output in outputs where Place(of: output.analyses[0]) == place {
        blocks += self.blocks(output)
      }
      for analysis in context.run.analyses where Place(of: analysis) == place {
        guard let failure = analysis.failure else { continue }
        blocks.append(
          .notice(context.text(analysis.title) + ": " + context.text(.notDone) + " (" + failure + ")."))
      }
      add(place.rawValue, place.title, blocks)
    }
    if let published = PublishedView(context: context).table() {
      add("published", .publishedTitle, [numbered(published, isSupplement: false)])
    }
    if let conventions = ConventionsView(context: context).table() {
      add("conventions", .conventionsTitle, [numbered(conventions, isSupplement: true)])
    }
    add("estimands", .estimandsHeading, ProvenanceView(context: context).estimands())
    add("methods", .methodsSection, MethodsText(context: context).blocks())
    add("warnings", .warningsSection, warnings())
    add("provenance", .provenanceSection, ProvenanceView(context: context).blocks())
    return sections
  }

  // MARK: Outputs

  /// A table or figure to make with its analyses found.
  private struct Request {
    var form: AnalysisRun.Output.Form?
    var id: String
    var title: String
    var analyses: [CompletedAnalysis]
  }

  /// What the plan asks for; everything there is where it asks for nothing.
  private func requests() -> [Request] {
    let done = context.run.analyses.filter { $0.failure == nil && !$0.results.isEmpty }
    if context.run.outputs.isEmpty {
      return done.map { Request(form: nil, id: $0.id, title: context.text($0.title), analyses: [$0]) }
    }
    return context.run.outputs.compactMap { output in
      let own = output.analyses.compactMap { id in done.first { $0.id == id } }
      guard let first = own.first else { return nil }
      return Request(
        form: output.form, id: output.id, title: context.text(output.title ?? first.title), analyses: own)
    }
  }

  /// The requests in the order of their analyses, a figure before the table of the same analysis.
  private func inReadingOrder(_ requests: [Request]) -> [Request] {
    let place = { (request: Request) in
      context.run.analyses.firstIndex { $0.id == request.analyses[0].id } ?? 0
    }
    return requests.enumerated().sorted { a, b in
      let ranks = [a, b].map { (place($0.element), $0.element.form == .table ? 1 : 0, $0.offset) }
      return ranks[0] < ranks[1]
    }.map(\.element)
  }

  private mutating func blocks(_ request: Request) -> [ReportDocument.Block] {
    var blocks: [ReportDocument.Block] = []
    let isSupplement = [.flow, .randomisation].contains(request.analyses[0].kind)
    if request.form != .table {
      for figure in figures(request) { blocks.append(numbered(figure)) }
    }
    if request.form != .figure {
      for table in tables(request) {
        blocks.append(numbered(table, isSupplement: isSupplement || table.id.hasSuffix("-model")))
      }
    }
    return blocks
  }

  private mutating func numbered(_ table: Table, isSupplement: Bool) -> ReportDocument.Block {
    if isSupplement {
      supplementNumber += 1
      return .table(table, number: "S\(supplementNumber)")
    }
    tableNumber += 1
    return .table(table, number: "\(tableNumber)")
  }

  private mutating func numbered(_ figure: Figure) -> ReportDocument.Block {
    figureNumber += 1
    return .figure(figure, number: "\(figureNumber)")
  }

  /// The tables of a request; kinds that can join several analyses in one table do.
  private func tables(_ request: Request) -> [Table] {
    let all = request.analyses
    let kinds = all.map(\.kind).unique
    var tables: [Table]
    switch kinds.count == 1 && !all.contains(where: \.isByDefinition) ? kinds[0] : nil {
    case .risk?:
      tables = [RiskView(analyses: all, context: context, id: request.id, title: request.title).table()]
    case .logistic?, .linear?, .counts?, .cox?, .generalisedMixedModel?:
      tables = [ModelView(analyses: all, context: context, id: request.id, title: request.title).table()]
    case .means?, .twoPart?:
      tables = [MeansView(analyses: all, context: context, id: request.id, title: request.title).table()]
    default:
      tables = all.flatMap { self.tables($0) }
      for i in tables.indices {
        let own = all.count == 1 ? request.id : request.id + "-" + tables[i].id
        let part = ["-model", "-audit"].first(where: tables[i].id.hasSuffix)
        tables[i].id = all.count == 1 ? own + (part ?? "") : own
      }
      if tables.count == 1 { tables[0].title = request.title }
    }
    return tables
  }

  private func tables(_ analysis: CompletedAnalysis) -> [Table] {
    let title = context.text(analysis.title)
    if analysis.isByDefinition {
      return [DefinitionView(analysis: analysis, context: context, id: analysis.id, title: title).table()]
    }
    switch analysis.kind {
    case .flow: return [FlowView(analysis: analysis, context: context).table()]
    case .randomisation:
      let view = RandomisationView(analysis: analysis, context: context)
      return [view.table(), view.auditTable()].compactMap { $0 }
    case .baseline: return [BaselineView(analysis: analysis, context: context).table()]
    case .risk:
      return [RiskView(analyses: [analysis], context: context, id: analysis.id, title: title).table()]
    case .logistic, .linear, .counts, .cox, .generalisedMixedModel:
      return [ModelView(analyses: [analysis], context: context, id: analysis.id, title: title).table()]
    case .means, .twoPart:
      return [MeansView(analyses: [analysis], context: context, id: analysis.id, title: title).table()]
    case .kaplanMeier, .cumulativeIncidence:
      return [SurvivalView(analysis: analysis, context: context).table()]
    case .meanCumulative: return [MeanCumulativeView(analysis: analysis, context: context).table()]
    case .logRank, .restrictedMean:
      return [SurvivalComparisonView(analysis: analysis, context: context).table()]
    case .mixedModel, .repeatedMeasures:
      let view = MixedModelView(analysis: analysis, context: context)
      return [view.visitTable(), view.modelTable()].compactMap { $0 }
    }
  }

  private func figures(_ request: Request) -> [Figure] {
    let all = request.analyses
    let joined = ModelView(analyses: all, context: context, id: request.id, title: request.title)
    var figures: [Figure] =
      all.map(\.kind).unique.count == 1 && ModelView.kinds.contains(all[0].kind)
      ? [joined.figure()].compactMap { $0 } : all.flatMap { self.figures($0) }
    for i in figures.indices where figures.count == 1 {
      figures[i].id = request.id
      if request.form == .figure { figures[i].title = request.title }
    }
    return figures
  }

  private func figures(_ analysis: CompletedAnalysis) -> [Figure] {
    switch analysis.kind {
    case .flow: return [FlowView(analysis: analysis, context: context).figure()].compactMap { $0 }
    case .randomisation:
      return [RandomisationView(analysis: analysis, context: context).figure()].compactMap { $0 }
    case .means:
      return [MeansView(analyses: [analysis], context: context, id: analysis.id, title: "").figure()]
        .compactMap { $0 }
    case .kaplanMeier, .cumulativeIncidence:
      return SurvivalView(analysis: analysis, context: context).figures(tests: comparisons(with: analysis))
    case .meanCumulative:
      return [MeanCumulativeView(analysis: analysis, context: context).figure()].compactMap { $0 }
    case .mixedModel, .repeatedMeasures:
      return [MixedModelView(analysis: analysis, context: context).figure()].compactMap { $0 }
    default: return []
    }
  }

  /// What is printed over curves: the tests and the hazard ratio of the same outcome from other analyses, and own tests.
  private func comparisons(with analysis: CompletedAnalysis) -> [(CompletedAnalysis, Result)] {
    var found = analysis.results.filter { $0.measure == .test && !$0.isSuppressed }.map { (analysis, $0) }
    guard analysis.kind == .kaplanMeier else { return found }
    let relatives = context.run.analyses.filter {
      $0.failure == nil && $0.outcome?.name == analysis.outcome?.name
    }
    for other in relatives where other.kind == .logRank {
      found += other.results.filter { $0.measure == .test && $0.status.isUsable && !$0.isSuppressed }.prefix(
        1
      ).map { (other, $0) }
    }
    for other in relatives where other.kind == .cox {
      let ratios = other.results.filter {
        $0.measure == .hazardRatio && $0.contrast != nil && $0.status.isUsable && !$0.isSuppressed
      }
      found += ratios.prefix(context.run.arms.count - 1).map { (other, $0) }
    }
    return found
  }

  // MARK: Warnings

  private func warnings() -> [ReportDocument.Block] {
    var lines = context.run.warnings
    for analysis in context.run.analyses {
      let title = context.text(analysis.title)
      let own = analysis.warnings + analysis.results.flatMap(\.warnings)
      lines += own.unique.map { title + ": " + $0.asSentence }
      if analysis.status != .ok { lines.append(title + ": " + context.text(Term.status(analysis.status))) }
      if let failure = analysis.failure {
        lines.append(title + ": " + context.text(.notDone) + " (" + failure + ").")
      }
    }
    return lines.isEmpty ? [.paragraph(context.text(.noWarnings))] : [.list(lines.unique)]
  }
}
