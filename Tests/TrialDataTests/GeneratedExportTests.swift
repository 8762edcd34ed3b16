import ModelFormula
import Testing

@testable import TrialData

@Suite("Generated Norwegian exports: read exactly, or refused")
struct GeneratedExportTests {
  /// What a reading differs in from what was written; nil where it agrees.
  private func misread(_ export: GeneratedExport, _ frame: DataFrame) -> String? {
    if frame.names != export.columns.map(\.name) { return "columns \(frame.names)" }
    if frame.lines != export.lines { return "lines \(frame.lines ?? []) instead of \(export.lines)" }
    for (name, cells) in export.columns {
      let found = texts(frame[name]!)
      let wanted: [String?] =
        switch cells {
        case .numbers(let values): values.map { $0.map(NumberWriter.text) }
        case .texts(let values): values
        }
      for (row, pair) in zip(found, wanted).enumerated() where pair.0 != pair.1 {
        return "\(name), row \(row): \(pair.0 ?? "nothing") instead of \(pair.1 ?? "nothing")"
      }
      if case .numbers(let values) = cells, values.contains(where: { $0 != nil }) {
        guard case .numeric? = frame[name] else { return "\(name) is no column of numbers" }
      }
      if case .texts(let values) = cells, values.contains(where: { $0 != nil }) {
        guard case .categorical? = frame[name] else { return "\(name) is no column of texts" }
      }
    }
    return nil
  }

  private func texts(_ column: Column) -> [String?] {
    switch column {
    case .numeric(let values): values.map { $0.isNaN ? nil : NumberWriter.text($0) }
    case .categorical(let codes, let levels): codes.map { $0 < 0 ? nil : levels[Int($0)] }
    default: []
    }
  }

  @Test("400 exports of every encoding, delimiter, mark, line end and way of quoting are read exactly")
  func whole() throws {
    for seed in UInt64(0)..<400 {
      let export = GeneratedExport(seed: seed)
      do {
        let frame = try DelimitedFile(bytes: export.bytes, path: "a.csv", options: export.options).dataFrame()
        #expect(misread(export, frame) == nil, "\(export.summary)")
      } catch {
        Issue.record("\(export.summary): refused: \(error)")
      }
    }
  }

  /// Breaks one thing in an export; the reader must refuse it with the words given.
  private static let breaks: [(name: String, words: [String], change: @Sendable (String) -> [UInt8])] = [
    ("a field too many", [":3:", "fields, "], { edit($0, line: 3) { $0 + ";1" } }),
    (
      "a field too few", [":3:", "expected, as in the header"],
      { edit($0, line: 3) { String($0[..<$0.lastIndex(of: ";")!]) } }
    ),
    ("a NUL byte", [":4:", "a NUL byte"], { edit($0, line: 4) { "\0" + $0 } }),
    (
      "a quotation mark inside a field", [":2:", "quotation mark inside"],
      { edit($0, line: 2) { "x\"" + $0 } }
    ),
    ("a field that is never closed", ["never closed"], { edit($0, line: 2) { "\"" + $0 } }),
    ("text after a closing mark", [":3:", "after the closing"], { edit($0, line: 3) { "\"a\"" + $0 } }),
    ("a lone carriage return", [":5:", "carriage return"], { edit($0, line: 5) { "1\r" + $0 } }),
    ("a name twice", [":1:", "the name of column 1 again"], { edit($0, line: 1) { _ in "id;id;kr;by" } }),
    ("a column without a name", [":1:", "an empty column name"], { edit($0, line: 1) { _ in "id;;kr;by" } }),
    ("nothing", ["an empty file"], { _ in [] }),
    ("only a byte order mark", ["an empty file"], { _ in [0xef, 0xbb, 0xbf] }),
    (
      "half a UTF-16 character", ["half a UTF-16"],
      { [0xff, 0xfe] + GeneratedExport.encode($0, .utf16Little) + [0x41] }
    ),
    (
      "rows of one byte a character behind UTF-16", ["two encodings"],
      {
        GeneratedExport.encode($0, .utf16LittleMarked)
          + Array("98;03.03.2020;7,5;x\n99;04.03.2020;8,5;y\n".utf8)
      }
    ),
    (
      "two encodings", ["two encodings"],
      { Array($0.utf8) + [0x33, 0x3b, 0xe6, 0x3b, 0x31, 0x3b, 0x31, 0x0a] }
    ),
    (
      "a DOS code page", ["DOS 865"],
      { $0.unicodeScalars.map { $0 == "ø" ? 0x9b : $0 == "å" ? 0x86 : UInt8($0.value) } }
    ),
    (
      "a Macintosh code page", ["Macintosh Roman"],
      { $0.unicodeScalars.map { $0 == "ø" ? 0xbf : $0 == "å" ? 0x8c : UInt8($0.value) } }
    ),
    (
      "thousands or decimals", ["thousands mark", "decimal"], { _ in Array("id;kr\n1;1,250\n2;3,141\n".utf8) }
    ),
    (
      "thousands or decimals by points", ["thousands mark", "decimal point"],
      { _ in Array("id;kr\n1;1.250\n2;3.141\n".utf8) }
    ),
    (
      "two decimal marks in two columns", ["decimal commas here and decimal points"],
      { _ in Array("a;b\n1,5;1.5\n2,5;2.5\n".utf8) }
    ),
    (
      "two decimal marks in one column", ["decimal comma", "decimal point"],
      { _ in Array("a;b\n1,5;x\n2.5;y\n".utf8) }
    ),
    ("two delimiters that fit", ["several delimiters"], { _ in Array("a,b;c,d\n1,2;3,4\n5,6;7,8\n".utf8) }),
  ]

