import Inference
import LinearAlgebra
import ModelFitting
import ModelFormula
import Synchronization
import TrialData

/// Carries a plan out: reads and checks the data, derives, analyses, gathers the records.
public struct PlanRunner: Sendable {
  /// How a run is carried out; nothing here changes a number but the seed.
  public struct Options: Sendable {
    /// How many analyses run at a time.
    public var jobs: Int
    /// A seed in place of the plan's.
    public var seed: Int?
    /// Told of each analysis that is done: how many are, of how many, and its id.
    public var progress: (@Sendable (Int, Int, String) -> Void)?

    public init(jobs: Int = 1, seed: Int? = nil, progress: (@Sendable (Int, Int, String) -> Void)? = nil) {
      self.jobs = jobs
      self.seed = seed
      self.progress = progress
    }
  }

  /// A run with what decides the exit code.
  public struct Outcome: Sendable {
    public var run: AnalysisRun
    /// Checks of the randomisation that failed (exit 3 under `--strict`).
    public var failedChecks: [String]
    /// Required analyses without a usable fit (exit 4), by id.
    public var withoutFit: [String]
  }

  private let plan: Plan
  private let dataDirectory: String

  /// - Parameters:
  ///   - plan: the plan.
  ///   - dataDirectory: where the data files are; empty where they come from a store.
  public init(plan: Plan, dataDirectory: String = "") {
    self.plan = plan
    self.dataDirectory = dataDirectory
  }

  /// Reads a plan's file.
  ///
  /// - Throws: `DataError` where it cannot be read, or with every fault in it.
  public static func plan(path: String) throws -> Plan {
    let file = try TextFile(path: path)
    return try PlanReader.read(file.text, file: path, sha256: file.sha256)
  }

  /// Reads a plan's text.
  ///
  /// - Parameter file: its name, for messages.
  /// - Throws: `DataError` with every fault in it.
  public static func plan(text: String, file: String) throws(DataError) -> Plan {
    try PlanReader.read(text, file: file, sha256: FileDigest.sha256(text: text))
  }

  /// Carries the plan out with the codebook of a file; see `run(codebook:options:)`.
  public func run(codebook path: String, options: Options = Options()) throws -> Outcome {
    try run(codebook: Codebook(path: path), options: options)
  }

  /// Carries the plan out.
  ///
  /// - Throws: `DataError` for data that do not fit the codebook and for a plan that does not fit the data. An
  ///   analysis that the data give no answer to is no error: its records say so.
  public func run(codebook: Codebook, options: Options = Options()) throws -> Outcome {
    try run(on: prepare(codebook: codebook), options: options)
  }

  /// Carries the plan out on prepared data; see `run(codebook:options:)`.
  public func run(on prepared: PreparedData, options: Options = Options()) throws -> Outcome {
    var plan = plan
    if let seed = options.seed { plan.seed = seed }
    let dataset = prepared.dataset
    var frames = prepared.frames
    frames.plan = plan
    var completed = try analyse(plan, frames, options: options)
    if let also = plan.also { try compare(&completed, under: also, plan, frames, options: options) }
    var run = AnalysisRun(
      title: plan.trial.title, trial: plan.trial.id,
      arms: plan.arms.arms.map { AnalysisRun.Arm($0.code.value, $0.label) }, planSHA256: plan.sha256,
      softwareVersion: Software.version)
    run.registration = plan.trial.registration
    run.isSimulated = plan.trial.isSimulated
    run.dataSource = plan.trial.source
    run.language = plan.language
    run.seed = plan.seed
    run.codebookFile = plan.codebook?.value ?? Self.defaultCodebook
    run.inputs = inputs(plan, dataset)
    run.sets = plan.sets.map { set in
      AnalysisRun.AnalysisSetSize(id: set.id.value, label: set.label, count: frames.count(in: set.id.value))
    }
    run.estimands = plan.estimands
    run.analyses = completed.map(\.analysis)
    run.equations = try equations(run.analyses, frames)
    run.outputs = plan.outputs.map { output in
      AnalysisRun.Output(
        form: output.form, id: output.id, analyses: output.analyses.map(\.value), title: output.title)
    }
    run.rounding = plan.rounding
    run.conventions = plan.conventions
    run.also = plan.also?.profile
    run.suppressionFloor = plan.suppressionFloor
    run.warnings = dataset.warnings.map(inDirectory).lines + frames.warnings
    run.published = try published(plan, among: run.results)
    return Outcome(
      run: run, failedChecks: completed.flatMap(\.failedChecks),
      withoutFit: run.analyses.filter { $0.isRequired && !$0.hasUsableFit }.map(\.id))
  }

