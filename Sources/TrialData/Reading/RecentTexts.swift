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
      let entry = entries + place(low, high)
      return entry.pointee.low == low && entry.pointee.high == high ? entry.pointee.code : -1
    }

    @inline(__always)
    fileprivate func place(_ low: UInt64, _ high: UInt64) -> Int {
      let mixed = (low &* 0xd6e8_feb8_6659_fd93) ^ high
      return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15) >> shift)
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
    return Table(entries: entries, shift: UInt64(64 - count.trailingZeroBitCount))
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
        let entry = old.entries[i]
        table.entries[table.place(entry.low, entry.high)] = entry
      }
      old.entries.deallocate()
    }
    table.entries[table.place(low, high)] = Entry(low: low, high: high, code: code)
  }
}
