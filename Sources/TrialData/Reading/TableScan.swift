import Glibc
import LinearAlgebra

/// How the fields of a column are taken in one pass over a file.
enum FieldKind: Sendable {
  /// As numbers; a field that is neither a number nor missing marks the column as failed.
  case number
  /// As codes of distinct texts, exactly as written.
  case text
  /// As the codes that a dictionary already has, −1 where it has none: identifiers that lead to another file.
  case known(ByteDictionary)

  fileprivate var isNumber: Bool {
    if case .number = self { true } else { false }
  }
}

/// One column of a pass: where it stands, and how it is taken.
struct ColumnRequest: Sendable {
  let position: Int
  let kind: FieldKind
}

/// What a pass found in one column.
enum ScannedColumn: Sendable {
  /// Missing is NaN. `failed`: some field is no number. `hasMark`: some number has a decimal mark.
  case numbers([Double], failed: Bool, hasMark: Bool)
  /// Codes into the distinct texts in order of their first appearance.
  case codes([Int32], ByteDictionary)
}

extension ScannedColumn {
  /// The codes of a column of texts.
  ///
  /// - Precondition: the column was not asked for as numbers.
  var texts: (codes: [Int32], dictionary: ByteDictionary) {
    guard case .codes(let codes, let dictionary) = self else { preconditionFailure("a column of numbers") }
    return (codes, dictionary)
  }
}

/// One pass over the records of a file, on as many threads as its size repays, with the same result on any number.
///
/// The body is cut at record ends into parts. A first count of quotation marks and line ends tells, for each part, whether it
/// starts inside a quoted field, how many records lie before it and on which line it starts; so each part then writes its
/// rows at their final place.
struct TableScan: Sendable {
  private let file: DelimitedFile
  private let requests: [ColumnRequest]
  private var bytes: UnsafeBufferPointer<UInt8> { file.content.bytes }

  /// A part of the body.
  private struct Part: Sendable {
    var start: Int
    var end: Int
    var firstLine: Int
    /// An upper bound of the records before this part (blank lines are counted as records here).
    var firstRow: Int
  }

  /// What one part yielded.
  private struct Yield: Sendable {
    var rows = 0
    var problems = ProblemList()
    var dictionaries: [ByteDictionary] = []
    /// True where the dictionary is given and not added to.
    var isKnown: [Bool] = []
    var failed: [Bool] = []
    var hasMark: [Bool] = []
  }

  private init(_ file: DelimitedFile, _ requests: [ColumnRequest]) {
    self.file = file
    self.requests = requests
  }

  /// Reads the requested columns and the line of every row.
  ///
  /// - Throws: `DataError` with every breach of the grammar in the file.
  static func run(
    _ file: DelimitedFile, _ requests: [ColumnRequest], threads: Int? = nil
  ) throws(DataError) -> (columns: [ScannedColumn], lines: [Int]) {
    try TableScan(file, requests).run(threads: threads)
  }

  private func run(threads: Int?) throws(DataError) -> (columns: [ScannedColumn], lines: [Int]) {
    let size = bytes.count - file.bodyStart
    let wanted = threads ?? min(coreCount, 1 + size / (1 << 21))
    let (parts, bound) = divide(into: max(1, wanted))
    let output = Output(requests: requests, rows: bound)
    let yields = ThreadSlots<Yield>(count: parts.count)
    let scan = self
    parallelLoop(parts.count) { index in
      yields[index] = scan.read(parts[index], into: output)
    }
    var problems = ProblemList()
    for index in parts.indices { problems.append(contentsOf: yields[index]!.problems) }
    if !problems.isEmpty { throw DataError(problems.problems, omitted: problems.omitted) }
    return assemble(parts, parts.indices.map { yields[$0]! }, output)
  }

  // MARK: Division into parts

  private func divide(into count: Int) -> (parts: [Part], rowBound: Int) {
    let body = file.bodyStart
    let size = bytes.count - body
    let cuts = (0...count).map { body + size * $0 / count }
    if count == 1 {
      let ends = file.terminator == 0x0a ? file.survey.lineFeeds : file.survey.carriageReturns
      return ([Part(start: body, end: bytes.count, firstLine: file.bodyLine, firstRow: 0)], ends + 1)
    }
    let counts = ThreadSlots<LineCensus>(count: count)
    let terminator = file.terminator
    let content = file.content
    parallelLoop(count) { index in
      counts[index] = LineCensus(
        UnsafeBufferPointer(rebasing: content.bytes[cuts[index]..<cuts[index + 1]]), terminator: terminator)
    }
    var parts: [Part] = []
    var quoted = false
    var lines = 0
    var rows = 0
    for index in 0..<count {
      var part = Part(start: cuts[index], end: bytes.count, firstLine: file.bodyLine + lines, firstRow: rows)
      if index > 0 {
        // The record that the cut falls into belongs to the part before.
        var i = part.start
        var inside = quoted
        while i < bytes.count {
          let byte = bytes[i]
          i += 1
          if byte == 0x22 { inside.toggle() }
          if byte == terminator {
            part.firstLine += 1
            if !inside { break }
          }
        }
        part.start = i
        part.firstRow += 1
        parts[parts.count - 1].end = i
      }
      parts.append(part)
      let census = counts[index]!
      rows += quoted ? census.endsFromInside : census.endsFromOutside
      lines += census.terminators
      if census.quotes % 2 == 1 { quoted.toggle() }
    }
    return (parts.filter { $0.start < $0.end || $0.start == body }, rows + 1)
  }

