import LinearAlgebra

/// How the characters of a file are written as bytes.
public enum TextEncoding: String, Sendable, Equatable, CaseIterable {
  case utf8 = "UTF-8"
  case utf16LittleEndian = "UTF-16LE"
  case utf16BigEndian = "UTF-16BE"
  case windows1252 = "Windows-1252"
  case latin1 = "ISO-8859-1"

  /// True where ASCII text has the same bytes.
  var isASCIICompatible: Bool {
    switch self {
    case .utf8, .windows1252, .latin1: true
    case .utf16LittleEndian, .utf16BigEndian: false
    }
  }
}

/// The encoding decided for a file, and why.
public struct EncodingEvidence: Sendable, Equatable {
  public let encoding: TextEncoding
  /// True where the file begins with a byte order mark.
  public let hasByteOrderMark: Bool
  /// One sentence: what in the file decided it.
  public let reason: String
  /// The first lines that hold bytes beyond ASCII.
  public let lines: [Int]
}

/// Decides the encoding of a file and brings its bytes to UTF-8.
enum EncodingDetector {
  /// The bytes as UTF-8, without a byte order mark; the very same object where they are UTF-8 already (`offset` then
  /// skips the mark).
  struct Decoded {
    let bytes: FileBytes
    let offset: Int
    let evidence: EncodingEvidence
    /// What the decoded bytes are.
    let survey: ByteSurvey
  }

  /// - Parameter declared: the encoding to take instead of deciding; bytes that contradict it are an error.
  /// - Throws: `DataError` where the bytes fit no encoding, or several so that letters would differ.
  static func decode(
    _ source: FileBytes, file: String, declared: TextEncoding? = nil
  ) throws(DataError) -> Decoded {
    let bytes = source.bytes
    let survey = ByteSurvey.of(source)
    if !survey.hasBytesBeyondASCII, survey.zeroes == 0, declared?.isASCIICompatible ?? true {
      let evidence = EncodingEvidence(
        encoding: declared ?? .utf8, hasByteOrderMark: false, reason: "every byte is ASCII", lines: [])
      return Decoded(bytes: source, offset: 0, evidence: evidence, survey: survey)
    }
    if let mark = byteOrderMark(bytes) {
      if let declared, declared != mark.encoding {
        throw DataError([
          DataProblem(
            file: file, line: 1, found: "the byte order mark of \(mark.encoding.rawValue)",
            expected: "\(declared.rawValue) was declared")
        ])
      }
      return try decode(source, as: mark.encoding, from: mark.length, file: file)
    }
    if let declared { return try decode(source, as: declared, from: 0, file: file) }
    if let wide = utf16ByZeroes(bytes) { return try decode(source, as: wide, from: 0, file: file) }
    guard !survey.isUTF8, let bad = UTF8Check.firstInvalid(bytes, from: 0) else {
      let evidence = EncodingEvidence(
        encoding: .utf8, hasByteOrderMark: false, reason: reasonForUTF8,
        lines: linesBeyondASCII(bytes, from: 0, limit: 3))
      return Decoded(bytes: source, offset: 0, evidence: evidence, survey: survey)
    }
    return try decodeSingleByte(source, firstInvalid: bad, file: file)
  }

  private static let reasonForUTF8 = "every character beyond ASCII is valid UTF-8"

