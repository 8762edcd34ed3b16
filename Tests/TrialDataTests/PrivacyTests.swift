import Testing

@testable import TrialData

@Suite("National identity numbers")
struct NationalIdentityNumberTests {
  /// Eleven digits whose control digits make the two weighted sums leave `first` and 0; nil where no digit does.
  private func number(_ nine: String, first: Int = 0) -> [Int]? {
    let digits = nine.compactMap(\.wholeNumberValue)
    let k1 = (0...9).first { k in
      zip([3, 7, 6, 1, 8, 9, 4, 5, 2], digits).reduce(k) { $0 + $1.0 * $1.1 } % 11 == first
    }
    guard let k1 else { return nil }
    let k2 = (0...9).first { k in
      zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], digits + [k1]).reduce(k) { $0 + $1.0 * $1.1 } % 11 == 0
    }
    return k2.map { digits + [k1, $0] }
  }

  @Test(
    "the kinds by their dates",
    arguments: [
      ("010190125", NationalIdentityNumber.birthNumber), ("410190123", .dNumber), ("014190123", .hNumber),
      ("018190124", .hNumber), ("290200456", .birthNumber), ("812345678", .sharedHelpNumber),
    ])
  func kinds(nine: String, kind: NationalIdentityNumber) throws {
    let digits = try #require(number(nine))
    #expect(NationalIdentityNumber(digits) == kind)
    let text = digits.map(String.init).joined()
    #expect(NationalIdentityNumber.found(in: "pas. \(text), ny") == kind)
    #expect(NationalIdentityNumber.found(in: "\(text.prefix(6)) \(text.suffix(5))") == kind)
    #expect(NationalIdentityNumber.found(in: "1\(text)") == nil, "twelve digits")
    var wrong = digits
    wrong[10] = (wrong[10] + 1) % 10
    #expect(NationalIdentityNumber(wrong) == nil)
  }

  @Test("the first control digit of the scheme of 2032 may leave up to 3")
  func scheme2032() throws {
    for first in 0...10 {
      guard let digits = number("150585321", first: first) else { continue }
      #expect((NationalIdentityNumber(digits) != nil) == (first <= 3))
      #expect((NationalIdentityNumber(digits, relaxed: false) != nil) == (first == 0))
    }
  }

  @Test("dates that do not exist are none", arguments: ["320190123", "300290123", "011390123", "001290123"])
  func impossible(nine: String) {
    if let digits = number(nine) { #expect(NationalIdentityNumber(digits) == nil) }
  }

  @Test("a leading zero that a spreadsheet dropped")
  func droppedZero() throws {
    let digits = try #require(number("010190125"))
    #expect(NationalIdentityNumber.found(in: digits.dropFirst().map(String.init).joined()) == .birthNumber)
  }
}

