import Glibc
import ModelFormula
import Testing

@testable import TrialData

/// Damages bytes as transfers, editors and programs do: bits flip, pieces go missing, come twice or change places, and marks turn
/// up where none belongs.
struct Mutator {
  private var lottery: Lottery
  private let tokens: [[UInt8]]

  init(seed: UInt64, tokens: [String]) {
    lottery = Lottery(seed)
    self.tokens =
      tokens.map { Array($0.utf8) } + [[0], [0xff, 0xfe], [0xef, 0xbb, 0xbf], [0xc3], [0x9b], [0x80]]
  }

  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...lottery.below(6) {
      let at = lottery.below(bytes.count + 1)
      let end = min(bytes.count, at + lottery.below(40))
      switch lottery.below(7) {
      case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8(lottery.below(8))
      case 1 where at < bytes.count: bytes[at] = UInt8(lottery.below(256))
      case 2: bytes.removeSubrange(at..<end)
      case 3: bytes.insert(contentsOf: bytes[at..<end], at: lottery.below(bytes.count + 1))
      case 4: bytes.removeSubrange(end...)
      default: bytes.insert(contentsOf: lottery.pick(tokens), at: at)
      }
    }
    return bytes
  }
}

@Suite("Damaged input is read or refused, and never stops the program")
struct FuzzTests {
  /// How long each target runs beyond its fixed number of inputs, in seconds; set by `scripts/fuzz`.
  static let seconds = getenv("HEKTA_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 0
  static let firstSeed = getenv("HEKTA_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

  /// Calls a body for a fixed number of seeds, then until the time is up.
  private func run(_ fixed: Int, _ body: (UInt64) throws -> Void) rethrows {
    let start = time(nil)
    var done = 0
    while done < fixed || Double(time(nil) - start) < Self.seconds {
      try body(Self.firstSeed &+ UInt64(done))
      done += 1
    }
    if Self.seconds > 0 { print("\(done) inputs") }
  }

  @Test("exports: one thread and four find the same rows, texts and faults")
  func exports() throws {
    let tokens = [
      "\"", "\"\"", ";", ",", "\t", "\n", "\r", "\r\n", "NA", "-", "1,5", "1.5", "0301", "01.02.2020",
      "sep=;\n", " ",
    ]
    run(1500) { seed in
      let export = GeneratedExport(seed: seed % 400)
      var mutator = Mutator(seed: seed, tokens: tokens)
      let bytes = mutator.mutate(export.bytes)
      guard let file = try? DelimitedFile(bytes: bytes, path: "a.csv", options: export.options) else {
        return
      }
      let requests = file.names.indices.map { ColumnRequest(position: $0, kind: .text) }
      let one = Result { try TableScan.run(file, requests, threads: 1) }
      let four = Result { try TableScan.run(file, requests, threads: 4) }
      switch (one, four) {
      case (.success(let a), .success(let b)):
        #expect(a.lines == b.lines, "seed \(seed)")
        for (x, y) in zip(a.columns, b.columns) { #expect(texts(x) == texts(y), "seed \(seed)") }
        for (position, column) in a.columns.enumerated() {
          let texts = texts(column)
          expectTaken(texts, as: .key, from: file, position, "seed \(seed)")
          expectTaken(texts, as: .number, from: file, position, "seed \(seed)")
          expectTaken(texts, as: .day, from: file, position, "seed \(seed)")
        }
        if let frame = try? file.dataFrame() { #expect(frame.rowCount == a.lines.count, "seed \(seed)") }
      case (.failure(let a), .failure(let b)): #expect("\(a)" == "\(b)", "seed \(seed)")
      default: Issue.record("seed \(seed): one thread and four disagree")
      }
    }
  }

  /// A column read straight from the bytes is what its texts say, on one thread and on four.
  private func expectTaken(
    _ texts: [String], as kind: FieldKind, from file: DelimitedFile, _ position: Int, _ comment: Comment
  ) {
    let missing = MissingTexts(file.options.missing)
    let mark = file.options.decimalMark ?? .point
    for threads in [1, 4] {
      let scan = try? TableScan.run(file, [ColumnRequest(position: position, kind: kind)], threads: threads)
      switch scan?.columns.first {
      case .keys(let keyed): #expect(texts.indices.map(keyed.text(at:)) == texts, comment)
      case .numbers(let values, _):
        let read = texts.map { missing.contains($0) ? nil : DecimalNumber.parse($0, mark: mark) }
        #expect(values.map(\.bitPattern) == read.map { ($0 ?? .nan).bitPattern }, comment)
      case .days(let days, _):
        let read = texts.map { missing.contains($0) ? nil : DateText.day($0, order: nil) }
        #expect(days == read.map { $0 ?? Column.missingDay }, comment)
      default: Issue.record(comment)
      }
    }
  }

  private func texts(_ column: ScannedColumn) -> [String] {
    column.texts.codes.map { column.texts.dictionary.text(of: Int($0)) }
  }

  @Test("codebooks: read, or refused with a place")
  func codebooks() throws {
    let yaml = sampleCodebook
    let tokens = [
      ":", "- ", "{", "}", "[", "]", "\n", "  ", "&a ", "*a", "'", "\"", "|", "#", "? ", "!!", "%", "levels:",
      "range: [", "type: date",
    ]
    #expect(throws: Never.self) { try Codebook(yaml: yaml, file: "c.yml") }
    run(1500) { seed in
      var mutator = Mutator(seed: seed, tokens: tokens)
      let text = String(decoding: mutator.mutate(Array(yaml.utf8)), as: UTF8.self)
      do throws(DataError) {
        _ = try Codebook(yaml: text, file: "c.yml")
      } catch {
        #expect(!error.problems.isEmpty && error.description.contains("c.yml"), "seed \(seed)")
      }
    }
  }
}
