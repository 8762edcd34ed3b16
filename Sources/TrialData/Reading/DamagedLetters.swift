extension DelimitedFile {
  /// Letters that were lost before the file came here: each kind with its first line, and on how many lines it is.
  ///
  /// UTF-8 that a program took for Windows-1252 and wrote as UTF-8 once more has `Ã¸` for ø; a character that a program could not
  /// read became U+FFFD. Both are valid text, which no choice of an encoding mends.
  func damagedLetters() -> [DataProblem] {
    guard survey.hasBytesBeyondASCII || encoding.encoding != .utf8 else { return [] }
    let bytes = content.bytes
    var twice: [Int] = []
    var lost: [Int] = []
    var line = bodyLine - bytes[headerStart..<bodyStart].count { $0 == terminator }
    for i in headerStart..<bytes.count {
      switch bytes[i] {
      case terminator: line += 1
      case 0xc3 where Self.isTwiceEncoded(bytes, at: i): if twice.last != line { twice.append(line) }
      case 0xef where bytes[i...].starts(with: [0xef, 0xbf, 0xbd]): if lost.last != line { lost.append(line) }
      default: break
      }
    }
    func problem(_ lines: [Int], _ what: String) -> DataProblem? {
      guard let first = lines.first else { return nil }
      return DataProblem(
        file: path, line: first,
        found: what
          + (lines.count > 1 ? " (and on \(lines.count - 1) more line\(lines.count > 2 ? "s" : ""))" : ""),
        expected: "taken as they stand", rule: "letters")
    }
    return [
      problem(twice, "letters that were encoded twice (Ã¸ for ø)"),
      problem(lost, "letters that an earlier program lost (U+FFFD)"),
    ].compactMap { $0 }
  }

  /// True for Ã followed by what the second byte of æ, ø, å, é, ö, ä, ü and their capitals is in Windows-1252.
  private static func isTwiceEncoded(_ bytes: UnsafeBufferPointer<UInt8>, at i: Int) -> Bool {
    guard i + 3 < bytes.count, bytes[i + 1] == 0x83 else { return false }
    let rest = bytes[(i + 2)...]
    let signs = ["¦", "¸", "¥", "©", "¶", "¤", "¼", "†", "˜", "…", "‰", "–", "„", "œ"]
    return signs.contains { rest.starts(with: $0.utf8) }
  }
}
