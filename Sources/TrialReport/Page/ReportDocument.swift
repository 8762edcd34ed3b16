import TrialAnalysis

/// A report as its parts in reading order: what a page, and every other form of the report, is written from.
public struct ReportDocument: Sendable {
  /// A piece of a section.
  public enum Block: Sendable {
    case paragraph(String)
    case heading(String)
    /// Lines of a list.
    case list([String])
    /// A table and its number, such as `1` or `S1`.
    case table(Table, number: String)
    /// A figure and its number.
    case figure(Figure, number: String)
    /// The main result: what each arm reached, and how they compare.
    case keyResult(KeyResult)
    /// Something a reader must not miss.
    case notice(String)
  }

  public struct Section: Sendable {
    public var id: String
    public var title: String
    public var blocks: [Block]
  }

  public let title: String
  public let subtitle: String
  public let isSimulated: Bool
  public let sections: [Section]
  let context: ReportContext

  /// Every table of the report in reading order.
  public var tables: [Table] {
    sections.flatMap(\.blocks).compactMap {
      if case .table(let table, _) = $0 { return table }
      return nil
    }
  }

  /// Every figure of the report in reading order.
  public var figures: [Figure] {
    sections.flatMap(\.blocks).compactMap {
      if case .figure(let figure, _) = $0 { return figure }
      return nil
    }
  }

  /// Lays out the report of a run.
  public init(_ run: AnalysisRun, language: Language? = nil) {
    let context = ReportContext(run, language: language)
    self.context = context
    title = context.text(run.title)
    subtitle = [
      run.registration,
      run.dataSource.map { context.text(.dataSource) + ": " + context.text($0) },
    ].compactMap { $0 }.joined(separator: " · ")
    isSimulated = run.isSimulated
    var layout = ReportLayout(context)
    sections = layout.sections()
  }
}

/// The main result of a trial for a glance.
public struct KeyResult: Sendable, Equatable {
  /// One arm's share with what it is made of.
  public struct ArmValue: Sendable, Equatable {
    public var label: String
    public var value: String
    public var detail: String
  }

  public var title: String
  public var arms: [ArmValue]
  /// The comparisons in words.
  public var lines: [String]
}