  private static func byteOrderMark(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> (encoding: TextEncoding, length: Int)? {
    if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { return (.utf8, 3) }
    if bytes.count >= 2, bytes[0] == 0xff, bytes[1] == 0xfe { return (.utf16LittleEndian, 2) }
    if bytes.count >= 2, bytes[0] == 0xfe, bytes[1] == 0xff { return (.utf16BigEndian, 2) }
    return nil
  }

  /// UTF-16 without a mark shows itself by zero bytes at every odd (or every even) place of mostly Latin text.
  private static func utf16ByZeroes(_ bytes: UnsafeBufferPointer<UInt8>) -> TextEncoding? {
    let length = min(bytes.count, 4096) & ~1
    guard length >= 4, bytes.count % 2 == 0 else { return nil }
    var even = 0
    var odd = 0
    for i in stride(from: 0, to: length, by: 2) {
      if bytes[i] == 0 { even += 1 }
      if bytes[i + 1] == 0 { odd += 1 }
    }
    let half = length / 2
    if odd * 10 >= half * 8, even == 0 { return .utf16LittleEndian }
    if even * 10 >= half * 8, odd == 0 { return .utf16BigEndian }
    return nil
  }

  private static func decode(
    _ source: FileBytes, as encoding: TextEncoding, from offset: Int, file: String
  ) throws(DataError) -> Decoded {
    let bytes = source.bytes
    let marked = offset > 0
    func evidence(_ reason: String, _ lines: [Int] = []) -> EncodingEvidence {
      EncodingEvidence(encoding: encoding, hasByteOrderMark: marked, reason: reason, lines: lines)
    }
    switch encoding {
    case .utf8:
      let survey = ByteSurvey.of(source, from: offset)
      if !survey.isUTF8, let bad = UTF8Check.firstInvalid(bytes, from: offset) {
        throw DataError([
          DataProblem(
            file: file, line: line(of: bad, in: bytes),
            found: "byte 0x\(hex(bytes[bad])), which is no part of a UTF-8 character",
            expected: "UTF-8 \(marked ? "after its byte order mark" : "as declared") expected")
        ])
      }
      let lines = linesBeyondASCII(bytes, from: offset, limit: 3)
      let reason =
        marked
        ? "byte order mark"
        : (lines.isEmpty ? "every byte is ASCII" : reasonForUTF8)
      return Decoded(
        bytes: source, offset: offset, evidence: evidence(reason, lines), survey: survey)
    case .utf16LittleEndian, .utf16BigEndian:
      let text = try utf16(bytes, from: offset, bigEndian: encoding == .utf16BigEndian, file: file)
      let reason = marked ? "byte order mark" : "a zero byte in every pair"
      return decoded(text, evidence(reason))
    case .windows1252, .latin1:
      let text = try singleByte(bytes, encoding: encoding, file: file)
      return decoded(text, evidence("as declared", linesBeyondASCII(bytes, from: 0, limit: 3)))
    }
  }

  /// Chooses between the single-byte encodings where a file is not UTF-8.
  ///
  /// Windows-1252 and ISO-8859-1 differ only in 0x80–0x9F, where ISO-8859-1 has control characters; the older DOS and
  /// Macintosh code pages put the Norwegian letters there. So bytes beyond ASCII must mostly read as letters; where
  /// they read as signs between letters, nobody can tell, and the run stops.
  private static func decodeSingleByte(
    _ source: FileBytes, firstInvalid: Int, file: String
  ) throws(DataError) -> Decoded {
    let bytes = source.bytes
    let census = SingleByteCensus(bytes)
    let firstLine = line(of: firstInvalid, in: bytes)
    if census.utf8Sequences > 0 {
      throw DataError([
        DataProblem(
          file: file, line: firstLine,
          found: "byte 0x\(hex(bytes[firstInvalid])), no UTF-8, in a file that holds "
            + "\(census.utf8Sequences) UTF-8 \(census.utf8Sequences == 1 ? "character" : "characters") elsewhere (two encodings in one file)",
          expected: "one encoding expected")
      ])
    }
    if census.undefined > 0 || census.signsBetweenLetters > census.letters
      || census.signsThatAreLettersElsewhere > census.norwegianLetters
    {
      throw DataError([
        DataProblem(
          file: file, line: firstLine,
          found: "bytes beyond ASCII that are no UTF-8 and no letters in Windows-1252 "
            + "(in Windows-1252: \(census.sample(.windows1252)); in DOS 865: \(census.sampleDOS); "
            + "in Macintosh Roman: \(census.sampleMacintosh))",
          expected: "UTF-8, UTF-16, Windows-1252 or ISO-8859-1 expected")
      ])
    }
    let encoding: TextEncoding = census.c1 > 0 ? .windows1252 : .latin1
    let text = try singleByte(bytes, encoding: encoding, file: file)
    let reason =
      "not UTF-8 (line \(firstLine)); its \(census.total) bytes beyond ASCII read as "
      + "\(census.sample(encoding))"
    return decoded(
      text,
      EncodingEvidence(
        encoding: encoding, hasByteOrderMark: false, reason: reason,
        lines: linesBeyondASCII(bytes, from: 0, limit: 3)))
  }

  private static func decoded(_ text: [UInt8], _ evidence: EncodingEvidence) -> Decoded {
    let bytes = FileBytes(text)
    return Decoded(bytes: bytes, offset: 0, evidence: evidence, survey: .of(bytes))
  }

  private static func utf16(
    _ bytes: UnsafeBufferPointer<UInt8>, from offset: Int, bigEndian: Bool, file: String
  ) throws(DataError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count / 2 + 16)
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var i = offset
    while i + 1 < bytes.count {
      let (a, b) = (UInt16(bytes[i]), UInt16(bytes[i + 1]))
      units.append(bigEndian ? a << 8 | b : b << 8 | a)
      i += 2
    }
    var bad = i < bytes.count
    var line = 1
    var decoder = UTF16()
    var iterator = units.makeIterator()
    decoding: while !bad {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar):
        if scalar == "\n" { line += 1 }
        out.append(contentsOf: UTF8.encode(scalar)!)
      case .emptyInput: break decoding
      case .error: bad = true
      }
    }
    if bad {
      throw DataError([
        DataProblem(
          file: file, line: line, found: "half a UTF-16 character",
          expected: "whole UTF-16 characters expected")
      ])
    }
    return out
  }

  private static func singleByte(
    _ bytes: UnsafeBufferPointer<UInt8>, encoding: TextEncoding, file: String
  ) throws(DataError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 16)
    for (i, byte) in bytes.enumerated() {
      if byte < 0x80 {
        out.append(byte)
      } else if let scalar = SingleByteCensus.scalar(byte, encoding) {
        out.append(contentsOf: UTF8.encode(scalar)!)
      } else {
        throw DataError([
          DataProblem(
            file: file, line: line(of: i, in: bytes),
            found: "byte 0x\(hex(byte)), which Windows-1252 leaves undefined",
            expected: "Windows-1252 text expected")
        ])
      }
    }
    return out
  }

  static func line(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var line = 1
    for i in 0..<offset where bytes[i] == 0x0a || (bytes[i] == 0x0d && bytes[i + 1] != 0x0a) { line += 1 }
    return line
  }

  private static func linesBeyondASCII(
    _ bytes: UnsafeBufferPointer<UInt8>, from offset: Int, limit: Int
  ) -> [Int] {
    var lines: [Int] = []
    var line = 1
    var i = offset
    while i < bytes.count, lines.count < limit {
      if bytes[i] >= 0x80, lines.last != line { lines.append(line) }
      // A carriage return ends a line where no line feed follows.
      if bytes[i] == 0x0a || (bytes[i] == 0x0d && (i + 1 == bytes.count || bytes[i + 1] != 0x0a)) {
        line += 1
      }
      i += 1
    }
    return lines
  }

  static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count == 1 ? "0" + text : text
  }
}

