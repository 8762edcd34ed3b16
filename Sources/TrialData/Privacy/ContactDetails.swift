/// E-mail addresses, telephone numbers and positions in a text.
enum ContactDetails {
  /// True where a text holds an e-mail address.
  static func hasEmail(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    for at in bytes.indices where bytes[at] == 0x40 {
      guard at > 0, isAddress(bytes[at - 1]) else { continue }
      var end = at + 1
      while end < bytes.count, isAddress(bytes[end]) { end += 1 }
      let domain = bytes[(at + 1)..<end].split(separator: 0x2e, omittingEmptySubsequences: false)
      if domain.count >= 2, domain.allSatisfy({ !$0.isEmpty }), domain.last!.count >= 2 || end == bytes.count
      {
        return domain.last!.count >= 2
      }
    }
    return false
  }

  /// True where a text holds a telephone number: `+` or `00` and at least eight digits, eight digits in the groups that
  /// Norwegian numbers are written in (`912 34 567`, `22 33 44 55`), or eight in any groups behind a word for the telephone
  /// (`tlf. 22334455`). Eight digits together are one among words, where they begin as a mobile number does (4 or 9); by
  /// themselves they may be anything and are none.
  static func hasPhone(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var groups = DigitGroups(bytes)
      var chain: [DigitGroup] = []
      var hasMobile = false
      while let group = groups.next() {
        if !group.follows {
          if isPhone(chain) { return true }
          chain.removeAll(keepingCapacity: true)
        }
        // The digits of a page are no number.
        if chain.count < longestChain { chain.append(group) }
        hasMobile =
          hasMobile
          || group.length == 8 && !group.follows && !group.isFraction && [4, 9].contains(group.first)
      }
      return isPhone(chain) || hasMobile && hasWords(bytes)
    }
  }

  private static let longestChain = 100

  /// True where groups of digits, each but the first one blank, hyphen or point behind the one before, hold a number.
  private static func isPhone(_ chain: [DigitGroup]) -> Bool {
    guard let first = chain.first else { return false }
    // 20-09-28 00:00 has two marks between its digits, a number one.
    let isGrouped = !chain.contains(where: \.isFraction) && Set(chain.dropFirst().map(\.mark)).count == 1
    let widths = chain.map(\.length)
    if isGrouped, widths == [3, 2, 3] || widths == [2, 2, 2, 2], first.first >= 2 { return true }
    if first.isInternational, (8...15).contains(total(chain[...])) { return true }
    for i in chain.indices where chain[i].startsWithDoubleZero && !chain[i].isFraction {
      if (10...17).contains(total(chain[i...])) { return true }
    }
    return first.isBehindPhoneWord && rings(chain)
  }

  /// The digits of a group and those that follow it by blanks and hyphens.
  private static func total(_ chain: ArraySlice<DigitGroup>) -> Int {
    let rest = chain.dropFirst().prefix { !$0.isFraction }
    return rest.reduce(chain.first?.length ?? 0) { $0 > 15 ? $0 : $0 + $1.length }
  }

  /// True where groups of digits behind a word for the telephone begin with the eight of a Norwegian number, its country's 47
  /// before it or not. A date is none.
  private static func rings(_ chain: [DigitGroup]) -> Bool {
    var chain = chain[...]
    if chain.count > 1, chain[0].length == 2, chain[0].first == 4, chain[0].second == 7,
      chain.dropFirst().reduce(0, { $0 + $1.length }) >= 8
    {
      chain = chain.dropFirst()
    }
    let start = chain[chain.startIndex]
    if start.length == 10, start.first == 4, start.second == 7 { return true }
    var digits = 0
    var groups = 0
    for group in chain where digits < 8 {
      digits += group.length
      groups += 1
    }
    guard digits == 8, start.first >= 2 else { return false }
    let widths = chain.prefix(groups).map(\.length)
    return widths != [2, 2, 4] && widths != [4, 2, 2] && !(groups == 1 && start.isCalendarDay)
  }

  /// True for eight digits that begin as a Norwegian mobile number does.
  static func isMobileNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 8 && bytes.allSatisfy { $0 &- 0x30 < 10 } && (bytes[0] == 0x34 || bytes[0] == 0x39)
  }

  /// True where a text has a blank and a letter.
  private static func hasWords(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.contains(0x20) && text.contains { ($0 | 0x20) &- 0x61 < 26 || $0 >= 0xc3 }
  }

  /// True for a number that is precise enough for a place: three decimals or more, by point or comma.
  static func isCoordinate(_ text: String) -> Bool {
    guard decimals(text) >= 3 else { return false }
    return [DecimalMark.point, .comma].contains { mark in
      DecimalNumber.parse(text, mark: mark).map { abs($0) <= 180 } ?? false
    }
  }

  /// True where a text is a position: two decimal numbers in the ranges of latitude and longitude with four decimals or more,
  /// or degrees with minutes (`59°54'50"N`).
  static func isPosition(_ text: String) -> Bool {
    if hasDegrees(text) { return true }
    guard text.utf8.count <= longestPosition else { return false }
    let parts = text.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " || $0 == "/" })
    guard parts.count == 2, parts.allSatisfy({ decimals($0) >= 4 }),
      let latitude = DecimalNumber.parse(String(parts[0]), mark: .point),
      let longitude = DecimalNumber.parse(String(parts[1]), mark: .point)
    else { return false }
    return abs(latitude) <= 90 && abs(longitude) <= 180
  }

  /// In bytes; two numbers take less.
  private static let longestPosition = 100

  /// True where a text holds degrees and minutes: the sign of degrees behind a digit, and one of minutes behind it.
  private static func hasDegrees(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      for i in bytes.indices.dropFirst().dropLast()
      where bytes[i] == 0xc2 && bytes[i + 1] == 0xb0 && bytes[i - 1] &- 0x30 < 10 {
        return bytes[i...].indices.contains { k in
          bytes[k] == 0x27
            || bytes[k] == 0xe2 && k + 2 < bytes.count && bytes[k + 1] == 0x80
              && (bytes[k + 2] == 0xb2 || bytes[k + 2] == 0x99)
        }
      }
      return false
    }
  }

  /// The digits behind the decimal point or comma.
  static func decimals(_ number: some StringProtocol) -> Int {
    guard let mark = number.lastIndex(where: { $0 == "." || $0 == "," }) else { return 0 }
    return number.distance(from: mark, to: number.endIndex) - 1
  }

  private static func isAddress(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2e || byte == 0x2d || byte == 0x5f
      || byte == 0x2b
      || byte >= 0x80
  }
}
