import ModelFormula

/// A text that is meant as a date and leaves open which: a year of two digits, or a spreadsheet's count of days.
enum DoubtfulDate: Equatable {
  /// Day, month and a year of two digits: nothing says of which century.
  case shortYear
  /// A whole number of days since the end of 1899, or since 1904, as Excel keeps dates.
  case spreadsheetDay
  /// A day with a time other than midnight: in another time zone it may be the day before or after.
  case timeOfDay

  /// What is doubtful about a text where a date is expected; nil where it is a date, or none at all.
  init?(_ text: String) {
    if ShortYearDate(text) != nil {
      self = .shortYear
    } else if Self.spreadsheetDay(text) != nil {
      self = .spreadsheetDay
    } else if Self.hasTimeOfDay(text) {
      self = .timeOfDay
    } else {
      return nil
    }
  }

  /// For messages; it shows an example and not the value.
  var found: String {
    switch self {
    case .shortYear: "a date with a year of two digits, whose century is not written"
    case .spreadsheetDay:
      "a whole number like a spreadsheet's day, which may count from 1900 (44197 = 2021-01-01) or from 1904 (44197 = 2025-01-02)"
    case .timeOfDay: "a date with a time of day, which in another time zone may be another day"
    }
  }

  /// True for a date with hours and minutes behind it.
  static func hasTimeOfDay(_ text: String) -> Bool {
    guard text.utf8.count <= 40, let end = text.firstIndex(where: { $0 == " " || $0 == "T" }) else {
      return false
    }
    let day = String(text[..<end])
    let time = text[end...].utf8
    return time.contains(0x3a) && (DateText.parts(day) != nil || ShortYearDate(day) != nil)
  }

  /// The whole number of a spreadsheet's day between 1954 and 2064 by the count from 1900, a time of day behind its mark not
  /// counted; nil for any other text.
  static func spreadsheetDay(_ text: String) -> Int? {
    guard let number = DecimalNumber.parseEither(text), (20_000...60_000).contains(number) else { return nil }
    return Int(number)
  }

  /// The days that a spreadsheet counts from: Excel's day 60 is a 29 February 1900 that never was, so that from March 1900 on day 0
  /// is 30 December 1899; on a Macintosh it was 1 January 1904.
  static let epochs = [
    CalendarDay(year: 1899, month: 12, day: 30)!.number, CalendarDay(year: 1904, month: 1, day: 1)!.number,
  ]

  /// True where a column's name says that it holds dates: `dato`, `startdate`, `dat_inkl`; a candidate is none.
  static func says(_ name: String) -> Bool {
    let words = name.lowercased().split(whereSeparator: { !$0.isLetter })
    return words.contains { word in
      let isOther = others.contains { word.hasPrefix($0) || word.hasSuffix($0) }
      return !isOther
        && (word.contains("dato") || word.contains("date") || word == "datum"
          || word.hasPrefix("dat")
            && word.utf8.count <= 4
          || word.hasSuffix("dat"))
    }
  }

  private static let others = ["kandidat", "candidate", "soldat", "mandat", "update", "data", "dati"]
}

/// A date whose year has two digits: three parts with the same mark between them, or six digits together.
struct ShortYearDate {
  /// In the order in which they are written.
  let parts: [Int]
  /// The mark between them; 0 where they stand together.
  let separator: UInt8
  /// Whether the first and the last part have the two digits of a year.
  private let mayBeYear: (first: Bool, last: Bool)

  /// Nil for a text that in no order is a day of the year.
  init?(_ text: String) {
    guard text.utf8.count <= 20 else { return nil }
    let bytes = text.utf8.filter { !DecimalNumber.isBlank($0) }
    guard bytes.count >= 6, bytes.count <= 8 else { return nil }
    if bytes.count == 6, bytes.allSatisfy({ $0 &- 0x30 < 10 }) {
      separator = 0
      mayBeYear = (true, true)
      parts = stride(from: 0, to: 6, by: 2).map { Self.number(bytes[$0..<($0 + 2)]) }
    } else {
      guard let mark = bytes.first(where: { $0 &- 0x30 >= 10 }), [0x2e, 0x2f, 0x2d].contains(mark) else {
        return nil
      }
      let fields = bytes.split(separator: mark, omittingEmptySubsequences: false)
      guard fields.count == 3,
        fields.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy { $0 &- 0x30 < 10 } }),
        fields[2].count == 2 || fields[0].count == 2
      else { return nil }
      mayBeYear = (fields[0].count == 2, fields[2].count == 2)
      separator = mark
      parts = fields.map(Self.number)
    }
    guard DateOrder.allCases.contains(where: { day($0, century: 2000) != nil }) else { return nil }
  }

  /// The day in an order and a century; nil where there is none.
  func day(_ order: DateOrder, century: Int) -> Int32? {
    guard order == .ymd ? mayBeYear.first : mayBeYear.last else { return nil }
    let (year, month, day) =
      switch order {
      case .dmy: (parts[2], parts[1], parts[0])
      case .mdy: (parts[2], parts[0], parts[1])
      case .ymd: (parts[0], parts[1], parts[2])
      }
    return CalendarDay(year: century + year, month: month, day: day)?.number
  }

  private static func number(_ digits: some Sequence<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
