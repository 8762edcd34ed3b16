import ModelFormula

/// The month that a column's last date fell in: dates of an export crowd in few months.
struct MonthMemory {
  /// The eight bytes `YYYY-MM-`.
  var text: UInt64 = 0
  /// The day before its first.
  var before: Int32 = 0
  /// Its length; 0 where the text is no month.
  var length: Int32 = 0
}

/// Numbers and days straight from the bytes of a file, eight at a time.
extension RecordScanner {
  /// Takes the field at the position into a column if it is a plain number or an ISO day, as the column asks; false (and the
  /// position where it was) for any other field.
  @inline(__always)
  mutating func takePlain(
    _ target: UnsafeMutablePointer<PartColumns.Slot>, _ row: Int, _ mark: UInt8, _ numberFirst: Bool
  ) -> Bool {
    if let numbers = target.pointee.numbers {
      return numberFirst && takeNumber(numbers + row, mark, &target.pointee.traits)
    }
    return target.pointee.isDay && takeDay(target.pointee.codes! + row, &target.pointee.month)
  }

  /// The plain number at the position: at most eighteen digits with one decimal mark and a sign, closed by the delimiter or
  /// the end of the record.
  @inline(__always)
  private mutating func takeNumber(
    _ place: UnsafeMutablePointer<Double>, _ mark: UInt8, _ traits: inout FieldTraits
  ) -> Bool {
    var i = position
    guard i < limit else { return false }
    let negative = base[i] == 0x2d
    if negative { i += 1 }
    let firstDigit = i
    var mantissa: UInt64 = 0
    takeDigits(&i, &mantissa)
    var digits = i - firstDigit
    if digits > 1, base[firstDigit] == 0x30 { traits.insert(.isIdentifier) }
    var decimals = 0
    if i < limit, base[i] == mark, mark != delimiter {
      i += 1
      let firstDecimal = i
      takeDigits(&i, &mantissa)
      decimals = i - firstDecimal
      digits += decimals
      traits.insert(.hasMark)
    }
    guard digits > 0, digits <= 18, mantissa <= 1 << 53, isEnd(i) else { return false }
    position = i
    var value = Double(mantissa)
    if decimals > 0 { value /= DecimalNumber.powers[decimals] }
    place.pointee = negative ? -value : value
    return true
  }

  /// Adds the digits at a place to a number; more than eighteen overflow it, which the caller finds by their count.
  @inline(__always)
  private func takeDigits(_ i: inout Int, _ mantissa: inout UInt64) {
    while i + 8 <= limit {
      // A byte of `digits` is at most 9 where the byte is a digit; adding 0x76 sets the top bit of the others. A carry only
      // reaches bytes behind the first that is no digit.
      let word = UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self).littleEndian
      let digits = word ^ 0x3030_3030_3030_3030
      let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
      if others == 0 {
        mantissa = mantissa &* 100_000_000 &+ Self.number(digits)
        i += 8
        continue
      }
      let count = others.trailingZeroBitCount >> 3
      if count > 0 {
        mantissa =
          mantissa &* DecimalNumber.wholePowers[count] &+ Self.number(digits &<< UInt64(64 - 8 * count))
        i += count
      }
      return
    }
    while i < limit, base[i] &- 0x30 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(base[i] &- 0x30)
      i += 1
    }
  }

  /// The number of eight digits, the first in the lowest byte: pairs, then fours, then all (Lemire 2018, "Quickly parsing eight
  /// digits").
  @inline(__always)
  private static func number(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ (digits >> 8)
    let low = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
    return (low &+ high) >> 32
  }

  /// True where a field ends.
  @inline(__always)
  private func isEnd(_ i: Int) -> Bool {
    guard i < limit else { return true }
    let byte = base[i]
    return byte == delimiter || byte == terminator || (byte == 0x0d && isCRLF(i))
  }

  /// The day at the position, written `YYYY-MM-DD` and closed by the delimiter or the end of the record.
  @inline(__always)
  private mutating func takeDay(_ place: UnsafeMutablePointer<Int32>, _ month: inout MonthMemory) -> Bool {
    guard position + 10 <= limit else { return false }
    let text = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
    if text != month.text { month = Self.month(text) }
    let tens = base[position + 8] &- 0x30
    let ones = base[position + 9] &- 0x30
    guard tens < 10, ones < 10 else { return false }
    let day = Int32(tens) * 10 + Int32(ones)
    guard day >= 1, day <= month.length, isEnd(position + 10) else { return false }
    place.pointee = month.before + day
    position += 10
    return true
  }

  /// The month that `YYYY-MM-` names.
  private static func month(_ text: UInt64) -> MonthMemory {
    var memory = MonthMemory(text: text)
    func byte(_ i: UInt64) -> Int { Int(text >> (8 * i) & 0xff) }
    func digit(_ i: UInt64) -> Int? { (0x30...0x39).contains(byte(i)) ? byte(i) - 0x30 : nil }
    guard byte(4) == 0x2d, byte(7) == 0x2d, let a = digit(0), let b = digit(1), let c = digit(2),
      let d = digit(3), let tens = digit(5), let ones = digit(6),
      let first = CalendarDay(year: a * 1000 + b * 100 + c * 10 + d, month: tens * 10 + ones, day: 1)
    else { return memory }
    memory.before = first.number - 1
    memory.length = Int32(
      CalendarDay.length(ofMonth: tens * 10 + ones, year: a * 1000 + b * 100 + c * 10 + d))
    return memory
  }
}
