import Serialisation
import TrialAnalysis

extension Table {
  /// The table as JSON: raw values as they came from the records beside the text a reader sees.
  public func json(_ rendered: RenderedTable, language: Language) -> JSONValue {
    .object([
      .init("id", .string(id)),
      .init("title", .string(title)),
      .init("language", .string(language.rawValue)),
      .init("columns", .array(columns.map(Self.json))),
      .init("rows", .array(zip(rows, rendered.rows).map(Self.json))),
      .init(
        "notes",
        .array(
          rendered.notes.map {
            ["mark": $0.mark.isEmpty ? .null : .string($0.mark), "text": .string($0.text)]
          })),
      .init("provenance", .string(provenance)),
    ])
  }

  private static func json(_ column: Column) -> JSONValue {
    ["name": .string(column.name), "label": .string(column.label), "spanner": .string(column.spanner)]
  }

  private static func json(_ row: Row, _ rendered: RenderedTable.Row) -> JSONValue {
    .object([
      .init("name", .string(row.name)),
      .init("label", .string(row.label)),
      .init("indent", .integer(row.indent)),
      .init("heading", .bool(row.isHeading)),
      .init("cells", .array(zip(row.cells, rendered.cells).map(Self.json))),
    ])
  }

  private static func json(_ cell: Cell, _ text: RenderedTable.Text) -> JSONValue {
    .object([
      .init("values", .array(cell.values.map { JSONValue.number($0) })),
      .init("text", .string(text.text)),
      .init("notes", .strings(text.marks)),
      .init("records", .strings(cell.records)),
    ])
  }
}
