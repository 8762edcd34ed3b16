import ModelFormula

/// Norwegian identity numbers: eleven digits of which the last two check the others.
///
/// Date of birth as DDMMYY, three digits that number the day's births, two control digits. A D-number adds 4 to the first digit
/// of the day, an H-number (and a synthetic one for testing) 4, 6.5 or 8 to that of the month; an FH-number begins with 8 or 9 and
/// holds no date (Skatteetaten, "Fødselsnummer"; Helsedirektoratet, "Felles hjelpenummer"). Numbers given out from 2032 on check
/// less with the first control digit: the weighted sum may leave 0, 1, 2 or 3 on division by 11 (Skatteetaten, "Nytt
/// fødselsnummer fra 2032").
public enum NationalIdentityNumber: String, Sendable, Equatable {
  case birthNumber = "fødselsnummer"
  case dNumber = "D-nummer"
  case hNumber = "H-nummer"
  case sharedHelpNumber = "FH-nummer"

  private static let firstWeights = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]
  private static let secondWeights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]

  /// What kind of identity number eleven digits are; nil where they are none.
  ///
  /// - Parameter relaxed: true to accept the first control digit of the scheme of 2032.
  public init?(_ digits: [Int], relaxed: Bool = true) {
    guard digits.count == 11, digits.allSatisfy((0...9).contains) else { return nil }
    let first = zip(Self.firstWeights, digits).reduce(0) { $0 + $1.0 * $1.1 } % 11
    let second = zip(Self.secondWeights, digits).reduce(0) { $0 + $1.0 * $1.1 } % 11
    guard second == 0, first == 0 || (relaxed && first <= 3) else { return nil }
    // Without a date the exact digits alone must do.
    if digits[0] >= 8 {
      guard first == 0 else { return nil }
      self = .sharedHelpNumber
      return
    }
    let day = digits[0] * 10 + digits[1]
    let month = digits[2] * 10 + digits[3]
    let isD = day > 40
    let plainDay = isD ? day - 40 : day
    let plainMonth = [0, 40, 65, 80].map { month - $0 }.first { (1...12).contains($0) }
    guard let plainMonth, Self.exists(day: plainDay, month: plainMonth) else { return nil }
    self = isD ? .dNumber : plainMonth == month ? .birthNumber : .hNumber
  }

  /// The kind of the first identity number in a text: eleven digits together, or with one blank or hyphen behind the
  /// sixth; ten digits that are one with a zero in front, as a spreadsheet leaves it.
  public static func found(in text: some StringProtocol) -> NationalIdentityNumber? {
    let bytes = Array(text.utf8)
    var i = 0
    while i < bytes.count {
      guard isDigit(bytes[i]) else {
        i += 1
        continue
      }
      var end = i
      while end < bytes.count, isDigit(bytes[end]) { end += 1 }
      let run = bytes[i..<end]
      if isPartOfDecimal(bytes, i..<end) {
        i = end
        continue
      }
      if run.count == 11, let kind = NationalIdentityNumber(digits(run)) { return kind }
      if run.count == 10, let kind = NationalIdentityNumber([0] + digits(run), relaxed: false) { return kind }
      if run.count == 6, end + 6 <= bytes.count, [0x20, 0x2d].contains(bytes[end]) {
        let rest = bytes[(end + 1)..<(end + 6)]
        let closed = end + 6 == bytes.count || !isDigit(bytes[end + 6])
        if closed, rest.allSatisfy(isDigit), let kind = NationalIdentityNumber(digits(run) + digits(rest)) {
          return kind
        }
      }
      i = end
    }
    return nil
  }

  /// True where a decimal mark with a digit beyond it stands on either side: the digits of a measurement. A fraction of zeros
  /// alone is none: programs write whole numbers so (`1019012480.0`).
  private static func isPartOfDecimal(_ bytes: [UInt8], _ run: Range<Int>) -> Bool {
    func hasFraction() -> Bool {
      guard isMark(run.upperBound) else { return false }
      return bytes[(run.upperBound + 1)...].prefix(while: isDigit).contains { $0 != 0x30 }
    }
    func isMark(_ i: Int) -> Bool { bytes.indices.contains(i) && (bytes[i] == 0x2e || bytes[i] == 0x2c) }
    func hasDigit(_ i: Int) -> Bool { bytes.indices.contains(i) && isDigit(bytes[i]) }
    return isMark(run.lowerBound - 1) && hasDigit(run.lowerBound - 2)
      || hasFraction()
  }

  /// The year is not needed: 29 February is taken to exist.
  private static func exists(day: Int, month: Int) -> Bool {
    (1...CalendarDay.length(ofMonth: month, year: 2000)).contains(day)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private static func digits(_ bytes: ArraySlice<UInt8>) -> [Int] { bytes.map { Int($0 - 0x30) } }
}
