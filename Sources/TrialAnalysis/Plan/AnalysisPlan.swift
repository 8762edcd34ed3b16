import Inference
import ModelFitting
import ModelFormula
import TrialData

/// One analysis of a plan: what every kind has, and the kind's own method.
public struct AnalysisPlan: Sendable {
  /// What becomes of participants whose outcome is missing.
  public enum MissingOutcome: String, Sendable, CaseIterable {
    /// They are left out and counted.
    case exclude
    /// They count as without the event.
    case nonEvent = "non-event"
    /// They count as with the event.
    case event
    /// They are imputed several times (numeric outcomes of linear regressions).
    case multipleImputation = "multiple-imputation"
  }

  /// A part of an analysis: another set, other covariates, another rule for missing outcomes.
  public struct Variant: Sendable, Equatable {
    /// Nil for the only part.
    public var id: String?
    public var label: Label
    public var set: Placed<String>
    public var covariates: [Placed<String>]
    public var missing: MissingOutcome
    /// The outcome of this part, where it is another than the analysis's.
    public var outcome: Placed<String>?
  }

  public var id: Placed<String>
  public var kind: AnalysisKind
  public var role: CompletedAnalysis.Role
  public var title: Label
  /// The estimand's id.
  public var estimand: Placed<String>?
  /// The file whose rows are analysed; the participants where nil.
  public var file: Placed<String>?
  public var set: Placed<String>
  /// The outcome, or the event of a time-to-event analysis.
  public var outcome: Placed<String>?
  /// The level or value of the outcome that is the event; the last level where nil.
  public var event: Placed<String>?
  /// The time of a time-to-event analysis.
  public var time: Placed<String>?
  public var timeUnit: Label?
  /// At least one.
  public var variants: [Variant]
  /// True where each part is the outcome by another definition, so that a report shows one row a definition.
  public var isByDefinition = false
  /// True where a run without a usable fit ends with exit code 4.
  public var isRequired: Bool
  public var note: Label?
  /// What the kind does, with its options.
  var method: any AnalysisMethod
}

/// A kind of analysis with its options.
///
/// A method is made while the plan is read, before any data are seen, and turns prepared data into records.
protocol AnalysisMethod: Sendable {
  /// Reads the options of this kind; unknown keys are found by the caller.
  init(_ mapping: YAMLMapping, header: AnalysisHeader)

  /// The columns of the analysis's file that it uses besides outcome, time and covariates.
  var columns: [Placed<String>] { get }

  /// The formula, where the kind takes one.
  var modelFormula: Placed<String>? { get }

  /// Carries the analysis out.
  func run(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> AnalysisFindings

  /// What the analysis counts, one row a participant, where that is no column of the data; nil where it is.
  func describedFrame(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> DataFrame?
}

extension AnalysisMethod {
  var columns: [Placed<String>] { [] }
  var modelFormula: Placed<String>? { nil }
  func describedFrame(_ analysis: AnalysisPlan, on data: TrialFrames) throws -> DataFrame? { nil }
}

/// What a kind's reader may need to know of the analysis it belongs to.
struct AnalysisHeader {
  var kind: AnalysisKind
  var outcome: Placed<String>?
  /// The software whose defaults decide what the analysis leaves open.
  var profile: ConventionProfile?
}

/// What an analysis found.
struct AnalysisFindings: Sendable {
  var results: [Result] = []
  /// The variables that the records name, in the order a table shows them.
  var variables: [String] = []
  /// Words for codes in terms.
  var words: [VariableLabel.Level] = []
  var warnings: [String] = []
  /// Checks of the randomisation that failed; under `--strict` they end the run with exit code 3.
  var failedChecks: [String] = []

  /// The worst status among the records.
  var status: FitStatus {
    let order: [FitStatus] = [.ok, .boundary, .singular, .separated, .notConverged]
    return order[results.compactMap { order.firstIndex(of: $0.status) }.max() ?? 0]
  }
}
