/// Numbers whose whole part may be written in groups of three digits.
enum GroupedNumber {
  private static let longest = 1000

  /// How the numbers of a column are written, where not plainly.
  struct Form {
    let decimal: DecimalMark
    let thousands: ThousandsMark?
    /// What shows it, for people.
    let evidence: String
  }

  /// In the order in which they are tried.
  private static let forms = [
    Form(decimal: .point, thousands: nil, evidence: "a minus sign (U+2212) or a no-break space"),
    Form(decimal: .comma, thousands: nil, evidence: "a minus sign (U+2212) or a no-break space"),
    Form(decimal: .comma, thousands: .blank, evidence: "blanks between groups of three"),
    Form(decimal: .point, thousands: .blank, evidence: "blanks between groups of three"),
    Form(decimal: .comma, thousands: .point, evidence: "points between groups of three, a decimal comma"),
    Form(decimal: .point, thousands: .comma, evidence: "commas between groups of three, a decimal point"),
    Form(decimal: .point, thousands: .apostrophe, evidence: "apostrophes between groups of three"),
  ]

  /// The form in which every text is a number, with the numbers; nil where there is none.
  ///
  /// Points and commas tell each other apart only where one text has both, or one of them twice: `1,234` beside `2.5` may be two
  /// persons' ways of writing a decimal.
  ///
  /// - Parameter declared: the decimal mark, where it is no question.
  static func form(
    of texts: some Collection<String>, declared: DecimalMark?
  ) -> (form: Form, numbers: [Double])? {
    for form in forms where (declared ?? form.decimal) == form.decimal {
      if declared == nil, form.thousands == .point || form.thousands == .comma,
        !texts.contains(where: separatesClearly)
      {
        continue
      }
      var numbers: [Double] = []
      for text in texts {
        guard let number = parse(text, decimal: form.decimal, thousands: form.thousands) else { break }
        numbers.append(number)
      }
      if numbers.count == texts.count { return (form, numbers) }
    }
    return nil
  }

  private static func separatesClearly(_ text: String) -> Bool {
    let points = text.utf8.count { $0 == DecimalMark.point.rawValue }
    let commas = text.utf8.count { $0 == DecimalMark.comma.rawValue }
    return points > 0 && commas > 0 || points > 1 || commas > 1
  }

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
    let signs: Set<Unicode.Scalar> = ["-", "+", "\u{2212}"]
    let digits = text.unicodeScalars.filter { !isBlank($0) && !signs.contains($0) }
    let parts = digits.split(separator: Unicode.Scalar(mark.rawValue), omittingEmptySubsequences: false)
    return parts.count == 2 && (1...3).contains(parts[0].count) && parts[1].count == 3
      && parts[0].first != "0" && parts.joined().allSatisfy { ("0"..."9").contains($0) }
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