  private static func edit(_ text: String, line: Int, _ change: (String) -> String) -> [UInt8] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[line - 1] = change(lines[line - 1])
    return Array(lines.joined(separator: "\n").utf8)
  }

  @Test("what is broken is refused with its line, whatever the rest", arguments: breaks.indices)
  func broken(_ index: Int) {
    let (name, words, change) = Self.breaks[index]
    for seed in UInt64(0)..<8 {
      var lottery = Lottery(seed)
      var text = "id;dato;kr;by\n"
      for row in 1...(5 + lottery.below(30)) {
        text += "\(row);0\(1 + lottery.below(9)).03.2020;\(lottery.below(900)),5;Tromsø på\n"
      }
      do {
        let file = try DelimitedFile(bytes: change(text), path: "a.csv")
        _ = try file.dataFrame()
        Issue.record("\(name), seed \(seed): read")
      } catch {
        for word in words {
          #expect(error.description.contains(word), "\(name), seed \(seed): \(error.description)")
        }
        #expect(!error.description.contains("Tromsø"), "a value was shown")
      }
    }
  }

  @Test("a field of 10 MB, quoted or not, comes out as it went in")
  func longField() throws {
    let long = String(repeating: "blåbær;", count: 1_250_000)
    let plain = String(repeating: "x", count: 10_000_000)
    let text = "id;tekst;tall\n1;\"\(long)\n\";1,5\n2;\(plain);2,5\n"
    let frame = try DelimitedFile(bytes: Array(text.utf8), path: "a.csv").dataFrame()
    #expect(texts(frame["tekst"]!) == [long + "\n", plain])
    #expect(frame["tall"] == .numeric([1.5, 2.5]) && frame.lines == [2, 4])
  }

  @Test("identifiers with leading zeros stay texts, since 0301 is no 301")
  func leadingZeros() throws {
    for text in ["kommune;n\n0301;1\n1103;2\n", "kommune;n\n1103;1\n0301;2\n"] {
      let reading = try DelimitedFile(bytes: Array(text.utf8), path: "a.csv").read()
      #expect(texts(reading.frame["kommune"]!).sorted { $0! < $1! } == ["0301", "1103"])
      #expect(reading.warnings.contains { $0.column == "kommune" && $0.found.contains("leading zero") })
      #expect(reading.frame["n"] == .numeric([1, 2]))
    }
    let long = try DelimitedFile(bytes: Array("id;n\n9007199254740993;1\n".utf8), path: "a.csv").read()
    #expect(texts(long.frame["id"]!) == ["9007199254740993"] && long.warnings.count == 1)
    let decimals = try DelimitedFile(bytes: Array("a;b\n0;0.5\n-0.25;00.5\n".utf8), path: "a.csv").dataFrame()
    #expect(decimals["a"] == .numeric([0, -0.25]))
  }

  @Test("a table of one column keeps its empty rows, and a header alone is a table without rows")
  func narrow() throws {
    let one = try DelimitedFile(bytes: Array("a\n1\n\n3\n\n".utf8), path: "a.csv").dataFrame()
    guard case .numeric(let values)? = one["a"] else {
      Issue.record("no numbers")
      return
    }
    #expect(values[0] == 1 && values[1].isNaN && values[2] == 3 && one.rowCount == 3)
    for text in ["a;b", "a;b\n", "a;b\r\n\r\n"] {
      #expect(try DelimitedFile(bytes: Array(text.utf8), path: "a.csv").dataFrame().rowCount == 0)
    }
  }
}
