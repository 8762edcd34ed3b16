import ModelFormula
import Testing

@testable import TrialData

/// Reads a table from a text literal.
func table(_ text: String, _ options: ReadingOptions = ReadingOptions()) throws -> DataFrame {
  try DelimitedFile(bytes: Array(text.utf8), path: "t.csv", options: options).dataFrame()
}

/// The bytes of a text whose characters stand for the bytes of their numbers.
func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

/// The problems of a table that must be refused.
func problems(_ bytes: [UInt8], _ options: ReadingOptions = ReadingOptions()) -> [String] {
  do {
    _ = try DelimitedFile(bytes: bytes, path: "t.csv", options: options).dataFrame()
    return []
  } catch {
    #expect(error.exitCode == 65)
    return error.problems.map(\.description)
  }
}

func problems(_ text: String, _ options: ReadingOptions = ReadingOptions()) -> [String] {
  problems(Array(text.utf8), options)
}

@Suite("Delimited files: the grammar")
struct DelimitedGrammarTests {
  @Test("numbers and categories, levels by Unicode scalar, lines of the file")
  func basics() throws {
    let frame = try table("id,arm,x\n1,IPS,2.5\n2,control,NA\n3,IPS,\n")
    #expect(frame.names == ["id", "arm", "x"])
    #expect(frame["id"] == .numeric([1, 2, 3]))
    #expect(frame["arm"] == .categorical(codes: [0, 1, 0], levels: ["IPS", "control"]))
    guard case .numeric(let x)? = frame["x"] else { throw Failure() }
    #expect(x[0] == 2.5 && x[1].isNaN && x[2].isNaN)
    #expect(frame.lines == [2, 3, 4])
  }

  @Test("line ends CRLF, CR and LF, with and without the last one", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    for last in [end, ""] {
      let frame = try table("a,b\(end)1,x\(end)2,\"y\"\(last)")
      #expect(frame["a"] == .numeric([1, 2]))
      #expect(frame["b"] == .categorical(codes: [0, 1], levels: ["x", "y"]))
      #expect(frame.lines == [2, 3])
    }
  }

  @Test("quoted delimiters, newlines and doubled quotation marks")
  func quotes() throws {
    let frame = try table("a,b\n\"x, \"\"y\"\"\nz\",1\n\"\",2\n\"NA\",3\nq,4\n")
    #expect(frame["a"] == .categorical(codes: [1, -1, -1, 0], levels: ["q", "x, \"y\"\nz"]))
    #expect(frame.lines == [2, 4, 5, 6], "a quoted newline moves the lines after it")
  }

  @Test("a quoted number is a number; blanks around a number do not count")
  func quotedNumbers() throws {
    let frame = try table("a,b\n\"1.5\", 2 \n\" -3e2 \",+4\n")
    #expect(frame["a"] == .numeric([1.5, -300]))
    #expect(frame["b"] == .numeric([2, 4]))
  }

  @Test("byte order mark and Excel's separator line")
  func preambles() throws {
    let marked = try DelimitedFile(bytes: bytes("\u{ef}\u{bb}\u{bf}a;b\n1;2\n"), path: "t.csv")
    #expect(marked.names == ["a", "b"] && marked.delimiter == .semicolon && marked.encoding.hasByteOrderMark)
    let excel = try table("sep=;\na;b\n1;2,5\n")
    #expect(excel.names == ["a", "b"] && excel.lines == [3])
    #expect(excel["b"] == .numeric([2.5]))
  }

  @Test("delimiters are decided by what agrees over the records")
  func delimiters() throws {
    #expect(try table("a;b\n1,5;2\n2,5;3\n")["a"] == .numeric([1.5, 2.5]))
    #expect(try table("a\tb\n1\t2\n").names == ["a", "b"])
    #expect(try table("a\n1\n").names == ["a"])
    #expect(try table("\"a;b\",c\n1,2\n").names == ["a;b", "c"])
    #expect(problems("a,b;c\n1,5;2\n2,5;3\n").first?.contains("several delimiters") == true)
    #expect(try table("a,b;c\n1,5;2\n", ReadingOptions(delimiter: .semicolon)).names == ["a,b", "c"])
  }