/// Validity of UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
enum UTF8Check {
  /// The offset of the first byte that is not part of a valid character; large files on as many threads as they repay.
  static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int) -> Int? {
    let size = bytes.count - offset
    let parts = max(1, min(coreCount, size >> 21))
    if parts == 1 {
      let stop = check(bytes, from: offset, to: bytes.count)
      return stop < bytes.count ? stop : nil
    }
    // A part begins behind the tail of a character that the cut falls into; the part before must have passed just that far.
    let cuts = (0...parts).map { offset + size * $0 / parts }
    let found = ThreadSlots<Range<Int>>(count: parts)
    let whole = SharedBytes(bytes)
    parallelLoop(parts) { part in
      found[part] = characters(of: whole.bytes, from: cuts[part], to: cuts[part + 1], isFirst: part == 0)
    }
    for part in 0..<parts {
      let next = part + 1 < parts ? found[part + 1]!.lowerBound : bytes.count
      guard found[part]!.upperBound != next else { continue }
      // Where a part stopped elsewhere than the next began, the bytes from there on are looked at once more, in order.
      let stop = check(bytes, from: min(found[part]!.upperBound, next), to: bytes.count)
      return stop < bytes.count ? stop : nil
    }
    return nil
  }

  /// The valid characters that begin between two places, behind the tail of one that begins before the first.
  ///
  /// - Parameter isFirst: true where no character begins before.
  static func characters(
    of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, isFirst: Bool
  ) -> Range<Int> {
    var first = start
    if !isFirst {
      for _ in 0..<3 where first < bytes.count && bytes[first] & 0xc0 == 0x80 { first += 1 }
    }
    return first..<check(bytes, from: first, to: end)
  }

  /// Passes over valid characters that begin before an end; the place behind the last of them, or of the first byte that begins
  /// none.
  private static func check(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int, to end: Int) -> Int {
    var i = offset
    guard let base = bytes.baseAddress else { return i }
    while i < end {
      // Characters of one and two bytes, those of western Europe, go sixty-four bytes at a time: most of a file.
      i = passShort(base, from: i, to: end)
      while i + 8 <= end {
        let tops =
          UnsafeRawPointer(base + i).loadUnaligned(as: UInt64.self).littleEndian & 0x8080_8080_8080_8080
        i += tops.trailingZeroBitCount >> 3
        if tops != 0 { break }
      }
      while i < end, base[i] < 0x80 { i += 1 }
      guard i < end else { return i }
      // The letters of western Europe have two bytes.
      if base[i] &- 0xc2 < 0x1e, i + 1 < bytes.count, base[i + 1] & 0xc0 == 0x80 {
        i += 2
        continue
      }
      guard let length = validLength(bytes, at: i) else { return i }
      i += length
    }
    return i
  }

  /// Passes over blocks of valid characters of one and two bytes.
  ///
  /// A byte of 0x80 to 0xBF must follow one of 0xC2 to 0xDF, and nothing else may: the former are looked for in sixteen bytes, the
  /// latter in those one place before.
  ///
  /// - Parameter start: where a character begins.
  /// - Returns: where a character begins, or a block that holds something else.
  private static func passShort(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    guard start < end, base[start] & 0xc0 != 0x80 else { return start }
    let text = UnsafeRawPointer(base)
    var i = start
    // The byte before a place is only read behind the first, which begins a character.
    if base[i] >= 0x80 { return i }
    i += 1
    // So many bits at the top of a byte. (A vector made within the loop is not one for the compiler.)
    let one = SIMD16<UInt8>(repeating: 0x80)
    let two = SIMD16<UInt8>(repeating: 0xc0)
    let three = SIMD16<UInt8>(repeating: 0xe0)
    let seven = SIMD16<UInt8>(repeating: 0xfe)
    while i + 64 <= end {
      var wrong = SIMD16<UInt8>()
      for k in 0..<4 {
        let place = i &+ 16 &* k
        let bytes = text.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
        let before = text.loadUnaligned(fromByteOffset: place &- 1, as: SIMD16<UInt8>.self)
        let follows = unsafeBitCast((bytes & two) .== one, to: SIMD16<UInt8>.self)
        let leads = unsafeBitCast((before & three) .== two, to: SIMD16<UInt8>.self)
        // 0xC0 and 0xC1 would begin characters of one byte; from 0xE0 on they are longer.
        let overlong = unsafeBitCast((bytes & seven) .== two, to: SIMD16<UInt8>.self)
        let longer = unsafeBitCast((bytes & three) .== three, to: SIMD16<UInt8>.self)
        wrong = wrong | (follows ^ leads) | overlong | longer
      }
      let words = unsafeBitCast(wrong, to: SIMD2<UInt64>.self)
      if words[0] | words[1] != 0 { break }
      i += 64
    }
    // The character that the last block ended in is looked at once more.
    return base[i &- 1] >= 0xc0 ? i &- 1 : i
  }

  /// The length in bytes of the valid character beyond ASCII at an offset; nil where there is none.
  static func validLength(_ bytes: UnsafeBufferPointer<UInt8>, at i: Int) -> Int? {
    let lead = bytes[i]
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch lead {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, low) = (3, 0xa0)
    case 0xed: (length, high) = (3, 0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, low) = (4, 0x90)
    case 0xf4: (length, high) = (4, 0x8f)
    case 0xf1...0xf3: length = 4
    default: return nil
    }
    guard i + length <= bytes.count, bytes[i + 1] >= low, bytes[i + 1] <= high else { return nil }
    for k in 2..<max(length, 2) where bytes[i + k] & 0xc0 != 0x80 { return nil }
    return length
  }
}