  /// Carries the plan's analyses out on data that are in memory, one after another, for a study that repeats them
  /// thousands of times: comparisons of the arms and tests, without labels, diagnostics and descriptions of the data.
  ///
  /// - Parameter dataset: checked files, at least those that the plan's derivations and analyses read.
  /// - Throws: `DataError` where the plan does not fit the data.
  public func analyses(of dataset: TrialDataset) throws -> [CompletedAnalysis] {
    let frames = try frames(plan, dataset, isRepeated: true)
    return try plan.analyses.map { try Self.complete($0, on: frames).analysis }
  }

  // MARK: Data

  /// The analysis with an id.
  func analysis(_ id: String) -> AnalysisPlan? { plan.analyses.first { $0.id.value == id } }

  /// The data that a plan names, checked and derived.
  public struct PreparedData: Sendable {
    let plan: Plan
    let dataset: TrialDataset
    let frames: TrialFrames
  }

  /// Reads, checks and derives what the plan names from the data directory.
  ///
  /// - Throws: as `run(codebook:options:)`.
  public func prepare(codebook: Codebook) throws -> PreparedData {
    try prepare(
      TrialDataset.load(directory: dataDirectory, codebook: codebook, files: fileNames(codebook)))
  }

  /// Takes what the plan names from a vintage of a store, where it was checked when it was imported, and derives.
  ///
  /// - Throws: as `run(codebook:options:)`; `DataError` where the store is damaged.
  public func prepare(_ stored: StoredExtract) throws -> PreparedData {
    try prepare(stored.dataset(files: fileNames(stored.codebook)))
  }

  /// Holds the plan against checked files without analysing: everything is derived, the sets are made, and every column that
  /// an analysis names is looked for.
  ///
  /// - Throws: `DataError` with the faults of all analyses, or those of the derivations that none can do without.
  public func check(_ dataset: TrialDataset) throws {
    _ = try fileNames(dataset.codebook)
    let frames = try frames(plan, dataset)
    var named: Set<String> = []
    let problems = plan.analyses.flatMap { frames.faults(of: $0) }
      .filter { named.insert($0.description).inserted }
    if !problems.isEmpty { throw DataError(problems) }
  }

  private func prepare(_ dataset: TrialDataset) throws -> PreparedData {
    PreparedData(plan: plan, dataset: dataset, frames: try frames(plan, dataset))
  }

  /// The codebook's names of the files that the plan names.
  private func fileNames(_ codebook: Codebook) throws(DataError) -> [String] {
    var problems: [DataProblem] = []
    var names: [String] = []
    for file in plan.files {
      if let description = codebook[file.file.value] {
        names.append(description.name)
      } else {
        problems.append(
          DataProblem(
            file: plan.file, place: file.file.place, found: "no file '\(file.file.value)' in the codebook",
            expected: DataProblem.expectation(insteadOf: file.file.value, among: codebook.files.map(\.file))))
      }
    }
    if !problems.isEmpty { throw DataError(problems) }
    return names
  }

  /// A warning with the file's name below the data directory: a machine's paths belong to no result.
  private func inDirectory(_ warning: DataProblem) -> DataProblem {
    let directory = dataDirectory.hasSuffix("/") ? dataDirectory : dataDirectory + "/"
    var warning = warning
    if warning.file.hasPrefix(directory) { warning.file.removeFirst(directory.count) }
    return warning
  }

