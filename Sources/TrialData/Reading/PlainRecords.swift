import ModelFormula

/// Whole records of one number of fields, with quotation marks around whole fields at most, whose columns are taken one after
/// another.
///
/// Nothing in a loop over a column depends on the row before, and the length of a field is no branch: both change from row to
/// row, and a wrong guess costs as much as a field. What is not as plain as can be is left to the caller, by its row.
struct PlainRecords {
  /// The first byte; at least sixteen more lie before it.
  let text: UnsafePointer<UInt8>
  /// `FieldBorders.places`, from the border before the first field on.
  let borders: UnsafePointer<Int32>
  /// The number of records.
  let count: Int
  /// The number of fields of each.
  let width: Int
  /// True where a carriage return may stand before the end of a record.
  let hasReturns: Bool
  /// True where fields may stand between quotation marks.
  let hasQuotes: Bool
  /// `TextWords.masks`, without the check that a static property makes each time.
  let masks: UnsafeRawPointer

  /// The rows whose field was not taken.
  struct Others {
    let rows: UnsafeMutablePointer<Int32>
    var count = 0

    @inline(__always)
    mutating func add(_ row: Int) {
      rows[count] = Int32(truncatingIfNeeded: row)
      count &+= 1
    }
  }

  /// True for a column whose fields may end at a carriage return.
  @inline(__always)
  func mayEndAtReturn(_ column: Int) -> Bool { hasReturns && column == width &- 1 }

  /// The place of a field, relative to the first byte.
  @inline(__always)
  func field(_ row: Int, _ column: Int) -> (start: Int, end: Int) {
    let border = borders + (row &* width &+ column)
    let start = Int(border[0]) &+ 1
    var end = Int(border[1])
    if mayEndAtReturn(column), text[end &- 1] == 0x0d { end &-= 1 }
    return unquoted(start, end)
  }

  /// A field without the quotation marks around it.
  @inline(__always)
  func unquoted(_ start: Int, _ end: Int) -> (start: Int, end: Int) {
    hasQuotes && text[start] == 0x22 ? (start &+ 1, end &- 1) : (start, end)
  }

  /// True where a quotation mark stands at the start of a field or its end only, and at both: no mark is doubled, and no
  /// delimiter or line end stands between two.
  ///
  /// Each field of which both the first and the last byte are marks has two of them. Where all marks are so accounted for, the
  /// borders are those of the grammar: read in order, each field begins outside quotation marks and ends there.
  ///
  /// - Parameter size: the bytes of the records.
  func quotesWholeFields(_ size: Int) -> Bool {
    var around = 0
    for row in 0..<count {
      for column in 0..<width {
        let border = borders + (row &* width &+ column)
        let start = Int(border[0]) &+ 1
        var end = Int(border[1])
        if mayEndAtReturn(column), text[end &- 1] == 0x0d { end &-= 1 }
        // No branch: which fields have marks changes from column to column.
        let first = text[start] == 0x22 ? 2 : 0
        let last = text[end &- 1] == 0x22 ? 2 : 0
        around &+= first & last & (end &- start >= 2 ? 2 : 0)
      }
    }
    let marks = LineCensus(UnsafeBufferPointer(start: text, count: size), terminator: 0x0a).quotes
    return marks == around
  }

  /// True where `NA` stands.
  @inline(__always)
  func isNA(_ start: Int, _ length: Int) -> Bool {
    length == 2 && text[start] == 0x4e && text[start &+ 1] == 0x41
  }

  /// The bytes of a field.
  func bytes(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
    let (start, end) = field(row, column)
    return UnsafeBufferPointer(start: text + start, count: end - start)
  }

  /// The last sixteen bytes of a field in two words, those that lie before it as zeros; for up to sixteen bytes.
  @inline(__always)
  func words(_ end: Int, _ count: Int) -> (low: UInt64, high: UInt64) {
    (
      TextWords.word(text + (end &- 16)) & TextWords.word(masks + count),
      TextWords.word(text + (end &- 8)) & TextWords.word(masks + (count &+ 8))
    )
  }

  // MARK: Days, texts and identifiers

  /// Takes days written `YYYY-MM-DD` and empty fields.
  func takeDays(
    _ column: Int, into days: UnsafeMutablePointer<Int32>, _ months: borrowing MonthMemory,
    others: inout Others
  ) {
    for row in 0..<count {
      let (start, end) = field(row, column)
      guard end &- start == 10 else {
        if end == start { days[row] = Column.missingDay } else { others.add(row) }
        continue
      }
      let month = months.month(TextWords.word(text + start))
      let tens = text[start &+ 8] &- 0x30
      let ones = text[start &+ 9] &- 0x30
      let day = Int32(tens) &* 10 &+ Int32(ones)
      if tens < 10, ones < 10, day >= 1, day <= month.length {
        days[row] = month.before &+ day
      } else {
        others.add(row)
      }
    }
  }

  /// Takes texts of up to sixteen bytes that were met of late.
  func takeTexts(
    _ column: Int, into codes: UnsafeMutablePointer<Int32>, _ recent: borrowing RecentTexts,
    others: inout Others
  ) {
    let table = recent.table
    for row in 0..<count {
      let (start, end) = field(row, column)
      guard end &- start <= 16 else {
        others.add(row)
        continue
      }
      let words = words(end, end &- start)
      let code = table.code(words.low, words.high)
      if code >= 0 { codes[row] = code } else { others.add(row) }
    }
  }

  /// Puts a text among those met of late, if it is short enough.
  func remember(_ row: Int, _ column: Int, code: Int32, in recent: inout RecentTexts) {
    let (start, end) = field(row, column)
    guard end &- start <= 16 else { return }
    let words = words(end, end &- start)
    recent.put(words.low, words.high, code)
  }

  /// Takes identifiers as the words that `TextKey` gives them, where those need no dictionary and no more than sixteen digits.
  func takeKeys(_ column: Int, into keys: UnsafeMutablePointer<UInt64>, others: inout Others) {
    for row in 0..<count {
      let (start, end) = field(row, column)
      let length = end &- start
      guard length > 0, length <= 16 else {
        if length == 0 { keys[row] = TextKey.empty } else { others.add(row) }
        continue
      }
      let (low, high) = words(end, length)
      if let number = PlainNumbers.digits(low, high, masks + length), text[start] != 0x30 || length == 1 {
        keys[row] = number
      } else if length <= 7 {
        let bits = UInt64(truncatingIfNeeded: 8 &* length)
        keys[row] = TextKey.packed | bits &<< 53 | high &>> (64 &- bits)
      } else {
        others.add(row)
      }
    }
  }
}
