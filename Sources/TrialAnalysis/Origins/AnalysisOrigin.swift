import ModelFormula
import TrialData

/// Where the numbers of one analysis come from: the participants it started from, who left and why, the rows and columns
/// that it read, and the models that it fitted.
public struct AnalysisOrigin: Sendable {
  /// Participants who are not in the analysis set, for one reason.
  public struct Departure: Sendable, Equatable {
    public var id: String
    public var reason: Label
    /// The condition that excludes them, as the plan has it.
    public var condition: String
    public var count: Int
    /// Their rows in the analysed file.
    public var rows: Int
  }

  /// A part of the analysis on its own set.
  public struct Part: Sendable {
    /// Nil for the only part.
    public var variant: String?
    public var set: String
    public var setLabel: Label
    /// All randomised participants.
    public var randomised: Int
    public var departures: [Departure]
    /// The participants in the set.
    public var members: Int
    /// The rows of the analysed file that belong to them.
    public var rows: Int
    /// The columns that the analysis names, for those rows; the outcome of a comparison of risks as 0 and 1.
    public var frame: DataFrame
    /// The rule for missing outcomes, in words.
    public var missingRule: String
  }

  public var analysis: CompletedAnalysis
  /// The file whose rows are analysed, below the data directory.
  public var file: String
  public var sha256: String
  /// The rows of the file.
  public var fileRows: Int
  public var parts: [Part]
  public var fits: [LoggedFit]
  public var counts: [LoggedCount]
  /// The audits of the randomisation that it made.
  public var audits: [LoggedAudit]
  /// The codes of the arms, the control first.
  public var arms: [String]
  /// The planned allocation, arm by arm.
  public var ratios: [Double]
  public var level: Double

  /// The part that a record belongs to; the first where its variant is none of the plan's.
  public func part(of variant: String?) -> Part { parts.first { $0.variant == variant } ?? parts[0] }
}

extension PlanRunner {
  /// Carries out one analysis of the plan and tells where its numbers come from.
  ///
  /// - Parameters:
  ///   - id: the analysis's id in the plan.
  ///   - seed: one in place of the plan's.
  /// - Returns: nil where the plan has no such analysis.
  /// - Throws: as `run`.
  public func origin(of id: String, on prepared: PreparedData, seed: Int? = nil) throws -> AnalysisOrigin? {
    guard let analysis = analysis(id) else { return nil }
    var frames = prepared.frames
    let dataset = prepared.dataset
    if let seed { frames.plan.seed = seed }
    let log = FitLog()
    frames.log = log
    let completed = try self.completed(analysis, on: frames)
    let file = frames.plan.files.first { $0.name == analysis.file?.value } ?? frames.plan.participants
    let provenance = dataset[file.file.value]?.provenance
    return AnalysisOrigin(
      analysis: completed, file: file.file.value, sha256: provenance?.sha256 ?? "",
      fileRows: provenance?.rows ?? 0,
      parts: try analysis.variants.map { try part($0, of: analysis, completed, frames) }, fits: log.fits,
      counts: log.counts, audits: log.audits, arms: frames.arms, ratios: frames.plan.arms.arms.map(\.ratio),
      level: frames.plan.level)
  }

  private func part(
    _ variant: AnalysisPlan.Variant, of analysis: AnalysisPlan, _ completed: CompletedAnalysis,
    _ frames: TrialFrames
  ) throws -> AnalysisOrigin.Part {
    let set = frames.sets[variant.set.value]!
    let rows = frames.rows(in: variant.set.value, file: analysis.file?.value)
    return AnalysisOrigin.Part(
      variant: variant.id, set: variant.set.value, setLabel: set.plan.label,
      randomised: frames.participants.rowCount,
      departures: set.departures.map { departure in
        AnalysisOrigin.Departure(
          id: departure.id, reason: departure.reason,
          condition: frames.plan.sets.flatMap(\.exclusions).first { $0.id == departure.id }?.condition.value
            ?? "", count: departure.members.count { $0 },
          rows: analysis.file.flatMap { frames.files[$0.value] }?.participant.count { departure.members[$0] }
            ?? departure.members.count { $0 })
      }, members: frames.count(in: variant.set.value), rows: rows.count,
      frame: try frame(variant, of: analysis, completed, frames),
      missingRule: Result.Convention.missing(variant.missing).choice)
  }

  /// The arm and every column that the records of an analysis name.
  private func frame(
    _ variant: AnalysisPlan.Variant, of analysis: AnalysisPlan, _ completed: CompletedAnalysis,
    _ frames: TrialFrames
  ) throws -> DataFrame {
    let file = analysis.file?.value
    let place = analysis.id.place
    if let own = try analysis.method.describedFrame(analysis, on: frames) { return own }
    var names = [frames.armName, analysis.outcome, analysis.time].compactMap { $0 } + variant.covariates
    names += analysis.method.columns
    names += completed.variables.map { Placed(value: $0.name, place: place) }
    if let file, frames.files[file]?.frame[TrialFrames.visitColumn] != nil {
      names.append(Placed(value: TrialFrames.visitColumn, place: place))
    }
    var frame = try frames.frame(names, set: variant.set.value, file: file)
    if analysis.kind == .risk, let outcome = analysis.outcome {
      let events = try frames.event(analysis, file: file)
      let rows = frames.rows(in: variant.set.value, file: file)
      frame[outcome.value] = .numeric(rows.map { variant.missing.applied(to: events[$0]) })
    }
    return frame
  }
}
