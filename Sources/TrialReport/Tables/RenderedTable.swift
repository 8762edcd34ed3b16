/// A table as text: the one form that every writer takes its strings from.
public struct RenderedTable: Sendable, Equatable {
  /// Text with the marks of its notes.
  public struct Text: Sendable, Equatable {
    public var text: String
    /// Letters of notes, such as `a`.
    public var marks: [String]

    /// The text with its marks in brackets, for forms without raised letters.
    public var plain: String { marks.isEmpty ? text : text + " [" + marks.joined(separator: ",") + "]" }
  }

  /// A heading over one or more columns.
  public struct Heading: Sendable, Equatable {
    public var text: Text
    public var columns: Int
  }

  public struct Row: Sendable, Equatable {
    public var name: String
    public var label: Text
    public var indent: Int
    public var isHeading: Bool
    public var cells: [Text]
  }

  public var id: String
  public var title: String
  public var stubLabel: String
  /// The headings that span columns; empty where no column has one.
  public var spanners: [Heading]
  public var headings: [Text]
  public var alignments: [Table.Alignment]
  public var rows: [Row]
  /// Notes with their letter, in the order in which a reader meets them; general notes have an empty mark and come last.
  public var notes: [(mark: String, text: String)]
  public var provenance: String

  /// Writes every value of the table as text.
  ///
  /// Notes get their letters in reading order: headings first, then rows from left to right.
  ///
  /// - Precondition: the table has no faults.
  public init(_ table: Table, style: NumberStyle) {
    precondition(table.faults.isEmpty, "table \(table.id): \(table.faults.joined(separator: "; "))")
    var marks = NoteMarks()
    id = table.id
    title = table.title
    stubLabel = table.stubLabel
    spanners = Self.spanners(of: table.columns)
    headings = table.columns.map { Text(text: $0.label, marks: marks.letters(for: $0.notes)) }
    alignments = table.columns.map(\.alignment)
    rows = table.rows.map { row in
      Row(
        name: row.name, label: Text(text: row.label, marks: marks.letters(for: row.notes)),
        indent: row.indent, isHeading: row.isHeading,
        cells: row.cells.map {
          Text(
            text: $0.text ?? $0.format.text($0.values, style: style), marks: marks.letters(for: $0.notes))
        })
    }
    let marked = marks.order.map { name in
      (mark: marks.letter[name]!, text: table.notes.first { $0.name == name }!.text)
    }
    notes = marked + table.notes.filter { marks.letter[$0.name] == nil }.map { (mark: "", text: $0.text) }
    provenance = table.provenance
  }

  private static func spanners(of columns: [Table.Column]) -> [Heading] {
    guard columns.contains(where: { $0.spanner != nil }) else { return [] }
    var spanners: [Heading] = []
    for (i, column) in columns.enumerated() {
      if i > 0, column.spanner != nil, column.spanner == columns[i - 1].spanner {
        spanners[spanners.count - 1].columns += 1
      } else {
        spanners.append(Heading(text: Text(text: column.spanner ?? "", marks: []), columns: 1))
      }
    }
    return spanners
  }

  public static func == (a: RenderedTable, b: RenderedTable) -> Bool {
    a.id == b.id && a.title == b.title && a.stubLabel == b.stubLabel && a.spanners == b.spanners
      && a.headings == b.headings && a.alignments == b.alignments && a.rows == b.rows
      && a.provenance == b.provenance
      && a.notes.elementsEqual(b.notes) { $0.mark == $1.mark && $0.text == $1.text }
  }
}

/// Gives notes their letters in the order in which they are met: a … z, aa, ab …
private struct NoteMarks {
  var letter: [String: String] = [:]
  var order: [String] = []

  mutating func letters(for notes: [String]) -> [String] {
    notes.map { name in
      if let known = letter[name] { return known }
      let next = Self.letter(order.count)
      letter[name] = next
      order.append(name)
      return next
    }
  }

  private static func letter(_ index: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz")
    let last = String(alphabet[index % 26])
    return index < 26 ? last : letter(index / 26 - 1) + last
  }
}
