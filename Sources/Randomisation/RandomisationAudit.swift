import Inference
import ModelFormula
import Probability

/// The audit of the allocations that a trial actually made.
///
/// Rows are checked one by one, then the sequence of allocations as a whole against the design: numbers by arm, order, block
/// structure, what could be guessed, balance. Statistics without a textbook distribution under the design are held against
/// draws of the same design.
public struct RandomisationAudit: Sendable {
  /// Which block sizes are held against the list.
  public enum Blocks: Sendable, Equatable {
    /// They are inferred from the list.
    case inferred
    /// The trial's own.
    case declared([Int])
  }

  /// The trial's arms in order; rows with other codes are then unknown arms.
  public var arms: TrialArms?
  /// The arms of the data where the trial's were not declared; sorted by their codes and 1:1 where both are nil.
  public var observedArms: TrialArms?
  public var blocks = Blocks.inferred
  /// How allocations were drawn; nil: permuted blocks where block sizes are declared or show, else stratified or complete.
  public var design: AllocationDesign?
  /// The probability of the best-balancing arm under minimisation.
  public var minimisationProbability = 0.8
  /// The days on which participants could be randomised.
  public var window: ClosedRange<Int32>?
  public var levels = CheckLevels()
  /// How many allocations are drawn.
  public var draws = 10_000
  public var seed: UInt64 = 1
  /// The confidence level of the effects' limits.
  public var level = 0.95
  /// How many threads draw; no number depends on it.
  public var threads = 1

  public init() {}

  /// Audits a trial's rows.
  public func report(_ records: AllocationRecords) -> RandomisationReport {
    let arms = arms ?? observedArms ?? Self.arms(of: records)
    let single = RecordChecks(records: records, arms: arms, armsAreDeclared: self.arms != nil)
    let usable = single.usable()
    let (rows, dateOrder) = single.ordered(usable)
    let prepared = prepared(records, rows: rows, arms: arms)
    let (sequence, found) = (prepared.sequence, prepared.found)
    let effects = records.effects.flatMap { outcome -> [RandomisationEffect] in
      guard case .numeric(let values) = outcome.column else { return [] }
      return self.effects(on: values, named: outcome.name, prepared)
    }
    let design = found.design
    let baseline = records.baseline.map { $0.column.selecting(rows: rows) }
    let drawn = Rerandomisation(
      sequence, found.rerandomiser, baseline: baseline, draws: draws, seed: seed, threads: threads)
    let omnibus = OmnibusBalance(baseline, sequence)
    let whole = SequenceChecks(
      sequence: sequence, lines: rows.map { records.lines[$0] }, levels: levels, drawn: drawn,
      design: design)
    let checks = [
      single.duplicates(), single.missingArms(), single.unknownArms(), dateOrder,
      single.outsideWindow(window, rows), single.baselineAfterRandomisation(rows), whole.ratio(),
      whole.byStratum(), whole.overTime(), whole.runs(), blockCheck(found, sequence, whole),
      whole.predictability(), whole.selectionBias(hasBaseline: !baseline.isEmpty),
      whole.balance(omnibus, hasBaseline: !baseline.isEmpty),
      MissingByArm(records: records, rows: rows, sequence: sequence, levels: levels).check(),
    ]
    return RandomisationReport(
      arms: arms, counts: sequence.counts, checks: checks, blocks: found.structure?.strata ?? [],
      balance: BalanceTable.rows(records.baseline, rows: rows, sequence: sequence), omnibus: omnibus,
      effects: effects, drawn: drawn, design: design, blockSizes: found.sizes,
      flow: .init(records: records, usable: rows, sequence: sequence), lines: rows.map { records.lines[$0] },
      seed: seed, levels: levels)
  }

  /// The arms of the data, sorted by their codes.
  private static func arms(of records: AllocationRecords) -> TrialArms {
    let codes = Set(records.arms.compactMap { $0 }).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    return TrialArms(codes)
  }

  // MARK: Design

  /// The allocations in the order they were made, and the design that draws them again.
  public struct Prepared: Sendable {
    public let sequence: AllocationSequence
    /// The row of the records of each position of the sequence.
    public let rows: [Int]
    let found: Found

    /// The design, ready to draw.
    public var rerandomiser: Rerandomiser { found.rerandomiser }
    /// The design in words: `permuted-block (4, 6)`.
    public var designText: String { found.design.text(blocks: found.sizes) }
  }

  /// Orders a trial's rows and finds their design, as `report(_:)` does.
  public func prepared(_ records: AllocationRecords) -> Prepared {
    let arms = arms ?? observedArms ?? Self.arms(of: records)
    let single = RecordChecks(records: records, arms: arms, armsAreDeclared: self.arms != nil)
    return prepared(records, rows: single.ordered(single.usable()).rows, arms: arms)
  }

  private func prepared(_ records: AllocationRecords, rows: [Int], arms: TrialArms) -> Prepared {
    let index = Dictionary(uniqueKeysWithValues: arms.codes.enumerated().map { ($1, $0) })
    let sequence = AllocationSequence(
      arms, arm: rows.map { index[records.arms[$0]!]! },
      stratum: records.strata.isEmpty ? nil : rows.map(records.stratum))
    return Prepared(sequence: sequence, rows: rows, found: design(of: sequence, records, rows))
  }

  /// The design that the draws follow and what led to it.
  struct Found: Sendable {
    var design: AllocationDesign
    var sizes: [Int]
    var structure: BlockStructure?
    var inference: BlockInference?
    var rerandomiser: Rerandomiser
  }

  func design(of sequence: AllocationSequence, _ records: AllocationRecords, _ rows: [Int]) -> Found {
    var sizes: [Int] = []
    var structure: BlockStructure?
    var inference: BlockInference?
    switch blocks {
    case .declared(let declared):
      sizes = declared.sorted()
      structure = BlockStructure(sequence, sizes: sequence.members.map { _ in sizes })
    case .inferred where design == nil || design == .permutedBlock:
      inference = BlockInference(sequence)
      if let inference, !inference.sizes.isEmpty {
        sizes = inference.sizes
        structure = BlockStructure(sequence, sizes: inference.stratumSizes)
      }
    case .inferred: break
    }
    let unblocked: AllocationDesign = records.strata.isEmpty ? .complete : .stratified
    let design = design ?? (sizes.isEmpty ? unblocked : .permutedBlock)
    let factors = (records.minimisation.isEmpty ? records.strata : records.minimisation).map {
      AllocationRecords.levels($0.column, rows: rows)
    }
    let rerandomiser = Rerandomiser(
      design, sequence, blocks: structure,
      minimisation: design == .minimisation
        ? Minimisation(factors: factors, probability: minimisationProbability) : nil)
    return Found(
      design: design, sizes: sizes, structure: structure, inference: inference, rerandomiser: rerandomiser)
  }

  private func blockCheck(_ found: Found, _ sequence: AllocationSequence, _ whole: SequenceChecks)
    -> RandomisationCheck
  {
    if let structure = found.structure {
      return whole.blocks(structure, sizes: found.sizes, isDeclared: blocks != .inferred)
    }
    if let design, design != .permutedBlock {
      return .notApplicable(.blockStructure, "the design has no blocks (\(design.rawValue))")
    }
    guard found.inference != nil else {
      return .notApplicable(.blockStructure, "no block can hold the planned ratio")
    }
    return .init(
      .blockStructure, .pass,
      "no block structure shows: the list is as likely without blocks, or too short to tell")
  }
}
