/// Walks over the fields and records of delimited text (RFC 4180), byte by byte, without copying.
///
/// The caller asks for a field, then whether a delimiter follows, and at the end of a record for the next one.
struct RecordScanner {
  /// A field as it stands in the file.
  struct Field {
    /// Where its text begins and ends; without the quotes around it.
    var start: Int
    var end: Int
    /// True where the text holds `""` for a quotation mark.
    var hasDoubledQuotes = false
    var isQuoted = false
    var fault: Fault?
  }

  /// A breach of the grammar.
  enum Fault: Sendable {
    case quoteInsideField
    case textAfterQuote
    case unclosedQuote
    case loneCarriageReturn
    case nul

    var found: String {
      switch self {
      case .quoteInsideField: "a quotation mark inside an unquoted field"
      case .textAfterQuote: "text after the closing quotation mark"
      case .unclosedQuote: "a quotation mark that is never closed"
      case .loneCarriageReturn: "a carriage return without a line feed"
      case .nul: "a NUL byte"
      }
    }

    var expected: String {
      switch self {
      case .quoteInsideField: "a quoted field with \"\" for each quotation mark expected"
      case .textAfterQuote: "the delimiter or the end of the line expected"
      case .unclosedQuote: "a closing quotation mark before the end of the file expected"
      case .loneCarriageReturn: "line ends of one kind expected"
      case .nul: "text expected"
      }
    }
  }

  let base: UnsafePointer<UInt8>
  let limit: Int
  let delimiter: UInt8
  let terminator: UInt8
  /// The offset of the next byte.
  var position: Int
  /// The line of the next byte.
  private(set) var line: Int
  /// True where no byte of the file needs a second look; see `DelimitedFile.isPlain`.
  let isPlain: Bool
  /// True where there are carriage returns before line feeds.
  let hasReturns: Bool
  /// Eight delimiters, eight terminators.
  let delimiters: UInt64
  let terminators: UInt64
  /// `DecimalNumber.powers` and `.wholePowers`, without the check that a static property makes each time.
  let powers: UnsafePointer<Double>
  let wholePowers: UnsafePointer<UInt64>
  /// `TextWords.masks`, likewise.
  let masks: UnsafeRawPointer

  init(
    bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int, line: Int, delimiter: UInt8,
    terminator: UInt8, isPlain: Bool = false, hasReturns: Bool = true
  ) {
    self.isPlain = isPlain
    self.hasReturns = hasReturns
    delimiters = UInt64(delimiter) &* 0x0101_0101_0101_0101
    terminators = UInt64(terminator) &* 0x0101_0101_0101_0101
    powers = DecimalNumber.powers
    wholePowers = DecimalNumber.wholePowers
    masks = TextWords.masks
    base = bytes.baseAddress!
    self.limit = limit
    self.delimiter = delimiter
    self.terminator = terminator
    self.position = start
    self.line = line
  }

  /// True where no record is left.
  var atEnd: Bool { position >= limit }

  /// True at an empty line.
  var atBlankLine: Bool {
    position < limit
      && (base[position] == terminator || (terminator == 0x0a && isCRLF(position)))
  }

  @inline(__always)
  func isCRLF(_ i: Int) -> Bool { base[i] == 0x0d && i + 1 < limit && base[i + 1] == 0x0a }

