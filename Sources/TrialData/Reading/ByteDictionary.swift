import Glibc

/// Numbers distinct byte strings in the order in which they are first met: the dictionary of a text column.
///
/// Open addressing over one arena of bytes, so that a million fields with a handful of distinct texts allocate nothing. A place
/// of the table holds a text of up to eight bytes whole, so that finding it touches one line of the cache.
struct ByteDictionary: Sendable {
  private struct Place {
    /// The text where it has at most eight bytes (zeros behind it), else its hash.
    var key: UInt64
    var length: Int32
    /// −1 where the place is free.
    var code: Int32
  }

  private var arena: [UInt8] = []
  /// Where each text ends in the arena; it begins where the one before ends.
  private var ends: [Int] = []
  private var places = [Place](repeating: Place(key: 0, length: 0, code: -1), count: 64)
  /// How far the product of a hash is shifted to be the number of a place.
  private var shift: UInt64 = 58
  /// The text met last: exports come sorted, and then it is often the next one too.
  private var last = Place(key: 0, length: 0, code: -1)

  /// The number of distinct texts.
  var count: Int { ends.count }

  /// The code of a text, a new one where it was not met before.
  mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let key = Self.key(text)
    if isLast(key, text) { return last.code }
    let (code, place) = find(text, key: key)
    if code >= 0 {
      last = Place(key: key, length: Int32(text.count), code: code)
      return code
    }
    last = Place(key: key, length: Int32(text.count), code: Int32(ends.count))
    places[place] = last
    arena.append(contentsOf: text)
    ends.append(arena.count)
    if ends.count * 2 > places.count { grow() }
    return last.code
  }

  /// The code of a text that was met before; nil for another.
  ///
  /// Files that name the same participants in the same order are common, so the texts that follow the last one are tried first.
  mutating func existingCode(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let key = Self.key(text)
    if isLast(key, text) { return last.code }
    var code: Int32 = -1
    let next = Int(last.code) + 1
    for candidate in next..<min(next + 4, ends.count) where isEqual(candidate, text) {
      code = Int32(candidate)
      break
    }
    if code < 0 { code = find(text, key: key).code }
    guard code >= 0 else { return nil }
    last = Place(key: key, length: Int32(text.count), code: code)
    return code
  }

  /// The bytes of a text.
  func withBytes<R>(of code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let start = code == 0 ? 0 : ends[code - 1]
    let end = ends[code]
    return arena.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
  }

  /// A text.
  func text(of code: Int) -> String { withBytes(of: code) { String(decoding: $0, as: UTF8.self) } }

  /// All texts, in the order of their codes.
  var texts: [String] { (0..<count).map(text(of:)) }

  @inline(__always)
  private func isLast(_ key: UInt64, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    last.code >= 0 && last.key == key && Int(last.length) == text.count
      && (text.count <= 8 || isEqual(Int(last.code), text))
  }

  private func isEqual(_ code: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    withBytes(of: code) { own in
      own.count == text.count && (own.isEmpty || memcmp(own.baseAddress!, text.baseAddress!, own.count) == 0)
    }
  }

  /// The code of a text and the place it is or belongs in; the code is −1 where the text is new.
  private func find(_ text: UnsafeBufferPointer<UInt8>, key: UInt64) -> (code: Int32, place: Int) {
    places.withUnsafeBufferPointer { places in
      let mask = places.count - 1
      var i = Self.home(key, length: text.count, shift: shift)
      while true {
        let place = places[i]
        if place.code < 0 { return (-1, i) }
        if place.key == key, Int(place.length) == text.count,
          text.count <= 8 || isEqual(Int(place.code), text)
        {
          return (place.code, i)
        }
        i = (i + 1) & mask
      }
    }
  }

  private mutating func grow() {
    let old = places
    places = Array(repeating: Place(key: 0, length: 0, code: -1), count: old.count * 4)
    shift -= 2
    let (shift, mask) = (shift, places.count - 1)
    places.withUnsafeMutableBufferPointer { places in
      for place in old where place.code >= 0 {
        var i = Self.home(place.key, length: Int(place.length), shift: shift)
        while places[i].code >= 0 { i = (i + 1) & mask }
        places[i] = place
      }
    }
  }

  /// The place where the search for a key begins: the top bits of a product (Knuth, volume 3, 6.4).
  @inline(__always)
  private static func home(_ key: UInt64, length: Int, shift: UInt64) -> Int {
    let mixed = (key ^ key >> 32) &+ UInt64(length)
    return Int(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  /// The first eight bytes as a word; of a longer text a hash of all.
  @inline(__always)
  private static func key(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let base = text.baseAddress else { return 0 }
    if text.count > 8 { return hash(UnsafeRawPointer(base), text.count) }
    var word: UInt64 = 0
    for i in 0..<text.count { word |= UInt64(base[i]) &<< UInt64(8 * i) }
    return word
  }

  /// A multiplicative hash over eight bytes at a time, the last eight once more, with a final mix.
  private static func hash(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var h = UInt64(count) &* 0x9e37_79b9_7f4a_7c15
    var i = 0
    while i + 8 <= count {
      h = (h ^ base.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0xd6e8_feb8_6659_fd93
      h ^= h >> 32
      i += 8
    }
    h = (h ^ base.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)) &* 0xd6e8_feb8_6659_fd93
    return h ^ (h >> 29)
  }
}
