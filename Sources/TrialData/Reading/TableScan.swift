import Glibc
import LinearAlgebra
import ModelFormula

/// One pass over the records of a file, on as many threads as its size repays, with the same result on any number.
///
/// The body is cut at record ends into parts. A first count of quotation marks and line ends tells, for each part, whether it
/// starts inside a quoted field, how many records lie before it and on which line it starts; so each part then writes its
/// rows at their final place, whichever thread reads it. A thread takes the next part as soon as it is done with one, so that
/// all end together even where one of them has had less of a core.
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
    /// The first row that belongs to the next part.
    var rowLimit = 0
  }

  /// What one part yielded.
  private struct Yield: Sendable {
    var rows = 0
    /// The thread that read it, whose codes its texts have.
    var thread = 0
    var widths = OddWidths()
    /// True where there were more records than rows for them: a quotation mark in the wrong place misled the division.
    var isOverfull = false
    var problems = ProblemList()
  }

  /// The bytes of a part: a few milliseconds of work.
  private static let partSize = 1 << 21

  private init(_ file: DelimitedFile, _ requests: [ColumnRequest]) {
    self.file = file
    self.requests = requests
  }

  /// Reads the requested columns and the line of every row.
  ///
  /// - Parameters:
  ///   - threads: how many to use; as many as the size repays where nil.
  ///   - parts: into how many parts to cut the body for several threads; by its size where nil.
  /// - Throws: `DataError` with every breach of the grammar in the file.
  static func run(
    _ file: DelimitedFile, _ requests: [ColumnRequest], threads: Int? = nil, parts: Int? = nil
  ) throws(DataError) -> (columns: [ScannedColumn], lines: [Int]) {
    try TableScan(file, requests).run(threads: threads, parts: parts)
  }

  private func run(threads: Int?, parts wanted: Int?) throws(DataError) -> (
    columns: [ScannedColumn], lines: [Int]
  ) {
    let size = bytes.count - file.bodyStart
    let threads = max(1, threads ?? min(coreCount, 1 + size / Self.partSize))
    let (parts, bound) = divide(into: threads == 1 ? 1 : max(wanted ?? size / Self.partSize, threads))
    let output = ScanOutput(requests: requests, rows: bound)
    let yields = ThreadSlots<Yield>(count: parts.count)
    let readers = ThreadSlots<PartReader>(count: threads)
    let queue = BlockQueue(count: parts.count)
    let scan = self
    parallelLoop(min(threads, parts.count)) { thread in
      let reader = PartReader(scan.file, scan.requests, output)
      while let index = queue.next() {
        yields[index] = scan.read(parts[index], with: reader)
        yields[index]!.thread = thread
      }
      readers[thread] = reader
    }
    // Where marks stand in the wrong place the cuts may too: one part reads the file as it is, and tells the faults in order.
    if parts.count > 1,
      parts.indices.contains(where: { yields[$0]!.isOverfull || !yields[$0]!.problems.isEmpty })
    {
      return try run(threads: 1, parts: nil)
    }
    var problems = ProblemList()
    for index in parts.indices { problems.append(contentsOf: yields[index]!.problems) }
    if !problems.isEmpty {
      let count = problems.problems.count + problems.omitted
      if parts.count == 1, let all = yields[0]!.widths.ofAll(yields[0]!.rows, problems: count) {
        throw DataError([problem(all, firstLine: problems.problems[0].line)])
      }
      throw DataError(problems.problems, omitted: problems.omitted)
    }
    let result = assemble(
      parts, parts.indices.map { yields[$0]! }, (0..<threads).compactMap { readers[$0]?.columns }, output)
    try file.refuseHeaderAgain(result.columns, positions: requests.map(\.position))
    return result
  }

  // MARK: Division into parts

  private func divide(into count: Int) -> (parts: [Part], rowBound: Int) {
    let body = file.bodyStart
    if count == 1 {
      let ends = file.terminator == 0x0a ? file.survey.lineFeeds : file.survey.carriageReturns
      let part = Part(
        start: body, end: bytes.count, firstLine: file.bodyLine, firstRow: 0, rowLimit: ends + 1)
      return ([part], ends + 1)
    }
    let terminator = file.terminator
    let (cuts, counts) = censuses(count)
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
      let census = counts[index]
      rows += quoted ? census.endsFromInside : census.endsFromOutside
      lines += census.terminators
      if census.quotes % 2 == 1 { quoted.toggle() }
    }
    for index in parts.indices {
      parts[index].rowLimit = index + 1 < parts.count ? parts[index + 1].firstRow : rows + 1
    }
    return (parts.filter { $0.start < $0.end || $0.start == body }, rows + 1)
  }

  /// Where the body is cut, and the line ends of each stretch.
  ///
  /// In a file without quotation marks the survey has counted the line ends already, block by block.
  private func censuses(_ count: Int) -> (cuts: [Int], censuses: [LineCensus]) {
    let body = file.bodyStart
    let terminator = file.terminator
    if file.survey.quotes == 0, let cuts = file.survey.cuts(into: count, from: body, to: bytes.count) {
      let header = UnsafeBufferPointer(rebasing: bytes[file.survey.start..<body]).count { $0 == terminator }
      return (
        cuts,
        (0..<count).map { index in
          let ends = file.survey.lineEnds(terminator, from: cuts[index], to: cuts[index + 1])
          return LineCensus(terminators: index == 0 ? ends - header : ends)
        }
      )
    }
    let size = bytes.count - body
    let cuts = (0...count).map { body + size * $0 / count }
    let counts = ThreadSlots<LineCensus>(count: count)
    let content = file.content
    let queue = BlockQueue(count: count)
    parallelLoop(min(count, coreCount)) { _ in
      while let index = queue.next() {
        counts[index] = LineCensus(
          UnsafeBufferPointer(rebasing: content.bytes[cuts[index]..<cuts[index + 1]]), terminator: terminator)
      }
    }
    return (cuts, (0..<count).map { counts[$0]! })
  }

  // MARK: Reading a part

  private func read(_ part: Part, with reader: PartReader) -> Yield {
    var yield = Yield()
    let conversion = reader.conversion
    let targets = reader.columns.slots
    let isPlain = file.isPlain
    var scanner = RecordScanner(
      bytes: bytes, from: part.start, to: part.end, line: part.firstLine,
      delimiter: file.delimiter.rawValue, terminator: file.terminator, isPlain: isPlain,
      hasReturns: file.survey.carriageReturns > 0)
    // What the fields are taken with never changes: a constant need not be copied for each of them.
    let fields = scanner
    let (width, steps) = (reader.plan.width, reader.plan.steps)
    let markByte = reader.markByte
    let blocks = reader.blocks
    var pages = PassedPages(file.content, from: part.start)
    let lines = reader.output.lines
    var scratch: [UInt8] = []
    var row = part.firstRow
    while !scanner.atEnd {
      if let blocks {
        let (records, end) = blocks.take(scanner, targets, row: row, room: part.rowLimit - row)
        if records > 0 {
          for i in 0..<records { lines[row + i] = scanner.line + i }
          row += records
          scanner.pass(records, to: end)
          pages.pass(end)
          continue
        }
      }
      if scanner.atBlankLine, width > 1 || restIsBlank(scanner) {
        _ = scanner.endRecord()
        continue
      }
      let line = scanner.line
      if row >= part.rowLimit {
        yield.isOverfull = true
        row = max(0, part.rowLimit - 1)
      }
      lines[row] = line
      var column = 0
      var isUnclosed = false
      var place = scanner.position
      while true {
        let slot = column < width ? steps[column].slot : -1
        if slot >= 0, case let end = fields.take(at: place, targets + slot, row, markByte), end >= 0 {
          place = end
        } else if slot < 0, isPlain, column < width {
          let (end, passed) = fields.skip(steps[column].skips, from: place)
          place = end
          column += passed
        } else {
          scanner.position = place
          let field = scanner.nextField()
          if let fault = field.fault { report(fault, line, column, &yield) }
          isUnclosed = field.fault == .unclosedQuote
          if slot >= 0 {
            scanner.withBytes(of: field, scratch: &scratch) { text in
              conversion.store(text, targets + slot, row)
            }
          }
          place = scanner.position
        }
        column += 1
        guard fields.isDelimiter(at: place) else { break }
        place += 1
      }
      scanner.position = place
      // What is left of a record with a quotation mark that is never closed has no width.
      if column != width, !isUnclosed {
        yield.widths.add(column, endsEmpty: fields.isDelimiter(at: place - 1))
        reportWidth(column, line, &yield)
      }
      if !scanner.endRecord() { break }
      row += 1
      pages.pass(scanner.position)
    }
    pages.end(at: part.end)
    yield.rows = row - part.firstRow
    withExtendedLifetime(reader) {}
    return yield
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

  /// What is wrong where all records have one wrong width.
  private func problem(_ widths: OddWidths, firstLine: Int?) -> DataProblem {
    let hasTail = widths.endsEmpty && widths.width == file.names.count + 1
    return DataProblem(
      file: file.path, line: firstLine,
      found: (widths.width == 1 ? "1 field" : "\(widths.width) fields")
        + " in each of the \(widths.count) rows"
        + (hasTail ? ", the last of them empty" : ""),
      expected: "\(file.names.count) expected, as in the header"
        + (hasTail ? ", which does not end with a delimiter as the rows do" : ""))
  }

  // MARK: Putting the parts together

  private func assemble(
    _ parts: [Part], _ yields: [Yield], _ threads: [PartColumns], _ output: ScanOutput
  ) -> (columns: [ScannedColumn], lines: [Int]) {
    var places: [Range<Int>] = []
    var total = 0
    for (part, yield) in zip(parts, yields) {
      output.move(from: part.firstRow, to: total, count: yield.rows)
      places.append(total..<(total + yield.rows))
      total += yield.rows
    }
    let merged = requests.indices.map { slot in TextShare.merge(threads.map { $0.texts(slot) }) }
    recode(output, zip(places, yields).map { ($0, $1.thread) }, merged.map(\.codes))
    let columns = requests.indices.map { slot -> ScannedColumn in
      let traits = threads.reduce(into: FieldTraits()) { $0.formUnion($1.traits[slot]) }
      switch requests[slot].kind {
      case .number: return .numbers(output.takeNumbers(slot, count: total), traits)
      case .day: return .days(output.takeCodes(slot, count: total), traits)
      case .key:
        return .keys(KeyedTexts(keys: output.takeKeys(slot, count: total), long: merged[slot].dictionary))
      case .text: return .codes(output.takeCodes(slot, count: total), merged[slot].dictionary)
      }
    }
    return (columns, output.takeLines(count: total))
  }

  /// Gives the texts of every row the codes of the whole file.
  ///
  /// - Parameters:
  ///   - parts: the rows of each part, and which thread read it.
  ///   - codes: for each column and thread, the codes by those that the thread gave; nil where they are the same.
  private func recode(
    _ output: ScanOutput, _ parts: [(rows: Range<Int>, thread: Int)], _ codes: [[[Int32]?]]
  ) {
    let tasks = requests.indices.flatMap { slot in
      parts.indices.filter { codes[slot][parts[$0].thread] != nil }.map { (slot: slot, part: $0) }
    }
    guard !tasks.isEmpty else { return }
    let queue = BlockQueue(count: tasks.count)
    let requests = requests
    parallelLoop(min(coreCount, tasks.count)) { _ in
      while let task = queue.next().map({ tasks[$0] }) {
        let (rows, thread) = parts[task.part]
        codes[task.slot][thread]!.withUnsafeBufferPointer { codes in
          if requests[task.slot].kind == .key {
            let keys = output.keys[task.slot]!
            for row in rows {
              if let code = TextKey.code(keys[row]) { keys[row] = TextKey.interned | UInt64(codes[code]) }
            }
          } else {
            let column = output.codes[task.slot]!
            for row in rows { column[row] = codes[Int(column[row])] }
          }
        }
      }
    }
  }
}
