/// A text as one word, such that two texts of one column have the same word just where they are the same: identifiers that
/// are only compared need no dictionary.
///
/// A whole number of up to eighteen digits, written without leading zeros, is its value; another text of up to seven bytes is
/// its bytes; a longer one is a code in a dictionary. The two top bits tell which. The words of the first two kinds are the
/// same in every file.
enum TextKey {
  static let packed: UInt64 = 1 << 62
  static let interned: UInt64 = 1 << 63
  /// The empty text.
  static let empty = packed

  /// The word of a text that needs no dictionary; nil for a longer one.
  static func short(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    if (1...18).contains(text.count), text[0] != 0x30 || text.count == 1,
      text.allSatisfy({ $0 &- 0x30 < 10 })
    {
      return text.reduce(0) { $0 * 10 + UInt64($1 &- 0x30) }
    }
    guard text.count <= 7 else { return nil }
    var word = packed | UInt64(text.count) << 56
    for (i, byte) in text.enumerated() { word |= UInt64(byte) << UInt64(8 * i) }
    return word
  }

  /// The code of a text that has one.
  static func code(_ key: UInt64) -> Int? { key & interned == 0 ? nil : Int(key & ~interned) }

  /// Calls a body with the bytes of a text that needs no dictionary.
  ///
  /// - Parameter room: at least eighteen bytes.
  @inline(__always)
  static func bytes(of key: UInt64, in room: UnsafeMutablePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    if key & packed != 0 {
      let count = Int(key >> 56 & 7)
      for i in 0..<count { room[i] = UInt8(truncatingIfNeeded: key >> UInt64(8 * i)) }
      return UnsafeBufferPointer(start: room, count: count)
    }
    var rest = key
    var i = 18
    repeat {
      i -= 1
      room[i] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    return UnsafeBufferPointer(start: room + i, count: 18 - i)
  }
}

/// A column of texts as words.
struct KeyedTexts: Sendable {
  var keys: [UInt64]
  /// The texts that are too long for a word.
  var long: ByteDictionary

  var count: Int { keys.count }

  func withBytes<R>(at row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    withBytes(of: keys[row], body)
  }

  func withBytes<R>(of key: UInt64, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    if let code = TextKey.code(key) { return long.withBytes(of: code, body) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 18) {
      body(TextKey.bytes(of: key, in: $0.baseAddress!))
    }
  }

  /// A text.
  func text(at row: Int) -> String { withBytes(at: row) { String(decoding: $0, as: UTF8.self) } }

  /// The rows whose text is missing: blank or `NA`.
  func missingRows() -> [Int] {
    let missing = MissingTexts([])
    let isMissing = (0..<long.count).map { long.withBytes(of: $0, missing.contains) }
    return keys.indices.filter { row in
      let key = keys[row]
      if let code = TextKey.code(key) { return isMissing[code] }
      return key & TextKey.packed != 0 && withBytes(of: key, missing.contains)
    }
  }

  /// The words that the texts have in another column; `absent` for a long text that is not there.
  func keys(in other: KeyedTexts, absent: UInt64) -> [UInt64] {
    if long.count == 0 { return keys }
    let coder = TextCoder(other.long)
    let codes = (0..<long.count).map { code in
      long.withBytes(of: code) { coder.existingCode(of: $0) }.map { TextKey.interned | UInt64($0) } ?? absent
    }
    return keys.map { key in TextKey.code(key).map { codes[$0] } ?? key }
  }

  /// As texts by code, in the order of their first appearance.
  var coded: CodedTexts {
    var coder = TextCoder()
    let codes = keys.map { key in withBytes(of: key) { coder.code(of: $0) } }
    return CodedTexts(codes: codes, dictionary: coder.dictionary)
  }
}

/// Finds the row of a text in a column of distinct ones.
///
/// Identifiers that are numbers in a narrow range are looked up by their value, others by open addressing.
struct KeyIndex: Sendable {
  private let keys: [UInt64]
  private let smallest: UInt64
  /// By value above the smallest, or by hash; −1 where there is none.
  private var rows: [Int32]
  private let shift: UInt64
  private let isDirect: Bool

  /// Indexes a column.
  ///
  /// - Parameter onRepeat: called with each row whose text stands in an earlier row, and that row.
  init(_ keys: [UInt64], onRepeat: (_ row: Int, _ earlier: Int) -> Void = { _, _ in }) {
    self.keys = keys
    let smallest = keys.min() ?? 0
    self.smallest = smallest
    let range = (keys.max() ?? 0) - smallest
    isDirect = range < UInt64(4 * keys.count + 64)
    var bits: UInt64 = 6
    while !isDirect, 1 << bits < 2 * keys.count { bits += 1 }
    shift = 64 - bits
    rows = Array(repeating: -1, count: isDirect ? Int(range) + 1 : 1 << bits)
    for (row, key) in keys.enumerated() {
      let place = place(of: key)
      if rows[place] >= 0 { onRepeat(row, Int(rows[place])) } else { rows[place] = Int32(row) }
    }
  }

  /// The row of a text; −1 where it is in none.
  func row(of key: UInt64) -> Int32 {
    if isDirect, key < smallest || key - smallest >= UInt64(rows.count) { return -1 }
    return rows[place(of: key)]
  }

  /// The rows of many texts. Files often name the same texts in the same order, so the one behind the last is tried first.
  func rows(of wanted: [UInt64]) -> [Int32] {
    var last: Int32 = -1
    return keys.withUnsafeBufferPointer { keys in
      wanted.map { key in
        if last >= 0, keys[Int(last)] == key { return last }
        let next = Int(last) + 1
        let found = next < keys.count && keys[next] == key ? Int32(next) : row(of: key)
        if found >= 0 { last = found }
        return found
      }
    }
  }

  /// Where a text is or belongs.
  @inline(__always)
  private func place(of key: UInt64) -> Int {
    if isDirect { return Int(key - smallest) }
    var i = Int(truncatingIfNeeded: ((key ^ key >> 32) &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while rows[i] >= 0, keys[Int(rows[i])] != key { i = (i + 1) & (rows.count - 1) }
    return i
  }
}
