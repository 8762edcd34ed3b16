import Glibc
import LinearAlgebra
import ModelFormula
import Serialisation

/// Writes employment outcomes, one row a participant: `id`, the outcomes, what further was asked for, then the participants'
/// further columns untouched.
public struct EmploymentOutput: Sendable {
  public let participants: EmploymentFiles.Participants
  public let outcomes: [EmploymentOutcome]
  /// Variables behind the outcomes, such as earnings and the definitions of a grid; NaN is written as `NA`.
  public let extras: [(name: String, values: [Double])]

  public init(
    participants: EmploymentFiles.Participants, outcomes: [EmploymentOutcome],
    extras: [(name: String, values: [Double])] = []
  ) {
    self.participants = participants
    self.outcomes = outcomes
    self.extras = extras
  }

  /// The names of the outcomes in the order of the output.
  public static let outcomeNames = [
    "employed", "days_worked", "hours", "jobs", "longest_job_days", "days_to_first_job", "sustained",
    "pre_existing", "flags",
  ]

  /// The names of what leave and furlough are, in the order of the output.
  public static let absenceNames = ["leave_hours", "furlough_hours", "leave_share", "furlough_share"]

  /// The variables of leave and furlough.
  public static func absences(_ outcomes: [EmploymentOutcome]) -> [(name: String, values: [Double])] {
    let values: [(EmploymentOutcome) -> Double] = [
      \.leaveHours, \.furloughHours, \.leaveShare, \.furloughShare,
    ]
    return zip(absenceNames, values).map { ($0, outcomes.map($1)) }
  }

  /// As CSV (RFC 4180, LF): what does not exist is `NA`.
  public var csv: [UInt8] {
    let count = outcomes.count
    return CSVWriter.table(
      header: ["id"] + Self.outcomeNames + extras.map(\.name) + participants.further.map(\.name),
      rowCount: count, bytesPerRow: 64
    ) { i, writer in
      let outcome = outcomes[i]
      participants.ids.withBytes(at: i) { writer.field($0) }
      writer.field(outcome.isEmployed ? 1 : 0)
      writer.field(Int(outcome.daysWorked))
      writer.field(outcome.hours)
      writer.field(Int(outcome.jobs))
      writer.field(Int(outcome.longestJobDays))
      if let days = outcome.daysToFirstJob { writer.field(Int(days)) } else { writer.fieldNotAvailable() }
      writer.field(outcome.isSustained ? 1 : 0)
      writer.field(Int(outcome.preExisting))
      writer.field(outcome.flags.text)
      for (_, values) in extras { writer.field(values[i]) }
      for (_, texts) in participants.further { texts.withBytes(at: i) { writer.field($0) } }
    }
  }

  /// As a JSON array of one object a participant. A column of the participants is of numbers where every value of it is one.
  public var json: JSONValue {
    let ids = participants.ids.coded.json
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
        for (name, values) in extras { members.append(.init(name, .number(Optional(values[i])))) }
        for (name, values) in further { members.append(.init(name, values[i])) }
        return .object(members)
      })
  }
}

/// Writes employment by month, one row a participant and month: `id`, the month and its employment, then the participants'
/// further columns untouched.
public struct EmploymentMonthsOutput: Sendable {
  public let participants: EmploymentFiles.Participants
  public let months: EmploymentMonths

  public init(participants: EmploymentFiles.Participants, months: EmploymentMonths) {
    self.participants = participants
    self.months = months
  }

  /// The names of the columns that the series makes.
  public static let names = ["month", "employed", "days", "days_worked", "hours"]

  /// As CSV (RFC 4180, LF): what the register does not tell is `NA`.
  public var csv: [UInt8] {
    let months = months
    return CSVWriter.table(
      header: ["id"] + Self.names + participants.further.map(\.name), rowCount: months.count,
      bytesPerRow: 32
    ) { i, writer in
      let person = Int(months.participant[i])
      participants.ids.withBytes(at: person) { writer.field($0) }
      writer.field(Int(months.month[i]))
      writer.field(months.employed[i])
      writer.field(Int(months.days[i]))
      writer.field(Int(months.daysWorked[i]))
      writer.field(months.hours[i])
      for (_, texts) in participants.further { texts.withBytes(at: person) { writer.field($0) } }
    }
  }

  /// As a JSON array of one object a participant and month.
  public var json: JSONValue {
    let ids = participants.ids.coded.json
    let further = participants.further.map { ($0.name, $0.texts.json) }
    return .array(
      (0..<months.count).map { i in
        let person = Int(months.participant[i])
        return .object(
          [
            .init("id", ids[person]), .init("month", .integer(Int(months.month[i]))),
            .init("employed", .number(Optional(months.employed[i]))),
            .init("days", .integer(Int(months.days[i]))),
            .init("days_worked", .integer(Int(months.daysWorked[i]))),
            .init("hours", .number(Optional(months.hours[i]))),
          ] + further.map { .init($0, $1[person]) })
      })
  }
}

extension CSVWriter {
  /// A table whose rows a body writes, field by field, on as many threads as their number repays.
  static func table(
    header: [String], rowCount: Int, bytesPerRow: Int,
    _ row: @escaping @Sendable (Int, inout CSVWriter) -> Void
  ) -> [UInt8] {
    let parts = max(1, min(coreCount, rowCount / 20_000))
    let written = WrittenParts(parts)
    parallelLoop(parts) { part in
      let range = (rowCount * part / parts)..<(rowCount * (part + 1) / parts)
      var writer = CSVWriter(capacity: range.count * bytesPerRow)
      for i in range {
        row(i, &writer)
        writer.endRow()
      }
      (written.writers + part).initialize(to: writer)
    }
    var first = CSVWriter()
    first.row(header)
    return written.joined(behind: first)
  }
}

/// The parts of a table, each written by one thread.
private final class WrittenParts: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: no two threads write to one place, and all are done before it is read.
  let writers: UnsafeMutablePointer<CSVWriter>
  private let count: Int

  init(_ count: Int) {
    self.count = count
    writers = .allocate(capacity: count)
  }

  deinit {
    writers.deinitialize(count: count)
    writers.deallocate()
  }

  /// All of it in one piece.
  func joined(behind first: borrowing CSVWriter) -> [UInt8] {
    let size = (0..<count).reduce(first.count) { $0 + writers[$1].count }
    return Array(unsafeUninitializedCapacity: size) { buffer, initialised in
      func append(_ part: borrowing CSVWriter) {
        _ = part.withBytes { memcpy(buffer.baseAddress! + initialised, $0.baseAddress!, $0.count) }
        initialised += part.count
      }
      append(first)
      for i in 0..<count { append(writers[i]) }
    }
  }
}