/// Bytes that several threads read and none writes.
private struct SharedBytes: @unchecked Sendable {
  // Sendable is unchecked because of the pointer: the caller holds the bytes until all threads are done.
  let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }
}

/// What the bytes beyond ASCII of a file would be in the single-byte encodings.
struct SingleByteCensus {
  private(set) var total = 0
  /// Bytes that are letters in Windows-1252.
  private(set) var letters = 0
  /// Bytes that are signs or controls in Windows-1252 and stand beside a letter on either side.
  private(set) var signsBetweenLetters = 0
  /// Signs beside a letter where Windows-1252 text has none (p† for på, Troms› for Tromsø), and which are letters in the DOS
  /// or the Macintosh code page.
  private(set) var signsThatAreLettersElsewhere = 0
  /// Bytes that are æ, ø or å in Windows-1252.
  private(set) var norwegianLetters = 0
  /// Bytes in 0x80–0x9F: characters in Windows-1252, controls in ISO-8859-1.
  private(set) var c1 = 0
  /// Bytes that Windows-1252 leaves undefined.
  private(set) var undefined = 0
  /// Valid multi-byte UTF-8 characters, which a single-byte text hardly ever contains by chance.
  private(set) var utf8Sequences = 0
  private var seen = [Int](repeating: 0, count: 256)

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      if byte >= 0x80 {
        if let length = UTF8Check.validLength(bytes, at: i) {
          utf8Sequences += 1
          i += length
          continue
        }
        total += 1
        seen[Int(byte)] += 1
        if byte < 0xa0 { c1 += 1 }
        let isBehindLetter = i > 0 && Self.isLetter(bytes[i - 1])
        let isBesideLetter = isBehindLetter || (i + 1 < bytes.count && Self.isLetter(bytes[i + 1]))
        switch byte {
        case 0xc5, 0xc6, 0xd8, 0xe5, 0xe6, 0xf8: norwegianLetters += 1
        // †, ›, Œ, ¾, ¿ and ¯ are å, ø, å, æ, ø and Ø there.
        case 0x86, 0x9b, 0x8c, 0xbe, 0xbf, 0xaf: signsThatAreLettersElsewhere += isBesideLetter ? 1 : 0
        // The low quotation marks open a word and close none: behind a letter they are é and ä.
        case 0x82, 0x84: signsThatAreLettersElsewhere += isBehindLetter ? 1 : 0
        default: break
        }
        if let scalar = Self.scalar(byte, .windows1252) {
          if scalar.properties.isAlphabetic, byte != 0xaa, byte != 0xba {
            letters += 1
          } else if i > 0, i + 1 < bytes.count, Self.isLetter(bytes[i - 1]), Self.isLetter(bytes[i + 1]) {
            signsBetweenLetters += 1
          }
        } else {
          undefined += 1
        }
      }
      i += 1
    }
  }

  /// The distinct characters that the bytes are in an encoding, the commonest first; at most eight.
  func sample(_ encoding: TextEncoding) -> String { sample { Self.scalar($0, encoding) } }
  /// The same in code page 865, the Nordic DOS page.
  var sampleDOS: String { sample { Self.dos865[$0] } }
  /// The same in Macintosh Roman.
  var sampleMacintosh: String { sample { Self.macintosh[$0] } }

  private func sample(_ scalar: (UInt8) -> Unicode.Scalar?) -> String {
    let order = (0x80...0xff).filter { seen[$0] > 0 }.sorted { (seen[$1], $0) < (seen[$0], $1) }
    return order.prefix(8).map { scalar(UInt8($0)).map { String(Character($0)) } ?? "?" }.joined(
      separator: " ")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
  }

  /// The character of a byte; nil where Windows-1252 leaves it undefined.
  static func scalar(_ byte: UInt8, _ encoding: TextEncoding) -> Unicode.Scalar? {
    guard encoding == .windows1252, (0x80..<0xa0).contains(byte) else { return Unicode.Scalar(byte) }
    let code = windows1252C1[Int(byte) - 0x80]
    return code == 0 ? nil : Unicode.Scalar(code)
  }

  /// 0x80–0x9F of Windows-1252 (unicode.org, CP1252.TXT); 0 where undefined.
  private static let windows1252C1: [UInt32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
    0x017d, 0,
    0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,
    0x017e,
    0x0178,
  ]
  private static let dos865: [UInt8: Unicode.Scalar] = [
    0x91: "æ", 0x92: "Æ", 0x9b: "ø", 0x9d: "Ø", 0x86: "å", 0x8f: "Å", 0x82: "é", 0x84: "ä", 0x94: "ö",
    0x81: "ü",
  ]
  private static let macintosh: [UInt8: Unicode.Scalar] = [
    0xbe: "æ", 0xae: "Æ", 0xbf: "ø", 0xaf: "Ø", 0x8c: "å", 0x81: "Å", 0x8e: "é", 0x8a: "ä", 0x9a: "ö",
    0x9f: "ü",
  ]
}
