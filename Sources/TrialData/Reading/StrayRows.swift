import Glibc

/// Rows of a file that are none of its data: its header once more, and what a program writes under a table.
extension DelimitedFile {
  /// Stops the run where the header stands among the rows, as in exports that were put one behind the other.
  ///
  /// A level may be called as its column is (`cough` and `no_cough` in a column `cough`), and a row then hold every column's name:
  /// it is a header only where the names stand in no other rows, and in the fewer rows.
  ///
  /// - Parameter columns: what was read of the columns at `positions`; only where one of the texts is its column's name are the
  ///   file's bytes looked through.
  /// - Throws: `DataError` with the line of each.
  func refuseHeaderAgain(_ columns: [ScannedColumn], positions: [Int]) throws(DataError) {
    guard names.count > 1 else { return }
    var count = 0
    for (column, position) in zip(columns, positions) {
      guard case .codes(let codes, let dictionary) = column else { continue }
      var name = names[position]
      guard let code = name.withUTF8({ dictionary.code(ofText: $0) }) else { return }
      let rows = codes.count { $0 == code }
      guard count == 0 || rows == count, rows * 2 <= codes.count else { return }
      count = rows
    }
    guard count > 0 else { return }
    let lines = headerLines()
    guard lines.count == count else { return }
    throw DataError(
      lines.map {
        DataProblem(file: path, line: $0, found: "the header again", expected: "a row of data expected")
      })
  }

  /// The lines of the records that are, byte for byte, the header.
  private func headerLines() -> [Int] {
    let bytes = content.bytes
    var end = bodyStart
    while end > headerStart, bytes[end - 1] == terminator || bytes[end - 1] == 0x0d { end -= 1 }
    let length = end - headerStart
    guard length > 0, let base = bytes.baseAddress else { return [] }
    var lines: [Int] = []
    var line = bodyLine
    var start = bodyStart
    while start < bytes.count {
      let rest = bytes.count - start
      let next = memchr(base + start, Int32(terminator), rest).map { UnsafeRawPointer(base).distance(to: $0) }
      let record = (next ?? bytes.count) - start
      if record == length || record == length + 1 && bytes[start + length] == 0x0d,
        memcmp(base + start, base + headerStart, length) == 0
      {
        lines.append(line)
      }
      line += 1
      start += record + 1
    }
    return lines
  }

  /// The rows at the end of the file that begin as a footer does (`Totalt;;412`, `Kilde: …`): each is read as a row, and a person
  /// must say whether it is one.
  ///
  /// - Parameter lines: the lines of the file's rows.
  public func footers(_ lines: [Int]) -> [DataProblem] {
    zip(lastRecords(3), lines.reversed()).reversed().compactMap { record, line in
      guard Self.isFooter(record) else { return nil }
      return DataProblem(
        file: path, line: line, found: "a last row that begins as a footer does",
        expected: "taken as a row of data",
        rule: "footer")
    }
  }

  /// The first field that is not empty of the last records, the very last first.
  private func lastRecords(_ count: Int) -> [String] {
    let body = content.bytes[bodyStart...].suffix(1 << 16)
    let records = body.split(separator: terminator).filter { $0.contains { $0 != 0x0d } }
    return records.suffix(count).reversed().map { record in
      let ignored: [UInt8] = [delimiter.rawValue, 0x20, 0x22, 0x0d]
      let field = record.drop { ignored.contains($0) }.prefix { $0 != delimiter.rawValue && $0 != 0x22 }
      return String(decoding: field.prefix(200), as: UTF8.self)
    }
  }

  private static func isFooter(_ text: String) -> Bool {
    let words = text.lowercased().split { !$0.isLetter }.map(String.init)
    guard let first = words.first, text.first?.isLetter == true || text.first == "#" else { return false }
    return footerWords.contains(first) || words.prefix(2) == ["i", "alt"]
      || words.prefix(2) == ["grand", "total"]
  }

  private static let footerWords: Set<String> = [
    "total", "totalt", "totalsum", "sum", "summert", "ialt", "antall", "gjennomsnitt", "snitt", "average",
    "kilde",
    "source", "merknad", "merknader", "fotnote", "footnote", "uttrekk", "generert", "generated", "rapport",
  ]

  /// The lines of the rows without a value in any column, as spreadsheets leave under a table.
  ///
  /// - Parameter columns: every column, as texts.
  func emptyRows(_ columns: [ScannedColumn], _ lines: [Int]) -> [Int] {
    guard columns.count > 1 else { return [] }
    var empty: [(codes: [Int32], code: Int32)] = []
    for column in columns {
      let (codes, dictionary) = column.texts
      let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
      guard let code = dictionary.code(ofText: none) else { return [] }
      empty.append((codes, code))
    }
    return lines.indices.filter { row in empty.allSatisfy { $0.codes[row] == $0.code } }.map { lines[$0] }
  }
}
