import ModelFormula

/// The months that a column's dates fell in: those of an export are few.
struct MonthMemory: ~Copyable {
  /// A month.
  struct Month {
    /// The eight bytes `YYYY-MM-`.
    var text: UInt64 = 0
    /// The day before its first.
    var before: Int32 = 0
    /// Its length; 0 where the text is no month.
    var length: Int32 = 0
  }

  private static let count = 256
  private let months: UnsafeMutablePointer<Month>

  init() {
    months = .allocate(capacity: Self.count)
    months.initialize(repeating: Month(), count: Self.count)
  }

  deinit { months.deallocate() }

  /// The month that eight bytes name; each has a place of its own as far as may be.
  @inline(__always)
  func month(_ text: UInt64) -> Month {
    let place = Int(truncatingIfNeeded: (text &* 0x9e37_79b9_7f4a_7c15) >> 56)
    if months[place].text != text { months[place] = Self.read(text) }
    return months[place]
  }

  /// The month that `YYYY-MM-` names.
  private static func read(_ text: UInt64) -> Month {
    var month = Month(text: text)
    func byte(_ i: UInt64) -> Int { Int(text >> (8 * i) & 0xff) }
    func digit(_ i: UInt64) -> Int? { (0x30...0x39).contains(byte(i)) ? byte(i) - 0x30 : nil }
    guard byte(4) == 0x2d, byte(7) == 0x2d, let a = digit(0), let b = digit(1), let c = digit(2),
      let d = digit(3), let tens = digit(5), let ones = digit(6),
      let first = CalendarDay(year: a * 1000 + b * 100 + c * 10 + d, month: tens * 10 + ones, day: 1)
    else { return month }
    month.before = first.number - 1
    month.length = Int32(CalendarDay.length(ofMonth: tens * 10 + ones, year: a * 1000 + b * 100 + c * 10 + d))
    return month
  }
}

/// Numbers, days, identifiers and texts straight from the bytes of a file, eight at a time.
///
/// Each function looks at the field at a place and returns the place behind it, or −1 for a field that is not as plain as can
/// be. Nothing of the scanner changes, so that the place stays in a register from field to field.
extension RecordScanner {
  /// Takes the field at a place into a column if it is a number, an ISO day, an identifier or a text without quotation marks,
  /// as the column asks.
  ///
  /// - Parameter mark: the decimal mark; a byte that no text holds where it is the delimiter too.
  @inline(__always)
  func take(
    at place: Int, _ target: UnsafeMutablePointer<PartColumns.Slot>, _ row: Int, _ mark: UInt8
  ) -> Int {
    switch target.pointee.form {
    case .number: takeNumber(at: place, target.pointee.numbers! + row, mark, &target.pointee.traits)
    case .day: takeDay(at: place, target.pointee.codes! + row, target.pointee.month)
    case .key: takeKey(at: place, target.pointee.keys! + row)
    case .text: takeText(at: place, target, row)
    case .watchedNumber: -1
    }
  }