  private func frames(_ plan: Plan, _ dataset: TrialDataset, isRepeated: Bool = false) throws -> TrialFrames {
    var files: [String: DataFrame] = [:]
    var labels: [String: VariableLabel] = [:]
    var descriptions: [String: CodebookFile] = [:]
    for planned in plan.files {
      guard let file = dataset[planned.file.value] else { continue }
      files[planned.name] = file.frame
      descriptions[planned.name] = file.codebook
      if isRepeated { continue }
      for column in file.codebook.columns where labels[column.name] == nil {
        labels[column.name] = VariableLabel(
          column.name, Label(column.label), unit: column.unit.map { Label($0) },
          levels: column.levels.map { .init($0.value, Label($0.label)) })
      }
    }
    var frames = try FramesBuilder(plan: plan, files: files, labels: labels, codebook: descriptions).frames()
    frames.isRepeated = isRepeated
    for step in plan.derivations { try frames.derive(step) }
    try frames.makeSets()
    return frames
  }

  private func inputs(_ plan: Plan, _ dataset: TrialDataset) -> [AnalysisRun.Input] {
    let files = plan.files.compactMap { dataset[$0.file.value] }.map { file in
      AnalysisRun.Input(
        file: file.provenance.file, sha256: file.provenance.sha256, rows: file.provenance.rows,
        anonymity: Anonymity(file))
    }
    let codebook = plan.codebook?.value ?? Self.defaultCodebook
    return files + [AnalysisRun.Input(file: codebook, sha256: dataset.codebook.sha256, rows: 0)]
  }

  /// The codebook's name where the plan gives none.
  public static let defaultCodebook = "codebook.yml"

  // MARK: Analyses

  struct Completed: Sendable {
    var analysis: CompletedAnalysis
    var failedChecks: [String]
  }

