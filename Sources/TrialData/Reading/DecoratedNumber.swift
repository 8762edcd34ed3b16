/// Numbers with something beside them that keeps them from being read as numbers: `12 %`, `kr 450,-`, `(5)`, `5-`, `<0,5`.
enum DecoratedNumber {
  /// True for a text that is a number but for a known sign, unit or currency around it.
  static func isOne(_ text: String) -> Bool {
    guard text.utf8.count <= 60 else { return false }
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.firstIndex(where: isDigit), let last = scalars.lastIndex(where: isDigit) else {
      return false
    }
    let before = word(scalars[..<first])
    let behind = word(scalars[(last + 1)...])
    guard !(before.isEmpty && behind.isEmpty), prefixes.contains(before), suffixes.contains(behind) else {
      return false
    }
    var number = String.UnicodeScalarView()
    number.append(contentsOf: scalars[first...last])
    return GroupedNumber.form(of: [String(number)], declared: nil) != nil
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  /// What stands beside the digits, in lower case and without blanks.
  private static func word(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var word = String.UnicodeScalarView()
    word.append(contentsOf: scalars.filter { !$0.properties.isWhitespace })
    return String(word).lowercased()
  }

  private static let prefixes: Set<String> = [
    "", "-", "–", "—", "+", "(", "kr", "kr.", "nok", "€", "$", "£", "eur", "usd", "<", ">", "<=", ">=", "≤",
    "≥", "~", "≈",
    "ca", "ca.", "'", "=", "=\"", "-kr", "\u{feff}",
  ]
  private static let suffixes: Set<String> = [
    "", "%", "‰", "kr", "kr.", "nok", "€", "$", "eur", ",-", ".-", ",–", "-", "–", ")", "*", "+", "'", "\"",
    "kg", "g", "mg", "cm",
    "mm", "m", "km", "l", "dl", "ml", "år", "mnd", "mnd.", "uker", "dager", "d", "timer", "t", "h", "min",
    "stk", "stk.", "\u{200b}",
  ]
}

extension DelimitedFile {
  /// True where every level is a number with something beside it (`12 %`, `450 kr`): nobody meant them as categories. Two levels
  /// are a choice (`<65`, `65+`).
  public static func areDecoratedNumbers(_ levels: [String]) -> Bool {
    levels.count > 2 && levels.allSatisfy(DecoratedNumber.isOne)
  }
}
