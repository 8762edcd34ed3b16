/// One check of a randomisation with its verdict.
public struct RandomisationCheck: Sendable, Equatable {
  /// The checks there are, in the order of a report.
  public enum ID: String, Sendable, CaseIterable {
    /// Participants entered more than once, or without an identifier.
    case duplicateID = "duplicate-id"
    /// Rows without an arm.
    case missingArm = "missing-arm"
    /// Rows with an arm that the trial does not have.
    case unknownArm = "unknown-arm"
    /// Randomisation dates that do not follow the order of the list.
    case dateOrder = "date-order"
    /// Randomisation dates outside the trial's window.
    case dateOutsideWindow = "date-outside-window"
    /// Baseline measured after randomisation.
    case baselineAfterRandomisation = "baseline-after-randomisation"
    /// Numbers by arm against the planned ratio.
    case allocationRatio = "allocation-ratio"
    /// The same within each stratum, with Holm's adjustment.
    case allocationByStratum = "allocation-by-stratum"
    /// The largest imbalance on the way.
    case allocationOverTime = "allocation-over-time"
    /// The number of runs of one arm.
    case runs
    /// Allocations that do not fit the blocks.
    case blockStructure = "block-structure"
    /// The share of allocations that the convergence strategy guesses.
    case predictability
    /// Berger and Exner's test.
    case selectionBias = "selection-bias"
    /// Joint balance of the baseline variables.
    case balanceOmnibus = "balance-omnibus"
    /// Missing outcomes by arm.
    case missingByArm = "missing-by-arm"
  }

  /// What a check found.
  public enum Status: String, Sendable, CaseIterable {
    case pass
    case warn
    case fail
    /// The data or the design give nothing to check.
    case notApplicable = "not-applicable"
  }

  public let id: ID
  public var status: Status
  public var statistic: Double?
  public var df: Double?
  public var pValue: Double?
  /// Lines of the file that the finding is about.
  public var rows: [Int]
  /// What was found, in a sentence.
  public var message: String

  init(
    _ id: ID, _ status: Status, statistic: Double? = nil, df: Double? = nil, pValue: Double? = nil,
    rows: [Int] = [], _ message: String
  ) {
    self.id = id
    self.status = status
    self.statistic = statistic
    self.df = df
    self.pValue = pValue
    self.rows = rows
    self.message = message
  }

  static func notApplicable(_ id: ID, _ message: String) -> RandomisationCheck {
    RandomisationCheck(id, .notApplicable, message)
  }
}

/// The levels at which p-values speak.
public struct CheckLevels: Sendable, Equatable {
  /// p-values up to this are a warning.
  public var warning = 0.05
  /// p-values up to this are a failed check.
  public var failure = 0.001

  public init(warning: Double = 0.05, failure: Double = 0.001) {
    self.warning = warning
    self.failure = failure
  }

  func status(_ p: Double) -> RandomisationCheck.Status {
    p <= failure ? .fail : p <= warning ? .warn : .pass
  }
}
