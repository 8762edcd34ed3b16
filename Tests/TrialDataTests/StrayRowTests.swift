import ModelFormula
import Testing

@testable import TrialData

/// What stands in exports beside the table: titles, headers once more, footers and rows of nothing.
@Suite("Rows that are no data")
struct StrayRowTests {
  let directory = TemporaryDirectory()

  private func file(_ text: String) throws -> DelimitedFile {
    try DelimitedFile(bytes: Array(text.utf8), path: "a.csv")
  }

  private func refusal(_ text: String) -> String? {
    do {
      _ = try file(text).read()
      return nil
    } catch let error as DataError { return error.description } catch { return "\(error)" }
  }

  @Test(
    "a title over the table is no header",
    arguments: [
      "Uttrekk 2021\nid;kr\n1;2\n3;4\n", "Uttrekk 2021\n\nid;kr\n1;2\n", "Uttrekk\nid\tkr\n1\t2\n",
      "Uttrekk\nid,kr\n1,2\n", "Uttrekk\r\n\"id\";\"kr;øre\"\r\n1;2\r\n",
    ])
  func title(text: String) {
    #expect(refusal(text)?.hasPrefix("a.csv:1: a first line without the ") == true)
  }

  @Test(
    "a table of one column is one",
    arguments: ["kr\n1,5\n2,5\n", "navn\nx\ny;z\nw\n", "a\nb;c\n", "a\n1\n2\n"])
  func narrow(text: String) throws { #expect(try file(text).names.count == 1) }

  @Test("the header among the rows stops the run, whichever columns are asked for")
  func headerAgain() throws {
    let found =
      "a.csv:4: the header again, a row of data expected\na.csv:6: the header again, a row of data expected"
    for end in ["\n", "\r\n"] {
      let text = ["id;arm;kr", "P1;x;2", "P2;y;3", "id;arm;kr", "P3;x;4", "id;arm;kr"].joined(separator: end)
      #expect(refusal(text) == found)
      #expect(refusal(text + end) == found)
      for column in ["id", "kr"] {
        #expect(throws: DataError.self) { try file(text).read(columns: [column]) }
      }
    }
    #expect(refusal("id;arm\n1;arm\n2;id\n") == nil, "values that are called as a column is")
    #expect(refusal("arm\nx\narm\n") == nil, "a table of one column")
    let levels = "cough,bronchitis\ncough,bronchitis\nno,no\ncough,no\nno,bronchitis\n"
    #expect(refusal(levels) == nil, "levels that are called as their columns are")
  }

  @Test(
    "a last row that begins as a footer does is told",
    arguments: [
      ("P1;2\nTotalt;2\n", 3), ("P1;2\nP2;3\n\"Antall rader: 2\";\n", 4), ("P1;2\nKilde: NPR;\nP3;4\n", 3),
      ("P1;2\nI alt;2", 3), ("P1;2\n;Sum\n\n", 3),
    ])
  func footer(rows: String, line: Int) throws {
    let file = try file("id;kr\n" + rows)
    #expect(file.footers(try file.read().frame.lines ?? []).map(\.line) == [line])
  }

  @Test(
    "rows of data are none", arguments: ["P1;2\nP2;3\n", "Totalt;1\nA;2\nB;3\nC;4\n", "1;Sum\n2;x\n", ""])
  func noFooter(rows: String) throws {
    let file = try file("id;kr\n" + rows)
    #expect(file.footers(try file.read().frame.lines ?? []).isEmpty)
  }

  @Test("inspect and check tell footers and rows without a value")
  func told() throws {
    try directory.write("id;kr\nP1;2\n;\n;\nTotalt;2\n", "f.csv")
    let certificate = try ImportCertificate(path: directory.path + "/f.csv")
    #expect(certificate.strayRows.map(\.line) == [5, 3])
    #expect(
      certificate.text.contains(
        "f.csv:3: the first of 2 rows without a value, taken as rows of data [empty-row]"))
    let columns = "{name: id, type: text}, {name: kr, type: integer}"
    let codebook = try Codebook(yaml: "files: [{file: f.csv, columns: [\(columns)]}]", file: "c.yml")
    let data = try TrialDataset.load(directory: directory.path, codebook: codebook)
    #expect(data.warnings.map(\.line) == [3, 4, 5])
    #expect(data.warnings.map(\.rule) == ["empty-row", "empty-row", "footer"])
  }

  @Test(
    "numbers with something beside them",
    arguments: [
      ("12 %", true), ("kr 1 234,50", true), ("450,-", true), ("(5)", true), ("5-", true), ("–5", true),
      ("<0,5", true),
      ("75 kg", true), ("'5", true), ("12", false), ("P12", false), ("M", false), ("1-2", false),
      ("12 av 20", false),
      ("2020-01-01", false), ("", false),
    ] as [(String, Bool)])
  func decorated(text: String, expected: Bool) { #expect(DecoratedNumber.isOne(text) == expected) }

  @Test("an exponent is no group of three digits")
  func exponent() throws {
    let frame = try file("x;y\n2.7E+3;1\n7.8e+1;2\n").dataFrame()
    #expect(frame["x"] == .numeric([2700, 78]))
  }

  @Test("letters that were lost before are told with their lines")
  func damagedLetters() throws {
    let found = try file("id;by\n1;TromsÃ¸\n2;Bodø\n3;Ã…s og Ã¥s\n4;Ski\u{fffd}n\n5;Ã på\n").damagedLetters()
    #expect(
      found.map(\.description) == [
        "a.csv:2: letters that were encoded twice (Ã¸ for ø) (and on 1 more line), taken as they stand [letters]",
        "a.csv:5: letters that an earlier program lost (U+FFFD), taken as they stand [letters]",
      ])
    #expect(try file("id;by\n1;Tromsø – Ås\n").damagedLetters().isEmpty)
    #expect(try file("navn Ã¸\n1\n").damagedLetters().map(\.line) == [1])
  }

  @Test("a draft keeps characters that nobody sees")
  func invisible() throws {
    let level = "1\u{a0}2\u{200b}x"
    try directory.write(
      "id;x\n" + (0..<8).map { "\($0);\($0 % 2 == 0 ? level : "b\u{2028}")\n" }.joined(), "f.csv")
    let yaml = CodebookDraft([try ImportCertificate(path: directory.path + "/f.csv")]).yaml
    let codebook = try Codebook(yaml: yaml, file: "d.yml")
    #expect(codebook.files[0]["x"]?.levels.map(\.value) == [level, "b\u{2028}"])
    #expect(try TrialDataset.load(directory: directory.path, codebook: codebook).files[0].frame.rowCount == 8)
  }
}
