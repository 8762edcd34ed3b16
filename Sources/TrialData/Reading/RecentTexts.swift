/// The codes of short texts that a column held of late: those of most columns are few.
///
/// Texts are numbered as they come. A table of marks, small enough for a near cache, leads from a hash to a number, and the text
/// with that number is compared whole.
struct RecentTexts: ~Copyable {
  /// A text, its last sixteen bytes in two words with zeros before the first, and its code.
  private struct Known {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// −1 where there is no text.
    var code: Int32 = -1
  }

  /// The texts, for a loop that only looks.
  struct Table {
    /// By hash, two marks each: a number, and sixteen bits of the hash above it. Zero where there is none.
    fileprivate let pairs: UnsafeMutablePointer<UInt64>
    /// By number; none is numbered zero.
    fileprivate let texts: UnsafeMutableRawPointer
    fileprivate let shift: UInt64

    /// The code of a text, whose last sixteen bytes are given in two words with zeros before the first; −1 where it is not here.
    ///
    /// Texts of different lengths have different words, since none of them holds a NUL byte.
    @inline(__always)
    func code(_ low: UInt64, _ high: UInt64) -> Int32 {
      let hash = Self.hash(low, high)
      let pair = pairs[place(hash)]
      // Which of the two it is changes from row to row: the first where its bits are those of the hash, without a branch.
      let isFirst = ((pair >> 16 & 0xffff ^ Self.bits(hash)) &- 1) >> 63
      let number = pair &>> (32 &- isFirst &<< 5) & 0xffff
      let known = texts.assumingMemoryBound(to: Known.self) + Int(truncatingIfNeeded: number)
      return (known.pointee.low ^ low) | (known.pointee.high ^ high) == 0 ? known.pointee.code : -1
    }

    @inline(__always)
    fileprivate static func hash(_ low: UInt64, _ high: UInt64) -> UInt64 {
      let mixed = (low &* 0xd6e8_feb8_6659_fd93) ^ high
      return (mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15
    }

    /// The pair of a hash, by its top bits.
    @inline(__always)
    fileprivate func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> shift) }

    /// The bits of a hash that a mark holds.
    @inline(__always)
    fileprivate static func bits(_ hash: UInt64) -> UInt64 { hash >> 20 & 0xffff }
  }

  /// Sixteen bits hold the number of a text.
  private static let largest = 1 << 13
  private(set) var table: Table
  private var texts: UnsafeMutablePointer<Known>
  /// How many texts there is room for, number zero included; there are four pairs for each, so that three seldom share one.
  private var capacity = 64
  /// How many texts were numbered, and the next number to be given anew once all are.
  private var count = 1
  private var oldest = 1

  init() { (table, texts) = Self.room(capacity) }

  deinit {
    table.pairs.deallocate()
    texts.deallocate()
  }

  private static func room(_ capacity: Int) -> (Table, UnsafeMutablePointer<Known>) {
    let pairs = UnsafeMutablePointer<UInt64>.allocate(capacity: 4 * capacity)
    pairs.initialize(repeating: 0, count: 4 * capacity)
    let texts = UnsafeMutablePointer<Known>.allocate(capacity: capacity)
    texts.initialize(repeating: Known(), count: capacity)
    let shift = UInt64(62 - capacity.trailingZeroBitCount)
    return (Table(pairs: pairs, texts: UnsafeMutableRawPointer(texts), shift: shift), texts)
  }

  /// Puts a text with its code; it may take the place of another.
  mutating func put(_ low: UInt64, _ high: UInt64, _ code: Int32) {
    if count == capacity, capacity < Self.largest { grow() }
    let hash = Table.hash(low, high)
    let place = table.place(hash)
    let pair = table.pairs[place]
    // Where a pair is full, the text that leaves it leaves its number too.
    var number = Int(truncatingIfNeeded: pair >> 32 & 0xffff)
    if number == 0 {
      number = count < capacity ? count : oldest
      if count < capacity { count += 1 } else { oldest = oldest + 1 < capacity ? oldest + 1 : 1 }
    }
    texts[number] = Known(low: low, high: high, code: code)
    table.pairs[place] = Self.pair(pair, hash, number)
  }

  /// A pair with a text more: the one that was first comes second.
  private static func pair(_ pair: UInt64, _ hash: UInt64, _ number: Int) -> UInt64 {
    pair << 32 | Table.bits(hash) << 16 | UInt64(number)
  }

  private mutating func grow() {
    let (larger, room) = Self.room(2 * capacity)
    for number in 1..<count {
      room[number] = texts[number]
      let hash = Table.hash(texts[number].low, texts[number].high)
      let place = larger.place(hash)
      larger.pairs[place] = Self.pair(larger.pairs[place], hash, number)
    }
    table.pairs.deallocate()
    texts.deallocate()
    (table, texts) = (larger, room)
    capacity *= 2
  }
}
