import ModelFormula
import Serialisation

/// Participants' time in rows that each end in the start of a job or with the follow-up: what models of recurrent events
/// read (`hekta fit mcf`, `hekta fit cox --recurrent`).
///
/// Time counts in days from day 0; day d ends at time d + 1, so that a job begun on day 0 has a time above 0. Jobs begun on one
/// day are one event (`jobs` says how many). A participant is at risk of a job start all the time, employed or not. Follow-up
/// ends with the window, or with the extract date where that is earlier.
public struct RecurrentJobOutput: Sendable {
  /// One stretch of a participant's time.
  public struct Row: Sendable, Equatable {
    /// The participant's place in the list.
    public let participant: Int
    /// (start, stop] in days from day 0.
    public let start: Int
    public let stop: Int
    /// Whether a job begins at `stop`.
    public let isEvent: Bool
    /// One more than the number of events before.
    public let number: Int
    /// How many jobs begin at `stop`.
    public let jobs: Int
  }

  /// In the order of the participants.
  public let rows: [Row]
  private let participants: EmploymentFiles.Participants

  public init(_ files: EmploymentFiles, definition: EmploymentDefinition) {
    participants = files.participants
    let inclusion = files.participants.inclusion
    let starts = EmploymentDerivation(definition).jobStarts(inclusion: inclusion, spells: files.spells)
    rows = inclusion.indices.flatMap { i -> [Row] in
      let window = definition.window.end(from: inclusion[i])
      // The register knows of the extract date itself.
      let end = Int(min(window, definition.extractDay.map { $0 + 1 } ?? window) - inclusion[i])
      return Self.rows(of: i, starts: starts[i].map(Int.init), end: end)
    }
  }

  /// The rows of one participant; none where the follow-up is empty.
  static func rows(of participant: Int, starts: [Int], end: Int) -> [Row] {
    var rows: [Row] = []
    var from = 0
    for day in Set(starts).sorted() where day < end {
      rows.append(
        Row(
          participant: participant, start: from, stop: day + 1, isEvent: true, number: rows.count + 1,
          jobs: starts.count { $0 == day }))
      from = day + 1
    }
    if from < end {
      rows.append(
        Row(
          participant: participant, start: from, stop: end, isEvent: false, number: rows.count + 1, jobs: 0))
    }
    return rows
  }

  private static let names = ["id", "start", "stop", "event", "number", "jobs"]

  /// As CSV (RFC 4180, LF), the participants' further columns after the rows' own.
  public var csv: [UInt8] {
    var writer = CSVWriter()
    writer.row(Self.names + participants.further.map(\.name))
    for row in rows {
      participants.ids.withBytes(at: row.participant) { writer.field($0) }
      for value in [row.start, row.stop, row.isEvent ? 1 : 0, row.number, row.jobs] { writer.field(value) }
      for (_, texts) in participants.further {
        texts.withBytes(at: row.participant) { writer.field($0) }
      }
      writer.endRow()
    }
    return writer.bytes
  }

  /// As a JSON array of one object a row.
  public var json: JSONValue {
    let ids = participants.ids.coded.json
    let further = participants.further.map { ($0.name, $0.texts.json) }
    return .array(
      rows.map { row in
        let values = [row.start, row.stop, row.isEvent ? 1 : 0, row.number, row.jobs]
        var members = [JSONValue.Member("id", ids[row.participant])]
        members += zip(Self.names.dropFirst(), values).map { .init($0, .integer($1)) }
        members += further.map { .init($0, $1[row.participant]) }
        return .object(members)
      })
  }
}
