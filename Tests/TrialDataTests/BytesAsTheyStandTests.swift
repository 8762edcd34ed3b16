import ModelFormula
import Testing

@testable import TrialData

@Suite("Identifiers as words")
struct TextKeyTests {
  private let texts = [
    "1", "01", "1", "", "0", "00", "12a", "999999999", "0999999999", "123456789012345678",
    "1234567890123456789",
    "P-000001", "P-000002", "P-000001", "a;b", "say \"a\"", "-5", " 1", "æøå", "\u{1F600}", "1.0", "1234567",
    "12345678",
  ]

  /// The texts as the ids of a file, every second one in quotation marks where `quoting`.
  private func column(quoting: Bool, threads: Int = 1) throws -> KeyedTexts {
    var text = "id;x\n"
    for (i, id) in texts.enumerated() {
      let needsQuotes = id.contains(";") || id.contains("\"")
      let quoted =
        "\"" + id.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
      text += (needsQuotes || (quoting && i % 2 == 0) ? quoted : id) + ";1\n"
    }
    let file = try DelimitedFile(
      bytes: Array(text.utf8), path: "t.csv", options: ReadingOptions(delimiter: .semicolon))
    return try TableScan.run(file, [ColumnRequest(position: 0, kind: .key)], threads: threads).columns[0].keys
  }

  @Test("words are equal just where the texts are, and give them back", arguments: [false, true])
  func words(quoting: Bool) throws {
    for threads in [1, 3] {
      let column = try column(quoting: quoting, threads: threads)
      #expect(texts.indices.map(column.text(at:)) == texts)
      for i in texts.indices {
        for j in texts.indices { #expect((column.keys[i] == column.keys[j]) == (texts[i] == texts[j])) }
      }
      #expect(column.missingRows() == [3])
    }
  }

  @Test("plain files take words straight from the bytes as others do")
  func plain() throws {
    let ids = texts.filter { !$0.contains(";") && !$0.contains("\"") && !$0.isEmpty }
    let bytes = Array(("id,x\r\n" + ids.map { "\($0),1" }.joined(separator: "\r\n")).utf8)
    let file = try DelimitedFile(bytes: bytes, path: "t.csv")
    let column = try TableScan.run(file, [ColumnRequest(position: 0, kind: .key)]).columns[0].keys
    #expect(ids.indices.map(column.text(at:)) == ids)
    let other = try self.column(quoting: false)
    let index = KeyIndex(other.keys)
    let rows = index.rows(of: column.keys(in: other, absent: .max))
    #expect(rows.map { texts[Int($0)] } == ids)
  }

  @Test("a text of no other file has no row, whether ids are numbers in a row or not")
  func absent() throws {
    func column(_ ids: [String]) throws -> KeyedTexts {
      let file = try DelimitedFile(bytes: Array(("id\n" + ids.joined(separator: "\n")).utf8), path: "t.csv")
      return try TableScan.run(file, [ColumnRequest(position: 0, kind: .key)]).columns[0].keys
    }
    let asked = try column(["7", "5", "4", "11", "participant 7", "participant 8", "p", "90000000000"])
    let near = try column(["5", "6", "7"])
    #expect(
      KeyIndex(near.keys).rows(of: asked.keys(in: near, absent: .max)) == [2, 0, -1, -1, -1, -1, -1, -1])
    let mixed = try column(["p", "participant 8", "90000000000", "4", "44000000000000"])
    #expect(
      KeyIndex(mixed.keys).rows(of: asked.keys(in: mixed, absent: .max)) == [-1, -1, 3, -1, -1, 1, 0, 2])
    var repeated: [Int] = []
    _ = KeyIndex(try column(["b", "a", "b", "b"]).keys) { row, earlier in repeated += [row, earlier] }
    #expect(repeated == [2, 0, 3, 0])
  }
}

@Suite("Numbers straight from the bytes")
struct PlainNumberTests {
  @Test("short numbers read as long ones do, with a tail behind them or at the end of the file")
  func numbers() throws {
    let texts = [
      "0", "-0", "7", "-7", "0.5", "-0.5", ".5", "-.5", "5.", "1234567", "12345678", "123456789",
      "-1234567.1234567",
      "1.12345678", "12345678.5", "0.1", "3.14159", "99.99", "1e3", "-1.5e-3", "123456789012345678",
      "9007199254740993",
      "0.30000000000000004", "+4", " 8 ",
    ]
    for text in texts {
      for tail in ["", "\n", ",end of a line that is long enough\n"] {
        let header = tail.hasPrefix(",") ? "x,y\n" : "x\n"
        let file = try DelimitedFile(
          bytes: Array((header + text + tail).utf8), path: "t.csv", options: ReadingOptions(delimiter: .comma)
        )
        let scan = try TableScan.run(file, [ColumnRequest(position: 0, kind: .number)])
        guard case .numbers(let values, let traits) = scan.columns[0] else {
          throw DelimitedGrammarTests.Failure()
        }
        let trimmed = text.filter { $0 != " " }
        #expect(
          values.map(\.bitPattern) == [Double(trimmed == "5." ? "5.0" : trimmed)!.bitPattern], "\(text)")
        #expect(!traits.contains(.failed) && traits.contains(.hasMark) == text.contains("."))
      }
    }
  }

  @Test(
    "what is no number is none, and identifiers are told apart",
    arguments: ["1.2.3", "-", ".", "1-2", "12a", "1,5"])
  func others(text: String) throws {
    let bytes = Array("x;y\n\(text);a line that is long enough to be read by words\n07;2\n".utf8)
    let file = try DelimitedFile(bytes: bytes, path: "t.csv", options: ReadingOptions(delimiter: .semicolon))
    guard
      case .numbers(let values, let traits) = try TableScan.run(
        file, [ColumnRequest(position: 0, kind: .number)]
      ).columns[0]
    else { throw DelimitedGrammarTests.Failure() }
    #expect(values[0].isNaN && values[1] == 7 && traits.contains(.failed) && traits.contains(.isIdentifier))
  }
}
