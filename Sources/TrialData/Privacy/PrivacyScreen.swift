import ModelFormula

/// What may give a person away.
public enum IdentifyingContent: String, Sendable, Equatable, CaseIterable {
  case identityNumber = "identity-number"
  case email
  case phone
  case name
  case birthDate = "birth-date"
  case position
  case freeText = "free-text"

  /// What was found, for messages.
  var found: String {
    switch self {
    case .identityNumber: "a national identity number"
    case .email: "an e-mail address"
    case .phone: "a telephone number"
    case .name: "a person's name"
    case .birthDate: "exact dates of birth"
    case .position: "a position on the map"
    case .freeText: "free text that differs from row to row"
    }
  }

  /// What should be there instead.
  var expected: String {
    switch self {
    case .identityNumber, .email, .phone, .name: "no direct identifier expected"
    case .birthDate: "a year of birth or an age expected"
    case .position: "a region expected"
    case .freeText: "coded answers expected"
    }
  }

  /// True where no codebook can allow it.
  public var isNeverAllowed: Bool { self == .identityNumber || self == .email }
}

/// Looks through every column of a file, declared or not, for what identifies a person, and never repeats what it finds.
struct PrivacyScreen {
  /// Something found.
  struct Finding: Equatable {
    var content: IdentifyingContent
    var column: String
    /// The first line it is on.
    var line: Int
    /// How many rows hold it.
    var rows: Int
  }

  /// A column of texts to look through.
  struct Subject {
    var name: String
    var codes: [Int32]
    var texts: [String]
    /// What the codebook says the values are; nil for a column it does not declare.
    var type: CodebookColumn.ValueType?
    var allowed: Set<IdentifyingContent>
  }

  let lines: [Int]

  /// What a column holds, in the order of the kinds.
  func findings(in subject: Subject) -> [Finding] {
    var perText: [IdentifyingContent: [Bool]] = [:]
    for (content, test) in tests(subject) {
      let hits = subject.texts.map(test)
      if hits.contains(true) { perText[content] = hits }
    }
    if isBirthDates(subject) {
      perText[.birthDate] = subject.texts.map(Self.isBirthDate)
    } else if isBirthDayCounts(subject) {
      perText[.birthDate] = subject.texts.map { Self.spreadsheetBirthDay($0) }
    }
    if isUniqueFreeText(subject) { perText[.freeText] = subject.texts.map { !$0.isEmpty } }
    return IdentifyingContent.allCases.compactMap { content in
      guard let hits = perText[content], content.isNeverAllowed || !subject.allowed.contains(content),
        let first = subject.codes.firstIndex(where: { hits[Int($0)] })
      else { return nil }
      return Finding(
        content: content, column: subject.name, line: lines[first],
        rows: subject.codes.count { hits[Int($0)] })
    }
  }

  private func tests(_ subject: Subject) -> [(IdentifyingContent, (String) -> Bool)] {
    var tests: [(IdentifyingContent, (String) -> Bool)] = [
      (.identityNumber, { NationalIdentityNumber.found(in: $0) != nil }),
      (.email, ContactDetails.hasEmail), (.position, ContactDetails.isPosition),
    ]
    let name = subject.name.lowercased()
    if Self.positionNames.contains(where: { name == $0 || name.hasSuffix("_" + $0) }) {
      tests.append((.position, ContactDetails.isCoordinate))
    }
    if Self.phoneNames.contains(where: name.contains) {
      tests.append(
        (
          .phone,
          {
            ContactDetails.hasPhone($0)
              || ($0.utf8.count == 8 && DecimalNumber.parse($0, mark: .point) != nil)
          }
        ))
    } else if subject.type == nil || subject.type == .text || subject.type == .id {
      let areMobile = isMobileNumbers(subject)
      tests.append((.phone, { ContactDetails.hasPhone($0) || (areMobile && !$0.isEmpty) }))
      tests.append((.birthDate, Self.tellsBirthDate))
    }
    if Self.personNames.contains(name) {
      tests.append((.name, PersonNames.looksLikeName))
    } else if subject.type == nil || subject.type == .text || subject.type == .id {
      tests.append((.name, PersonNames.areIn))
    }
    return tests
  }

  private static let positionNames = [
    "lat", "lon", "lng", "long", "latitude", "longitude", "breddegrad", "lengdegrad", "gps",
  ]
  /// Columns by whose name alone any capitalised word is a person's name.
  private static let personNames: Set<String> = [
    "navn", "name", "fornavn", "etternavn", "mellomnavn", "pasientnavn", "pasient_navn", "deltakernavn",
    "firstname",
    "first_name", "given_name", "lastname", "last_name", "surname", "family_name", "fullname", "full_name",
    "patient_name", "participant_name",
  ]
  private static let phoneNames = ["phone", "telefon", "mobil", "tlf"]
  private static let birthNames = [
    "birth", "født", "fødsel", "foedt", "foedsel", "fodt", "fodsel", "dob", "born", "fdato", "f_dato",
  ]

  /// True where every value is eight digits as Norwegian mobile numbers have them: numbers of one's own making seldom are.
  private func isMobileNumbers(_ subject: Subject) -> Bool {
    let present = subject.texts.filter { !$0.isEmpty && $0 != "NA" }
    return present.count >= 3 && present.allSatisfy(ContactDetails.isMobileNumber)
  }

