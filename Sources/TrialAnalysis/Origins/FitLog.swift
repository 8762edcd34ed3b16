import ModelFitting
import ModelFormula
import Synchronization

/// A model that an analysis fitted: everything that a call of `hekta fit` needs to fit it again.
public struct LoggedFit: Sendable {
  /// The part of the analysis; nil where it has one.
  public var variant: String?
  /// The model's name on the command line.
  public var model: String
  /// The table with the rows that were offered to the model: those of the analysis set.
  public var request: ModelRequest
}

/// Participants that an analysis counted by what it did with them, which no column of the data tells.
public struct LoggedCount: Sendable {
  /// The part of the analysis; nil where it has one.
  public var variant: String?
  /// The column of the table that is known for those who count.
  public var column: String
  /// One row a participant of the set, with the arm.
  public var frame: DataFrame
}

/// Keeps the models, counts and audits that an analysis makes, for whoever asks where its numbers come from.
final class FitLog: Sendable {
  private let entries = Mutex<[LoggedFit]>([])
  private let counted = Mutex<[LoggedCount]>([])
  private let audited = Mutex<[LoggedAudit]>([])

  /// The fits in the order in which they were made.
  var fits: [LoggedFit] { entries.withLock { $0 } }
  var counts: [LoggedCount] { counted.withLock { $0 } }
  var audits: [LoggedAudit] { audited.withLock { $0 } }

  func add(_ fit: LoggedFit) { entries.withLock { $0.append(fit) } }
  func add(_ count: LoggedCount) { counted.withLock { $0.append(count) } }
  func add(_ audit: LoggedAudit) { audited.withLock { $0.append(audit) } }
}
