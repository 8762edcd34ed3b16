import ModelFormula
import Testing

@testable import TrialData

/// What the intake must not let through, or not decide, on files as registries and questionnaire systems write them.
@Suite("What the intake refuses")
struct IntakeRefusalTests {
  let directory = TemporaryDirectory()

  /// The problems and warnings of one file, as `LINE:COLUMN … [RULE]` without its name.
  func problems(_ csv: String, columns: String, file: String = "") throws -> [String] {
    try directory.write(csv, "f.csv")
    let codebook = try Codebook(
      yaml: "files: [{file: f.csv, \(file)columns: [\(columns)]}]", file: "c.yml")
    do {
      _ = try TrialDataset.load(directory: directory.path, codebook: codebook)
      return []
    } catch {
      return error.problems.map { String($0.description.dropFirst(directory.path.count + 7)) }
    }
  }

  @Test(
    "one value is enough",
    arguments: [
      ("tlf", "91234567", "a telephone number"),
      ("kommentar", "ring 91234567 i morgen", "a telephone number"),
      ("fdato", "010280", "exact dates of birth"), ("fodt", "01.02.80", "exact dates of birth"),
      ("birth_date", "1980-02-01", "exact dates of birth"),
      ("lat", "\"59,9139\"", "a position on the map"),
      ("sted", "59°54'50\"\"N 10°45'8\"\"Ø", "a position on the map"),
      ("fornavn", "Qwertine", "a person's name"),
      ("merknad", "Snakket med Øystein", "a person's name"),
      ("fnr", "01019012480.0", "a national identity number"),
      ("birth_date", "29983", "exact dates of birth"), ("merknad", "tlf 22334455", "a telephone number"),
      ("merknad", "snakket med kari nordmann", "a person's name"),
    ])
  func single(name: String, value: String, what: String) throws {
    let field = value.contains("\"") && !value.hasPrefix("\"") ? "\"\(value)\"" : value
    let found = try problems("id,\(name)\n1,\(field)\n", columns: "{name: id, type: id}")
    #expect(found.count == 1 && found[0].hasPrefix("2:\(name): \(what)"), "\(found)")
  }

  @Test(
    "what only looks like it passes",
    arguments: [
      ("kode", "91234567"), ("kommentar", "svarte 20200301 på alt"), ("fdato", "1980"),
      ("lat", "59.9"),
      ("by", "Oslo"), ("hours", "1019012480.5"), ("temperatur", "37°"), ("birth_weight", "29983"),
    ])
  func harmless(name: String, value: String) throws {
    #expect(try problems("id,\(name)\n1,\(value)\n", columns: "{name: id, type: id}").isEmpty)
  }

