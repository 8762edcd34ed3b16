import LinearAlgebra
import ModelFormula
import Serialisation

/// Writes employment outcomes, one row a participant: `id`, the outcomes, then the participants' further columns untouched.
public struct EmploymentOutput: Sendable {
  public let participants: EmploymentFiles.Participants
  public let outcomes: [EmploymentOutcome]

  public init(participants: EmploymentFiles.Participants, outcomes: [EmploymentOutcome]) {
    self.participants = participants
    self.outcomes = outcomes
  }

  /// As CSV (RFC 4180, LF): what does not exist is `NA`.
  public var csv: [UInt8] {
    let parts = max(1, min(coreCount, outcomes.count / 20_000))
    let slots = ThreadSlots<[UInt8]>(count: parts)
    let count = outcomes.count
    parallelLoop(parts) { part in
      slots[part] = rows((count * part / parts)..<(count * (part + 1) / parts))
    }
    var writer = CSVWriter()
    writer.row(["id"] + EmploymentFiles.derivedNames + participants.further.map(\.name))
    return (0..<parts).reduce(into: writer.bytes) { $0 += slots[$1]! }
  }

  private func rows(_ range: Range<Int>) -> [UInt8] {
    var writer = CSVWriter(capacity: range.count * 64)
    for i in range {
      let outcome = outcomes[i]
      participants.ids.withBytes(at: i) { writer.field($0) }
      writer.field(outcome.isEmployed ? 1 : 0)
      writer.field(Int(outcome.daysWorked))
      writer.field(outcome.hours)
      writer.field(Int(outcome.jobs))
      writer.field(Int(outcome.longestJobDays))
      if let days = outcome.daysToFirstJob { writer.field(Int(days)) } else { writer.field("NA") }
      writer.field(outcome.isSustained ? 1 : 0)
      writer.field(Int(outcome.preExisting))
      writer.field(outcome.flags.isEmpty ? "" : outcome.flags.text)
      for (_, texts) in participants.further { texts.withBytes(at: i) { writer.field($0) } }
      writer.endRow()
    }
    return writer.bytes
  }

  /// As a JSON array of one object a participant. A column of the participants is of numbers where every value of it is one.
  public var json: JSONValue {
    let ids = participants.ids.json
    let further = participants.further.map { ($0.name, $0.texts.json) }
    return .array(
      outcomes.indices.map { i in
        let outcome = outcomes[i]
        var members: [JSONValue.Member] = [
          .init("id", ids[i]), .init("employed", .integer(outcome.isEmployed ? 1 : 0)),
          .init("days_worked", .integer(Int(outcome.daysWorked))),
          .init("hours", .number(Optional(outcome.hours))),
          .init("jobs", .integer(Int(outcome.jobs))),
          .init("longest_job_days", .integer(Int(outcome.longestJobDays))),
          .init("days_to_first_job", outcome.daysToFirstJob.map { .integer(Int($0)) } ?? .null),
          .init("sustained", .integer(outcome.isSustained ? 1 : 0)),
          .init("pre_existing", .integer(Int(outcome.preExisting))),
          .init("flags", .string(outcome.flags.text)),
        ]
        for (name, values) in further { members.append(.init(name, values[i])) }
        return .object(members)
      })
  }
}