  /// Passes over up to `count` fields of a record of a plain file, from a place on.
  ///
  /// Eight bytes at a time: a byte of `word ^ pattern` is zero where the byte is sought.
  ///
  /// - Returns: the place of the delimiter or the end of the record behind the last field passed, and the number of delimiters
  ///   passed; the last field's is not.
  @inline(__always)
  func skip(_ count: Int, from place: Int) -> (end: Int, passed: Int) {
    var i = place
    var passed = 0
    while i + 8 <= limit {
      let word = UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self).littleEndian
      var found = TextWords.zeroBytes(word ^ delimiters)
      let ends = TextWords.zeroBytes(word ^ terminators)
      // Of the delimiters only those before the end of the record count.
      if ends != 0 { found &= (ends & (0 &- ends)) &- 1 }
      // The tops of the bytes added up by one product, which needs no special instruction.
      let here = Int(truncatingIfNeeded: ((found >> 7) &* 0x0101_0101_0101_0101) >> 56)
      if passed + here >= count {
        for _ in 0..<(count - passed - 1) { found &= found &- 1 }
        return (i + found.trailingZeroBitCount >> 3, count - 1)
      }
      passed += here
      if ends != 0 { return (beforeReturn(i + ends.trailingZeroBitCount >> 3), passed) }
      i += 8
    }
    while i < limit, base[i] != terminator {
      if base[i] == delimiter {
        if passed == count - 1 { return (i, passed) }
        passed += 1
      }
      i += 1
    }
    return (i < limit ? beforeReturn(i) : i, passed)
  }

  /// At a line feed with a carriage return before it the record ends at the return.
  @inline(__always)
  private func beforeReturn(_ i: Int) -> Int {
    terminator == 0x0a && i > 0 && base[i - 1] == 0x0d ? i - 1 : i
  }

  /// The next field; the position is then at the delimiter or the end of the record behind it.
  mutating func nextField() -> Field {
    guard position < limit else { return Field(start: limit, end: limit) }
    return base[position] == 0x22 ? quotedField() : unquotedField()
  }

  private mutating func unquotedField() -> Field {
    var field = Field(start: position, end: position)
    var i = position
    while i < limit {
      let byte = base[i]
      if byte == delimiter { break }
      if byte < 0x23 {
        if byte == terminator { break }
        if byte == 0x22 {
          field.fault = field.fault ?? .quoteInsideField
        } else if byte == 0x0d {
          if isCRLF(i) { break }
          field.fault = field.fault ?? .loneCarriageReturn
        } else if byte == 0 {
          field.fault = field.fault ?? .nul
        }
      }
      i += 1
    }
    field.end = i
    position = i
    return field
  }

  private mutating func quotedField() -> Field {
    var i = position + 1
    var field = Field(start: i, end: i)
    field.isQuoted = true
    while true {
      guard i < limit else {
        field.fault = .unclosedQuote
        field.end = limit
        position = limit
        return field
      }
      let byte = base[i]
      if byte == 0x22 {
        guard i + 1 < limit, base[i + 1] == 0x22 else { break }
        field.hasDoubledQuotes = true
        i += 1
      } else if byte == terminator {
        line += 1
      } else if byte == 0 {
        field.fault = field.fault ?? .nul
      }
      i += 1
    }
    field.end = i
    i += 1
    while i < limit, base[i] != delimiter, base[i] != terminator, !isCRLF(i) {
      field.fault = field.fault ?? .textAfterQuote
      i += 1
    }
    position = i
    return field
  }

  /// True where a delimiter stands.
  @inline(__always)
  func isDelimiter(at place: Int) -> Bool { place < limit && base[place] == delimiter }

  /// Steps over a delimiter, if one is next.
  @inline(__always)
  mutating func atDelimiter() -> Bool {
    guard position < limit, base[position] == delimiter else { return false }
    position += 1
    return true
  }

  /// Steps over the end of a record; false where the position is not at one.
  @inline(__always)
  mutating func endRecord() -> Bool {
    guard position < limit else { return true }
    if base[position] == 0x0d, terminator == 0x0a, isCRLF(position) { position += 1 }
    guard base[position] == terminator else { return false }
    position += 1
    line += 1
    return true
  }

  /// Steps over records of one line each that were read elsewhere.
  mutating func pass(_ records: Int, to end: Int) {
    position = end
    line += records
  }

  /// The bytes of a field, with `""` undone in `scratch` where it occurs.
  @inline(__always)
  func withBytes<R>(
    of field: Field, scratch: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> R
  ) -> R {
    if !field.hasDoubledQuotes {
      return body(UnsafeBufferPointer(start: base + field.start, count: field.end - field.start))
    }
    scratch.removeAll(keepingCapacity: true)
    var i = field.start
    while i < field.end {
      scratch.append(base[i])
      i += base[i] == 0x22 ? 2 : 1
    }
    return scratch.withUnsafeBufferPointer(body)
  }

  /// The text of a field.
  func text(of field: Field) -> String {
    var scratch: [UInt8] = []
    return withBytes(of: field, scratch: &scratch) { String(decoding: $0, as: UTF8.self) }
  }
}
