import ModelFormula

/// Turns the texts of one column into values of its declared type, and says which texts are none.
///
/// The work is done once a distinct text, not once a row.
struct ColumnReader {
  /// What one text is.
  enum Value: Equatable {
    case number(Double)
    case level(Int32)
    case day(Int32)
    case text(String)
    case missing(MissingKind)
    /// Why it is no value of the column.
    case violation(Violation)

    /// The number, or the day as a number, one out of range included; nil for anything else.
    var number: Double? {
      switch self {
      case .number(let number): number
      case .day(let day): Double(day)
      case .violation(let violation): violation.number
      case .level, .text, .missing: nil
      }
    }
  }

  /// A breach of what the codebook says of one value.
  struct Violation: Equatable {
    var rule: String
    var found: String
    var expected: String
    /// Values of another type stop the run whatever the column's severity.
    var isAlwaysError: Bool
    /// The number or day of a value that is out of range: where that is a warning, it is used as it stands.
    var number: Double?
  }

  let column: CodebookColumn
  let decimalMark: DecimalMark
  let dateOrder: DateOrder?
  let showValues: Bool

  /// The value of a text.
  func value(of raw: String) -> Value {
    let text = Self.trimmed(raw)
    if let kind = column.missing[text] { return .missing(kind) }
    if text.isEmpty || text == "NA" { return .missing(.unknown) }
    switch column.type {
    case .text, .id: return .text(text)
    case .categorical:
      if let code = column.levels.firstIndex(where: { $0.value == text }) { return .level(Int32(code)) }
      let levels = column.levels.map { "'\($0.value)'" }
      let listed = levels.count > 8 ? levels.prefix(8) + ["…"] : levels[...]
      return violation(
        "levels", text, expected: "one of \(listed.joined(separator: ", ")) expected", always: true)
    case .date:
      guard let day = DateText.day(text, order: dateOrder) else {
        return violation(
          "type", text, doubt: DoubtfulDate(text)?.found,
          expected: "a date that exists, \(dateForm), expected",
          always: true)
      }
      return checkRange(Double(day), text) ?? .day(day)
    case .numeric, .integer:
      guard let number = GroupedNumber.parse(text, decimal: decimalMark, thousands: column.thousandsMark)
      else {
        return violation("type", text, expected: "\(numberForm) expected", always: true)
      }
      if column.type == .integer, number != number.rounded() {
        return violation("type", text, expected: "a whole number expected", always: true)
      }
      if column.type == .integer, abs(number) >= 0x1p53 {
        // Its last digits would not be those that are written.
        return violation(
          "type", text, expected: "a whole number below 2^53, or the type id, expected", always: true)
      }
      return checkRange(number, text) ?? .number(number)
    }
  }

  private var numberForm: String {
    if column.type == .integer { return "a whole number" }
    return decimalMark == .comma ? "a number with a decimal comma" : "a number with a decimal point"
  }

  private var dateForm: String {
    switch dateOrder {
    case .dmy: "day first (or YYYY-MM-DD)"
    case .mdy: "month first (or YYYY-MM-DD)"
    case .ymd, nil: "YYYY-MM-DD"
    }
  }

  private func checkRange(_ number: Double, _ text: String) -> Value? {
    let below = column.minimum.map { number < $0 } ?? false
    let above = column.maximum.map { number > $0 } ?? false
    guard below || above else { return nil }
    let limit = below ? column.minimum! : column.maximum!
    let shown = column.type == .date ? CalendarDay(number: Int32(limit)).iso : NumberWriter.text(limit)
    let found = showValues ? "'\(text)'" : "a value \(below ? "below" : "above") the range"
    return .violation(
      Violation(
        rule: "range", found: found, expected: "\(below ? "at least" : "at most") \(shown) expected",
        isAlwaysError: false, number: number))
  }

  private func violation(
    _ rule: String, _ text: String, doubt: String? = nil, expected: String, always: Bool
  ) -> Value {
    let found = showValues ? ["'\(text)'", doubt].compactMap { $0 }.joined(separator: ", ") : nil
    return .violation(
      Violation(
        rule: rule, found: found ?? doubt ?? Self.kind(of: text), expected: expected,
        isAlwaysError: always))
  }

  /// What a text is like where a date is expected, without saying it.
  static func kind(ofDate text: String) -> String { DoubtfulDate(text)?.found ?? kind(of: text) }

  /// What a text is like, without saying it.
  static func kind(of text: String) -> String {
    let length = text.unicodeScalars.count
    let characters = length == 1 ? "1 character" : "\(length) characters"
    if DecimalNumber.parse(text, mark: .point) != nil { return "a number of \(characters)" }
    if DecimalNumber.parse(text, mark: .comma) != nil { return "a number with a comma, of \(characters)" }
    if DateText.parts(text) != nil { return "a date-like text of \(characters)" }
    return "a text of \(characters)"
  }

  static func trimmed(_ text: String) -> String {
    var part = text[...]
    while let first = part.first, first == " " || first == "\t" || first == "\u{a0}" { part.removeFirst() }
    while let last = part.last, last == " " || last == "\t" || last == "\u{a0}" { part.removeLast() }
    return String(part)
  }
}

/// Writes numbers for messages.
enum NumberWriter {
  /// A whole number without decimals, any other with the digits that read back.
  static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
  }
}
