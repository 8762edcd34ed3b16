import Serialisation

/// A result beside the same result under another software's conventions, number by number.
public struct ConventionComparison: Sendable {
  /// One number under both conventions.
  public struct Row: Sendable, Equatable {
    /// The part of the result, such as `coefficients`; empty for its own figures.
    public let section: String
    /// The names that tell the row from others, such as the term.
    public let row: String
    /// What the number is, such as `conf.low`.
    public let quantity: String
    public let value: Double?
    public let other: Double?
    /// True where the printed digits differ.
    public let differs: Bool
  }

  /// Whose conventions the other numbers follow.
  public let profile: ConventionProfile
  /// The other result's conventions.
  public let conventions: [(name: String, choice: String)]
  public let rows: [Row]

  /// Members that are no results to compare: matrices, curves, counts of steps.
  private static let skipped: Set<String> = [
    "vcov", "iterations", "curve", "baseline", "ranef", "predictions", "conventions", "warnings", "counts",
    "n",
    "nMissing", "nFiltered", "x", "conf.level", "tau", "group", "time",
  ]

  /// Numbers that tell one row from another.
  private static let identifiers: Set<String> = ["tau", "group", "time"]

  /// Sets two results of one request side by side.
  init(
    _ result: JSONValue, other: JSONValue, profile: ConventionProfile,
    conventions: [(name: String, choice: String)]
  ) {
    self.profile = profile
    self.conventions = conventions
    var rows: [Row] = []
    Self.compare(result, other, section: "", row: "", into: &rows)
    self.rows = rows
  }

  private static func compare(
    _ a: JSONValue, _ b: JSONValue, section: String, row: String, into rows: inout [Row]
  ) {
    for member in a.members where !skipped.contains(member.name) {
      guard let twin = b[member.name] else { continue }
      switch member.value {
      case .number, .integer, .null:
        guard member.value.double != nil || twin.double != nil else { continue }
        let isP = member.name == "p.value"
        rows.append(
          Row(
            section: section, row: row, quantity: member.name, value: member.value.double, other: twin.double,
            differs: printed(member.value.double, isP: isP) != printed(twin.double, isP: isP)))
      case .object:
        compare(
          member.value, twin, section: section.isEmpty ? member.name : section,
          row: section.isEmpty ? row : (row + " " + member.name), into: &rows)
      case .array(let elements):
        // Rows are matched by the names they carry; a row that only one of the two has is no comparison.
        let twins = twin.elements
        for (i, element) in elements.enumerated() where !element.members.isEmpty {
          let name = name(of: element) ?? String(i + 1)
          guard let match = twins.enumerated().first(where: { (Self.name(of: $1) ?? String($0 + 1)) == name })
          else { continue }
          compare(
            element, match.element, section: section.isEmpty ? member.name : section,
            row: row.isEmpty ? name : row + " " + name, into: &rows)
        }
      default: continue
      }
    }
  }

  /// The names a row carries: its texts and the numbers that identify it. How it was computed is no name, except of
  /// the limits of a single risk, of which there may be several.
  private static func name(of row: JSONValue) -> String? {
    let names = row.members.compactMap { member -> String? in
      if identifiers.contains(member.name) { return member.value.text ?? member.value.text(indented: false) }
      guard case .string(let text) = member.value else { return nil }
      return member.name == "method" && row["x"] == nil ? nil : text
    }
    return names.isEmpty ? nil : names.joined(separator: " ")
  }

  /// The digits that a table prints.
  static func printed(_ value: Double?, isP: Bool) -> String {
    guard let value, value.isFinite else { return "–" }
    return isP ? NumberText.pValue(value, decimals: 4) : NumberText.significant(value, digits: 5)
  }

  /// The number of rows whose printed digits differ.
  public var differing: Int { rows.count { $0.differs } }

  /// The comparison as a member of the result's envelope.
  var json: JSONValue {
    .object([
      .init("profile", .string(profile.rawValue)),
      .init("conventions", .object(conventions.map { .init($0.name, .string($0.choice)) })),
      .init("differing", .integer(differing)),
      .init(
        "rows",
        .array(
          rows.map { row in
            [
              "section": .string(row.section), "row": .string(row.row), "quantity": .string(row.quantity),
              "value": .number(row.value), "other": .number(row.other), "differs": .bool(row.differs),
            ]
          })),
    ])
  }

  /// The numbers side by side; rows whose printed digits differ are marked.
  var table: TextTable {
    var table = TextTable(header: ["", "quantity", "value", profile.rawValue, "differs"], rows: [])
    for row in rows {
      let isP = row.quantity == "p.value"
      table.rows.append([
        [row.section, row.row].filter { !$0.isEmpty }.joined(separator: " "), row.quantity,
        Self.printed(row.value, isP: isP), Self.printed(row.other, isP: isP), row.differs ? "≠" : "",
      ])
    }
    return table
  }

  /// The comparison as text for a terminal.
  var text: String {
    var out =
      "\nunder the conventions of \(profile.rawValue): \(differing) of \(rows.count) printed numbers differ\n"
    out += table.plain
    if !conventions.isEmpty {
      out += "conventions of \(profile.rawValue): "
      out += conventions.map { "\($0.name) \($0.choice)" }.joined(separator: ", ") + "\n"
    }
    return out
  }
}
