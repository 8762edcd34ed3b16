/// A codebook drafted from what files look like, for a person to complete.
public struct CodebookDraft: Sendable {
  private let certificates: [ImportCertificate]

  public init(_ certificates: [ImportCertificate]) { self.certificates = certificates }

  /// The draft as YAML. What could not be decided is left as a comment, and reading the draft then stops at it.
  public var yaml: String {
    var lines = [
      "# A draft made from the files. Check every type, give labels and units, order the levels (the first is the reference),",
      "# and say which codes mean missing and why (not-asked, refused, not-applicable, unknown).",
      "files:",
    ]
    for certificate in certificates {
      let identifying = Set(certificate.privacy.compactMap(\.column))
      lines.append("  - file: \(Self.quoted(AtomicOutput.split(certificate.file).name))")
      lines.append("    delimiter: \(Self.quoted(Self.mark(certificate.delimiter)))")
      lines.append("    encoding: \(certificate.encoding.encoding.rawValue)")
      let keys = certificate.columns.filter {
        Self.isIdentifier($0) && $0.isUnique && !identifying.contains($0.name)
      }
      if let key = keys.first { lines.append("    key: [\(Self.quoted(key.name))]") }
      lines.append("    columns:")
      for column in certificate.columns {
        lines += Self.lines(column, isIdentifying: identifying.contains(column.name))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ column: ColumnCertificate, isIdentifying: Bool) -> [String] {
    var lines = ["      - name: \(quoted(column.name))"]
    func add(_ text: String) { lines.append("        " + text) }
    if isIdentifying {
      add("type: text  # holds what identifies a person: take it out of the export, or see 'allow'")
      return lines
    }
    switch column.reading {
    case _ where isIdentifier(column): add("type: id")
    case .empty: add("type: text  # no value in the file")
    case .number(let decimal, let thousands, let isWhole):
      add("type: \(isWhole ? "integer" : "numeric")")
      if decimal == .comma { add("decimal: \",\"") }
      if let thousands { add("thousands: \(thousands.rawValue)") }
    case .date(let order):
      add("type: date")
      if order != .ymd { add("date-order: \(order.rawValue)") }
    case .categories(let levels):
      add("type: categorical")
      add("levels: [\(levels.map(quoted).joined(separator: ", "))]")
    case .identifier: add("type: id")
    case .text: add("type: text")
    case .ambiguous(let readings):
      add("type: undecided  # \(column.evidence): \(readings.joined(separator: " or "))")
    }
    if column.isUnique, isIdentifier(column) { add("unique: true") }
    let codes =
      column.missing.map(\.text).filter { !$0.isEmpty && $0 != "NA" }
      + column.suspectedCodes.map(NumberWriter.text)
    if !codes.isEmpty { add("missing: {unknown: [\(codes.map(quoted).joined(separator: ", "))]}") }
    return lines
  }

  /// Texts that tell rows apart, or whole numbers in a column whose name says that they do.
  private static func isIdentifier(_ column: ColumnCertificate) -> Bool {
    switch column.reading {
    case .identifier: return true
    case .number(_, nil, isWhole: true), .categories:
      let name = column.name.lowercased()
      return ["id", "pid", "lopenr", "løpenr"].contains(name) || name.hasSuffix("_id")
    default: return false
    }
  }

  private static func mark(_ delimiter: Delimiter) -> String {
    switch delimiter {
    case .comma: ","
    case .semicolon: ";"
    case .tab: "tab"
    }
  }

  /// A double-quoted YAML scalar where a plain one would read otherwise.
  private static func quoted(_ text: String) -> String {
    let plain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)
      }
    if plain, text.unicodeScalars.first!.properties.isAlphabetic { return text }
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where isInvisible(scalar):
        let digits = String(scalar.value, radix: 16)
        out += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// Characters that an editor or YAML itself would drop or take for a blank.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: true
    case .spaceSeparator: scalar != " "
    default: false
    }
  }
}
