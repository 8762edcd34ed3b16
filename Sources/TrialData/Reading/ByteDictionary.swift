import Glibc

/// Numbers distinct byte strings in the order in which they are first met: the dictionary of a text column.
///
/// Open addressing over one arena of bytes, so that a million fields with a handful of distinct texts allocate nothing. Texts up
/// to eight bytes are compared as one word.
struct ByteDictionary: Sendable {
  private struct Entry {
    var hash: UInt64
    /// The first eight bytes, zeros behind a shorter text.
    var head: UInt64
    var start: Int
    var length: Int
  }

  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  private var slots: [Int32]
  private var mask: Int
  /// The text met last: exports come sorted, and then it is often the next one too.
  private var last: Int32 = -1

  init() {
    slots = Array(repeating: -1, count: 64)
    mask = 63
  }

  /// The number of distinct texts.
  var count: Int { entries.count }

  /// The code of a text, a new one where it was not met before.
  mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let head = Self.head(text)
    if last >= 0, matches(last, head: head, text) { return last }
    let hash = Self.hash(text, head: head)
    let (code, slot) = find(text, head: head, hash: hash)
    if code >= 0 {
      last = code
      return code
    }
    last = Int32(entries.count)
    slots[slot] = last
    entries.append(Entry(hash: hash, head: head, start: arena.count, length: text.count))
    arena.append(contentsOf: text)
    if entries.count * 2 > slots.count { grow() }
    return last
  }

  /// The code of a text that was met before; nil for another.
  func existingCode(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let head = Self.head(text)
    let (code, _) = find(text, head: head, hash: Self.hash(text, head: head))
    return code < 0 ? nil : code
  }

  /// The bytes of a text.
  func withBytes<R>(of code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let entry = entries[code]
    return arena.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[entry.start..<(entry.start + entry.length)]))
    }
  }

  /// A text.
  func text(of code: Int) -> String { withBytes(of: code) { String(decoding: $0, as: UTF8.self) } }

  /// All texts, in the order of their codes.
  var texts: [String] { (0..<count).map(text(of:)) }

  /// The code of a text and the slot it is or belongs in; the code is −1 where the text is new.
  private func find(_ text: UnsafeBufferPointer<UInt8>, head: UInt64, hash: UInt64) -> (
    code: Int32, slot: Int
  ) {
    slots.withUnsafeBufferPointer { slots in
      entries.withUnsafeBufferPointer { entries in
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
          let code = slots[slot]
          if code < 0 { return (-1, slot) }
          if entries[Int(code)].hash == hash, matches(code, head: head, text) { return (code, slot) }
          slot = (slot + 1) & mask
        }
      }
    }
  }

  @inline(__always)
  private func matches(_ code: Int32, head: UInt64, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let entry = entries.withUnsafeBufferPointer { $0[Int(code)] }
    guard entry.head == head, entry.length == text.count else { return false }
    if text.count <= 8 { return true }
    return arena.withUnsafeBufferPointer {
      memcmp($0.baseAddress! + entry.start + 8, text.baseAddress! + 8, text.count - 8) == 0
    }
  }

  private mutating func grow() {
    mask = slots.count * 2 - 1
    slots = Array(repeating: -1, count: mask + 1)
    slots.withUnsafeMutableBufferPointer { slots in
      for code in entries.indices {
        var slot = Int(truncatingIfNeeded: entries[code].hash) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(code)
      }
    }
  }

  /// The first eight bytes as a word.
  @inline(__always)
  private static func head(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    if text.count >= 8 { return UnsafeRawPointer(text.baseAddress!).loadUnaligned(as: UInt64.self) }
    var word: UInt64 = 0
    for i in 0..<text.count { word |= UInt64(text[i]) &<< UInt64(8 * i) }
    return word
  }

  /// A multiplicative hash over eight bytes at a time with a final mix, so that short texts which differ in one byte spread.
  @inline(__always)
  private static func hash(_ text: UnsafeBufferPointer<UInt8>, head: UInt64) -> UInt64 {
    var h = (head ^ UInt64(text.count)) &* 0x9e37_79b9_7f4a_7c15
    var i = 8
    while i < text.count {
      var word: UInt64 = 0
      if i + 8 <= text.count {
        word = UnsafeRawPointer(text.baseAddress! + i).loadUnaligned(as: UInt64.self)
      } else {
        for k in i..<text.count { word |= UInt64(text[k]) &<< UInt64(8 * (k - i)) }
      }
      h ^= h >> 29
      h = (h ^ word) &* 0x9e37_79b9_7f4a_7c15
      i += 8
    }
    h ^= h >> 32
    h = h &* 0xd6e8_feb8_6659_fd93
    return h ^ (h >> 29)
  }
}
