import TrialAnalysis
import TrialData

/// Writes the report of a run: page, tables, figures and records.
///
/// Two runs of one version on one input give the same bytes: nothing here depends on time, place, machine or the order of a
/// dictionary.
public enum ReportWriter {
  /// A file of the report.
  public struct File: Sendable, Equatable {
    /// The path below the output directory.
    public var path: String
    public var text: String

    public init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  /// Every file of the report, in a fixed order; computed before anything is written.
  ///
  /// - Parameter language: the plan's where nil.
  public static func files(_ run: AnalysisRun, language: Language? = nil) -> [File] {
    let document = ReportDocument(run, language: language)
    let context = document.context
    var files = [File(path: "report.html", text: ReportPage(document: document).html())]
    for table in document.tables {
      let rendered = RenderedTable(table, style: context.style)
      let path = "tables/" + table.id
      let delimiter: Character = context.language == .norwegian ? ";" : ","
      files.append(File(path: path + ".csv", text: rendered.csv(delimiter: delimiter)))
      files.append(File(path: path + ".md", text: rendered.markdown()))
      files.append(File(path: path + ".html", text: rendered.html()))
      files.append(
        File(
          path: path + ".json", text: table.json(rendered, language: context.language).text(indented: true)))
    }
    for figure in document.figures {
      files.append(File(path: "figures/" + figure.id + ".svg", text: figure.svg(standalone: true)))
    }
    files.append(File(path: "results.json", text: run.resultsJSON().text(indented: true)))
    return files
  }

  /// Writes the report into an output that the caller commits, beside what else belongs there.
  ///
  /// - Throws: `OutputError`; the place of the output is then untouched.
  public static func write(
    _ run: AnalysisRun, to output: OutputDirectory, language: Language? = nil
  ) throws(OutputError) {
    for file in files(run, language: language) { try output.write(file.text, to: file.path) }
  }

  /// Writes the report into a directory, whole or not at all.
  ///
  /// - Parameter replacing: true to replace a directory that is there and not empty.
  public static func write(
    _ run: AnalysisRun, to directory: String, language: Language? = nil, replacing: Bool = false
  ) throws(OutputError) {
    let output = try OutputDirectory(directory, replacing: replacing)
    try write(run, to: output, language: language)
    try output.commit()
  }
}