  @Test("a date that leaves open which day it is, is refused with what it may be")
  func doubtfulDates() throws {
    let columns = "{name: id, type: id}, {name: dato, type: date, date-order: dmy}"
    let found = try problems(
      "id;dato\n1;01.03.20\n2;44197\n3;44197,5\n4;010320\n5;99\n6;01.03.2020\n", columns: columns)
    #expect(
      found.map { String($0.prefix(40)) } == [
        "2:dato: a date with a year of two digits", "3:dato: a whole number like a spreadshee",
        "4:dato: a whole number like a spreadshee", "5:dato: a date with a year of two digits",
        "6:dato: a number of 2 characters, a date",
      ])
    #expect(found[1].contains("from 1900 (44197 = 2021-01-01) or from 1904 (44197 = 2025-01-02)"))
  }

  @Test("a column of mobile numbers without a word")
  func mobileNumbers() throws {
    let found = try problems(
      "id,x\n1,91234567\n2,48123456\n3,90000001\n", columns: "{name: id, type: id}")
    #expect(found.count == 1 && found[0].hasPrefix("2:x: a telephone number"))
  }

  @Test("points that may be marks of thousands stop the run where commas may be decimal ones")
  func thousands() throws {
    let columns = "{name: id, type: id}, {name: pay, type: numeric}"
    let found = try problems("id;pay\n1;1.234\n2;12.500\n", columns: columns)
    #expect(
      found.count == 1 && found[0].hasPrefix("2:pay: a point before three digits in every number"))
    #expect(try problems("id;pay\n1;1.234\n2;12.5\n", columns: columns).isEmpty)
    #expect(
      try problems("id,pay\n1,1.234\n2,12.500\n", columns: columns).isEmpty,
      "no decimal comma there")
    #expect(
      try problems("id;pay\n1;1.234\n2;12.500\n", columns: columns, file: "thousands: point, ")
        .isEmpty)
    #expect(
      try problems("id;pay\n1;1.234\n2;12.500\n", columns: columns, file: "decimal: \".\", ")
        .isEmpty)
    #expect(
      try problems("id;pay\n1;0.234\n", columns: columns).isEmpty, "a thousand has no leading zero")
  }

  @Test("the certificate shows both readings side by side, the messages none of the values")
  func sideBySide() throws {
    try directory.write("d;p\n01/02/2020;1.234\n03/04/2020;2.500\n", "a.csv")
    let certificate = try ImportCertificate(path: directory.path + "/a.csv")
    #expect(
      certificate.columns[0].alternatives == [
        "day first (dmy): 2020-02-01 to 2020-04-03", "month first (mdy): 2020-01-02 to 2020-03-04",
      ])
    #expect(
      certificate.columns[1].alternatives.map { $0.split(separator: ": ").last } == [
        "1.234 to 2.5", "1234 to 2500",
      ])
    #expect(certificate.ambiguities.map(\.column) == ["d", "p"])
    #expect(
      !certificate.ambiguities.contains {
        $0.description.contains("2020") || $0.description.contains("2500")
      })
  }

  @Test("nothing of a column that identifies persons is told, nor drafted into a codebook")
  func echo() throws {
    let number = "01019012480"
    try directory.write("fnr;navn;x\n\(number);Kari;1\n\(number);Ola;2\n", "a.csv")
    let certificate = try ImportCertificate(path: directory.path + "/a.csv")
    let text = certificate.text + CodebookDraft([certificate]).yaml
    #expect(certificate.privacy.map(\.column) == ["fnr", "navn"])
    #expect(!text.contains("1019012480") && !text.contains("Kari") && !text.contains("Ola"))
  }

  @Test(
    "a value out of a range that only warns is used as it stands; an error tells the warnings too")
  func warnings() throws {
    let yaml = """
      files:
        - file: f.csv
          columns:
            - {name: id, type: id, unique: true}
            - {name: age, type: integer, range: [18, 65], severity: warn}
            - {name: day, type: date, range: [2020-01-01, null], severity: warn}
      """
    let codebook = try Codebook(yaml: yaml, file: "c.yml")
    try directory.write("id,age,day\n1,70,2019-12-31\n2,30,2020-01-01\n", "f.csv")
    let dataset = try TrialDataset.load(directory: directory.path, codebook: codebook)
    #expect(dataset.files[0].frame["age"] == .numeric([70, 30]))
    #expect(
      dataset.files[0].frame["day"] == .date([18261, 18262]) && dataset.files[0].missing.isEmpty)
    #expect(dataset.warnings.map(\.line) == [2, 2])
    try directory.write("id,age,day\n1,70,2020-12-31\n1,30,2020-01-01\n", "f.csv")
    do {
      _ = try TrialDataset.load(directory: directory.path, codebook: codebook)
      Issue.record("took one identifier twice")
    } catch { #expect(error.problems.count == 1 && error.warnings.count == 1) }
  }

  @Test("a draft knows an identifier by its name, and makes it the key")
  func draftKey() throws {
    try directory.write("pasient_id;x\n11;1\n12;1\n13;2\n", "a.csv")
    let yaml = CodebookDraft([try ImportCertificate(path: directory.path + "/a.csv")]).yaml
    let file = try #require(Codebook(yaml: yaml, file: "d.yml").files.first)
    #expect(
      file.key == ["pasient_id"] && file["pasient_id"]?.type == .id
        && file["pasient_id"]?.isUnique == true)
  }
}
