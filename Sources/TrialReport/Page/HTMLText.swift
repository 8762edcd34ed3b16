/// Markup that is written from the start to the end, with text escaped where it enters.
///
/// The one place where `<`, `>`, `&` and quotes become entities; everything a codebook or plan says passes through it.
struct HTMLText {
  private(set) var string = ""

  /// The start of an element, on a line of its own unless it stands in running text.
  mutating func open(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], inline: Bool = false
  ) {
    string += "<" + name
    for (attribute, value) in attributes { string += " " + attribute + "=\"" + Self.escaped(value) + "\"" }
    string += inline ? ">" : ">\n"
  }

  /// The end of an element.
  mutating func close(_ name: String, inline: Bool = false) {
    string += "</" + name + ">\n"
  }

  /// A whole element of text, on a line of its own.
  mutating func element(
    _ name: String, _ text: String, _ attributes: KeyValuePairs<String, String> = [:]
  ) {
    open(name, attributes, inline: true)
    self.text(text)
    string += "</" + name + ">\n"
  }

  /// A whole element in running text.
  mutating func inline(_ name: String, _ text: String) {
    string += "<" + name + ">" + Self.escaped(text) + "</" + name + ">"
  }

  /// Running text.
  mutating func text(_ text: String) { string += Self.escaped(text) }

  /// Markup that was made elsewhere.
  mutating func markup(_ markup: String) { string += markup }

  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
