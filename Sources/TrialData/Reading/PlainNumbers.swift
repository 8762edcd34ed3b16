/// Takes a column of numbers from records that are as plain as can be.
///
/// The last bytes of a number stand in one or two words, its digits at their top: those before it are cut off, and the digits
/// before a decimal mark move up over it, so that neither a sign nor the number of digits is a branch.
struct PlainNumbers {
  let records: PlainRecords
  let column: Int
  /// The decimal mark; a byte that no text holds where it is the delimiter too.
  let mark: UInt8
  /// `DecimalNumber.powers`, without the check that a static property makes each time.
  let powers: UnsafePointer<Double>

  /// Takes whole numbers of up to eight digits, and empty fields and `NA`, which are missing.
  func takeWhole(into numbers: UnsafeMutablePointer<Double>, others: inout PlainRecords.Others) -> FieldTraits
  {
    let (text, masks) = (records.text, records.masks)
    let endsRecord = records.mayEndAtReturn(column)
    var borders = records.borders + column
    var traits: UInt8 = 0
    for row in 0..<records.count {
      let field = spelling(borders, endsRecord)
      borders += records.width
      guard field.length > 0, field.length <= 8 else {
        if field.isEmpty { numbers[row] = .nan } else { others.add(row) }
        continue
      }
      let digits =
        (TextWords.word(text + (field.end &- 8)) ^ TextWords.zeros)
        & TextWords.word(masks + (field.length &+ 8))
      guard TextWords.others(digits) == 0 else {
        if records.isNA(field.start, field.length) { numbers[row] = .nan } else { others.add(row) }
        continue
      }
      let value = TextWords.double(TextWords.number(digits))
      traits |= Self.both(text[field.first] == 0x30, field.length > 1) ? FieldTraits.isIdentifier.rawValue : 0
      numbers[row] = field.signed(value)
    }
    return FieldTraits(rawValue: traits)
  }

  /// Takes numbers of up to sixteen digits, with a decimal mark or without, and empty fields and `NA`, which are missing.
  func takeAny(into numbers: UnsafeMutablePointer<Double>, others: inout PlainRecords.Others) -> FieldTraits {
    let (text, masks, powers) = (records.text, records.masks, powers)
    let marks = UInt64(mark) &* 0x0101_0101_0101_0101
    let endsRecord = records.mayEndAtReturn(column)
    var borders = records.borders + column
    var traits: UInt8 = 0
    for row in 0..<records.count {
      let field = spelling(borders, endsRecord)
      borders += records.width
      guard field.length > 0, field.length <= 17 else {
        if field.isEmpty { numbers[row] = .nan } else { others.add(row) }
        continue
      }
      let found =
        field.length <= 8
        ? Self.short(text + field.end, field.length, marks, masks, powers)
        : Self.long(text + field.end, field.length, marks, masks, powers)
      guard let found else {
        if records.isNA(field.start, field.length) { numbers[row] = .nan } else { others.add(row) }
        continue
      }
      let whole = field.length &- 1 &- found.decimals
      traits |= found.decimals >= 0 ? FieldTraits.hasMark.rawValue : 0
      traits |= Self.both(text[field.first] == 0x30, whole > 1) ? FieldTraits.isIdentifier.rawValue : 0
      numbers[row] = field.signed(found.value)
    }
    return FieldTraits(rawValue: traits)
  }

  /// Where a number stands.
  private struct Spelling {
    let start: Int
    let end: Int
    let isNegative: Bool

    var isEmpty: Bool { start == end }
    /// Where it begins behind a sign.
    var first: Int { start &+ (isNegative ? 1 : 0) }
    var length: Int { end &- first }

    /// A value with the sign.
    @inline(__always)
    func signed(_ value: Double) -> Double {
      Double(bitPattern: value.bitPattern | (isNegative ? 1 << 63 : 0))
    }
  }

  /// Where the number between two borders stands, without quotation marks.
  @inline(__always)
  private func spelling(_ borders: UnsafePointer<Int32>, _ endsRecord: Bool) -> Spelling {
    let start = Int(borders[0]) &+ 1
    var end = Int(borders[1])
    if endsRecord, records.text[end &- 1] == 0x0d { end &-= 1 }
    let (first, last) = records.unquoted(start, end)
    return Spelling(start: first, end: last, isNegative: records.text[first] == 0x2d)
  }