  @Test("blank lines are no rows, but a missing value in a table of one column")
  func blankLines() throws {
    let frame = try table("a,b\n\n1,2\n\n3,4\n\n\n")
    #expect(frame["a"] == .numeric([1, 3]))
    #expect(frame.lines == [3, 5])
    guard case .numeric(let single)? = try table("a\n1\n\n2\n\n\n")["a"] else { throw Failure() }
    #expect(single.count == 3 && single[1].isNaN)
  }

  @Test("a column turns categorical at its first text, however far down")
  func lateText() throws {
    let rows = (0..<200).map { "\($0),\($0)" } + ["x,200"]
    let file = try DelimitedFile(bytes: Array(("a,b\n" + rows.joined(separator: "\n")).utf8), path: "t.csv")
    let reading = try file.read()
    guard case .categorical(let codes, let levels)? = reading.frame["a"] else { throw Failure() }
    #expect(levels.count == 201 && levels[Int(codes[200])] == "x" && levels[Int(codes[17])] == "17")
    #expect(reading.warnings.map(\.line) == [202])
    #expect(!reading.warnings[0].description.contains("x,"))
  }

  @Test("only the columns asked for are converted, in the order asked")
  func selection() throws {
    let file = try DelimitedFile(bytes: Array("a,b,c\n1,x,3\n".utf8), path: "t.csv")
    #expect(try file.dataFrame(columns: ["c", "a"]).names == ["c", "a"])
    #expect(throws: DataError.self) { try file.dataFrame(columns: ["d"]) }
    do {
      _ = try DelimitedFile(bytes: Array("age,arm\n1,x\n".utf8), path: "t.csv").dataFrame(columns: ["agee"])
    } catch {
      #expect(error.description == "t.csv:agee: no such column, 'age' expected")
    }
  }

  @Test("given texts are missing, compared before numbers are read")
  func missingTexts() throws {
    let options = ReadingOptions(missing: ["-9", "."])
    guard case .numeric(let x)? = try table("x,y\n-9,1\n.,2\n -9 ,3\n-9.0,4\n", options)["x"] else {
      throw Failure()
    }
    #expect(x[0].isNaN && x[1].isNaN && x[2].isNaN && x[3] == -9)
  }

  @Test("a header without rows is an empty table")
  func headerOnly() throws {
    let frame = try table("a,b\n")
    #expect(frame.rowCount == 0 && frame.names == ["a", "b"] && frame["a"] == .numeric([]))
    #expect(try table("a,b").names == ["a", "b"])
  }

  struct Failure: Error {}
}

