/// A table of a report before it is written: declared columns, rows of unrounded values, structured notes.
///
/// Every cell keeps its raw values with a format, so that rounding happens once, when the table is rendered, and the JSON
/// form can hold both. Names identify, labels are read: no code depends on a label.
public struct Table: Sendable, Equatable {
  /// How the text of a column stands.
  public enum Alignment: String, Sendable {
    case leading
    case trailing
    case centre
  }

  /// One column of cells; the column of row labels is not among them.
  public struct Column: Sendable, Equatable {
    public var name: String
    public var label: String
    /// The heading that spans this and its neighbours with the same text; nil for none.
    public var spanner: String?
    public var alignment: Alignment
    public var notes: [String]

    public init(
      _ name: String, _ label: String, spanner: String? = nil, alignment: Alignment = .trailing,
      notes: [String] = []
    ) {
      self.name = name
      self.label = label
      self.spanner = spanner
      self.alignment = alignment
      self.notes = notes
    }
  }

  /// Raw values with the way they are written.
  public struct Cell: Sendable, Equatable {
    public var values: [Double?]
    public var format: CellFormat
    /// The text of a cell that holds no numbers.
    public var text: String?
    /// The ids of the records the values come from.
    public var records: [String]
    /// The notes that belong to the cell, by their name.
    public var notes: [String]

    public init(
      _ values: [Double?], _ format: CellFormat, records: [String] = [], notes: [String] = []
    ) {
      self.values = values
      self.format = format
      self.records = records
      self.notes = notes
    }

    /// A cell of words, or of numbers within words.
    ///
    /// - Parameter records: the ids of the records that the numbers come from.
    public static func text(_ text: String, records: [String] = [], notes: [String] = []) -> Cell {
      var cell = Cell([], .text, records: records, notes: notes)
      cell.text = text
      return cell
    }

    /// A cell that is left blank because nothing belongs there.
    public static let blank = Cell.text("")

    /// A cell whose value does not exist.
    public static let absent = Cell.text(NumberStyle.absent)
  }

  /// One row: a label and a cell for each column, or a heading over rows.
  public struct Row: Sendable, Equatable {
    public var name: String
    public var label: String
    /// Steps of indentation.
    public var indent: Int
    /// A heading has no cells.
    public var isHeading: Bool
    public var cells: [Cell]
    public var notes: [String]

    public init(
      _ name: String, _ label: String, indent: Int = 0, cells: [Cell], notes: [String] = []
    ) {
      self.name = name
      self.label = label
      self.indent = indent
      isHeading = false
      self.cells = cells
      self.notes = notes
    }

    /// A row that heads the rows under it.
    public static func heading(_ name: String, _ label: String, notes: [String] = []) -> Row {
      var row = Row(name, label, cells: [], notes: notes)
      row.isHeading = true
      return row
    }
  }

  /// A note under the table; cells, rows and columns refer to it by name, and a note without a reference is general.
  public struct Note: Sendable, Equatable {
    public var name: String
    public var text: String

    public init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }
  }

  /// The name of the table's files, unique in a report.
  public var id: String
  public var title: String
  /// The heading of the column of row labels.
  public var stubLabel: String
  public var columns: [Column]
  public var rows: [Row]
  public var notes: [Note]
  /// Where the numbers come from, in one line.
  public var provenance: String

  public init(id: String, title: String, stubLabel: String = "", columns: [Column]) {
    self.id = id
    self.title = title
    self.stubLabel = stubLabel
    self.columns = columns
    rows = []
    notes = []
    provenance = ""
  }

  /// Adds a note unless one of that name is there, and gives its name back for a cell.
  @discardableResult
  public mutating func note(_ name: String, _ text: String) -> String {
    if !notes.contains(where: { $0.name == name }) { notes.append(Note(name, text)) }
    return name
  }

  /// What is wrong with the shape of the table: a row whose cells do not match the columns, a note that is not there, a
  /// name used twice. A table without faults renders.
  public var faults: [String] {
    var faults: [String] = []
    let known = Set(notes.map(\.name))
    if known.count < notes.count { faults.append("two notes share a name") }
    if Set(columns.map(\.name)).count < columns.count { faults.append("two columns share a name") }
    for column in columns {
      for note in column.notes where !known.contains(note) {
        faults.append("column \(column.name): no note \(note)")
      }
    }
    for (i, row) in rows.enumerated() {
      if !row.isHeading, row.cells.count != columns.count {
        faults.append("row \(i) (\(row.name)): \(row.cells.count) cells for \(columns.count) columns")
      }
      for note in row.notes + row.cells.flatMap(\.notes) where !known.contains(note) {
        faults.append("row \(i) (\(row.name)): no note \(note)")
      }
    }
    return faults
  }
}
