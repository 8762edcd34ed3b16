/// Compares published texts with those of a rerun line by line.
enum TextComparison {
  /// A line that differs.
  struct Line: Equatable {
    /// Counted from 1.
    var number: Int
    var old: String
    var new: String
  }

  /// The lines in which two texts differ; a line that only one has is empty in the other.
  static func lines(_ old: String, _ new: String) -> [Line] {
    let a = split(old)
    let b = split(new)
    return (0..<max(a.count, b.count)).compactMap { i in
      let (x, y) = (i < a.count ? a[i] : "", i < b.count ? b[i] : "")
      return x == y && i < a.count && i < b.count ? nil : Line(number: i + 1, old: x, new: y)
    }
  }

  static func split(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.last == "\r" ? String(line.dropLast()) : String(line)
    }
    // Swift takes CR LF as one character, which is no "\n".
    lines = lines.flatMap { $0.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init) }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// The fields of one line of delimited text (RFC 4180).
  static func fields(_ line: String, delimiter: Character) -> [String] {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var characters = line.makeIterator()
    var pending = characters.next()
    while let character = pending {
      pending = characters.next()
      if isQuoted {
        if character != "\"" {
          field.append(character)
        } else if pending == "\"" {
          field.append("\"")
          pending = characters.next()
        } else {
          isQuoted = false
        }
      } else if character == "\"" {
        isQuoted = true
      } else if character == delimiter {
        fields.append(field)
        field = ""
      } else {
        field.append(character)
      }
    }
    return fields + [field]
  }

  /// A text without what names the inputs and the software: runs of twelve or more hexadecimal digits, and a version.
  static func withoutProvenance(_ text: String, version: String) -> String {
    var result = ""
    var run: [Character] = []
    func flush() {
      result += run.count >= 12 ? "#" : String(run)
      run = []
    }
    for character in text {
      if character.isHexDigit, !character.isUppercase {
        run.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result.replacing("hekta \(version)", with: "hekta #")
  }
}
