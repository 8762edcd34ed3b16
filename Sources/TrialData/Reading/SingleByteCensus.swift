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
