/// A verification as text: for a terminal, for the annotations of a GitHub workflow, and as a Markdown summary.
extension Verification {
  public var agrees: Bool { differences.isEmpty }

  /// One line in words: what was compared and how it came out.
  public var verdict: String {
    let what = "\(recordCount) records and \(fileCount) files"
    let below =
      admitted.isEmpty
      ? ""
      : " (\(admitted.count == 1 ? "1 record within its" : "\(admitted.count) records within their") tolerance, by "
        + "\(Self.scientific(largestAdmitted)) at most)"
    return agrees
      ? "\(folder.path): \(what) agree\(below)"
      : "\(folder.path): \(differences.count) difference\(differences.count == 1 ? "" : "s") in \(what)\(below)"
  }

  /// Every difference on a line.
  public var text: String { differences.map { $0.text + "\n" }.joined() }

  private static func scientific(_ value: Double) -> String {
    guard value > 0 else { return "0" }
    var exponent = 0
    var mantissa = value
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    return exponent == 0 ? "\((value * 10).rounded() / 10)" : "\(Int(mantissa.rounded(.up)))e\(exponent)"
  }

  /// Workflow commands that GitHub shows at the published files (docs.github.com, "Workflow commands for GitHub Actions").
  ///
  /// GitHub keeps ten annotations a step; the first ones are written as such, the rest as plain lines.
  public var annotations: String {
    let shown = differences.prefix(10).map { difference in
      var properties = "file=\(Self.property("\(folder.path)/\(difference.file)"))"
      if let line = difference.line { properties += ",line=\(line)" }
      properties += ",title=\(Self.property(difference.place))"
      return "::error \(properties)::\(Self.message("\(difference.old) → \(difference.new)"))\n"
    }
    let rest = differences.dropFirst(10).map { $0.text + "\n" }
    let notices = notes.map { "::notice title=\(Self.property(folder.path))::\(Self.message($0))\n" }
    return (shown + rest + notices).joined()
  }

  private static func message(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    message(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// A summary in Markdown.
  public var markdown: String {
    var lines = ["### \(agrees ? "✅" : "❌") \(Self.escaped(folder.path))", "", Self.escaped(verdict) + "."]
    if !differences.isEmpty {
      lines += ["", "| where | published | now |", "| --- | --- | --- |"]
      lines += differences.prefix(200).map {
        "| \(Self.escaped($0.place)) | \(Self.escaped($0.old)) | \(Self.escaped($0.new)) |"
      }
      if differences.count > 200 { lines += ["", "and \(differences.count - 200) more."] }
    }
    if !notes.isEmpty { lines += [""] + notes.map { "- " + Self.escaped($0) } }
    return lines.joined(separator: "\n") + "\n\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "|\\`*_<>[]".contains(character) { result.append("\\") }
      result.append(character == "\n" ? " " : character)
    }
    return result
  }
}
