/// The codes of short texts that a column held of late: those of most columns are few.
struct RecentTexts: ~Copyable {
  struct Entry {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// −1 where the entry is free.
    var code: Int32 = -1
  }

  /// The entries, for a loop that only looks.
  struct Table {
    fileprivate let entries: UnsafeMutablePointer<Entry>
    fileprivate let shift: UInt64

    /// The code of a text, whose last sixteen bytes are given in two words with zeros before the first; −1 where it is not here.
    ///
    /// Texts of different lengths have different words, since none of them holds a NUL byte.
    @inline(__always)
    func code(_ low: UInt64, _ high: UInt64) -> Int32 {
      // Both entries are looked at, whichever it is: which changes from row to row.
      let pair = entries + pair(low, high)
      let first = (pair[0].low ^ low) | (pair[0].high ^ high)
      let second = (pair[1].low ^ low) | (pair[1].high ^ high)
      let other = second == 0 ? pair[1].code : -1
      return first == 0 ? pair[0].code : other
    }

    /// The first of the two entries where a text may stand.
    @inline(__always)
    fileprivate func pair(_ low: UInt64, _ high: UInt64) -> Int {
      let mixed = (low &* 0xd6e8_feb8_6659_fd93) ^ high
      return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15) >> shift) &* 2
    }

    /// Puts a text with its code before the last one of its pair, which moves on.
    fileprivate func put(_ entry: Entry) {
      let pair = entries + pair(entry.low, entry.high)
      if pair[0].code >= 0 { pair[1] = pair[0] }
      pair[0] = entry
    }
  }

  private static let largest = 1 << 13
  private(set) var table: Table
  private var count = 256
  /// How many texts were put since the table was made.
  private var puts = 0

  init() { table = Self.table(count) }

  deinit { table.entries.deallocate() }

  private static func table(_ count: Int) -> Table {
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    entries.initialize(repeating: Entry(), count: count)
    return Table(entries: entries, shift: UInt64(65 - count.trailingZeroBitCount))
  }

  /// Puts a text with its code, in the place of another where need be; where many are put the table grows.
  mutating func put(_ low: UInt64, _ high: UInt64, _ code: Int32) {
    puts += 1
    if puts > count, count < Self.largest {
      let old = table
      count *= 4
      puts = 0
      table = Self.table(count)
      for i in 0..<(count / 4) where old.entries[i].code >= 0 {
        table.put(old.entries[i])
      }
      old.entries.deallocate()
    }
    table.put(Entry(low: low, high: high, code: code))
  }
}
