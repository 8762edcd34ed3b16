/// Distinct byte strings by their codes 0, 1, …: the dictionary of a text column.
struct ByteDictionary: Sendable {
  /// All texts, one behind the other.
  fileprivate(set) var arena: [UInt8] = []
  /// Where each text ends in the arena; it begins where the one before ends.
  fileprivate(set) var ends: [Int] = []

  /// The number of distinct texts.
  var count: Int { ends.count }

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

  /// The code of a text, found by going through all of their lengths; nil where it is not among them.
  func code(ofText text: UnsafeBufferPointer<UInt8>) -> Int32? {
    var start = 0
    for (code, end) in ends.enumerated() {
      if end - start == text.count, withBytes(of: code, { $0.elementsEqual(text) }) { return Int32(code) }
      start = end
    }
    return nil
  }
}

/// Numbers distinct byte strings in the order in which they are first met.
///
/// Open addressing over one arena of bytes, so that a million fields with a handful of distinct texts allocate nothing. The table
/// holds codes alone, and beside it each text of up to sixteen bytes stands whole in two words: both stay in the cache where
/// texts are few.
struct TextCoder: ~Copyable {
  private struct Key {
    /// A text of up to sixteen bytes whole, else a hash of it and its end.
    var low: UInt64 = 0
    var high: UInt64 = 0
    var length = 0
  }

  /// What was met so far.
  private(set) var dictionary = ByteDictionary()
  /// The keys by code; there is room for a quarter as many as places, so that few texts share one.
  private var keys: UnsafeMutablePointer<Key>
  /// Codes; −1 where a place is free.
  private var places: UnsafeMutablePointer<Int32>
  private var capacity = 64
  /// How far the product of a hash is shifted to be the number of a place.
  private var shift: UInt64 = 58

  init() {
    keys = .allocate(capacity: capacity / 4)
    places = .allocate(capacity: capacity)
    places.initialize(repeating: -1, count: capacity)
  }

  /// Takes over a dictionary and its codes.
  init(_ dictionary: ByteDictionary) {
    self.init()
    for code in 0..<dictionary.count { _ = dictionary.withBytes(of: code) { self.code(of: $0) } }
  }

  deinit {
    keys.deallocate()
    places.deallocate()
  }

  /// The code of a text, a new one where it was not met before.
  @inline(__always)
  mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let key = Self.key(of: text)
    let place = find(key, text)
    return places[place] >= 0 ? places[place] : add(key, text, at: place)
  }

  /// The code of a text that was met before; nil for another.
  func existingCode(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let code = places[find(Self.key(of: text), text)]
    return code < 0 ? nil : code
  }

  /// Codes for the texts of another dictionary, new ones where they were not met before.
  mutating func codes(of other: ByteDictionary) -> [Int32] {
    (0..<other.count).map { code in other.withBytes(of: code) { self.code(of: $0) } }
  }

  /// The place where a text is, or the free one where it belongs.
  @inline(__always)
  private func find(_ key: Key, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    var i = home(key)
    while true {
      let code = Int(places[i])
      if code < 0 { return i }
      if keys[code].low == key.low, keys[code].high == key.high, keys[code].length == key.length,
        text.count <= 16 || dictionary.withBytes(of: code, text.elementsEqual)
      {
        return i
      }
      i = (i &+ 1) & (capacity &- 1)
    }
  }

  @inline(__always)
  private func home(_ key: Key) -> Int {
    // The top bits of a product (Knuth, volume 3, 6.4), after the words are mixed.
    let mixed = (key.low ^ key.high &* 0xd6e8_feb8_6659_fd93) &+ UInt64(truncatingIfNeeded: key.length)
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  @inline(never)
  private mutating func add(_ key: Key, _ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Int32 {
    let code = dictionary.count
    keys[code] = key
    places[place] = Int32(code)
    dictionary.arena.append(contentsOf: text)
    dictionary.ends.append(dictionary.arena.count)
    if dictionary.count * 4 >= capacity { grow() }
    return Int32(code)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Key>.allocate(capacity: capacity / 2)
    larger.update(from: keys, count: dictionary.count)
    keys.deallocate()
    keys = larger
    places.deallocate()
    capacity *= 2
    shift -= 1
    places = .allocate(capacity: capacity)
    places.initialize(repeating: -1, count: capacity)
    for code in 0..<dictionary.count {
      var i = home(keys[code])
      while places[i] >= 0 { i = (i + 1) & (capacity - 1) }
      places[i] = Int32(code)
    }
  }

  /// Up to sixteen bytes as two words that overlap, so that no byte outside is read.
  @inline(__always)
  private static func key(of text: UnsafeBufferPointer<UInt8>) -> Key {
    let count = text.count
    guard let base = text.baseAddress, count > 0 else { return Key() }
    let bytes = UnsafeRawPointer(base)
    var key = Key(length: count)
    if count >= 8 {
      key.low = count <= 16 ? bytes.loadUnaligned(as: UInt64.self) : hash(bytes, count)
      key.high = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    } else if count >= 4 {
      key.low = UInt64(bytes.loadUnaligned(as: UInt32.self))
      key.high = UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    } else {
      key.low = UInt64(base[0]) | UInt64(base[count / 2]) << 8 | UInt64(base[count - 1]) << 16
    }
    return key
  }

  /// A multiplicative hash over eight bytes at a time.
  private static func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var h = UInt64(count) &* 0x9e37_79b9_7f4a_7c15
    var i = 0
    while i + 8 <= count {
      h = (h ^ bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0xd6e8_feb8_6659_fd93
      h ^= h >> 32
      i += 8
    }
    return h
  }
}