  /// Runs the analyses, several at a time, and puts them in the plan's order.
  ///
  /// - Throws: `DataError` with the faults of all analyses that name what the data do not have.
  private func analyse(_ plan: Plan, _ frames: TrialFrames, options: Options) throws -> [Completed] {
    let count = plan.analyses.count
    let slots = Mutex<[Completed?]>(Array(repeating: nil, count: count))
    let faults = Mutex<[DataProblem]>([])
    let next = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    parallelLoop(max(1, min(options.jobs, count))) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do throws(DataError) {
          let completed = try Self.complete(plan.analyses[index], on: frames)
          slots.withLock { $0[index] = completed }
        } catch {
          faults.withLock { $0 += error.problems }
        }
        let finished = done.add(1, ordering: .relaxed).newValue
        options.progress?(finished, count, plan.analyses[index].id.value)
      }
    }
    // In the order of the plan, whichever analysis came first.
    let problems = faults.withLock { $0 }.sorted {
      ($0.line ?? 0, $0.description) < ($1.line ?? 0, $1.description)
    }
    if !problems.isEmpty { throw DataError(problems) }
    return slots.withLock { $0.compactMap { $0 } }
  }

  /// Carries the analyses out again under other conventions and sets their numbers beside the records of the same name.
  private func compare(
    _ completed: inout [Completed], under also: AlsoPlan, _ plan: Plan, _ frames: TrialFrames,
    options: Options
  ) throws {
    var second = plan
    second.conventions = also.profile
    second.analyses = also.analyses
    var secondFrames = frames
    secondFrames.plan = second
    var quiet = options
    quiet.progress = nil
    let others = try analyse(second, secondFrames, options: quiet)
    for (i, other) in others.enumerated() { completed[i].analysis.setBeside(other.analysis, also.profile) }
  }

  /// One analysis of the plan as the whole run has it, the numbers under other conventions beside its own.
  ///
  /// - Parameter frames: the data; the models are noted in their log, but not those under other conventions.
  func completed(_ analysis: AnalysisPlan, on frames: TrialFrames) throws(DataError) -> CompletedAnalysis {
    var completed = try Self.complete(analysis, on: frames).analysis
    guard let also = plan.also, let twin = also.analyses.first(where: { $0.id.value == analysis.id.value })
    else { return completed }
    var second = frames
    second.log = nil
    second.plan.conventions = also.profile
    second.plan.analyses = also.analyses
    completed.setBeside(try Self.complete(twin, on: second).analysis, also.profile)
    return completed
  }

  static func complete(_ analysis: AnalysisPlan, on frames: TrialFrames) throws(DataError)
    -> Completed
  {
    var completed = CompletedAnalysis(
      id: analysis.id.value, kind: analysis.kind, role: analysis.role, title: analysis.title)
    var failedChecks: [String] = []
    // Where the variants have sets of their own, no one set is the analysis's.
    let sets = analysis.variants.map(\.set.value).distinct
    completed.population = sets.count == 1 ? frames.sets[sets[0]]?.plan.label : nil
    completed.timeUnit = analysis.timeUnit
    completed.outcome = analysis.outcome.map { frames.label($0.value) }
    completed.covariates = analysis.variants.flatMap(\.covariates).map(\.value).distinct
    completed.variants = analysis.variants.compactMap { variant in
      variant.id.map { VariableLabel.Level($0, variant.label) }
    }
    completed.isByDefinition = analysis.isByDefinition
    completed.estimand = analysis.estimand?.value
    completed.isRequired = analysis.isRequired
    completed.note = analysis.note
    do {
      var findings = try analysis.findings(on: frames)
      SmallCells(floor: frames.plan.suppressionFloor).mark(&findings.results)
      completed.variables = findings.variables.map { frames.label($0) }
      completed.words = findings.words
      completed.status = findings.status
      completed.results = findings.results
      completed.warnings = findings.warnings.distinct
      failedChecks = findings.failedChecks
    } catch let error as DataError {
      throw error
    } catch {
      completed.failure = "\(error)"
      completed.status = .notConverged
      completed.warnings = ["\(error)"]
    }
    return Completed(analysis: completed, failedChecks: failedChecks)
  }

  // MARK: Reconciliation

  /// The equations between the numbers of participants.
  ///
  /// - Throws: `DataError` that names every one that does not hold.
  private func equations(_ analyses: [CompletedAnalysis], _ frames: TrialFrames) throws(DataError)
    -> [FlowEquation]
  {
    let equations = FlowEquations(analyses, frames).all
    let broken = equations.filter { !$0.holds }
    if !broken.isEmpty {
      throw DataError(
        broken.map {
          DataProblem(
            file: plan.file, found: "\($0.name): \($0.left.count) and \($0.right.count)",
            expected: "equal numbers of participants expected", rule: "equation")
        })
    }
    return equations
  }

  // MARK: Published values

  private func published(_ plan: Plan, among results: [Result]) throws(DataError) -> [PublishedValue] {
    let ids = Set(results.map(\.id))
    var problems: [DataProblem] = []
    let values = plan.published.map { value in
      if let beside = value.beside, !ids.contains(beside.value) {
        let near = nearest(to: beside.value, among: ids.sorted())
        problems.append(
          DataProblem(
            file: plan.file, place: beside.place, found: "no record '\(beside.value)'",
            expected: near.isEmpty ? "an id of results.json expected" : "'\(near[0])' expected"))
      }
      return PublishedValue(
        value.label, measure: value.measure, estimate: value.estimate, low: value.low, high: value.high,
        source: value.source, resultID: value.beside?.value)
    }
    if !problems.isEmpty { throw DataError(problems) }
    return values
  }
}

extension CompletedAnalysis {
  /// True where every part has an estimate from a fit that may be read as usual.
  public var hasUsableFit: Bool { failure == nil && !results.isEmpty && status.isUsable }
}

extension CompletedAnalysis {
  /// Sets the numbers that the same analysis has under other conventions beside the records of the same name.
  fileprivate mutating func setBeside(_ other: CompletedAnalysis, _ profile: ConventionProfile) {
    let byID = Dictionary(other.results.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for i in results.indices {
      guard let twin = byID[results[i].id] else { continue }
      results[i].also = Result.Also(twin, profile: profile)
    }
  }
}
