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

  /// Where ASCII was written behind UTF-16, as programs do that append rows: so many characters in a row whose two bytes are both
  /// ASCII are hardly Chinese.
  private static func asciiPairs(_ units: [UInt16]) -> Int? {
    func isASCII(_ byte: UInt16) -> Bool {
      (0x20...0x7e).contains(byte) || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
    var run = 0
    for (place, unit) in units.enumerated() {
      run = isASCII(unit >> 8) && isASCII(unit & 0xff) ? run + 1 : 0
      if run == 8 { return place - 7 }
    }
    return nil
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
    if let other = asciiPairs(units) {
      throw DataError([
        DataProblem(
          file: file, line: 1 + units[..<other].count { $0 == 0x0a },
          found: "text of one byte a character in a file of UTF-16 (two encodings in one file)",
          expected: "one encoding expected")
      ])
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
