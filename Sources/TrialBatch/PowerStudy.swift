import Inference
import LinearAlgebra
import ModelFormula
import Probability
import Serialisation
import Synchronization
import TrialAnalysis
import TrialData
import TrialSimulation

/// A simulation study of a plan: trials drawn from its generative model, each analysed as the plan says.
///
/// Every trial has random streams of its own, keyed by the seed and its number, so that the numbers do not depend on how many
/// threads or machines share the work. Design and measures after Morris, White and Crowther, Statistics in Medicine
/// 2019;38:2074–2102, doi:10.1002/sim.8086.
public struct PowerStudy: Sendable {
  /// What the simulated treatment does.
  public enum Scenario: String, Sendable, CaseIterable {
    /// What the plan's model says.
    case effect
    /// Nothing: the share of rejections is the type I error.
    case null
  }

  /// One estimate of one trial.
  public struct Estimate: Sendable, Equatable {
    /// The record's id.
    public var id: String
    public var measure: String
    public var estimate: Double?
    public var standardError: Double?
    public var low: Double?
    public var high: Double?
    public var pValue: Double?
    /// False where the fit is not to be read as usual.
    public var isUsable: Bool
  }

  /// One trial.
  public struct Trial: Sendable, Equatable {
    public var replicate: Int
    public var estimates: [Estimate]
    /// Why the trial could not be analysed.
    public var failure: String?
  }

  /// The plan with the analyses of the study alone.
  public let plan: Plan
  public let seed: Int
  /// The hash of the codebook.
  public var codebookDigest: String { codebook.sha256 }
  /// The hashes of the data whose arms are drawn anew; empty where trials are drawn whole.
  public var dataDigest: String {
    guard case .rerandomised(let dataset, _, _) = source else { return "" }
    return dataset.files.map(\.provenance.sha256).joined(separator: " ")
  }
  private let codebook: Codebook
  private let source: Source

  private enum Source: Sendable {
    case employment(EmploymentTrialModel)
    case rerandomised(TrialDataset, arm: String, strata: [String])
  }

  /// - Parameters:
  ///   - plan: a plan with `simulate`.
  ///   - codebook: its codebook.
  ///   - dataDirectory: the trial's data, read where arms are drawn anew.
  ///   - analyses: the ids of the analyses to repeat, or of single models within them (`job-cox.adjusted`); those of the role primary that compare arms where nil.
  ///   - seed: in place of the plan's.
  /// - Throws: `DataError` where the plan has no model, a parameter is not the model's, or an analysis is not the plan's.
  public init(
    plan full: Plan, codebook: Codebook, dataDirectory: String, analyses: [String]?, seed: Int?
  ) throws(DataError) {
    guard let simulation = full.simulation else {
      throw DataError([
        DataProblem(
          file: full.file, found: "no 'simulate'",
          expected: "the generative model of simulated trials under 'simulate' expected")
      ])
    }
    let known = full.analysisIDs
    for id in analyses ?? [] where !known.contains(id) {
      throw DataError([
        DataProblem(
          file: full.file, found: "no analysis '\(id)'",
          expected: DataProblem.expectation(insteadOf: id, among: known))
      ])
    }
    let chosen =
      analyses
      ?? full.analyses.filter { $0.role == .primary && !Self.descriptive.contains($0.kind) }.map(\.id.value)
    if chosen.isEmpty {
      throw DataError([
        DataProblem(
          file: full.file, found: "no analysis of the role primary", expected: "--analyses expected")
      ])
    }
    var reduced = full.reduced(to: chosen)
    reduced.suppressionFloor = 0
    plan = reduced
    self.codebook = codebook
    self.seed = seed ?? full.seed
    switch simulation.model {
    case .employment: source = .employment(try EmploymentTrialModel(simulation, file: full.file))
    case .rerandomise:
      let files = reduced.files.filter { reduced.filesInUse.contains($0.name) }
      let dataset = try TrialDataset.load(
        directory: dataDirectory, codebook: codebook,
        files: files.compactMap { codebook[$0.file.value]?.name })
      // Within the strata of the randomisation, where the model names none of its own.
      let strata = simulation.strata.isEmpty ? full.randomisation?.strata ?? [] : simulation.strata
      let columns = dataset[full.participants.file.value]?.frame.names ?? []
      for name in strata where !columns.contains(name.value) {
        throw DataError([
          DataProblem(
            file: full.file, place: name.place, found: "no column '\(name.value)'",
            expected: DataProblem.expectation(insteadOf: name.value, among: columns))
        ])
      }
      source = .rerandomised(dataset, arm: reduced.arms.column.value, strata: strata.map(\.value))
    }
  }

  private static let descriptive: [AnalysisKind] = [.flow, .randomisation, .baseline]

  /// The scenarios that the model has.
  public var scenarios: [Scenario] {
    if case .rerandomised = source { return [.null] }
    return Scenario.allCases
  }

  /// How many take part in each trial.
  public var participants: Int {
    switch source {
    case .employment(let model): model.participants
    case .rerandomised(let dataset, _, _): dataset[plan.participants.file.value]?.frame.rowCount ?? 0
    }
  }

  // MARK: Trials