@Suite("Delimited files: what is refused")
struct DelimitedRefusalTests {
  @Test("ragged rows, all of them, with line and column")
  func ragged() {
    #expect(
      problems("x,y\n1,2\n3,4,9\n4\n5,6\n") == [
        "t.csv:3: 3 fields, 2 expected, as in the header",
        "t.csv:4:y: 1 field, 2 expected, as in the header",
      ])
  }

  @Test("one message where all rows have one wrong width")
  func wrongThroughout() {
    #expect(
      problems("x;y\r\n1;2;\r\n3;4;\r\n\r\n5;6;\r\n") == [
        "t.csv:2: 3 fields in each of the 3 rows, the last of them empty, 2 expected, as in the header, which does "
          + "not end with a delimiter as the rows do"
      ])
    #expect(
      problems("x,y,z\n1,2\n3,4\n")
        == ["t.csv:2: 2 fields in each of the 2 rows, 3 expected, as in the header"])
    // Not one width, a row that is right, a fault of another kind, a single row: each problem by its line.
    #expect(problems("x,y\n1,2,\n1,2,,\n").count == 2)
    #expect(problems("x,y\n1,2,3\n1,2\n4,5,6\n").map { $0.prefix(8) } == ["t.csv:2:", "t.csv:4:"])
    #expect(problems("x,y\n1,2,a\"b\n1,2,3\n").count == 3)
    #expect(problems("x,y\n1,2,3\n") == ["t.csv:2: 3 fields, 2 expected, as in the header"])
  }

  @Test("breaches of quoting")
  func quoting() {
    #expect(problems("x,y\n1,a\"b\n")[0].hasPrefix("t.csv:2:y: a quotation mark inside an unquoted field"))
    #expect(problems("x,y\n1,\"a\"b\n")[0].hasPrefix("t.csv:2:y: text after the closing quotation mark"))
    #expect(problems("x,y\n1,2\n3,\"a\nb\n")[0].hasPrefix("t.csv:3:y: a quotation mark that is never closed"))
    // The rest of the file is in that field: what else the record lacks is no news.
    #expect(problems("x,y,z\n1,\"a,2\n3,4,5\n").count == 1)
  }

  @Test("NUL bytes and lone carriage returns")
  func controlBytes() {
    #expect(problems("x,y\n1,a\0b\n") == ["t.csv:2:y: a NUL byte, text expected"])
    #expect(problems("x,y\n1,a\rb\n")[0].hasPrefix("t.csv:2:y: a carriage return without a line feed"))
  }

  @Test("empty files and headers")
  func headers() {
    #expect(problems("") == ["t.csv: an empty file, a header line expected"])
    #expect(problems([0xef, 0xbb, 0xbf]) == ["t.csv: an empty file, a header line expected"])
    #expect(
      problems("a,,c\n1,2,3\n") == [
        "t.csv:1:column 2: an empty column name, a name for each of the 3 columns expected"
      ])
    #expect(
      problems("a,b,\n1,2,\n") == [
        "t.csv:1:column 3: an empty column name behind the last delimiter, a name for each of the 3 columns expected"
      ])
    #expect(
      problems("a,b,a\n1,2,3\n")
        == ["t.csv:1:a: the name of column 1 again in column 3, distinct column names expected"])
  }

  @Test("no file, and a directory, are no input")
  func absent() {
    for path in ["no such file.csv", "."] {
      do {
        _ = try DelimitedFile(path: path)
        Issue.record("opened \(path)")
      } catch {
        #expect(error.exitCode == 66)
      }
    }
  }

  @Test("commas that may be decimal or thousands marks stop the run; clear ones do not")
  func ambiguousCommas() throws {
    #expect(problems("x;y\n1,234;1\n12,500;2\n")[0].hasPrefix("t.csv:2:x: a comma before three digits"))
    #expect(try table("x;y\n1,234;1\n12,5;2\n")["x"] == .numeric([1.234, 12.5]))
    #expect(try table("x;y\n0,234;1\n")["x"] == .numeric([0.234]))
    #expect(try table("x;y\n1,234;1\n", ReadingOptions(decimalMark: .comma))["x"] == .numeric([1.234]))
    #expect(problems("x;y\n1,5;2.5\n")[0].contains("one decimal mark"))
  }

  @Test(
    "points that may be decimal or thousands marks stop the run, unless commas are the delimiter or it is declared",
    arguments: [";", "\t"])
  func ambiguousPoints(delimiter: String) throws {
    func rows(_ values: [String]) -> String {
      "x\(delimiter)y\n" + values.map { "\($0)\(delimiter)1\n" }.joined()
    }
    for doubtful in [["1.234", "12.500"], ["NA", "1.234", "7", "-5.000"], ["12", "2.000"]] {
      let found = problems(rows(doubtful))
      #expect(found.count == 1 && found[0].contains(":x: a point before three digits"), "\(doubtful)")
      #expect(found[0].contains("1.234 = 1234") && found[0].contains("--decimal"))
    }
    for clear in [
      ["1.234", "12.5"], ["0.234", "1.234"], ["1234.567", "1.234"], ["1.234", "1.2345"], ["1e-3", "2"],
    ] {
      let numbers = clear.map { Double($0)! }
      #expect(try table(rows(clear))["x"] == .numeric(numbers), "\(clear)")
    }
    let doubtful = rows(["1.234", "12.500"])
    #expect(try table(doubtful, ReadingOptions(decimalMark: .point))["x"] == .numeric([1.234, 12.5]))
    #expect(try table(doubtful, ReadingOptions(decimalMark: .comma))["x"] == .numeric([1234, 12_500]))
    #expect(try table("x,y\n1.234,1\n12.500,1\n")["x"] == .numeric([1.234, 12.5]))
  }

  @Test(
    "numbers in groups of three are numbers, and it is told",
    arguments: [
      (["1 234,50", "2 345,60", "12"], [1234.5, 2345.6, 12], "blanks"),
      (["1\u{a0}234", "999"], [1234, 999], "blanks"),
      (["1.234,50", "12,00"], [1234.5, 12], "points"),
      (["1.234.567", "12.000"], [1_234_567, 12_000], "points"),
      (["\"1,234.50\"", "12"], [1234.5, 12], "commas"),
      (["1'234.5", "12"], [1234.5, 12], "apostrophes"),
      (["\u{2212}5,5", "12"], [-5.5, 12], "minus"),
    ])
  func groups(texts: [String], numbers: [Double], word: String) throws {
    let file = try DelimitedFile(
      bytes: Array(("x;y\n" + texts.map { "\($0);1\n" }.joined()).utf8), path: "t.csv")
    let reading = try file.read()
    #expect(reading.frame["x"] == .numeric(numbers))
    #expect(reading.warnings.count == 1 && "\(reading.warnings[0])".contains(word), "\(reading.warnings)")
  }

  @Test("a comma before three digits beside a decimal point is nobody's proof of thousands")
  func twoWriters() throws {
    #expect(problems("x;y\n7,125;1\n7.5;2\n")[0].contains("beside numbers with a decimal point"))
    #expect(
      problems("x,y\n1.234.567,1.234\n2.345.678,2.345\n")[0]
        .contains("points between thousands here and decimal points in 'y'"))
    let file = try DelimitedFile(
      bytes: Array("x;y\n7.5;1\n12.25;2\n".utf8), path: "t.csv", options: ReadingOptions(decimalMark: .comma))
    #expect("\(try file.read().warnings)".contains("not the declared one"))
  }

  @Test("no value of a person is in a message")
  func noValues() {
    let text = problems("x;y\n1,234;1\n12,500;2\nsecret\n").joined()
    #expect(!text.contains("12,500") && !text.contains("secret"))
  }
}

