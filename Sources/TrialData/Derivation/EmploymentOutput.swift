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
    var writer = CSVWriter()
    writer.row(["id"] + EmploymentFiles.derivedNames + participants.further.map(\.name))
    let ids = participants.ids
    for i in ids.indices {
      let outcome = outcomes[i]
      writer.field(ids[i])
      writer.field(outcome.isEmployed ? 1 : 0)
      writer.field(Int(outcome.daysWorked))
      writer.field(outcome.hours)
      writer.field(Int(outcome.jobs))
      writer.field(Int(outcome.longestJobDays))
      if let days = outcome.daysToFirstJob { writer.field(Int(days)) } else { writer.field("NA") }
      writer.field(outcome.isSustained ? 1 : 0)
      writer.field(Int(outcome.preExisting))
      writer.field(outcome.flags.text)
      for column in participants.further { writer.field(column.texts[i]) }
      writer.endRow()
    }
    return writer.bytes
  }

  /// As a JSON array of one object a participant. A column of the participants is of numbers where every value of it is one.
  public var json: JSONValue {
    let ids = Self.jsonColumn(participants.ids)
    let further = participants.further.map { ($0.name, Self.jsonColumn($0.texts)) }
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

  /// Numbers where every text that is not missing is one and would be written the same; else the texts.
  private static func jsonColumn(_ texts: [String]) -> [JSONValue] {
    let missing = MissingTexts([])
    let values = texts.map { text -> JSONValue? in
      if missing.contains(text) { return JSONValue.null }
      guard let number = DecimalNumber.parse(text, mark: .point), NumberWriter.text(number) == text else {
        return nil
      }
      return .number(Optional(number))
    }
    if values.contains(where: { $0 == nil }) {
      return texts.map { missing.contains($0) ? .null : .string($0) }
    }
    return values.map { $0! }
  }
}