  // MARK: Reading a part

  private func read(_ part: Part, into output: Output) -> Yield {
    var yield = Yield()
    for request in requests {
      if case .known(let dictionary) = request.kind {
        yield.dictionaries.append(dictionary)
        yield.isKnown.append(true)
      } else {
        yield.dictionaries.append(ByteDictionary())
        yield.isKnown.append(false)
      }
    }
    yield.failed = requests.map { _ in false }
    yield.hasMark = requests.map { _ in false }
    var scanner = RecordScanner(
      bytes: bytes, from: part.start, to: part.end, line: part.firstLine,
      delimiter: file.delimiter.rawValue, terminator: file.terminator)
    let width = file.names.count
    var slots = [Int](repeating: -1, count: width)
    for (slot, request) in requests.enumerated() { slots[request.position] = slot }
    let missing = MissingTexts(file.options.missing)
    let mark = (file.options.decimalMark ?? .point)
    let numberFirst = !missing.holdsNumbers
    let skips = Self.skips(slots)
    let isPlain = file.isPlain
    var scratch: [UInt8] = []
    var row = part.firstRow

    while !scanner.atEnd {
      if scanner.atBlankLine, width > 1 || restIsBlank(scanner) {
        _ = scanner.endRecord()
        continue
      }
      let line = scanner.line
      output.lines[row] = line
      var column = 0
      while true {
        let slot = column < width ? slots[column] : -1
        if slot < 0, isPlain, column < width {
          column += scanner.skipFields(skips[column])
        } else if slot >= 0, output.numbers[slot] != nil, numberFirst,
          let value = scanner.plainNumber(mark: mark.rawValue)
        {
          output.numbers[slot]![row] = value
          if value != value.rounded(.towardZero) { yield.hasMark[slot] = true }
        } else {
          let field = scanner.nextField()
          if let fault = field.fault { report(fault, line, column, &yield) }
          if slot >= 0 {
            scanner.withBytes(of: field, scratch: &scratch) { text in
              store(text, slot: slot, row: row, missing: missing, mark: mark, output, &yield)
            }
          }
        }
        column += 1
        if !scanner.atDelimiter() { break }
      }
      if column != width { reportWidth(column, line, &yield) }
      if !scanner.endRecord() { break }
      row += 1
    }
    yield.rows = row - part.firstRow
    return yield
  }

  /// For each column, how many in a row from it on are not asked for.
  private static func skips(_ slots: [Int]) -> [Int] {
    var skips = [Int](repeating: 0, count: slots.count)
    for i in slots.indices.reversed() where slots[i] < 0 {
      skips[i] = 1 + (i + 1 < slots.count ? skips[i + 1] : 0)
    }
    return skips
  }

  @inline(__always)
  private func store(
    _ text: UnsafeBufferPointer<UInt8>, slot: Int, row: Int, missing: MissingTexts, mark: DecimalMark,
    _ output: Output, _ yield: inout Yield
  ) {
    if let numbers = output.numbers[slot] {
      if text.isEmpty || missing.contains(text) {
        numbers[row] = .nan
      } else if let value = DecimalNumber.parse(text, mark: mark) {
        numbers[row] = value
        if text.contains(mark.rawValue) { yield.hasMark[slot] = true }
      } else {
        numbers[row] = .nan
        yield.failed[slot] = true
      }
    } else if yield.isKnown[slot] {
      output.codes[slot]![row] = yield.dictionaries[slot].existingCode(of: text) ?? -1
    } else {
      output.codes[slot]![row] = yield.dictionaries[slot].code(of: text)
    }
  }

  /// True where nothing but blank lines is left in the file: in a table of one column an empty line before that is a row
  /// with a missing value.
  private func restIsBlank(_ scanner: RecordScanner) -> Bool {
    for i in scanner.position..<bytes.count where bytes[i] != 0x0a && bytes[i] != 0x0d { return false }
    return true
  }

  private func report(_ fault: RecordScanner.Fault, _ line: Int, _ column: Int, _ yield: inout Yield) {
    yield.problems.append(
      DataProblem(
        file: file.path, line: line, column: column < file.names.count ? file.names[column] : nil,
        found: fault.found, expected: fault.expected))
  }

  private func reportWidth(_ found: Int, _ line: Int, _ yield: inout Yield) {
    let width = file.names.count
    yield.problems.append(
      DataProblem(
        file: file.path, line: line, column: found < width ? file.names[found] : nil,
        found: found == 1 ? "1 field" : "\(found) fields",
        expected: "\(width) expected, as in the header"))
  }