@Suite("Delimited files: encodings")
struct EncodingTests {
  let latin = bytes("navn;x\nK\u{e5}re;1\nS\u{f8}r;2\n")

  @Test("Windows-1252 and Latin-1 by their letters")
  func singleByte() throws {
    let file = try DelimitedFile(bytes: latin, path: "t.csv")
    #expect(file.encoding.encoding == .latin1 && file.encoding.lines == [2, 3])
    #expect(try file.dataFrame()["navn"] == .categorical(codes: [0, 1], levels: ["Kåre", "Sør"]))
    let quoted = bytes("a;b\n\u{93}x\u{94};bl\u{e5}\u{e6}\n")
    let windows = try DelimitedFile(bytes: quoted, path: "t.csv")
    #expect(windows.encoding.encoding == .windows1252)
    #expect(try windows.dataFrame()["a"] == .categorical(codes: [0], levels: ["“x”"]))
  }

  @Test("the letters of DOS and Macintosh are not guessed")
  func codePages() {
    let dos = bytes("navn\nK\u{86}re\nS\u{9b}r\n")
    #expect(problems(dos)[0].contains("in DOS 865: å ø"))
    let macintosh = bytes("navn\nK\u{8c}re\nS\u{bf}r\nF\u{be}r\nb\u{bf}r\n")
    #expect(problems(macintosh)[0].contains("Macintosh"))
  }

