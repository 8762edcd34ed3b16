/// One word of a text, as a place in its bytes.
struct NameWord {
  let start: Int
  let end: Int
  /// True where no hyphen joins it to the word before: Marie of Anne-Marie does not.
  let startsCompound: Bool
  /// True where only one blank stands between it and the word before.
  let followsBlank: Bool
  let isCapitalised: Bool
  /// Two capital letters or more, and no others.
  let isAbbreviation: Bool

  /// The word in lower case; nil where it is longer than a name.
  func lowercased(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard end - start <= 32 else { return nil }
    let word = UnsafeBufferPointer(rebasing: bytes[start..<end])
    if word.contains(where: { $0 >= 0x80 }) { return String(decoding: word, as: UTF8.self).lowercased() }
    return String(unsafeUninitializedCapacity: word.count) { room in
      for i in word.indices { room.initializeElement(at: i, to: word[i] | 0x20) }
      return word.count
    }
  }
}

/// The words of a text of UTF-8, one pass over its bytes: letters of the Latin, Greek and Cyrillic alphabets, with the marks that
/// are set upon them.
struct NameWords {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var lastEnd = -1

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> NameWord? {
    while place < bytes.count, letterLength(at: place) == 0 { place += 1 }
    guard place < bytes.count else { return nil }
    let start = place
    var capitals = 0
    var letters = 0
    while place < bytes.count {
      let length = letterLength(at: place)
      if length == 0 { break }
      letters += 1
      if isCapital(at: place) { capitals += 1 }
      place += length
    }
    let gap = start - lastEnd
    let mark = gap == 1 && lastEnd >= 0 ? bytes[lastEnd] : 0
    lastEnd = place
    return NameWord(
      start: start, end: place, startsCompound: mark != 0x2d, followsBlank: mark == 0x20,
      isCapitalised: isCapital(at: start), isAbbreviation: letters > 1 && capitals == letters)
  }

  /// The bytes of the letter at a place; 0 where none stands there.
  private func letterLength(at i: Int) -> Int {
    let byte = bytes[i]
    if byte < 0x80 { return (byte | 0x20) &- 0x61 < 26 ? 1 : 0 }
    guard i + 1 < bytes.count else { return 0 }
    // The signs × and ÷ stand between the letters of Latin-1.
    if byte == 0xc3 { return bytes[i + 1] == 0x97 || bytes[i + 1] == 0xb7 ? 0 : 2 }
    return (0xc4...0xd4).contains(byte) ? 2 : 0
  }

  private func isCapital(at i: Int) -> Bool {
    let byte = bytes[i]
    if byte < 0x80 { return byte &- 0x41 < 26 }
    if byte == 0xc3 { return bytes[i + 1] < 0x9f }
    let letter = UnsafeBufferPointer(rebasing: bytes[i..<(i + 2)])
    return String(decoding: letter, as: UTF8.self).unicodeScalars.first!.properties.isUppercase
  }
}