@Suite("Contact details and names")
struct ContactTests {
  @Test(
    "e-mail addresses",
    arguments: [
      ("a@b.no", true), ("skriv til ola.nordmann@ous-hf.no i dag", true), ("@b.no", false), ("a@b", false),
      ("50 @ 2.5", false),
      ("a@b.n", false),
    ] as [(String, Bool)])
  func email(text: String, found: Bool) { #expect(ContactDetails.hasEmail(text) == found) }

  @Test(
    "telephone numbers",
    arguments: [
      ("+47 912 34 567", true), ("+4791234567", true), ("004791234567", true), ("ring 912 34 567", true),
      ("22 33 44 55", true), ("91234567", false), ("20200301", false), ("2020-03-01", false),
      ("12 34", false),
      ("1 000 000", false), ("100 20 300 400", false), ("37.0060424804688", false),
      ("0,0012345678", false), ("mean 4.91234567 points", false),
      ("tlf 22334455", true), ("Tlf.nr.: 2233 4455", true), ("mob. 223 34 455", true),
      ("telefon er 22.33.44.55", true),
      ("ring på 22334455", true), ("tlf 4722334455", true), ("tel. 0047 22 33 44 55", true),
      ("tlf(jobb) 55443322", true),
      ("tlf.\u{a0}22\u{a0}33\u{a0}44\u{a0}55", true), ("tel 2 av 8 spørsmål", false),
      ("ringte 3 ganger i uke 12", false),
      ("ring 22.03.2020", false), ("tlf 20200301", false), ("mobilen kostet 12 000 000", false),
      ("skrev 22334455", false), ("20-09-28 00:00:00", false), ("22-33-44-55", true),
    ] as [(String, Bool)])
  func phone(text: String, found: Bool) { #expect(ContactDetails.hasPhone(text) == found) }

  @Test(
    "positions",
    arguments: [
      ("59.9139, 10.7522", true), ("59.9139;10.7522", true), ("59.9, 10.7", false), ("1.2345", false),
      ("100.1234 10.1234", false),
    ] as [(String, Bool)])
  func position(text: String, found: Bool) { #expect(ContactDetails.isPosition(text) == found) }

  @Test(
    "names",
    arguments: [
      ("Snakket med Kari i dag", true), ("Fastlege: T. Hansen", true), ("Anne-Marie ringte", true),
      ("berg og dal", false),
      ("Jobb i butikk på berg", false), ("Oslo", false), ("ingen", false),
      ("snakket med kari nordmann", true), ("ola nordmann møtte", true), ("med åse i dag", true),
      ("per hansen ringte", true),
      ("tone dahl kom", true), ("fastlege hansen sa ja", true), ("Dr Hansen", true), ("sønnen mathias", true),
      ("Ha\u{30a}kon ringte", true), ("mor anne-marie", true), ("tre timer per dag", false),
      ("fin tone på jobb", false),
      ("hans mor og hans far", false), ("jan 2020 til mai", false), ("st. olavs hospital", false),
      ("innlagt på St. Olav", false), ("møte på NAV Strand", false), ("kari", false),
      ("en nordmann på berg", false),
      ("finn jobb på finn", false), ("per berg og dal", false),
    ] as [(String, Bool)])
  func names(text: String, found: Bool) { #expect(PersonNames.areIn(text) == found) }
}

@Suite("The privacy screen")
struct PrivacyScreenTests {
  let directory = TemporaryDirectory()

  func load(_ csv: String, columns: String = "{name: id, type: id}") throws -> [String] {
    try directory.write(csv, "p.csv")
    let yaml = "files: [{file: p.csv, columns: [\(columns)]}]"
    do {
      _ = try TrialDataset.load(directory: directory.path, codebook: Codebook(yaml: yaml, file: "c.yml"))
      return []
    } catch {
      return error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) }
    }
  }

  @Test("columns that nobody declared are screened too, and nothing found is repeated")
  func undeclared() throws {
    let found = try load("id,comment\n1,fine\n2,mail ola@b.no\n3,x@y.com\n")
    #expect(
      found == [
        "p.csv:3:comment: an e-mail address (and in 1 more row), no direct identifier expected [privacy]"
      ])
  }

  @Test("dates of birth by the column's name or by how far apart they lie")
  func birth() throws {
    let named = "id,birth_date\n1,1980-01-02\n2,1985-01-02\n3,1990-05-06\n"
    #expect(try load(named).first?.contains("exact dates of birth") == true)
    let spread = "id,x\n" + (0..<30).map { "\($0),\(1950 + $0)-0\(1 + $0 % 9)-12" }.joined(separator: "\n")
    #expect(try load(spread).first?.contains("exact dates of birth") == true)
    let inclusion =
      "id,included\n" + (0..<30).map { "\($0),202\($0 % 3)-0\(1 + $0 % 9)-12" }.joined(separator: "\n")
    #expect(try load(inclusion).isEmpty)
    #expect(
      try load(named, columns: "{name: id, type: id}, {name: birth_date, type: date, allow: [birth-date]}")
        .isEmpty)
  }

  @Test(
    "dates of birth among words",
    arguments: [
      ("f. 15.07.1985", true), ("pas. født den 1.7.1985, bor hjemme", true), ("f.15.07.85", true),
      ("(born: 1985-07-15)", true), ("fdt 1985", false), ("sluttet 15.07.2021", false), ("f 101", false),
    ] as [(String, Bool)])
  func birthInText(text: String, found: Bool) throws {
    let problems = try load("id,note\n1,kom\n2,\"\(text)\"\n3,kom\n")
    #expect(problems.map { $0.contains("p.csv:3:note: exact dates of birth") } == (found ? [true] : []))
  }

  @Test("free text that differs from row to row, but not coded answers")
  func freeText() throws {
    let free =
      "id,note\n" + (0..<8).map { "\($0),deltok for gang nummer \($0) i uka" }.joined(separator: "\n")
    #expect(try load(free).first?.contains("free text") == true)
    let coded =
      "id,note\n" + (0..<20).map { "\($0),svarte helt enig på spørsmål \($0 % 2)" }.joined(separator: "\n")
    #expect(try load(coded).isEmpty)
    let declared = "{name: id, type: id}, {name: note, type: text, allow: [free-text]}"
    #expect(try load(free, columns: declared).isEmpty)
  }

  @Test("what is never allowed cannot be allowed")
  func never() {
    #expect(!faults("files: [{file: a.csv, columns: [{name: a, type: text, allow: [email]}]}]").isEmpty)
  }
}
