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
}

/// Numbers distinct byte strings in the order in which they are first met.
///
/// Open addressing over one arena of bytes, so that a million fields with a handful of distinct texts allocate nothing. A place
/// of the table holds a text of up to sixteen bytes whole, so that finding it touches one line of the cache.
struct TextCoder: ~Copyable {
  private struct Place {
    /// A text of up to sixteen bytes whole, else two hashes of it.
    var low: UInt64 = 0
    var high: UInt64 = 0
    var length: Int32 = 0
    /// −1 where the place is free.
    var code: Int32 = -1
  }

  /// What was met so far.
  private(set) var dictionary = ByteDictionary()
  private var places: UnsafeMutablePointer<Place>
  private var capacity = 64
  /// How far the product of a hash is shifted to be the number of a place.
  private var shift: UInt64 = 58
  /// The text met last: exports come sorted, and then it is often the next one too.
  private var last = Place()

  init() {
    places = .allocate(capacity: capacity)
    places.initialize(repeating: Place(), count: capacity)
  }

  /// Takes over a dictionary and its codes.
  init(_ dictionary: ByteDictionary) {
    self.init()
    for code in 0..<dictionary.count { _ = dictionary.withBytes(of: code) { self.code(of: $0) } }
  }

  deinit { places.deallocate() }

  /// The code of a text, a new one where it was not met before.
  @inline(__always)
  mutating func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let key = Self.place(of: text)
    if isEqual(last, key, text) { return last.code }
    let found = find(key, text)
    last = found.code >= 0 ? found : add(key, text)
    return last.code
  }

  /// The code of a text that was met before; nil for another.
  func existingCode(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let code = find(Self.place(of: text), text).code
    return code < 0 ? nil : code
  }

  /// Codes for the texts of another dictionary, new ones where they were not met before.
  mutating func codes(of other: ByteDictionary) -> [Int32] {
    (0..<other.count).map { code in other.withBytes(of: code) { self.code(of: $0) } }
  }

  @inline(__always)
  private func isEqual(_ place: Place, _ key: Place, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    place.low == key.low && place.high == key.high && place.length == key.length && place.code >= 0
      && (text.count <= 16 || dictionary.withBytes(of: Int(place.code)) { $0.elementsEqual(text) })
  }

  @inline(__always)
  private func home(_ key: Place) -> Int {
    // The top bits of a product (Knuth, volume 3, 6.4), after the words are mixed.
    let mixed = (key.low ^ key.high &* 0xd6e8_feb8_6659_fd93) &+ UInt64(truncatingIfNeeded: key.length)
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  /// The place of a text; one without a code where it is new.
  @inline(__always)
  private func find(_ key: Place, _ text: UnsafeBufferPointer<UInt8>) -> Place {
    var i = home(key)
    while places[i].code >= 0 {
      if isEqual(places[i], key, text) { return places[i] }
      i = (i + 1) & (capacity - 1)
    }
    return Place()
  }

  private mutating func add(_ key: Place, _ text: UnsafeBufferPointer<UInt8>) -> Place {
    var place = key
    place.code = Int32(dictionary.count)
    dictionary.arena.append(contentsOf: text)
    dictionary.ends.append(dictionary.arena.count)
    if dictionary.count * 2 > capacity { grow() }
    put(place)
    return place
  }

  private func put(_ place: Place) {
    var i = home(place)
    while places[i].code >= 0 { i = (i + 1) & (capacity - 1) }
    places[i] = place
  }

  private mutating func grow() {
    let (old, count) = (places, capacity)
    capacity *= 4
    shift -= 2
    places = .allocate(capacity: capacity)
    places.initialize(repeating: Place(), count: capacity)
    for i in 0..<count where old[i].code >= 0 { put(old[i]) }
    old.deallocate()
  }

  /// A place for a text, without its code: up to sixteen bytes by two words that overlap, so that no byte outside is read.
  @inline(__always)
  private static func place(of text: UnsafeBufferPointer<UInt8>) -> Place {
    let count = text.count
    guard let base = text.baseAddress, count > 0 else { return Place() }
    let bytes = UnsafeRawPointer(base)
    var place = Place(length: Int32(truncatingIfNeeded: count))
    if count >= 8 {
      place.low = bytes.loadUnaligned(as: UInt64.self)
      place.high = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
      if count > 16 { hash(bytes, count, &place) }
    } else if count >= 4 {
      place.low = UInt64(bytes.loadUnaligned(as: UInt32.self))
      place.high = UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
    } else {
      place.low = UInt64(base[0]) | UInt64(base[count / 2]) << 8 | UInt64(base[count - 1]) << 16
    }
    return place
  }

  /// A multiplicative hash over eight bytes at a time, the last eight once more.
  private static func hash(_ bytes: UnsafeRawPointer, _ count: Int, _ place: inout Place) {
    var h = UInt64(count) &* 0x9e37_79b9_7f4a_7c15
    var i = 0
    while i + 8 <= count {
      h = (h ^ bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0xd6e8_feb8_6659_fd93
      h ^= h >> 32
      i += 8
    }
    place.low = h
  }
}
