/// A piece of a formula with the place it starts at, counted in Unicode scalars.
struct FormulaToken: Equatable {
  enum Kind: Equatable {
    case number(Double, isInteger: Bool)
    case string(String)
    case name(String)
    case symbol(String)
    case end
  }
  let kind: Kind
  let position: Int
}

/// Cuts a formula into tokens by R's lexical rules.
struct FormulaLexer {
  private let scalars: [Unicode.Scalar]
  private var place = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// All tokens, the last of kind `end`.
  static func tokens(of text: String) throws(FormulaError) -> [FormulaToken] {
    var lexer = FormulaLexer(text)
    var tokens: [FormulaToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last!.kind != .end
    return tokens
  }

  private func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
    place + offset < scalars.count ? scalars[place + offset] : nil
  }

  private mutating func next() throws(FormulaError) -> FormulaToken {
    while let s = scalar(), Self.isSpace(s) { place += 1 }
    let start = place
    guard let s = scalar() else { return FormulaToken(kind: .end, position: start) }
    let kind: FormulaToken.Kind
    if Self.isDigit(s) || (s == "." && scalar(1).map(Self.isDigit) == true) {
      kind = try number()
    } else if s == "\"" || s == "'" {
      kind = .string(try quoted(by: s))
    } else if s == "`" {
      kind = .name(try quoted(by: s))
    } else if Self.isLetter(s) || s == "." {
      kind = .name(name())
    } else {
      kind = .symbol(try symbol())
    }
    return FormulaToken(kind: kind, position: start)
  }

  // ASCII is decided here: Unicode's tables take longer than the rest of the lexer.
  private static func isSpace(_ s: Unicode.Scalar) -> Bool {
    s.isASCII ? s == " " || (s.value >= 9 && s.value <= 13) : s.properties.isWhitespace
  }

  private static func isLetter(_ s: Unicode.Scalar) -> Bool {
    s.isASCII ? (s >= "a" && s <= "z") || (s >= "A" && s <= "Z") : s.properties.isAlphabetic
  }

  private static func isDigit(_ s: Unicode.Scalar) -> Bool { s >= "0" && s <= "9" }

  private static func isNamePart(_ s: Unicode.Scalar) -> Bool {
    isLetter(s) || isDigit(s) || s == "." || s == "_"
      || !s.isASCII && s.properties.numericType != nil
  }

  /// True where R needs no backquotes around a name.
  static func isSyntactic(_ name: String) -> Bool {
    if let plain = isSyntacticASCII(name) { return plain }
    let scalars = name.unicodeScalars
    guard let first = scalars.first, isLetter(first) || first == "." else {
      return false
    }
    if first == ".", let second = scalars.dropFirst().first, isDigit(second) { return false }
    return scalars.allSatisfy(isNamePart) && !reserved.contains(name)
  }

  /// The same of a name of ASCII letters, digits, dots and underscores; nil for other names.
  private static func isSyntacticASCII(_ name: String) -> Bool? {
    let bytes = name.utf8
    func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a }
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    func isPart(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x2e || byte == 0x5f }
    guard let first = bytes.first, bytes.allSatisfy(isPart) else { return nil }
    if !isLetter(first) {
      guard first == 0x2e else { return false }
      return bytes.dropFirst().first.map { !isDigit($0) } ?? true
    }
    return !reserved.contains { $0.utf8.count == bytes.count && $0 == name }
  }

  private static let reserved = [
    "if", "else", "repeat", "while", "function", "for", "next", "break", "TRUE", "FALSE", "NULL",
    "Inf", "NaN", "NA", "NA_integer_", "NA_real_", "NA_character_", "in",
  ]

  private mutating func name() -> String {
    let start = place
    while let s = scalar(), Self.isNamePart(s) { place += 1 }
    return text(start..<place)
  }

  private func text(_ range: Range<Int>) -> String {
    if scalars[range].allSatisfy(\.isASCII) {
      return String(unsafeUninitializedCapacity: range.count) { bytes in
        for (i, scalar) in scalars[range].enumerated() { bytes[i] = UInt8(truncatingIfNeeded: scalar.value) }
        return range.count
      }
    }
    // A scalar at a time: appending a slice goes by way of an array of UTF-32.
    var view = String.UnicodeScalarView()
    for scalar in scalars[range] { view.append(scalar) }
    return String(view)
  }

  private mutating func number() throws(FormulaError) -> FormulaToken.Kind {
    let start = place
    while let s = scalar(), Self.isDigit(s) || s == "." { place += 1 }
    if let s = scalar(), s == "e" || s == "E" {
      let signed = scalar(1) == "+" || scalar(1) == "-"
      if let digit = scalar(signed ? 2 : 1), Self.isDigit(digit) {
        place += signed ? 2 : 1
        while let s = scalar(), Self.isDigit(s) { place += 1 }
      }
    }
    let written = text(start..<place)
    guard let value = Double(written) else {
      throw FormulaError(.syntax, "`\(written)` is not a number", position: start)
    }
    if scalar() == "L" {
      place += 1
      return .number(value, isInteger: true)
    }
    if let s = scalar(), Self.isNamePart(s) {
      throw FormulaError(
        .syntax, "a number runs into a name; a name that starts with a digit needs backquotes",
        position: start)
    }
    return .number(value, isInteger: false)
  }

  private mutating func quoted(by mark: Unicode.Scalar) throws(FormulaError) -> String {
    let start = place
    place += 1
    var view = String.UnicodeScalarView()
    while let s = scalar() {
      place += 1
      if s == mark { return String(view) }
      if s == "\\", let escaped = scalar() {
        place += 1
        switch escaped {
        case "n": view.append("\n")
        case "t": view.append("\t")
        default: view.append(escaped)
        }
      } else {
        view.append(s)
      }
    }
    throw FormulaError(.syntax, "the quote \(mark) is not closed", position: start)
  }

  private mutating func symbol() throws(FormulaError) -> String {
    let start = place
    if scalar() == "%" {
      var end = place + 1
      while end < scalars.count, scalars[end] != "%" { end += 1 }
      let written = text(start..<min(end + 1, scalars.count))
      guard ["%in%", "%%", "%/%"].contains(written) else {
        throw FormulaError(.syntax, "`\(written)` is no operator of a formula", position: start)
      }
      place = end + 1
      return written
    }
    let single = scalars[start]
    let double: String? =
      switch (single, scalar(1)) {
      case ("=", "="): "=="
      case ("!", "="): "!="
      case ("<", "="): "<="
      case (">", "="): ">="
      case ("&", "&"): "&&"
      case ("|", "|"): "||"
      case ("*", "*"): "^"
      default: nil
      }
    if let double {
      place += 2
      return double
    }
    switch single {
    case "~", "+", "-", "*", "/", "^", ":", "(", ")", "<", ">", "!", "&", "|", ",", "=":
      place += 1
      return String(Character(single))
    default:
      throw FormulaError(
        .syntax, "`\(single)` cannot stand in a formula; a name that holds it needs backquotes",
        position: start)
    }
  }
}
