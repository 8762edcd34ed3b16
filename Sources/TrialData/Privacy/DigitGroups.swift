/// Digits that stand together in a text, and what is around them.
struct DigitGroup {
  var length: Int
  var first: UInt8
  var second: UInt8?
  /// The one character between this group and the one before; 0 where there are several or none.
  var mark: UInt8
  /// One blank, hyphen or point stands between this group and the one before.
  var follows: Bool
  var isInternational: Bool
  var startsWithDoubleZero: Bool
  /// The digits behind a decimal point or comma: 37.0060424804688 rings nobody.
  var isFraction: Bool
  /// Eight digits that are a day written together (`20200301`).
  var isCalendarDay: Bool
  /// A word for the telephone stands before it, with no other word but `nr`, `er` or `på` between.
  var isBehindPhoneWord: Bool
}

/// The groups of digits of a text, in order.
struct DigitGroups {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var lastEnd = -2

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> DigitGroup? {
    while place < bytes.count, !isDigit(place) { place += 1 }
    guard place < bytes.count else { return nil }
    let start = place
    while place < bytes.count, isDigit(place) { place += 1 }
    let mark = mark(from: lastEnd, to: start)
    lastEnd = place
    let length = place - start
    let follows = [0x20, 0x2d, 0x2e].contains(mark)
    let isBehindPhoneWord = !follows && length <= 12 && isBehindPhoneWord(start)
    return DigitGroup(
      length: length, first: bytes[start] - 0x30, second: length > 1 ? bytes[start + 1] - 0x30 : nil,
      mark: mark, follows: follows, isInternational: start > 0 && bytes[start - 1] == 0x2b,
      startsWithDoubleZero: length >= 4 && bytes[start] == 0x30 && bytes[start + 1] == 0x30,
      isFraction: mark == 0x2e || mark == 0x2c,
      isCalendarDay: isBehindPhoneWord && length == 8
        && DateText.day(String(decoding: bytes[start..<place], as: UTF8.self), order: nil) != nil,
      isBehindPhoneWord: isBehindPhoneWord)
  }

  /// The one character between two places, a no-break space as a blank; 0 for none, several or another beyond ASCII.
  private func mark(from end: Int, to start: Int) -> UInt8 {
    guard end >= 0 else { return 0 }
    let between = bytes[end..<start]
    if between.count == 1 { return between.first! }
    return between.elementsEqual([0xc2, 0xa0]) || between.elementsEqual([0xe2, 0x80, 0xaf]) ? 0x20 : 0
  }

  private func isDigit(_ i: Int) -> Bool { bytes[i] &- 0x30 < 10 }

  private func isLetter(_ i: Int) -> Bool {
    let byte = bytes[i]
    if byte < 0x80 { return (byte | 0x20) &- 0x61 < 26 }
    // The tail of a character of two bytes is of a letter where its head is; NBSP is none.
    let head = byte & 0xc0 == 0x80 && i > 0 ? bytes[i - 1] : byte
    return (0xc3...0xdf).contains(head)
  }

  /// True where one of the three words before a place is one for the telephone, and those behind it only lead to a number.
  private func isBehindPhoneWord(_ place: Int) -> Bool {
    var end = place
    for _ in 0..<3 {
      let furthest = max(0, end - 4)
      while end > furthest, !isLetter(end - 1), !isDigit(end - 1) { end -= 1 }
      var start = end
      while start > max(0, end - 20), isLetter(start - 1) { start -= 1 }
      if start == end { return false }
      let word = String(decoding: bytes[start..<end], as: UTF8.self).lowercased()
      if Self.phoneWords.contains(word) { return true }
      guard Self.linkWords.contains(word) else { return false }
      end = start
    }
    return false
  }

  private static let phoneWords: Set<String> = [
    "tlf", "tel", "telf", "tfn", "telefon", "telefonen", "telefonnr", "telefonnummer", "telefonnummeret",
    "tlfnr", "mob", "mobil",
    "mobilen", "mobiltlf", "mobiltelefon", "mobilnr", "mobilnummer", "fasttelefon", "hjemmetelefon", "ring",
    "ringe", "ringes",
    "ringte", "sms", "phone", "telephone", "cell", "mobile",
  ]
  private static let linkWords: Set<String> = [
    "nr", "nummer", "er", "på", "no", "number", "is", "privat", "arbeid", "jobb",
  ]
}
