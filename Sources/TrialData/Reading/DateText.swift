import ModelFormula

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
    if parts.yearFirst { return CalendarDay(year: n[0], month: n[1], day: n[2])?.number }
    switch order {
    case .dmy: return CalendarDay(year: n[2], month: n[1], day: n[0])?.number
    case .mdy: return CalendarDay(year: n[2], month: n[0], day: n[1])?.number
    case .ymd, nil: return nil
    }
  }

  /// In bytes; a date with blanks around it takes less.
  private static let longest = 100

  /// The parts of a text that looks like a date.
  static func parts(_ text: String) -> Parts? {
    guard text.utf8.count <= longest else { return nil }
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
