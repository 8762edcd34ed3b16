import ModelFormula

/// What an audit found.
public struct RandomisationReport: Sendable {
  /// Rows and participants, from the file to the outcomes.
  public struct Flow: Sendable, Equatable {
    /// Rows in the file.
    public let rows: Int
    /// Rows left aside because an earlier row has the same participant.
    public let duplicates: Int
    public let withoutArm: Int
    public let withUnknownArm: Int
    /// Participants the audit rests on.
    public let randomised: Int
    /// By arm.
    public let allocated: [Int]
    /// For each outcome the participants by arm whose outcome is known.
    public let outcomes: [(name: String, known: [Int])]

    init(records: AllocationRecords, usable: [Int], sequence: AllocationSequence) {
      rows = records.count
      withoutArm = records.arms.count { $0 == nil }
      withUnknownArm = records.arms.count { arm in arm.map { !sequence.arms.codes.contains($0) } ?? false }
      randomised = usable.count
      duplicates = rows - withoutArm - withUnknownArm - randomised
      allocated = sequence.counts
      outcomes = records.outcomes.map { outcome in
        (
          outcome.name,
          sequence.counts(of: usable.indices.filter { !outcome.column.isMissing(at: usable[$0]) })
        )
      }
    }

    public static func == (a: Flow, b: Flow) -> Bool {
      a.rows == b.rows && a.duplicates == b.duplicates && a.withoutArm == b.withoutArm
        && a.withUnknownArm == b.withUnknownArm && a.randomised == b.randomised && a.allocated == b.allocated
        && a.outcomes.map(\.name) == b.outcomes.map(\.name)
        && a.outcomes.map(\.known) == b.outcomes.map(\.known)
    }
  }

  public let arms: TrialArms
  /// Participants by arm.
  public let counts: [Int]
  /// One of every id, in order.
  public let checks: [RandomisationCheck]
  /// One a stratum; empty where no blocks were held against the list.
  public let blocks: [BlockStructure.Stratum]
  public let balance: [BalanceRow]
  public let omnibus: OmnibusBalance?
  /// One an outcome and comparison, for the outcomes that were asked about.
  public let effects: [RandomisationEffect]
  public let drawn: Rerandomisation
  public let design: AllocationDesign
  public let blockSizes: [Int]
  public let flow: Flow
  /// The line of the file of each position of the sequence.
  public let lines: [Int]
  public let seed: UInt64
  public let levels: CheckLevels

  /// A check by its id.
  public func check(_ id: RandomisationCheck.ID) -> RandomisationCheck { checks.first { $0.id == id }! }

  /// The checks that failed.
  public var failed: [RandomisationCheck] { checks.filter { $0.status == .fail } }

  /// The design in words: `permuted-block (4, 6)`.
  public var designText: String { design.text(blocks: blockSizes) }

  /// The comparisons that `BalanceRow.differences` holds, in order.
  public var contrasts: [String] { arms.others.map { "\(arms.codes[$0]) - \(arms.codes[arms.control])" } }
}
