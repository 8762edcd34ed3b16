import Serialisation
import TrialData

/// The results of all cells of a batch in one table: a record a row, with the option of each axis.
public enum StackedResults {
  /// The columns a record has; no axis may have such a name.
  static let recordColumns = [
    "id", "analysis", "variant", "estimand", "outcome", "population", "method", "formula", "measure", "group",
    "contrast", "term", "time", "estimate", "std.error", "df", "df2", "statistic", "p.value", "conf.low",
    "conf.high", "conf.level", "n", "events", "dropped", "droppedReason", "status", "warnings", "conventions",
    "suppressed",
  ]

  static let reservedColumns = Set(
    (recordColumns + ["cell", "reason", "hash", "row"]).map { $0.lowercased() })

  /// Writes `results.csv`, `results.sqlite`, `cells.csv` and the specification curves of a batch.
  ///
  /// A cell that failed, and an analysis without numbers, is a row with its status and the reason.
  ///
  /// - Returns: the cells that are not finished, and what a reader of the files is to be told.
  /// - Throws: `OutputError`; `DataError` where a cell's results cannot be read.
  public static func write(
    _ directory: BatchDirectory
  ) throws -> (unfinished: [BatchDirectory.Cell], warnings: [String]) {
    let batch = directory.batch
    var csv = CSVWriter(capacity: 1 << 20)
    csv.row(["cell"] + batch.axes + recordColumns + ["reason"])
    var cells = CSVWriter()
    cells.row(["cell"] + batch.axes + ["hash", "status", "records", "reason"])
    var unfinished: [BatchDirectory.Cell] = []
    var rows: [JSONValue] = []
    var curves = SpecificationCurves(batch.description)
    for cell in batch.cells {
      guard let outcome = directory.outcome(of: cell) else {
        unfinished.append(cell)
        cells.row([cell.id] + cell.options + [cell.hash, "not finished", "0", ""])
        continue
      }
      let records = outcome.hasRecords ? try Self.records(of: cell, in: directory) : []
      curves.add(records, of: cell)
      var lines = records.map { (record: $0, reason: String?.none) }
      if !outcome.hasRecords {
        lines.append((["status": .string(outcome.status)], outcome.reason))
      }
      for analysis in outcome.analyses where analysis.failure != nil {
        lines.append(
          (["analysis": .string(analysis.id), "status": .string(analysis.status)], analysis.failure))
      }
      for line in lines {
        write(line.record, reason: line.reason, of: cell, to: &csv)
        rows.append(row(line.record, reason: line.reason, of: cell, axes: batch.axes))
      }
      cells.row(
        [cell.id] + cell.options
          + [cell.hash, outcome.status, String(records.count), outcome.reason ?? ""])
    }
    guard unfinished.isEmpty else {
      // Half of a batch looks like a whole one to whoever reads the table: the list of cells alone is written.
      try AtomicOutput.write(cells.bytes, to: "\(directory.path)/cells.csv")
      return (unfinished, [])
    }
    try AtomicOutput.write(csv.bytes, to: "\(directory.path)/results.csv")
    try ResultStore.replace(
      tables: [
        ("axis", batch.description["axes"]?.elements ?? []),
        ("cell", batch.cells.map { cellRow($0, directory, axes: batch.axes) }), ("result", rows),
      ], at: "\(directory.path)/results.sqlite")
    for (name, svg) in curves.drawings() { try AtomicOutput.write(svg, to: "\(directory.path)/\(name)") }
    try AtomicOutput.write(cells.bytes, to: "\(directory.path)/cells.csv")
    let warnings = curves.empty.map { curve in
      "no cell has an estimate for the curve '\(curve.id)': \(curve.records.joined(separator: ", "))"
    }
    return ([], warnings)
  }

  private static func records(of cell: BatchDirectory.Cell, in directory: BatchDirectory) throws
    -> [JSONValue]
  {
    let path = "\(directory.cellPath(cell))/results.json"
    let text = try TextFile(path: path).text
    do {
      return try JSONValue(parsing: text)["results"]?.elements ?? []
    } catch {
      throw DataError([DataProblem(file: path, found: "\(error)", expected: "results of hekta expected")])
    }
  }

  private static func write(
    _ record: JSONValue, reason: String?, of cell: BatchDirectory.Cell, to csv: inout CSVWriter
  ) {
    csv.field(cell.id)
    for option in cell.options { csv.field(option) }
    var members: [String: JSONValue] = [:]
    for member in record.members { members[member.name] = member.value }
    for column in recordColumns {
      switch members[column] ?? .null {
      case .null: csv.field("")
      case .bool(let value): csv.field(value ? "true" : "false")
      case .integer(let value): csv.field(value)
      case .number(let value): csv.field(value)
      case .string(let value): csv.field(value)
      case .array(let values): csv.field(values.compactMap(\.text).joined(separator: "; "))
      case .object(let values):
        csv.field(values.map { "\($0.name)=\($0.value.text ?? "")" }.joined(separator: "; "))
      case .records(let records): csv.field("\(records.count) rows")
      }
    }
    csv.field(reason ?? "")
    csv.endRow()
  }

  private static func row(
    _ record: JSONValue, reason: String?, of cell: BatchDirectory.Cell, axes: [String]
  ) -> JSONValue {
    .object(
      [.init("cell", .string(cell.id))] + zip(axes, cell.options).map { .init($0, .string($1)) }
        + record.members + [.init("reason", .string(reason))])
  }

  private static func cellRow(
    _ cell: BatchDirectory.Cell, _ directory: BatchDirectory, axes: [String]
  ) -> JSONValue {
    let outcome = directory.outcome(of: cell)
    return .object(
      [.init("cell", .string(cell.id))] + zip(axes, cell.options).map { .init($0, .string($1)) } + [
        .init("hash", .string(cell.hash)), .init("status", .string(outcome?.status)),
        .init("reason", .string(outcome?.reason)),
      ])
  }
}
