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

  /// True where a text holds a telephone number: `+` or `00` and at least eight digits, or eight digits in the groups that
  /// Norwegian numbers are written in (`912 34 567`, `22 33 44 55`). Eight digits together are one among words, where they
  /// begin as a mobile number does (4 or 9); by themselves they may be anything and are none.
  static func hasPhone(_ text: String) -> Bool {
    let groups = digitGroups(Array(text.utf8))
    if groups.contains(where: {
      $0.length == 8 && !$0.follows && !$0.isFraction && ($0.first == 4 || $0.first == 9)
    }),
      hasWords(text)
    {
      return true
    }
    for (i, group) in groups.enumerated() {
      var total = group.length
      var widths = [group.length]
      var next = i + 1
      while next < groups.count, groups[next].follows, total < 15 {
        total += groups[next].length
        widths.append(groups[next].length)
        next += 1
      }
      if group.isInternational, (8...15).contains(total) { return true }
      if group.startsWithDoubleZero, !group.isFraction, (10...17).contains(total) { return true }
      if !group.follows, next == groups.count || !groups[next].follows,
        widths == [3, 2, 3] || widths == [2, 2, 2, 2], group.first >= 2
      {
        return true
      }
    }
    return false
  }

  /// True for eight digits that begin as a Norwegian mobile number does.
  static func isMobileNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 8 && bytes.allSatisfy { $0 &- 0x30 < 10 } && (bytes[0] == 0x34 || bytes[0] == 0x39)
  }

  /// True where a text has a blank and a letter.
  private static func hasWords(_ text: String) -> Bool {
    text.utf8.contains(0x20) && text.unicodeScalars.contains { $0.properties.isAlphabetic }
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
    let scalars = Array(text.unicodeScalars)
    if let degree = scalars.firstIndex(of: "°"), degree > 0, ("0"..."9").contains(scalars[degree - 1]),
      scalars[degree...].contains(where: { $0 == "'" || $0 == "′" || $0 == "\u{2019}" })
    {
      return true
    }
    let parts = text.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == " " || $0 == "/" })
    guard parts.count == 2, parts.allSatisfy({ decimals($0) >= 4 }),
      let latitude = DecimalNumber.parse(String(parts[0]), mark: .point),
      let longitude = DecimalNumber.parse(String(parts[1]), mark: .point)
    else { return false }
    return abs(latitude) <= 90 && abs(longitude) <= 180
  }

  /// The digits behind the decimal point or comma.
  static func decimals(_ number: some StringProtocol) -> Int {
    guard let mark = number.lastIndex(where: { $0 == "." || $0 == "," }) else { return 0 }
    return number.distance(from: mark, to: number.endIndex) - 1
  }

  private struct DigitGroup {
    var length: Int
    var first: UInt8
    /// One blank or hyphen stands between this group and the one before.
    var follows: Bool
    var isInternational: Bool
    var startsWithDoubleZero: Bool
    /// The digits behind a decimal point or comma: 37.0060424804688 rings nobody.
    var isFraction: Bool
  }

  private static func digitGroups(_ bytes: [UInt8]) -> [DigitGroup] {
    var groups: [DigitGroup] = []
    var i = 0
    var lastEnd = -2
    while i < bytes.count {
      guard bytes[i] &- 0x30 < 10 else {
        i += 1
        continue
      }
      var end = i
      while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
      groups.append(
        DigitGroup(
          length: end - i, first: bytes[i] - 0x30,
          follows: lastEnd == i - 1 && (bytes[i - 1] == 0x20 || bytes[i - 1] == 0x2d),
          isInternational: i > 0 && bytes[i - 1] == 0x2b,
          startsWithDoubleZero: end - i >= 4 && bytes[i] == 0x30 && bytes[i + 1] == 0x30,
          isFraction: lastEnd == i - 1 && (bytes[i - 1] == 0x2e || bytes[i - 1] == 0x2c)))
      lastEnd = end
      i = end
    }
    return groups
  }

  private static func isAddress(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2e || byte == 0x2d || byte == 0x5f
      || byte == 0x2b
      || byte >= 0x80
  }
}