  @Test("two encodings in one file")
  func mixed() {
    #expect(problems(bytes("navn\nK\u{c3}\u{a5}re\nS\u{f8}r\n"))[0].hasPrefix("t.csv:3: byte 0xF8, no UTF-8"))
    #expect(
      problems(bytes("navn\nK\u{c3}\u{a5}re\nS\u{f8}r\n"))[0].contains("holds 1 UTF-8 character elsewhere"))
  }

  @Test("UTF-16 with and without a mark, both orders")
  func utf16() throws {
    let units = Array("navn;x\nKåre;1\n".utf16)
    let little = units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [[0xff, 0xfe] + little, [0xfe, 0xff] + big, little, big] {
      let file = try DelimitedFile(bytes: bytes, path: "t.csv")
      #expect(file.names == ["navn", "x"])
      #expect(try file.dataFrame()["navn"] == .categorical(codes: [0], levels: ["Kåre"]))
    }
    #expect(problems([0xff, 0xfe] + little.dropLast())[0].contains("half a UTF-16 character"))
  }

  @Test(
    "overlong forms, surrogates and cut characters are not UTF-8",
    arguments: [
      [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func invalid(bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { #expect(UTF8Check.firstInvalid($0, from: 0) == 0) }
  }

  @Test("a declared encoding is held to")
  func declared() throws {
    #expect(problems(latin, ReadingOptions(encoding: .utf8))[0].contains("0xE5"))
    let file = try DelimitedFile(bytes: latin, path: "t.csv", options: ReadingOptions(encoding: .windows1252))
    #expect(file.encoding.encoding == .windows1252)
  }
}

@Suite("Decimal numbers")
struct DecimalNumberTests {
  @Test(
    "the same double as the compiler reads",
    arguments: [
      "0", "-0", "1", "1.", ".5", "123.456", "1e22", "1e23", "9007199254740993", "0.1",
      "2.2250738585072014e-308",
      "4.9e-324", "1.7976931348623157e308", "58.4136888460348", "123456789012345678901234567890", "1E5",
      "1e+5", "1e-5",
      "0.000000000000000000000000000000000000000001234567890123456789",
    ])
  func exact(text: String) {
    let value = DecimalNumber.parse(text, mark: .point)
    #expect(value?.bitPattern == (Double(text) ?? Double(text + "0") ?? Double("0" + text))?.bitPattern)
    if text.contains(".") {
      let comma = String(text.map { $0 == "." ? "," : $0 })
      #expect(DecimalNumber.parse(comma, mark: .comma)?.bitPattern == value?.bitPattern)
      #expect(DecimalNumber.parse(comma, mark: .point) == nil)
    }
  }

  @Test(
    "what is no number",
    arguments: [
      "", " ", ".", "-", "+", "e5", "1e", "1e+", "1.2.3", "1,2", "0x1A", "Inf", "NaN", "1 2", "1_000", "--1",
      "1d", "1e999",
      "٣", "½",
    ])
  func notNumbers(text: String) {
    #expect(DecimalNumber.parse(text, mark: .point) == nil)
  }

  @Test("many random doubles read back bit for bit through a table")
  func roundTrip() throws {
    var state: UInt64 = 88_172_645_463_325_252
    var values: [Double] = []
    while values.count < 3000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let value = Double(bitPattern: state)
      if value.isFinite { values.append(value) }
      values.append(Double(Int64(truncatingIfNeeded: state) % 1_000_000) / 1000)
    }
    let text = "x,y\n" + values.map { "\($0),1" }.joined(separator: "\n")
    #expect(try table(text)["x"] == .numeric(values))
  }
}

@Suite("Delimited files: columns passed over")
struct PassedOverTests {
  @Test(
    "any choice of columns reads as it does among all, with LF, CRLF and CR", arguments: ["\n", "\r\n", "\r"])
  func selections(end: String) throws {
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for width in [1, 2, 5, 17] {
      let names = (0..<width).map { "c\($0)" }
      var text = names.joined(separator: ",")
      for _ in 0..<40 {
        let fields = (0..<width).map { _ in String(repeating: "x", count: next(4) * next(5)) + "\(next(9))" }
        text += end + fields.joined(separator: ",")
      }
      let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
      #expect(file.isPlain)
      let all = try file.dataFrame()
      for _ in 0..<20 {
        let chosen = names.filter { _ in next(3) == 0 }
        let frame = try file.dataFrame(columns: chosen)
        #expect(frame.rowCount == 40 && frame.lines == all.lines)
        for name in chosen { #expect(frame[name] == all[name]) }
      }
    }
  }

  @Test("ragged rows are found where no column is asked for")
  func ragged() throws {
    let file = try DelimitedFile(
      bytes: Array("a,b,c,d\n1,2,3,4\n1,2,3\n1,2,3,4,5,6\n,,,\n".utf8), path: "t.csv")
    for columns in [[], ["a"], ["d"], ["b", "c"]] {
      do {
        _ = try file.dataFrame(columns: columns)
        Issue.record("read")
      } catch { #expect(error.problems.map(\.line) == [3, 4]) }
    }
  }
}

@Suite("UTF-8")
struct UTF8CheckTests {
  @Test("valid and damaged characters, wherever they stand, are told apart as the standard library does")
  func damage() {
    let good: [[UInt8]] = [
      [0x61], [0x2c], [0x0a], [0xc3, 0xb8], [0xc2, 0x80], [0xdf, 0xbf], [0xe2, 0x82, 0xac],
      [0xed, 0x9f, 0xbf],
      [0xf0, 0x9f, 0x98, 0x80], Array("en lang tekst uten noe annet enn vanlige tegn, ".utf8),
    ]
    let bad: [[UInt8]] = [
      [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc0], [0xc1], [0xc3], [0xc3, 0xc3, 0xb8],
      [0xc3, 0xb8, 0xb8],
      [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xf0, 0x9f],
    ]
    var dice = PlainBlocksTests.Dice(state: 3)
    var refused = 0
    for round in 0..<4000 {
      var bytes: [UInt8] = []
      var fault: Int?
      for _ in 0..<(5 + dice.next(60)) {
        if fault == nil, round % 2 == 1, dice.next(40) == 0 {
          fault = bytes.count
          bytes += dice.pick(bad)
        } else {
          bytes += round % 4 < 2 ? dice.pick(Array(good.prefix(6)) + [good[9]]) : dice.pick(good)
        }
      }
      let found = bytes.withUnsafeBufferPointer { UTF8Check.firstInvalid($0, from: 0) }
      let text = String(validating: bytes, as: UTF8.self)
      #expect((found == nil) == (text != nil), "\(bytes)")
      guard let found else { continue }
      refused += 1
      // What lies before the place is whole, and no character begins there.
      #expect(found >= fault! && found < fault! + 4)
      #expect(String(validating: bytes[..<found], as: UTF8.self) != nil)
      #expect(bytes.withUnsafeBufferPointer { UTF8Check.validLength($0, at: found) } == nil)
    }
    #expect(refused > 500)
  }
}

@Suite("Delimited files: many threads")
struct ParallelScanTests {
  @Test("any number of parts gives the same table", arguments: [2, 3, 7, 16])
  func parts(threads: Int) throws {
    var text = "id;note;x\n"
    for i in 0..<400 {
      if i % 37 == 0 { text += "\r\n" }
      text += i % 5 == 0 ? "\(i);\"line\r\nwith;\"\"quotes\"\" \(i % 7)\";\(i).25\r\n" : "\(i);plain;\r\n"
    }
    text += "400;\"" + String(repeating: "long\n", count: 3000) + "\";7"
    let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
    let requests = [
      ColumnRequest(position: 0, kind: .number), ColumnRequest(position: 1, kind: .text),
      ColumnRequest(position: 2, kind: .number),
    ]
    let one = try TableScan.run(file, requests, threads: 1)
    let many = try TableScan.run(file, requests, threads: threads)
    #expect(one.lines == many.lines && one.lines.count == 401)
    guard case .numbers(let a, _) = one.columns[0], case .numbers(let b, _) = many.columns[0],
      case .codes(let c, let s) = one.columns[1], case .codes(let d, let t) = many.columns[1]
    else { throw DelimitedGrammarTests.Failure() }
    #expect(a == b && a == (0...400).map(Double.init))
    #expect(c == d && s.texts == t.texts)
  }

  @Test("problems come in the order of the lines on any number of threads")
  func problemOrder() throws {
    let text = "a,b\n" + (0..<300).map { $0 % 10 == 0 ? "1" : "1,2" }.joined(separator: "\n")
    let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
    for threads in [1, 4] {
      #expect(throws: DataError.self) { try TableScan.run(file, [], threads: threads) }
      do { _ = try TableScan.run(file, [], threads: threads) } catch {
        #expect(error.problems.compactMap(\.line) == (0..<30).map { 2 + 10 * $0 })
      }
    }
  }
}
