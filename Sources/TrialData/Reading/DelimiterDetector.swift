/// Decides the delimiter of a file from its first records.
enum DelimiterDetector {
  /// How many records are looked at.
  private static let sampled = 50

  /// The decided delimiter and one sentence why.
  struct Decision {
    let delimiter: Delimiter
    let reason: String
  }

  /// A delimiter fits where it occurs in the header and equally often, outside quotes, in every sampled record. With
  /// none that fits, the one that fits most records is taken, so that the ragged rows are reported by their lines;
  /// with several, the readings are shown side by side and the run stops.
  ///
  /// - Parameter decimalMark: a declared decimal comma rules out the comma as the delimiter.
  static func decide(
    _ bytes: UnsafeBufferPointer<UInt8>, file: String, terminator: UInt8, decimalMark: DecimalMark?
  ) throws(DataError) -> Decision {
    let counts = delimiterCounts(bytes, terminator: terminator)
    guard let header = counts.first else {
      return Decision(delimiter: .comma, reason: "an empty file")
    }
    let candidates = Delimiter.allCases.filter {
      header[$0.index] > 0 && !($0 == .comma && decimalMark == .comma)
    }
    guard !candidates.isEmpty else {
      if let title = titleLine(counts, bytes, terminator: terminator, decimalMark: decimalMark) {
        throw DataError([
          DataProblem(
            file: file, line: 1,
            found: "a first line without the \(title.name) that the lines behind it have",
            expected: "a header with a name for each column, or a declared delimiter, expected (--delimiter)")
        ])
      }
      return Decision(delimiter: .comma, reason: "one column")
    }
    let agreeing = candidates.map { candidate in
      counts.count { $0[candidate.index] == header[candidate.index] }
    }
    let best = agreeing.max()!
    let chosen = candidates.indices.filter { agreeing[$0] == best }
    // A comma that fits as well as a semicolon or a tab: more than one record must agree to call it ambiguous, since
    // a header alone may hold a comma in a name.
    if chosen.count > 1, best == counts.count {
      let readings = chosen.map { "\(header[candidates[$0].index] + 1) columns by \(candidates[$0].name)" }
      throw DataError([
        DataProblem(
          file: file, line: 1,
          found: "several delimiters fit every record: " + readings.joined(separator: ", "),
          expected: "a declared delimiter expected (--delimiter)")
      ])
    }
    let delimiter = candidates[chosen[0]]
    return Decision(
      delimiter: delimiter,
      reason: "\(header[delimiter.index]) a record in \(best) of the first \(counts.count) records")
  }

  /// The delimiter that the records behind the first agree on, where the first has none: a title stands over the table.
  ///
  /// A comma in each may be a decimal one, unless the second record, which then is the header, has a letter.
  private static func titleLine(
    _ counts: [[Int]], _ bytes: UnsafeBufferPointer<UInt8>, terminator: UInt8, decimalMark: DecimalMark?
  ) -> Delimiter? {
    let rest = counts.dropFirst()
    guard rest.count >= 2, let second = rest.first else { return nil }
    return [Delimiter.semicolon, .tab, .comma].first { candidate in
      guard second[candidate.index] > 0,
        rest.allSatisfy({ $0[candidate.index] == second[candidate.index] })
      else { return false }
      if candidate != .comma { return true }
      let records = bytes.prefix(4096).split(separator: terminator, maxSplits: 3).filter {
        $0.contains { $0 != 0x0d }
      }
      return decimalMark != .comma && records.count > 1 && records[1].contains { ($0 | 0x20) &- 0x61 < 26 }
    }
  }

  /// For each of the first records, how often each delimiter stands outside quotes; blank lines are left out.
  private static func delimiterCounts(_ bytes: UnsafeBufferPointer<UInt8>, terminator: UInt8) -> [[Int]] {
    var records: [[Int]] = []
    var counts = [0, 0, 0]
    var quoted = false
    var empty = true
    for byte in bytes {
      if byte == 0x22 { quoted.toggle() }
      if byte == terminator, !quoted {
        if !empty { records.append(counts) }
        counts = [0, 0, 0]
        empty = true
        if records.count == sampled { return records }
        continue
      }
      if byte != 0x0d { empty = false }
      if !quoted {
        switch byte {
        case 0x2c: counts[0] += 1
        case 0x3b: counts[1] += 1
        case 0x09: counts[2] += 1
        default: break
        }
      }
    }
    if !empty { records.append(counts) }
    return records
  }
}

extension Delimiter {
  fileprivate var index: Int {
    switch self {
    case .comma: 0
    case .semicolon: 1
    case .tab: 2
    }
  }
}