  /// Draws and analyses trials.
  ///
  /// - Parameters:
  ///   - replicates: the numbers of the trials.
  ///   - jobs: how many run at a time.
  ///   - progress: told how many are done.
  public func trials(
    _ scenario: Scenario, _ replicates: [Int], jobs: Int, progress: (@Sendable (Int) -> Void)? = nil
  ) -> [Trial] {
    FreedMemory.keep()
    let slots = Mutex<[Trial?]>(Array(repeating: nil, count: replicates.count))
    let next = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    parallelLoop(max(1, min(jobs, replicates.count))) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < replicates.count else { return }
        let trial = trial(scenario, replicates[index])
        slots.withLock { $0[index] = trial }
        progress?(done.add(1, ordering: .relaxed).newValue)
      }
    }
    return slots.withLock { $0.compactMap { $0 } }
  }

  /// One trial.
  ///
  /// - Parameter participants: in place of the model's number.
  func trial(_ scenario: Scenario, _ replicate: Int, participants: Int? = nil) -> Trial {
    do {
      let dataset = try dataset(scenario, replicate, participants: participants)
      let analyses = try PlanRunner(plan: plan, dataDirectory: "").analyses(of: dataset)
      return Trial(replicate: replicate, estimates: analyses.flatMap(estimates))
    } catch {
      return Trial(replicate: replicate, estimates: [], failure: "\(error)")
    }
  }

  private func dataset(_ scenario: Scenario, _ replicate: Int, participants: Int?) throws -> TrialDataset {
    switch source {
    case .employment(var model):
      if let participants { model.participants = participants }
      if scenario == .null { model = model.withoutEffect }
      let files = plan.files.filter { plan.filesInUse.contains($0.name) }
      let names = Set(files.compactMap { codebook[$0.file.value]?.file })
      let export = SimulatedExport(
        model, seed: UInt64(seed), replicate: Self.stream(scenario, replicate), only: names)
      return try TrialDataset(
        codebook: codebook,
        tables: export.tables.filter { names.contains($0.name) }.map { (file: $0.name, frame: $0.frame) })
    case .rerandomised(var dataset, let arm, let strata):
      guard
        let place = dataset.files.firstIndex(where: {
          $0.codebook.file == plan.participants.file.value
            || $0.name == plan.participants.file.value
        }),
        let column = dataset.files[place].frame[arm]
      else { return dataset }
      let frame = dataset.files[place].frame
      var stream = RandomStream(seed: UInt64(seed), purpose: "power/rerandomise", replicate: replicate)
      let order = Self.permutation(within: strata.compactMap { frame[$0] }, rows: frame.rowCount, &stream)
      dataset.files[place].frame[arm] = column.selecting(rows: order)
      return dataset
    }
  }

  /// The two scenarios draw different trials: their estimates are compared with their own truths, not with one another.
  private static func stream(_ scenario: Scenario, _ replicate: Int) -> Int {
    2 * replicate + (scenario == .null ? 1 : 0)
  }

  /// The rows with places exchanged within each combination of the strata's values.
  private static func permutation(within strata: [Column], rows: Int, _ stream: inout RandomStream) -> [Int] {
    var order = Array(0..<rows)
    let codes = strata.map { column -> [Int32] in
      if case .categorical(let codes, _) = column.asCategorical { return codes }
      return []
    }
    var groups: [[Int32]: [Int]] = [:]
    var names: [[Int32]] = []
    for row in 0..<rows {
      let key = codes.map { $0[row] }
      if groups[key] == nil { names.append(key) }
      groups[key, default: []].append(row)
    }
    for name in names {
      let members = groups[name]!
      var shuffled = members
      stream.shuffle(&shuffled)
      for (place, row) in zip(members, shuffled) { order[place] = row }
    }
    return order
  }

  /// The comparisons among an analysis's records: contrasts of arms, and tests of the arms.
  ///
  /// A test of a whole model with covariates is none of the arms: where the treatment does nothing, the covariates still do.
  private func estimates(_ analysis: CompletedAnalysis) -> [Estimate] {
    let variants = plan.analyses.first { $0.id.value == analysis.id }?.variants ?? []
    let adjusted = Set(variants.filter { !$0.covariates.isEmpty }.map(\.id))
    return analysis.results.compactMap { record in
      let isContrast = record.contrast != nil && record.measure.null != nil && record.estimate != nil
      let isOfWhole = Self.wholeTests.contains(record.term ?? "") && adjusted.contains(record.variant)
      let isTest =
        record.measure == .test && record.pValue != nil && record.term?.hasPrefix("proportional") != true
        && !isOfWhole
      guard isContrast || isTest else { return nil }
      return Estimate(
        id: record.id, measure: record.measure.rawValue, estimate: isContrast ? record.estimate : nil,
        standardError: record.standardError, low: isContrast ? record.low : nil,
        high: isContrast ? record.high : nil, pValue: record.pValue, isUsable: record.status.isUsable)
    }
  }

  private static let wholeTests: Set<String> = ["likelihood-ratio", "wald", "score"]

  /// The large-sample value of every estimate: those of one trial of many participants, with their standard errors.
  public func truth(participants: Int) -> Trial { trial(.effect, 0, participants: participants) }
}
