import ModelFormula
import TrialData

/// What changed between two states of a trial's files, such as two extracts of a register: which participants' rows, and
/// which of the outcomes that the plan derives from them.
///
/// A participant is known by the plan's key. A row is the same where every value is; of the rows that are not, one of the old
/// state and one of the new with the same row key (the codebook's; a spell's establishment and start; a visit) are one row that
/// changed, the rest were removed or added. Each state is derived by its own plan.
public struct VintageComparison: Sendable, Equatable {
  /// One file in both states.
  public struct FileState: Sendable, Equatable {
    /// The plan's name for it.
    public let name: String
    /// Nil where the state has no such file.
    public let old: TrialDataset.Provenance?
    public let new: TrialDataset.Provenance?
  }

  /// A value before and after; nil where it is missing or not there.
  public struct ValueChange: Sendable, Equatable {
    /// The column.
    public let name: String
    /// The row of a file with several a participant, by its key.
    public let row: String?
    public let old: String?
    public let new: String?
  }

  /// What happened to a participant's rows of one file.
  public struct RowChanges: Sendable, Equatable {
    /// The plan's name for the file.
    public let file: String
    public var added = 0
    public var removed = 0
    public var changed = 0
    /// The values that differ in the rows that changed.
    public var values: [ValueChange] = []

    var isEmpty: Bool { added == 0 && removed == 0 && changed == 0 }

    /// The names of the columns that differ, in the file's order.
    public var columns: [String] { values.map(\.name).distinct }
  }

  /// A participant in whom anything differs.
  public struct Participant: Sendable, Equatable {
    public enum Presence: String, Sendable, Equatable {
      case changed
      /// Only in the new state.
      case added
      /// Only in the old one.
      case removed
    }

    public let id: String
    public let presence: Presence
    public var rows: [RowChanges] = []
    /// Derived variables that differ.
    public var outcomes: [ValueChange] = []
    /// The analysis sets joined and left, by id.
    public var joined: [String] = []
    public var left: [String] = []

    var isUnchanged: Bool {
      presence == .changed && rows.isEmpty && outcomes.isEmpty && joined.isEmpty && left.isEmpty
    }
  }

  public let files: [FileState]
  public let planChanged: Bool
  public let codebookChanged: Bool
  /// Participants in both states or one.
  public let participantCount: Int
  /// In the order of the old participants' file, then those added in the order of the new.
  public let participants: [Participant]
  /// The derived variables of both plans, and how many participants differ in each; in the plan's order.
  public let outcomes: [(name: String, participants: Int)]

  /// True where a participant's rows, outcomes or sets differ.
  public var differs: Bool { !participants.isEmpty }

  public static func == (a: VintageComparison, b: VintageComparison) -> Bool {
    a.files == b.files && a.planChanged == b.planChanged && a.codebookChanged == b.codebookChanged
      && a.participantCount == b.participantCount && a.participants == b.participants
      && a.outcomes.map(\.name) == b.outcomes.map(\.name)
      && a.outcomes.map(\.participants) == b.outcomes.map(\.participants)
  }

  /// Compares two states.
  public init(old: PlanRunner.PreparedData, new: PlanRunner.PreparedData) {
    let (before, after) = (VintageState(old), VintageState(new))
    let names = (before.files + after.files).distinct
    files = names.map { FileState(name: $0, old: before.provenance($0), new: after.provenance($0)) }
    planChanged = old.plan.sha256 != new.plan.sha256
    codebookChanged = old.dataset.codebook.sha256 != new.dataset.codebook.sha256
    let ids = (before.ids + after.ids).distinct
    participantCount = ids.count
    participants = ids.compactMap { id in
      let found = Self.compare(id, before, after, files: names)
      return found.isUnchanged ? nil : found
    }
    let changed = participants
    let derived = (before.derivedNames + after.derivedNames).distinct
    outcomes = derived.map { name in
      (name, changed.count { $0.outcomes.contains { $0.name == name } })
    }
  }

  private static func compare(
    _ id: String, _ old: VintageState, _ new: VintageState, files: [String]
  ) -> Participant {
    guard let before = old.row(of: id) else { return Participant(id: id, presence: .added) }
    guard let after = new.row(of: id) else { return Participant(id: id, presence: .removed) }
    var participant = Participant(id: id, presence: .changed)
    for file in files {
      let matched = RowMatching(
        old: old.rows(of: before, in: file), new: new.rows(of: after, in: file), file: file)
      if !matched.changes.isEmpty { participant.rows.append(matched.changes) }
      participant.outcomes += matched.derived
    }
    for set in (old.sets + new.sets).distinct {
      switch (old.isMember(before, of: set), new.isMember(after, of: set)) {
      case (false, true): participant.joined.append(set)
      case (true, false): participant.left.append(set)
      default: break
      }
    }
    return participant
  }
}