  /// Both, without a branch for the first.
  @inline(__always)
  private static func both(_ first: Bool, _ second: Bool) -> Bool {
    (first ? 1 : 0) & (second ? 1 : 0) != 0
  }

  /// A number, and how many digits stand behind its mark; −1 where there is none.
  typealias Found = (value: Double, decimals: Int)

  /// The number of up to eight bytes before an end; nil where they spell none.
  @inline(__always)
  private static func short(
    _ end: UnsafePointer<UInt8>, _ length: Int, _ marks: UInt64, _ masks: UnsafeRawPointer,
    _ powers: UnsafePointer<Double>
  ) -> Found? {
    let word = TextWords.word(end - 8)
    let mask = TextWords.word(masks + (length &+ 8))
    let marked = TextWords.zeroBytes(word ^ marks) & mask
    guard marked != 0 else {
      let digits = (word ^ TextWords.zeros) & mask
      guard TextWords.others(digits) == 0 else { return nil }
      return (TextWords.double(TextWords.number(digits)), -1)
    }
    // The digits before the mark move up over it; the first of them leaves a byte that is cut off.
    let moved = marked ^ (marked &- 1)
    let digits =
      (((word & ~moved) | (word << 8 & moved)) ^ TextWords.zeros) & TextWords.word(masks + (length &+ 7))
    guard TextWords.others(digits) == 0, length > 1 else { return nil }
    let decimals = (63 &- marked.trailingZeroBitCount) >> 3
    return (TextWords.double(TextWords.number(digits)) / powers[decimals], decimals)
  }

  /// The number of nine to seventeen bytes before an end; nil where they spell none or hold more than sixteen digits.
  ///
  /// The quotient of two whole numbers that a double holds is correctly rounded (Clinger 1990, doi 10.1145/93542.93557).
  @inline(__always)
  private static func long(
    _ end: UnsafePointer<UInt8>, _ length: Int, _ marks: UInt64, _ masks: UnsafeRawPointer,
    _ powers: UnsafePointer<Double>
  ) -> Found? {
    let high = TextWords.word(end - 8)
    let low = TextWords.word(end - 16)
    let marked = TextWords.zeroBytes(high ^ marks)
    if marked != 0 {
      guard length <= 16 else { return nil }
      let moved = marked ^ (marked &- 1)
      let joined = (high & ~moved) | ((high << 8 | low >> 56) & moved)
      guard let mantissa = digits(low << 8, joined, masks + (length &- 1)) else { return nil }
      let decimals = (63 &- marked.trailingZeroBitCount) >> 3
      return (TextWords.double(mantissa) / powers[decimals], decimals)
    }
    let markedLow = TextWords.zeroBytes(low ^ marks) & TextWords.word(masks + min(length, 16))
    guard markedLow != 0 else {
      guard length <= 16, let mantissa = digits(low, high, masks + length), mantissa < 1 << 52 else {
        return nil
      }
      return (TextWords.double(mantissa), -1)
    }
    let moved = markedLow ^ (markedLow &- 1)
    // The digit before the sixteenth byte takes the room of the mark.
    let joined = (low & ~moved) | ((low << 8 | UInt64(end[-17])) & moved)
    guard let mantissa = digits(joined, high, masks + (length &- 1)), mantissa < 1 << 52 else { return nil }
    let decimals = 8 &+ (63 &- markedLow.trailingZeroBitCount) >> 3
    return (TextWords.double(mantissa) / powers[decimals], decimals)
  }

  /// The number of the last digits of two words; nil where one is none.
  ///
  /// - Parameter mask: `TextWords.masks` moved by their number.
  @inline(__always)
  static func digits(_ low: UInt64, _ high: UInt64, _ mask: UnsafeRawPointer) -> UInt64? {
    let first = (low ^ TextWords.zeros) & TextWords.word(mask)
    let last = (high ^ TextWords.zeros) & TextWords.word(mask + 8)
    guard TextWords.others(first) | TextWords.others(last) == 0 else { return nil }
    return TextWords.number(first) &* 100_000_000 &+ TextWords.number(last)
  }
}
