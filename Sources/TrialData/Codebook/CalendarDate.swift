/// Dates of the Gregorian calendar as whole days since 1 January 1970.
///
/// The conversions are exact for all years (H. Hinnant, "chrono-compatible low-level date algorithms", 2013): a year begins in
/// March, so that the leap day is its last.
public enum CalendarDate {
  /// The day number of a date; nil for a date that does not exist.
  public static func day(year: Int, month: Int, day: Int) -> Int32? {
    guard (1...12).contains(month), (1...daysInMonth(year: year, month: month)).contains(day) else {
      return nil
    }
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int32(exactly: era * 146_097 + dayOfEra - 719_468)
  }

  /// The date of a day number.
  public static func date(_ day: Int32) -> (year: Int, month: Int, day: Int) {
    let z = Int(day) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  public static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The same day of the month some calendar months on, or the last day of a shorter month: 31 August 2020 and 18 months is
  /// 28 February 2022.
  public static func adding(months: Int, to day: Int32) -> Int32 {
    let (year, month, dayOfMonth) = date(day)
    let total = year * 12 + (month - 1) + months
    let newYear = total >= 0 ? total / 12 : (total - 11) / 12
    let newMonth = total - newYear * 12 + 1
    return self.day(
      year: newYear, month: newMonth, day: min(dayOfMonth, daysInMonth(year: newYear, month: newMonth)))!
  }

  /// `YYYY-MM-DD`.
  public static func text(_ day: Int32) -> String {
    let (year, month, dayOfMonth) = date(day)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
  }
}

/// The order of the parts of a date.
public enum DateOrder: String, Sendable, Equatable, CaseIterable {
  case ymd
  case dmy
  case mdy
}

/// Reads dates as written in exports.
///
/// Four-digit years only; parts separated by `.`, `/` or `-` (the same one twice), or eight digits in the order year, month,
/// day. A time of day is taken only where it is midnight, as a spreadsheet adds it.
enum DateText {
  /// Three numbers and what stands between them.
  struct Parts: Equatable {
    var numbers: [Int]
    var yearFirst: Bool
    var separator: UInt8
  }

  /// The day of a text. Year first needs no order; else `order` decides, and without one nothing is a date.
  static func day(_ text: String, order: DateOrder?) -> Int32? {
    guard let parts = parts(text) else { return nil }
    let n = parts.numbers
    if parts.yearFirst { return CalendarDate.day(year: n[0], month: n[1], day: n[2]) }
    switch order {
    case .dmy: return CalendarDate.day(year: n[2], month: n[1], day: n[0])
    case .mdy: return CalendarDate.day(year: n[2], month: n[0], day: n[1])
    case .ymd, nil: return nil
    }
  }

  /// The parts of a text that looks like a date.
  static func parts(_ text: String) -> Parts? {
    var bytes = Array(text.utf8)
    while let last = bytes.last, DecimalNumber.isBlank(last) { bytes.removeLast() }
    while let first = bytes.first, DecimalNumber.isBlank(first) { bytes.removeFirst() }
    for midnight in ["T00:00:00Z", "T00:00:00.000Z", "T00:00:00", " 00:00:00.000", " 00:00:00", " 00:00"]
    where bytes.count > midnight.utf8.count && bytes.suffix(midnight.utf8.count).elementsEqual(midnight.utf8)
    {
      bytes.removeLast(midnight.utf8.count)
      break
    }
    if bytes.count == 8, bytes.allSatisfy(isDigit) {
      return Parts(
        numbers: [number(bytes[0..<4]), number(bytes[4..<6]), number(bytes[6..<8])], yearFirst: true,
        separator: 0)
    }
    guard let separator = bytes.first(where: { !isDigit($0) }), [0x2e, 0x2f, 0x2d].contains(separator) else {
      return nil
    }
    let fields = bytes.split(separator: separator, omittingEmptySubsequences: false)
    guard fields.count == 3, fields.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
    let widths = fields.map(\.count)
    if widths[0] == 4, widths[1] <= 2, widths[2] <= 2 {
      return Parts(numbers: fields.map(number), yearFirst: true, separator: separator)
    }
    guard widths[0] <= 2, widths[1] <= 2, widths[2] == 4 else { return nil }
    return Parts(numbers: fields.map(number), yearFirst: false, separator: separator)
  }

  /// What the texts of a column say about the order of their parts.
  enum OrderEvidence: Equatable {
    /// Every text has the year first, or there is none.
    case yearFirst
    /// Decided, by the texts at these places.
    case decided(DateOrder, by: [Int])
    /// Every text can be read in both ways.
    case ambiguous
    /// Some texts can only be read in one way, some only in the other.
    case contradictory(dmy: Int, mdy: Int)
  }

  /// Decides the order from the texts of a column: a first part above 12 is a day, a second one above 12 too. Points between
  /// the parts mean day first: no country writes month first with points.
  static func order(of texts: [String]) -> OrderEvidence {
    var dmy: [Int] = []
    var mdy: [Int] = []
    var points: [Int] = []
    var open = false
    for (i, text) in texts.enumerated() {
      guard let parts = parts(text), !parts.yearFirst else { continue }
      open = true
      if parts.numbers[0] > 12 { dmy.append(i) } else if parts.numbers[1] > 12 { mdy.append(i) }
      if parts.separator == 0x2e { points.append(i) }
    }
    if !open { return .yearFirst }
    if let d = dmy.first, let m = mdy.first { return .contradictory(dmy: d, mdy: m) }
    if !mdy.isEmpty, let p = points.first { return .contradictory(dmy: p, mdy: mdy[0]) }
    if !dmy.isEmpty { return .decided(.dmy, by: dmy) }
    if !mdy.isEmpty { return .decided(.mdy, by: mdy) }
    if !points.isEmpty { return .decided(.dmy, by: points) }
    return .ambiguous
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
