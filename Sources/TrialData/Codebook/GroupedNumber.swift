/// Numbers whose whole part may be written in groups of three digits.
enum GroupedNumber {
  private static let longest = 1000

  /// The number that a text spells with the marks of its column. Groups, where there are any, must be of three digits behind a
  /// first one of one to three that does not begin with a zero, so that `1 23`, `12.3456` or, by thousands, `0.500` is no number.
  /// A minus sign (U+2212) is a minus.
  static func parse(_ text: String, decimal: DecimalMark, thousands: ThousandsMark?) -> Double? {
    // A text of a page is none, and need not be gone through for every form.
    guard text.utf8.count <= longest else { return nil }
    var scalars = Array(text.unicodeScalars)
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
    if scalars.first == "\u{2212}" { scalars[0] = "-" }
    if let thousands {
      guard let ungrouped = ungroup(scalars, decimal: decimal, thousands: thousands) else { return nil }
      scalars = ungrouped
    }
    var plain = String.UnicodeScalarView()
    plain.append(contentsOf: scalars)
    return DecimalNumber.parse(String(plain), mark: decimal)
  }

  /// True where the only mark of a number stands between one to three digits (no leading zero) and three: `1,234` may be a little
  /// over one or over a thousand.
  static func couldBeThousands(_ text: String, mark: DecimalMark) -> Bool {
    let trimmed = text.utf8.filter { !DecimalNumber.isBlank($0) && $0 != 0x2d && $0 != 0x2b }
    let parts = trimmed.split(separator: mark.rawValue, omittingEmptySubsequences: false)
    return parts.count == 2 && (1...3).contains(parts[0].count) && parts[1].count == 3
      && parts[0].first != 0x30
  }

  private static func ungroup(
    _ scalars: [Unicode.Scalar], decimal: DecimalMark, thousands: ThousandsMark
  ) -> [Unicode.Scalar]? {
    let mark = Unicode.Scalar(decimal.rawValue)
    let end = scalars.firstIndex(of: mark) ?? scalars.count
    let start = scalars.first == "-" || scalars.first == "+" ? 1 : 0
    guard start <= end else { return nil }
    let groups = scalars[start..<end].split(
      omittingEmptySubsequences: false, whereSeparator: thousands.matches)
    if groups.count == 1 { return scalars }
    guard (1...3).contains(groups[0].count), groups[0].first != "0",
      groups.dropFirst().allSatisfy({ $0.count == 3 })
    else {
      return nil
    }
    return Array(scalars[..<start]) + Array(groups.joined()) + Array(scalars[end...])
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\u{a0}" || scalar == "\u{202f}"
  }
}

extension ThousandsMark {
  fileprivate func matches(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .blank: scalar == " " || scalar == "\u{a0}" || scalar == "\u{202f}" || scalar == "\u{2009}"
    case .point: scalar == "."
    case .comma: scalar == ","
    case .apostrophe: scalar == "'" || scalar == "\u{2019}"
    }
  }
}
