/// The order of a variable's levels as a command takes it: `VAR=a,b,c`, the first the reference.
///
/// A level that holds a comma, or begins with a quotation mark, stands in quotation marks as a field of RFC 4180 does:
/// `site=north,"east, inner"`.
public struct LevelOrder: Sendable, Equatable {
  public var variable: String
  public var levels: [String]

  public init(variable: String, levels: [String]) {
    self.variable = variable
    self.levels = levels
  }

  /// Reads an order; nil for a text without a name and an equals sign, and for a quotation that does not end with its level.
  ///
  /// - Parameter names: the variables there are, by which a name that holds an equals sign itself is told.
  public init?(parsing text: String, among names: [String] = []) {
    let marks = text.indices.filter { text[$0] == "=" && $0 > text.startIndex }
    guard let mark = marks.first(where: { names.contains(String(text[..<$0])) }) ?? marks.first else {
      return nil
    }
    variable = String(text[..<mark])
    levels = []
    var rest = text[text.index(after: mark)...]
    while true {
      guard let level = Self.level(&rest) else { return nil }
      levels.append(level)
      guard let next = rest.popFirst() else { return }
      guard next == "," else { return nil }
    }
  }

  /// Takes one level from the front, up to the comma after it or the end.
  private static func level(_ rest: inout Substring) -> String? {
    guard rest.first == "\"" else {
      let level = rest.prefix { $0 != "," }
      rest = rest[level.endIndex...]
      return String(level)
    }
    rest.removeFirst()
    var level = ""
    while let character = rest.popFirst() {
      if character != "\"" {
        level.append(character)
      } else if rest.first == "\"" {
        level.append(character)
        rest.removeFirst()
      } else {
        return level
      }
    }
    return nil
  }

  /// The order as a command takes it.
  public var text: String {
    let fields = levels.map { level in
      level.contains(",") || level.first == "\""
        ? "\"" + level.replacing("\"", with: "\"\"") + "\"" : level
    }
    return "\(variable)=\(fields.joined(separator: ","))"
  }
}
