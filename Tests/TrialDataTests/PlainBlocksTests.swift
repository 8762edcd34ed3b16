import Glibc
import Testing

@testable import TrialData

/// A file is read block by block where that is safe, and from field to field elsewhere; a doubled quotation mark makes the
/// difference. Both must see the same values, to the last bit.
@Suite("Plain files, block by block")
struct PlainBlocksTests {
  struct Failure: Error {}

  /// Small numbers that are the same in every run.
  struct Dice {
    var state: UInt64

    mutating func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }

    mutating func pick<T>(_ values: [T]) -> T { values[next(values.count)] }
  }

  /// A number of any length, sign, place of the mark and exponent, or something that only resembles one.
  private func number(_ dice: inout Dice, mark: String) -> String {
    switch dice.next(40) {
    case 0: return ""
    case 1: return "NA"
    case 2:
      return dice.pick([
        "-", mark, "-" + mark, "1-2", "12a", "N", "NAN", "1\(mark)2\(mark)3", "--1", "+", "e5",
      ])
    case 3:
      return dice.pick([
        " 7", "7 ", "+4", "3  ", "99", "99\(mark)0", "099", "-99", "9007199254740991", "9007199254740992",
        "9007199254740993", "4503599627370496", "4503599627370495", "18446744073709551616",
      ])
    default: break
    }
    func digits(_ count: Int, _ dice: inout Dice) -> String {
      (0..<count).map { _ in "\(dice.next(10))" }.joined()
    }
    let sign = dice.next(3) == 0 ? "-" : ""
    let whole = digits(dice.pick([0, 1, 1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 18, 19]), &dice)
    let decimals = digits(dice.pick([0, 1, 1, 2, 4, 6, 7, 8, 9, 14, 15, 16, 17]), &dice)
    let hasMark = dice.next(3) > 0
    let exponent = dice.next(12) == 0 ? dice.pick(["e3", "E-4", "e+22", "e-23", "e400", "e-400"]) : ""
    return sign + whole + (hasMark ? mark + decimals : "") + exponent
  }

  /// How the fields of a file are written.
  enum Quoting: CaseIterable {
    case none, all, some
    /// A doubled quotation mark in every record, which only the reader of the grammar understands.
    case doubled
  }

  private func table(_ rows: [[String]], delimiter: String, end: String, _ quoting: Quoting) -> [UInt8] {
    var text = ["a", "b", "c", "d"].joined(separator: delimiter) + end
    for (i, row) in rows.enumerated() {
      let fields = row.enumerated().map { j, field in
        quoting == .none || (quoting == .some && (i / 7 + j) % 3 > 0) ? field : "\"\(field)\""
      }
      text += (fields + [quoting == .doubled ? "\"x\"\"y\"" : "xy"]).joined(separator: delimiter) + end
    }
    return Array(text.utf8)
  }

  private func scan(
    _ bytes: [UInt8], _ kinds: [FieldKind], _ options: ReadingOptions, threads: Int
  ) throws -> (columns: [ScannedColumn], lines: [Int]) {
    let file = try DelimitedFile(bytes: bytes, path: "t.csv", options: options)
    let requests = kinds.enumerated().map { ColumnRequest(position: $0.offset, kind: $0.element) }
    return try TableScan.run(file, requests, threads: threads)
  }

  /// The values and traits of a column as words and texts.
  private func values(_ column: ScannedColumn) -> (values: [String], traits: FieldTraits) {
    switch column {
    case .numbers(let numbers, let traits):
      (numbers.map { $0.isNaN ? "missing" : String($0.bitPattern) }, traits)
    case .days(let days, let traits): (days.map { String($0) }, traits)
    case .codes(let codes, let texts): (codes.map { "\($0) \(texts.text(of: Int($0)))" }, [])
    case .keys(let keys): ((0..<keys.count).map(keys.text(at:)), [])
    }
  }

  private func expectSame(
    _ rows: [[String]], _ kinds: [FieldKind], _ options: ReadingOptions, end: String
  ) throws {
    let delimiter = String(UnicodeScalar(options.delimiter!.rawValue))
    let slow = try scan(table(rows, delimiter: delimiter, end: end, .doubled), kinds, options, threads: 1)
    for (quoting, threads) in [(Quoting.none, 1), (.none, 3), (.all, 1), (.some, 2)] {
      let fast = try scan(
        table(rows, delimiter: delimiter, end: end, quoting), kinds, options, threads: threads)
      #expect(fast.lines == slow.lines)
      for (a, b) in zip(fast.columns, slow.columns) {
        let (left, right) = (values(a), values(b))
        #expect(left.traits == right.traits)
        for row in rows.indices where left.values[row] != right.values[row] {
          Issue.record("row \(row): \(rows[row]) as \(left.values[row]), else \(right.values[row])")
        }
      }
    }
  }

  @Test(
    "numbers of every length, sign, mark and exponent are what the grammar's reader makes of them",
    arguments: [(",", ".", "\n"), (";", ",", "\r\n"), ("\t", ",", "\n"), (",", ",", "\r\n")],
    [[], ["99", "-1"], ["99.0", "099"]])
  func numbers(layout: (delimiter: String, mark: String, end: String), missing: [String]) throws {
    let mark = DecimalMark(rawValue: layout.mark.utf8.first!)!
    let options = ReadingOptions(
      delimiter: Delimiter(rawValue: layout.delimiter.utf8.first!)!, decimalMark: mark, missing: missing)
    // Where the mark is the delimiter a plain field cannot hold it.
    let written = layout.mark == layout.delimiter ? "." : layout.mark
    for seed in 0..<3 {
      var dice = Dice(state: UInt64(seed))
      // A column that begins whole, one of any numbers, one that ends whole.
      let rows = (0..<1500).map { row in
        [
          row < 700 ? "\(row % 97)" : number(&dice, mark: written), number(&dice, mark: written),
          row < 700 ? number(&dice, mark: written) : "\(dice.next(100_000_000))",
        ]
      }
      try expectSame(rows, [.number, .number, .number], options, end: layout.end)
    }
  }

  @Test("a number is what the C library reads, to the last bit")
  func library() throws {
    var dice = Dice(state: 11)
    let rows = (0..<4000).map { _ in
      let text = number(&dice, mark: ".")
      return [text, "x", "\(dice.next(9))"]
    }
    let options = ReadingOptions(delimiter: .comma, decimalMark: .point)
    let scan = try scan(
      table(rows, delimiter: ",", end: "\n", .none), [.number, .text, .number], options, threads: 2)
    guard case .numbers(let numbers, _) = scan.columns[0] else { throw Failure() }
    var compared = 0
    for (row, number) in zip(rows, numbers) where !number.isNaN {
      #expect(number.bitPattern == strtod(row[0], nil).bitPattern, "\(row[0])")
      compared += 1
    }
    #expect(compared > 3000)
  }

  @Test("texts, identifiers and days are what the grammar's reader makes of them", arguments: ["\n", "\r\n"])
  func others(end: String) throws {
    let texts = [
      "", "a", "control", "IPS", "Tromsø", "æøå", " ", "sixteen bytes!!!", "seventeen bytes!!", "NA", "01",
      "1",
      "a text that is a good deal longer than all the others", "\u{1F600}", "1.5",
    ]
    let days = [
      "2020-02-29", "2021-02-29", "1899-12-31", "", "NA", "2020-2-9", "2020-12-32", "x", "2024-01-01T",
    ]
    var dice = Dice(state: 5)
    let rows = (0..<4000).map { row in
      [
        row % 3 == 0 ? "person \(row % 700)" : dice.pick(texts),
        row % 2 == 0 ? dice.pick(texts) : "\(dice.next(1000) * dice.next(1_000_000_000))",
        row % 2 == 0 ? dice.pick(days) : "20\(10 + dice.next(20))-\(10 + dice.next(3))-\(10 + dice.next(21))",
      ]
    }
    try expectSame(
      rows, [.text, .key, .day], ReadingOptions(delimiter: .comma, decimalMark: .point), end: end)
  }

  @Test(
    "what is not plain in the midst of a plain file is read, and told, as elsewhere", arguments: [1, 2, 5])
  func interruptions(threads: Int) throws {
    var text = "id,x,note\n"
    var lines: [Int] = []
    var line = 2
    for row in 0..<6000 {
      if row % 1999 == 7 {
        text += "\n"
        line += 1
      }
      lines.append(line)
      switch row {
      case 1500: text += "\(row),\(row).5,\"two\nlines, \"\"quoted\"\"\"\n"
      case 3000: text += "\(row),\(row).5,\(String(repeating: "long ", count: 9000))\n"
      case 5999: text += "\(row),\(row).5,the end"
      default: text += "\(row),\(row).5,plain\n"
      }
      line += row == 1500 ? 2 : 1
    }
    let options = ReadingOptions(decimalMark: .point)
    let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv", options: options)
    let requests = [
      ColumnRequest(position: 0, kind: .number), ColumnRequest(position: 1, kind: .number),
      ColumnRequest(position: 2, kind: .text),
    ]
    let scan = try TableScan.run(file, requests, threads: threads)
    #expect(scan.lines == lines)
    guard case .numbers(let ids, _) = scan.columns[0], case .numbers(let x, let traits) = scan.columns[1]
    else {
      throw Failure()
    }
    #expect(ids == (0..<6000).map(Double.init) && x == (0..<6000).map { Double($0) + 0.5 })
    #expect(traits == .hasMark)
    let (codes, texts) = scan.columns[2].texts
    #expect(texts.count == 4 && texts.text(of: Int(codes[1500])) == "two\nlines, \"quoted\"")
    #expect(texts.text(of: Int(codes[5999])) == "the end" && codes.count { $0 == 0 } == 5997)
  }

  @Test("line ends and quotation marks are counted block by block as byte by byte")
  func census() {
    var dice = Dice(state: 23)
    for round in 0..<400 {
      let bytes = (0..<dice.next(1200)).map { _ -> UInt8 in
        dice.next(20) == 0 ? 0x0a : round % 2 == 0 && dice.next(90) == 0 ? 0x22 : 0x61
      }
      let census = bytes.withUnsafeBufferPointer { LineCensus($0, terminator: 0x0a) }
      var inside = false
      var outside = 0
      for byte in bytes {
        if byte == 0x22 { inside.toggle() }
        if byte == 0x0a, !inside { outside += 1 }
      }
      #expect(census.quotes == bytes.count { $0 == 0x22 })
      #expect(census.terminators == bytes.count { $0 == 0x0a } && census.endsFromOutside == outside)
    }
  }

  @Test(
    "quotation marks that are not around whole fields are left to the grammar",
    arguments: [
      ("\"a,b\"", "a,b"), ("\",\"", ","), ("\"\"", ""), ("\"\"\"\"", "\""), ("\"\"\",\"\"\"", "\",\""),
      ("\"x\ny\"", "x\ny"),
      ("\"\n\"", "\n"), ("\"a\"\"b\"", "a\"b"), ("\",\",\",\"", nil), ("a\"b", nil), ("\"", nil),
      ("\"a\"b", nil),
      ("\"\"\"", nil), ("a\"", nil),
    ])
  func quotes(field: (written: String, read: String?)) throws {
    // Many whole fields in quotation marks before it and behind it in the same block.
    var text = "a,b,c\n"
    for row in 0..<300 { text += "\"\(row)\",\(row == 150 ? field.written : "\"\""),\"z\"\n" }
    let file = try DelimitedFile(
      bytes: Array(text.utf8), path: "t.csv", options: ReadingOptions(delimiter: .comma))
    let requests = [ColumnRequest(position: 0, kind: .number), ColumnRequest(position: 1, kind: .text)]
    guard let read = field.read else {
      #expect(throws: DataError.self) { try TableScan.run(file, requests, threads: 1) }
      return
    }
    let scan = try TableScan.run(file, requests, threads: 1)
    guard case .numbers(let numbers, _) = scan.columns[0] else { throw Failure() }
    let (codes, texts) = scan.columns[1].texts
    #expect(numbers == (0..<300).map(Double.init))
    for row in 0..<300 { #expect(texts.text(of: Int(codes[row])) == (row == 150 ? read : "")) }
  }

  @Test("a record of another width is told by its line, wherever it stands", arguments: [1, 3])
  func widths(threads: Int) throws {
    // A field too many and one too few together leave the number of fields of a block as it is.
    var text = "a,b,c\n"
    for row in 0..<5000 {
      text += row == 2500 ? "1,2,3,4\n" : row == 2501 ? "1,2\n" : row == 4000 ? "1,2,3,\n" : "1,2,3\n"
    }
    let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
    do {
      _ = try TableScan.run(file, [ColumnRequest(position: 1, kind: .number)], threads: threads)
      Issue.record("read")
    } catch { #expect(error.problems.map(\.line) == [2502, 2503, 4002]) }
  }
}
