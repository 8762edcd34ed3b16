/// Numbers distinct byte strings in the order in which they are first met: the dictionary of a text column.
///
/// Open addressing over one arena of bytes, so that a million fields with a handful of distinct texts allocate nothing.
struct ByteDictionary: Sendable {
  private var arena: [UInt8] = []
  private var ends: [Int] = []
  private var hashes: [UInt64] = []
  private var slots: [Int32]
  private var mask: Int

  init() {
    slots = Array(repeating: -1, count: 64)
    mask = 63
  }

  /// The number of distinct texts.
  var count: Int { ends.count }

  /// The code of a text, a new one where it was not met before.
  mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = Self.hash(text)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let code = slots[slot]
      if code < 0 { break }
      if hashes[Int(code)] == hash, equals(Int(code), text) { return code }
      slot = (slot + 1) & mask
    }
    let code = Int32(ends.count)
    arena.append(contentsOf: text)
    ends.append(arena.count)
    hashes.append(hash)
    slots[slot] = code
    if ends.count * 2 > slots.count { grow() }
    return code
  }

  /// The code of a text that was met before; nil for another.
  func existingCode(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let hash = Self.hash(text)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      let code = slots[slot]
      if hashes[Int(code)] == hash, equals(Int(code), text) { return code }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// The bytes of a text.
  func withBytes<R>(of code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let start = code == 0 ? 0 : ends[code - 1]
    return arena.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<ends[code]])) }
  }

  /// A text.
  func text(of code: Int) -> String { withBytes(of: code) { String(decoding: $0, as: UTF8.self) } }

  /// All texts, in the order of their codes.
  var texts: [String] { (0..<count).map(text(of:)) }

  private func equals(_ code: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = code == 0 ? 0 : ends[code - 1]
    guard ends[code] - start == text.count else { return false }
    for i in 0..<text.count where arena[start + i] != text[i] { return false }
    return true
  }

  private mutating func grow() {
    mask = slots.count * 2 - 1
    slots = Array(repeating: -1, count: mask + 1)
    for code in 0..<ends.count {
      var slot = Int(truncatingIfNeeded: hashes[code]) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(code)
    }
  }

  /// FNV-1a over eight bytes at a time with a final mix, so that short texts which differ in one byte spread.
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var h: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(text.count)
    var i = 0
    while i + 8 <= text.count {
      let word = UnsafeRawPointer(text.baseAddress! + i).loadUnaligned(as: UInt64.self)
      h = (h ^ word) &* 0x9e37_79b9_7f4a_7c15
      h ^= h >> 29
      i += 8
    }
    while i < text.count {
      h = (h ^ UInt64(text[i])) &* 0x0000_0100_0000_01b3
      i += 1
    }
    h ^= h >> 32
    h = h &* 0xd6e8_feb8_6659_fd93
    return h ^ (h >> 29)
  }
}