  /// Full dates in a column named after birth, or dates that lie as far apart and as long ago as births do.
  private func isBirthDates(_ subject: Subject) -> Bool {
    let name = subject.name.lowercased()
    if Self.birthNames.contains(where: name.contains), subject.texts.contains(where: Self.isBirthDate) {
      return true
    }
    let days = subject.texts.compactMap { DateText.day($0, order: .dmy) ?? DateText.day($0, order: .mdy) }
      .sorted()
    let present = subject.texts.count { !$0.isEmpty && $0 != "NA" }
    guard days.count >= 3, days.count * 10 >= present * 9 else { return false }
    // The fifth and the ninety-fifth hundredth, so that one date mistyped decides nothing.
    let low = days[days.count / 20]
    let high = days[days.count - 1 - days.count / 20]
    return days.count >= 20 && high - low > 15 * 365
      && days[days.count / 2] < CalendarDay(year: 2000, month: 1, day: 1)!.number
  }

  /// Spreadsheet's day counts in a column that is called a date of birth.
  private func isBirthDayCounts(_ subject: Subject) -> Bool {
    let name = subject.name.lowercased()
    guard Self.birthNames.contains(where: name.contains),
      DoubtfulDate.says(name) || ["dob", "born", "fdato", "f_dato", "født", "fodt"].contains(name)
    else { return false }
    let present = subject.texts.filter { !MissingTexts([]).contains($0) }
    return !present.isEmpty && present.allSatisfy(Self.spreadsheetBirthDay)
  }

  /// A whole number that counts the days from 1900 or 1904 to a birth.
  private static func spreadsheetBirthDay(_ text: String) -> Bool {
    DecimalNumber.parseEither(text).map { (5000...60_000).contains($0) } ?? false
  }

  /// A date, or six digits that are one with a year of two (`010280`, `01.02.80`).
  private static func isBirthDate(_ text: String) -> Bool {
    if DateText.parts(text) != nil { return true }
    let digits = text.utf8.filter { $0 &- 0x30 < 10 }.map { Int($0 - 0x30) }
    guard digits.count == 6,
      text.utf8.allSatisfy({ $0 &- 0x30 < 10 || $0 == 0x2e || $0 == 0x2f || $0 == 0x2d })
    else { return false }
    return (1...31).contains(digits[0] * 10 + digits[1]) && (1...12).contains(digits[2] * 10 + digits[3])
  }

  /// True where a date stands behind a word for birth (`født 1.2.1980`, `f. 01.02.80`, `born on 1980-02-01`).
  private static func tellsBirthDate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isDigit(_ i: Int) -> Bool { i >= 0 && i < bytes.count && bytes[i] &- 0x30 < 10 }
    func isMark(_ i: Int) -> Bool { i >= 0 && i < bytes.count && [0x2d, 0x2e, 0x2f].contains(bytes[i]) }
    var i = 0
    while i < bytes.count {
      guard isDigit(i) else {
        i += 1
        continue
      }
      var end = i
      while isDigit(end) || isMark(end) && isDigit(end + 1) { end += 1 }
      // The words first: they are rare where dates are many.
      if (6...10).contains(end - i), followsBirthWord(bytes, i),
        isBirthDate(String(decoding: bytes[i..<end], as: UTF8.self))
      {
        return true
      }
      i = end
    }
    return false
  }

  /// True where one of the two words before a place is one for birth.
  private static func followsBirthWord(_ bytes: [UInt8], _ place: Int) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte >= 0x80 }
    var end = place
    for _ in 0..<2 {
      let furthest = max(0, end - 3)
      while end > furthest, !isLetter(bytes[end - 1]), bytes[end - 1] &- 0x30 >= 10 { end -= 1 }
      var start = end
      while start > max(0, end - 16), isLetter(bytes[start - 1]) { start -= 1 }
      if start == end { return false }
      if birthWords.contains(String(decoding: bytes[start..<end], as: UTF8.self).lowercased()) { return true }
      end = start
    }
    return false
  }

  private static let birthWords: Set<String> = [
    "f", "født", "fødd", "fødselsdato", "fødselsdag", "foedt", "fodt", "born", "birth", "birthday",
    "birthdate", "dob",
  ]

  /// Sentences, nearly every one another.
  private func isUniqueFreeText(_ subject: Subject) -> Bool {
    guard subject.type == nil || subject.type == .text else { return false }
    let sentences = subject.texts.indices.filter { i in
      subject.texts[i].utf8.count >= 20 && subject.texts[i].utf8.count(where: { $0 == 0x20 }) >= 3
    }
    guard sentences.count >= 5 else { return false }
    let isSentence = Set(sentences.map(Int32.init))
    let rows = subject.codes.count { isSentence.contains($0) }
    let present = subject.codes.count { !subject.texts[Int($0)].isEmpty }
    return rows * 2 > present && sentences.count * 10 >= rows * 8
  }
}

extension PrivacyScreen.Finding {
  func problem(in path: String) -> DataProblem {
    let more = rows > 1 ? " (and in \(rows - 1) more \(rows == 2 ? "row" : "rows"))" : ""
    return DataProblem(
      file: path, line: line, column: column, found: content.found + more, expected: content.expected,
      rule: "privacy")
  }
}
