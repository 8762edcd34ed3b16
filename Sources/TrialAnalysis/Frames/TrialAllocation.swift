import LinearAlgebra
import ModelFormula
import Randomisation
import TrialData

/// The allocations of a trial as its plan describes them: what the audit reads and what randomisation tests draw again.
struct TrialAllocation {
  /// One row a participant, in the order of the participants' file.
  private(set) var records: AllocationRecords
  /// The codes of the arms that are allocated; all where nil.
  private var chosen: [String]?
  private let data: TrialFrames
  private let design: RandomisationPlan

  /// Gathers the allocations.
  ///
  /// - Parameters:
  ///   - strata: the strata in place of the plan's, for an analysis that names its own.
  ///   - baseline: the baseline variables to describe and test.
  ///   - outcomes: the outcomes whose missing values are compared.
  /// - Throws: `DataError` for a name that is no column, or a column that cannot be a date or an order.
  init(
    _ data: TrialFrames, strata: [Placed<String>]? = nil, baseline: [Placed<String>] = [],
    outcomes: [Placed<String>] = []
  ) throws(DataError) {
    self.data = data
    let design = data.plan.randomisation ?? .unstated
    self.design = design
    func variables(_ names: [Placed<String>]) throws(DataError) -> [AllocationRecords.Variable] {
      var variables: [AllocationRecords.Variable] = []
      for name in names { variables.append(.init(name.value, try data.column(name, file: nil))) }
      return variables
    }
    let count = data.participants.rowCount
    let keys = data.participants[data.plan.participants.key.value]
    let codes = data.armCodes
    var records = AllocationRecords(
      ids: (0..<count).map { row in keys.flatMap { AllocationRecords.text($0, row) } },
      arms: codes.map { $0 < 0 ? nil : data.arms[Int($0)] },
      lines: data.participants.lines ?? Array(2..<(count + 2)))
    records.strata = try variables(strata ?? design.strata)
    records.baseline = try variables(baseline)
    records.outcomes = try variables(outcomes)
    records.minimisation = try variables(design.factors)
    if let name = design.date { records.date = try Self.days(name, data) }
    if let name = design.baselineDate { records.baselineDate = try Self.days(name, data) }
    if let name = design.order { records.order = try Self.order(name, data) }
    self.records = records
  }

  private static func days(_ name: Placed<String>, _ data: TrialFrames) throws(DataError) -> [Int32] {
    guard case .date(let days) = try data.column(name, file: nil) else {
      throw data.fault(
        "'\(name.value)' does not hold dates", expected: "a date column expected", at: name.place)
    }
    return days
  }

  private static func order(_ name: Placed<String>, _ data: TrialFrames) throws(DataError) -> [Double] {
    switch try data.column(name, file: nil) {
    case .numeric(let values): return values
    case .date(let days): return days.map { $0 == Column.missingDay ? .nan : Double($0) }
    case .categorical, .text:
      throw data.fault(
        "'\(name.value)' holds no numbers or dates", expected: "a column that orders the list expected",
        at: name.place)
    }
  }

  /// The trial's arms, the control first.
  var arms: TrialArms {
    let arms = data.plan.arms.arms.filter { chosen?.contains($0.code.value) ?? true }
    return TrialArms(arms.map(\.code.value), ratio: arms.map(\.ratio))
  }

  /// The participants of some arms alone.
  func restricted(to arms: [String]) -> TrialAllocation {
    var part = self
    part.chosen = arms
    part.records = records.selecting(
      rows: records.arms.indices.filter { row in
        records.arms[row].map(arms.contains) ?? false
      })
    return part
  }

  /// The audit that the plan describes.
  func audit(levels: CheckLevels = CheckLevels()) -> RandomisationAudit {
    var audit = RandomisationAudit()
    audit.arms = arms
    audit.design = design.design
    if !design.blocks.isEmpty { audit.blocks = .declared(design.blocks) }
    audit.minimisationProbability = design.probability
    audit.window = design.window
    audit.levels = levels
    audit.level = data.plan.level
    audit.draws = design.draws
    audit.seed = UInt64(data.plan.seed)
    return audit
  }
}