  /// A plain number: at most eighteen digits with one decimal mark and a sign, closed by the delimiter or the end of the record;
  /// or nothing at all, which is missing.
  ///
  /// Up to seven digits before the mark and seven behind it are the value of two words; whether there is a sign, and how many
  /// digits there are, changes from row to row, so neither may be a branch.
  @inline(__always)
  private func takeNumber(
    at place: Int, _ number: UnsafeMutablePointer<Double>, _ mark: UInt8, _ traits: inout FieldTraits
  ) -> Int {
    guard place + 24 <= limit else { return takeLongNumber(at: place, number, mark, &traits) }
    let isNegative: UInt64 = base[place] == 0x2d ? 1 : 0
    var i = place &+ Int(isNegative)
    let first = base[i]
    let digits = word(at: i) ^ TextWords.zeros
    let others = TextWords.others(digits)
    guard others != 0 else { return takeLongNumber(at: place, number, mark, &traits) }
    // Eight times the number of digits, which are then moved to the top of the word.
    let bits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) & ~7
    var mantissa = TextWords.number((digits &<< (56 &- bits)) &<< 8)
    i = i &+ Int(bits >> 3)
    var count = bits
    var value: Double
    if base[i] == mark {
      let decimals = word(at: i &+ 1) ^ TextWords.zeros
      let rest = TextWords.others(decimals)
      guard rest != 0 else { return takeLongNumber(at: place, number, mark, &traits) }
      let more = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount) & ~7
      let power = Int(more >> 3)
      mantissa = mantissa &* wholePowers[power] &+ TextWords.number((decimals &<< (56 &- more)) &<< 8)
      value = Double(Int64(truncatingIfNeeded: mantissa)) / powers[power]
      i = i &+ 1 &+ power
      count &+= more
      traits.insert(.hasMark)
    } else {
      value = Double(Int64(truncatingIfNeeded: mantissa))
    }
    guard isEnd(i) else { return -1 }
    if count == 0 {
      guard i == place else { return -1 }
      value = .nan
    }
    if first == 0x30, bits > 8 { traits.insert(.isIdentifier) }
    number.pointee = Double(bitPattern: value.bitPattern | isNegative &<< 63)
    return i
  }

  /// A number of more digits, or one at the end of the file.
  @inline(never)
  func takeLongNumber(
    at place: Int, _ number: UnsafeMutablePointer<Double>, _ mark: UInt8, _ traits: inout FieldTraits
  ) -> Int {
    var i = place
    guard i < limit else { return -1 }
    let negative = base[i] == 0x2d
    if negative { i += 1 }
    let firstDigit = i
    var mantissa: UInt64 = 0
    takeDigits(&i, &mantissa)
    var digits = i - firstDigit
    let isIdentifier = digits > 1 && base[firstDigit] == 0x30
    var decimals = 0
    if i < limit, base[i] == mark {
      i += 1
      let firstDecimal = i
      takeDigits(&i, &mantissa)
      decimals = i - firstDecimal
      digits += decimals
      traits.insert(.hasMark)
    }
    guard digits > 0, digits <= 18, mantissa < 1 << 53, isEnd(i) else { return -1 }
    if isIdentifier { traits.insert(.isIdentifier) }
    var value = Double(mantissa)
    if decimals > 0 { value /= powers[decimals] }
    number.pointee = negative ? -value : value
    return i
  }

  /// A text as the word that `TextKey` gives it, if it needs no dictionary.
  @inline(__always)
  private func takeKey(at place: Int, _ key: UnsafeMutablePointer<UInt64>) -> Int {
    guard place + 24 <= limit else { return -1 }
    var i = place
    var number: UInt64 = 0
    takeDigits(&i, &number)
    let digits = i &- place
    if digits > 0, digits <= 18, isEnd(i), base[place] != 0x30 || digits == 1 {
      key.pointee = number
      return i
    }
    let text = word(at: place)
    let ends = self.ends(in: text)
    let bits = UInt64(truncatingIfNeeded: ends.trailingZeroBitCount) & ~7
    // A quotation mark is left to the one who knows the grammar, and so is a carriage return without a line feed.
    guard ends != 0, bits > 0, isPlain else { return -1 }
    key.pointee = TextKey.packed | bits &<< 53 | text & ((1 &<< bits) &- 1)
    return place &+ Int(bits >> 3)
  }

  /// A text, in a file of which no byte needs a second look.
  @inline(__always)
  private func takeText(at place: Int, _ target: UnsafeMutablePointer<PartColumns.Slot>, _ row: Int) -> Int {
    guard isPlain else { return -1 }
    var i = place
    while i &+ 8 <= limit {
      let found = ends(in: word(at: i))
      if found != 0 {
        i = i &+ found.trailingZeroBitCount >> 3
        target.pointee.codes![row] = target.pointee.code(
          of: UnsafeBufferPointer(start: base + place, count: i &- place), row: row)
        return i
      }
      i = i &+ 8
    }
    return -1
  }

  @inline(__always)
  private func word(at i: Int) -> UInt64 { TextWords.word(base + i) }

  /// The top bits of the bytes of a word that end a field of a plain file.
  @inline(__always)
  private func ends(in word: UInt64) -> UInt64 {
    let found = TextWords.zeroBytes(word ^ delimiters) | TextWords.zeroBytes(word ^ terminators)
    return hasReturns ? found | TextWords.zeroBytes(word ^ 0x0d0d_0d0d_0d0d_0d0d) : found
  }

  /// Adds the digits at a place to a number; more than eighteen overflow it, which the caller finds by their count.
  @inline(__always)
  private func takeDigits(_ i: inout Int, _ mantissa: inout UInt64) {
    while i + 8 <= limit {
      let digits = word(at: i) ^ TextWords.zeros
      let others = TextWords.others(digits)
      if others == 0 {
        mantissa = mantissa &* 100_000_000 &+ TextWords.number(digits)
        i += 8
        continue
      }
      let count = others.trailingZeroBitCount >> 3
      if count > 0 {
        mantissa =
          mantissa &* wholePowers[count] &+ TextWords.number(digits &<< UInt64(64 - 8 * count))
        i += count
      }
      return
    }
    while i < limit, base[i] &- 0x30 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(base[i] &- 0x30)
      i += 1
    }
  }

  /// True where a field ends.
  @inline(__always)
  private func isEnd(_ i: Int) -> Bool {
    guard i < limit else { return true }
    let byte = base[i]
    return byte == delimiter || byte == terminator || (byte == 0x0d && isCRLF(i))
  }

  /// A day, written `YYYY-MM-DD` and closed by the delimiter or the end of the record.
  @inline(__always)
  private func takeDay(
    at place: Int, _ number: UnsafeMutablePointer<Int32>, _ months: borrowing MonthMemory
  ) -> Int {
    guard place + 10 <= limit else { return -1 }
    let month = months.month(word(at: place))
    let tens = base[place + 8] &- 0x30
    let ones = base[place + 9] &- 0x30
    guard tens < 10, ones < 10 else { return -1 }
    let day = Int32(tens) * 10 + Int32(ones)
    guard day >= 1, day <= month.length, isEnd(place + 10) else { return -1 }
    number.pointee = month.before + day
    return place + 10
  }
}