  // MARK: Putting the parts together

  private func assemble(
    _ parts: [Part], _ yields: [Yield], _ output: Output
  ) -> (columns: [ScannedColumn], lines: [Int]) {
    let total = yields.reduce(0) { $0 + $1.rows }
    var row = 0
    for (part, yield) in zip(parts, yields) {
      output.move(from: part.firstRow, to: row, count: yield.rows)
      row += yield.rows
    }
    let columns = requests.indices.map { slot -> ScannedColumn in
      if let numbers = output.numbers[slot] {
        return .numbers(
          [Double](UnsafeBufferPointer(start: numbers, count: total)),
          failed: yields.contains { $0.failed[slot] }, hasMark: yields.contains { $0.hasMark[slot] })
      }
      let codes = output.codes[slot]!
      if case .known(let dictionary) = requests[slot].kind {
        return .codes([Int32](UnsafeBufferPointer(start: codes, count: total)), dictionary)
      }
      if yields.count == 1 {
        return .codes([Int32](UnsafeBufferPointer(start: codes, count: total)), yields[0].dictionaries[slot])
      }
      var merged = ByteDictionary()
      var start = 0
      for yield in yields {
        let dictionary = yield.dictionaries[slot]
        let map = (0..<dictionary.count).map { dictionary.withBytes(of: $0) { merged.code(of: $0) } }
        for i in start..<(start + yield.rows) { codes[i] = map[Int(codes[i])] }
        start += yield.rows
      }
      return .codes([Int32](UnsafeBufferPointer(start: codes, count: total)), merged)
    }
    return (columns, [Int](UnsafeBufferPointer(start: output.lines, count: total)))
  }
}

/// The columns that the parts of a scan write to, each at rows of its own.
private final class Output: @unchecked Sendable {
  // Sendable is unchecked because of the pointers: no two parts write to one row, and nothing is read before all are done.
  let numbers: [UnsafeMutablePointer<Double>?]
  let codes: [UnsafeMutablePointer<Int32>?]
  let lines: UnsafeMutablePointer<Int>

  init(requests: [ColumnRequest], rows: Int) {
    numbers = requests.map { $0.kind.isNumber ? .allocate(capacity: rows) : nil }
    codes = requests.map { $0.kind.isNumber ? nil : .allocate(capacity: rows) }
    lines = .allocate(capacity: rows)
  }

  deinit {
    for pointer in numbers { pointer?.deallocate() }
    for pointer in codes { pointer?.deallocate() }
    lines.deallocate()
  }

  /// Moves rows down over those that turned out to be blank lines.
  func move(from: Int, to: Int, count: Int) {
    guard from != to, count > 0 else { return }
    for pointer in numbers { if let pointer { memmove(pointer + to, pointer + from, count * 8) } }
    for pointer in codes { if let pointer { memmove(pointer + to, pointer + from, count * 4) } }
    memmove(lines + to, lines + from, count * MemoryLayout<Int>.size)
  }
}

/// The line ends and quotation marks of a stretch of bytes.
private struct LineCensus: Sendable {
  var quotes = 0
  var terminators = 0
  /// Line ends outside quotes, if the stretch starts outside quotes.
  var endsFromOutside = 0
  /// Line ends outside quotes, if the stretch starts inside a quoted field.
  var endsFromInside: Int { terminators - endsFromOutside }

  init(_ bytes: UnsafeBufferPointer<UInt8>, terminator: UInt8) {
    guard let base = bytes.baseAddress else { return }
    // Most stretches hold no quotation mark, and then a count of line ends will do.
    let survey = ByteSurvey(bytes, next: nil)
    if survey.quotes == 0 {
      terminators = terminator == 0x0a ? survey.lineFeeds : survey.carriageReturns
      endsFromOutside = terminators
      return
    }
    var inside = false
    for i in 0..<bytes.count {
      let byte = base[i]
      if byte == 0x22 {
        quotes += 1
        inside.toggle()
      } else if byte == terminator {
        terminators += 1
        if !inside { endsFromOutside += 1 }
      }
    }
  }
}

/// The texts that stand for a missing value.
struct MissingTexts: Sendable {
  private let texts: [[UInt8]]
  /// True where some of them read as numbers, so that a field must be compared before it is converted.
  let holdsNumbers: Bool

  init(_ given: [String]) {
    texts = [Array("NA".utf8)] + given.map { Array($0.utf8) }
    holdsNumbers = given.contains {
      DecimalNumber.parse($0, mark: .point) != nil || DecimalNumber.parse($0, mark: .comma) != nil
    }
  }

  /// True for a text of blanks only, `NA`, and the given texts; blanks around them do not count.
  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    var end = text.count
    while start < end, DecimalNumber.isBlank(text[start]) { start += 1 }
    while start < end, DecimalNumber.isBlank(text[end - 1]) { end -= 1 }
    if start == end { return true }
    return texts.contains { $0.count == end - start && $0.elementsEqual(text[start..<end]) }
  }

  func contains(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { contains($0) }
  }
}
